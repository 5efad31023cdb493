/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "schema/ledger_sql.h"

static int make_ledger(void **state)
{
	sqlite3 *database;

	if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
	    sqlite3_exec(database, fwa_ledger_sql, NULL, NULL, NULL) != SQLITE_OK)
		return -1;
	*state = database;
	return 0;
}

static int close_ledger(void **state)
{
	return sqlite3_close(*state) == SQLITE_OK ? 0 : -1;
}

static int number(sqlite3 *database, const char *sql)
{
	sqlite3_stmt *statement;
	int value;

	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

/* SQLite keeps the text as it is in the list: in rows, order and every character. */
static void schema_is_the_list(void **state)
{
	sqlite3_stmt *statement;
	sqlite3 *database = *state;

	assert_int_equal(
		sqlite3_prepare_v2(database,
				   "SELECT type, name, tbl_name, sql FROM sqlite_schema "
				   "ORDER BY rowid",
				   -1, &statement, NULL),
		SQLITE_OK);
	for (size_t i = 0; i < FWA_LEDGER_OBJECT_COUNT; i++) {
		const struct fwa_ledger_object *object = &fwa_ledger_objects[i];

		assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(statement, 0),
				    object->type);
		assert_string_equal((const char *)sqlite3_column_text(statement, 1),
				    object->name);
		assert_string_equal((const char *)sqlite3_column_text(statement, 2),
				    object->table);
		assert_string_equal((const char *)sqlite3_column_text(statement, 3),
				    object->sql);
	}
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
	assert_int_equal(number(database, "PRAGMA application_id"),
			 FWA_LEDGER_APPLICATION_ID);
	assert_int_equal(number(database, "PRAGMA user_version"),
			 FWA_LEDGER_USER_VERSION);
	assert_int_equal(number(database,
				"SELECT count(*) FROM pragma_table_list "
				"WHERE name IN ('leaf', 'payload', 'checkpoint', "
				"'attestation') AND strict AND NOT wr"),
			 4);
}

/* ledger.sql is the same text for people. */
static void file_is_the_list(void **state)
{
	static const char head[] = "-- SPDX-License-Identifier: Apache-2.0\n";
	char text[8192];
	FILE *file = fopen(FWA_LEDGER_SQL_FILE, "rb");
	size_t size;

	(void)state;
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_true(size > strlen(head));
	assert_memory_equal(text, head, strlen(head));
	assert_string_equal(text + strlen(head), fwa_ledger_sql);
}

static void assert_taken(sqlite3 *database, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* Refused by a constraint: not because the statement has a slip in it. */
static void assert_refused(sqlite3 *database, const char *sql)
{
	int result = sqlite3_exec(database, sql, NULL, NULL, NULL);

	if ((result & 0xff) != SQLITE_CONSTRAINT)
		fail_msg("%s: %s", sql, sqlite3_errstr(result));
}

static void rows_are_checked(void **state)
{
	static const char *const good[] = {
		"INSERT INTO leaf VALUES (0, zeroblob(32), x'a0')",
		"INSERT INTO leaf VALUES (7, zeroblob(32), zeroblob(1048576))",
		"INSERT INTO payload VALUES (4, zeroblob(16), 0, x'00')",
		"INSERT INTO payload VALUES (5, zeroblob(16), 1, zeroblob(2097152))",
		"INSERT INTO checkpoint VALUES (1, zeroblob(110))",
		"INSERT INTO attestation VALUES (1, zeroblob(512))",
	};
	static const char *const evil[] = {
		"INSERT INTO leaf VALUES (0, zeroblob(32), x'a1')",
		"INSERT INTO leaf VALUES (-1, zeroblob(32), x'a0')",
		"INSERT INTO leaf VALUES (1, zeroblob(31), x'a0')",
		"INSERT INTO leaf VALUES (1, zeroblob(33), x'a0')",
		"INSERT INTO leaf VALUES (1, NULL, x'a0')",
		"INSERT INTO leaf VALUES (1, zeroblob(32), NULL)",
		"INSERT INTO leaf VALUES (1, zeroblob(32), x'')",
		"INSERT INTO leaf VALUES (1, zeroblob(32), zeroblob(1048577))",
		"INSERT INTO leaf VALUES (1, zeroblob(32), 'text')",
		"INSERT INTO leaf VALUES (1, '01234567890123456789012345678901', x'a0')",
		"INSERT INTO leaf VALUES (1, zeroblob(32), 5)",
		"INSERT INTO payload VALUES (2, zeroblob(16), 0, x'00')",
		"INSERT INTO payload VALUES (7, zeroblob(16), 0, x'00')",
		"INSERT INTO payload VALUES (-4, zeroblob(16), 0, x'00')",
		"INSERT INTO payload VALUES (0, zeroblob(15), 0, x'00')",
		"INSERT INTO payload VALUES (0, zeroblob(16), 2, x'00')",
		"INSERT INTO payload VALUES (0, zeroblob(16), NULL, x'00')",
		"INSERT INTO payload VALUES (0, zeroblob(16), 0, x'')",
		"INSERT INTO payload VALUES (0, zeroblob(16), 0, zeroblob(2097153))",
		"INSERT INTO checkpoint VALUES (0, x'00')",
		"INSERT INTO checkpoint VALUES (2, x'')",
		"INSERT INTO checkpoint VALUES (2, zeroblob(111))",
		"INSERT INTO checkpoint VALUES (2, 'text')",
		"INSERT INTO attestation VALUES (0, x'00')",
		"INSERT INTO attestation VALUES (2, x'')",
		"INSERT INTO attestation VALUES (2, zeroblob(513))",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_taken(*state, good[i]);
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++)
		assert_refused(*state, evil[i]);
}

static void rows_cannot_be_changed_or_removed(void **state)
{
	static const char *const evil[] = {
		"UPDATE leaf SET record = x'a1'",
		"UPDATE payload SET bytes = x'01'",
		"UPDATE checkpoint SET note = x'01'",
		"UPDATE attestation SET attestation = x'01'",
		"DELETE FROM leaf",
		"DELETE FROM payload",
		"DELETE FROM checkpoint",
		"DELETE FROM attestation",
	};

	rows_are_checked(state);
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		assert_refused(*state, evil[i]);
		assert_string_equal(sqlite3_errmsg(*state), "the ledger is append-only");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(schema_is_the_list, make_ledger,
						close_ledger),
		cmocka_unit_test(file_is_the_list),
		cmocka_unit_test_setup_teardown(rows_are_checked, make_ledger,
						close_ledger),
		cmocka_unit_test_setup_teardown(rows_cannot_be_changed_or_removed,
						make_ledger, close_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
