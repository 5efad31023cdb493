/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger file's SQL: what a writer creates and what a reader demands, word for word.
 *
 * A view or a trigger of another's making can make an SQLite file answer differently each time
 * it is read, so a reader compares sqlite_schema with this list and accepts nothing else.
 */
#ifndef FWA_SCHEMA_LEDGER_SQL_H
#define FWA_SCHEMA_LEDGER_SQL_H

#include "schema/record.h"

#define FWA_LEDGER_APPLICATION_ID 0x46574155 /* PRAGMA application_id: "FWAU" */
#define FWA_LEDGER_USER_VERSION   1          /* PRAGMA user_version: FWA_FORMAT_VERSION */
#define FWA_LEDGER_PAGE_SIZE      16384      /* PRAGMA page_size; writers' choice */

/* The largest blobs that the CHECK constraints let in. */
#define FWA_LEDGER_NOTE_SIZE_MAX        110
#define FWA_LEDGER_ATTESTATION_SIZE_MAX 512

/* payload.id = sequence * 4 + part; payload.codec */
enum fwa_payload_part {
	FWA_PAYLOAD_REQUEST = 0,
	FWA_PAYLOAD_RESPONSE = 1,
};
enum fwa_payload_codec {
	FWA_PAYLOAD_RAW = 0,
	FWA_PAYLOAD_ZSTD = 1, /* one zstd frame that states its content size */
};

/* One row of sqlite_schema; `sql` is a statement without a closing semicolon. */
struct fwa_ledger_object {
	const char *type; /* "table" or "trigger" */
	const char *name;
	const char *table; /* sqlite_schema.tbl_name */
	const char *sql;
};

#define FWA_LEDGER_OBJECT_COUNT 12u

/* In the order in which they are created, which is the order of sqlite_schema's rows. */
extern const struct fwa_ledger_object fwa_ledger_objects[FWA_LEDGER_OBJECT_COUNT];

/*
 * All of ledger.sql: the pragmas that name the format and every statement above, for
 * sqlite3_exec on an empty database. Page size and journal mode are set before it, not in it.
 */
extern const char fwa_ledger_sql[];

#endif
