/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwaudit/command_line.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "verifier/report/escape.h"

/* Sentences may name what the user or the evidence named: escaped, like all of it. */
static void say(const char *prefix, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
static void say(const char *prefix, const char *format, va_list arguments)
{
	char text[2048], *escaped;

	vsnprintf(text, sizeof(text), format, arguments);
	escaped = fwa_escape((struct fwa_bytes){(const uint8_t *)text, strlen(text)});
	fprintf(stderr, "fwaudit%s%s: %s\n", prefix[0] ? " " : "", prefix,
		escaped ? escaped : "out of memory");
	free(escaped);
}

int fwa_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
	return FWA_EXIT_FAILURE;
}

int fwa_usage_error(const struct fwa_subcommand *subcommand, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(subcommand->name, format, arguments);
	va_end(arguments);
	fprintf(stderr, "usage: fwaudit %s %s\n", subcommand->name, subcommand->usage);
	return FWA_EXIT_FAILURE;
}

int fwa_option_error(const struct fwa_subcommand *subcommand, int found, char **arguments)
{
	const char *option = optind > 0 ? arguments[optind - 1] : "";

	if (found == ':')
		return fwa_usage_error(subcommand, "%s needs an argument", option);
	return fwa_usage_error(subcommand, "there is no option \"%s\"", option);
}

int fwa_print_usage(const struct fwa_subcommand *subcommand)
{
	printf("usage: fwaudit %s %s\n\n%s.\n", subcommand->name, subcommand->usage,
	       subcommand->summary);
	if (subcommand->details[0])
		printf("\n%s", subcommand->details);
	return fwa_finish_output(0);
}

bool fwa_parse_number(const char *text, uint64_t most, uint64_t *ret_number)
{
	unsigned long long number;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end != '\0' || number > most)
		return false;
	*ret_number = number;
	return true;
}

bool fwa_want_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && no[0]);
}

unsigned fwa_terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col < 120 ? size.ws_col : 120;
	return 80;
}

int fwa_finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return fwa_fail("standard output cannot be written: %s", strerror(errno));
}

#define SECOND 1000000000u

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

void fwa_progress_start(struct fwa_progress *progress)
{
	*progress = (struct fwa_progress){.wanted = isatty(STDERR_FILENO)};
	progress->next = now() + 2u * SECOND;
}

static int count_record(void *context, const struct fwa_evidence *evidence)
{
	struct fwa_progress *progress = context;
	uint64_t time;

	(void)evidence;
	progress->records++;
	if (!progress->wanted || progress->records % 4096 != 0)
		return 0;
	time = now();
	if (time < progress->next)
		return 0;
	progress->next = time + SECOND / 4;
	progress->shown = true;
	fprintf(stderr, "\rfwaudit: %" PRIu64 " records read", progress->records);
	return 0;
}

static int count_finish(void *context, struct fwa_findings *findings)
{
	(void)context;
	(void)findings;
	return 0;
}

struct fwa_record_consumer fwa_progress_consumer(struct fwa_progress *progress)
{
	return (struct fwa_record_consumer){progress, count_record, count_finish};
}

void fwa_progress_end(struct fwa_progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\x1b[K");
}
