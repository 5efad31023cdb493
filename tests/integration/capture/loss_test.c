// SPDX-License-Identifier: Apache-2.0
/*
 * Is every call accounted for, exactly, when there is no room, when a handler fails, and when
 * the capture stops in the middle?
 */
#include "tests/integration/capture/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/capture/answering_file.h"

#define THREADS    4
#define PER_THREAD 5000

struct storm {
	int fd;
	uint32_t size; /* of each request */
};

static void *storm_thread(void *argument)
{
	const struct storm *storm = argument;
	uint8_t *bytes = calloc(1, storm->size + 1);
	int i;

	memset(bytes, 1, storm->size + 1);
	for (i = 0; i < PER_THREAD; i++)
		harness_rpc(storm->fd, bytes, storm->size, NULL, NULL);
	free(bytes);
	return NULL;
}

static void start_storm(struct storm *storm, pthread_t threads[THREADS])
{
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, storm_thread, storm),
				 0);
}

static void wait_for_storm(pthread_t threads[THREADS])
{
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* Every one of the storm's calls is recorded or lost, whatever was drained in between. */
static struct fwa_capture_counters check_storm(struct watched *watched)
{
	struct fwa_capture_counters counters;

	harness_settle(watched);
	fwa_capture_counters(watched->capture, &counters);
	assert_int_equal(counters.issued, THREADS * PER_THREAD);
	assert_int_equal(counters.entered, counters.issued);
	assert_int_equal(counters.kernel_issued, counters.issued);
	assert_int_equal(counters.in_flight, 0);
	assert_int_equal(counters.recorded, watched->seen.call_count);
	assert_int_equal(counters.lost, watched->seen.lost);
	assert_int_equal(counters.kernel_lost, counters.lost);
	assert_int_equal(counters.issued, counters.recorded + counters.lost);
	harness_check_numbers(watched);
	return counters;
}

static void run_storm(uint64_t ring_size, uint32_t request, bool drain,
		      struct fwa_capture_counters *ret_counters, size_t *ret_whole)
{
	const struct fwa_capture_options options = {.ring_size = ring_size};
	char path[64];
	struct storm storm = {.fd = harness_file(path), .size = request};
	struct watched watched = harness_open(&options, path, NULL);
	struct fwa_capture_handlers handlers = harness_handlers(&watched);
	struct pollfd ready = {.fd = fwa_capture_descriptor(watched.capture),
			       .events = POLLIN};
	struct fwa_capture_counters counters = {0};
	pthread_t threads[THREADS];
	size_t i;

	watched.seen.keep_payloads = false;
	start_storm(&storm, threads);
	while (drain && counters.entered < THREADS * PER_THREAD) {
		poll(&ready, 1, 100);
		assert_true(fwa_capture_drain(watched.capture, &handlers, 100) >= 0);
		fwa_capture_counters(watched.capture, &counters);
		assert_int_equal(counters.issued, counters.recorded + counters.lost);
	}
	wait_for_storm(threads);
	*ret_counters = check_storm(&watched);
	*ret_whole = 0;
	for (i = 0; i < watched.seen.call_count; i++)
		*ret_whole += watched.seen.calls[i].request.captured.size == request;
	harness_close(&watched);
	close(storm.fd);
	unlink(path);
}

static void test_room_for_all(void **state)
{
	struct fwa_capture_counters counters;
	size_t whole;

	(void)state;
	run_storm(0, 100, true, &counters, &whole);
	assert_int_equal(counters.lost, 0);
	assert_int_equal(whole, THREADS * PER_THREAD);
}

/* Nobody reads at all: what fits in the ring is recorded, the rest is one gap for each CPU. */
static void test_nobody_reads(void **state)
{
	struct fwa_capture_counters counters;
	size_t whole;

	(void)state;
	run_storm(65536, 100, false, &counters, &whole);
	assert_true(counters.lost > 0);
	assert_true(counters.recorded > 0);
}

/* A ring too small for the load, read as fast as possible: losses everywhere in between. */
static void test_ring_too_small(void **state)
{
	struct fwa_capture_counters counters;
	size_t whole;

	(void)state;
	run_storm(4096, 100, true, &counters, &whole);
	assert_true(counters.lost > 0);
	assert_true(counters.recorded > 0);
	/* Small requests are in the call's own event. */
	assert_int_equal(whole, counters.recorded);
}

/* Chunks are lost where calls are not: the call is recorded, and says what is missing. */
static void test_no_room_for_chunks(void **state)
{
	struct fwa_capture_counters counters;
	size_t whole;

	(void)state;
	run_storm(16384, 50000, true, &counters, &whole);
	assert_true(counters.recorded > 0);
	assert_int_equal(whole, 0);
}

/* Losses that no later call reveals. */
static void test_losses_at_the_end(void **state)
{
	const struct fwa_capture_options options = {.ring_size = 4096};
	char path[64];
	int fd = harness_file(path), i;
	struct watched watched = harness_open(&options, path, NULL);
	struct fwa_capture_handlers handlers = harness_handlers(&watched);
	struct fwa_capture_counters counters;

	(void)state;
	for (i = 0; i < 100; i++)
		harness_rpc(fd, "x", 1, NULL, NULL);
	/* The kernel has numbered a hundred; a drain by itself finds it within a second or so. */
	do {
		assert_true(fwa_capture_drain(watched.capture, &handlers, 0) >= 0);
		fwa_capture_counters(watched.capture, &counters);
		assert_true(counters.lost == 0 || counters.issued == 100);
		poll(NULL, 0, 10);
	} while (counters.issued < 100);
	assert_true(counters.lost > 0);
	harness_check_numbers(&watched);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

/* What a handler refuses is not lost: it is given again. */
static void test_handler_that_fails(void **state)
{
	const struct fwa_capture_options options = {.ring_size = 4096};
	char path[64];
	int fd = harness_file(path), i, code;
	struct watched watched = harness_open(&options, path, NULL);
	struct fwa_capture_handlers handlers = harness_handlers(&watched);
	unsigned failures = 0;

	(void)state;
	for (i = 0; i < 50; i++)
		harness_rpc(fd, "x", 1, NULL, NULL);
	do {
		watched.seen.refuse = failures % 2 ? 1 : 3;
		code = fwa_capture_settle(watched.capture, &handlers);
		failures += code < 0;
		assert_true(code >= 0 || code == -ENOSPC);
		if (watched.seen.refuse == 0 && code < 0)
			assert_true(fwa_capture_drain(watched.capture, &handlers, 1) >=
				    0);
	} while (code < 0);
	watched.seen.refuse = 0;
	harness_settle(&watched);
	assert_true(failures > 0);
	assert_int_equal(watched.seen.call_count + watched.seen.lost, 50);
	harness_check_numbers(&watched);
	harness_close(&watched);
	close(fd);
	unlink(path);
}

static pid_t hold(const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		ioctl(open(path, O_RDWR), ANSWERING_HOLD, NULL);
		_exit(0);
	}
	assert_true(child > 0);
	return child;
}

/* Wait until the kernel has seen so many calls enter; half a minute at most. */
static void wait_for_entered(struct watched *watched, uint64_t entered)
{
	struct fwa_capture_counters counters;
	int i;

	for (i = 0; i < 30000; i++) {
		fwa_capture_counters(watched->capture, &counters);
		if (counters.entered >= entered)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("%u calls were made and %u seen", (unsigned)entered,
		 (unsigned)counters.entered);
}

static void test_stop_with_calls_in_flight(void **state)
{
	struct answering_file file;
	struct watched watched;
	struct fwa_capture_handlers handlers;
	struct fwa_capture_counters counters;
	pid_t children[3];
	size_t i, unfinished = 0;
	int fd, code;

	(void)state;
	if (!answering_file_start(&file))
		skip();
	watched = harness_open(NULL, file.path, NULL);
	handlers = harness_handlers(&watched);
	fd = open(file.path, O_RDWR);
	assert_true(fd >= 0);
	for (i = 0; i < 3; i++)
		children[i] = hold(file.path);
	wait_for_entered(&watched, 3);
	assert_int_equal(harness_rpc(fd, "abc", 3, NULL, NULL), 0);
	fwa_capture_counters(watched.capture, &counters);
	assert_int_equal(counters.in_flight, 3);

	watched.seen.refuse = 2;
	do {
		code = fwa_capture_stop(watched.capture, &handlers);
	} while (code == -ENOSPC);
	assert_true(code >= 0);
	fwa_capture_counters(watched.capture, &counters);
	assert_int_equal(counters.entered, 4);
	assert_int_equal(counters.issued, 4);
	assert_int_equal(counters.kernel_issued, 4);
	assert_int_equal(counters.recorded, 4);
	assert_int_equal(counters.in_flight, 0);
	for (i = 0; i < 4; i++) {
		const struct fwa_call *call = &watched.seen.calls[i];

		unfinished += !call->has_result;
		if (!call->has_result) {
			assert_int_equal(call->command, ANSWERING_HOLD);
			assert_int_equal(call->returned, 0);
			assert_true(call->caller.pid == (uint32_t)children[0] ||
				    call->caller.pid == (uint32_t)children[1] ||
				    call->caller.pid == (uint32_t)children[2]);
		}
	}
	assert_int_equal(unfinished, 3);
	harness_check_numbers(&watched);
	/* Nothing is seen after the stop; stopping again is nothing. */
	harness_rpc(fd, "abc", 3, NULL, NULL);
	assert_int_equal(fwa_capture_stop(watched.capture, &handlers), 0);
	close(fd);
	harness_close(&watched);
	answering_file_stop(&file);
	for (i = 0; i < 3; i++)
		waitpid(children[i], NULL, 0);
}

/* More calls at once than can be kept: the others are lost when they enter, and counted. */
static void test_too_many_in_flight(void **state)
{
	const struct fwa_capture_options options = {.in_flight_max = 2};
	struct answering_file file;
	struct watched watched;
	struct fwa_capture_handlers handlers;
	struct fwa_capture_counters counters;
	pid_t children[5];
	int i;

	(void)state;
	if (!answering_file_start(&file))
		skip();
	watched = harness_open(&options, file.path, NULL);
	handlers = harness_handlers(&watched);
	for (i = 0; i < 5; i++)
		children[i] = hold(file.path);
	wait_for_entered(&watched, 5);
	harness_settle(&watched);
	fwa_capture_counters(watched.capture, &counters);
	assert_int_equal(counters.lost, 3);
	assert_int_equal(counters.in_flight, 2);
	assert_true(fwa_capture_stop(watched.capture, &handlers) >= 0);
	fwa_capture_counters(watched.capture, &counters);
	assert_int_equal(counters.recorded, 2);
	assert_int_equal(counters.issued, 5);
	harness_check_numbers(&watched);
	harness_close(&watched);
	answering_file_stop(&file);
	for (i = 0; i < 5; i++)
		waitpid(children[i], NULL, 0);
}

/* A caller killed in the middle of its call has made that call. */
static void test_killed_caller(void **state)
{
	struct answering_file file;
	struct watched watched;
	struct fwa_capture_counters counters;
	pid_t child;

	(void)state;
	if (!answering_file_start(&file))
		skip();
	watched = harness_open(NULL, file.path, NULL);
	child = hold(file.path);
	wait_for_entered(&watched, 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	/* FUSE lets go of a killed caller only when the server has answered or is gone. */
	answering_file_stop(&file);
	assert_int_equal(waitpid(child, NULL, 0), child);
	harness_settle(&watched);
	fwa_capture_counters(watched.capture, &counters);
	assert_int_equal(counters.issued, 1);
	assert_int_equal(watched.seen.call_count, 1);
	assert_true(watched.seen.calls[0].has_result);
	assert_true(watched.seen.calls[0].result < 0);
	harness_close(&watched);
}

static void test_options(void **state)
{
	static const uint64_t wrong[] = {1,        4095,       4097,      12288,
					 3u << 20, 1ull << 31, 1ull << 40};
	struct fwa_capture_options options = {0};
	struct fwa_capture *capture;
	struct fwa_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		options.ring_size = wrong[i];
		error.sentence[0] = '\0';
		assert_int_equal(fwa_capture_open(&options, &capture, &error), -EINVAL);
		assert_non_null(strstr(error.sentence, "power of two"));
	}
}

/* Without any right: a sentence, and nothing left behind. */
static void test_no_rights(void **state)
{
	struct fwa_capture *capture;
	struct fwa_error error = {{0}};
	pid_t child = fork();
	int code;

	(void)state;
	if (child == 0) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		code = fwa_capture_open(NULL, &capture, &error);
		if ((code == -EPERM || code == -EACCES) &&
		    strstr(error.sentence, "as root"))
			_exit(0);
		dprintf(STDERR_FILENO, "%d: %s\n", code, error.sentence);
		_exit(2);
	}
	harness_wait(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_for_all),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test(test_ring_too_small),
		cmocka_unit_test(test_no_room_for_chunks),
		cmocka_unit_test(test_losses_at_the_end),
		cmocka_unit_test(test_handler_that_fails),
		cmocka_unit_test(test_stop_with_calls_in_flight),
		cmocka_unit_test(test_too_many_in_flight),
		cmocka_unit_test(test_killed_caller),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_rights),
	};

	if (!harness_can_capture())
		return FWA_TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
