/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the log, and the forms in which lines are printed. */
#ifndef FWA_TOOLS_FWAUDIT_LOG_LINE_H
#define FWA_TOOLS_FWAUDIT_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "verifier/effects/command.h"
#include "verifier/report/report.h"

/* Every text is escaped already. */
struct fwa_log_line {
	uint64_t sequence;
	bool own;
	char time[FWA_TIME_TEXT_SIZE];
	const char *device;
	char caller[128]; /* "fwsim[1234]" */
	uint32_t uid;
	char command[FWA_COMMAND_TEXT_MAX];
	bool has_opcode;
	uint32_t opcode;
	char target[FWA_COMMAND_TEXT_MAX];
	bool has_scope;
	uint32_t scope;
	char result[FWA_COMMAND_TEXT_MAX];
	const char *verdict;
	const char *reason;
};

struct fwa_log_form {
	int (*begin)(void **ret_context);
	int (*line)(void *context, const struct fwa_log_line *line);
	int (*end)(void *context); /* frees the context; prints what is not printed yet */
};

extern const struct fwa_log_form fwa_log_table; /* for a terminal */
extern const struct fwa_log_form fwa_log_plain; /* tab-separated, without a header */
extern const struct fwa_log_form fwa_log_json;

#endif
