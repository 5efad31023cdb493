/* SPDX-License-Identifier: Apache-2.0 */
/* fwaudit: verify a ledger and look into it. No root, no TPM, no kernel. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tools/fwaudit/command_line.h"

static int run_help(const struct fwa_subcommand *subcommand, int count, char **arguments);
static int run_version(const struct fwa_subcommand *subcommand, int count,
		       char **arguments);

static const struct fwa_subcommand subcommands[] = {
	{"verify", "LEDGER --enrolment FILE [--format text|json] [--threshold SEVERITY]",
	 "is it genuine, is it complete, did commands do only what they declare",
	 "Checks that the ledger's records are those that the enrolled TPM signed, that "
	 "none is\n"
	 "missing, and compares what each command did with what the device declares that "
	 "it does.\n"
	 "\n"
	 "  --enrolment FILE      whom to trust: the enrolment that was made with the "
	 "ledger\n"
	 "  --format text|json    for people (default) or for programs\n"
	 "  --threshold SEVERITY  info (default), low, medium, high, critical: findings "
	 "below it\n"
	 "                        do not count for the exit status and are not printed "
	 "as text\n"
	 "\n"
	 "Exit status: 0 no finding at or above the threshold; 1 findings; 2 the "
	 "evidence is not\n"
	 "authentic; 3 wrong usage, or a file cannot be read.\n",
	 fwa_run_verify},
	{"log", "LEDGER [--enrolment FILE] [--format text|json] [--all]",
	 "one line for each command that was sent",
	 "  --enrolment FILE      check first that the ledger is authentic, as verify "
	 "does\n"
	 "  --all                 the collector's own calls as well\n"
	 "  --format text|json    a table on a terminal and tab-separated elsewhere "
	 "(default), or JSON\n"
	 "\n"
	 "Columns: record, time (UTC), device, caller, uid, command, target, scope, "
	 "result, verdict.\n"
	 "Without an enrolment authenticity is not checked.\n"
	 "\n"
	 "Exit status: 0; 2 the evidence is not authentic; 3 failure.\n",
	 fwa_run_log},
	{"show", "LEDGER RECORD [--bytes N|all]", "everything about one record",
	 "  --bytes N|all         how much of each payload to dump (default 4096)\n"
	 "\n"
	 "Authenticity is not checked: use verify for that.\n",
	 fwa_run_show},
	{"wait", "LEDGER [--calls N] [--timeout SECONDS]",
	 "wait until the collector has seen what commands did",
	 "Returns when the ledger holds at least N commands (FWCTL_RPC) of others than "
	 "the\n"
	 "collector, and each is followed by a snapshot of its device.\n"
	 "\n"
	 "  --calls N             default 1\n"
	 "  --timeout SECONDS     default 30\n"
	 "\n"
	 "Exit status: 0 they were seen; 1 the time is over; 3 failure.\n",
	 fwa_run_wait},
	{"help", "[SUBCOMMAND]", "this text, or how to use one subcommand", "", run_help},
	{"version", "", "print the version", "", run_version},
};
#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static const struct fwa_subcommand *find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBCOMMANDS; i++) {
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	}
	return NULL;
}

static void list(FILE *stream)
{
	size_t i;

	fprintf(stream,
		"fwaudit: what was sent to firmware, what it declared, what it did\n\n"
		"usage: fwaudit SUBCOMMAND [ARGUMENT...]\n\n");
	for (i = 0; i < SUBCOMMANDS; i++)
		fprintf(stream, "  %-8s %s\n", subcommands[i].name,
			subcommands[i].summary);
	fprintf(stream, "\nfwaudit help SUBCOMMAND says more; so does man fwaudit.\n"
			"LEDGER is a ledger.db, or the directory that holds it.\n");
}

static int run_help(const struct fwa_subcommand *subcommand, int count, char **arguments)
{
	const struct fwa_subcommand *about;

	if (count > 2)
		return fwa_usage_error(subcommand, "it takes one subcommand");
	if (count < 2) {
		list(stdout);
		return fwa_finish_output(0);
	}
	about = find(arguments[1]);
	if (!about)
		return fwa_usage_error(subcommand, "there is no subcommand \"%s\"",
				       arguments[1]);
	return fwa_print_usage(about);
}

static int run_version(const struct fwa_subcommand *subcommand, int count,
		       char **arguments)
{
	(void)arguments;
	if (count > 1)
		return fwa_usage_error(subcommand, "it takes no argument");
	printf("fwaudit %s\n", FWA_VERSION);
	return fwa_finish_output(0);
}

int main(int count, char **arguments)
{
	const struct fwa_subcommand *subcommand;

	/* A closed pipe is a failed write, which is reported like any other. */
	signal(SIGPIPE, SIG_IGN);
	if (count < 2) {
		list(stderr);
		return FWA_EXIT_FAILURE;
	}
	if (strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0)
		subcommand = find("help");
	else if (strcmp(arguments[1], "--version") == 0 ||
		 strcmp(arguments[1], "-V") == 0)
		subcommand = find("version");
	else
		subcommand = find(arguments[1]);
	if (!subcommand)
		return fwa_fail(
			"there is no subcommand \"%s\"; \"fwaudit help\" lists them",
			arguments[1]);
	return subcommand->run(subcommand, count - 1, arguments + 1);
}
