// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/capture/events.h"

#include <string.h>

static const uint8_t exe[] = "program\0bin\0usr"; /* with its last NUL */
static const uint8_t cgroup[] = "service\0system.slice";
static const uint8_t request[] = {1, 2, 3, 4};
static const uint8_t response[] = {5, 6, 7};

void event_call(union call_event *ret_event)
{
	struct fwa_event_call fixed = {
		.header = {.type = FWA_EVENT_CALL, .call = 0x0003000000000007},
		.device = {.kind = FWA_EVENT_WATCH_FILE,
			   .device = 8 << 20 | 17,
			   .inode = 99},
		.number = 42,
		.entered = 1000,
		.returned = 2000,
		.result = -25,
		.argument = 0x7fff0000,
		.file = 0xffff888012345678,
		.cpu = 3,
		.command = 0x9a01,
		.flags = FWA_EVENT_HAS_RESULT,
		.descriptor = 5,
		.file_flags = 2,
		.opener_uid = 11,
		.opener_gid = 12,
		.pid = 13,
		.tid = 14,
		.uid = 15,
		.gid = 16,
		.euid = 17,
		.egid = 18,
		.loginuid = 19,
		.session_id = 20,
		.exe_device = 259 << 20 | 3,
		.mount_namespace = 22,
		.pid_namespace = 23,
		.namespace_pid = 24,
		.parent_pid = 25,
		.start_time = 26,
		.parent_start_time = 27,
		.exe_inode = 28,
		.cgroup_id = 29,
		.effective_capabilities = 0x1ffffffffff,
		.comm = "caller",
		.parent_comm = "sixteen-letters!",
		.exe_size = sizeof(exe),
		.cgroup_size = sizeof(cgroup),
		.structure_length = 32,
		.structure_entry_size = 32,
		.structure_exit_size = 24,
		.request = {.length = sizeof(request), .inline_size = sizeof(request)},
		.response = {.length = sizeof(response),
			     .inline_size = sizeof(response),
			     .moment = FWA_EVENT_AT_EXIT},
	};
	uint8_t *data = ret_event->bytes + FWA_EVENT_CALL_FIXED;

	fixed.header.length =
		sizeof(exe) + sizeof(cgroup) + sizeof(request) + sizeof(response);
	memset(fixed.structure_entry, 0xe1, sizeof(fixed.structure_entry));
	memset(fixed.structure_exit, 0xe2, sizeof(fixed.structure_exit));
	memset(ret_event, 0, sizeof(*ret_event));
	memcpy(&ret_event->fixed, &fixed, sizeof(fixed));
	data = memcpy(data, exe, sizeof(exe)) + sizeof(exe);
	data = memcpy(data, cgroup, sizeof(cgroup)) + sizeof(cgroup);
	data = memcpy(data, request, sizeof(request)) + sizeof(request);
	memcpy(data, response, sizeof(response));
}

size_t event_call_size(const union call_event *event)
{
	return FWA_EVENT_CALL_FIXED + event->fixed.header.length;
}

void event_chunk(union chunk_event *ret_event, uint64_t call, uint8_t direction,
		 uint16_t index, uint32_t size, uint32_t total)
{
	uint32_t i;

	memset(ret_event, 0, sizeof(*ret_event));
	ret_event->fixed.header.type = FWA_EVENT_CHUNK;
	ret_event->fixed.header.length = size;
	ret_event->fixed.header.call = call;
	ret_event->fixed.direction = direction;
	ret_event->fixed.index = index;
	ret_event->fixed.total = total;
	for (i = 0; i < size && i < FWA_EVENT_CHUNK_SIZE; i++)
		ret_event->bytes[FWA_EVENT_CHUNK_FIXED + i] = (uint8_t)(index + i);
}
