/* SPDX-License-Identifier: Apache-2.0 */
/* When Set Feature takes hold, and what resets do. */
#include "tests/unit/fwsim/bench.h"

#include <string.h>

#define CURRENT FWA_CXL_SELECT_CURRENT
#define DEFAULT FWA_CXL_SELECT_DEFAULT
#define SAVED   FWA_CXL_SELECT_SAVED

#define FEATURE(name, number, effects, rest)                                             \
	"{\"name\": \"" name                                                             \
	"\", \"uuid\": \"00000000-0000-4000-8000-00000000000" number                     \
	"\", \"size\": 4, \"default\": \"64656600\", \"effects\": " effects rest "}"

#define APPLIES(when) ", \"applies\": \"" when "\""

/* One line for each feature. */
/* clang-format off */
static const char honest[] = "\"features\": ["
	FEATURE("now", "1", "[\"config-immediate\"]", "") ","
	FEATURE("cold", "2", "[\"config-cold-reset\"]", "") ","
	FEATURE("conventional", "3", "[\"config-conventional-reset\"]", "") ","
	FEATURE("cxl", "4", "[\"config-cxl-reset\"]", "") ","
	FEATURE("both", "5", "[\"config-immediate\", \"config-cold-reset\"]", "") "]";

static const char liars[] = "\"features\": ["
	FEATURE("hasty", "1", "[\"config-cold-reset\"]", APPLIES("immediate")) ","
	FEATURE("lazy", "2", "[\"config-immediate\"]", APPLIES("never")) ","
	FEATURE("late", "3", "[\"config-immediate\"]", APPLIES("cold-reset")) "]";
/* clang-format on */

static void honest_features_keep_their_word(void **state)
{
	static const char *const deferred[] = {"cold", "conventional", "cxl"};
	struct bench *bench = bench_new(honest);
	size_t i;

	(void)state;
	assert_int_equal(bench_set(bench, "now", "abcd", 4), 0);
	bench_expect(bench, "now", CURRENT, "abcd");
	bench_expect(bench, "now", SAVED, "abcd");
	bench_expect(bench, "now", DEFAULT, "def\0");
	assert_int_equal(bench_set(bench, "both", "abcd", 4), 0);
	bench_expect(bench, "both", CURRENT, "abcd");
	for (i = 0; i < 3; i++) {
		assert_int_equal(bench_set(bench, deferred[i], "abcd", 4), 0);
		bench_expect(bench, deferred[i], CURRENT, "def\0");
		bench_expect(bench, deferred[i], SAVED, "abcd");
	}
	bench_free(bench);
}

static void harder_resets_do_what_lesser_ones_do(void **state)
{
	/* For each reset: is the new value current afterwards in "cold", "conventional",
	 * "cxl"? */
	static const bool taken[3][3] = {
		[FWA_RESET_COLD] = {true, true, true},
		[FWA_RESET_CONVENTIONAL] = {false, true, true},
		[FWA_RESET_CXL] = {false, false, true},
	};
	static const char *const features[] = {"cold", "conventional", "cxl"};
	uint8_t reset;
	size_t i;

	(void)state;
	for (reset = FWA_RESET_COLD; reset <= FWA_RESET_CXL; reset++) {
		struct bench *bench = bench_new(honest);

		for (i = 0; i < 3; i++)
			assert_int_equal(bench_set(bench, features[i], "abcd", 4), 0);
		assert_int_equal(fwsim_device_reset(bench->device, reset, bench->now), 0);
		for (i = 0; i < 3; i++)
			bench_expect(bench, features[i], CURRENT,
				     taken[reset][i] ? "abcd" : "def\0");
		assert_int_equal(bench->device->reset_count, 1);
		assert_int_equal(bench->device->last_reset, reset);
		bench_free(bench);
	}
}

static void liars_do_as_the_scenario_says(void **state)
{
	struct bench *bench = bench_new(liars);

	(void)state;
	assert_int_equal(bench_set_part(bench, "hasty", 2, 0, 0, 1, "abcd", 4), 0);
	bench_expect(bench, "hasty", CURRENT, "abcd");
	assert_int_equal(bench_set(bench, "lazy", "abcd", 4), 0);
	bench_expect(bench, "lazy", CURRENT, "def\0");
	bench_expect(bench, "lazy", SAVED, "def\0");
	assert_int_equal(bench_set(bench, "late", "abcd", 4), 0);
	bench_expect(bench, "late", CURRENT, "def\0");
	fwsim_device_reset(bench->device, FWA_RESET_COLD, bench->now);
	bench_expect(bench, "late", CURRENT, "abcd");
	bench_expect(bench, "lazy", CURRENT, "def\0");
	bench_free(bench);
}

