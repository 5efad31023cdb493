/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/protocol.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"

/* No errno is larger: the kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095u

int fwa_seal_decode(const struct fwa_frame *frame, struct fwa_seal_message *ret_message)
{
	struct fwa_seal_message message = {
		.type = (enum fwa_seal_message_type)frame->type};
	struct fwa_cursor cursor = fwa_cursor(frame->body, frame->size);
	const uint8_t *value;
	uint32_t code;
	uint8_t written;

	switch (frame->type) {
	case FWA_SEAL_ATTEST:
		message.attest.accumulator = fwa_cursor_take(&cursor, FWA_DIGEST_SIZE);
		message.attest.note_digest = fwa_cursor_take(&cursor, FWA_DIGEST_SIZE);
		break;
	case FWA_SEAL_READ:
		break;
	case FWA_SEAL_ATTESTED:
		message.attestation.size = fwa_cursor_left(&cursor);
		message.attestation.data =
			fwa_cursor_take(&cursor, message.attestation.size);
		if (message.attestation.size == 0)
			return -EBADMSG;
		break;
	case FWA_SEAL_VALUE:
		written = fwa_cursor_u8(&cursor);
		value = fwa_cursor_take(&cursor, FWA_DIGEST_SIZE);
		if (!value || written > 1)
			return -EBADMSG;
		message.nv.written = written == 1;
		memcpy(message.nv.value, value, FWA_DIGEST_SIZE);
		break;
	case FWA_SEAL_FAILED:
		code = fwa_cursor_be32(&cursor);
		if (code == 0 || code > ERRNO_MAX)
			return -EBADMSG;
		message.failed.code = -(int)code;
		message.failed.sentence.size = fwa_cursor_left(&cursor);
		message.failed.sentence.data =
			fwa_cursor_take(&cursor, message.failed.sentence.size);
		break;
	default:
		return -EBADMSG;
	}
	if (cursor.failed || fwa_cursor_left(&cursor) != 0)
		return -EBADMSG;
	*ret_message = message;
	return 0;
}

int fwa_seal_send_attest(int channel, const uint8_t accumulator[FWA_DIGEST_SIZE],
			 const uint8_t note_digest[FWA_DIGEST_SIZE])
{
	uint8_t body[2 * FWA_DIGEST_SIZE];

	memcpy(body, accumulator, FWA_DIGEST_SIZE);
	memcpy(body + FWA_DIGEST_SIZE, note_digest, FWA_DIGEST_SIZE);
	return fwa_frame_send(channel, FWA_SEAL_ATTEST, body, sizeof(body));
}

int fwa_seal_send_read(int channel)
{
	return fwa_frame_send(channel, FWA_SEAL_READ, NULL, 0);
}

int fwa_seal_send_attested(int channel, const uint8_t *attestation, size_t size)
{
	if (size > FWA_SEAL_BODY_MAX)
		return -EMSGSIZE;
	return fwa_frame_send(channel, FWA_SEAL_ATTESTED, attestation, size);
}

int fwa_seal_send_value(int channel, const struct fwa_nv_value *value)
{
	uint8_t body[1 + FWA_DIGEST_SIZE];

	body[0] = value->written ? 1 : 0;
	memcpy(body + 1, value->value, FWA_DIGEST_SIZE);
	return fwa_frame_send(channel, FWA_SEAL_VALUE, body, sizeof(body));
}

int fwa_seal_send_failed(int channel, int code, const char *sentence)
{
	uint8_t body[4 + sizeof(((struct fwa_error *)0)->sentence)];
	size_t length = strnlen(sentence, sizeof(body) - 4);

	if (code >= 0 || code < -(int)ERRNO_MAX)
		code = -EIO;
	fwa_put_be32(body, (uint32_t)-code);
	memcpy(body + 4, sentence, length);
	return fwa_frame_send(channel, FWA_SEAL_FAILED, body, 4 + length);
}

int fwa_seal_receive(int channel, struct fwa_frame *frame,
		     struct fwa_seal_message *ret_message, struct fwa_error *error)
{
	struct fwa_seal_message message;
	int rc;

	rc = fwa_frame_receive(channel, FWA_SEAL_BODY_MAX, frame);
	if (rc == -EPIPE)
		return fwa_error(error, rc, "the sealer is gone");
	if (rc < 0)
		return fwa_error(error, rc, "cannot read the sealer's answer: %s",
				 strerror(-rc));
	rc = fwa_seal_decode(frame, &message);
	if (rc == 0 && message.type == FWA_SEAL_FAILED)
		return fwa_error(error, message.failed.code, "%.*s",
				 (int)message.failed.sentence.size,
				 (const char *)message.failed.sentence.data);
	if (rc == 0 && message.type != FWA_SEAL_ATTESTED &&
	    message.type != FWA_SEAL_VALUE)
		rc = -EBADMSG;
	if (rc < 0)
		return fwa_error(error, rc, "the sealer's answer makes no sense");
	*ret_message = message;
	return 0;
}

uint64_t fwa_seal_backoff(unsigned attempt)
{
	const uint64_t second = 1000000000u;

	if (attempt == 0)
		return 0;
	return attempt > 6 ? 60 * second : second << (attempt - 1);
}
