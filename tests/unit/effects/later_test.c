/* SPDX-License-Identifier: Apache-2.0 */
/* Effects that come after the command: with a reset, in the background, late, in another run. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/fwctl.h"
#include "story.h"

#define CHANGEABLE FWA_CXL_FEATURE_CHANGEABLE
#define COLD       FWA_CXL_EFFECT_CONFIG_COLD_RESET
#define NOW        FWA_CXL_EFFECT_CONFIG_IMMEDIATE
#define BACKGROUND FWA_CXL_EFFECT_BACKGROUND
#define CONVENTIONAL                                                                     \
	(FWA_CXL_EFFECT_RESETS_VALID | FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET)
#define CXL (FWA_CXL_EFFECT_RESETS_VALID | FWA_CXL_EFFECT_CONFIG_CXL_RESET)
#define SET 0x0502

static struct story *with(uint16_t effects)
{
	struct story *story = story_begin();

	story_cel(story, 0, SET, 0x0e5f, 0x4101, COLD, 0x4300, BACKGROUND | NOW, 0);
	story_features(story, 0, 1, effects, CHANGEABLE, 2, NOW, CHANGEABLE, 0);
	story_state(story, "f1.current", 0);
	story_state(story, "f1.default", 0);
	story_state(story, "f1.saved", 0);
	story_state(story, "f2.current", 0);
	story_state(story, "f2.saved", 0);
	story_state(story, "cxl.partition_info", 0);
	story_state(story, "cxl.lsa", 0);
	story_look(story, 1, 2);
	return story;
}

/* ---- resets ---- */

static const struct deferred {
	const char *what;
	uint16_t effects;
	uint8_t reset;
	const char *ids;
} deferrals[] = {
	{"cold, cold", COLD, FWA_RESET_COLD, ""},
	{"cold, conventional", COLD, FWA_RESET_CONVENTIONAL, "E05"},
	{"cold, CXL", COLD, FWA_RESET_CXL, "E05"},
	{"conventional, conventional", CONVENTIONAL, FWA_RESET_CONVENTIONAL, ""},
	{"conventional, cold, which is deeper", CONVENTIONAL, FWA_RESET_COLD, ""},
	{"conventional, CXL", CONVENTIONAL, FWA_RESET_CXL, "E05"},
	{"CXL, CXL", CXL, FWA_RESET_CXL, ""},
	{"CXL, conventional, which is deeper", CXL, FWA_RESET_CONVENTIONAL, ""},
};

static void realised_by_a_reset(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(deferrals) / sizeof(deferrals[0]); i++) {
		struct story *story = with(deferrals[i].effects);
		uint64_t call = story_set(story, 1, 9, 3, 4);

		print_message("%s\n", deferrals[i].what);
		story_state(story, "f1.saved", 9);
		story_look(story, 5, 6);
		story_reset(story, deferrals[i].reset, 7, 8);
		story_state(story, "f1.current", 9);
		story_look(story, 9, 10);
		assert_string_equal(story_ids(story), deferrals[i].ids);
		assert_int_equal(story_verdict(story, call),
				 *deferrals[i].ids ? FWA_VERDICT_VIOLATES
						   : FWA_VERDICT_CONFORMS);
		story_end(story);
	}
}

/* Checkpoints in between give no verdict away that the reset would have to take back. */
static void realised_long_after(void **state)
{
	struct story *story = with(COLD);
	const struct fwa_finding *finding;
	uint64_t call;

	(void)state;
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	story_checkpoint(story, 0);
	story_look(story, 7, 8);
	story_checkpoint(story, 0);
	story_reset(story, FWA_RESET_CXL, 9, 10);
	story_state(story, "f1.current", 9);
	story_look(story, 11, 12);
	story_checkpoint(story, 0);
	assert_string_equal(story_ids(story), "E05");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
	finding = fwa_findings_get(story_findings(story), 0);
	assert_int_equal(finding->records[0].sequence, call);
	assert_int_equal(finding->declared, FWA_EFFECT_CONFIG_COLD_RESET);
	assert_int_equal(finding->undeclared, FWA_EFFECT_CONFIG_CXL_RESET);
	story_end(story);
}

