/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a small ledger deleted, duplicated, exchanged and added, and its schema changed.
 *
 * The sample's records: 0 genesis, 1 boot, 2 and 3 devices, 4 checkpoint 1, 5 to 7 calls, 8
 * shutdown, 9 checkpoint 2. Its payloads: 20, 21, 24, 25, 28.
 */
#include "tests/unit/evidence/fixture.h"

#include <string.h>

#define LEAVES(rows) "FROM leaf WHERE sequence IN (" rows ")"

/* One change, and the finding that names it. */
struct change {
	const char *sql;
	enum fwa_finding_id id;
	const char *table;
	int64_t row;
};

static void expect_changes(void **state, const struct change *changes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		assert_int_equal(fixture_setup_sample(state), 0);
		fixture_sql(*state, changes[i].sql);
		fixture_expect(*state, changes[i].id, changes[i].table, changes[i].row);
		assert_int_equal(fixture_teardown(state), 0);
	}
}
#define EXPECT_CHANGES(state, changes)                                                   \
	expect_changes(state, changes, sizeof(changes) / sizeof(changes[0]))

static void untouched_is_clean(void **state)
{
	assert_int_equal(fixture_setup_sample(state), 0);
	fixture_expect_clean(*state, 0);
	assert_int_equal(fixture_teardown(state), 0);
}

static void deleted_rows(void **state)
{
	static const struct change changes[] = {
		{"DELETE FROM leaf", FWA_A03, "leaf", 0},
		{"DELETE " LEAVES("0"), FWA_A03, "leaf", 0},
		{"DELETE " LEAVES("1"), FWA_A03, "leaf", 1},
		{"DELETE " LEAVES("4"), FWA_A03, "leaf", 4},
		{"DELETE " LEAVES("5, 6"), FWA_A03, "leaf", 5},
		{"DELETE " LEAVES("8"), FWA_A03, "leaf", 8},
		/* The last: its note is left over. */
		{"DELETE " LEAVES("9"), FWA_A08, "checkpoint", 2},
		{"DELETE FROM payload WHERE id = 20", FWA_A06, "payload", 20},
		{"DELETE FROM payload WHERE id = 25", FWA_A06, "payload", 25},
		{"DELETE FROM payload", FWA_A06, "payload", 28},
		{"DELETE FROM checkpoint WHERE number = 1", FWA_A08, "checkpoint", 1},
		{"DELETE FROM checkpoint WHERE number = 2", FWA_A08, "checkpoint", 2},
		{"DELETE FROM checkpoint", FWA_A08, "checkpoint", 1},
		{"DELETE FROM attestation WHERE number = 1", FWA_A11, "attestation", 1},
		{"DELETE FROM attestation", FWA_A11, "attestation", 1},
	};

	EXPECT_CHANGES(state, changes);
}

/* A hole is one fault: it does not make the last records look as if they were not signed. */
static void hole_before_a_signed_end(void **state)
{
	struct fwa_verify_result *result;

	assert_int_equal(fixture_setup_sample(state), 0);
	fixture_sql(*state, "DELETE " LEAVES("3"));
	result = fixture_verify(*state);
	assert_true(fixture_has(result, FWA_A03, "leaf", 3));
	assert_int_equal(fwa_findings_count(result->findings), 1);
	fwa_verify_result_free(result);
	assert_int_equal(fixture_teardown(state), 0);
}

