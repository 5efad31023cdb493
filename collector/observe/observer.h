/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The observer: the role that holds the devices. It finds them, says what they are, reads what
 * they declare, and looks at their state. It never touches the ledger or the TPM.
 *
 * A look is taken when a device is found, after calls on it have completed (as the recorder
 * tells), at intervals, after a reset, and at the end. Looking is itself work for the device: after
 * a look that took T the next one waits for 4 T, unless a reset or the end asks for it.
 */
#ifndef FWA_COLLECTOR_OBSERVE_OBSERVER_H
#define FWA_COLLECTOR_OBSERVE_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fwa_observer_options {
	const char *const *paths; /* borrowed; what to watch */
	size_t path_count;        /* 0: the fwctl class */
	bool snapshots;           /* false: devices and declarations only */
	uint64_t interval; /* nanoseconds between looks at an idle device; 0: never */
};

/* How long to look out for calls between two looks: the share of time spent looking is 1 / 5. */
#define FWA_OBSERVER_REST_FACTOR 4u

/*
 * When the next look is due, CLOCK_BOOTTIME nanoseconds; UINT64_MAX: never. `started` and `ended`
 * are the last look's; `asked` says that calls have completed since. Pure.
 */
uint64_t fwa_observer_next(uint64_t started, uint64_t ended, bool asked,
			   uint64_t interval);

/*
 * Serve the stream socket `channel` (collector/observe/protocol.h) until it is closed.
 * Returns 0 when the other end closed it, or negative errno when the channel failed, somebody
 * sent what is not a message, or memory ran out.
 */
int fwa_observer_run(int channel, const struct fwa_observer_options *options);

#endif
