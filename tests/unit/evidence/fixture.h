/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger in a directory of its own, ways to tamper with it, and what the verifier says then.
 */
#ifndef FWA_TESTS_EVIDENCE_FIXTURE_H
#define FWA_TESTS_EVIDENCE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/lib/ledger_builder.h"
#include "verifier/verify.h"

struct fixture {
	char directory[64];
	char database[128]; /* directory/ledger.db */
	uint8_t *enrolment;
	size_t enrolment_size;
};

/* A directory with nothing in it; cmocka setup and teardown functions. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
/* The same with the sample ledger of ledger_builder.h, closed and folded. */
int fixture_setup_sample(void **state);

/* Begin a ledger in the fixture's directory. */
struct ledger_builder *fixture_build(struct fixture *fixture);

/* Verify; the ledger has to be readable. To be freed with fwa_verify_result_free. */
struct fwa_verify_result *fixture_verify(const struct fixture *fixture);
/* Verify what is at `path`; what fwa_verify returns. */
int fixture_verify_path(const struct fixture *fixture, const char *path,
			struct fwa_verify_result **ret_result, struct fwa_error *error);

/* Is there a finding with this id, table and row? `table` NULL: any place. */
bool fixture_has(const struct fwa_verify_result *result, enum fwa_finding_id id,
		 const char *table, int64_t row);
/* Is there any authenticity finding at this place? */
bool fixture_names(const struct fwa_verify_result *result, const char *table,
		   int64_t row);
/* The findings, one a line, to stderr: for a test that is about to fail. */
void fixture_show(const struct fwa_verify_result *result);

/* Assert that the ledger is not authentic, with a finding of this id at this place. */
void fixture_expect(const struct fixture *fixture, enum fwa_finding_id id,
		    const char *table, int64_t row);
/* Assert that the ledger is authentic and has as many findings. */
void fixture_expect_clean(const struct fixture *fixture, size_t findings);

/* Run SQL on the database, as somebody who has turned its triggers and checks off. */
void fixture_sql(const struct fixture *fixture, const char *sql);
sqlite3 *fixture_open(const struct fixture *fixture);

#endif
