// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/capture/decode.h"
#include "collector/capture/path.h"
#include "tests/unit/capture/events.h"

static void assert_bytes(struct fwa_bytes bytes, const void *expected, size_t size)
{
	assert_int_equal(bytes.size, size);
	assert_memory_equal(bytes.data, expected, size);
}

static void test_call(void **state)
{
	union call_event event;
	struct fwa_event decoded;
	const struct fwa_call *call = &decoded.decoded.call;
	const struct fwa_caller *caller = &call->caller;

	(void)state;
	event_call(&event);
	/* Padding after it does not matter. */
	assert_int_equal(
		fwa_event_decode(event.bytes, event_call_size(&event) + 5, &decoded), 0);
	assert_int_equal(decoded.type, FWA_EVENT_CALL);
	assert_int_equal(decoded.call, 0x0003000000000007);
	assert_int_equal(decoded.decoded.file, 0xffff888012345678);
	assert_bytes(decoded.decoded.exe, "program\0bin\0usr", 16);
	assert_bytes(decoded.decoded.cgroup, "service\0system.slice", 21);
	assert_true(decoded.decoded.exe_known);
	assert_true(decoded.decoded.cgroup_known);
	assert_int_equal(call->device.kind, FWA_WATCH_FILE);
	assert_int_equal(call->device.major, 8);
	assert_int_equal(call->device.minor, 17);
	assert_int_equal(call->device.inode, 99);
	assert_int_equal(call->number, 42);
	assert_int_equal(call->cpu, 3);
	assert_int_equal(call->entered, 1000);
	assert_int_equal(call->returned, 2000);
	assert_true(call->has_result);
	assert_int_equal(call->result, -25);
	assert_int_equal(call->argument, 0x7fff0000);
	assert_int_equal(call->command, 0x9a01);
	assert_false(call->own);
	assert_int_equal(call->open.descriptor, 5);
	assert_int_equal(call->open.flags, 2);
	assert_int_equal(call->open.opener_uid, 11);
	assert_int_equal(call->open.opener_gid, 12);
	assert_int_equal(caller->pid, 13);
	assert_int_equal(caller->tid, 14);
	assert_int_equal(caller->uid, 15);
	assert_int_equal(caller->gid, 16);
	assert_int_equal(caller->euid, 17);
	assert_int_equal(caller->egid, 18);
	assert_int_equal(caller->loginuid, 19);
	assert_int_equal(caller->session_id, 20);
	assert_int_equal(caller->exe_device, 259ull << 32 | 3);
	assert_int_equal(caller->mount_namespace, 22);
	assert_int_equal(caller->pid_namespace, 23);
	assert_int_equal(caller->namespace_pid, 24);
	assert_int_equal(caller->parent_pid, 25);
	assert_int_equal(caller->start_time, 26);
	assert_int_equal(caller->parent_start_time, 27);
	assert_int_equal(caller->exe_inode, 28);
	assert_int_equal(caller->cgroup_id, 29);
	assert_int_equal(caller->effective_capabilities, 0x1ffffffffff);
	assert_bytes(caller->comm, "caller", 6);
	assert_bytes(caller->parent_comm, "sixteen-letters!", 16);
	assert_int_equal(caller->flags, 0);
	assert_int_equal(call->structure_length, 32);
	assert_bytes(call->structure_entry, event.fixed.structure_entry, 32);
	assert_bytes(call->structure_exit, event.fixed.structure_exit, 24);
	assert_int_equal(call->request.length, 4);
	assert_bytes(call->request.captured, "\1\2\3\4", 4);
	assert_int_equal(call->request.moment, FWA_MOMENT_ENTRY);
	assert_bytes(call->response.captured, "\5\6\7", 3);
	assert_int_equal(call->response.moment, FWA_MOMENT_EXIT);
}

static void test_call_flags(void **state)
{
	union call_event event;
	struct fwa_event decoded;
	const struct fwa_call *call = &decoded.decoded.call;

	(void)state;
	event_call(&event);
	event.fixed.flags = FWA_EVENT_FLAGS_ALL;
	assert_int_equal(fwa_event_decode(event.bytes, event_call_size(&event), &decoded),
			 0);
	assert_true(call->own);
	assert_int_equal(call->caller.flags,
			 FWA_CALLER_EXE_TRUNCATED | FWA_CALLER_CGROUP_TRUNCATED);

	/* Every byte cut off is noticed. */
	for (size_t size = 0; size < event_call_size(&event); size++) {
		uint8_t *exact = malloc(size + 1);

		memcpy(exact, event.bytes, size);
		assert_int_equal(fwa_event_decode(exact, size, &decoded), -EBADMSG);
		free(exact);
	}
}

static void refuse_call(const union call_event *event)
{
	struct fwa_event decoded;

	memset(&decoded, 0x5a, sizeof(decoded));
	assert_int_equal(fwa_event_decode(event->bytes, sizeof(*event), &decoded),
			 -EBADMSG);
	assert_int_equal(decoded.call, 0x5a5a5a5a5a5a5a5a);
}

/* Set one member of a valid event to something that no program writes. */
#define REFUSE(member, value)                                                            \
	(event_call(&event), event.fixed.member = (value), refuse_call(&event))

