// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "collector/capture/sequence.h"
#include "collector/capture/stage.h"

static struct fwa_sequence *sequence_of(uint32_t cpus)
{
	struct fwa_sequence *sequence = fwa_sequence_new(cpus, 100);

	assert_non_null(sequence);
	return sequence;
}

static void test_in_order(void **state)
{
	struct fwa_sequence *sequence = sequence_of(2);
	struct fwa_capture_gap gap;
	uint64_t n;

	(void)state;
	for (n = 1; n <= 10; n++) {
		assert_int_equal(
			fwa_sequence_check(sequence, n % 2, (n + 1) / 2, 100 + n, &gap),
			0);
		fwa_sequence_accept_call(sequence, n % 2, 100 + n);
	}
	assert_int_equal(fwa_sequence_last(sequence, 0), 5);
	assert_int_equal(fwa_sequence_last(sequence, 1), 5);
	assert_int_equal(fwa_sequence_last(sequence, 2), 0);
	assert_int_equal(fwa_sequence_issued(sequence), 10);
	assert_int_equal(fwa_sequence_recorded(sequence), 10);
	assert_int_equal(fwa_sequence_lost(sequence), 0);
	fwa_sequence_free(sequence);
}

static void test_gap(void **state)
{
	struct fwa_sequence *sequence = sequence_of(4);
	struct fwa_capture_gap gap, again;

	(void)state;
	/* Before the first call, since the start of the run. */
	assert_int_equal(fwa_sequence_check(sequence, 3, 5, 200, &gap), 1);
	assert_int_equal(gap.cpu, 3);
	assert_int_equal(gap.first_number, 1);
	assert_int_equal(gap.count, 4);
	assert_int_equal(gap.not_before, 100);
	assert_int_equal(gap.not_after, 200);
	/* Looking changes nothing. */
	assert_int_equal(fwa_sequence_check(sequence, 3, 5, 200, &again), 1);
	assert_int_equal(again.count, 4);
	assert_int_equal(fwa_sequence_issued(sequence), 0);
	fwa_sequence_accept_gap(sequence, &gap);
	assert_int_equal(fwa_sequence_check(sequence, 3, 5, 200, &gap), 0);
	fwa_sequence_accept_call(sequence, 3, 200);
	/* Between two calls. */
	assert_int_equal(fwa_sequence_check(sequence, 3, 7, 300, &gap), 1);
	assert_int_equal(gap.first_number, 6);
	assert_int_equal(gap.count, 1);
	assert_int_equal(gap.not_before, 200);
	assert_int_equal(gap.not_after, 300);
	fwa_sequence_accept_gap(sequence, &gap);
	fwa_sequence_accept_call(sequence, 3, 300);
	assert_int_equal(fwa_sequence_issued(sequence), 7);
	assert_int_equal(fwa_sequence_recorded(sequence), 2);
	assert_int_equal(fwa_sequence_lost(sequence), 5);
	fwa_sequence_free(sequence);
}

static void test_end(void **state)
{
	struct fwa_sequence *sequence = sequence_of(1);
	struct fwa_capture_gap gap;

	(void)state;
	assert_int_equal(fwa_sequence_check_end(sequence, 0, 0, 500, &gap), 0);
	assert_int_equal(fwa_sequence_check_end(sequence, 0, 9, 500, &gap), 1);
	assert_int_equal(gap.first_number, 1);
	assert_int_equal(gap.count, 9);
	assert_int_equal(gap.not_after, 500);
	fwa_sequence_accept_gap(sequence, &gap);
	assert_int_equal(fwa_sequence_check_end(sequence, 0, 9, 500, &gap), 0);
	assert_int_equal(fwa_sequence_check_end(sequence, 0, 8, 500, &gap), -EBADMSG);
	assert_int_equal(fwa_sequence_check(sequence, 0, 10, 600, &gap), 0);
	fwa_sequence_free(sequence);
}

