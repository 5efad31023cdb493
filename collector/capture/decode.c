// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/decode.h"

#include <errno.h>
#include <string.h>

#include "collector/capture/path.h"

static struct fwa_bytes take(struct fwa_cursor *cursor, size_t size)
{
	const uint8_t *data = fwa_cursor_take(cursor, size);

	return (struct fwa_bytes){.data = data, .size = data ? size : 0};
}

/* Present if it has any bytes. */
static struct fwa_bytes take_optional(struct fwa_cursor *cursor, size_t size)
{
	return size > 0 ? take(cursor, size) : (struct fwa_bytes){.data = NULL};
}

static int decode_chunk(struct fwa_cursor *cursor, uint32_t length,
			struct fwa_decoded_chunk *ret_chunk)
{
	uint8_t direction = fwa_cursor_u8(cursor), moment = fwa_cursor_u8(cursor);
	struct fwa_decoded_chunk chunk = {0};

	chunk.index = fwa_cursor_le16(cursor);
	chunk.total = fwa_cursor_le32(cursor);
	chunk.bytes = take(cursor, length);
	if (cursor->failed || direction > FWA_EVENT_RESPONSE ||
	    moment > FWA_EVENT_AT_EXIT)
		return -EBADMSG;
	if (chunk.index >= FWA_EVENT_CHUNKS_MAX || chunk.total > FWA_EVENT_PAYLOAD_MAX)
		return -EBADMSG;
	chunk.offset = chunk.index << FWA_EVENT_CHUNK_SHIFT;
	if (length == 0 || length > FWA_EVENT_CHUNK_SIZE || chunk.offset >= chunk.total ||
	    length > chunk.total - chunk.offset)
		return -EBADMSG;
	chunk.direction = direction;
	chunk.moment = moment == FWA_EVENT_AT_EXIT ? FWA_MOMENT_EXIT : FWA_MOMENT_ENTRY;
	*ret_chunk = chunk;
	return 0;
}

/* A name in a fixed field: up to its NUL, or all of it. */
static struct fwa_bytes take_comm(struct fwa_cursor *cursor)
{
	struct fwa_bytes comm = take(cursor, FWA_EVENT_COMM_SIZE);

	if (comm.data)
		comm.size = strnlen((const char *)comm.data, comm.size);
	return comm;
}

/* The kernel's dev_t as the record has it. */
static uint64_t wide_device(uint32_t device)
{
	return (uint64_t)(device >> 20) << 32 | (device & 0xfffffu);
}

static int decode_watch(struct fwa_cursor *cursor, struct fwa_watch *watch)
{
	uint32_t kind = fwa_cursor_le32(cursor), device = fwa_cursor_le32(cursor);

	watch->inode = fwa_cursor_le64(cursor);
	watch->major = device >> 20;
	watch->minor = device & 0xfffffu;
	if (kind == FWA_EVENT_WATCH_FILE)
		watch->kind = FWA_WATCH_FILE;
	else if (kind == FWA_EVENT_WATCH_CHARACTER && watch->inode == 0)
		watch->kind = FWA_WATCH_CHARACTER;
	else
		return -EBADMSG;
	return 0;
}

static void decode_caller(struct fwa_cursor *cursor, struct fwa_caller *caller)
{
	caller->pid = fwa_cursor_le32(cursor);
	caller->tid = fwa_cursor_le32(cursor);
	caller->uid = fwa_cursor_le32(cursor);
	caller->gid = fwa_cursor_le32(cursor);
	caller->euid = fwa_cursor_le32(cursor);
	caller->egid = fwa_cursor_le32(cursor);
	caller->loginuid = fwa_cursor_le32(cursor);
	caller->session_id = fwa_cursor_le32(cursor);
	caller->exe_device = wide_device(fwa_cursor_le32(cursor));
	caller->mount_namespace = fwa_cursor_le32(cursor);
	caller->pid_namespace = fwa_cursor_le32(cursor);
	caller->namespace_pid = fwa_cursor_le32(cursor);
	caller->parent_pid = fwa_cursor_le32(cursor);
	caller->start_time = fwa_cursor_le64(cursor);
	caller->parent_start_time = fwa_cursor_le64(cursor);
	caller->exe_inode = fwa_cursor_le64(cursor);
	caller->cgroup_id = fwa_cursor_le64(cursor);
	caller->effective_capabilities = fwa_cursor_le64(cursor);
	caller->comm = take_comm(cursor);
	caller->parent_comm = take_comm(cursor);
}

/* Returns the size of the payload's bytes in the event's data through `ret_inline`. */
static int decode_payload(struct fwa_cursor *cursor, struct fwa_call_payload *payload,
			  uint32_t *ret_inline)
{
	uint32_t inline_size, moment, reserved;

	payload->length = fwa_cursor_le32(cursor);
	inline_size = fwa_cursor_le32(cursor);
	moment = fwa_cursor_le32(cursor);
	reserved = fwa_cursor_le32(cursor);
	if (moment > FWA_EVENT_AT_EXIT || reserved != 0)
		return -EBADMSG;
	if (inline_size > FWA_EVENT_INLINE_MAX || inline_size > payload->length ||
	    (inline_size > 0 && payload->length > FWA_EVENT_INLINE_MAX))
		return -EBADMSG;
	payload->moment =
		moment == FWA_EVENT_AT_EXIT ? FWA_MOMENT_EXIT : FWA_MOMENT_ENTRY;
	*ret_inline = inline_size;
	return 0;
}

