/* SPDX-License-Identifier: Apache-2.0 */
/* What is declared, when, and what can be said of a declaration or a command by that alone. */
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
#define DATA       FWA_CXL_EFFECT_DATA_IMMEDIATE
#define SET        0x0502
#define GET        0x0501

static struct story *observed(struct story *story)
{
	story_state(story, "f1.current", 0);
	story_state(story, "f1.saved", 0);
	story_state(story, "cxl.lsa", 0);
	story_look(story, 1, 2);
	return story;
}

/* ---- FWA-D01, FWA-D02 ---- */

static void contradiction(void **state)
{
	struct story *story = story_begin();
	const struct fwa_finding *finding;
	uint64_t cel, features;

	(void)state;
	cel = story_cel(story, 0, SET, NOW, 0);
	features = story_features(story, 0, 1, NOW, CHANGEABLE, 2, COLD | 0x0200,
				  CHANGEABLE, 3, COLD, 0, 0);
	/* Of the feature that cannot be set nothing is said. */
	assert_string_equal(story_ids(story), "D01");
	finding = fwa_findings_get(story_findings(story), 0);
	assert_int_equal(finding->declaration, features);
	assert_int_equal(finding->other_declaration, cel);
	assert_int_equal(finding->undeclared, FWA_EFFECT_CONFIG_COLD_RESET);
	assert_string_equal(finding->target, "02020202-0202-0202-0202-020202020202");
	story_end(story);
}

static void log_without_set_feature(void **state)
{
	struct story *story = story_begin();

	(void)state;
	story_features(story, 0, 1, NOW, CHANGEABLE, 2, NOW, CHANGEABLE, 0);
	story_cel(story, 0, GET, 0, 0);
	assert_string_equal(story_ids(story), "D01");
	assert_int_equal(fwa_findings_get(story_findings(story), 0)->count, 2);
	story_end(story);
}

static void said_once_for_the_same_content(void **state)
{
	struct story *story = story_begin();
	int run;

	(void)state;
	for (run = 0; run < 5; run++) {
		story_cel(story, 0, SET, NOW, SET, NOW, 0);
		story_features(story, 0, 1, COLD, CHANGEABLE, 0);
		story_run(story, run % 2 != 0);
	}
	story_cel(story, 0, SET, NOW, SET, NOW, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 0);
	assert_string_equal(story_ids(story), "D01 D02");
	story_end(story);
}

static const struct malformed {
	const char *what;
	uint8_t source;
	uint8_t content[2 * FWA_CXL_FEATURE_ENTRY_SIZE];
	size_t size;
	const char *ids;
} malformed[] = {
	{"well-formed", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x00}, 4, ""},
	{"empty", FWA_DECLARATION_CXL_CEL, {0}, 0, ""},
	{"secondary mailbox", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x82, 0x00}, 4, ""},
	{"reserved bit 12", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x10}, 4, "D02"},
	{"reserved bit 15", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x80}, 4, "D02"},
	{"bit 10 without 9", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x04}, 4, "D02"},
	{"bit 11 without 9", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x08}, 4, "D02"},
	{"bits 10 and 9", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x06}, 4, ""},
	{"bit 8 without 6", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x01}, 4, "D02"},
	{"bits 8 and 6", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x42, 0x01}, 4, ""},
	{"odd size", FWA_DECLARATION_CXL_CEL, {0x02, 0x05, 0x02, 0x00, 0x01}, 5, "D02"},
	{"twice",
	 FWA_DECLARATION_CXL_CEL,
	 {0x02, 0x05, 0x02, 0x00, 0x02, 0x05, 0x02, 0x00},
	 8,
	 "D02"},
	{"feature", FWA_DECLARATION_CXL_FEATURES, {[28] = 0x02}, 48, ""},
	{"feature, reserved", FWA_DECLARATION_CXL_FEATURES, {[29] = 0x20}, 48, "D02"},
	{"feature, truncated", FWA_DECLARATION_CXL_FEATURES, {[28] = 0x02}, 47, "D02"},
	{"feature, twice", FWA_DECLARATION_CXL_FEATURES, {[28] = 0x02}, 96, "D02"},
};

