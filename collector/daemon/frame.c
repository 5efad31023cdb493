/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "schema/bytes.h"

int fwa_frame_header_encode(uint16_t type, size_t size,
			    uint8_t ret_header[FWA_FRAME_HEADER_SIZE])
{
	if (size > FWA_FRAME_BODY_MAX)
		return -EMSGSIZE;
	fwa_put_be32(ret_header, (uint32_t)size);
	fwa_put_be16(ret_header + 4, type);
	fwa_put_be16(ret_header + 6, 0);
	return 0;
}

int fwa_frame_header_decode(const uint8_t header[FWA_FRAME_HEADER_SIZE], size_t limit,
			    uint16_t *ret_type, size_t *ret_size)
{
	uint32_t size = fwa_be32(header);

	if (fwa_be16(header + 6) != 0)
		return -EBADMSG;
	if (size > limit || size > FWA_FRAME_BODY_MAX)
		return -EMSGSIZE;
	*ret_type = fwa_be16(header + 4);
	*ret_size = size;
	return 0;
}

/* Drop `count` sent bytes from the front of the vector. */
static void advance(struct msghdr *message, size_t count)
{
	while (message->msg_iovlen > 0 && count >= message->msg_iov->iov_len) {
		count -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (message->msg_iovlen > 0) {
		message->msg_iov->iov_base =
			(uint8_t *)message->msg_iov->iov_base + count;
		message->msg_iov->iov_len -= count;
	}
}

int fwa_frame_send(int channel, uint16_t type, const void *body, size_t size)
{
	uint8_t header[FWA_FRAME_HEADER_SIZE];
	struct iovec parts[2];
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};
	ssize_t count;
	int rc;

	rc = fwa_frame_header_encode(type, size, header);
	if (rc < 0)
		return rc;
	parts[0] = (struct iovec){.iov_base = header, .iov_len = sizeof(header)};
	/* sendmsg only reads the body; iovec has no const. */
	parts[1] = (struct iovec){.iov_base = (void *)(uintptr_t)body, .iov_len = size};
	while (message.msg_iovlen > 0) {
		count = sendmsg(channel, &message, MSG_NOSIGNAL);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			return errno == ECONNRESET ? -EPIPE : -errno;
		}
		advance(&message, (size_t)count);
	}
	return 0;
}

/* Fill the buffer. `*ret_count` is how much came, also on failure. */
static int receive_all(int channel, uint8_t *buffer, size_t size, size_t *ret_count)
{
	size_t done = 0;
	ssize_t count;

	*ret_count = 0;
	while (done < size) {
		count = recv(channel, buffer + done, size - done, 0);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (count == 0)
			return -ECONNRESET;
		done += (size_t)count;
		*ret_count = done;
	}
	return 0;
}

int fwa_frame_receive(int channel, size_t limit, struct fwa_frame *frame)
{
	uint8_t header[FWA_FRAME_HEADER_SIZE];
	uint16_t type;
	size_t size, count;
	uint8_t *grown;
	int rc;

	rc = receive_all(channel, header, sizeof(header), &count);
	if (rc == -ECONNRESET && count == 0)
		return -EPIPE;
	if (rc < 0)
		return rc;
	rc = fwa_frame_header_decode(header, limit, &type, &size);
	if (rc < 0)
		return rc;
	if (size > frame->capacity) {
		grown = realloc(frame->body, size);
		if (!grown)
			return -ENOMEM;
		frame->body = grown;
		frame->capacity = size;
	}
	rc = receive_all(channel, frame->body, size, &count);
	if (rc < 0)
		return rc;
	frame->type = type;
	frame->size = size;
	return 0;
}

void fwa_frame_clear(struct fwa_frame *frame)
{
	free(frame->body);
	*frame = (struct fwa_frame){0};
}
