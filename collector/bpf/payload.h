/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Reading what a call carries from the caller's memory. Part of the BPF program.
 *
 * A program cannot wait for a page that is not mapped: such a read fails. What failed at entry
 * is read again at exit, when the kernel itself has had to touch the page.
 */
#ifndef FWA_COLLECTOR_BPF_PAYLOAD_H
#define FWA_COLLECTOR_BPF_PAYLOAD_H

#include "collector/bpf/kernel.h"
#include <bpf/bpf_helpers.h>
#include "collector/bpf/event.h"

/* struct fwctl_rpc and struct fwctl_info, include/uapi/fwctl/fwctl.h */
#define FWCTL_TYPE       0x9a
#define FWCTL_INFO       0x9a00
#define FWCTL_RPC        0x9a01
#define INFO_SIZE        24
#define INFO_DATA_LENGTH 12
#define INFO_DATA        16
#define RPC_SIZE         32
#define RPC_IN_LENGTH    8
#define RPC_OUT_LENGTH   12
#define RPC_IN           16
#define RPC_OUT          24

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024 * 1024);
} ring SEC(".maps");

static __always_inline uint32_t u32_at(const uint8_t *structure, uint32_t offset)
{
	return *(const uint32_t *)(structure + offset);
}

static __always_inline uint64_t u64_at(const uint8_t *structure, uint32_t offset)
{
	return *(const uint64_t *)(structure + offset);
}

/*
 * Read an ioctl's structure. How long it is, it says itself if it is fwctl's; otherwise the
 * request number says it, and says too whether the caller passes anything in.
 * Returns the bytes read; 0 if there is none or it is not readable.
 */
static __always_inline uint16_t read_structure(struct fwa_event_call *event,
					       uint8_t *structure)
{
	const void *source = (const void *)event->argument;
	uint32_t size = 0;

	if (IOC_TYPE(event->command) == FWCTL_TYPE) {
		if (bpf_probe_read_user(&size, sizeof(size), source))
			return 0;
		event->structure_length = size;
		if (size < sizeof(size))
			size = sizeof(size);
	} else if (IOC_IS_WRITE(event->command)) {
		size = IOC_SIZE(event->command);
		event->structure_length = size;
	}
	if (size > FWA_EVENT_STRUCTURE_MAX)
		size = FWA_EVENT_STRUCTURE_MAX;
	barrier_var(size);
	if (!size || size > FWA_EVENT_STRUCTURE_MAX ||
	    bpf_probe_read_user(structure, size, source))
		return 0;
	return (uint16_t)size;
}

/* What the structure says about the request and about the room for the response. */
static __always_inline void read_lengths(struct fwa_event_in_flight *call,
					 const uint8_t *structure, uint16_t size)
{
	uint32_t command = call->event.command;

	if (command == FWCTL_RPC && size >= RPC_SIZE) {
		call->event.request.length = u32_at(structure, RPC_IN_LENGTH);
		call->request_address = u64_at(structure, RPC_IN);
		call->response_room = u32_at(structure, RPC_OUT_LENGTH);
		call->response_address = u64_at(structure, RPC_OUT);
	} else if (command == FWCTL_INFO && size >= INFO_SIZE) {
		call->response_room = u32_at(structure, INFO_DATA_LENGTH);
		call->response_address = u64_at(structure, INFO_DATA);
	}
}

/* The length of the response, from the structure as the kernel left it: what came, of the room. */
static __always_inline uint32_t response_length(const struct fwa_event_in_flight *call)
{
	const struct fwa_event_call *event = &call->event;
	uint32_t length = call->response_room;

	if (event->command == FWCTL_RPC && event->structure_exit_size >= RPC_SIZE)
		length = u32_at(event->structure_exit, RPC_OUT_LENGTH);
	else if (event->command == FWCTL_INFO && event->structure_exit_size >= INFO_SIZE)
		length = u32_at(event->structure_exit, INFO_DATA_LENGTH);
	return length < call->response_room ? length : call->response_room;
}

