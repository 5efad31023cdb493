/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF programs and maps in the kernel: loading, attaching, and the plain operations on
 * them. No event is looked at here.
 */
#ifndef FWA_COLLECTOR_CAPTURE_PROGRAMS_H
#define FWA_COLLECTOR_CAPTURE_PROGRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "collector/bpf/event.h"
#include "collector/capture/call.h"
#include "schema/error.h"

struct fwa_programs;

/* Load and attach. Errors as fwa_capture_open. */
int fwa_programs_open(uint64_t ring_size, uint32_t in_flight_max,
		      struct fwa_programs **ret_programs, struct fwa_error *error);

/* Detach and unload. NULL is a no-op. */
void fwa_programs_close(struct fwa_programs *programs);

/* Take the programs off the tracepoints, and wait as fwa_programs_wait. May be repeated. */
int fwa_programs_detach(struct fwa_programs *programs);

/*
 * Wait until every program that runs at this moment has ended. Tens of milliseconds.
 * Returns 0; negative errno if the kernel did not wait.
 */
int fwa_programs_wait(struct fwa_programs *programs);

/* The ring buffer map, for libbpf's ring_buffer__new. */
int fwa_programs_ring(const struct fwa_programs *programs);

/* Returns 0; -ENOSPC, -ENOENT, or what the kernel says. */
int fwa_programs_watch(struct fwa_programs *programs,
		       const struct fwa_event_watch *watch);
int fwa_programs_unwatch(struct fwa_programs *programs,
			 const struct fwa_event_watch *watch);

uint32_t fwa_programs_cpu_count(const struct fwa_programs *programs);

/* One CPU's counters, now. */
struct fwa_event_counters fwa_programs_counters(const struct fwa_programs *programs,
						uint32_t cpu);

/* At most so many entries have been skipped by the kernel, see fwa_capture_counters. */
uint64_t fwa_programs_skipped(const struct fwa_programs *programs);

/*
 * Take one call in flight out of the map, for the end of a run: `buffer` is then a CALL event
 * without a number. Returns its size; 0 if there is none left; negative errno.
 */
int fwa_programs_take_in_flight(struct fwa_programs *programs,
				uint8_t buffer[FWA_EVENT_IN_FLIGHT_SIZE]);

#endif
