/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings and lists of them: the table of ids, bounds, counts, hostile text.
 */
#include "tests/unit/evidence/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void table_is_complete(void **state)
{
	int id, other;

	(void)state;
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		const struct fwa_finding_kind *kind = fwa_finding_kind(id);

		assert_non_null(kind->id);
		assert_int_equal(strlen(kind->id), strlen("FWA-A01"));
		assert_int_equal(strncmp(kind->id, "FWA-", 4), 0);
		assert_non_null(kind->title);
		assert_true(kind->limit > 0);
		/* The letter is the category's. */
		assert_int_equal(kind->id[4], "ACEDS"[kind->category]);
		for (other = 0; other < id; other++)
			assert_string_not_equal(kind->id, fwa_finding_kind(other)->id);
	}
}

/* SPEC.md has the same ids, titles and severities. */
static void table_is_documented(void **state)
{
	static char text[256 * 1024];
	FILE *file = fopen(FWA_SPEC, "r");
	char row[256];
	size_t size;
	int id;

	(void)state;
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	assert_true(size > 0 && size < sizeof(text) - 1);
	fclose(file);
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		const struct fwa_finding_kind *kind = fwa_finding_kind(id);

		snprintf(row, sizeof(row), "\n| %s | %s | %s | ", kind->id, kind->title,
			 fwa_severity_name(kind->severity));
		if (!strstr(text, row))
			fail_msg("SPEC.md lacks: %s", row + 1);
	}
}

static void severities_have_names(void **state)
{
	enum fwa_severity severity;
	int i;

	(void)state;
	for (i = FWA_SEVERITY_INFO; i <= FWA_SEVERITY_CRITICAL; i++) {
		assert_int_equal(fwa_severity_parse(fwa_severity_name(i), &severity), 0);
		assert_int_equal(severity, i);
	}
	assert_int_equal(fwa_severity_parse("High", &severity), -EINVAL);
	assert_int_equal(fwa_severity_parse("", &severity), -EINVAL);
}

/* Sentences quote what hostile evidence says: no control characters come out. */
static void text_is_printable(void **state)
{
	static const uint8_t hostile[] = "a\x1b[2Jb\xff\n";
	char text[FWA_FINDING_TEXT_MAX], longest[300];
	struct fwa_finding finding;

	(void)state;
	fwa_finding_make(&finding, FWA_E01, "%s", (const char *)hostile);
	assert_string_equal(finding.sentence, "a?[2Jb??");
	fwa_finding_text(text, (struct fwa_bytes){hostile, sizeof(hostile)});
	assert_string_equal(text, "a?[2Jb???");
	fwa_finding_text(text, (struct fwa_bytes){0});
	assert_string_equal(text, "");
	memset(longest, 'x', sizeof(longest));
	fwa_finding_text(text, (struct fwa_bytes){(uint8_t *)longest, sizeof(longest)});
	assert_int_equal(strlen(text), FWA_FINDING_TEXT_MAX - 1);
}

static void records_and_changes_are_bounded(void **state)
{
	struct fwa_finding_change change = {.key = "cxl.lsa"};
	struct fwa_finding finding;
	uint64_t i;

	(void)state;
	fwa_finding_make(&finding, FWA_E02, "Many.");
	for (i = 0; i < 100; i++) {
		fwa_finding_add_record(&finding, i, NULL);
		fwa_finding_add_change(&finding, &change);
	}
	assert_int_equal(finding.record_count, FWA_FINDING_RECORDS_MAX);
	assert_int_equal(finding.record_total, 100);
	assert_int_equal(finding.records[FWA_FINDING_RECORDS_MAX - 1].sequence,
			 FWA_FINDING_RECORDS_MAX - 1);
	assert_int_equal(finding.change_count, FWA_FINDING_CHANGES_MAX);
	assert_int_equal(finding.change_total, 100);
}

static void lists_count_what_they_omit(void **state)
{
	struct fwa_findings *findings = fwa_findings_new();
	struct fwa_findings *source = fwa_findings_new();
	size_t limit = fwa_finding_kind(FWA_A02)->limit;
	struct fwa_finding finding;
	size_t i;

	(void)state;
	assert_non_null(findings);
	assert_non_null(source);
	assert_false(fwa_findings_have(findings, FWA_CATEGORY_AUTHENTICITY, 0));
	fwa_finding_make(&finding, FWA_A02, "One.");
	for (i = 0; i < limit + 5; i++)
		assert_int_equal(fwa_findings_add(source, &finding), 0);
	assert_int_equal(fwa_findings_count(source), limit);
	assert_int_equal(fwa_findings_omitted(source, FWA_A02), 5);
	fwa_finding_make(&finding, FWA_C02, "Another.");
	assert_int_equal(fwa_findings_add(source, &finding), 0);
	assert_int_equal(fwa_findings_add(findings, &finding), 0);

	assert_int_equal(fwa_findings_append(findings, source), 0);
	assert_int_equal(fwa_findings_count(source), 0);
	assert_int_equal(fwa_findings_total(source, FWA_A02), 0);
	assert_int_equal(fwa_findings_count(findings), limit + 2);
	assert_int_equal(fwa_findings_total(findings, FWA_A02), limit + 5);
	assert_int_equal(fwa_findings_total(findings, FWA_C02), 2);
	assert_string_equal(fwa_findings_get(findings, 0)->sentence, "Another.");
	assert_true(fwa_findings_have(findings, FWA_CATEGORY_COMPLETENESS,
				      FWA_SEVERITY_MEDIUM));
	assert_false(fwa_findings_have(findings, FWA_CATEGORY_COMPLETENESS,
				       FWA_SEVERITY_HIGH));
	assert_false(fwa_findings_have(findings, FWA_CATEGORY_SCOPE, FWA_SEVERITY_INFO));
	fwa_findings_free(source);
	fwa_findings_free(findings);
	fwa_findings_free(NULL);
}

/* An omitted finding still counts for the exit status. */
static void omitted_severity_counts(void **state)
{
	struct fwa_findings *findings = fwa_findings_new();
	struct fwa_finding finding;
	size_t i;

	(void)state;
	assert_non_null(findings);
	fwa_finding_make(&finding, FWA_A02, "One.");
	finding.severity = FWA_SEVERITY_LOW;
	for (i = 0; i < fwa_finding_kind(FWA_A02)->limit; i++)
		assert_int_equal(fwa_findings_add(findings, &finding), 0);
	assert_false(fwa_findings_have(findings, FWA_CATEGORY_AUTHENTICITY,
				       FWA_SEVERITY_CRITICAL));
	finding.severity = FWA_SEVERITY_CRITICAL;
	assert_int_equal(fwa_findings_add(findings, &finding), 0);
	assert_true(fwa_findings_have(findings, FWA_CATEGORY_AUTHENTICITY,
				      FWA_SEVERITY_CRITICAL));
	fwa_findings_free(findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_complete),
		cmocka_unit_test(table_is_documented),
		cmocka_unit_test(severities_have_names),
		cmocka_unit_test(text_is_printable),
		cmocka_unit_test(records_and_changes_are_bounded),
		cmocka_unit_test(lists_count_what_they_omit),
		cmocka_unit_test(omitted_severity_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