static void duplicated_rows(void **state)
{
	static const struct change changes[] = {
		{"INSERT INTO leaf SELECT 10, hash, record " LEAVES("7"), FWA_A03, "leaf",
		 10},
		{"INSERT INTO leaf SELECT -1, hash, record " LEAVES("0"), FWA_A03, "leaf",
		 -1},
		{"INSERT INTO leaf SELECT 12, hash, record " LEAVES("7"), FWA_A03, "leaf",
		 10},
		{"INSERT INTO payload SELECT 29, salt, codec, bytes FROM payload "
		 "WHERE id = 28",
		 FWA_A06, "payload", 29},
		{"INSERT INTO payload SELECT 22, salt, codec, bytes FROM payload "
		 "WHERE id = 21",
		 FWA_A06, "payload", 22},
		{"INSERT INTO payload SELECT -4, salt, codec, bytes FROM payload "
		 "WHERE id = 20",
		 FWA_A06, "payload", -4},
		{"INSERT INTO payload SELECT 9223372036854775807, salt, codec, bytes "
		 "FROM payload WHERE id = 20",
		 FWA_A06, "payload", INT64_MAX},
		{"INSERT INTO checkpoint SELECT 3, note FROM checkpoint WHERE number = 2",
		 FWA_A08, "checkpoint", 3},
		{"INSERT INTO checkpoint SELECT 0, note FROM checkpoint WHERE number = 1",
		 FWA_A08, "checkpoint", 0},
		{"INSERT INTO attestation SELECT 3, attestation FROM attestation "
		 "WHERE number = 2",
		 FWA_A11, "attestation", 3},
		{"INSERT INTO attestation SELECT -7, attestation FROM attestation "
		 "WHERE number = 2",
		 FWA_A11, "attestation", -7},
	};

	EXPECT_CHANGES(state, changes);
}

#define SWAP(table, key, a, b)                                                           \
	"UPDATE " table " SET " key " = -999 WHERE " key " = " a ";"                     \
	"UPDATE " table " SET " key " = " a " WHERE " key " = " b ";"                    \
	"UPDATE " table " SET " key " = " b " WHERE " key " = -999"

static void swapped_rows(void **state)
{
	static const struct change changes[] = {
		{SWAP("leaf", "sequence", "2", "3"), FWA_A03, "leaf", 2},
		{SWAP("leaf", "sequence", "5", "7"), FWA_A03, "leaf", 7},
		{SWAP("leaf", "sequence", "4", "9"), FWA_A03, "leaf", 4},
		{SWAP("payload", "id", "20", "21"), FWA_A05, "payload", 20},
		{SWAP("payload", "id", "21", "24"), FWA_A05, "payload", 24},
		{SWAP("checkpoint", "number", "1", "2"), FWA_A07, "checkpoint", 1},
		{SWAP("attestation", "number", "1", "2"), FWA_A10, "attestation", 1},
		/* Only the hashes, or only the records. */
		{"UPDATE leaf SET hash = (SELECT hash FROM leaf WHERE sequence = 3) "
		 "WHERE sequence = 2",
		 FWA_A02, "leaf", 2},
		{"UPDATE leaf SET record = (SELECT record FROM leaf WHERE sequence = 3) "
		 "WHERE sequence = 2",
		 FWA_A02, "leaf", 2},
	};

	EXPECT_CHANGES(state, changes);
}

static void odd_values(void **state)
{
	static const struct change changes[] = {
		{"UPDATE leaf SET hash = x'00' WHERE sequence = 6", FWA_A02, "leaf", 6},
		{"UPDATE leaf SET hash = x'' WHERE sequence = 6", FWA_A02, "leaf", 6},
		{"UPDATE leaf SET record = x'' WHERE sequence = 6", FWA_A02, "leaf", 6},
		{"UPDATE leaf SET record = CAST(record || x'00' AS BLOB) WHERE sequence "
		 "= 6",
		 FWA_A02, "leaf", 6},
		{"UPDATE leaf SET record = zeroblob(2000000) WHERE sequence = 6", FWA_A02,
		 "leaf", 6},
		{"UPDATE payload SET salt = x'00' WHERE id = 20", FWA_A05, "payload", 20},
		{"UPDATE payload SET codec = 7 WHERE id = 20", FWA_A05, "payload", 20},
		{"UPDATE payload SET codec = 1 WHERE id = 20", FWA_A05, "payload", 20},
		{"UPDATE payload SET codec = 0 WHERE id = 21", FWA_A05, "payload", 21},
		{"UPDATE payload SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id = 21",
		 FWA_A05, "payload", 21},
		{"UPDATE payload SET bytes = CAST(bytes || bytes AS BLOB) WHERE id = 21",
		 FWA_A05, "payload", 21},
		{"UPDATE payload SET bytes = substr(bytes, 1, 4) WHERE id = 21", FWA_A05,
		 "payload", 21},
		{"UPDATE checkpoint SET note = x'' WHERE number = 2", FWA_A07,
		 "checkpoint", 2},
		{"UPDATE checkpoint SET note = CAST(note || x'0a' AS BLOB) WHERE number "
		 "= 2",
		 FWA_A07, "checkpoint", 2},
		{"UPDATE attestation SET attestation = x'' WHERE number = 2", FWA_A09,
		 "attestation", 2},
		{"UPDATE attestation SET attestation = CAST(attestation || x'00' AS "
		 "BLOB) "
		 "WHERE number = 2",
		 FWA_A09, "attestation", 2},
		/* Larger than the reader's limit for any value. */
		{"UPDATE payload SET bytes = zeroblob(9000000) WHERE id = 24", FWA_A01,
		 NULL, 0},
	};

	EXPECT_CHANGES(state, changes);
}

