/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a device's state: made now, after a while, or by a reset. Pure. */
#ifndef FWA_FWSIM_CHANGE_H
#define FWA_FWSIM_CHANGE_H

#include "tools/fwsim/device.h"

/* Make the change; it is clipped to its region. */
void fwsim_change_apply(struct fwsim_device *device, const struct fwsim_change *change);

/* Keep it for `due`, or for a reset. Takes over change->bytes. 0, -ENOMEM, -EOVERFLOW. */
int fwsim_change_at(struct fwsim_device *device, struct fwsim_change *change,
		    uint64_t due);
int fwsim_change_on_reset(struct fwsim_device *device, struct fwsim_change *change,
			  uint8_t reset);

/* Make all that is due at `now`, in the order of its time. */
void fwsim_pending_settle(struct fwsim_device *device, uint64_t now);
/* Make all that waits for this reset or for a lesser one: cold includes conventional
 * includes cxl. */
void fwsim_pending_reset(struct fwsim_device *device, uint8_t reset);
void fwsim_pending_free(struct fwsim_device *device);

#endif
