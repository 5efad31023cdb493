// SPDX-License-Identifier: Apache-2.0
/*
 * The capture's events: whatever stands in the ring buffer, decoding and assembling stay within
 * bounds, and what comes out keeps its promises.
 *
 * An input is a list of events. Each begins with a byte that says how it is made: raw bytes, or
 * a valid event of which some bytes are then overwritten, so that what lies behind the first
 * checks is reached.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/capture/assemble.h"
#include "collector/normalise/normalise.h"
#include "tests/unit/capture/events.h"

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Read all of it: the sanitizer sees what is out of bounds. */
static void touch(struct fwa_bytes bytes)
{
	volatile uint8_t sum = 0;
	size_t i;

	check(bytes.data || bytes.size == 0);
	for (i = 0; i < bytes.size; i++)
		sum = (uint8_t)(sum + bytes.data[i]);
}

static void check_payload(const struct fwa_call_payload *payload)
{
	touch(payload->captured);
	check(payload->captured.size <= payload->length);
	check(payload->captured.size <= FWA_PAYLOAD_SIZE_MAX);
	check((payload->captured.data != NULL) == (payload->captured.size > 0));
}

/* A call that decodes is a record that encodes: nothing can stop the ledger. */
static void check_call(const struct fwa_call *call)
{
	static const uint8_t salt[FWA_SALT_SIZE];
	static uint8_t buffer[65536];
	struct fwa_normalised_call normalised;
	struct fwa_record record = {.kind = FWA_RECORD_RPC};
	size_t size;

	check_payload(&call->request);
	check_payload(&call->response);
	touch(call->structure_entry);
	touch(call->structure_exit);
	touch(call->caller.comm);
	touch(call->caller.parent_comm);
	touch(call->caller.exe_path);
	touch(call->caller.cgroup_path);
	check(fwa_normalise_call(call, NULL, salt, salt, &normalised) == 0);
	record.rpc = normalised.rpc;
	check(fwa_record_encode(&record, buffer, sizeof(buffer), &size) == 0);
}

static void feed(struct fwa_assembly *assembly, const uint8_t *data, size_t size)
{
	/* A copy of just this size, for the sanitizer. */
	uint8_t *exact = malloc(size ? size : 1);
	struct fwa_event event;
	struct fwa_call call;

	check(exact != NULL);
	memcpy(exact, data, size);
	if (fwa_event_decode(exact, size, &event) == 0) {
		if (event.type == FWA_EVENT_CHUNK) {
			fwa_assembly_chunk(assembly, event.call, &event.chunk);
		} else {
			check(fwa_assembly_call(assembly, event.call, &event.decoded,
						&call) == 0);
			check_call(&call);
			if (call.number % 2)
				fwa_assembly_release(assembly, event.call);
		}
	}
	free(exact);
}

/* Overwrite up to seven 32 bit words of an event, where the input says. */
static void patch(struct fwa_cursor *input, uint8_t *event, size_t size)
{
	unsigned count = fwa_cursor_u8(input) % 8;
	size_t offset;

	while (count-- && !input->failed) {
		offset = fwa_cursor_le16(input) % (size - 4);
		fwa_put_le32(event + offset, fwa_cursor_le32(input));
	}
}

static void one_event(struct fwa_assembly *assembly, struct fwa_cursor *input)
{
	static union call_event call;
	static union chunk_event chunk;
	uint8_t how = fwa_cursor_u8(input), id = fwa_cursor_u8(input) % 4;
	size_t size = fwa_cursor_le16(input);
	const uint8_t *raw;

	switch (how % 4) {
	case 0:
		raw = fwa_cursor_take(input, size);
		if (raw)
			feed(assembly, raw, size);
		break;
	case 1:
		event_call(&call);
		call.fixed.header.call = id;
		patch(input, call.bytes, sizeof(call));
		feed(assembly, call.bytes, sizeof(call));
		break;
	case 2:
		/* A call whose payloads came in chunks. */
		event_call(&call);
		call.fixed.header.call = id;
		call.fixed.header.length -= 7;
		call.fixed.request.inline_size = 0;
		call.fixed.response.inline_size = 0;
		call.fixed.request.length = (uint32_t)size * 40;
		call.fixed.response.length = (uint32_t)size * 40;
		patch(input, call.bytes, FWA_EVENT_CALL_FIXED);
		feed(assembly, call.bytes, sizeof(call));
		break;
	default:
		event_chunk(&chunk, id, how >> 2 & 1, fwa_cursor_u8(input),
			    fwa_cursor_le16(input), (uint32_t)size * 40);
		patch(input, chunk.bytes, FWA_EVENT_CHUNK_FIXED);
		feed(assembly, chunk.bytes, sizeof(chunk));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE];
	struct fwa_assembly *assembly = fwa_assembly_new(4 << 20, secret);
	struct fwa_cursor input = fwa_cursor(data, size);

	check(assembly != NULL);
	while (fwa_cursor_left(&input) > 0) {
		one_event(assembly, &input);
		check(fwa_assembly_pending_bytes(assembly) <= 8 << 20);
	}
	fwa_assembly_free(assembly);
	return 0;
}
