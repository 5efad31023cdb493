/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/daemon/options.h"

#define SECOND        UINT64_C(1000000000)
#define ARGUMENTS_MAX 600

/* Words separated by spaces. */
static int parse(const char *line, struct fwa_options *options, struct fwa_error *error)
{
	static char text[16384];
	static char *arguments[ARGUMENTS_MAX + 1];
	int count = 0;

	assert_true(strlen(line) < sizeof(text));
	strcpy(text, line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		assert_true(count < ARGUMENTS_MAX);
		arguments[count++] = word;
	}
	arguments[count] = NULL;
	return fwa_options_parse(count, arguments, options, error);
}

static void defaults_are_as_documented(void **unused)
{
	struct fwa_options options;

	(void)unused;
	assert_int_equal(0, parse("fwauditd --tpm device:/dev/tpmrm0 --ledger /l",
				  &options, NULL));
	assert_int_equal(FWA_ACTION_RUN, options.action);
	assert_string_equal("device:/dev/tpmrm0", options.tcti);
	assert_string_equal("/l", options.ledger);
	assert_int_equal(0, options.path_count);
	assert_int_equal(FWA_OBSERVE_ALL, options.observe);
	assert_int_equal(30 * SECOND, options.observe_interval);
	assert_int_equal(64 << 20, options.ring_size);
	assert_int_equal(65536, options.checkpoint_records);
	assert_int_equal(300 * SECOND, options.checkpoint_interval);
}

static void every_option_is_taken(void **unused)
{
	struct fwa_options options;

	(void)unused;
	assert_int_equal(
		0, parse("fwauditd run --tpm=swtpm:path=/t --ledger=/l --watch /a "
			 "--watch=/b --capture tracepoint --observe writes "
			 "--observe-interval 0 --ring-size 4096 --checkpoint-records 1 "
			 "--checkpoint-interval=5",
			 &options, NULL));
	assert_string_equal("swtpm:path=/t", options.tcti);
	assert_int_equal(2, options.path_count);
	assert_string_equal("/a", options.paths[0]);
	assert_string_equal("/b", options.paths[1]);
	assert_int_equal(FWA_OBSERVE_WRITES, options.observe);
	assert_int_equal(0, options.observe_interval);
	assert_int_equal(4096, options.ring_size);
	assert_int_equal(1, options.checkpoint_records);
	assert_int_equal(5 * SECOND, options.checkpoint_interval);
	assert_int_equal(0,
			 parse("fwauditd provision --tpm t --ledger l", &options, NULL));
	assert_int_equal(FWA_ACTION_PROVISION, options.action);
	assert_int_equal(0, parse("fwauditd run --nonsense --help", &options, NULL));
	assert_int_equal(FWA_ACTION_HELP, options.action);
	assert_int_equal(0, parse("fwauditd --version", &options, NULL));
	assert_int_equal(FWA_ACTION_VERSION, options.action);
}

static void wrong_usage_is_one_sentence(void **unused)
{
	static const struct {
		const char *line, *about;
	} cases[] = {
		{"fwauditd", "--tpm is missing"},
		{"fwauditd --tpm t", "--ledger is missing"},
		{"fwauditd provision --ledger l", "--tpm is missing"},
		{"fwauditd frob --tpm t --ledger l", "frob: no such command"},
		{"fwauditd --tpm t --ledger l extra", "extra: not an option"},
		{"fwauditd --tpm t --ledger l --frob", "--frob: no such option"},
		{"fwauditd --tpm t --ledger l --watc /a", "--watc: no such option"},
		{"fwauditd --tpm t --ledger", "--ledger: needs DIR"},
		{"fwauditd --tpm= --ledger l", "--tpm: needs TCTI"},
		{"fwauditd provision --tpm t --ledger l --watch /a",
		 "--watch: not an option of"},
		{"fwauditd --tpm t --ledger l --capture trampoline",
		 "auto or tracepoint"},
		{"fwauditd --tpm t --ledger l --observe some",
		 "all, writes, interval or off"},
		{"fwauditd --tpm t --ledger l --observe-interval -1",
		 "--observe-interval -1"},
		{"fwauditd --tpm t --ledger l --observe-interval 1.5",
		 "has to be a number"},
		{"fwauditd --tpm t --ledger l --observe-interval 99999999999999999999999",
		 "has to be a number"},
		{"fwauditd --tpm t --ledger l --ring-size 1", "--ring-size 1"},
		{"fwauditd --tpm t --ledger l --ring-size 12288", "power of two"},
		{"fwauditd --tpm t --ledger l --ring-size 68719476736",
		 "has to be a number"},
		{"fwauditd --tpm t --ledger l --checkpoint-records 0",
		 "--checkpoint-records 0"},
		{"fwauditd --tpm t --ledger l --checkpoint-interval 0",
		 "--checkpoint-interval 0"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fwa_options options = {.tcti = "untouched"};
		struct fwa_error error = {0};

		assert_int_equal(-EINVAL, parse(cases[i].line, &options, &error));
		if (!strstr(error.sentence, cases[i].about))
			fail_msg("%s: says \"%s\"", cases[i].line, error.sentence);
		assert_null(strchr(error.sentence, '\n'));
		assert_string_equal("untouched", options.tcti);
	}
}

static void too_many_devices_are_refused(void **unused)
{
	static char line[16384] = "fwauditd --tpm t --ledger l";
	struct fwa_options options;
	struct fwa_error error;

	(void)unused;
	for (unsigned i = 0; i < FWA_WATCH_PATHS_MAX; i++)
		strcat(line, " --watch=/a");
	assert_int_equal(0, parse(line, &options, &error));
	assert_int_equal(FWA_WATCH_PATHS_MAX, options.path_count);
	strcat(line, " --watch=/a");
	assert_int_equal(-EINVAL, parse(line, &options, &error));
}

static void help_names_every_option(void **unused)
{
	static const char *const names[] = {
		"--tpm",
		"--ledger",
		"--watch",
		"--capture",
		"--observe",
		"--ring-size",
		"--observe-interval",
		"--checkpoint-records",
		"provision",
		"--help",
		"--checkpoint-interval",
		"--version",
	};
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	(void)unused;
	assert_non_null(stream);
	fwa_options_help(stream);
	fclose(stream);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strstr(text, names[i]))
			fail_msg("help does not name %s", names[i]);
	/* It is read in a terminal. */
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 100);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_as_documented),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(wrong_usage_is_one_sentence),
		cmocka_unit_test(too_many_devices_are_refused),
		cmocka_unit_test(help_names_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
