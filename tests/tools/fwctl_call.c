/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ioctl on a fwctl device, with every field as the arguments say, for tests of what a kernel
 * refuses. Prints "ok:LENGTH" (what the kernel wrote into out_len, or device_data_len), followed by
 * ":RETVAL" if the device did not say success; or the errno's name. Exits with 0 in both cases.
 *
 *	fwctl_call DEVICE [NAME=VALUE]...
 *
 *	command=N	ioctl request number; FWCTL_RPC
 *	size=N		the structure's own size; that of the command's structure
 *	scope=N		second word of the structure: scope of an RPC, flags of FWCTL_INFO
 *	argument=N	an address in place of the structure's
 *	tail=HEX	what stands behind the structure; zeros, up to an unmapped page
 *	opcode=HEX payload=HEX op_size=N header=HEX	a CXL request; header: the last word of it
 *	in_len=N out_len=N	lengths; of the request, and 4096
 *	in=N out=N	addresses in place of the buffers'
 *	open=PATH wait=PATH	once the device is open make the one file, and call when the other is there
 *	count=N		that many calls, one line for all: the first result, or "differ"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "schema/cxl_rpc.h"
#include "schema/fwctl.h"
#include "schema/text.h"

#define PAGE        4096u
#define BUFFER_SIZE (3u << 20)
#define WAIT_MAX    6000 /* hundredths of a second */

struct call {
	const char *device, *opened, *wait;
	uint64_t command, size, scope, argument, in, out, in_len, out_len, count;
	uint64_t opcode, op_size, header;
	uint8_t tail[PAGE / 2], payload[PAGE];
	size_t tail_size, payload_size;
	bool has_opcode;
};

static _Noreturn void fail(const char *what, const char *name)
{
	fprintf(stderr, "fwctl_call: %s: %s\n", name, what);
	exit(3);
}

static bool number(const char *argument, const char *name, int base, uint64_t *ret)
{
	size_t length = strlen(name);
	char *end;

	if (strncmp(argument, name, length) != 0 || argument[length] != '=')
		return false;
	errno = 0;
	*ret = strtoull(argument + length + 1, &end, base);
	if (errno || *end || end == argument + length + 1)
		fail("no number", argument);
	return true;
}

static bool bytes(const char *argument, const char *name, uint8_t *ret, size_t room,
		  size_t *ret_size)
{
	size_t length = strlen(name);

	if (strncmp(argument, name, length) != 0 || argument[length] != '=')
		return false;
	argument += length + 1;
	if (fwa_hex_decode(argument, strlen(argument), ret, room, ret_size) != 0)
		fail("no hexadecimal bytes, or too many", name);
	return true;
}

static bool path(const char *argument, const char *name, const char **ret)
{
	size_t length = strlen(name);

	if (strncmp(argument, name, length) != 0 || argument[length] != '=')
		return false;
	*ret = argument + length + 1;
	return true;
}

static void read_argument(const char *argument, struct call *call)
{
	if (number(argument, "opcode", 16, &call->opcode)) {
		call->has_opcode = true;
		return;
	}
	if (number(argument, "command", 0, &call->command) ||
	    number(argument, "size", 0, &call->size) ||
	    number(argument, "scope", 0, &call->scope) ||
	    number(argument, "argument", 0, &call->argument) ||
	    number(argument, "op_size", 0, &call->op_size) ||
	    number(argument, "header", 16, &call->header) ||
	    number(argument, "in_len", 0, &call->in_len) ||
	    number(argument, "out_len", 0, &call->out_len) ||
	    number(argument, "in", 0, &call->in) ||
	    number(argument, "out", 0, &call->out) ||
	    number(argument, "count", 0, &call->count) ||
	    path(argument, "open", &call->opened) ||
	    path(argument, "wait", &call->wait) ||
	    bytes(argument, "tail", call->tail, sizeof(call->tail), &call->tail_size) ||
	    bytes(argument, "payload", call->payload, sizeof(call->payload),
		  &call->payload_size))
		return;
	fail("not known", argument);
}

static uint8_t *map(size_t size)
{
	uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail(strerror(errno), "memory");
	return memory;
}

