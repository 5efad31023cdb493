/* SPDX-License-Identifier: Apache-2.0 */
/* Real ioctls on a served device: results, errors, payloads, capabilities, many at once.
 */
#include "tests/integration/fwsim/server.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/cxl.h"
#include "schema/fwctl.h"

#define BAD_ADDRESS 8u

static struct server server;
static int device;

static int start(void **state)
{
	(void)state;
	server_directory(&server);
	server_start(&server, "echo.json");
	device = server_open(&server, "fwctl0");
	return device >= 0 ? 0 : -1;
}

static int stop(void **state)
{
	int status;

	(void)state;
	close(device);
	status = server_stop(&server, SIGTERM);
	server_remove(&server);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int call(int fd, unsigned long command, void *structure)
{
	return ioctl(fd, command, structure) < 0 ? -errno : 0;
}

/* A swallow command with nothing in it: what the core lets through succeeds. */
static struct fwa_fwctl_rpc small_rpc(uint8_t *in, uint8_t *out)
{
	fwa_cxl_request_header_encode(0xc0d0, 0, in);
	return (struct fwa_fwctl_rpc){
		.size = FWA_FWCTL_RPC_SIZE,
		.request_length = 16,
		.response_length = 16,
		.request = (uintptr_t)in,
		.response = (uintptr_t)out,
	};
}

static void the_core_refuses_as_the_kernel_does(void **state)
{
	static const struct {
		uint32_t size, scope, in, out;
		int result;
	} cases[] = {
		{32, 0, 16, 16, 0},
		{31, 0, 16, 16, -EINVAL},
		{0, 0, 16, 16, -EINVAL},
		{64, 0, 16, 16, 0},      /* zeros behind it */
		{65, 0, 16, 16, -E2BIG}, /* and a one */
		{32, 4, 16, 16, -EOPNOTSUPP},
		{32, 0xffffffff, 16, 16, -EOPNOTSUPP},
		{32, 0, 0x200001, 16, -EMSGSIZE},
		{32, 0, 16, 0x200001, -EMSGSIZE},
		{32, 9, 0x200001, 16, -EMSGSIZE}, /* the length comes first */
		{32, 0, 15, 16, -EINVAL},
		{32, 3, 16, 16, 0},
	};
	uint8_t in[16], out[16], structure[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fwa_fwctl_rpc rpc = small_rpc(in, out);

		rpc.size = cases[i].size;
		rpc.scope = cases[i].scope;
		rpc.request_length = cases[i].in;
		rpc.response_length = cases[i].out;
		memset(structure, 0, sizeof(structure));
		structure[64] = 1;
		fwa_fwctl_rpc_encode(&rpc, structure);
		assert_int_equal(call(device, FWA_FWCTL_RPC, structure), cases[i].result);
	}
	assert_int_equal(call(device, 0x9a02, structure), -ENOTTY);
	assert_int_equal(call(device, FWA_CXL_MEM_SEND_COMMAND, structure), -ENOTTY);
}

static void addresses_that_do_not_exist(void **state)
{
	uint8_t in[16], out[16], structure[32], *page;
	long size = sysconf(_SC_PAGESIZE);
	struct fwa_fwctl_rpc rpc;

	(void)state;
	assert_int_equal(call(device, FWA_FWCTL_RPC, (void *)(uintptr_t)BAD_ADDRESS),
			 -EFAULT);
	rpc = small_rpc(in, out);
	rpc.request = BAD_ADDRESS;
	fwa_fwctl_rpc_encode(&rpc, structure);
	assert_int_equal(call(device, FWA_FWCTL_RPC, structure), -EFAULT);
	rpc = small_rpc(in, out);
	rpc.response = BAD_ADDRESS;
	fwa_fwctl_rpc_encode(&rpc, structure);
	assert_int_equal(call(device, FWA_FWCTL_RPC, structure), -EFAULT);
	/* The size can be read, and the rest of the structure cannot. */
	page = mmap(NULL, 2 * (size_t)size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(munmap(page + size, (size_t)size), 0);
	fwa_put_le32(page + size - 4, 31);
	assert_int_equal(call(device, FWA_FWCTL_RPC, page + size - 4), -EINVAL);
	fwa_put_le32(page + size - 4, 32);
	assert_int_equal(call(device, FWA_FWCTL_RPC, page + size - 4), -EFAULT);
	munmap(page, (size_t)size);
}

static void info_tells_the_type(void **state)
{
	struct fwa_fwctl_info info = {.size = FWA_FWCTL_INFO_SIZE};
	uint8_t structure[24], data[8];

	(void)state;
	memset(data, 0xff, sizeof(data));
	info.data = (uintptr_t)data;
	info.data_length = 4;
	fwa_fwctl_info_encode(&info, structure);
	assert_int_equal(call(device, FWA_FWCTL_INFO, structure), 0);
	fwa_fwctl_info_decode(structure, sizeof(structure), &info);
	assert_int_equal(info.device_type, FWA_FWCTL_DEVICE_CXL);
	assert_int_equal(info.data_length, 0);
	assert_memory_equal(data, "\0\0\0\0\xff\xff\xff\xff", 8);
	info.flags = 1;
	fwa_fwctl_info_encode(&info, structure);
	assert_int_equal(call(device, FWA_FWCTL_INFO, structure), -EOPNOTSUPP);
}

static void two_mebibytes_each_way(void **state)
{
	const size_t size = FWA_FWCTL_PAYLOAD_MAX;
	struct fwa_fwctl_rpc rpc = {.size = FWA_FWCTL_RPC_SIZE,
				    .request_length = FWA_FWCTL_PAYLOAD_MAX,
				    .response_length = FWA_FWCTL_PAYLOAD_MAX};
	uint8_t *in = malloc(size), *out = calloc(1, size), structure[32];
	size_t i;

	(void)state;
	assert_non_null(in);
	assert_non_null(out);
	for (i = 0; i < size; i++)
		in[i] = (uint8_t)(i * 2654435761u >> 13);
	fwa_cxl_request_header_encode(0xc0de, (uint32_t)size - 16, in);
	rpc.request = (uintptr_t)in;
	rpc.response = (uintptr_t)out;
	fwa_fwctl_rpc_encode(&rpc, structure);
	assert_int_equal(call(device, FWA_FWCTL_RPC, structure), 0);
	assert_int_equal(fwa_le32(out), size - 8);
	assert_int_equal(memcmp(out + 8, in + 16, size - 16), 0);
	assert_int_equal(memcmp(out + size - 8, in + 16, 8), 0); /* it begins again */
	free(out);
	free(in);
}

static void drop_rawio(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		_exit(99);
	data[0].effective &= ~(1u << CAP_SYS_RAWIO);
	if (syscall(SYS_capset, &header, data) < 0)
		_exit(99);
}

static void the_highest_scope_wants_the_callers_capability(void **state)
{
	uint8_t in[16], out[16], structure[32];
	struct fwa_fwctl_rpc rpc = small_rpc(in, out);
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* Through the parent's descriptor: the caller counts, not the opener. */
		drop_rawio();
		rpc.scope = 3;
		fwa_fwctl_rpc_encode(&rpc, structure);
		if (call(device, FWA_FWCTL_RPC, structure) != -EPERM)
			_exit(1);
		rpc.scope = 2;
		fwa_fwctl_rpc_encode(&rpc, structure);
		_exit(call(device, FWA_FWCTL_RPC, structure) == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int ask(int fd, uint32_t id, void *out, uint32_t size,
	       struct fwa_cxl_mem_send *ret_send)
{
	struct fwa_cxl_mem_send send = {
		.id = id, .out_size = size, .out_payload = (uintptr_t)out};
	uint8_t structure[FWA_CXL_MEM_SEND_COMMAND_SIZE];
	int r;

	fwa_cxl_mem_send_encode(&send, structure);
	r = call(fd, FWA_CXL_MEM_SEND_COMMAND, structure);
	fwa_cxl_mem_send_decode(structure, ret_send);
	return r;
}

static void the_mailbox_answers(void **state)
{
	static const struct {
		uint32_t id, size;
	} fixed[] = {{1, 0x43}, {4, 0x50}, {5, 0x20}, {7, 0x12}, {11, 0x10}, {13, 1}};
	int memory = server_open(&server, "mem0");
	uint8_t out[4096], query[8] = {0};
	struct fwa_cxl_mem_send send;
	struct fwa_cxl_log_entry entry;
	size_t i;

	(void)state;
	assert_true(memory >= 0);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		assert_int_equal(ask(memory, fixed[i].id, out, sizeof(out), &send), 0);
		assert_int_equal(send.retval, 0);
		assert_int_equal(send.out_size, fixed[i].size);
		assert_int_equal(ask(memory, fixed[i].id, out, fixed[i].size - 1, &send),
				 -ENOMEM);
	}
	assert_int_equal(
		ask(memory, FWA_CXL_MEM_GET_SUPPORTED_LOGS, out, sizeof(out), &send), 0);
	assert_int_equal(fwa_cxl_supported_logs_entry(out, send.out_size, 0, &entry), 0);
	assert_memory_equal(entry.uuid, fwa_cxl_cel_uuid, 16);
	assert_int_equal(ask(memory, 0, out, sizeof(out), &send), -ENOTTY);
	assert_int_equal(ask(memory, FWA_CXL_MEM_RAW, out, sizeof(out), &send), -ENOTTY);
	assert_int_equal(ask(memory, 1, (void *)(uintptr_t)BAD_ADDRESS, 4096, &send),
			 -EFAULT);
	assert_int_equal(call(memory, FWA_FWCTL_RPC, out), -ENOTTY);
	assert_int_equal(call(memory, FWA_CXL_MEM_QUERY_COMMANDS, query), 0);
	assert_int_equal(fwa_le32(query), 10);
	close(memory);
}

/* Each of the processes has its own pattern: answers must not be mixed up. */
static int send_many(uint8_t pattern, unsigned count)
{
	uint8_t in[16 + 512], out[8 + 512], structure[32];
	unsigned i;

	for (i = 0; i < count; i++) {
		struct fwa_fwctl_rpc rpc = {
			.size = FWA_FWCTL_RPC_SIZE,
			.request_length = sizeof(in),
			.response_length = sizeof(out),
			.request = (uintptr_t)in,
			.response = (uintptr_t)out,
		};

		memset(in, pattern + (int)i, sizeof(in));
		memset(out, 0, sizeof(out));
		fwa_cxl_request_header_encode(0xc0de, 512, in);
		fwa_fwctl_rpc_encode(&rpc, structure);
		if (call(device, FWA_FWCTL_RPC, structure) != 0 ||
		    memcmp(in + 16, out + 8, 512) != 0)
			return 1;
	}
	return 0;
}

static void many_callers_at_once(void **state)
{
	pid_t pids[8];
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(send_many((uint8_t)(i * 31), 2000));
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_core_refuses_as_the_kernel_does),
		cmocka_unit_test(addresses_that_do_not_exist),
		cmocka_unit_test(info_tells_the_type),
		cmocka_unit_test(two_mebibytes_each_way),
		cmocka_unit_test(the_highest_scope_wants_the_callers_capability),
		cmocka_unit_test(the_mailbox_answers),
		cmocka_unit_test(many_callers_at_once),
	};

	server_need_machine();
	return cmocka_run_group_tests(tests, start, stop);
}
