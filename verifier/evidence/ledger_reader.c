/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/ledger_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "schema/ledger_sql.h"
#include "verifier/evidence/connection.h"
#include "verifier/evidence/evidence_files.h"
#include "verifier/evidence/readonly_vfs.h"

enum table {
	LEAF,
	PAYLOAD,
	CHECKPOINT,
	ATTESTATION,
	FIND_LEAF,
	FIND_PAYLOAD,
	STATEMENTS,
};

/* The first column is the row's number; the others are blobs, but for the codec. */
static const struct {
	const char *table;
	const char *sql;
} statements[STATEMENTS] = {
	[LEAF] = {"leaf", "SELECT sequence, hash, record FROM leaf ORDER BY sequence"},
	[PAYLOAD] = {"payload", "SELECT id, salt, codec, bytes FROM payload ORDER BY id"},
	[CHECKPOINT] = {"checkpoint",
			"SELECT number, note FROM checkpoint ORDER BY number"},
	[ATTESTATION] = {"attestation",
			 "SELECT number, attestation FROM attestation ORDER BY number"},
	[FIND_LEAF] = {"leaf",
		       "SELECT sequence, hash, record FROM leaf WHERE sequence = ?"},
	[FIND_PAYLOAD] = {"payload",
			  "SELECT id, salt, codec, bytes FROM payload WHERE id = ?"},
};

struct cursor {
	sqlite3_stmt *statement; /* made at the first use */
	bool started;
	bool ended;
	int64_t last; /* row number */
};

struct fwa_ledger_reader {
	struct fwa_evidence_files *files;
	struct fwa_readonly_vfs *vfs;
	sqlite3 *database;
	struct fwa_error deviation; /* of the schema; empty: none */
	struct cursor cursors[STATEMENTS];
};

static int fail(struct fwa_ledger_reader *reader, struct fwa_error *error)
{
	return fwa_connection_fail(reader->database, reader->files, error);
}

static int prepare(struct fwa_ledger_reader *reader, enum table table,
		   struct fwa_error *error)
{
	struct cursor *cursor = &reader->cursors[table];

	if (cursor->statement)
		return 0;
	if (sqlite3_prepare_v2(reader->database, statements[table].sql, -1,
			       &cursor->statement, NULL) != SQLITE_OK)
		return fail(reader, error);
	return 0;
}

static int wrong_row(struct fwa_ledger_reader *reader, enum table table,
		     struct fwa_error *error, const char *what)
{
	const struct cursor *cursor = &reader->cursors[table];

	if (!cursor->started)
		return fwa_error(error, -EBADMSG, "%s: the first row of table %s %s.",
				 reader->files->path, statements[table].table, what);
	return fwa_error(
		error, -EBADMSG, "%s: the row after number %" PRId64 " of table %s %s.",
		reader->files->path, cursor->last, statements[table].table, what);
}

/* The next row: its number, which has to rise, so that a looping tree comes to an end. */
static int step(struct fwa_ledger_reader *reader, enum table table, int64_t *ret_number,
		struct fwa_error *error)
{
	struct cursor *cursor = &reader->cursors[table];
	int64_t number;
	int result;

	if (cursor->ended)
		return 0;
	result = prepare(reader, table, error);
	if (result < 0)
		return result;
	result = sqlite3_step(cursor->statement);
	if (result != SQLITE_ROW)
		cursor->ended = true;
	if (result == SQLITE_DONE)
		return 0;
	if (result != SQLITE_ROW) {
		result = fail(reader, error);
		if (result != -EBADMSG)
			return result;
		return wrong_row(reader, table, error,
				 "cannot be read: the file is damaged there");
	}
	number = sqlite3_column_int64(cursor->statement, 0);
	if (sqlite3_column_type(cursor->statement, 0) != SQLITE_INTEGER ||
	    (cursor->started && number <= cursor->last)) {
		cursor->ended = true;
		return wrong_row(reader, table, error,
				 "does not have a greater number: the file is damaged "
				 "there");
	}
	*ret_number = number;
	return 1;
}