static void an_unsaved_change_is_gone_after_a_reset(void **state)
{
	struct bench *bench = bench_new("\"gate\": \"none\", \"features\": [" FEATURE(
		"now", "1", "[\"config-immediate\"]", "") "]");

	(void)state;
	assert_int_equal(bench_set_part(bench, "now", 0, 0, 0, 1, "abcd", 4), 0);
	bench_expect(bench, "now", CURRENT, "abcd");
	bench_expect(bench, "now", SAVED, "def\0");
	fwsim_device_reset(bench->device, FWA_RESET_CXL, bench->now);
	bench_expect(bench, "now", CURRENT, "def\0");
	bench_free(bench);
}

static void transfers_in_parts(void **state)
{
	struct bench *bench = bench_new("\"gate\": \"none\", \"features\": [" FEATURE(
		"now", "1", "[\"config-immediate\"]",
		"") "," FEATURE("other", "2", "[\"config-immediate\"]", "") "]");
	const struct {
		const char *feature;
		uint32_t flags;
		uint16_t offset;
		const char *data;
		uint32_t retval;
	} steps[] = {
		{"now", FWA_CXL_TRANSFER_CONTINUE, 0, "a",
		 0x1c}, /* nothing is under way */
		{"now", FWA_CXL_TRANSFER_INITIATE, 0, "a", 0},
		{"now", FWA_CXL_TRANSFER_INITIATE, 0, "a", 0x1b},
		{"now", FWA_CXL_TRANSFER_FULL, 0, "a", 0x1b},
		{"other", FWA_CXL_TRANSFER_CONTINUE, 1, "x", 0x1c},
		{"now", FWA_CXL_TRANSFER_CONTINUE, 2, "c", 0x1c}, /* a gap */
		{"now", FWA_CXL_TRANSFER_CONTINUE, 1, "b", 0},
		{"now", FWA_CXL_TRANSFER_ABORT, 0, "", 0},
		{"now", FWA_CXL_TRANSFER_FINISH, 2, "c", 0x1c},
		{"now", FWA_CXL_TRANSFER_INITIATE, 0, "w", 0},
		{"now", FWA_CXL_TRANSFER_CONTINUE, 1, "xy", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(bench_set_part(bench, steps[i].feature, 0,
						steps[i].flags, steps[i].offset, 1,
						steps[i].data, strlen(steps[i].data)),
				 0);
		assert_int_equal(bench->retval, steps[i].retval);
		bench_expect(bench, "now", CURRENT, "def\0");
	}
	assert_int_equal(
		bench_set_part(bench, "now", 0, FWA_CXL_TRANSFER_FINISH, 3, 1, "z", 1),
		0);
	assert_int_equal(bench->retval, 0);
	bench_expect(bench, "now", CURRENT, "wxyz");
	bench_free(bench);
}

static void what_the_device_itself_refuses(void **state)
{
	struct bench *bench = bench_new("\"features\": [" FEATURE(
		"now", "1", "[\"config-immediate\"]",
		", \"set_version\": 3") "," FEATURE("shy", "2", "[\"config-immediate\"]",
						    ", \"flags\": [\"changeable\"]") "]");

	(void)state;
	assert_int_equal(bench_set_part(bench, "now", 3, 0, 0, 1, "abcd", 4), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_FEATURE_VERSION);
	assert_int_equal(bench_set_part(bench, "now", 3, 0, 1, 3, "abcd", 4), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_INVALID_LENGTH);
	assert_int_equal(bench_set_part(bench, "now", 3, 0, 2, 3, "yz", 2), 0);
	bench_expect(bench, "now", CURRENT, "deyz");
	assert_int_equal(bench_get(bench, "now", CURRENT, 2, 3), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_INVALID_INPUT);
	assert_int_equal(bench_get(bench, "shy", DEFAULT, 0, 4), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_FEATURE_SELECTION);
	assert_int_equal(bench_get(bench, "shy", SAVED, 0, 4), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_FEATURE_SELECTION);
	assert_int_equal(bench_get(bench, "shy", 3, 0, 4), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_FEATURE_SELECTION);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(honest_features_keep_their_word),
		cmocka_unit_test(harder_resets_do_what_lesser_ones_do),
		cmocka_unit_test(liars_do_as_the_scenario_says),
		cmocka_unit_test(an_unsaved_change_is_gone_after_a_reset),
		cmocka_unit_test(transfers_in_parts),
		cmocka_unit_test(what_the_device_itself_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
