/* SPDX-License-Identifier: Apache-2.0 */
/* One device in the observer's hands, from being found to being gone. */
#ifndef FWA_COLLECTOR_OBSERVE_WATCHED_H
#define FWA_COLLECTOR_OBSERVE_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/device/access.h"
#include "collector/device/identity.h"
#include "collector/device/location.h"
#include "collector/observe/table.h"
#include "schema/error.h"
#include "schema/record.h"

enum fwa_watched_stage {
	FWA_WATCHED_FOUND, /* the recorder was told; not touched until it says so */
	FWA_WATCHED_OPEN,
	FWA_WATCHED_REFUSED, /* could not be opened, or is no fwctl device */
};

/* Declarations that were sent, to be sent again only when they change. */
struct fwa_declared_mark {
	bool sent;
	int error;
	uint8_t digest[FWA_DIGEST_SIZE];
};

struct fwa_watched {
	uint32_t id;
	enum fwa_watched_stage stage;
	struct fwa_location location;
	struct fwa_device_access access;
	struct fwa_identity identity;
	struct fwa_state *state; /* of the last look; NULL before the first */
	uint64_t number;         /* of the last snapshot */
	uint64_t started, ended; /* of the last look */
	bool asked;              /* calls have completed since the last look started */
	struct fwa_declared_mark marks[FWA_DECLARED_COUNT];
	uint32_t piece; /* see struct fwa_observation */
	bool has_reset;
	struct fwa_reset_state reset;
	uint64_t reset_seen; /* when it was last read */
	bool reset_pending;  /* it was reset since the last look started */
};

/*
 * Open the device and say what it is: sends its device record. Returns 0; -ENODEV or another
 * errno of the device with a sentence; a failure of the channel is -EPIPE.
 */
int fwa_watched_open(struct fwa_watched *watched, int channel, struct fwa_error *error);

/*
 * Look at the device. Sends declarations that are new or changed, and, if `snapshots` is set,
 * the snapshot. A look that `reason` calls for other than by a reset becomes one of a reset if it
 * finds that there was one. Returns 0 or negative errno (of the channel, or -ENOMEM).
 */
int fwa_watched_look(struct fwa_watched *watched, int channel, bool snapshots,
		     enum fwa_snapshot_reason reason);

/*
 * Ask whether the device was reset; if so its kernel event is sent and `reset_pending` set. Cheap.
 * Returns 0 or negative errno of the channel.
 */
int fwa_watched_poll_reset(struct fwa_watched *watched, int channel);

/* The device is gone: sends its last device record, if it had a first. */
int fwa_watched_gone(struct fwa_watched *watched, int channel);

/* Free the device; NULL is fine. */
void fwa_watched_free(struct fwa_watched *watched);

#endif
