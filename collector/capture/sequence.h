/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loss accounting: every number of every CPU is either a call that was recorded or part of
 * exactly one gap. Pure.
 *
 * A CPU's numbers come in ascending order: a program takes its number and its place in the ring
 * with preemption off, so no other program of that CPU can come between. A number that comes
 * out of order, or twice, is therefore a defect and refused, never guessed about.
 */
#ifndef FWA_COLLECTOR_CAPTURE_SEQUENCE_H
#define FWA_COLLECTOR_CAPTURE_SEQUENCE_H

#include "collector/capture/call.h"

struct fwa_sequence;

/* `start`: CLOCK_BOOTTIME when the run began. Returns NULL without memory. */
struct fwa_sequence *fwa_sequence_new(uint32_t cpu_count, uint64_t start);

/* NULL is a no-op. */
void fwa_sequence_free(struct fwa_sequence *sequence);

/*
 * Look at the number of a call that returned at `time`; nothing is changed.
 * Returns 0 if it is the next one; 1 if numbers before it are missing, with the gap in
 * `*ret_gap`; -EBADMSG if it is accounted for already or there is no such CPU.
 */
int fwa_sequence_check(const struct fwa_sequence *sequence, uint32_t cpu, uint64_t number,
		       uint64_t time, struct fwa_capture_gap *ret_gap);

/*
 * Look for numbers missing at the end: `issued` is how many the CPU has given out, all of which
 * have been seen if they ever will be. Returns as fwa_sequence_check.
 */
int fwa_sequence_check_end(const struct fwa_sequence *sequence, uint32_t cpu,
			   uint64_t issued, uint64_t time,
			   struct fwa_capture_gap *ret_gap);

/* Account for a call or a gap that has been handed over; it has to be what check allowed. */
void fwa_sequence_accept_call(struct fwa_sequence *sequence, uint32_t cpu, uint64_t time);
void fwa_sequence_accept_gap(struct fwa_sequence *sequence,
			     const struct fwa_capture_gap *gap);

/* The last number accounted for; 0 for none and for a CPU that there is not. */
uint64_t fwa_sequence_last(const struct fwa_sequence *sequence, uint32_t cpu);

/* Over all CPUs. issued = recorded + lost. */
uint64_t fwa_sequence_issued(const struct fwa_sequence *sequence);
uint64_t fwa_sequence_recorded(const struct fwa_sequence *sequence);
uint64_t fwa_sequence_lost(const struct fwa_sequence *sequence);

#endif
