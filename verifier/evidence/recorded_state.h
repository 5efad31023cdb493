/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of one device as its snapshots record it: the items of the baseline, with the changes
 * of each later snapshot applied in turn. Pure.
 */
#ifndef FWA_VERIFIER_RECORDED_STATE_H
#define FWA_VERIFIER_RECORDED_STATE_H

#include "schema/record.h"

struct fwa_recorded_state;

void fwa_recorded_state_free(struct fwa_recorded_state *state); /* NULL: no-op */

/*
 * The state after a decoded snapshot. `before` is that of the snapshot before it, and is not
 * usable afterwards except to be freed; NULL for a baseline. Returns 0; -EBADMSG if the
 * snapshot does not agree with it, or its counts and digest with what it leads to; -ENOMEM;
 * -EIO.
 */
int fwa_recorded_state_follow(struct fwa_recorded_state *before,
			      const struct fwa_snapshot *snapshot,
			      struct fwa_recorded_state **ret_after);

#endif
