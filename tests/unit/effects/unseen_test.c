/* SPDX-License-Identifier: Apache-2.0 */
/* What was lost or cannot be seen: no verdict says more than the evidence. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "schema/fwctl.h"
#include "usual.h"

/* ---- losses ---- */

static void gap_in_the_window(void **state)
{
	int before;

	(void)state;
	for (before = 0; before < 2; before++) {
		struct story *story = usual();
		uint64_t call = story_set(story, 2, 9, 3, 4);

		if (before)
			story_gap(story, 1, 4, 5);
		story_state(story, "f2.current", 9);
		story_look(story, 5, 6);
		/* The window has been judged by then, and is taken back. */
		story_look(story, 7, 8);
		if (!before)
			story_gap(story, 1, 4, 5);
		story_look(story, 9, 10);
		assert_string_equal(story_ids(story), "");
		assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
		assert_true(story_summary(story)->undetermined_windows >= 1);
		assert_true(story_summary(story)->limit_count >= 1);
		story_end(story);
	}
}

static void clean_window_with_a_gap_is_not_clean(void **state)
{
	struct story *story = usual();
	uint64_t call = story_set(story, 1, 9, 3, 4), later;

	(void)state;
	story_look(story, 5, 6);
	story_look(story, 7, 8);
	story_gap(story, 1, 4, 5);
	later = story_set(story, 1, 9, 9, 10);
	story_look(story, 11, 12);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, later), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void gap_survives_a_checkpoint(void **state)
{
	struct story *story = usual();
	uint64_t call;

	(void)state;
	story_gap(story, 1, 3, 4);
	story_checkpoint(story, 1);
	call = story_set(story, 2, 9, 5, 6);
	story_state(story, "f2.current", 9);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

static void gap_elsewhere_changes_nothing(void **state)
{
	struct story *story = usual();
	uint64_t call = story_set(story, 2, 9, 3, 4);

	(void)state;
	story_state(story, "f2.current", 9);
	story_look(story, 5, 6);
	story_look(story, 7, 8);
	story_gap(story, 1, 20, 21);
	assert_string_equal(story_ids(story), "E01");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
	story_end(story);
}

/* ---- what cannot be seen ---- */

static void never_observed_after(void **state)
{
	struct story *story = usual();
	uint64_t call = story_set(story, 1, 9, 3, 4);

	(void)state;
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

static void not_observed_before(void **state)
{
	struct story *story = story_begin();
	uint64_t early, across;

	(void)state;
	story_cel(story, 0, SET, NOW, 0);
	story_features(story, 0, 1, NOW, CHANGEABLE, 0);
	story_state(story, "f1.current", 0);
	early = story_set(story, 1, 9, 1, 2);
	across = story_set(story, 1, 9, 3, 6);
	story_look(story, 4, 5);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, early), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, across), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

static void volatile_is_never_a_finding(void **state)
{
	struct story *story = usual();
	uint64_t call;

	(void)state;
	story_volatile(story, "cxl.health.volatile");
	story_state(story, "cxl.health.volatile", 1);
	story_look(story, 3, 4);
	call = story_set(story, 1, 9, 5, 6);
	story_state(story, "cxl.health.volatile", 2);
	story_look(story, 7, 8);
	story_state(story, "cxl.health.volatile", 3);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void target_that_cannot_be_read_back(void **state)
{
	struct story *story = usual();
	uint64_t call, other;

	(void)state;
	story_unreadable(story, "f1.current");
	story_look(story, 3, 4);
	call = story_set(story, 1, 9, 5, 6);
	story_look(story, 7, 8);
	other = story_set(story, 3, 9, 9, 10);
	story_state(story, "f3.current", 9);
	story_look(story, 11, 12);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, other), FWA_VERDICT_CONFORMS);
	assert_int_equal(story_summary(story)->devices[0].unreadable_keys, 1);
	story_end(story);
}

static void class_that_nobody_can_see(void **state)
{
	struct story *story = story_begin();
	uint64_t call, plain;

	(void)state;
	story_cel(story, 0, GET, 0, SET, 0x20 | NOW, 0);
	story_features(story, 0, 1, 0x20 | NOW, CHANGEABLE, 2, NOW, CHANGEABLE, 0);
	story_state(story, "f1.current", 0);
	story_state(story, "f2.current", 0);
	story_look(story, 1, 2);
	call = story_set(story, 1, 9, 3, 4);
	plain = story_set(story, 2, 9, 5, 6);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, plain), FWA_VERDICT_CONFORMS);
	assert_true(story_summary(story)->devices[0].not_observable &
		    FWA_EFFECT_SECURITY_STATE);
	assert_true(story_summary(story)->devices[0].not_observable &
		    FWA_EFFECT_DATA_IMMEDIATE);
	assert_true(story_summary(story)->devices[0].observable &
		    FWA_EFFECT_CONFIG_IMMEDIATE);
	story_end(story);
}

