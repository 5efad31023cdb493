/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a change is attributed to, and when that is a finding. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "schema/fwctl.h"
#include "usual.h"

static void assert_record(const struct fwa_finding *finding, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < finding->record_count; i++) {
		if (finding->records[i].sequence == sequence) {
			assert_true(finding->records[i].has_leaf);
			assert_int_equal(fwa_le64(finding->records[i].leaf), sequence);
			return;
		}
	}
	fail_msg("record %llu does not prove the finding", (unsigned long long)sequence);
}

/* ---- one command in the window: what it declares, what changes, the verdict ---- */

static const struct single {
	const char *what;
	unsigned feature;
	const char *changes[4];
	const char *ids;
	enum fwa_verdict verdict;
	uint32_t undeclared;
} singles[] = {
	{"nothing changes", 1, {NULL}, "", FWA_VERDICT_CONFORMS, 0},
	{"honest, at once", 1, {"f1.current"}, "", FWA_VERDICT_CONFORMS, 0},
	{"honest, at once and saved",
	 1,
	 {"f1.current", "f1.saved"},
	 "",
	 FWA_VERDICT_CONFORMS,
	 0},
	{"honest, pending", 2, {"f2.saved"}, "", FWA_VERDICT_CONFORMS, 0},
	{"honest policy", 3, {"f3.current"}, "", FWA_VERDICT_CONFORMS, 0},
	{"honest policy elsewhere",
	 3,
	 {"f3.current", "cxl.alert_config"},
	 "",
	 FWA_VERDICT_CONFORMS,
	 0},
	{"honest, of another class",
	 4,
	 {"f4.current", "f4.saved", "cxl.lsa"},
	 "",
	 FWA_VERDICT_CONFORMS,
	 0},
	{"of another class, and another feature",
	 4,
	 {"f4.current", "f1.current"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
	{"of another class, and configuration",
	 4,
	 {"f4.current", "cxl.identify"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
	{"declares a reset, changes at once",
	 2,
	 {"f2.current"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
	{"at once and saved",
	 2,
	 {"f2.current", "f2.saved"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
	{"another feature",
	 1,
	 {"f1.current", "f2.current"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
	{"another feature's saved value",
	 2,
	 {"f2.saved", "f1.saved"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 0},
	{"saves something else than it makes current",
	 1,
	 {"f1.saved"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECTS_DEFERRED},
	{"data",
	 1,
	 {"f1.current", "cxl.lsa"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_DATA_IMMEDIATE},
	{"log",
	 1,
	 {"cxl.supported_logs"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_LOG_IMMEDIATE},
	{"policy",
	 1,
	 {"cxl.shutdown_state"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_POLICY_IMMEDIATE},
	{"firmware",
	 1,
	 {"cxl.firmware_info"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_FIRMWARE},
	{"capability",
	 1,
	 {"f1.entry"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CAPABILITY},
	{"configuration that no feature owns",
	 1,
	 {"cxl.identify"},
	 "",
	 FWA_VERDICT_CONFORMS,
	 0},
	{"the same, declared for a reset",
	 2,
	 {"cxl.identify"},
	 "E01",
	 FWA_VERDICT_VIOLATES,
	 FWA_EFFECT_CONFIG_IMMEDIATE},
};

static void one_command(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		const struct single *single = &singles[i];
		struct story *story = usual();
		uint64_t call = story_set(story, single->feature, 9, 3, 4);
		const struct fwa_finding *finding;
		uint64_t look;

		print_message("%s\n", single->what);
		for (k = 0; single->changes[k]; k++)
			story_state(story, single->changes[k], 9);
		look = story_look(story, 5, 6);
		assert_string_equal(story_ids(story), single->ids);
		assert_int_equal(story_verdict(story, call), single->verdict);
		if (single->ids[0]) {
			finding = fwa_findings_get(story_findings(story), 0);
			assert_record(finding, call);
			assert_record(finding, look);
			assert_string_equal(finding->command, "Set Feature (0502h)");
			assert_string_equal(finding->device_name, "fwctl0");
			assert_true(finding->has_declaration && finding->has_from &&
				    finding->has_to);
			if (single->undeclared)
				assert_int_equal(finding->undeclared, single->undeclared);
		}
		story_end(story);
	}
}

static void finding_says_who_and_what(void **state)
{
	struct story *story = usual();
	const struct fwa_finding *finding;
	uint64_t call;

	(void)state;
	call = story_set(story, 2, 9, 3, 4);
	story_state(story, "f2.current", 9);
	story_look(story, 5, 6);
	finding = only(story, "E01");
	assert_int_equal(finding->records[0].sequence, call);
	assert_int_equal(finding->declared, FWA_EFFECT_CONFIG_COLD_RESET);
	assert_int_equal(finding->observed, FWA_EFFECT_CONFIG_IMMEDIATE);
	assert_int_equal(finding->change_total, 1);
	assert_string_equal(finding->changes[0].key, story_key("f2.current"));
	assert_true(finding->changes[0].has_before && finding->changes[0].has_after);
	assert_non_null(strstr(finding->sentence, "config-cold-reset"));
	assert_non_null(strstr(finding->sentence, "config-immediate"));
	assert_int_equal(finding->opcode, SET);
	assert_int_equal(finding->scope, 3);
	/* The window: from the start of the snapshot before it to the end of the one after it. */
	assert_int_equal(finding->from, UINT64_C(1800000000000000000) + 1 * 1000000);
	assert_int_equal(finding->to, UINT64_C(1800000000000000000) + 6 * 1000000);
	story_end(story);
}

/* ---- several, or none ---- */

static void several_of_which_one_declares(void **state)
{
	struct story *story = usual();
	uint64_t one, other;

	(void)state;
	one = story_set(story, 1, 9, 3, 5);
	other = story_set(story, 2, 9, 4, 6);
	story_state(story, "f1.current", 9);
	story_state(story, "f2.saved", 9);
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, one), FWA_VERDICT_CONFORMS);
	assert_int_equal(story_verdict(story, other), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void several_of_which_none_declares(void **state)
{
	struct story *story = usual();
	const struct fwa_finding *finding;
	uint64_t one, other;

	(void)state;
	one = story_set(story, 1, 9, 3, 5);
	other = story_call(
		story,
		(struct call){.opcode = GET, .feature = 2, .entered = 4, .returned = 6});
	story_state(story, "cxl.lsa", 9);
	story_look(story, 7, 8);
	finding = only(story, "E02");
	assert_record(finding, one);
	assert_record(finding, other);
	assert_int_equal(finding->count, 2);
	assert_string_equal(finding->command, "");
	/* Neither is said to violate, neither to conform. */
	assert_int_equal(story_verdict(story, one), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_verdict(story, other), FWA_VERDICT_UNDETERMINED);
	story_end(story);
}

/* However many there are that just read: who could have done it has to be among the records. */
static void one_among_many_that_read(void **state)
{
	struct story *story = usual();
	const struct fwa_finding *finding;
	uint64_t set = 0, i;

	(void)state;
	for (i = 0; i < 3 * FWA_FINDING_RECORDS_MAX; i++) {
		if (i == 2 * FWA_FINDING_RECORDS_MAX)
			set = story_set(story, 2, 9, 3, 5);
		story_call(story, (struct call){.opcode = GET,
						.feature = 1,
						.entered = 3,
						.returned = 4});
	}
	story_state(story, "f1.current", 9);
	story_look(story, 6, 7);
	finding = only(story, "E02");
	assert_int_equal(finding->records[0].sequence, set);
	story_end(story);
}

/* Read one after the other: the current value before a command, the saved one after it. */
static void set_between_two_reads(void **state)
{
	struct story *story = usual();
	uint64_t first, second;

	(void)state;
	first = story_set(story, 1, 8, 3, 4);
	second = story_set(story, 1, 9, 6, 7);
	story_state(story, "f1.current", 8);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 8);
	story_state(story, "f1.current", 9);
	story_look(story, 9, 10);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, first), FWA_VERDICT_CONFORMS);
	assert_int_equal(story_verdict(story, second), FWA_VERDICT_CONFORMS);
	story_end(story);
}

/* Saved and current at once, and then the other command changed the current value. */
static void current_no_more(void **state)
{
	struct story *story = usual();
	uint64_t first;

	(void)state;
	first = story_set(story, 1, 9, 3, 4);
	story_set(story, 1, 8, 3, 5);
	story_state(story, "f1.saved", 9);
	story_state(story, "f1.current", 8);
	story_look(story, 6, 7);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, first), FWA_VERDICT_CONFORMS);
	story_end(story);
}

/* Reading does not change what is current. */
static void saved_beside_a_reading(void **state)
{
	struct story *story = usual();

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_call(
		story,
		(struct call){.opcode = GET, .feature = 1, .entered = 3, .returned = 4});
	story_state(story, "f1.saved", 9);
	story_look(story, 6, 7);
	assert_string_equal(story_ids(story), "E02");
	story_end(story);
}

/* Nothing was under way while the observer looked: it is saved, and not current. */
static void saved_and_not_current(void **state)
{
	struct story *story = usual();

	(void)state;
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.saved", 9);
	story_look(story, 5, 8);
	assert_string_equal(story_ids(story), "E01");
	story_end(story);
}

static void nobody(void **state)
{
	struct story *story = usual();
	uint64_t call;

	(void)state;
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	story_state(story, "f2.current", 3);
	story_look(story, 7, 8);
	assert_non_null(
		strstr(only(story, "E03")->sentence, "no captured command explains it"));
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void another_device_is_no_cause(void **state)
{
	struct story *story = usual();

	(void)state;
	story_use(story, 1);
	story_cel(story, 2, SET, NOW | DATA | POLICY | LOG, 0);
	story_features(story, 2, 1, NOW | DATA | POLICY | LOG, CHANGEABLE, 0);
	story_set(story, 1, 9, 3, 4);
	story_use(story, 0);
	story_state(story, "cxl.lsa", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "E03");
	story_end(story);
}

/* A call that overlaps a snapshot is in the windows on both sides of it. */
static void call_across_a_snapshot(void **state)
{
	struct story *story = usual();
	uint64_t call;

	(void)state;
	story_look_in_flight(story, 5, 6, 1);
	call = story_set(story, 2, 9, 4, 7);
	story_state(story, "f2.current", 9);
	story_look(story, 8, 9);
	assert_string_equal(story_ids(story), "E01");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
	story_end(story);
}

static void change_before_the_call_in_flight_returns(void **state)
{
	struct story *story = usual();
	uint64_t call, look;

	(void)state;
	story_state(story, "f2.current", 9);
	look = story_look_in_flight(story, 5, 6, 1);
	/* Its record comes after the snapshot's, which has to wait for it. */
	call = story_set(story, 2, 9, 4, 7);
	story_look(story, 8, 9);
	assert_record(only(story, "E01"), call);
	assert_record(fwa_findings_get(story_findings(story), 0), look);
	story_end(story);
}

static void call_in_flight_that_never_comes(void **state)
{
	struct story *story = usual();
	uint64_t call;

	(void)state;
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "cxl.lsa", 9);
	story_look_in_flight(story, 5, 6, 1);
	story_look(story, 8, 9);
	/* Somebody else was there, and nobody knows who. */
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_UNDETERMINED);
	assert_int_equal(story_summary(story)->undetermined_windows, 1);
	story_end(story);
}

/* Two windows blame one command: one finding. */
static void one_finding_for_one_command(void **state)
{
	struct story *story = usual();
	const struct fwa_finding *finding;
	uint64_t call;

	(void)state;
	story_state(story, "cxl.lsa", 9);
	story_look_in_flight(story, 5, 6, 1);
	call = story_set(story, 2, 9, 4, 7);
	story_checkpoint(story, 1);
	story_state(story, "f2.current", 9);
	story_look(story, 8, 9);
	finding = only(story, "E01");
	assert_int_equal(finding->records[0].sequence, call);
	assert_int_equal(finding->change_total, 2);
	story_end(story);
}

/* ---- refused ---- */

static void refused_and_nothing_changed(void **state)
{
	struct story *story = usual();
	uint64_t kernel, device;

	(void)state;
	kernel = story_call(story, (struct call){.opcode = SET,
						 .feature = 1,
						 .entered = 3,
						 .returned = 4,
						 .result = -EPERM});
	device = story_call(story, (struct call){.opcode = SET,
						 .feature = 1,
						 .scope = 3,
						 .entered = 5,
						 .returned = 6,
						 .retval = 2});
	story_look(story, 7, 8);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, kernel), FWA_VERDICT_REFUSED);
	assert_int_equal(story_verdict(story, device), FWA_VERDICT_REFUSED);
	story_end(story);
}

static void refused_yet_changed(void **state)
{
	static const struct call calls[] = {
		{.opcode = SET,
		 .feature = 1,
		 .entered = 3,
		 .returned = 4,
		 .result = -EPERM},
		{.opcode = SET,
		 .feature = 1,
		 .scope = 3,
		 .entered = 3,
		 .returned = 4,
		 .retval = 2},
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct story *story = usual();
		uint64_t call = story_call(story, calls[i]);

		/* What it declares does not matter: it was not to be executed. */
		story_state(story, "f1.current", 9);
		story_look(story, 5, 6);
		assert_non_null(strstr(only(story, "E01")->sentence, "yet it"));
		assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
		story_end(story);
	}
}

static void refused_by_the_kernel_is_no_cause_beside_another(void **state)
{
	struct story *story = usual();
	uint64_t refused, liar;

	(void)state;
	refused = story_call(story, (struct call){.opcode = SET,
						  .feature = 1,
						  .entered = 3,
						  .returned = 4,
						  .result = -EPERM});
	liar = story_set(story, 2, 9, 4, 5);
	story_state(story, "f2.current", 9);
	story_look(story, 6, 7);
	assert_int_equal(only(story, "E01")->records[0].sequence, liar);
	assert_int_equal(story_verdict(story, refused), FWA_VERDICT_REFUSED);
	story_end(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_command),
		cmocka_unit_test(finding_says_who_and_what),
		cmocka_unit_test(several_of_which_one_declares),
		cmocka_unit_test(several_of_which_none_declares),
		cmocka_unit_test(one_among_many_that_read),
		cmocka_unit_test(set_between_two_reads),
		cmocka_unit_test(current_no_more),
		cmocka_unit_test(saved_beside_a_reading),
		cmocka_unit_test(saved_and_not_current),
		cmocka_unit_test(nobody),
		cmocka_unit_test(another_device_is_no_cause),
		cmocka_unit_test(call_across_a_snapshot),
		cmocka_unit_test(change_before_the_call_in_flight_returns),
		cmocka_unit_test(call_in_flight_that_never_comes),
		cmocka_unit_test(one_finding_for_one_command),
		cmocka_unit_test(refused_and_nothing_changed),
		cmocka_unit_test(refused_yet_changed),
		cmocka_unit_test(refused_by_the_kernel_is_no_cause_beside_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
