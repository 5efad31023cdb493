/* SPDX-License-Identifier: Apache-2.0 */
/* The device's side of the CXL mailbox: what each command does. Pure. */
#ifndef FWA_FWSIM_CXL_MODEL_H
#define FWA_FWSIM_CXL_MODEL_H

#include "tools/fwsim/behaviour.h"

/* What comes back. `data` has room for `capacity`; `size` of it is the answer. */
struct fwsim_reply {
	uint8_t *data;
	size_t capacity;
	size_t size;
	uint32_t retval;  /* mailbox return code */
	uint64_t latency; /* nanoseconds that the caller has to wait */
};

/*
 * Execute one mailbox command with all that the scenario makes of it. Returns 0 if the
 * device answered (`retval` says how); -EIO if the transport broke; another negative
 * errno that the scenario asked for; -ENODEV if the device is gone.
 */
int fwsim_device_execute(struct fwsim_device *device, const struct fwsim_command *command,
			 struct fwsim_reply *reply);

#endif
