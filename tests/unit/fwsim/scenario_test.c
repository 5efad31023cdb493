/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: what is shipped is read, and what is wrong is named. */
#include "tests/unit/fwsim/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void what_is_shipped_is_read(void **state)
{
	static const char *const names[] = {"honest", "liar", "contradiction", "echo",
					    "refusals"};
	static char text[65536];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fwsim_scenario *scenario;
		struct fwa_error error = {""};
		char path[1024];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s.json", FWSIM_SCENARIOS, names[i]);
		file = fopen(path, "rb");
		assert_non_null(file);
		size = fread(text, 1, sizeof(text), file);
		fclose(file);
		if (fwsim_scenario_parse(path, text, size, &scenario, &error) < 0)
			fail_msg("%s", error.sentence);
		fwsim_scenario_free(scenario);
	}
}

/* In liar.json the log has to declare for Set Feature all that a feature declares. */
static void a_made_up_cel_agrees_with_the_features(void **state)
{
	struct bench *bench = bench_new(
		"\"features\": ["
		"{\"uuid\": \"00000000-0000-4000-8000-000000000001\", \"size\": 1,"
		" \"effects\": [\"config-immediate\"]},"
		"{\"uuid\": \"00000000-0000-4000-8000-000000000002\", \"size\": 1,"
		" \"effects\": [\"config-conventional-reset\"]}],"
		"\"commands\": [{\"opcode\": \"c001\", \"effects\": "
		"[\"data-immediate\"]}],"
		"\"cel_overrides\": [{\"opcode\": \"4103\", \"effects\": \"0x0004\"}]");
	const struct fwsim_region *cel = &bench->device->cel;
	uint16_t effects;

	(void)state;
	assert_int_equal(fwa_cxl_cel_find(cel->data, cel->size, 0x0502, &effects), 0);
	assert_int_equal(effects, 0x0602);
	assert_int_equal(fwa_cxl_cel_find(cel->data, cel->size, 0xc001, &effects), 0);
	assert_int_equal(effects, 0x0004);
	assert_int_equal(fwa_cxl_cel_find(cel->data, cel->size, 0x4103, &effects), 0);
	assert_int_equal(fwa_cxl_cel_find(cel->data, cel->size, 0x4000, &effects), 0);
	assert_int_equal(effects, 0);
	bench_free(bench);
}