static void stepped(struct cursor *cursor, int64_t number)
{
	cursor->started = true;
	cursor->last = number;
}

static int blob(struct fwa_ledger_reader *reader, enum table table, int column,
		struct fwa_bytes *ret_bytes, struct fwa_error *error)
{
	static const uint8_t nothing[1];
	sqlite3_stmt *statement = reader->cursors[table].statement;
	const void *data;

	if (sqlite3_column_type(statement, column) != SQLITE_BLOB)
		return wrong_row(reader, table, error,
				 "holds something else than bytes in a column of bytes");
	data = sqlite3_column_blob(statement, column);
	ret_bytes->size = (size_t)sqlite3_column_bytes(statement, column);
	if (!data && ret_bytes->size > 0)
		return fail(reader, error);
	ret_bytes->data = data ? data : nothing;
	return 1;
}

static int leaf_row(struct fwa_ledger_reader *reader, enum table table, int64_t number,
		    struct fwa_leaf_row *ret_row, struct fwa_error *error)
{
	struct fwa_leaf_row row = {.sequence = number};
	int result = blob(reader, table, 1, &row.hash, error);

	if (result > 0)
		result = blob(reader, table, 2, &row.record, error);
	if (result > 0)
		*ret_row = row;
	return result;
}

static int payload_row(struct fwa_ledger_reader *reader, enum table table, int64_t number,
		       struct fwa_payload_row *ret_row, struct fwa_error *error)
{
	sqlite3_stmt *statement = reader->cursors[table].statement;
	struct fwa_payload_row row = {.id = number};
	int result = blob(reader, table, 1, &row.salt, error);

	if (result > 0)
		result = blob(reader, table, 3, &row.bytes, error);
	if (result > 0 && sqlite3_column_type(statement, 2) != SQLITE_INTEGER)
		result = wrong_row(reader, table, error,
				   "holds something else than a number as its codec");
	row.codec = sqlite3_column_int64(statement, 2);
	if (result > 0)
		*ret_row = row;
	return result;
}

static int blob_row(struct fwa_ledger_reader *reader, enum table table,
		    struct fwa_blob_row *ret_row, struct fwa_error *error)
{
	struct fwa_blob_row row;
	int result = step(reader, table, &row.number, error);

	if (result > 0)
		result = blob(reader, table, 1, &row.blob, error);
	if (result > 0) {
		stepped(&reader->cursors[table], row.number);
		*ret_row = row;
	}
	return result;
}

int fwa_ledger_reader_leaf(struct fwa_ledger_reader *reader, struct fwa_leaf_row *ret_row,
			   struct fwa_error *error)
{
	int64_t number;
	int result = step(reader, LEAF, &number, error);

	if (result > 0)
		result = leaf_row(reader, LEAF, number, ret_row, error);
	if (result > 0)
		stepped(&reader->cursors[LEAF], number);
	return result;
}

int fwa_ledger_reader_payload(struct fwa_ledger_reader *reader,
			      struct fwa_payload_row *ret_row, struct fwa_error *error)
{
	int64_t number;
	int result = step(reader, PAYLOAD, &number, error);

	if (result > 0)
		result = payload_row(reader, PAYLOAD, number, ret_row, error);
	if (result > 0)
		stepped(&reader->cursors[PAYLOAD], number);
	return result;
}

int fwa_ledger_reader_checkpoint(struct fwa_ledger_reader *reader,
				 struct fwa_blob_row *ret_row, struct fwa_error *error)
{
	return blob_row(reader, CHECKPOINT, ret_row, error);
}

int fwa_ledger_reader_attestation(struct fwa_ledger_reader *reader,
				  struct fwa_blob_row *ret_row, struct fwa_error *error)
{
	return blob_row(reader, ATTESTATION, ret_row, error);
}

/* One row by its number. */
static int find(struct fwa_ledger_reader *reader, enum table table, int64_t number,
		struct fwa_error *error)
{
	struct cursor *cursor = &reader->cursors[table];
	int result = prepare(reader, table, error);