static void changed_schema(void **state)
{
	static const struct change changes[] = {
		{"DROP TRIGGER leaf_no_update", FWA_A01, NULL, 0},
		{"CREATE TRIGGER more AFTER INSERT ON leaf BEGIN SELECT 1; END", FWA_A01,
		 NULL, 0},
		{"CREATE INDEX more ON leaf(hash)", FWA_A01, NULL, 0},
		{"CREATE TABLE more(a)", FWA_A01, NULL, 0},
		{"CREATE VIEW more AS SELECT * FROM leaf", FWA_A01, NULL, 0},
		{"DROP TABLE attestation", FWA_A01, NULL, 0},
		{"ALTER TABLE leaf RENAME TO elsewhere;"
		 "CREATE VIEW leaf AS SELECT * FROM elsewhere",
		 FWA_A01, NULL, 0},
		{"ALTER TABLE leaf ADD COLUMN more BLOB", FWA_A01, NULL, 0},
		{"PRAGMA writable_schema = ON;"
		 "UPDATE sqlite_schema SET sql = replace(sql, 'sequence INTEGER',"
		 "'sequence  INTEGER') WHERE name = 'leaf'",
		 FWA_A01, NULL, 0},
		{"PRAGMA writable_schema = ON;"
		 "UPDATE sqlite_schema SET sql = sql || ' ' WHERE name = "
		 "'leaf_no_delete'",
		 FWA_A01, NULL, 0},
		{"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema", FWA_A01, NULL,
		 0},
		{"PRAGMA user_version = 0", FWA_A01, NULL, 0},
		/* Whoever removes the triggers to edit a record is told both. */
		{"DROP TRIGGER leaf_no_update;"
		 "UPDATE leaf SET record = x'00' WHERE sequence = 3",
		 FWA_A02, "leaf", 3},
	};

	EXPECT_CHANGES(state, changes);
}

/* Many wrong records are a bounded number of findings, and the rest is counted. */
static void findings_are_bounded(void **state)
{
	struct fwa_verify_result *result;
	struct ledger_builder *builder;
	struct fwa_bytes request = {(const uint8_t *)"request", 7};
	struct fwa_bytes none = {(const uint8_t *)"", 0};
	uint64_t device;
	int i;

	assert_int_equal(fixture_setup(state), 0);
	builder = fixture_build(*state);
	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	device = ledger_builder_device(builder, "fwctl0");
	for (i = 0; i < 500; i++)
		ledger_builder_rpc(builder, device, request, none);
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
	ledger_builder_close(builder, true);
	fixture_expect_clean(*state, 0);
	fixture_sql(*state, "UPDATE leaf SET record = x'a0'");
	result = fixture_verify(*state);
	assert_false(result->authentic);
	assert_true(fixture_has(result, FWA_A02, "leaf", 0));
	assert_true(fwa_findings_count(result->findings) < 200);
	assert_true(fwa_findings_omitted(result->findings, FWA_A02) > 400);
	assert_true(fwa_findings_total(result->findings, FWA_A02) >= 505);
	fwa_verify_result_free(result);
	assert_int_equal(fixture_teardown(state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untouched_is_clean),
		cmocka_unit_test(deleted_rows),
		cmocka_unit_test(duplicated_rows),
		cmocka_unit_test(swapped_rows),
		cmocka_unit_test(odd_values),
		cmocka_unit_test(changed_schema),
		cmocka_unit_test(findings_are_bounded),
		cmocka_unit_test(hole_before_a_signed_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
