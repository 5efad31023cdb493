// SPDX-License-Identifier: Apache-2.0
/*
 * Is what went in and what came out in the captured call, byte for byte?
 */
#include "tests/integration/capture/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "schema/fwctl.h"
#include "schema/hash.h"
#include "tests/integration/capture/answering_file.h"

#define PAGE 4096u

static uint8_t *random_bytes(size_t size)
{
	uint8_t *bytes = malloc(size);
	size_t done = 0;

	assert_non_null(bytes);
	while (done < size)
		done += (size_t)getrandom(bytes + done, size - done, 0);
	return bytes;
}

static void assert_same(struct fwa_bytes captured, const void *expected, size_t size)
{
	uint8_t a[FWA_DIGEST_SIZE], b[FWA_DIGEST_SIZE];
	const struct fwa_bytes bytes = {.data = expected, .size = size};

	assert_int_equal(captured.size, size);
	assert_int_equal(fwa_digest(&captured, 1, a), 0);
	assert_int_equal(fwa_digest(&bytes, 1, b), 0);
	assert_memory_equal(a, b, FWA_DIGEST_SIZE);
}

/* Every size at which something changes: inline, the chunk classes, whole chunks, the limit. */
static void test_request_sizes(void **state)
{
	static const uint32_t sizes[] = {
		0,     1,     7,     512,   513,    1023,   1024,    1025,    4095,
		4096,  4097,  32767, 32768, 32769,  33280,  33281,   36864,   36865,
		65535, 65536, 65537, 99999, 131072, 524287, 2097151, 2097152,
	};
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	uint8_t *bytes = random_bytes(FWA_FWCTL_PAYLOAD_MAX);
	const struct fwa_call *call;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(harness_rpc(fd, bytes, sizes[i], NULL, NULL), -ENOTTY);
		call = harness_only_call(&watched);
		assert_true(call->has_result);
		assert_int_equal(call->result, -ENOTTY);
		assert_int_equal(call->request.length, sizes[i]);
		assert_int_equal(call->response.length, 0);
		assert_null(call->response.captured.data);
		if (sizes[i]) {
			assert_same(call->request.captured, bytes, sizes[i]);
			assert_int_equal(call->request.moment, FWA_MOMENT_ENTRY);
		} else {
			assert_null(call->request.captured.data);
		}
		harness_forget(&watched);
	}
	free(bytes);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