static void test_refused_calls(void **state)
{
	union call_event event;

	(void)state;
	REFUSE(header.type, 0);
	REFUSE(header.type, 3);
	REFUSE(header.length, 0);
	REFUSE(header.length, UINT32_MAX);
	REFUSE(device.kind, FWA_EVENT_WATCH_MAJOR);
	REFUSE(device.kind, FWA_EVENT_WATCH_CHARACTER); /* with an inode */
	REFUSE(number, 0);
	REFUSE(flags, 0); /* a result without the flag */
	REFUSE(flags, 0x10 | FWA_EVENT_HAS_RESULT);
	REFUSE(exe_size, 15); /* the sum is wrong */
	REFUSE(exe_size, UINT32_MAX);
	REFUSE(cgroup_size, UINT32_MAX - 10);
	REFUSE(structure_entry_size, 129);
	REFUSE(structure_exit_size, 65535);
	REFUSE(request.inline_size, 5);
	REFUSE(request.length, 3);
	REFUSE(request.length, FWA_EVENT_INLINE_MAX + 1); /* with inline bytes */
	REFUSE(request.moment, 2);
	REFUSE(request.reserved, 1);
	REFUSE(response.moment, UINT32_MAX);

	/* A name without its end. */
	event_call(&event);
	event.bytes[FWA_EVENT_CALL_FIXED + 15] = 'x';
	refuse_call(&event);
	event_call(&event);
	event.bytes[FWA_EVENT_CALL_FIXED + 15 + 21] = 'x';
	refuse_call(&event);
}

static void test_chunk(void **state)
{
	union chunk_event event;
	struct fwa_event decoded;

	(void)state;
	event_chunk(&event, 77, FWA_EVENT_RESPONSE, 2, 100, 65536 + 100);
	event.fixed.moment = FWA_EVENT_AT_EXIT;
	assert_int_equal(fwa_event_decode(event.bytes, 24 + 100, &decoded), 0);
	assert_int_equal(decoded.type, FWA_EVENT_CHUNK);
	assert_int_equal(decoded.call, 77);
	assert_int_equal(decoded.chunk.direction, FWA_EVENT_RESPONSE);
	assert_int_equal(decoded.chunk.moment, FWA_MOMENT_EXIT);
	assert_int_equal(decoded.chunk.index, 2);
	assert_int_equal(decoded.chunk.offset, 65536);
	assert_int_equal(decoded.chunk.total, 65636);
	assert_bytes(decoded.chunk.bytes, event.bytes + FWA_EVENT_CHUNK_FIXED, 100);
	assert_int_equal(fwa_event_decode(event.bytes, 24 + 99, &decoded), -EBADMSG);
}

static void refuse_chunk(uint8_t direction, uint8_t moment, uint16_t index, uint32_t size,
			 uint32_t total)
{
	union chunk_event event;
	struct fwa_event decoded;

	event_chunk(&event, 1, direction, index, size, total);
	event.fixed.moment = moment;
	assert_int_equal(fwa_event_decode(event.bytes, sizeof(event), &decoded),
			 -EBADMSG);
}

static void test_refused_chunks(void **state)
{
	(void)state;
	refuse_chunk(2, 0, 0, 10, 2000);
	refuse_chunk(0, 2, 0, 10, 2000);
	refuse_chunk(0, 0, 64, 10, FWA_EVENT_PAYLOAD_MAX);
	refuse_chunk(0, 0, 0, 10, FWA_EVENT_PAYLOAD_MAX + 1);
	refuse_chunk(0, 0, 0, 0, 2000);    /* empty */
	refuse_chunk(0, 0, 0, 2001, 2000); /* past the payload's end */
	refuse_chunk(0, 0, 1, 10, 32768);  /* begins at its end */
	refuse_chunk(0, 0, 1, 11, 32768 + 10);
	refuse_chunk(0, 0, 0, 32769, 100000); /* over a chunk */
	refuse_chunk(0, 0, 0, UINT32_MAX, 100000);
}

static void assert_path(const char *names, size_t size, bool truncated,
			const char *expected)
{
	const struct fwa_bytes bytes = {.data = (const uint8_t *)names, .size = size};
	uint8_t *path = malloc(size + 1);
	size_t length;

	assert_true(fwa_path_is_valid(bytes));
	length = fwa_path_join(bytes, truncated, path);
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(path, expected, length);
	free(path);
}

static void test_path(void **state)
{
	(void)state;
	assert_path("", 0, false, "/");
	assert_path("", 0, true, "");
	assert_path("a", 2, false, "/a");
	assert_path("c\0b\0a", 6, false, "/a/b/c");
	assert_path("c\0b\0a", 6, true, "a/b/c");
	assert_path("", 1, false, "/");
	assert_path("\0\0", 3, false, "///");
	assert_path("name\0longer-name", 17, false, "/longer-name/name");
	assert_false(fwa_path_is_valid((struct fwa_bytes){(const uint8_t *)"ab", 2}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),           cmocka_unit_test(test_call_flags),
		cmocka_unit_test(test_refused_calls),  cmocka_unit_test(test_chunk),
		cmocka_unit_test(test_refused_chunks), cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