/* The two arrays are always there; of each, as many bytes count as were read. */
static int decode_structures(struct fwa_cursor *cursor, uint16_t entry, uint16_t exit,
			     struct fwa_call *call)
{
	call->structure_entry = take(cursor, FWA_EVENT_STRUCTURE_MAX);
	call->structure_exit = take(cursor, FWA_EVENT_STRUCTURE_MAX);
	if (entry > FWA_EVENT_STRUCTURE_MAX || exit > FWA_EVENT_STRUCTURE_MAX)
		return -EBADMSG;
	call->structure_entry.size = entry;
	call->structure_exit.size = exit;
	if (entry == 0)
		call->structure_entry.data = NULL;
	if (exit == 0)
		call->structure_exit.data = NULL;
	return 0;
}

/* Everything from the end of the caller on. */
static int decode_contents(struct fwa_cursor *cursor, uint32_t length,
			   struct fwa_decoded_call *decoded)
{
	uint32_t exe = fwa_cursor_le32(cursor), cgroup = fwa_cursor_le32(cursor);
	struct fwa_call *call = &decoded->call;
	uint16_t structure_entry, structure_exit;
	uint32_t request, response;

	call->structure_length = fwa_cursor_le32(cursor);
	structure_entry = fwa_cursor_le16(cursor);
	structure_exit = fwa_cursor_le16(cursor);
	if (decode_payload(cursor, &call->request, &request) ||
	    decode_payload(cursor, &call->response, &response) ||
	    decode_structures(cursor, structure_entry, structure_exit, call))
		return -EBADMSG;
	if (exe > FWA_EVENT_EXE_MAX || cgroup > FWA_EVENT_CGROUP_MAX ||
	    (uint64_t)exe + cgroup + request + response != length)
		return -EBADMSG;
	decoded->exe = take(cursor, exe);
	decoded->cgroup = take(cursor, cgroup);
	call->request.captured = take_optional(cursor, request);
	call->response.captured = take_optional(cursor, response);
	if (cursor->failed || !fwa_path_is_valid(decoded->exe) ||
	    !fwa_path_is_valid(decoded->cgroup))
		return -EBADMSG;
	decoded->exe_known = exe > 0;
	decoded->cgroup_known = call->caller.cgroup_id != 0;
	return 0;
}

static int decode_call(struct fwa_cursor *cursor, uint32_t length,
		       struct fwa_decoded_call *ret_decoded)
{
	struct fwa_decoded_call decoded = {0};
	struct fwa_call *call = &decoded.call;
	uint32_t flags;

	if (decode_watch(cursor, &call->device))
		return -EBADMSG;
	call->number = fwa_cursor_le64(cursor);
	call->entered = fwa_cursor_le64(cursor);
	call->returned = fwa_cursor_le64(cursor);
	call->result = (int64_t)fwa_cursor_le64(cursor);
	call->argument = fwa_cursor_le64(cursor);
	decoded.file = fwa_cursor_le64(cursor);
	call->cpu = fwa_cursor_le32(cursor);
	call->command = fwa_cursor_le32(cursor);
	flags = fwa_cursor_le32(cursor);
	call->open.descriptor = fwa_cursor_le32(cursor);
	call->open.flags = fwa_cursor_le32(cursor);
	call->open.opener_uid = fwa_cursor_le32(cursor);
	call->open.opener_gid = fwa_cursor_le32(cursor);
	decode_caller(cursor, &call->caller);
	if (decode_contents(cursor, length, &decoded))
		return -EBADMSG;
	if (call->number == 0 || flags & ~FWA_EVENT_FLAGS_ALL)
		return -EBADMSG;
	call->has_result = flags & FWA_EVENT_HAS_RESULT;
	call->own = flags & FWA_EVENT_OWN;
	if (!call->has_result &&
	    (call->returned || call->result || call->response.length))
		return -EBADMSG;
	if (flags & FWA_EVENT_EXE_TRUNCATED)
		call->caller.flags |= FWA_CALLER_EXE_TRUNCATED;
	if (flags & FWA_EVENT_CGROUP_TRUNCATED)
		call->caller.flags |= FWA_CALLER_CGROUP_TRUNCATED;
	*ret_decoded = decoded;
	return 0;
}

int fwa_event_decode(const uint8_t *data, size_t size, struct fwa_event *ret_event)
{
	struct fwa_cursor cursor = fwa_cursor(data, size);
	struct fwa_event event = {0};
	uint32_t type = fwa_cursor_le32(&cursor), length = fwa_cursor_le32(&cursor);
	int error;

	event.call = fwa_cursor_le64(&cursor);
	if (type == FWA_EVENT_CHUNK)
		error = decode_chunk(&cursor, length, &event.chunk);
	else if (type == FWA_EVENT_CALL)
		error = decode_call(&cursor, length, &event.decoded);
	else
		return -EBADMSG;
	if (error)
		return error;
	event.type = type;
	*ret_event = event;
	return 0;
}
