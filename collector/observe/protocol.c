/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/observe/protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"

static int decode_record(struct fwa_cursor *cursor, struct fwa_record *record)
{
	size_t size = fwa_cursor_left(cursor);
	const uint8_t *bytes = fwa_cursor_take(cursor, size);

	if (!bytes || fwa_record_decode(bytes, size, record) < 0)
		return -EBADMSG;
	switch (record->kind) {
	case FWA_RECORD_DEVICE:
	case FWA_RECORD_DECLARATION:
	case FWA_RECORD_SNAPSHOT:
	case FWA_RECORD_KERNEL_EVENT:
		return 0;
	default:
		return -EBADMSG;
	}
}

static struct fwa_bytes rest(struct fwa_cursor *cursor)
{
	size_t size = fwa_cursor_left(cursor);

	return (struct fwa_bytes){fwa_cursor_take(cursor, size), size};
}

int fwa_observe_decode(const struct fwa_frame *frame,
		       struct fwa_observe_message *ret_message)
{
	struct fwa_cursor cursor = fwa_cursor(frame->body, frame->size);
	struct fwa_observe_message message = {.type = frame->type};

	if (frame->type != FWA_OBSERVE_FINISH && frame->type != FWA_OBSERVE_FINISHED &&
	    frame->type != FWA_OBSERVE_SCANNED)
		message.id = fwa_cursor_be32(&cursor);
	switch (frame->type) {
	case FWA_OBSERVE_WATCHED:
	case FWA_OBSERVE_COMPLETED:
	case FWA_OBSERVE_READY:
	case FWA_OBSERVE_FINISH:
	case FWA_OBSERVE_FINISHED:
		break;
	case FWA_OBSERVE_FOUND:
		message.found.simulated = fwa_cursor_u8(&cursor) != 0;
		message.found.file_device = fwa_cursor_be64(&cursor);
		message.found.file_inode = fwa_cursor_be64(&cursor);
		message.found.path = rest(&cursor);
		break;
	case FWA_OBSERVE_RECORD:
		if (decode_record(&cursor, &message.record) < 0)
			return -EBADMSG;
		break;
	case FWA_OBSERVE_REFUSED:
		message.refused.code = -(int)(fwa_cursor_be32(&cursor) & 0xfff);
		message.refused.sentence = rest(&cursor);
		if (message.refused.code == 0)
			return -EBADMSG;
		break;
	case FWA_OBSERVE_SCANNED:
		message.count = fwa_cursor_be32(&cursor);
		break;
	default:
		return -EBADMSG;
	}
	if (cursor.failed || fwa_cursor_left(&cursor) != 0)
		return -EBADMSG;
	*ret_message = message;
	return 0;
}

/* A message that is a number and perhaps some bytes behind it. */
static int send_number(int channel, enum fwa_observe_message_type type, uint32_t number)
{
	uint8_t body[4];

	fwa_put_be32(body, number);
	return fwa_frame_send(channel, (uint16_t)type, body, sizeof(body));
}

int fwa_observe_send_watched(int channel, uint32_t id)
{
	return send_number(channel, FWA_OBSERVE_WATCHED, id);
}

int fwa_observe_send_completed(int channel, uint32_t id)
{
	return send_number(channel, FWA_OBSERVE_COMPLETED, id);
}

int fwa_observe_send_finish(int channel)
{
	return fwa_frame_send(channel, FWA_OBSERVE_FINISH, NULL, 0);
}

int fwa_observe_send_found(int channel, uint32_t id, const struct fwa_location *location)
{
	uint8_t body[4 + 1 + 8 + 8 + FWA_DEVICE_PATH_SIZE];
	size_t length = strlen(location->path);

	fwa_put_be32(body, id);
	body[4] = location->simulated;
	fwa_put_be64(body + 5, location->file_device);
	fwa_put_be64(body + 13, location->file_inode);
	memcpy(body + 21, location->path, length);
	return fwa_frame_send(channel, FWA_OBSERVE_FOUND, body, 21 + length);
}

int fwa_observe_send_record(int channel, uint32_t id, const struct fwa_record *record)
{
	size_t size;
	uint8_t *body;
	int r;

	r = fwa_record_encode(record, NULL, 0, &size);
	if (r < 0 && r != -ENOSPC)
		return r;
	body = malloc(4 + size);
	if (!body)
		return -ENOMEM;
	fwa_put_be32(body, id);
	r = fwa_record_encode(record, body + 4, size, &size);
	if (r == 0)
		r = fwa_frame_send(channel, FWA_OBSERVE_RECORD, body, 4 + size);
	free(body);
	return r;
}

int fwa_observe_send_ready(int channel, uint32_t id)
{
	return send_number(channel, FWA_OBSERVE_READY, id);
}

int fwa_observe_send_refused(int channel, uint32_t id, int code, const char *sentence)
{
	size_t length = strnlen(sentence, FWA_SENTENCE_SIZE_MAX);
	uint8_t body[8 + FWA_SENTENCE_SIZE_MAX];

	fwa_put_be32(body, id);
	fwa_put_be32(body + 4, (uint32_t)-code);
	memcpy(body + 8, sentence, length);
	return fwa_frame_send(channel, FWA_OBSERVE_REFUSED, body, 8 + length);
}

int fwa_observe_send_scanned(int channel, uint32_t count)
{
	return send_number(channel, FWA_OBSERVE_SCANNED, count);
}

int fwa_observe_send_finished(int channel)
{
	return fwa_frame_send(channel, FWA_OBSERVE_FINISHED, NULL, 0);
}
