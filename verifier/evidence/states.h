/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snapshots say of their devices' states, followed from baseline to baseline: that each
 * belongs to the one before it, speaks truly of it, and has the digest of what it leads to.
 *
 * Remembers the last state of each device, so memory does not grow with a ledger's length.
 */
#ifndef FWA_VERIFIER_STATES_H
#define FWA_VERIFIER_STATES_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/record.h"

/* Devices in a ledger: as many as there are minor numbers of the fwctl class. */
#define FWA_STATES_DEVICES_MAX 4096u

struct fwa_states;

enum fwa_states_verdict {
	FWA_STATES_HOLD,
	FWA_STATES_UNCHAINED,  /* not the next snapshot of its device in this run */
	FWA_STATES_CONTRADICT, /* it says something else than the state that it makes */
	FWA_STATES_DEVICES_EXCEED, /* more devices than FWA_STATES_DEVICES_MAX */
};

struct fwa_states *fwa_states_new(void);         /* NULL: out of memory */
void fwa_states_free(struct fwa_states *states); /* NULL: no-op */

/*
 * Records are missing: chains are not demanded any more, and states not before the next
 * baseline.
 */
void fwa_states_lose_track(struct fwa_states *states);

/* The next record, of any kind. Returns 0 and the verdict, -ENOMEM or -EIO. */
int fwa_states_record(struct fwa_states *states, const struct fwa_record *record,
		      enum fwa_states_verdict *ret_verdict);

#endif