/* A number that is accounted for cannot be so again. */
static void test_refused(void **state)
{
	struct fwa_sequence *sequence = sequence_of(2);
	struct fwa_capture_gap gap;

	(void)state;
	assert_int_equal(fwa_sequence_check(sequence, 2, 1, 100, &gap), -EBADMSG);
	assert_int_equal(fwa_sequence_check(sequence, 0, 0, 100, &gap), -EBADMSG);
	assert_int_equal(fwa_sequence_check_end(sequence, 2, 1, 100, &gap), -EBADMSG);
	assert_int_equal(fwa_sequence_check(sequence, 0, 3, 100, &gap), 1);
	fwa_sequence_accept_gap(sequence, &gap);
	assert_int_equal(fwa_sequence_check(sequence, 0, 2, 100, &gap), -EBADMSG);
	fwa_sequence_accept_call(sequence, 0, 100);
	assert_int_equal(fwa_sequence_check(sequence, 0, 3, 100, &gap), -EBADMSG);
	fwa_sequence_free(sequence);
	fwa_sequence_free(NULL);
}

/* A clock that goes back a little does not turn a gap's times round. */
static void test_times(void **state)
{
	struct fwa_sequence *sequence = sequence_of(1);
	struct fwa_capture_gap gap;

	(void)state;
	fwa_sequence_accept_call(sequence, 0, 1000);
	fwa_sequence_accept_call(sequence, 0, 900);
	assert_int_equal(fwa_sequence_check(sequence, 0, 9, 950, &gap), 1);
	assert_int_equal(gap.not_before, 1000);
	assert_int_equal(gap.not_after, 1000);
	fwa_sequence_free(sequence);
}

static void test_stage(void **state)
{
	struct fwa_stage *stage = fwa_stage_new(4096, 100);
	uint8_t bytes[200];
	size_t put = 0, taken = 0, i;

	(void)state;
	assert_non_null(stage);
	assert_null(fwa_stage_front(stage).data);
	fwa_stage_pop(stage);
	for (i = 0; i < 10; i++) {
		while (fwa_stage_has_room(stage)) {
			memset(bytes, (int)put, sizeof(bytes));
			/* One in five is too long, and cut. */
			fwa_stage_put(stage, bytes, put % 5 ? put % 100 + 1 : 200);
			put++;
		}
		for (; taken < put; taken++) {
			struct fwa_bytes front = fwa_stage_front(stage);

			assert_int_equal(front.size, taken % 5 ? taken % 100 + 1 : 100);
			assert_int_equal((uintptr_t)front.data % 8, 0);
			memset(bytes, (int)taken, sizeof(bytes));
			assert_memory_equal(front.data, bytes, front.size);
			fwa_stage_pop(stage);
		}
		assert_null(fwa_stage_front(stage).data);
	}
	assert_true(put > 300);
	fwa_stage_free(stage);
	fwa_stage_free(NULL);
	/* However small, one event fits. */
	stage = fwa_stage_new(0, 100);
	assert_non_null(stage);
	assert_true(fwa_stage_has_room(stage));
	fwa_stage_put(stage, bytes, 100);
	assert_false(fwa_stage_has_room(stage));
	fwa_stage_free(stage);
}

static void test_watch(void **state)
{
	struct stat status = {
		.st_mode = S_IFCHR,
		.st_rdev = makedev(10, 300),
		.st_dev = makedev(0, 5),
		.st_ino = 12,
	};
	struct fwa_watch watch = fwa_watch_of(&status), other = watch;

	(void)state;
	assert_int_equal(watch.kind, FWA_WATCH_CHARACTER);
	assert_int_equal(watch.major, 10);
	assert_int_equal(watch.minor, 300);
	assert_int_equal(watch.inode, 0);
	status.st_mode = S_IFREG;
	watch = fwa_watch_of(&status);
	assert_int_equal(watch.kind, FWA_WATCH_FILE);
	assert_int_equal(watch.major, 0);
	assert_int_equal(watch.minor, 5);
	assert_int_equal(watch.inode, 12);
	assert_false(fwa_watch_equal(&watch, &other));
	other = watch;
	assert_true(fwa_watch_equal(&watch, &other));
	other.inode++;
	assert_false(fwa_watch_equal(&watch, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order), cmocka_unit_test(test_gap),
		cmocka_unit_test(test_end),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_times),    cmocka_unit_test(test_stage),
		cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
