/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwaudit/command_line.h"
#include "tools/fwaudit/log_line.h"

static void scope_text(const struct fwa_log_line *line, char ret_text[16])
{
	if (line->has_scope)
		snprintf(ret_text, 16, "%" PRIu32, line->scope);
	else
		snprintf(ret_text, 16, "-");
}

/* ---- a table, for a terminal ---- */

enum column {
	RECORD,
	TIME,
	DEVICE,
	CALLER,
	UID,
	COMMAND,
	TARGET,
	SCOPE,
	RESULT,
	VERDICT
};

static const struct {
	const char *name;
	double width;
	int flags;
} columns[] = {
	[RECORD] = {"RECORD", 6, SCOLS_FL_RIGHT},
	[TIME] = {"TIME (UTC)", 15, 0},
	[DEVICE] = {"DEVICE", 7, 0},
	[CALLER] = {"CALLER", 12, 0},
	[UID] = {"UID", 4, SCOLS_FL_RIGHT},
	[COMMAND] = {"COMMAND", 20, 0},
	[TARGET] = {"TARGET", 8, SCOLS_FL_TRUNC},
	[SCOPE] = {"SCOPE", 1, SCOLS_FL_RIGHT},
	[RESULT] = {"RESULT", 8, 0},
	[VERDICT] = {"VERDICT", 10, 0},
};

static int table_begin(void **ret_context)
{
	struct libscols_table *table = scols_new_table();
	size_t i;

	if (!table)
		return -ENOMEM;
	scols_table_enable_colors(table, fwa_want_colour());
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (!scols_table_new_column(table, columns[i].name, columns[i].width,
					    columns[i].flags)) {
			scols_unref_table(table);
			return -ENOMEM;
		}
	}
	*ret_context = table;
	return 0;
}

static int table_line(void *context, const struct fwa_log_line *line)
{
	struct libscols_line *row = scols_table_new_line(context, NULL);
	char record[24], uid[16], scope[16], time[FWA_TIME_TEXT_SIZE];
	const char *cells[] = {
		[RECORD] = record,         [TIME] = time,   [DEVICE] = line->device,
		[CALLER] = line->caller,   [UID] = uid,     [COMMAND] = line->command,
		[TARGET] = line->target,   [SCOPE] = scope, [RESULT] = line->result,
		[VERDICT] = line->verdict,
	};
	size_t i;

	if (!row)
		return -ENOMEM;
	snprintf(record, sizeof(record), "%" PRIu64, line->sequence);
	snprintf(uid, sizeof(uid), "%" PRIu32, line->uid);
	scope_text(line, scope);
	/* Of 2026-11-22T17:04:05.123456789Z a terminal has room for the time of day. */
	snprintf(time, sizeof(time), "%s",
		 strlen(line->time) > 23 ? line->time + 11 : line->time);
	if (strlen(time) > 15)
		time[15] = '\0';
	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		if (scols_line_set_data(row, i, cells[i]) != 0)
			return -ENOMEM;
	}
	if (strcmp(line->verdict, "violates") == 0)
		return scols_line_set_color(row, "red");
	return 0;
}

static int table_end(void *context)
{
	int error = scols_print_table(context);

	scols_unref_table(context);
	return error < 0 ? error : 0;
}

const struct fwa_log_form fwa_log_table = {table_begin, table_line, table_end};

/* ---- tab-separated, for a pipe ---- */

static int plain_begin(void **ret_context)
{
	*ret_context = NULL;
	return 0;
}

static int plain_line(void *context, const struct fwa_log_line *line)
{
	char scope[16];

	(void)context;
	scope_text(line, scope);
	printf("%" PRIu64 "\t%s\t%s\t%s\t%" PRIu32 "\t%s\t%s\t%s\t%s\t%s\n",
	       line->sequence, line->time, line->device, line->caller, line->uid,
	       line->command, line->target[0] ? line->target : "-", scope, line->result,
	       line->verdict);
	return ferror(stdout) ? -EIO : 0;
}

static int plain_end(void *context)
{
	(void)context;
	return 0;
}

const struct fwa_log_form fwa_log_plain = {plain_begin, plain_line, plain_end};

/* ---- JSON ---- */

static int json_begin(void **ret_context)
{
	bool *began = calloc(1, sizeof(*began));

	if (!began)
		return -ENOMEM;
	printf("{\n  \"format\": \"fwaudit-log/1\",\n  \"calls\": [");
	*ret_context = began;
	return 0;
}

static int json_line(void *context, const struct fwa_log_line *line)
{
	bool *began = context;
	json_t *object = json_pack(
		"{s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:b}", "record",
		(json_int_t)line->sequence, "time", line->time, "device", line->device,
		"caller", line->caller, "uid", (json_int_t)line->uid, "command",
		line->command, "result", line->result, "verdict", line->verdict, "reason",
		line->reason, "own", line->own);
	char opcode[16];
	int error = object ? 0 : -ENOMEM;

	snprintf(opcode, sizeof(opcode), "0x%04x", line->opcode);
	if (!error && line->has_opcode)
		error = json_object_set_new(object, "opcode", json_string(opcode));
	if (!error && line->target[0])
		error = json_object_set_new(object, "feature", json_string(line->target));
	if (!error && line->has_scope)
		error = json_object_set_new(object, "scope", json_integer(line->scope));
	if (!error) {
		printf("%s\n    ", *began ? "," : "");
		*began = true;
		error = json_dumpf(object, stdout, JSON_COMPACT);
	}
	json_decref(object);
	if (error)
		return -ENOMEM;
	return ferror(stdout) ? -EIO : 0;
}

static int json_end(void *context)
{
	free(context);
	printf("\n  ]\n}\n");
	return 0;
}

const struct fwa_log_form fwa_log_json = {json_begin, json_line, json_end};
