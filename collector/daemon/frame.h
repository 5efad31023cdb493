/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame: how the collector's roles talk to one another over a stream socket.
 *
 *     be32 size of the body | be16 type | be16 zero | body
 *
 * What a type means is a matter between the two ends of one channel. Encoding and decoding of
 * the header are pure; send and receive block and always move a whole frame or fail.
 */
#ifndef FWA_COLLECTOR_DAEMON_FRAME_H
#define FWA_COLLECTOR_DAEMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FWA_FRAME_HEADER_SIZE 8u
/* Of one body: a largest record and what stands around it. */
#define FWA_FRAME_BODY_MAX (2u * 1024u * 1024u)

/* A received frame. `body` belongs to the frame and is reused by the next receive. */
struct fwa_frame {
	uint16_t type;
	uint8_t *body;
	size_t size;
	size_t capacity;
};

/* Write the header. Returns 0, or -EMSGSIZE if `size` is over FWA_FRAME_BODY_MAX. */
int fwa_frame_header_encode(uint16_t type, size_t size,
			    uint8_t ret_header[FWA_FRAME_HEADER_SIZE]);

/*
 * Read a header. Returns 0, -EMSGSIZE if it announces more than `limit` (or more than
 * FWA_FRAME_BODY_MAX) bytes, -EBADMSG if its reserved field is not zero.
 */
int fwa_frame_header_decode(const uint8_t header[FWA_FRAME_HEADER_SIZE], size_t limit,
			    uint16_t *ret_type, size_t *ret_size);

/*
 * Send one frame over the stream socket `channel`; blocks until all of it is with the kernel.
 * Raises no SIGPIPE. Returns 0, -EMSGSIZE, -EPIPE if the other end is closed, or what
 * send(2) said.
 */
int fwa_frame_send(int channel, uint16_t type, const void *body, size_t size);

/*
 * Receive one frame; blocks until all of it is there. `*frame` starts zeroed; its body is
 * grown as needed, after the announced size was checked against `limit`.
 * Returns 0; -EPIPE if the channel was closed between two frames; -ECONNRESET if it was
 * closed within one; -EMSGSIZE or -EBADMSG for a header that is not one (the channel is then
 * out of step: close it); -ENOMEM; or what recv(2) said.
 */
int fwa_frame_receive(int channel, size_t limit, struct fwa_frame *frame);

/* Free the body; the frame is zeroed and can be used again. */
void fwa_frame_clear(struct fwa_frame *frame);

#endif