static void unreadable_for_a_while(void **state)
{
	struct story *story = usual();
	uint64_t call, last;

	(void)state;
	call = story_set(story, 2, 9, 3, 4);
	story_unreadable(story, "f2.current");
	story_look(story, 5, 6);
	last = story_set(story, 1, 9, 7, 8);
	story_state(story, "f2.current", 9);
	story_look(story, 9, 10);
	/* It changed; nobody knows in which of the two windows. */
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, last), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

static void feature_that_vanishes(void **state)
{
	struct story *story = usual();

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_gone(story, "f3.entry");
	story_look(story, 5, 6);
	assert_int_equal(only(story, "E01")->observed, FWA_EFFECT_CAPABILITY);
	story_end(story);
}

/* ---- the collector's own ---- */

static void own_reads_are_no_cause_and_own_writes_are(void **state)
{
	struct story *story = usual();

	(void)state;
	story_call(story, (struct call){.opcode = GET,
					.feature = 1,
					.own = true,
					.entered = 3,
					.returned = 4});
	story_state(story, "f2.current", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "E03");
	story_end(story);

	story = usual();
	story_call(story, (struct call){.opcode = SET,
					.feature = 2,
					.own = true,
					.scope = 3,
					.entered = 3,
					.returned = 4});
	story_state(story, "f2.current", 9);
	story_look(story, 5, 6);
	assert_non_null(strstr(only(story, "E01")->sentence, "own"));
	story_end(story);
}

static void other_ioctls_carry_no_command(void **state)
{
	struct story *story = usual();
	uint64_t info;

	(void)state;
	info = story_call(
		story,
		(struct call){.ioctl = FWA_FWCTL_INFO, .entered = 3, .returned = 4});
	story_state(story, "f2.current", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "E03");
	assert_int_equal(story_verdict(story, info), FWA_VERDICT_NOT_JUDGED);
	story_end(story);
}

/* A call of unknown content may have done anything: nobody is blamed, nobody conforms. */
static void unknown_content_may_be_the_cause(void **state)
{
	struct story *story = usual();
	uint64_t unknown, known;

	(void)state;
	unknown = story_call(story, (struct call){.opcode = SET,
						  .no_request = true,
						  .entered = 3,
						  .returned = 5});
	known = story_set(story, 1, 9, 4, 6);
	story_state(story, "cxl.lsa", 9);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, unknown), FWA_VERDICT_NOT_JUDGED);
	assert_int_equal(story_verdict(story, known), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

/* More were counted in flight than there were, and a complete ledger shows it. */
static void complete_after_all(void **state)
{
	int how;

	(void)state;
	for (how = 0; how < 4; how++) {
		struct story *story = usual();
		uint64_t call = story_set(story, 2, 9, 3, 4);

		story_state(story, "f2.current", 9);
		story_look_in_flight(story, 5, 6, 1);
		story_look(story, 7, 8);
		if (how == 0)
			story_checkpoint(story, 0);
		else if (how == 1)
			story_shutdown(story);
		else if (how == 2)
			story_checkpoint(story, 1);
		else {
			/* It was lost when it returned, after the window. */
			story_gap(story, 1, 9, 10);
			story_shutdown(story);
		}
		assert_string_equal(story_ids(story), how < 2 ? "E01" : "");
		assert_int_equal(story_verdict(story, call),
				 how < 2 ? FWA_VERDICT_VIOLATES
					 : FWA_VERDICT_UNDETERMINED);
		if (how >= 2)
			assert_non_null(strstr(story_summary(story)->limits[1],
					       "1 observed keys changed in them"));
		story_end(story);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_after_all),
		cmocka_unit_test(gap_in_the_window),
		cmocka_unit_test(clean_window_with_a_gap_is_not_clean),
		cmocka_unit_test(gap_survives_a_checkpoint),
		cmocka_unit_test(gap_elsewhere_changes_nothing),
		cmocka_unit_test(never_observed_after),
		cmocka_unit_test(not_observed_before),
		cmocka_unit_test(volatile_is_never_a_finding),
		cmocka_unit_test(target_that_cannot_be_read_back),
		cmocka_unit_test(class_that_nobody_can_see),
		cmocka_unit_test(unreadable_for_a_while),
		cmocka_unit_test(feature_that_vanishes),
		cmocka_unit_test(own_reads_are_no_cause_and_own_writes_are),
		cmocka_unit_test(other_ioctls_carry_no_command),
		cmocka_unit_test(unknown_content_may_be_the_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
