/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of fwaudit share. */
#ifndef FWA_TOOLS_FWAUDIT_COMMAND_LINE_H
#define FWA_TOOLS_FWAUDIT_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/error.h"
#include "verifier/verify.h"

/* A subcommand: one row of the table in main.c, from which the help is made. */
struct fwa_subcommand {
	const char *name;
	const char *usage;   /* arguments, as in the manual */
	const char *summary; /* a few words for the list */
	const char *details; /* paragraphs for `fwaudit help NAME` */
	/* `arguments[0]` is the subcommand's name. Returns the exit status. */
	int (*run)(const struct fwa_subcommand *subcommand, int count, char **arguments);
};

int fwa_run_verify(const struct fwa_subcommand *subcommand, int count, char **arguments);
int fwa_run_log(const struct fwa_subcommand *subcommand, int count, char **arguments);
int fwa_run_show(const struct fwa_subcommand *subcommand, int count, char **arguments);
int fwa_run_wait(const struct fwa_subcommand *subcommand, int count, char **arguments);

/* Say on stderr what was wrong with the arguments. Returns FWA_EXIT_FAILURE. */
int fwa_usage_error(const struct fwa_subcommand *subcommand, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Say a sentence on stderr. Returns FWA_EXIT_FAILURE. */
int fwa_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What getopt_long found wrong, as a sentence. Returns FWA_EXIT_FAILURE. */
int fwa_option_error(const struct fwa_subcommand *subcommand, int found,
		     char **arguments);
/* Print how a subcommand is used. Returns the exit status. */
int fwa_print_usage(const struct fwa_subcommand *subcommand);

/* A whole decimal number, nothing else. False if it is none, or over `most`. */
bool fwa_parse_number(const char *text, uint64_t most, uint64_t *ret_number);

/*
 * Read an enrolment, to be freed. Returns 0, or FWA_EXIT_FAILURE after saying on stderr why not;
 * the outputs are then untouched.
 */
int fwa_read_enrolment(const char *path, uint8_t **ret_data, size_t *ret_size);

/* Is colour wanted on standard output: a terminal, and NO_COLOR not set? */
bool fwa_want_colour(void);
/* Columns of the terminal; 80 if it does not say. */
unsigned fwa_terminal_width(void);

/* Flush standard output. A failed write is a failure: returns `status` or FWA_EXIT_FAILURE. */
int fwa_finish_output(int status);

/* Counts records on stderr, if that is a terminal and it takes long. */
struct fwa_progress {
	bool wanted;
	bool shown;
	uint64_t records;
	uint64_t next; /* CLOCK_MONOTONIC nanoseconds */
};
void fwa_progress_start(struct fwa_progress *progress);
struct fwa_record_consumer fwa_progress_consumer(struct fwa_progress *progress);
/* Wipe the line. */
void fwa_progress_end(struct fwa_progress *progress);

#endif
