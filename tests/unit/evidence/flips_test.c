/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte of every stored value of a small ledger, changed one at a time: the verifier says
 * each time that the ledger is not authentic, and where.
 */
#include "tests/unit/evidence/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/ledger_sql.h"

#define ROWS_MAX 64

/* The row numbers of a table. */
static int list_rows(sqlite3 *database, const char *table, sqlite3_int64 *ret_rows)
{
	sqlite3_stmt *statement;
	char sql[128];
	int count = 0;

	snprintf(sql, sizeof(sql), "SELECT rowid FROM %s ORDER BY rowid", table);
	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL),
			 SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		assert_true(count < ROWS_MAX);
		ret_rows[count++] = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return count;
}

static void write_byte(sqlite3 *database, const char *table, const char *column,
		       sqlite3_int64 row, int offset, uint8_t value)
{
	sqlite3_blob *blob;

	assert_int_equal(
		sqlite3_blob_open(database, "main", table, column, row, 1, &blob),
		SQLITE_OK);
	assert_int_equal(sqlite3_blob_write(blob, &value, 1, offset), SQLITE_OK);
	assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
	/* A short log is read faster. */
	assert_int_equal(sqlite3_wal_checkpoint(database, NULL), SQLITE_OK);
}

static uint8_t *read_value(sqlite3 *database, const char *table, const char *column,
			   sqlite3_int64 row, int *ret_size)
{
	sqlite3_blob *blob;
	uint8_t *value;

	assert_int_equal(
		sqlite3_blob_open(database, "main", table, column, row, 0, &blob),
		SQLITE_OK);
	*ret_size = sqlite3_blob_bytes(blob);
	assert_true(*ret_size > 0);
	value = malloc((size_t)*ret_size);
	assert_non_null(value);
	assert_int_equal(sqlite3_blob_read(blob, value, *ret_size, 0), SQLITE_OK);
	assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
	return value;
}

static void expect_named(const struct fixture *fixture, const char *table,
			 const char *column, sqlite3_int64 row, int offset, uint8_t mask)
{
	struct fwa_verify_result *result = fixture_verify(fixture);

	if (result->authentic || !fixture_names(result, table, row)) {
		fixture_show(result);
		fail_msg("%s.%s, row %lld, byte %d ^ 0x%02x: not named", table, column,
			 (long long)row, offset, mask);
	}
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_CRITICAL),
			 FWA_EXIT_NOT_AUTHENTIC);
	assert_false(result->assessed);
	fwa_verify_result_free(result);
}

/* Changes every byte of the column in three ways; returns how many changes there were. */
static unsigned flip_column(const struct fixture *fixture, const char *table,
			    const char *column)
{
	static const uint8_t masks[] = {0x01, 0x80, 0xff};
	sqlite3 *database = fixture_open(fixture);
	sqlite3_int64 rows[ROWS_MAX];
	int count = list_rows(database, table, rows);
	unsigned flips = 0;
	int i, offset;
	size_t mask;

	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		int size;
		uint8_t *value = read_value(database, table, column, rows[i], &size);

		for (offset = 0; offset < size; offset++) {
			for (mask = 0; mask < sizeof(masks); mask++) {
				write_byte(database, table, column, rows[i], offset,
					   value[offset] ^ masks[mask]);
				expect_named(fixture, table, column, rows[i], offset,
					     masks[mask]);
				flips++;
			}
			write_byte(database, table, column, rows[i], offset,
				   value[offset]);
		}
		free(value);
	}
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	fixture_expect_clean(fixture, 0); /* all was put back */
	return flips;
}

static void flip_leaf_hash(void **state)
{
	assert_int_equal(flip_column(*state, "leaf", "hash"), 10 * 32 * 3);
}

static void flip_record(void **state)
{
	assert_true(flip_column(*state, "leaf", "record") > 3000);
}

static void flip_salt(void **state)
{
	assert_int_equal(flip_column(*state, "payload", "salt"), 5 * 16 * 3);
}

static void flip_note(void **state)
{
	assert_true(flip_column(*state, "checkpoint", "note") > 500);
}

static void flip_attestation(void **state)
{
	assert_true(flip_column(*state, "attestation", "attestation") > 1400);
}

static int codec_of(sqlite3 *database, sqlite3_int64 row)
{
	sqlite3_stmt *statement;
	int codec;

	assert_int_equal(sqlite3_prepare_v2(database,
					    "SELECT codec FROM payload WHERE id = ?", -1,
					    &statement, NULL),
			 SQLITE_OK);
	sqlite3_bind_int64(statement, 1, row);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	codec = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return codec;
}

/*
 * A compressed frame can say the same in several ways (a match at another distance in bytes that
 * repeat), and what it says is what the digest is of. So: named, or the payload is what it was.
 */
static unsigned flip_payload_byte(const struct fixture *fixture, sqlite3 *database,
				  sqlite3_int64 row, int offset, uint8_t value)
{
	bool raw = codec_of(database, row) == FWA_PAYLOAD_RAW;
	unsigned unnoticed = 0;
	uint8_t mask;

	for (mask = 1; mask != 0; mask = (uint8_t)(mask << 1)) {
		struct fwa_verify_result *result;

		write_byte(database, "payload", "bytes", row, offset, value ^ mask);
		result = fixture_verify(fixture);
		if (result->authentic && !raw)
			unnoticed++;
		else
			assert_true(fixture_has(result, FWA_A05, "payload", row));
		fwa_verify_result_free(result);
	}
	write_byte(database, "payload", "bytes", row, offset, value);
	return unnoticed;
}

static void flip_payload(void **state)
{
	const struct fixture *fixture = *state;
	sqlite3 *database = fixture_open(fixture);
	sqlite3_int64 rows[ROWS_MAX];
	int count = list_rows(database, "payload", rows);
	unsigned unnoticed = 0, flips = 0;
	int i, offset;

	for (i = 0; i < count; i++) {
		int size;
		uint8_t *value = read_value(database, "payload", "bytes", rows[i], &size);

		for (offset = 0; offset < size; offset++) {
			unnoticed += flip_payload_byte(fixture, database, rows[i], offset,
						       value[offset]);
			flips += 8;
		}
		free(value);
	}
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	print_message("%u of %u changes of a compressed frame say the same\n", unnoticed,
		      flips);
	assert_true(unnoticed < flips / 4);
	fixture_expect_clean(fixture, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(flip_leaf_hash, fixture_setup_sample,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(flip_record, fixture_setup_sample,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(flip_salt, fixture_setup_sample,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(flip_payload, fixture_setup_sample,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(flip_note, fixture_setup_sample,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(flip_attestation, fixture_setup_sample,
						fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
