/* SPDX-License-Identifier: Apache-2.0 */
/* Behaviours: what a device does besides what its commands are for. Pure. */
#ifndef FWA_FWSIM_BEHAVIOUR_H
#define FWA_FWSIM_BEHAVIOUR_H

#include "tools/fwsim/device.h"

/* A command on its way to the device. */
struct fwsim_command {
	uint16_t opcode;
	struct fwa_bytes payload; /* of the mailbox command */
	uint8_t scope; /* of the RPC; FWSIM_SCOPE_ANY through the mailbox door */
	enum fwsim_door door;
	uint64_t now;        /* nanoseconds, as all of the model's time */
	uint64_t wall_clock; /* nanoseconds since 1970, for Get Timestamp */
};

/* What the behaviours that match a command say together: the first to say a thing wins.
 */
struct fwsim_outcome {
	bool suppress;
	bool transport_failure;
	bool has_retval;
	uint32_t retval;
	int error;
	uint64_t latency;
	uint64_t background;
	bool injected; /* an error, return code or broken transport was asked for */
};

/*
 * Count this command and find which behaviours fire: `ret_fires[i]` for each of the
 * device's. `feature`, `selection` and `data` are what the command is about (NULL,
 * FWSIM_SELECT_ANY).
 */
void fwsim_behaviours_match(struct fwsim_device *device,
			    const struct fwsim_command *command,
			    const struct fwsim_feature *feature, uint8_t selection,
			    struct fwa_bytes data, bool *ret_fires,
			    struct fwsim_outcome *ret_outcome);

/* Have the effects of those that fired. 0, or -ENOMEM, -EOVERFLOW. */
int fwsim_behaviours_perform(struct fwsim_device *device, const bool *fires,
			     struct fwa_bytes data, uint64_t now);

int fwsim_behaviours_on_start(struct fwsim_device *device, uint64_t now);
int fwsim_behaviours_on_reset(struct fwsim_device *device, uint8_t reset, uint64_t now);

/* Free what it owns. */
void fwsim_behaviour_clear(struct fwsim_behaviour *behaviour);

#endif
