// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "collector/capture/assemble.h"
#include "tests/unit/capture/events.h"

#define CHUNK FWA_EVENT_CHUNK_SIZE

static const uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE] = {1};

static struct fwa_assembly *assembly_of(size_t bytes_max)
{
	struct fwa_assembly *assembly = fwa_assembly_new(bytes_max, secret);

	assert_non_null(assembly);
	return assembly;
}

static void put(struct fwa_assembly *assembly, uint64_t id, uint8_t direction,
		uint16_t index, uint32_t size, uint32_t total)
{
	union chunk_event event;
	struct fwa_event decoded;

	event_chunk(&event, id, direction, index, size, total);
	assert_int_equal(fwa_event_decode(event.bytes, sizeof(event), &decoded), 0);
	fwa_assembly_chunk(assembly, id, &decoded.chunk);
}

static void put_late(struct fwa_assembly *assembly, uint64_t id, uint16_t index,
		     uint32_t size, uint32_t total)
{
	union chunk_event event;
	struct fwa_event decoded;

	event_chunk(&event, id, FWA_EVENT_REQUEST, index, size, total);
	event.fixed.moment = FWA_EVENT_AT_EXIT;
	assert_int_equal(fwa_event_decode(event.bytes, sizeof(event), &decoded), 0);
	fwa_assembly_chunk(assembly, id, &decoded.chunk);
}

/* The valid call, with payloads of these lengths that are not in its own event. */
static struct fwa_call call_of(struct fwa_assembly *assembly, uint64_t id,
			       uint32_t request, uint32_t response)
{
	static union call_event event;
	static struct fwa_event decoded;
	struct fwa_call call;

	event_call(&event);
	event.fixed.header.call = id;
	event.fixed.header.length -= 7;
	event.fixed.request = (struct fwa_event_payload){.length = request,
							 .moment = FWA_EVENT_AT_ENTRY};
	event.fixed.response = (struct fwa_event_payload){.length = response,
							  .moment = FWA_EVENT_AT_EXIT};
	assert_int_equal(fwa_event_decode(event.bytes, event_call_size(&event), &decoded),
			 0);
	assert_int_equal(fwa_assembly_call(assembly, id, &decoded.decoded, &call), 0);
	return call;
}

static void assert_prefix(const struct fwa_call_payload *payload, size_t size)
{
	size_t i;

	assert_int_equal(payload->captured.size, size);
	assert_true((payload->captured.data != NULL) == (size > 0));
	for (i = 0; i < size; i++)
		assert_int_equal(payload->captured.data[i],
				 (uint8_t)(i / CHUNK + i % CHUNK));
}

static void test_inline(void **state)
{
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	union call_event event;
	struct fwa_event decoded;
	struct fwa_call call;

	(void)state;
	event_call(&event);
	assert_int_equal(fwa_event_decode(event.bytes, sizeof(event), &decoded), 0);
	assert_int_equal(fwa_assembly_call(assembly, 7, &decoded.decoded, &call), 0);
	assert_int_equal(call.caller.exe_path.size, 16);
	assert_memory_equal(call.caller.exe_path.data, "/usr/bin/program", 16);
	assert_int_equal(call.caller.cgroup_path.size, 21);
	assert_memory_equal(call.caller.cgroup_path.data, "/system.slice/service", 21);
	assert_int_equal(call.request.captured.size, 4);
	assert_int_equal(call.response.captured.size, 3);
	fwa_assembly_release(assembly, 7);
	fwa_assembly_free(assembly);
}

static void test_unknown_paths(void **state)
{
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	union call_event event;
	struct fwa_event decoded;
	struct fwa_call call;

	(void)state;
	event_call(&event);
	event.fixed.header.length = 0;
	event.fixed.exe_size = 0;
	event.fixed.cgroup_size = 0;
	event.fixed.request.inline_size = 0;
	event.fixed.response.inline_size = 0;
	assert_int_equal(fwa_event_decode(event.bytes, sizeof(event), &decoded), 0);
	assert_int_equal(fwa_assembly_call(assembly, 7, &decoded.decoded, &call), 0);
	/* A kernel thread has no executable; the root cgroup has a path. */
	assert_null(call.caller.exe_path.data);
	assert_int_equal(call.caller.cgroup_path.size, 1);
	assert_null(call.request.captured.data);
	assert_int_equal(call.request.length, 4);
	fwa_assembly_free(assembly);
}