static void malformed_declarations(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct story *story = story_begin();

		print_message("%s\n", malformed[i].what);
		story_declare(story, 0, malformed[i].source, malformed[i].content,
			      malformed[i].size);
		assert_string_equal(story_ids(story), malformed[i].ids);
		story_end(story);
	}
}

/* ---- which declaration ---- */

static void valid_at_that_time(void **state)
{
	struct story *story = story_begin();
	uint64_t before, after;

	(void)state;
	story_cel(story, 0, SET, COLD | NOW, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 0);
	observed(story);
	before = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	/* It says so only now: too late for the first, in time for the second. */
	story_features(story, 7, 1, NOW, CHANGEABLE, 0);
	after = story_set(story, 1, 8, 8, 9);
	story_state(story, "f1.current", 8);
	story_look(story, 10, 11);
	assert_string_equal(story_ids(story), "E01");
	assert_int_equal(story_verdict(story, before), FWA_VERDICT_VIOLATES);
	assert_int_equal(story_verdict(story, after), FWA_VERDICT_CONFORMS);
	story_end(story);
}

/* The record of the call comes after that of the declaration, the call came before it. */
static void declaration_recorded_first(void **state)
{
	struct story *story = story_begin();
	uint64_t call;

	(void)state;
	story_cel(story, 0, SET, COLD | NOW, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 0);
	observed(story);
	story_features(story, 7, 1, NOW, CHANGEABLE, 0);
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 8, 9);
	assert_string_equal(story_ids(story), "E01");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
	story_end(story);
}

static void feature_is_judged_by_its_entry(void **state)
{
	struct story *story = story_begin();

	(void)state;
	/* The log is the union over all features; it vouches for none. */
	story_cel(story, 0, SET, COLD | NOW | DATA, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 0);
	observed(story);
	story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "E01");
	story_end(story);
}

static void feature_without_an_entry_is_judged_by_the_log(void **state)
{
	struct story *story = story_begin();
	uint64_t call;

	(void)state;
	story_cel(story, 0, SET, NOW, 0);
	story_declare(story, 0, FWA_DECLARATION_CXL_FEATURES, NULL, 0);
	observed(story);
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_CONFORMS);
	story_end(story);
}

static void nothing_declares(void **state)
{
	struct story *story = story_begin();
	uint64_t call;

	(void)state;
	story_declare(story, 0, FWA_DECLARATION_CXL_CEL, NULL, 0);
	story_declare(story, 0, FWA_DECLARATION_CXL_FEATURES, NULL, 0);
	observed(story);
	call = story_set(story, 1, 9, 3, 4);
	story_state(story, "f1.current", 9);
	story_look(story, 5, 6);
	assert_string_equal(story_ids(story), "");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_NOT_JUDGED);
	assert_true(story_summary(story)->limit_count >= 1);
	story_end(story);
}

/* A device cannot escape judgement by not showing its declarations any more. */
static void declaration_that_becomes_unreadable_stands(void **state)
{
	struct story *story = story_begin();
	uint64_t call;

	(void)state;
	story_cel(story, 0, SET, COLD, 0);
	story_features(story, 0, 1, COLD, CHANGEABLE, 0);
	observed(story);
	story_declare(story, 3, FWA_DECLARATION_CXL_FEATURES, NULL, 0);
	story_declare(story, 3, FWA_DECLARATION_CXL_CEL, NULL, 0);
	call = story_set(story, 1, 9, 4, 5);
	story_state(story, "f1.current", 9);
	story_look(story, 6, 7);
	assert_string_equal(story_ids(story), "E01");
	assert_int_equal(story_verdict(story, call), FWA_VERDICT_VIOLATES);
	story_end(story);
}

