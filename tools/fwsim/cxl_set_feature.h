/* SPDX-License-Identifier: Apache-2.0 */
/* Set Feature on the device: transfers in parts, and what a complete one does. Pure. */
#ifndef FWA_FWSIM_CXL_SET_FEATURE_H
#define FWA_FWSIM_CXL_SET_FEATURE_H

#include "tools/fwsim/behaviour.h"

/* A Set Feature with all of its data. Borrows from the payload or from device->transfer.
 */
struct fwsim_set {
	bool complete;
	struct fwsim_feature *feature;
	uint16_t offset;
	uint32_t flags;
	struct fwa_bytes data;
};

/* Take one command. Returns a mailbox return code; on success `ret_set->complete` says
 * whether there is something to apply. */
uint32_t fwsim_set_feature_gather(struct fwsim_device *device, struct fwa_bytes payload,
				  struct fwsim_set *ret_set);

/* Make the values what they are to be, now or when the outcome's background operation
 * ends. */
uint32_t fwsim_set_feature_apply(struct fwsim_device *device, const struct fwsim_set *set,
				 const struct fwsim_outcome *outcome, uint64_t now);

#endif