/* One reset, two features: each command is named. */
static void realised_of_two_features(void **state)
{
	struct story *story = story_begin();
	uint64_t one, two;

	(void)state;
	story_cel(story, 0, SET, COLD, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 2, COLD, CHANGEABLE, 0);
	for (unsigned i = 0; i < 4; i++) {
		static const char *const keys[] = {"f1.current", "f1.saved", "f2.current",
						   "f2.saved"};

		story_state(story, keys[i], 0);
	}
	story_look(story, 1, 2);
	one = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	two = story_set(story, 2, 8, 7, 8);
	story_state(story, "f2.saved", 8);
	story_look(story, 9, 10);
	story_reset(story, FWA_RESET_CXL, 11, 12);
	story_state(story, "f1.current", 9);
	story_state(story, "f2.current", 8);
	story_look(story, 13, 14);
	assert_string_equal(story_ids(story), "E05 E05");
	assert_int_equal(story_verdict(story, one), FWA_VERDICT_VIOLATES);
	assert_int_equal(story_verdict(story, two), FWA_VERDICT_VIOLATES);
	story_end(story);
}

/* What the log declares of a command has no target: it may be any feature's value. */
static void a_log_entry_speaks_of_every_feature(void **state)
{
	struct story *story = with(NOW);
	uint64_t call;

	(void)state;
	call = story_call(
		story,
		(struct call){.opcode = 0x4101, .scope = 3, .entered = 3, .returned = 4});
	story_look(story, 5, 6);
	story_reset(story, FWA_RESET_COLD, 7, 8);
	story_state(story, "f2.current", 9);
	story_state(story, "f2.saved", 9);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_CONFORMS);
	story_end(story);
}

/* The observer tells of a reset that came while it looked after the snapshot that saw it. */
static void reset_told_after_the_snapshot(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	story_state(story, "f1.current", 9);
	story_look(story, 7, 10);
	story_reset(story, FWA_RESET_COLD, 7, 11);
	story_look(story, 12, 13);
	assert_string_equal(story_ids(story), "");
	story_end(story);
}

static void back_to_the_saved_or_default_value(void **state)
{
	struct story *story = with(NOW);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	story_reset(story, FWA_RESET_COLD, 7, 8);
	story_state(story, "f1.current", 0);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "");
	story_end(story);
}

static void reset_brings_what_nobody_wrote(void **state)
{
	struct story *story = with(COLD);
	uint64_t reset;
	const struct fwa_finding *finding;
	size_t i;
	bool named = false;

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	reset = story_reset(story, FWA_RESET_COLD, 7, 8);
	story_state(story, "f1.current", 9);
	story_state(story, "f2.current", 5);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "E03");
	finding = fwa_findings_get(story_findings(story), 0);
	for (i = 0; i < finding->record_count; i++)
		named |= finding->records[i].sequence == reset;
	assert_true(named);
	assert_non_null(strstr(finding->sentence, "across a reset"));
	story_end(story);
}

static void partition_pending(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_call(
		story,
		(struct call){.opcode = 0x4101, .scope = 3, .entered = 3, .returned = 4});
	story_look(story, 5, 6);
	story_reset(story, FWA_RESET_COLD, 7, 8);
	story_state(story, "cxl.partition_info", 9);
	story_look(story, 9, 10);
	/* And only once: the next reset has nothing to bring. */
	story_reset(story, FWA_RESET_COLD, 11, 12);
	story_state(story, "cxl.partition_info", 8);
	story_look(story, 13, 14);
	assert_string_equal(story_ids(story), "E03");
	story_end(story);
}

/* A reset that is not deep enough leaves it pending. */
static void partition_pending_across_a_lesser_reset(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_call(
		story,
		(struct call){.opcode = 0x4101, .scope = 3, .entered = 3, .returned = 4});
	story_look(story, 5, 6);
	story_reset(story, FWA_RESET_CXL, 7, 8);
	story_look(story, 9, 10);
	story_reset(story, FWA_RESET_COLD, 11, 12);
	story_state(story, "cxl.partition_info", 9);
	story_look(story, 13, 14);
	assert_string_equal(story_ids(story), "");
	story_end(story);
}

/* It came while the observer looked, and what it brought was seen the next time only. */
static void reset_between_two_windows(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_call(
		story,
		(struct call){.opcode = 0x4101, .scope = 3, .entered = 3, .returned = 4});
	story_look(story, 5, 6);
	story_look(story, 7, 10);
	story_reset(story, FWA_RESET_COLD, 7, 11);
	story_state(story, "cxl.partition_info", 9);
	story_look(story, 12, 13);
	story_look(story, 14, 15);
	assert_string_equal(story_ids(story), "");
	story_end(story);
}

static void without_a_reset_it_is_nobodys(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	story_state(story, "f1.current", 9);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "E03");
	story_end(story);
}

/* ---- in the background, and late ---- */