/* Read up to the first page that cannot be read. Room for a page has to follow `size` bytes. */
static __always_inline uint32_t read_pages(uint8_t *to, uint32_t size, uint64_t address)
{
	uint32_t done = 0, count;
	uint32_t i;

	for (i = 0; i < FWA_EVENT_CHUNK_SIZE / FWA_EVENT_PAGE + 1; i++) {
		if (done >= size || done >= FWA_EVENT_CHUNK_SIZE)
			break;
		count = FWA_EVENT_PAGE - ((address + done) & (FWA_EVENT_PAGE - 1));
		if (count > size - done)
			count = size - done;
		barrier_var(count);
		barrier_var(done);
		if (count > FWA_EVENT_PAGE || done >= FWA_EVENT_CHUNK_SIZE)
			break;
		if (bpf_probe_read_user(to + done, count, (const void *)(address + done)))
			break;
		done += count;
	}
	return done;
}

struct chunks {
	struct fwa_event_in_flight *call;
	uint64_t address;
	uint64_t only; /* bitmap of the chunks to send */
	uint32_t total;
	uint8_t direction;
	uint8_t moment;
};

static __always_inline void describe_chunk(struct fwa_event_chunk *chunk,
					   const struct chunks *chunks, uint32_t index,
					   uint32_t size)
{
	chunk->header.type = FWA_EVENT_CHUNK;
	chunk->header.length = size;
	chunk->header.call = chunks->call->event.header.call;
	chunk->direction = chunks->direction;
	chunk->moment = chunks->moment;
	chunk->index = (uint16_t)index;
	chunk->total = chunks->total;
}

/*
 * Write one chunk into `room` bytes of the ring; the kernel wants a constant there. Returns
 * false if the caller's memory could not be read. Without room in the ring the chunk is lost:
 * the call's payload will say so.
 */
#define SEND_CHUNK(room)                                                                 \
	static __always_inline bool send_chunk_##room(const struct chunks *chunks,       \
						      uint32_t index, uint32_t size,     \
						      uint64_t address)                  \
	{                                                                                \
		struct fwa_event_chunk *chunk =                                          \
			bpf_ringbuf_reserve(&ring, sizeof(*chunk) + (room), 0);          \
                                                                                         \
		if (!chunk)                                                              \
			return true;                                                     \
		barrier_var(size);                                                       \
		if (size > (room) ||                                                     \
		    bpf_probe_read_user(chunk->data, size, (const void *)address)) {     \
			bpf_ringbuf_discard(chunk, 0);                                   \
			return false;                                                    \
		}                                                                        \
		describe_chunk(chunk, chunks, index, size);                              \
		bpf_ringbuf_submit(chunk, 0);                                            \
		return true;                                                             \
	}
SEND_CHUNK(512)
SEND_CHUNK(4096)
SEND_CHUNK(32768)

/* The last resort: as many pages of the chunk as can be read, from its beginning. */
static __always_inline void send_pages(const struct chunks *chunks, uint32_t index,
				       uint32_t size, uint64_t address)
{
	struct fwa_event_chunk *chunk = bpf_ringbuf_reserve(
		&ring, sizeof(*chunk) + FWA_EVENT_CHUNK_SIZE + FWA_EVENT_PAGE, 0);

	if (!chunk)
		return;
	size = read_pages(chunk->data, size, address);
	if (!size) {
		bpf_ringbuf_discard(chunk, 0);
		return;
	}
	describe_chunk(chunk, chunks, index, size);
	bpf_ringbuf_submit(chunk, 0);
}

/* bpf_loop callback: send chunk `index`. */
static long send_chunk(uint32_t index, struct chunks *chunks)
{
	uint32_t offset = index << FWA_EVENT_CHUNK_SHIFT, size;
	uint64_t address = chunks->address + offset;
	bool sent;

	if (index >= FWA_EVENT_CHUNKS_MAX || offset >= chunks->total)
		return 1;
	if (!(chunks->only >> index & 1))
		return 0;
	size = chunks->total - offset;
	if (size > FWA_EVENT_CHUNK_SIZE)
		size = FWA_EVENT_CHUNK_SIZE;
	if (size <= 512)
		sent = send_chunk_512(chunks, index, size, address);
	else if (size <= 4096)
		sent = send_chunk_4096(chunks, index, size, address);
	else
		sent = send_chunk_32768(chunks, index, size, address);
	if (sent)
		return 0;
	if (chunks->moment == FWA_EVENT_AT_ENTRY)
		chunks->call->retry |= 1ull << index;
	else
		send_pages(chunks, index, size, address);
	return 0;
}

