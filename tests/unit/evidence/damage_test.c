/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger file that lost its end or its middle: never taken for whole, never a crash.
 */
#include "tests/unit/evidence/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 4096

/* The sample with enough calls for trees of several levels. */
static int setup(void **state)
{
	static uint8_t bytes[3000];
	struct fwa_bytes large = {bytes, sizeof(bytes)};
	struct fwa_bytes none = {bytes, 0};
	struct ledger_builder *builder;
	uint64_t device;
	size_t i;

	if (fixture_setup(state) < 0)
		return -1;
	builder = fixture_build(*state);
	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	device = ledger_builder_device(builder, "fwctl0");
	for (i = 0; i < 200; i++) {
		size_t k;

		/* Hardly to be compressed. */
		for (k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)((k * k * 31 + i * 7) >> (k % 5));
		ledger_builder_rpc(builder, device, large, none);
	}
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
	ledger_builder_close(builder, true);
	return 0;
}

static uint8_t *read_whole(const struct fixture *fixture, off_t *ret_size)
{
	int file = open(fixture->database, O_RDONLY);
	uint8_t *bytes;

	assert_true(file >= 0);
	*ret_size = lseek(file, 0, SEEK_END);
	bytes = malloc((size_t)*ret_size);
	assert_non_null(bytes);
	assert_int_equal(pread(file, bytes, (size_t)*ret_size, 0), *ret_size);
	close(file);
	return bytes;
}

static void write_whole(const struct fixture *fixture, const uint8_t *bytes, off_t size)
{
	int file = open(fixture->database, O_WRONLY | O_TRUNC);

	assert_true(file >= 0);
	assert_int_equal(pwrite(file, bytes, (size_t)size, 0), size);
	close(file);
}

/* Exit status 2, or 3 where so much is gone that it is no SQLite file of ours any more. */
static void expect_refused(const struct fixture *fixture, bool may_fail, off_t where)
{
	struct fwa_verify_result *result = NULL;
	struct fwa_error error = {.sentence = ""};
	int code = fixture_verify_path(fixture, fixture->database, &result, &error);

	if (code < 0) {
		if (!may_fail || (code != -EINVAL && code != -ENOTSUP))
			fail_msg("at %lld: %s", (long long)where, error.sentence);
		assert_non_null(strstr(error.sentence, fixture->database));
		return;
	}
	if (result->authentic)
		fail_msg("at %lld: taken for whole", (long long)where);
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_CRITICAL),
			 FWA_EXIT_NOT_AUTHENTIC);
	assert_true(fwa_findings_count(result->findings) > 0);
	fwa_verify_result_free(result);
}

static void truncated(void **state)
{
	const struct fixture *fixture = *state;
	off_t size, length;
	uint8_t *bytes = read_whole(fixture, &size);

	assert_true(size > 20 * 16384);
	fixture_expect_clean(fixture, 0);
	for (length = 0; length < size; length += length < 2 * STEP ? 97 : STEP - 1) {
		write_whole(fixture, bytes, length);
		expect_refused(fixture, length < 100, length);
	}
	write_whole(fixture, bytes, size - 1);
	expect_refused(fixture, false, size - 1);
	write_whole(fixture, bytes, size);
	fixture_expect_clean(fixture, 0);
	free(bytes);
}

/* Every 4 KiB in turn; some of a page may be unused, and is zero already. */
static void zeroed(void **state)
{
	static const uint8_t zeros[STEP];
	const struct fixture *fixture = *state;
	off_t size, offset;
	uint8_t *bytes = read_whole(fixture, &size);
	unsigned changed = 0;

	for (offset = 0; offset + STEP <= size; offset += STEP) {
		uint8_t saved[STEP];

		if (memcmp(bytes + offset, zeros, STEP) == 0)
			continue;
		memcpy(saved, bytes + offset, STEP);
		memset(bytes + offset, 0, STEP);
		write_whole(fixture, bytes, size);
		expect_refused(fixture, offset == 0, offset);
		memcpy(bytes + offset, saved, STEP);
		changed++;
	}
	assert_true(changed > 40);
	free(bytes);
}

/* The pages in another order, and one in another's place. */
static void exchanged_pages(void **state)
{
	const off_t page = 16384;
	const struct fixture *fixture = *state;
	off_t size, i;
	uint8_t *bytes = read_whole(fixture, &size);
	uint8_t *copy = malloc((size_t)size);

	assert_non_null(copy);
	for (i = 1; i + 1 < size / page; i++) {
		memcpy(copy, bytes, (size_t)size);
		memcpy(copy + i * page, bytes + (i + 1) * page, (size_t)page);
		write_whole(fixture, copy, size);
		expect_refused(fixture, false, i * page);
	}
	free(copy);
	free(bytes);
}

/* Bytes of the file's own structures: whatever comes of it, not a crash nor a wrong record. */
static void flipped_structure(void **state)
{
	const struct fixture *fixture = *state;
	struct fwa_verify_result *result;
	struct fwa_error error;
	off_t size, offset;
	uint8_t *bytes = read_whole(fixture, &size);
	uint8_t root[FWA_DIGEST_SIZE];

	result = fixture_verify(fixture);
	memcpy(root, result->root, sizeof(root));
	fwa_verify_result_free(result);
	for (offset = 0; offset < size; offset += offset % 16384 < 200 ? 1 : 499) {
		bytes[offset] ^= 0xff;
		write_whole(fixture, bytes, size);
		if (fixture_verify_path(fixture, fixture->database, &result, &error) ==
		    0) {
			if (result->authentic)
				assert_memory_equal(result->root, root, sizeof(root));
			fwa_verify_result_free(result);
		}
		bytes[offset] ^= 0xff;
	}
	free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(truncated),
		TEST(zeroed),
		TEST(exchanged_pages),
		TEST(flipped_structure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