	if (result < 0)
		return result;
	sqlite3_reset(cursor->statement);
	if (sqlite3_bind_int64(cursor->statement, 1, number) != SQLITE_OK)
		return fail(reader, error);
	*cursor = (struct cursor){.statement = cursor->statement};
	return step(reader, table, &number, error);
}

int fwa_ledger_reader_find_leaf(struct fwa_ledger_reader *reader, uint64_t sequence,
				struct fwa_leaf_row *ret_row, struct fwa_error *error)
{
	int result;

	if (sequence > INT64_MAX)
		return 0;
	result = find(reader, FIND_LEAF, (int64_t)sequence, error);
	if (result > 0)
		result = leaf_row(reader, FIND_LEAF, (int64_t)sequence, ret_row, error);
	return result;
}

int fwa_ledger_reader_find_payload(struct fwa_ledger_reader *reader, uint64_t sequence,
				   unsigned part, struct fwa_payload_row *ret_row,
				   struct fwa_error *error)
{
	int64_t id;
	int result;

	if (sequence > INT64_MAX / 4 || part > 3)
		return 0;
	id = (int64_t)(sequence * 4 + part);
	result = find(reader, FIND_PAYLOAD, id, error);
	if (result > 0)
		result = payload_row(reader, FIND_PAYLOAD, id, ret_row, error);
	return result;
}

int fwa_ledger_reader_size(struct fwa_ledger_reader *reader, uint64_t *ret_size,
			   struct fwa_error *error)
{
	int64_t last = -1;
	int result =
		fwa_connection_number(reader->database, reader->files,
				      "SELECT max(sequence) FROM leaf", &last, error);

	if (result == 0)
		*ret_size = last < 0 ? 0 : (uint64_t)last + 1;
	return result;
}

int fwa_ledger_reader_check(struct fwa_ledger_reader *reader, struct fwa_error *error)
{
	return fwa_connection_check(reader->database, reader->files, error);
}

int fwa_ledger_reader_unchanged(const struct fwa_ledger_reader *reader,
				struct fwa_error *error)
{
	return fwa_evidence_files_unchanged(reader->files, error);
}

const char *fwa_ledger_reader_path(const struct fwa_ledger_reader *reader)
{
	return reader->files->path;
}

const char *fwa_ledger_reader_deviation(const struct fwa_ledger_reader *reader)
{
	return reader->deviation.sentence[0] != '\0' ? reader->deviation.sentence : NULL;
}

struct fwa_wal_state fwa_ledger_reader_wal(const struct fwa_ledger_reader *reader)
{
	const struct fwa_evidence_files *files = reader->files;

	return (struct fwa_wal_state){
		.present = files->wal >= 0,
		.size = files->wal_size,
		.header_valid = files->scan.header_valid,
		.stranded = files->scan.stranded,
		.journal = files->journal,
	};
}

int fwa_ledger_reader_open(const char *path, struct fwa_ledger_reader **ret_reader,
			   struct fwa_error *error)
{
	struct fwa_ledger_reader *reader = calloc(1, sizeof(*reader));
	int result;

	if (!reader)
		return fwa_error(error, -ENOMEM, "%s: out of memory.", path);
	result = fwa_evidence_files_open(path, &reader->files, error);
	if (result == 0) {
		result = fwa_readonly_vfs_new(reader->files, &reader->vfs);
		if (result < 0)
			fwa_error(error, result, "%s: SQLite cannot be set up.", path);
	}
	if (result == 0)
		result = fwa_connection_open(
			reader->files, fwa_readonly_vfs_name(reader->vfs),
			&reader->database, &reader->deviation, error);
	if (result < 0) {
		fwa_ledger_reader_close(reader);
		return result;
	}
	*ret_reader = reader;
	return 0;
}

void fwa_ledger_reader_close(struct fwa_ledger_reader *reader)
{
	int i;

	if (!reader)
		return;
	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(reader->cursors[i].statement);
	sqlite3_close(reader->database);
	fwa_readonly_vfs_free(reader->vfs);
	fwa_evidence_files_close(reader->files);
	free(reader);
}
