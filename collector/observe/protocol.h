/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder and the observer say to one another, each message one frame. Devices are
 * named by small ids that the observer gives out and never uses twice in a run; the recorder
 * turns them into sequence numbers of records.
 *
 *     recorder                    observer
 *                                 FOUND     id | u8 simulated | be64 file device | be64 inode | path
 *     WATCHED    id                         the capture sees it: it may be opened
 *                                 RECORD    id | encoded record
 *                                 READY     id            its start is over: all was sent
 *                                 REFUSED   id | be32 errno (positive) | one sentence
 *                                 SCANNED   be32 count    every device was looked for, once
 *     COMPLETED  id                         a call on it has returned
 *     FINISH                                look at every device once more, then
 *                                 FINISHED
 *
 * id is be32. REFUSED with id 0 is about a file that is no device at all.
 *
 * A RECORD is a device, declaration, snapshot or kernel event record, encoded with sequence 0.
 * References in it are 0 and stand for: `device` the device named by `id`; `previous` its last
 * snapshot; `supersedes` its last declaration from the same source.
 */
#ifndef FWA_COLLECTOR_OBSERVE_PROTOCOL_H
#define FWA_COLLECTOR_OBSERVE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/daemon/frame.h"
#include "collector/device/location.h"
#include "schema/record.h"

enum fwa_observe_message_type {
	FWA_OBSERVE_WATCHED = 1,
	FWA_OBSERVE_COMPLETED = 2,
	FWA_OBSERVE_FINISH = 3,
	FWA_OBSERVE_FOUND = 129,
	FWA_OBSERVE_RECORD = 130,
	FWA_OBSERVE_READY = 131,
	FWA_OBSERVE_REFUSED = 132,
	FWA_OBSERVE_SCANNED = 133,
	FWA_OBSERVE_FINISHED = 134,
};

#define FWA_OBSERVE_BODY_MAX (FWA_RECORD_SIZE_MAX + 64u)

/* A decoded message; byte strings point into the frame that it came in. */
struct fwa_observe_message {
	enum fwa_observe_message_type type;
	uint32_t id; /* of the device, where there is one */
	union {
		struct {
			bool simulated;
			uint64_t file_device, file_inode;
			struct fwa_bytes path;
		} found;
		struct fwa_record record; /* decoded */
		struct {
			int code; /* negative errno */
			struct fwa_bytes sentence;
		} refused;
		uint32_t count; /* SCANNED */
	};
};

/*
 * Decode a received frame. Returns 0, or -EBADMSG for an unknown type, a wrong size, a record
 * that does not decode or is of another kind than the observer may send.
 */
int fwa_observe_decode(const struct fwa_frame *frame,
		       struct fwa_observe_message *ret_message);

/* Send a message. Each returns 0 or negative errno, as fwa_frame_send. */
int fwa_observe_send_watched(int channel, uint32_t id);
int fwa_observe_send_completed(int channel, uint32_t id);
int fwa_observe_send_finish(int channel);
int fwa_observe_send_found(int channel, uint32_t id, const struct fwa_location *location);
/* Encodes; -E2BIG or -EINVAL as fwa_record_encode. */
int fwa_observe_send_record(int channel, uint32_t id, const struct fwa_record *record);
int fwa_observe_send_ready(int channel, uint32_t id);
int fwa_observe_send_refused(int channel, uint32_t id, int code, const char *sentence);
int fwa_observe_send_scanned(int channel, uint32_t count);
int fwa_observe_send_finished(int channel);

#endif