/* Chunks in any order make the whole. */
static void test_chunks(void **state)
{
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	const uint32_t total = 3 * CHUNK + 5;
	struct fwa_call call;

	(void)state;
	put(assembly, 1, FWA_EVENT_REQUEST, 3, 5, total);
	put(assembly, 1, FWA_EVENT_REQUEST, 0, CHUNK, total);
	put(assembly, 1, FWA_EVENT_RESPONSE, 0, 2000, 2000);
	put(assembly, 1, FWA_EVENT_REQUEST, 2, CHUNK, total);
	put(assembly, 1, FWA_EVENT_REQUEST, 1, CHUNK, total);
	assert_int_equal(fwa_assembly_pending_bytes(assembly), total + 2000);
	call = call_of(assembly, 1, total, 2000);
	assert_prefix(&call.request, total);
	assert_prefix(&call.response, 2000);
	assert_int_equal(call.request.moment, FWA_MOMENT_ENTRY);
	/* As often as one likes, until it is released. */
	call = call_of(assembly, 1, total, 2000);
	assert_prefix(&call.request, total);
	fwa_assembly_release(assembly, 1);
	assert_int_equal(fwa_assembly_pending_bytes(assembly), 0);
	call = call_of(assembly, 1, total, 2000);
	assert_prefix(&call.request, 0);
	assert_int_equal(fwa_assembly_given_up(assembly), 0);
	fwa_assembly_free(assembly);
}

/* What is missing ends the payload, whatever comes after it. */
static void test_missing_chunks(void **state)
{
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	const uint32_t total = 4 * CHUNK;
	struct fwa_call call;

	(void)state;
	put(assembly, 1, FWA_EVENT_REQUEST, 0, CHUNK, total);
	put(assembly, 1, FWA_EVENT_REQUEST, 2, CHUNK, total);
	call = call_of(assembly, 1, total, 0);
	assert_prefix(&call.request, CHUNK);

	/* Read in part at exit: the prefix goes on, and ends there. */
	put_late(assembly, 1, 1, 4096, total);
	call = call_of(assembly, 1, total, 0);
	assert_prefix(&call.request, CHUNK + 4096);
	assert_int_equal(call.request.moment, FWA_MOMENT_EXIT);

	put(assembly, 2, FWA_EVENT_REQUEST, 1, CHUNK, total);
	call = call_of(assembly, 2, total, 0);
	assert_prefix(&call.request, 0);
	assert_int_equal(call.request.length, total);
	fwa_assembly_free(assembly);
}

/* Chunks that contradict one another, or the call, are not believed. */
static void test_contradictions(void **state)
{
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	struct fwa_call call;

	(void)state;
	put(assembly, 1, FWA_EVENT_REQUEST, 0, CHUNK, 2 * CHUNK);
	put(assembly, 1, FWA_EVENT_REQUEST, 1, CHUNK, 3 * CHUNK);
	call = call_of(assembly, 1, 2 * CHUNK, 0);
	assert_prefix(&call.request, CHUNK);
	call = call_of(assembly, 1, 3 * CHUNK, 0);
	assert_prefix(&call.request, 0);
	/* A shorter chunk does not take away from a longer one. */
	put(assembly, 1, FWA_EVENT_REQUEST, 0, 10, 2 * CHUNK);
	call = call_of(assembly, 1, 2 * CHUNK, 0);
	assert_prefix(&call.request, CHUNK);
	fwa_assembly_free(assembly);
}

