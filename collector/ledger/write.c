/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/internal.h"

#include <errno.h>
#include <inttypes.h>

#include "schema/ledger_sql.h"

/* Run an insert whose parameters are bound, and make it ready for the next. */
static int step(sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	/* After a failed step, reset says the same error once more. */
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int insert_payload(struct fwa_ledger *ledger, uint64_t sequence, unsigned part,
			  const struct fwa_payload *payload)
{
	sqlite3_stmt *statement = ledger->insert_payload;

	if (!payload->bytes)
		return SQLITE_OK;
	if (sqlite3_bind_int64(statement, 1, (sqlite3_int64)(sequence * 4 + part)) ||
	    sqlite3_bind_blob64(statement, 2, payload->salt, FWA_SALT_SIZE,
				SQLITE_STATIC) ||
	    sqlite3_bind_int(statement, 3, payload->codec) ||
	    sqlite3_bind_blob64(statement, 4, payload->bytes, payload->size,
				SQLITE_STATIC))
		return sqlite3_errcode(ledger->database);
	return step(statement);
}

static int insert_record(struct fwa_ledger *ledger, uint64_t sequence,
			 const struct fwa_staged *staged)
{
	sqlite3_stmt *statement = ledger->insert_leaf;
	unsigned part;
	int rc;

	if (sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence) ||
	    sqlite3_bind_blob64(statement, 2, staged->hash, FWA_DIGEST_SIZE,
				SQLITE_STATIC) ||
	    sqlite3_bind_blob64(statement, 3, staged->record, staged->size,
				SQLITE_STATIC))
		return sqlite3_errcode(ledger->database);
	rc = step(statement);
	for (part = 0; part < 2 && rc == SQLITE_OK; part++)
		rc = insert_payload(ledger, sequence, part, &staged->payloads[part]);
	return rc;
}

static int insert_numbered(struct fwa_ledger *ledger, sqlite3_stmt *statement,
			   uint64_t number, const void *data, size_t size)
{
	if (sqlite3_bind_int64(statement, 1, (sqlite3_int64)number) ||
	    sqlite3_bind_blob64(statement, 2, data, size, SQLITE_STATIC))
		return sqlite3_errcode(ledger->database);
	return step(statement);
}

static int insert_all(struct fwa_ledger *ledger)
{
	const struct fwa_ledger_state *state = &ledger->state;
	size_t i;
	int rc = SQLITE_OK;

	for (i = 0; i < ledger->staged_count && rc == SQLITE_OK; i++)
		rc = insert_record(ledger, state->committed + i, &ledger->staged[i]);
	if (rc == SQLITE_OK && ledger->attestation_size > 0)
		rc = insert_numbered(ledger, ledger->insert_attestation,
				     ledger->attestation_number, ledger->attestation,
				     ledger->attestation_size);
	if (rc == SQLITE_OK && ledger->note_size > 0)
		rc = insert_numbered(ledger, ledger->insert_checkpoint,
				     state->checkpoint_number, ledger->note,
				     ledger->note_size);
	return rc;
}

int fwa_ledger_database_write(struct fwa_ledger *ledger, struct fwa_error *error)
{
	sqlite3 *database = ledger->database;
	int rc;

	rc = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = insert_all(ledger);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return 0;
	rc = fwa_ledger_database_error(ledger, "write to it", error);
	/* Some errors have rolled back already, some have not. */
	if (!sqlite3_get_autocommit(database) &&
	    sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "roll back a failed write",
						 error);
	return rc;
}