/* ---- FWA-E04, FWA-S01, undeclared background ---- */

static const struct alone {
	const char *what;
	struct call call;
	const char *ids;
	enum fwa_verdict verdict;
} alones[] = {
	{"declared in the log", {.opcode = 0x4103, .scope = 3}, "", FWA_VERDICT_CONFORMS},
	{"vendor's, not declared",
	 {.opcode = 0xc123, .scope = 3},
	 "E04",
	 FWA_VERDICT_VIOLATES},
	{"not declared, refused",
	 {.opcode = 0xc123, .retval = 3},
	 "",
	 FWA_VERDICT_REFUSED},
	{"the kernel answers it", {.opcode = 0x0500}, "", FWA_VERDICT_CONFORMS},
	{"Get Feature that is listed",
	 {.opcode = GET, .feature = 1},
	 "",
	 FWA_VERDICT_CONFORMS},
	{"scope enough",
	 {.opcode = SET, .feature = 1, .scope = 3},
	 "",
	 FWA_VERDICT_CONFORMS},
	{"scope 2 for an immediate effect",
	 {.opcode = SET, .feature = 1, .scope = 2},
	 "S01",
	 FWA_VERDICT_VIOLATES},
	{"scope 2 for a reset",
	 {.opcode = SET, .feature = 2, .scope = 2},
	 "",
	 FWA_VERDICT_CONFORMS},
	{"scope 1 for a reset",
	 {.opcode = SET, .feature = 2, .scope = 1},
	 "S01",
	 FWA_VERDICT_VIOLATES},
	{"scope too low, refused",
	 {.opcode = SET, .feature = 1, .result = -22},
	 "",
	 FWA_VERDICT_REFUSED},
	{"never to be let pass",
	 {.opcode = SET, .feature = 3, .scope = 3},
	 "S01",
	 FWA_VERDICT_VIOLATES},
	{"background, not declared",
	 {.opcode = SET, .feature = 1, .scope = 3, .retval = 1},
	 "E01",
	 FWA_VERDICT_VIOLATES},
	{"background, declared",
	 {.opcode = 0x4300, .scope = 3, .retval = 1},
	 "",
	 FWA_VERDICT_CONFORMS},
	{"no answer captured",
	 {.opcode = 0xc123, .no_response = true},
	 "",
	 FWA_VERDICT_CONFORMS},
};

static void by_declaration_alone(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(alones) / sizeof(alones[0]); i++) {
		struct story *story = story_begin();
		struct call call = alones[i].call;
		uint64_t sequence;

		print_message("%s\n", alones[i].what);
		story_cel(story, 0, SET, NOW | COLD, 0x4103, NOW, 0x4300, 0x40 | NOW, 0);
		story_features(story, 0, 1, NOW, CHANGEABLE, 2, COLD, CHANGEABLE, 3, NOW,
			       0, 0);
		story_state(story, "f2.current", 0);
		story_state(story, "f3.current", 0);
		observed(story);
		call.entered = 4;
		call.returned = 5;
		sequence = story_call(story, call);
		story_look(story, 6, 7);
		assert_string_equal(story_ids(story), alones[i].ids);
		assert_int_equal(story_verdict(story, sequence), alones[i].verdict);
		story_end(story);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contradiction),
		cmocka_unit_test(log_without_set_feature),
		cmocka_unit_test(said_once_for_the_same_content),
		cmocka_unit_test(malformed_declarations),
		cmocka_unit_test(valid_at_that_time),
		cmocka_unit_test(declaration_recorded_first),
		cmocka_unit_test(feature_is_judged_by_its_entry),
		cmocka_unit_test(feature_without_an_entry_is_judged_by_the_log),
		cmocka_unit_test(nothing_declares),
		cmocka_unit_test(declaration_that_becomes_unreadable_stands),
		cmocka_unit_test(by_declaration_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
