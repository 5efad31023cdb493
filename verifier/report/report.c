/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct fwa_report_printer printers[] = {
	{"text", "for people", fwa_report_text},
	{"json", "for programs, as in schema/report.schema.json", fwa_report_json},
};

const struct fwa_report_printer *fwa_report_printer(size_t index)
{
	return index < sizeof(printers) / sizeof(printers[0]) ? &printers[index] : NULL;
}

const struct fwa_report_printer *fwa_report_printer_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		if (strcmp(printers[i].name, name) == 0)
			return &printers[i];
	}
	return NULL;
}

struct place {
	const struct fwa_finding *finding;
	size_t index;
};

static int by_weight(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	uint64_t first, second;

	if (x->finding->severity != y->finding->severity)
		return x->finding->severity > y->finding->severity ? -1 : 1;
	if (x->finding->id != y->finding->id)
		return x->finding->id < y->finding->id ? -1 : 1;
	first = x->finding->record_count ? x->finding->records[0].sequence : 0;
	second = y->finding->record_count ? y->finding->records[0].sequence : 0;
	if (first != second)
		return first < second ? -1 : 1;
	/* Equal ones stay as they were found: the order is the same every time. */
	return x->index < y->index ? -1 : x->index > y->index;
}

const struct fwa_finding **fwa_report_order(const struct fwa_findings *findings)
{
	size_t count = fwa_findings_count(findings);
	const struct fwa_finding **order =
		calloc(count + 1, sizeof(const struct fwa_finding *));
	struct place *places = calloc(count + 1, sizeof(*places));
	size_t i;

	if (!order || !places) {
		free(order);
		free(places);
		return NULL;
	}
	for (i = 0; i < count; i++)
		places[i] = (struct place){fwa_findings_get(findings, i), i};
	qsort(places, count, sizeof(*places), by_weight);
	for (i = 0; i < count; i++)
		order[i] = places[i].finding;
	free(places);
	return order;
}

uint64_t fwa_report_count(const struct fwa_findings *findings, enum fwa_severity severity)
{
	uint64_t count = 0;
	size_t i;
	int id;

	for (i = 0; i < fwa_findings_count(findings); i++)
		count += fwa_findings_get(findings, i)->severity == severity;
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		if (fwa_finding_kind(id)->severity == severity)
			count += fwa_findings_omitted(findings, id);
	}
	return count;
}

void fwa_time_format(uint64_t time, char ret_text[FWA_TIME_TEXT_SIZE])
{
	time_t seconds = (time_t)(time / 1000000000u);
	struct tm parts;
	size_t length;

	if (!gmtime_r(&seconds, &parts)) {
		snprintf(ret_text, FWA_TIME_TEXT_SIZE, "%" PRIu64 "ns", time);
		return;
	}
	length = strftime(ret_text, FWA_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(ret_text + length, FWA_TIME_TEXT_SIZE - length, ".%09uZ",
		 (unsigned)(time % 1000000000u));
}
