/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/temporary.h"

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture ||
	    fwa_temporary_make(fixture->directory, sizeof(fixture->directory)) < 0)
		return -1;
	snprintf(fixture->database, sizeof(fixture->database), "%s/ledger.db",
		 fixture->directory);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	fwa_temporary_remove(fixture->directory);
	free(fixture->enrolment);
	free(fixture);
	return 0;
}

int fixture_setup_sample(void **state)
{
	struct ledger_builder *builder;

	if (fixture_setup(state) < 0)
		return -1;
	builder = fixture_build(*state);
	ledger_builder_sample(builder);
	ledger_builder_close(builder, true);
	return 0;
}

struct ledger_builder *fixture_build(struct fixture *fixture)
{
	struct ledger_builder *builder = ledger_builder_new(fixture->directory);
	struct fwa_bytes enrolment = ledger_builder_enrolment(builder);

	free(fixture->enrolment);
	fixture->enrolment = malloc(enrolment.size);
	assert_non_null(fixture->enrolment);
	memcpy(fixture->enrolment, enrolment.data, enrolment.size);
	fixture->enrolment_size = enrolment.size;
	return builder;
}

int fixture_verify_path(const struct fixture *fixture, const char *path,
			struct fwa_verify_result **ret_result, struct fwa_error *error)
{
	const struct fwa_verify_options options = {
		.ledger = path,
		.enrolment = {fixture->enrolment, fixture->enrolment_size},
		.enrolment_name = "enrolment.json",
	};

	return fwa_verify(&options, ret_result, error);
}

struct fwa_verify_result *fixture_verify(const struct fixture *fixture)
{
	struct fwa_verify_result *result = NULL;
	struct fwa_error error = {.sentence = ""};

	if (fixture_verify_path(fixture, fixture->database, &result, &error) < 0)
		fail_msg("%s", error.sentence);
	return result;
}

static bool is_at(const struct fwa_finding *finding, const char *table, int64_t row)
{
	return finding->table && strcmp(finding->table, table) == 0 && finding->has_row &&
	       finding->row == row;
}

bool fixture_has(const struct fwa_verify_result *result, enum fwa_finding_id id,
		 const char *table, int64_t row)
{
	size_t i;

	for (i = 0; i < fwa_findings_count(result->findings); i++) {
		const struct fwa_finding *finding = fwa_findings_get(result->findings, i);

		if (finding->id == id && (!table || is_at(finding, table, row)))
			return true;
	}
	return false;
}

bool fixture_names(const struct fwa_verify_result *result, const char *table, int64_t row)
{
	size_t i;

	for (i = 0; i < fwa_findings_count(result->findings); i++) {
		const struct fwa_finding *finding = fwa_findings_get(result->findings, i);

		if (fwa_finding_kind(finding->id)->category ==
			    FWA_CATEGORY_AUTHENTICITY &&
		    is_at(finding, table, row))
			return true;
	}
	return false;
}

void fixture_show(const struct fwa_verify_result *result)
{
	size_t i;

	fprintf(stderr, "authentic: %d, findings:\n", result->authentic);
	for (i = 0; i < fwa_findings_count(result->findings); i++) {
		const struct fwa_finding *finding = fwa_findings_get(result->findings, i);

		fprintf(stderr, "  %s [%s %lld] %s\n", fwa_finding_kind(finding->id)->id,
			finding->table ? finding->table : "-", (long long)finding->row,
			finding->sentence);
	}
}

void fixture_expect(const struct fixture *fixture, enum fwa_finding_id id,
		    const char *table, int64_t row)
{
	struct fwa_verify_result *result = fixture_verify(fixture);
	bool found = fixture_has(result, id, table, row);

	if (!found || result->authentic)
		fixture_show(result);
	assert_true(found);
	assert_false(result->authentic);
	assert_false(result->assessed);
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_CRITICAL),
			 FWA_EXIT_NOT_AUTHENTIC);
	fwa_verify_result_free(result);
}

void fixture_expect_clean(const struct fixture *fixture, size_t findings)
{
	struct fwa_verify_result *result = fixture_verify(fixture);

	if (!result->authentic || fwa_findings_count(result->findings) != findings)
		fixture_show(result);
	assert_true(result->authentic);
	assert_true(result->assessed);
	assert_int_equal(fwa_findings_count(result->findings), findings);
	fwa_verify_result_free(result);
}

sqlite3 *fixture_open(const struct fixture *fixture)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(fixture->database, &database), SQLITE_OK);
	assert_int_equal(
		sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(database,
				      "PRAGMA synchronous = OFF;"
				      "PRAGMA ignore_check_constraints = ON",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	return database;
}

void fixture_sql(const struct fixture *fixture, const char *sql)
{
	sqlite3 *database = fixture_open(fixture);
	char *message = NULL;

	if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}