/*
 * Append a small payload to the event's data. Returns the bytes read. At exit, as many as can
 * be read; at entry all or none.
 */
static __always_inline uint32_t append_payload(struct fwa_event_in_flight *call,
					       uint32_t size, uint64_t address,
					       bool at_exit)
{
	uint32_t offset = call->event.header.length, part;
	const uint32_t limit = FWA_EVENT_CALL_DATA_MAX - FWA_EVENT_INLINE_MAX;
	uint8_t *to;

	barrier_var(offset);
	barrier_var(size);
	if (offset > limit || !size || size > FWA_EVENT_INLINE_MAX)
		return 0;
	to = call->event.data + offset;
	if (!bpf_probe_read_user(to, size, (const void *)address)) {
		call->event.header.length = offset + size;
		return size;
	}
	if (!at_exit)
		return 0;
	/* It can lie on two pages, of which the second is not there. */
	part = FWA_EVENT_PAGE - (address & (FWA_EVENT_PAGE - 1));
	barrier_var(part);
	if (part >= size || part > FWA_EVENT_INLINE_MAX ||
	    bpf_probe_read_user(to, part, (const void *)address))
		return 0;
	call->event.header.length = offset + part;
	return part;
}

/* Send what `only` says of a payload over FWA_EVENT_INLINE_MAX. */
static __always_inline void send_payload(struct fwa_event_in_flight *call, uint32_t total,
					 uint64_t address, uint64_t only,
					 uint8_t direction, uint8_t moment)
{
	struct chunks chunks = {
		.call = call,
		.address = address,
		.only = only,
		.total = total,
		.direction = direction,
		.moment = moment,
	};

	/* The core refuses more than that before it has read any of it. */
	if (total > FWA_EVENT_PAYLOAD_MAX)
		return;
	bpf_loop((total + FWA_EVENT_CHUNK_SIZE - 1) >> FWA_EVENT_CHUNK_SHIFT, send_chunk,
		 &chunks, 0);
}

static __always_inline void take_request_at_entry(struct fwa_event_in_flight *call)
{
	uint32_t length = call->event.request.length;

	if (!length)
		return;
	if (length > FWA_EVENT_INLINE_MAX) {
		send_payload(call, length, call->request_address, ~0ull,
			     FWA_EVENT_REQUEST, FWA_EVENT_AT_ENTRY);
		return;
	}
	call->event.request.inline_size =
		append_payload(call, length, call->request_address, false);
	call->retry_inline = call->event.request.inline_size == 0;
}

static __always_inline void take_request_at_exit(struct fwa_event_in_flight *call)
{
	if (call->retry)
		send_payload(call, call->event.request.length, call->request_address,
			     call->retry, FWA_EVENT_REQUEST, FWA_EVENT_AT_EXIT);
	if (!call->retry_inline)
		return;
	call->event.request.inline_size = append_payload(call, call->event.request.length,
							 call->request_address, true);
	call->event.request.moment = FWA_EVENT_AT_EXIT;
}

static __always_inline void take_response(struct fwa_event_in_flight *call)
{
	uint32_t length = response_length(call);

	call->event.response.length = length;
	call->event.response.moment = FWA_EVENT_AT_EXIT;
	if (!length)
		return;
	if (length > FWA_EVENT_INLINE_MAX)
		send_payload(call, length, call->response_address, ~0ull,
			     FWA_EVENT_RESPONSE, FWA_EVENT_AT_EXIT);
	else
		call->event.response.inline_size =
			append_payload(call, length, call->response_address, true);
}

#endif
