/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture of ioctls on watched files through the kernel's system call tracepoints.
 *
 *     open -> watch ... -> poll the descriptor, drain, drain, ... -> stop -> close
 *
 * Not thread safe: one thread holds a capture. Nothing is lost silently: every call that
 * entered after open is handed to the `call` handler exactly once, or is one of the numbers of
 * a gap that is handed to the `gap` handler exactly once.
 *
 * A handler that fails (negative errno) stops the drain, which returns that error; what it was
 * given stays, and is given to it again by the next drain. So a handler may be retried, but
 * nothing is dropped because a ledger was full for a moment.
 */
#ifndef FWA_COLLECTOR_CAPTURE_CAPTURE_H
#define FWA_COLLECTOR_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/capture/call.h"
#include "schema/error.h"

struct fwa_capture;

struct fwa_capture_options {
	/* Ring buffer, bytes: a power of two and a multiple of the page size. 0: 64 MiB. */
	uint64_t ring_size;
	/* Calls that can be in flight at once; one more is lost (and counted). 0: 2048. */
	uint32_t in_flight_max;
	/* Payload bytes kept for calls that have not returned yet; beyond it the oldest
	 * call's payload is given up and the call has a truncated one. 0: 64 MiB. */
	size_t pending_bytes_max;
};

struct fwa_capture_handlers {
	/* Both return 0, or negative errno to be given the same again later. */
	int (*call)(const struct fwa_call *call, void *context);
	int (*gap)(const struct fwa_capture_gap *gap, void *context);
	void *context;
};

/*
 * `issued`, `recorded` and `lost` are exact at every moment outside a drain: issued = recorded
 * + lost. They count what was handed over; calls that are still in the ring are not among them.
 */
struct fwa_capture_counters {
	uint64_t issued;   /* numbers accounted for, over all CPUs */
	uint64_t recorded; /* calls that the call handler accepted */
	uint64_t lost; /* sum of the counts of the gaps that the gap handler accepted */
	uint64_t entered;   /* calls that entered, from the kernel side */
	uint32_t in_flight; /* entered and not returned yet, at this moment */
	uint64_t
		kernel_issued; /* numbers given out by the kernel side: issued, once drained */
	uint64_t kernel_lost; /* its own count of the calls for which there was no room */
	uint64_t
		payloads_given_up; /* payloads truncated in user space (pending_bytes_max) */
	/*
	 * Up to Linux 6.x the kernel skips a program while a BPF map is being changed on the same
	 * CPU. So many ioctls of the whole machine were not looked at because of that, and there
	 * may have been watched ones among them: if it is not 0, that has to be said. Known from
	 * Linux 6.7 on; 0 before. Not needed since 7.x, where such calls are found and counted
	 * as lost.
	 */
	uint64_t skipped;
};

/*
 * Load the programs and attach them. `options` may be NULL. Nothing is watched yet.
 * Needs root, or CAP_BPF and CAP_PERFMON and a readable tracefs; mounts a private tracefs that
 * nobody else sees if none is mounted (CAP_SYS_ADMIN), and lets go of it before it returns.
 * Returns 0; -EINVAL bad options; -EPERM, -EACCES not allowed; -EOPNOTSUPP the kernel has no
 * BTF, BPF, tracefs or system call tracepoints; -ENOMEM; other negative errno. The sentence
 * says what is missing and what to do.
 */
int fwa_capture_open(const struct fwa_capture_options *options,
		     struct fwa_capture **ret_capture, struct fwa_error *error);

/* Detach without accounting (see fwa_capture_stop), release all. NULL is a no-op. */
void fwa_capture_close(struct fwa_capture *capture);

/*
 * Watch a file, a device or a major; again is a no-op. Calls that entered before are not seen.
 * Returns 0; -ENOSPC with 1024 watches; negative errno of the kernel.
 */
int fwa_capture_watch(struct fwa_capture *capture, const struct fwa_watch *watch,
		      struct fwa_error *error);

/* Stop watching it. Calls in flight are still handed over. Returns 0; -ENOENT not watched. */
int fwa_capture_unwatch(struct fwa_capture *capture, const struct fwa_watch *watch);

/*
 * A descriptor that polls readable when the ring holds something. Owned by the capture. It says
 * nothing about what a drain has taken out of the ring and not handed over yet: after a budget
 * was used up or a handler failed, drain again without waiting for it.
 */
int fwa_capture_descriptor(const struct fwa_capture *capture);

/*
 * Hand over what the ring holds, in the order of the ring; a gap comes before the call that
 * revealed it. Does not block for events. `budget` bounds how many calls and gaps are handed
 * over (0: no bound), so that a busy machine cannot keep a loop from its other work. Losses that
 * no later call reveals are found when an empty ring is drained over a second later.
 * Returns the number of calls and gaps handed over; less than the budget means that nothing is
 * left. Negative errno of a handler; -EBADMSG if the ring holds what no version of the programs
 * writes (a defect: stop).
 */
int fwa_capture_drain(struct fwa_capture *capture,
		      const struct fwa_capture_handlers *handlers, size_t budget);

/*
 * Drain until every call that returned before this function was called is accounted for, losses
 * at the end of the numbers included. For use before a checkpoint. Blocks up to some tens of
 * milliseconds if there are such losses. Returns as fwa_capture_drain.
 */
int fwa_capture_settle(struct fwa_capture *capture,
		       const struct fwa_capture_handlers *handlers);

/*
 * CLOCK_BOOTTIME: every call that returned before this moment has been handed over or is in a
 * gap that was. Moves on with each drain that got that far. 0 at first.
 */
uint64_t fwa_capture_settled_until(const struct fwa_capture *capture);

/*
 * The end of a run: detach, drain, and hand over the calls that are still in flight as calls
 * without a result; they take the next numbers of the CPU that they entered on. Afterwards
 * issued = recorded + lost = entered. May be called again after a handler failed. Returns as
 * fwa_capture_drain.
 */
int fwa_capture_stop(struct fwa_capture *capture,
		     const struct fwa_capture_handlers *handlers);

/* See struct fwa_capture_counters. Cheap: no system call but for `skipped`. */
void fwa_capture_counters(const struct fwa_capture *capture,
			  struct fwa_capture_counters *ret_counters);

/* Highest CPU number there can be, plus one. */
uint32_t fwa_capture_cpu_count(const struct fwa_capture *capture);

/* The last number accounted for on a CPU (0: none, or no such CPU). */
uint64_t fwa_capture_last_number(const struct fwa_capture *capture, uint32_t cpu);

#endif