#define FEATURE                                                                          \
	"\"features\": [{\"name\": \"a\", \"uuid\": "                                    \
	"\"00000000-0000-4000-8000-000000000001\","                                      \
	" \"size\": 4, \"effects\": []}]"

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *inside, *expected;
	} cases[] = {
		{"\"colour\": 1", "devices[0]: \"colour\" is not a key"},
		{"\"gate\": \"open\"",
		 "devices[0].gate: \"open\" is not one of: kernel, none"},
		{"\"mode\": \"rw\"", "devices[0].mode: write the mode"},
		{"\"lsa\": {\"size\": 1, \"hex\": \"0011\"}",
		 "devices[0].lsa.hex: there is room for 1"},
		{"\"health\": {\"life_used\": 256}",
		 "devices[0].health.life_used: this has to lie"},
		{"\"identify\": {\"firmware_revision\": \"seventeen letters\"}",
		 "16 characters"},
		{"\"features\": [{}]",
		 "devices[0].features[0]: the key \"size\" is missing"},
		{"\"features\": [{\"uuid\": \"x\", \"size\": 1, \"effects\": []}]",
		 "not a UUID"},
		{"\"features\": [{\"uuid\": \"00000000-0000-4000-8000-000000000001\", "
		 "\"size\": 1,"
		 " \"effects\": [\"magic\"]}]",
		 "devices[0].features[0].effects[0]: \"magic\""},
		{"\"features\": [{\"uuid\": \"00000000-0000-4000-8000-000000000001\", "
		 "\"size\": 1,"
		 " \"effects\": \"513\"}]",
		 "neither a list of effects"},
		{"\"commands\": [{\"opcode\": \"0502\"}]",
		 "a vendor's opcodes are c000 to ffff"},
		{"\"commands\": [{\"opcode\": 1282}]",
		 "devices[0].commands[0].opcode: this has to be a"},
		{"\"cel\": [], \"cel_overrides\": []", "is the whole log already"},
		{"\"behaviours\": [{}]",
		 "devices[0].behaviours[0]: the key \"trigger\" is missing"},
		{"\"behaviours\": [{\"trigger\": {}}]",
		 "say what sets this behaviour off"},
		{"\"behaviours\": [{\"trigger\": {\"opcode\": \"0500\"}}]",
		 "the kernel answers 0500h"},
		{"\"behaviours\": [{\"trigger\": {\"feature\": \"z\"}}]",
		 "has no feature \"z\""},
		{"\"behaviours\": [{\"trigger\": {\"reset\": \"cold\"}, \"suppress\": "
		 "true}]",
		 "devices[0].behaviours[0].suppress: this needs a trigger that is a "
		 "command"},
		{FEATURE
		 ", \"behaviours\": [{\"trigger\": {\"opcode\": \"0501\"}, \"effects\": ["
		 "{\"target\": \"feature\", \"feature\": \"a\"}]}]",
		 "devices[0].behaviours[0].effects[0]: give one of"},
		{FEATURE
		 ", \"behaviours\": [{\"trigger\": {\"opcode\": \"0501\"}, \"effects\": ["
		 "{\"target\": \"feature\", \"feature\": \"a\", \"hex\": "
		 "\"0011223344\"}]}]",
		 "effects[0].hex: there is room for 4 bytes"},
		{FEATURE
		 ", \"behaviours\": [{\"trigger\": {\"timer_ms\": 1}, \"effects\": ["
		 "{\"target\": \"feature\", \"feature\": \"a\", \"from_request\": "
		 "true}]}]",
		 "from_request: this needs a trigger that is a command"},
		{"\"behaviours\": [{\"trigger\": {\"opcode\": \"4000\"}, \"effects\": ["
		 "{\"target\": \"identify\", \"field\": \"total_capacity\", \"offset\": "
		 "1, \"add\": 1}]}]",
		 "effects[0].offset: \"field\" says this already"},
		{"\"behaviours\": [{\"trigger\": {\"opcode\": \"4000\"}, \"fail\": {}}]",
		 "give one of"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fwa_error error = {""};

		assert_int_equal(bench_try(cases[i].inside, &error), -EINVAL);
		if (strncmp(error.sentence, "test.json: devices[0]", 21) != 0 ||
		    !strstr(error.sentence, cases[i].expected))
			fail_msg("%s: %s", cases[i].inside, error.sentence);
	}
}

static void what_is_no_scenario_is_named(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"", "not JSON"},
		{"{\"format\": \"fwsim-scenario/1\",\n \"devices\": [}", "line 2"},
		{"[]", "has to be an object"},
		{"{}", "\"format\" is missing"},
		{"{\"format\": \"fwsim-scenario/2\", \"devices\": []}",
		 "this program reads"},
		{"{\"format\": \"fwsim-scenario/1\"}", "\"devices\" is missing"},
		{"{\"format\": \"fwsim-scenario/1\", \"devices\": []}",
		 "a device at least"},
		{"{\"format\": \"fwsim-scenario/1\", \"format\": 1, \"devices\": []}",
		 "duplicate"},
		{"{\"format\": \"fwsim-scenario/1\", \"devices\": [{\"name\": "
		 "\"fwctl01\"}]}",
		 "name the device"},
		{"{\"format\": \"fwsim-scenario/1\", \"devices\": [{\"name\": "
		 "\"fwctl1\"},"
		 " {\"name\": \"fwctl1\"}]}",
		 "fwctl1 is described twice"},
	};
	struct fwsim_scenario *scenario;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fwa_error error = {""};

		assert_int_equal(fwsim_scenario_parse("x.json", cases[i].text,
						      strlen(cases[i].text), &scenario,
						      &error),
				 -EINVAL);
		if (!strstr(error.sentence, cases[i].expected))
			fail_msg("%s: %s", cases[i].text, error.sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shipped_is_read),
		cmocka_unit_test(a_made_up_cel_agrees_with_the_features),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(what_is_no_scenario_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