/* Memory is bounded: the oldest is given up, the call that is being built is not. */
static void test_bound(void **state)
{
	struct fwa_assembly *assembly = assembly_of(10 * CHUNK);
	struct fwa_call call;
	uint64_t id;

	(void)state;
	for (id = 1; id <= 1000; id++) {
		put(assembly, id, FWA_EVENT_REQUEST, 0, CHUNK, 2 * CHUNK);
		assert_true(fwa_assembly_pending_bytes(assembly) <= 10 * CHUNK);
	}
	assert_int_equal(fwa_assembly_pending_bytes(assembly), 10 * CHUNK);
	assert_int_equal(fwa_assembly_given_up(assembly), 995);
	call = call_of(assembly, 995, 2 * CHUNK, 0);
	assert_prefix(&call.request, 0);
	call = call_of(assembly, 996, 2 * CHUNK, 0);
	assert_prefix(&call.request, CHUNK);

	/* One that is larger than everything has the room to itself. */
	put(assembly, 2000, FWA_EVENT_REQUEST, 0, CHUNK, FWA_EVENT_PAYLOAD_MAX);
	put(assembly, 2000, FWA_EVENT_REQUEST, 1, CHUNK, FWA_EVENT_PAYLOAD_MAX);
	assert_int_equal(fwa_assembly_pending_bytes(assembly), FWA_EVENT_PAYLOAD_MAX);
	call = call_of(assembly, 2000, FWA_EVENT_PAYLOAD_MAX, 0);
	assert_prefix(&call.request, 2 * CHUNK);
	assert_int_equal(fwa_assembly_given_up(assembly), 1000);
	fwa_assembly_free(assembly);
}

/* Identifiers that share a bucket are told apart, in whatever order they go. */
static void test_many_calls(void **state)
{
	struct fwa_assembly *assembly = assembly_of(256 << 20);
	struct fwa_call call;
	uint64_t i, id;

	(void)state;
	for (i = 0; i < 3000; i++)
		put(assembly, (i % 5) << 48 | i / 5 * 4096, FWA_EVENT_RESPONSE, 0,
		    1025 + (uint32_t)i, 1025 + (uint32_t)i);
	for (i = 0; i < 3000; i++) {
		id = (i * 7 % 3000 % 5) << 48 | i * 7 % 3000 / 5 * 4096;
		call = call_of(assembly, id, 0, 1025 + (uint32_t)(i * 7 % 3000));
		assert_int_equal(call.response.captured.size, 1025 + i * 7 % 3000);
		fwa_assembly_release(assembly, id);
	}
	assert_int_equal(fwa_assembly_pending_bytes(assembly), 0);
	fwa_assembly_free(assembly);
}

/* The same open file has the same key in one run, and another in the next. */
static void test_open_key(void **state)
{
	const uint8_t other_secret[FWA_ASSEMBLY_SECRET_SIZE] = {2};
	struct fwa_assembly *assembly = assembly_of(1 << 20);
	struct fwa_assembly *other = fwa_assembly_new(1 << 20, other_secret);
	struct fwa_decoded_call decoded = {.file = 0xffff888011112222};
	struct fwa_call a, b, c, d;

	(void)state;
	assert_non_null(other);
	assert_int_equal(fwa_assembly_call(assembly, 1, &decoded, &a), 0);
	assert_int_equal(fwa_assembly_call(assembly, 2, &decoded, &b), 0);
	assert_int_equal(fwa_assembly_call(other, 1, &decoded, &c), 0);
	decoded.file += 64;
	assert_int_equal(fwa_assembly_call(assembly, 1, &decoded, &d), 0);
	assert_int_equal(a.open.key, b.open.key);
	assert_int_not_equal(a.open.key, c.open.key);
	assert_int_not_equal(a.open.key, d.open.key);
	fwa_assembly_free(assembly);
	fwa_assembly_free(other);
	fwa_assembly_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inline),
		cmocka_unit_test(test_unknown_paths),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_missing_chunks),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_many_calls),
		cmocka_unit_test(test_open_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