static void declared_background(void **state)
{
	struct story *story = with(COLD);
	uint64_t call;

	(void)state;
	call = story_call(story, (struct call){.opcode = 0x4300,
					       .scope = 3,
					       .entered = 3,
					       .returned = 4,
					       .retval = 1});
	story_look(story, 5, 6);
	story_state(story, "cxl.partition_info", 9);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void background_does_what_it_does_not_declare(void **state)
{
	struct story *story = with(COLD);
	uint64_t call, other;
	const struct fwa_finding *finding;

	(void)state;
	call = story_call(story, (struct call){.opcode = 0x4300,
					       .scope = 3,
					       .entered = 3,
					       .returned = 4,
					       .retval = 1});
	story_look(story, 5, 6);
	other = story_set(story, 2, 9, 7, 8);
	story_state(story, "cxl.lsa", 9);
	story_look(story, 9, 10);
	/* It may still have been running: two causes. */
	assert_string_equal(story_ids(story), "E02");
	finding = fwa_findings_get(story_findings(story), 0);
	assert_int_equal(finding->records[0].sequence, call);
	assert_int_equal(finding->records[1].sequence, other);
	story_end(story);
}

static void late_but_declared(void **state)
{
	struct story *story = with(NOW);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_look(story, 5, 6);
	story_state(story, "f1.current", 9);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	story_end(story);
}

static void late_and_another_value(void **state)
{
	struct story *story = with(NOW);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_look(story, 5, 6);
	story_state(story, "f1.current", 7);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "E03");
	story_end(story);
}

/* ---- runs ---- */

static void between_two_runs_nobody_watched(void **state)
{
	struct story *story = with(COLD);
	uint64_t call;

	(void)state;
	call = story_set(story, 1, 9, 3, 4);
	story_run(story, true);
	story_cel(story, 0, SET, 0x0e5f, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 2, NOW, CHANGEABLE, 0);
	story_state(story, "f2.current", 5);
	story_look(story, 1, 2);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_non_null(strstr(
		story_summary(story)->limits[story_summary(story)->limit_count - 1],
		"between two runs"));
	story_end(story);
}

static void pending_across_a_restart_of_the_collector(void **state)
{
	struct story *story = with(COLD);

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 6);
	story_run(story, false);
	story_cel(story, 10, SET, 0x0e5f, 0);
	story_features(story, 10, 1, COLD, CHANGEABLE, 2, NOW, CHANGEABLE, 0);
	story_look(story, 11, 12);
	story_reset(story, FWA_RESET_CONVENTIONAL, 13, 14);
	story_state(story, "f1.current", 9);
	story_look(story, 15, 16);
	assert_string_equal(story_ids(story), "E05");
	story_end(story);
}

static void not_finished_when_the_run_ends(void **state)
{
	struct story *story = with(NOW);
	uint64_t call;

	(void)state;
	call = story_call(
		story,
		(struct call){.opcode = SET, .feature = 1, .scope = 3, .entered = 3});
	story_state(story, "f1.current", 9);
	story_look_in_flight(story, 5, 6, 1);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

/* Memory stays bounded, and what is given up is undetermined. */
static void many_calls_without_a_snapshot(void **state)
{
	struct story *story = with(NOW);
	struct fwa_effects_summary const *summary;
	uint64_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		story_call(story, (struct call){.opcode = 0x4300,
						.own = true,
						.scope = 3,
						.entered = 3 + i,
						.returned = 4 + i});
	story_state(story, "cxl.lsa", 9);
	story_look(story, 4000, 4001);
	assert_string_equal(story_ids(story), "E02");
	assert_int_equal(fwa_findings_get(story_findings(story), 0)->count, 3000);
	assert_int_equal(fwa_findings_get(story_findings(story), 0)->record_count,
			 FWA_FINDING_RECORDS_MAX);
	summary = story_summary(story);
	assert_int_equal(summary->own_calls, 3000);
	story_end(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(realised_by_a_reset),
		cmocka_unit_test(realised_long_after),
		cmocka_unit_test(realised_of_two_features),
		cmocka_unit_test(a_log_entry_speaks_of_every_feature),
		cmocka_unit_test(reset_told_after_the_snapshot),
		cmocka_unit_test(back_to_the_saved_or_default_value),
		cmocka_unit_test(reset_brings_what_nobody_wrote),
		cmocka_unit_test(partition_pending),
		cmocka_unit_test(partition_pending_across_a_lesser_reset),
		cmocka_unit_test(reset_between_two_windows),
		cmocka_unit_test(without_a_reset_it_is_nobodys),
		cmocka_unit_test(declared_background),
		cmocka_unit_test(background_does_what_it_does_not_declare),
		cmocka_unit_test(late_but_declared),
		cmocka_unit_test(late_and_another_value),
		cmocka_unit_test(between_two_runs_nobody_watched),
		cmocka_unit_test(pending_across_a_restart_of_the_collector),
		cmocka_unit_test(not_finished_when_the_run_ends),
		cmocka_unit_test(many_calls_without_a_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