static void test_over_the_limit(void **state)
{
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	uint8_t *bytes = random_bytes(FWA_FWCTL_PAYLOAD_MAX + 1);
	const struct fwa_call *call;

	(void)state;
	harness_rpc(fd, bytes, FWA_FWCTL_PAYLOAD_MAX + 1, NULL, NULL);
	call = harness_only_call(&watched);
	assert_int_equal(call->request.length, FWA_FWCTL_PAYLOAD_MAX + 1);
	assert_null(call->request.captured.data);
	harness_forget(&watched);

	harness_rpc(fd, bytes, UINT32_MAX, NULL, NULL);
	call = harness_only_call(&watched);
	assert_int_equal(call->request.length, UINT32_MAX);
	assert_null(call->request.captured.data);

	free(bytes);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

static void test_structure(void **state)
{
	uint8_t long_structure[200] = {200};
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	struct rpc rpc = {.size = sizeof(rpc), .scope = 2};
	const struct fwa_call *call;
	int terminal;

	(void)state;
	ioctl(fd, FWA_FWCTL_RPC, &rpc);
	call = harness_only_call(&watched);
	assert_int_equal(call->command, FWA_FWCTL_RPC);
	assert_int_equal(call->argument, (uintptr_t)&rpc);
	assert_same(call->structure_entry, &rpc, sizeof(rpc));
	assert_same(call->structure_exit, &rpc, sizeof(rpc));
	assert_int_equal(call->structure_length, sizeof(rpc));
	harness_forget(&watched);

	/* Longer than is kept: its beginning, and how long it claims to be. */
	ioctl(fd, FWA_FWCTL_RPC, long_structure);
	call = harness_only_call(&watched);
	assert_same(call->structure_entry, long_structure, FWA_STRUCTURE_SIZE_MAX);
	assert_int_equal(call->structure_length, 200);
	harness_forget(&watched);

	/* Shorter than an RPC's: no payload is read through what is not there. */
	rpc.size = 16;
	rpc.in_len = 4;
	rpc.in = (uintptr_t)&rpc;
	ioctl(fd, FWA_FWCTL_RPC, &rpc);
	call = harness_only_call(&watched);
	assert_same(call->structure_entry, &rpc, 16);
	assert_int_equal(call->request.length, 0);
	harness_forget(&watched);

	/* No structure at all: still a call. */
	ioctl(fd, FWA_FWCTL_RPC, NULL);
	call = harness_only_call(&watched);
	assert_null(call->structure_entry.data);
	assert_null(call->structure_exit.data);
	harness_forget(&watched);

	/* Another driver's ioctl that takes nothing in: nothing of the caller's is read. */
	ioctl(fd, 0x5401, &terminal);
	call = harness_only_call(&watched);
	assert_int_equal(call->command, 0x5401);
	assert_null(call->structure_entry.data);
	harness_forget(&watched);

	/* And one that does: CXL_MEM_SEND_COMMAND, 48 bytes. */
	ioctl(fd, 0xc030ce02, long_structure);
	call = harness_only_call(&watched);
	assert_same(call->structure_entry, long_structure, 48);

	harness_close(&watched);
	close(fd);
	unlink(path);
}

/* A page that nobody has touched yet cannot be read at entry. */
static void test_untouched_request(void **state)
{
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	uint8_t *bytes = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct fwa_call *call;

	(void)state;
	assert_true(bytes != MAP_FAILED);
	/* The call fails without having looked: there is nothing to be had at exit either. */
	harness_rpc(fd, bytes, 16 * PAGE, NULL, NULL);
	call = harness_only_call(&watched);
	assert_int_equal(call->request.length, 16 * PAGE);
	assert_null(call->request.captured.data);
	harness_forget(&watched);

	/* The first two and a half pages of a small one, at the very end of what is mapped. */
	memset(bytes, 0x5a, 2 * PAGE);
	harness_rpc(fd, bytes + PAGE + 3600, 1000, NULL, NULL);
	call = harness_only_call(&watched);
	assert_int_equal(call->request.length, 1000);
	assert_same(call->request.captured, bytes + PAGE + 3600, 496);
	assert_int_equal(call->request.moment, FWA_MOMENT_EXIT);
	harness_forget(&watched);

	/* A chunk and a bit: the bit is read page by page. */
	memset(bytes, 0xa5, 10 * PAGE);
	harness_rpc(fd, bytes + 100, 14 * PAGE, NULL, NULL);
	call = harness_only_call(&watched);
	assert_int_equal(call->request.length, 14 * PAGE);
	assert_same(call->request.captured, bytes + 100, 10 * PAGE - 100);
	assert_int_equal(call->request.moment, FWA_MOMENT_EXIT);

	munmap(bytes, 16 * PAGE);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

/* A driver reads the request, so that it can be read at exit. */
static void test_request_read_at_exit(void **state)
{
	struct answering_file file;
	struct watched watched;
	const struct fwa_call *call;
	uint8_t *bytes, *zeros = calloc(1, 100 * PAGE);
	struct rpc *rpc;
	uint32_t size;
	int fd;

	(void)state;
	if (!answering_file_start(&file))
		skip();
	watched = harness_open(NULL, file.path, NULL);
	fd = open(file.path, O_RDWR);
	assert_true(fd >= 0);
	for (size = 100; size <= 100 * PAGE; size = size == 100 ? 100 * PAGE : size + 1) {
		bytes = mmap(NULL, 100 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		assert_true(bytes != MAP_FAILED);
		assert_int_equal(harness_rpc(fd, bytes, size, NULL, NULL), 0);
		call = harness_only_call(&watched);
		assert_same(call->request.captured, zeros, size);
		assert_int_equal(call->request.moment, FWA_MOMENT_EXIT);
		harness_forget(&watched);
		munmap(bytes, 100 * PAGE);
	}
	/* The structure too, in a file's page that is not mapped yet. */
	rpc = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(rpc != MAP_FAILED);
	*rpc = (struct rpc){.size = sizeof(*rpc), .in_len = 5, .in = (uintptr_t) "hello"};
	assert_int_equal(madvise(rpc, PAGE, MADV_DONTNEED), 0);
	assert_int_equal(ioctl(fd, FWA_FWCTL_RPC, rpc), 0);
	call = harness_only_call(&watched);
	assert_null(call->structure_entry.data);
	assert_same(call->structure_exit, rpc, sizeof(*rpc));
	assert_same(call->request.captured, "hello", 5);
	assert_int_equal(call->request.moment, FWA_MOMENT_EXIT);

	munmap(rpc, PAGE);
	free(zeros);
	close(fd);
	harness_close(&watched);
	answering_file_stop(&file);
}

static void test_responses(void **state)
{
	static const uint32_t sizes[] = {1, 1024, 1025, 40000, 2097152};
	struct answering_file file;
	struct watched watched;
	const struct fwa_call *call;
	uint8_t *in, *out;
	uint32_t length;
	size_t i;
	int fd;

	(void)state;
	if (!answering_file_start(&file))
		skip();
	watched = harness_open(NULL, file.path, NULL);
	fd = open(file.path, O_RDWR);
	assert_true(fd >= 0);
	in = random_bytes(FWA_FWCTL_PAYLOAD_MAX);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		out = calloc(1, sizes[i]);
		assert_non_null(out);
		length = sizes[i];
		assert_int_equal(harness_rpc(fd, in, sizes[i], out, &length), 0);
		call = harness_only_call(&watched);
		assert_int_equal(call->result, 0);
		assert_same(call->request.captured, in, sizes[i]);
		assert_int_equal(call->request.moment, FWA_MOMENT_ENTRY);
		assert_int_equal(call->response.length, sizes[i]);
		assert_same(call->response.captured, out, sizes[i]);
		assert_int_equal(call->response.moment, FWA_MOMENT_EXIT);
		assert_true(call->returned >= call->entered);
		harness_forget(&watched);
		free(out);
	}
	free(in);
	close(fd);
	harness_close(&watched);
	answering_file_stop(&file);
}

static int ioctl_on(const char *path)
{
	int fd = open(path, O_RDONLY), result;

	assert_true(fd >= 0);
	result = ioctl(fd, 0x9a55, NULL);
	close(fd);
	return result;
}

/* What is watched is seen, and nothing else. */
static void test_watches(void **state)
{
	const struct fwa_watch memory = {.kind = FWA_WATCH_MAJOR, .major = 1};
	struct watched watched = harness_open(NULL, "/dev/null", NULL);
	const struct fwa_call *call;
	struct fwa_watch null;
	struct stat status;

	(void)state;
	assert_int_equal(stat("/dev/null", &status), 0);
	null = fwa_watch_of(&status);
	ioctl_on("/dev/zero");
	ioctl_on("/tmp");
	ioctl_on("/dev/null");
	call = harness_only_call(&watched);
	assert_true(fwa_watch_equal(&call->device, &null));
	harness_forget(&watched);

	assert_int_equal(fwa_capture_unwatch(watched.capture, &null), 0);
	assert_int_equal(fwa_capture_unwatch(watched.capture, &null), -ENOENT);
	ioctl_on("/dev/null");
	harness_settle(&watched);
	assert_int_equal(watched.seen.call_count, 0);

	assert_int_equal(fwa_capture_watch(watched.capture, &memory, NULL), 0);
	ioctl_on("/dev/zero");
	call = harness_only_call(&watched);
	assert_int_equal(call->device.kind, FWA_WATCH_CHARACTER);
	assert_int_equal(call->device.major, 1);
	assert_int_equal(call->device.minor, 5);
	assert_int_equal(ioctl(-1, 0x9a55, NULL), -1);
	assert_int_equal(ioctl(1000000, 0x9a55, NULL), -1);
	harness_close(&watched);
}

static void test_settled_until(void **state)
{
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	struct timespec time;
	uint64_t before;

	(void)state;
	harness_rpc(fd, "x", 1, NULL, NULL);
	clock_gettime(CLOCK_BOOTTIME, &time);
	before = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
	assert_int_equal(fwa_capture_settled_until(watched.capture), 0);
	call = harness_only_call(&watched);
	assert_true(call->returned < before);
	assert_true(fwa_capture_settled_until(watched.capture) >= before);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_sizes),
		cmocka_unit_test(test_over_the_limit),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_untouched_request),
		cmocka_unit_test(test_request_read_at_exit),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_settled_until),
	};

	if (!harness_can_capture())
		return FWA_TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
