/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of a verification: one model, several printers. schema/report.schema.json defines
 * the JSON form.
 */
#ifndef FWA_VERIFIER_REPORT_REPORT_H
#define FWA_VERIFIER_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "verifier/effects/effects.h"
#include "verifier/verify.h"

struct fwa_report {
	const char *ledger;    /* the path as the user gave it */
	const char *enrolment; /* likewise */
	const struct fwa_verify_result *result;
	const struct fwa_effects_summary *effects; /* NULL if effects were not assessed */
	enum fwa_severity threshold;
	int exit_status; /* FWA_EXIT_* */
};

struct fwa_report_style {
	bool colour;
	unsigned width; /* columns to fill; at least 40 */
};

/* A form that a report can be printed in. */
struct fwa_report_printer {
	const char *name;        /* "text", "json": the argument of --format */
	const char *description; /* for the help */
	/* Returns 0, -ENOMEM, or -EIO if the stream has an error. */
	int (*print)(const struct fwa_report *report,
		     const struct fwa_report_style *style, FILE *stream);
};
/* By index from 0; NULL past the last. */
const struct fwa_report_printer *fwa_report_printer(size_t index);
/* By name; NULL if there is none. */
const struct fwa_report_printer *fwa_report_printer_find(const char *name);

int fwa_report_text(const struct fwa_report *report, const struct fwa_report_style *style,
		    FILE *stream);
int fwa_report_json(const struct fwa_report *report, const struct fwa_report_style *style,
		    FILE *stream);

/*
 * The findings in the order of every printer: most severe first, then by id, then by the first
 * record. An array of fwa_findings_count() pointers, to be freed; NULL: out of memory.
 */
const struct fwa_finding **fwa_report_order(const struct fwa_findings *findings);

/* Findings of that severity at all, kept or counted only (those as severe as their id is). */
uint64_t fwa_report_count(const struct fwa_findings *findings,
			  enum fwa_severity severity);

#define FWA_TIME_TEXT_SIZE 32u
/* CLOCK_REALTIME nanoseconds as RFC 3339 in UTC: "2026-11-22T17:04:05.123456789Z". */
void fwa_time_format(uint64_t time, char ret_text[FWA_TIME_TEXT_SIZE]);

#endif
