/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "collector/daemon/clock.h"

#define FOR(action)    (1u << (action))
#define RING_DEFAULT   (UINT64_C(64) << 20)
#define RING_MAX       (UINT64_C(2) << 30)
#define INTERVAL_MAX   (UINT64_C(31536000)) /* a year of seconds */
#define SENTENCE_USAGE "; fwauditd --help tells the options"

static const struct {
	const char *name;
	enum fwa_action action;
	const char *help;
} actions[] = {
	{"run", FWA_ACTION_RUN, "record; the default"},
	{"provision", FWA_ACTION_PROVISION,
	 "set the TPM up for a new ledger and write its enrolment, once"},
};

static const char *const mode_names[] = {
	[FWA_OBSERVE_ALL] = "all",
	[FWA_OBSERVE_WRITES] = "writes",
	[FWA_OBSERVE_INTERVAL] = "interval",
	[FWA_OBSERVE_OFF] = "off",
};

const char *fwa_observe_mode_name(enum fwa_observe_mode mode)
{
	return mode_names[mode];
}

/* A decimal number in [least, most]. */
static int parse_number(const char *name, const char *text, uint64_t least, uint64_t most,
			uint64_t *ret_number, struct fwa_error *error)
{
	uint64_t number = 0;
	const char *c = text;

	for (; *c >= '0' && *c <= '9' && number <= UINT64_MAX / 10 - 1; c++)
		number = number * 10 + (uint64_t)(*c - '0');
	if (c == text || *c || number < least || number > most)
		return fwa_error(
			error, -EINVAL,
			"--%s %s: has to be a number from %llu to %llu" SENTENCE_USAGE,
			name, text, (unsigned long long)least, (unsigned long long)most);
	*ret_number = number;
	return 0;
}

static int set_tcti(const char *name, const char *text, struct fwa_options *options,
		    struct fwa_error *error)
{
	(void)name;
	(void)error;
	options->tcti = text;
	return 0;
}

static int set_ledger(const char *name, const char *text, struct fwa_options *options,
		      struct fwa_error *error)
{
	(void)name;
	(void)error;
	options->ledger = text;
	return 0;
}

static int add_path(const char *name, const char *text, struct fwa_options *options,
		    struct fwa_error *error)
{
	if (options->path_count == FWA_WATCH_PATHS_MAX)
		return fwa_error(error, -EINVAL, "--%s %s: more than %u devices", name,
				 text, FWA_WATCH_PATHS_MAX);
	options->paths[options->path_count++] = text;
	return 0;
}

static int set_capture(const char *name, const char *text, struct fwa_options *options,
		       struct fwa_error *error)
{
	(void)options;
	if (strcmp(text, "auto") == 0 || strcmp(text, "tracepoint") == 0)
		return 0;
	return fwa_error(error, -EINVAL,
			 "--%s %s: has to be auto or tracepoint" SENTENCE_USAGE, name,
			 text);
}

static int set_observe(const char *name, const char *text, struct fwa_options *options,
		       struct fwa_error *error)
{
	for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
		if (strcmp(text, mode_names[i]) == 0) {
			options->observe = (enum fwa_observe_mode)i;
			return 0;
		}
	return fwa_error(error, -EINVAL,
			 "--%s %s: has to be all, writes, interval or off" SENTENCE_USAGE,
			 name, text);
}

static int set_observe_interval(const char *name, const char *text,
				struct fwa_options *options, struct fwa_error *error)
{
	uint64_t seconds;
	int r = parse_number(name, text, 0, INTERVAL_MAX, &seconds, error);

	if (r == 0)
		options->observe_interval = seconds * FWA_SECOND;
	return r;
}

static int set_ring_size(const char *name, const char *text, struct fwa_options *options,
			 struct fwa_error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size;
	int r = parse_number(name, text, page, RING_MAX, &size, error);

	if (r == 0 && (size & (size - 1)) != 0)
		return fwa_error(error, -EINVAL,
				 "--%s %s: has to be a power of two" SENTENCE_USAGE, name,
				 text);
	if (r == 0)
		options->ring_size = size;
	return r;
}

static int set_checkpoint_records(const char *name, const char *text,
				  struct fwa_options *options, struct fwa_error *error)
{
	return parse_number(name, text, 1, UINT32_MAX, &options->checkpoint_records,
			    error);
}

static int set_checkpoint_interval(const char *name, const char *text,
				   struct fwa_options *options, struct fwa_error *error)
{
	uint64_t seconds;
	int r = parse_number(name, text, 1, INTERVAL_MAX, &seconds, error);

	if (r == 0)
		options->checkpoint_interval = seconds * FWA_SECOND;
	return r;
}