/* The request; what was not named is what belongs to it. */
static uint8_t *make_request(struct call *call)
{
	uint8_t *in = map(BUFFER_SIZE);

	if (call->op_size == UINT64_MAX)
		call->op_size = call->payload_size;
	if (call->has_opcode) {
		fwa_put_le32(in, (uint32_t)call->opcode);
		fwa_put_le32(in + 8, (uint32_t)call->op_size);
		fwa_put_le32(in + 12, (uint32_t)call->header);
		memcpy(in + FWA_CXL_REQUEST_HEADER_SIZE, call->payload,
		       call->payload_size);
	}
	if (call->in_len == UINT64_MAX)
		call->in_len = call->has_opcode
				       ? FWA_CXL_REQUEST_HEADER_SIZE + call->payload_size
				       : 0;
	return in;
}

/* In the middle of a page that none follows. */
static uint8_t *make_structure(struct call *call, const uint8_t *in, const uint8_t *out)
{
	uint8_t *structure = map(2 * PAGE) + PAGE / 2;
	bool is_info = call->command == FWA_FWCTL_INFO;
	size_t length = is_info ? FWA_FWCTL_INFO_SIZE : FWA_FWCTL_RPC_SIZE;
	struct fwa_fwctl_rpc rpc = {
		.size = (uint32_t)(call->size == UINT64_MAX ? length : call->size),
		.scope = (uint32_t)call->scope,
		.request_length = (uint32_t)call->in_len,
		.response_length = (uint32_t)call->out_len,
		.request = call->in == UINT64_MAX ? (uintptr_t)in : call->in,
		.response = call->out == UINT64_MAX ? (uintptr_t)out : call->out,
	};
	struct fwa_fwctl_info info = {
		.size = rpc.size,
		.flags = rpc.scope,
		.data_length = rpc.response_length,
		.data = rpc.response,
	};

	if (munmap(structure + PAGE / 2, PAGE) < 0)
		fail(strerror(errno), "munmap");
	if (is_info)
		fwa_fwctl_info_encode(&info, structure);
	else
		fwa_fwctl_rpc_encode(&rpc, structure);
	if (call->tail_size > PAGE / 2 - length)
		fail("too long", "tail");
	memcpy(structure + length, call->tail, call->tail_size);
	return structure;
}

static void wait_for(const char *file)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000000};

	for (int i = 0; access(file, F_OK) < 0; i++) {
		if (i == WAIT_MAX)
			fail("not there after a minute", file);
		nanosleep(&pause, NULL);
	}
}

static void describe(const struct call *call, int code, const uint8_t *structure,
		     const uint8_t *out, char ret_text[64])
{
	uint32_t length, retval = fwa_le32(out + 4);

	if (code < 0) {
		snprintf(ret_text, 64, "%s", strerrorname_np(-code));
		return;
	}
	length = fwa_le32(structure + 12);
	if (call->command == FWA_FWCTL_RPC && call->has_opcode && retval)
		snprintf(ret_text, 64, "ok:%u:%u", length, retval);
	else
		snprintf(ret_text, 64, "ok:%u", length);
}

int main(int count, char **arguments)
{
	struct call call = {.command = FWA_FWCTL_RPC,
			    .size = UINT64_MAX,
			    .argument = UINT64_MAX,
			    .in = UINT64_MAX,
			    .out = UINT64_MAX,
			    .in_len = UINT64_MAX,
			    .op_size = UINT64_MAX,
			    .out_len = 4096,
			    .count = 1};
	uint8_t *in, *out, *structure, original[PAGE / 2];
	char first[64] = "", text[64];
	int device, i, code;

	if (count < 2)
		fail("which device?", "usage");
	for (i = 2; i < count; i++)
		read_argument(arguments[i], &call);
	in = make_request(&call);
	out = map(BUFFER_SIZE);
	structure = make_structure(&call, in, out);
	memcpy(original, structure, sizeof(original));
	device = open(arguments[1], O_RDONLY | O_CLOEXEC);
	if (device < 0)
		fail(strerror(errno), arguments[1]);
	if (call.opened && close(open(call.opened, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
		fail(strerror(errno), call.opened);
	if (call.wait)
		wait_for(call.wait);
	for (uint64_t n = 0; n < call.count; n++) {
		memcpy(structure, original, sizeof(original));
		code = ioctl(device, (unsigned long)call.command,
			     call.argument == UINT64_MAX ? (uintptr_t)structure
							 : call.argument);
		describe(&call, code < 0 ? -errno : 0, structure, out, text);
		if (n == 0)
			strcpy(first, text);
		else if (strcmp(first, text) != 0)
			strcpy(first, "differ");
	}
	puts(first);
	return 0;
}
