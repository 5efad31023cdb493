/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talking to a device: a table of operations, so that observers can be tried against devices
 * that answer whatever a test wants.
 *
 * Whatever comes back is the device's word: sizes are bounded by the caller's buffers, contents
 * are nobody's promise.
 */
#ifndef FWA_COLLECTOR_DEVICE_ACCESS_H
#define FWA_COLLECTOR_DEVICE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/device/location.h"
#include "schema/error.h"

/* How often a device was reset, and how last. */
struct fwa_reset_state {
	uint64_t count;
	bool has_type;
	uint8_t type; /* enum fwa_reset_type of the last one */
};

/* Every operation returns 0 or negative errno; outputs are untouched on failure. */
struct fwa_device_operations {
	/*
	 * FWCTL_INFO. At most `capacity` bytes of device data; -ENOTTY from what is no fwctl
	 * device.
	 */
	int (*info)(void *context, uint32_t *ret_type, uint8_t *data, size_t capacity,
		    size_t *ret_size);
	/* FWCTL_RPC. `*ret_size` is never over `capacity`. */
	int (*rpc)(void *context, uint32_t scope, const uint8_t *request,
		   size_t request_size, uint8_t *response, size_t capacity,
		   size_t *ret_size);
	/*
	 * CXL_MEM_SEND_COMMAND, `id` being the kernel's. -EREMOTEIO when the device itself
	 * refused (its return code was not 0); -EOPNOTSUPP without a mailbox.
	 */
	int (*mailbox)(void *context, uint32_t id, const uint8_t *request,
		       size_t request_size, uint8_t *response, size_t capacity,
		       size_t *ret_size);
	/* -EOPNOTSUPP when the device has no way to tell. */
	int (*reset)(void *context, struct fwa_reset_state *ret_state);
	void (*close)(void *context);
};

struct fwa_device_access {
	const struct fwa_device_operations *operations;
	void *context;
};

/*
 * Open the device at `location`, its mailbox if it has one, and its reset file. A mailbox that
 * cannot be opened is not a failure: its operation then says why.
 * Returns 0, after which `access` is to be closed; or negative errno with a sentence.
 */
int fwa_device_open(const struct fwa_location *location, struct fwa_device_access *access,
		    struct fwa_error *error);

/* Closes; zeroed or closed already is fine. */
void fwa_device_close(struct fwa_device_access *access);

/*
 * Read what a reset file says: "<count> <none|cold|conventional|cxl>\n", nothing else.
 * Returns 0 or -EBADMSG.
 */
int fwa_reset_parse(const char *text, size_t size, struct fwa_reset_state *ret_state);

#endif