static const struct option {
	const char *name;
	const char *argument;
	const char *help;
	unsigned actions; /* that it belongs to */
	int (*set)(const char *name, const char *text, struct fwa_options *options,
		   struct fwa_error *error);
} options_table[] = {
	{"tpm", "TCTI", "the TPM, such as device:/dev/tpmrm0 or swtpm:path=/run/tpm",
	 FOR(FWA_ACTION_RUN) | FOR(FWA_ACTION_PROVISION), set_tcti},
	{"ledger", "DIR", "the ledger's directory",
	 FOR(FWA_ACTION_RUN) | FOR(FWA_ACTION_PROVISION), set_ledger},
	{"watch", "PATH", "watch this device instead of the fwctl class; may be repeated",
	 FOR(FWA_ACTION_RUN), add_path},
	{"capture", "HOW", "auto or tracepoint [auto]", FOR(FWA_ACTION_RUN), set_capture},
	{"observe", "WHEN",
	 "look at devices after: all calls, writes, interval, off [all]",
	 FOR(FWA_ACTION_RUN), set_observe},
	{"observe-interval", "SECONDS", "and at an idle one as often; 0: never [30]",
	 FOR(FWA_ACTION_RUN), set_observe_interval},
	{"ring-size", "BYTES", "of the kernel's ring buffer, a power of two [67108864]",
	 FOR(FWA_ACTION_RUN), set_ring_size},
	{"checkpoint-records", "N", "have the TPM sign after as many records [65536]",
	 FOR(FWA_ACTION_RUN), set_checkpoint_records},
	{"checkpoint-interval", "SECONDS", "and after as long [300]", FOR(FWA_ACTION_RUN),
	 set_checkpoint_interval},
};
#define OPTION_COUNT (sizeof(options_table) / sizeof(options_table[0]))

static const struct option *find_option(const char *name, size_t length)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strlen(options_table[i].name) == length &&
		    memcmp(options_table[i].name, name, length) == 0)
			return &options_table[i];
	return NULL;
}

/* One option with its argument. `*index` moves past what was used. */
static int parse_option(int argc, char *const argv[], int *index,
			struct fwa_options *options, struct fwa_error *error)
{
	const char *name = argv[*index] + 2, *text = strchr(name, '=');
	const struct option *option =
		find_option(name, text ? (size_t)(text - name) : strlen(name));

	if (!option)
		return fwa_error(error, -EINVAL, "%s: no such option" SENTENCE_USAGE,
				 argv[*index]);
	if (!(option->actions & FOR(options->action)))
		return fwa_error(error, -EINVAL,
				 "--%s: not an option of %s" SENTENCE_USAGE, option->name,
				 actions[options->action].name);
	if (text)
		text++;
	else if (*index + 1 < argc)
		text = argv[++*index];
	if (!text || !*text)
		return fwa_error(error, -EINVAL, "--%s: needs %s" SENTENCE_USAGE,
				 option->name, option->argument);
	++*index;
	return option->set(option->name, text, options, error);
}

/* The subcommand, and what asks for no work at all. */
static int parse_action(int argc, char *const argv[], int *index,
			struct fwa_options *options, struct fwa_error *error)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			options->action = FWA_ACTION_HELP;
		else if (strcmp(argv[i], "--version") == 0)
			options->action = FWA_ACTION_VERSION;
		else
			continue;
		*index = argc;
		return 0;
	}
	if (argc < 2 || argv[1][0] == '-')
		return 0;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[1], actions[i].name) == 0) {
			options->action = actions[i].action;
			*index = 2;
			return 0;
		}
	return fwa_error(error, -EINVAL, "%s: no such command" SENTENCE_USAGE, argv[1]);
}

int fwa_options_parse(int argc, char *const argv[], struct fwa_options *ret_options,
		      struct fwa_error *error)
{
	struct fwa_options options = {
		.action = FWA_ACTION_RUN,
		.observe_interval = 30 * FWA_SECOND,
		.ring_size = RING_DEFAULT,
		.checkpoint_records = 65536,
		.checkpoint_interval = 300 * FWA_SECOND,
	};
	int index = 1, r = parse_action(argc, argv, &index, &options, error);

	while (r == 0 && index < argc) {
		if (strncmp(argv[index], "--", 2) != 0)
			return fwa_error(error, -EINVAL,
					 "%s: not an option" SENTENCE_USAGE, argv[index]);
		r = parse_option(argc, argv, &index, &options, error);
	}
	if (r < 0)
		return r;
	if (options.action == FWA_ACTION_RUN || options.action == FWA_ACTION_PROVISION) {
		if (!options.tcti)
			return fwa_error(error, -EINVAL,
					 "--tpm is missing: name the TPM by its TCTI "
					 "string, such as "
					 "device:/dev/tpmrm0" SENTENCE_USAGE);
		if (!options.ledger)
			return fwa_error(error, -EINVAL,
					 "--ledger is missing: name the ledger's "
					 "directory" SENTENCE_USAGE);
	}
	*ret_options = options;
	return 0;
}

void fwa_options_help(FILE *stream)
{
	char head[64];

	fputs("usage: fwauditd provision --tpm TCTI --ledger DIR\n"
	      "       fwauditd [run] --tpm TCTI --ledger DIR [--watch PATH]... "
	      "[OPTION]...\n\n"
	      "Records every call to the firmware of fwctl devices, and what it "
	      "changed.\n\n",
	      stream);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		fprintf(stream, "  %-30s%s\n", actions[i].name, actions[i].help);
	fputc('\n', stream);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		snprintf(head, sizeof(head), "--%s %s", options_table[i].name,
			 options_table[i].argument);
		fprintf(stream, "  %-30s%s\n", head, options_table[i].help);
	}
	fprintf(stream, "  %-30s%s\n  %-30s%s\n", "--help", "this text", "--version",
		"the version");
	fputs("\nExit status: 0 clean stop, 1 failure, 3 wrong usage. See fwauditd(8).\n",
	      stream);
}
