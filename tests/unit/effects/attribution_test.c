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
#include "story.h"

#define CHANGEABLE FWA_CXL_FEATURE_CHANGEABLE
#define COLD       FWA_CXL_EFFECT_CONFIG_COLD_RESET
#define NOW        FWA_CXL_EFFECT_CONFIG_IMMEDIATE
#define DATA       FWA_CXL_EFFECT_DATA_IMMEDIATE
#define POLICY     FWA_CXL_EFFECT_POLICY_IMMEDIATE
#define LOG        FWA_CXL_EFFECT_LOG_IMMEDIATE
#define BACKGROUND FWA_CXL_EFFECT_BACKGROUND
#define CONVENTIONAL                                                                     \
	(FWA_CXL_EFFECT_RESETS_VALID | FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET)
#define SET 0x0502
#define GET 0x0501

/*
 * A device with features: 1 changes at once and says so, 2 says that it waits for a cold reset, 3
 * and 4 say that they change policy and data at once. Observed from 1 to 2.
 */
static struct story *usual(void)
{
	static const char *const keys[] = {
		"f1.current", "f1.default", "f1.saved",   "f1.entry",   "f2.current",
		"f2.default", "f2.saved",   "f2.entry",   "f3.current", "f3.default",
		"f3.saved",   "f3.entry",   "f4.current", "f4.saved"};
	static const char *const others[] = {"cxl.identify",       "cxl.partition_info",
					     "cxl.firmware_info",  "cxl.lsa",
					     "cxl.alert_config",   "cxl.shutdown_state",
					     "cxl.supported_logs", "cxl.cel"};
	struct story *story = story_begin();
	size_t i;

	story_cel(story, 0, 0x0500, 0, GET, 0, SET, COLD | NOW | POLICY | DATA, 0x4103,
		  DATA, 0);
	story_features(story, 0, 1, NOW, CHANGEABLE, 2, COLD, CHANGEABLE, 3, POLICY,
		       CHANGEABLE, 4, DATA, CHANGEABLE, 0);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		story_state(story, keys[i], 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		story_state(story, others[i], 0);
	story_look(story, 1, 2);
	return story;
}

static const struct fwa_finding *only(struct story *story, const char *id)
{
	assert_string_equal(story_ids(story), id);
	return fwa_findings_get(story_findings(story), 0);
}

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
	story_checkpoint(story);
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
	story_checkpoint(story);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_command),
		cmocka_unit_test(finding_says_who_and_what),
		cmocka_unit_test(several_of_which_one_declares),
		cmocka_unit_test(several_of_which_none_declares),
		cmocka_unit_test(nobody),
		cmocka_unit_test(another_device_is_no_cause),
		cmocka_unit_test(call_across_a_snapshot),
		cmocka_unit_test(change_before_the_call_in_flight_returns),
		cmocka_unit_test(call_in_flight_that_never_comes),
		cmocka_unit_test(one_finding_for_one_command),
		cmocka_unit_test(refused_and_nothing_changed),
		cmocka_unit_test(refused_yet_changed),
		cmocka_unit_test(refused_by_the_kernel_is_no_cause_beside_another),
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
