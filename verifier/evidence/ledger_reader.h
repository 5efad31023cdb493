/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a ledger file, read as hostile input.
 *
 * The file may be anything that somebody wants SQLite to choke on. So: descriptors that cannot
 * write (evidence_files.h), SQLITE_DBCONFIG_DEFENSIVE, an untrusted schema, no views, triggers,
 * attached databases or memory maps, length limits, and a schema that is word for word the one
 * of schema/ledger_sql.h before any table is read. Each table is read once, in the order of its
 * row numbers, which have to rise; all in one read transaction.
 *
 * Functions return 1 for a row, 0 for the end (or for done), -EBADMSG if the file is damaged or
 * is not in the ledger's form (which is evidence of something: a finding), and another negative
 * errno if it cannot be read (which is not); with a sentence.
 */
#ifndef FWA_VERIFIER_LEDGER_READER_H
#define FWA_VERIFIER_LEDGER_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/error.h"
#include "schema/record.h"

struct fwa_ledger_reader;

/* What stands beside the database. */
struct fwa_wal_state {
	bool present;      /* there is a file */
	uint64_t size;     /* its bytes */
	bool header_valid; /* it is a write-ahead log at all */
	uint64_t stranded; /* committed transactions behind a damaged place */
	bool journal;      /* a rollback journal stands beside it too */
};

/* Rows borrow from SQLite: valid until the next row of the same table, or the end. */
struct fwa_leaf_row {
	int64_t sequence;
	struct fwa_bytes hash;
	struct fwa_bytes record;
};
struct fwa_payload_row {
	int64_t id;
	struct fwa_bytes salt;
	int64_t codec;
	struct fwa_bytes bytes;
};
struct fwa_blob_row { /* of the tables checkpoint and attestation */
	int64_t number;
	struct fwa_bytes blob;
};

/*
 * Open the ledger at `path` (the database, or the directory that holds it) and check that it is
 * one: header, application id, version, schema. A ledger of a newer version is -ENOTSUP.
 * A ledger that another process is writing is read as it was at its last commit.
 */
int fwa_ledger_reader_open(const char *path, struct fwa_ledger_reader **ret_reader,
			   struct fwa_error *error);
void fwa_ledger_reader_close(struct fwa_ledger_reader *reader); /* NULL: no-op */

/* The path of the database, as it is named in sentences. Borrowed. */
const char *fwa_ledger_reader_path(const struct fwa_ledger_reader *reader);
/*
 * How the schema differs from a ledger's, as a sentence, where that does not change what the
 * tables hold (a trigger is missing, say); NULL if it does not differ. Borrowed.
 */
const char *fwa_ledger_reader_deviation(const struct fwa_ledger_reader *reader);
struct fwa_wal_state fwa_ledger_reader_wal(const struct fwa_ledger_reader *reader);

/* The next row of each table. Empty blobs have size 0 and a `data` that is not NULL. */
int fwa_ledger_reader_leaf(struct fwa_ledger_reader *reader, struct fwa_leaf_row *ret_row,
			   struct fwa_error *error);
int fwa_ledger_reader_payload(struct fwa_ledger_reader *reader,
			      struct fwa_payload_row *ret_row, struct fwa_error *error);
int fwa_ledger_reader_checkpoint(struct fwa_ledger_reader *reader,
				 struct fwa_blob_row *ret_row, struct fwa_error *error);
int fwa_ledger_reader_attestation(struct fwa_ledger_reader *reader,
				  struct fwa_blob_row *ret_row, struct fwa_error *error);

/*
 * One row by its number, for those who look up a record rather than verify: 1, or 0 if there is
 * none. Borrowed until the next call of the same function.
 */
int fwa_ledger_reader_find_leaf(struct fwa_ledger_reader *reader, uint64_t sequence,
				struct fwa_leaf_row *ret_row, struct fwa_error *error);
int fwa_ledger_reader_find_payload(struct fwa_ledger_reader *reader, uint64_t sequence,
				   unsigned part, struct fwa_payload_row *ret_row,
				   struct fwa_error *error);
/* How many records there are, going by the last row's number; does not read them. */
int fwa_ledger_reader_size(struct fwa_ledger_reader *reader, uint64_t *ret_size,
			   struct fwa_error *error);

/*
 * SQLite's own check of the whole file: pages, free list, column types, constraints. After the
 * rows were read, since it says less clearly where something is wrong.
 */
int fwa_ledger_reader_check(struct fwa_ledger_reader *reader, struct fwa_error *error);

/*
 * Did the file stay as it was? To be asked after the last read.
 * Returns 0; -EAGAIN and a sentence.
 */
int fwa_ledger_reader_unchanged(const struct fwa_ledger_reader *reader,
				struct fwa_error *error);

#endif
