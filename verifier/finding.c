/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Of broken evidence a few dozen findings of a kind say what a million would. Of genuine
 * evidence each finding counts, up to what a report can carry.
 */
#define FEW  32
#define MANY 10000

/* Ids are stable: a finding may be added, none may change its meaning. */
static const struct fwa_finding_kind kinds[FWA_FINDING_IDS] = {
	[FWA_A01] = {"FWA-A01", "Ledger file damaged or not in the ledger's form",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A02] = {"FWA-A02", "Record edited", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A03] = {"FWA-A03", "Record missing, duplicated or moved",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A04] = {"FWA-A04", "Record where it cannot stand", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A05] = {"FWA-A05", "Payload differs from its record",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A06] = {"FWA-A06", "Payload missing, or without a record",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A07] = {"FWA-A07", "Checkpoint does not match the records",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A08] = {"FWA-A08", "Checkpoint missing, duplicated or out of order",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A09] = {"FWA-A09", "Attestation invalid", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A10] = {"FWA-A10", "Attestation of other content", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A11] = {"FWA-A11", "Attestation missing, or without a checkpoint",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A12] = {"FWA-A12", "Enrolment of another ledger", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A13] = {"FWA-A13", "TPM clock or reset count went backwards",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A14] = {"FWA-A14", "Write-ahead log missing or damaged",
		     FWA_CATEGORY_AUTHENTICITY, FWA_SEVERITY_CRITICAL, FEW},
	[FWA_A15] = {"FWA-A15", "Ledger contradicts itself", FWA_CATEGORY_AUTHENTICITY,
		     FWA_SEVERITY_CRITICAL, FEW},
	[FWA_C01] = {"FWA-C01", "Calls lost or captured in part",
		     FWA_CATEGORY_COMPLETENESS, FWA_SEVERITY_HIGH, MANY},
	[FWA_C02] = {"FWA-C02", "Collector not running", FWA_CATEGORY_COMPLETENESS,
		     FWA_SEVERITY_MEDIUM, MANY},
	[FWA_C06] = {"FWA-C06", "Last records not signed", FWA_CATEGORY_COMPLETENESS,
		     FWA_SEVERITY_MEDIUM, MANY},
	[FWA_E01] = {"FWA-E01", "Undeclared effect of a command", FWA_CATEGORY_EFFECTS,
		     FWA_SEVERITY_HIGH, MANY},
	[FWA_E02] = {"FWA-E02", "Undeclared effect of a set of commands",
		     FWA_CATEGORY_EFFECTS, FWA_SEVERITY_HIGH, MANY},
	[FWA_E03] = {"FWA-E03", "Change that no captured command explains",
		     FWA_CATEGORY_EFFECTS, FWA_SEVERITY_MEDIUM, MANY},
	[FWA_E04] = {"FWA-E04", "Command that no declaration mentions",
		     FWA_CATEGORY_EFFECTS, FWA_SEVERITY_MEDIUM, MANY},
	[FWA_E05] = {"FWA-E05", "Undeclared effect realised by a reset",
		     FWA_CATEGORY_EFFECTS, FWA_SEVERITY_HIGH, MANY},
	[FWA_D01] = {"FWA-D01", "Declarations contradict one another",
		     FWA_CATEGORY_DECLARATION, FWA_SEVERITY_MEDIUM, MANY},
	[FWA_D02] = {"FWA-D02", "Declaration malformed", FWA_CATEGORY_DECLARATION,
		     FWA_SEVERITY_MEDIUM, MANY},
	[FWA_D03] = {"FWA-D03", "Declaration changed while the firmware did not",
		     FWA_CATEGORY_DECLARATION, FWA_SEVERITY_HIGH, MANY},
	[FWA_D04] = {"FWA-D04", "Declared effect never seen", FWA_CATEGORY_DECLARATION,
		     FWA_SEVERITY_INFO, MANY},
	[FWA_S01] = {"FWA-S01", "Scope lower than the declared effects demand",
		     FWA_CATEGORY_SCOPE, FWA_SEVERITY_HIGH, MANY},
	[FWA_S02] = {"FWA-S02", "Destructive command under a low scope",
		     FWA_CATEGORY_SCOPE, FWA_SEVERITY_HIGH, MANY},
};

static const char *const severities[] = {
	[FWA_SEVERITY_INFO] = "info",         [FWA_SEVERITY_LOW] = "low",
	[FWA_SEVERITY_MEDIUM] = "medium",     [FWA_SEVERITY_HIGH] = "high",
	[FWA_SEVERITY_CRITICAL] = "critical",
};
#define SEVERITIES (sizeof(severities) / sizeof(severities[0]))

struct fwa_findings {
	struct fwa_finding **items;
	size_t count;
	size_t capacity;
	struct {
		uint64_t kept;
		uint64_t omitted;
		enum fwa_severity severity; /* the highest, of both */
	} tally[FWA_FINDING_IDS];
};

const struct fwa_finding_kind *fwa_finding_kind(enum fwa_finding_id id)
{
	return &kinds[id];
}

const char *fwa_severity_name(enum fwa_severity severity)
{
	return severities[severity];
}

int fwa_severity_parse(const char *name, enum fwa_severity *ret_severity)
{
	size_t i;

	for (i = 0; i < SEVERITIES; i++) {
		if (strcmp(name, severities[i]) == 0) {
			*ret_severity = (enum fwa_severity)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *fwa_finding_category_name(enum fwa_finding_category category)
{
	static const char *const names[] = {
		[FWA_CATEGORY_AUTHENTICITY] = "authenticity",
		[FWA_CATEGORY_COMPLETENESS] = "completeness",
		[FWA_CATEGORY_EFFECTS] = "effects",
		[FWA_CATEGORY_DECLARATION] = "declaration",
		[FWA_CATEGORY_SCOPE] = "scope",
	};

	return names[category];
}

static bool printable(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e;
}

static void say(struct fwa_finding *finding, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
static void say(struct fwa_finding *finding, const char *format, va_list arguments)
{
	char *c;

	vsnprintf(finding->sentence, sizeof(finding->sentence), format, arguments);
	for (c = finding->sentence; *c != '\0'; c++) {
		if (!printable((unsigned char)*c))
			*c = '?';
	}
}

void fwa_finding_make(struct fwa_finding *ret_finding, enum fwa_finding_id id,
		      const char *format, ...)
{
	va_list arguments;

	memset(ret_finding, 0, sizeof(*ret_finding));
	ret_finding->id = id;
	ret_finding->severity = kinds[id].severity;
	va_start(arguments, format);
	say(ret_finding, format, arguments);
	va_end(arguments);
}

void fwa_finding_say(struct fwa_finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(finding, format, arguments);
	va_end(arguments);
}

void fwa_finding_place(struct fwa_finding *finding, const char *table, int64_t row)
{
	finding->table = table;
	finding->has_row = true;
	finding->row = row;
}

void fwa_finding_add_record(struct fwa_finding *finding, uint64_t sequence,
			    const uint8_t leaf[FWA_DIGEST_SIZE])
{
	struct fwa_finding_record *record;

	finding->record_total++;
	if (finding->record_count == FWA_FINDING_RECORDS_MAX)
		return;
	record = &finding->records[finding->record_count++];
	record->sequence = sequence;
	record->has_leaf = leaf != NULL;
	if (leaf)
		memcpy(record->leaf, leaf, FWA_DIGEST_SIZE);
}

void fwa_finding_add_change(struct fwa_finding *finding,
			    const struct fwa_finding_change *change)
{
	finding->change_total++;
	if (finding->change_count == FWA_FINDING_CHANGES_MAX)
		return;
	finding->changes[finding->change_count++] = *change;
}

void fwa_finding_text(char ret_text[FWA_FINDING_TEXT_MAX], struct fwa_bytes bytes)
{
	size_t size = bytes.data ? bytes.size : 0;
	size_t i;

	if (size > FWA_FINDING_TEXT_MAX - 1)
		size = FWA_FINDING_TEXT_MAX - 1;
	for (i = 0; i < size; i++)
		ret_text[i] = printable(bytes.data[i]) ? (char)bytes.data[i] : '?';
	ret_text[size] = '\0';
}

struct fwa_findings *fwa_findings_new(void)
{
	return calloc(1, sizeof(struct fwa_findings));
}

static void drop(struct fwa_findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++)
		free(findings->items[i]);
	findings->count = 0;
	memset(findings->tally, 0, sizeof(findings->tally));
}

void fwa_findings_free(struct fwa_findings *findings)
{
	if (!findings)
		return;
	drop(findings);
	free(findings->items);
	free(findings);
}

static int reserve(struct fwa_findings *findings)
{
	struct fwa_finding **items;
	size_t capacity = findings->capacity ? findings->capacity * 2 : 16;

	if (findings->count < findings->capacity)
		return 0;
	items = reallocarray(findings->items, capacity, sizeof(*items));
	if (!items)
		return -ENOMEM;
	findings->items = items;
	findings->capacity = capacity;
	return 0;
}

static void raise_severity(struct fwa_findings *findings, enum fwa_finding_id id,
			   enum fwa_severity severity)
{
	if (severity > findings->tally[id].severity)
		findings->tally[id].severity = severity;
}

int fwa_findings_add(struct fwa_findings *findings, const struct fwa_finding *finding)
{
	struct fwa_finding *copy;
	int error;

	if (findings->tally[finding->id].kept >= kinds[finding->id].limit) {
		findings->tally[finding->id].omitted++;
		raise_severity(findings, finding->id, finding->severity);
		return 0;
	}
	error = reserve(findings);
	if (error)
		return error;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *finding;
	findings->items[findings->count++] = copy;
	findings->tally[finding->id].kept++;
	raise_severity(findings, finding->id, finding->severity);
	return 0;
}

int fwa_findings_append(struct fwa_findings *findings, struct fwa_findings *source)
{
	size_t i;
	int id;

	for (i = 0; i < source->count; i++) {
		int error = fwa_findings_add(findings, source->items[i]);

		if (error) {
			memmove(source->items, source->items + i,
				(source->count - i) * sizeof(*source->items));
			source->count -= i;
			return error;
		}
		source->tally[source->items[i]->id].kept--;
		free(source->items[i]);
	}
	source->count = 0;
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		findings->tally[id].omitted += source->tally[id].omitted;
		if (source->tally[id].omitted)
			raise_severity(findings, id, source->tally[id].severity);
	}
	drop(source);
	return 0;
}

size_t fwa_findings_count(const struct fwa_findings *findings)
{
	return findings->count;
}

const struct fwa_finding *fwa_findings_get(const struct fwa_findings *findings,
					   size_t index)
{
	return findings->items[index];
}

uint64_t fwa_findings_omitted(const struct fwa_findings *findings, enum fwa_finding_id id)
{
	return findings->tally[id].omitted;
}

uint64_t fwa_findings_total(const struct fwa_findings *findings, enum fwa_finding_id id)
{
	return findings->tally[id].kept + findings->tally[id].omitted;
}

bool fwa_findings_have(const struct fwa_findings *findings,
		       enum fwa_finding_category category, enum fwa_severity threshold)
{
	int id;

	for (id = 0; id < FWA_FINDING_IDS; id++) {
		if (kinds[id].category == category &&
		    fwa_findings_total(findings, id) > 0 &&
		    findings->tally[id].severity >= threshold)
			return true;
	}
	return false;
}
