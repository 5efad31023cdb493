/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/ledger_sql.h"

/* The database header: sqlite.org/fileformat2.html, section 1.3. */
#define HEADER_SIZE       100u
#define MAGIC             "SQLite format 3"
#define OFFSET_PAGE_SIZE  16u
#define OFFSET_CHANGES    24u
#define OFFSET_PAGE_COUNT 28u
#define OFFSET_VALID_FOR  92u

/* A payload, with room for its row; a schema statement is far smaller. */
#define VALUE_SIZE_MAX (4 * 1024 * 1024)

/*
 * How many steps of SQLite's machine a check of the file may take: an honest row takes some
 * dozens and has hundreds of bytes. A file whose pages form a maze takes for ever.
 */
#define STEPS_AT_LEAST     50000000
#define STEPS_PER_CALL     1000000
#define BYTES_FOR_ONE_STEP 4

/* Of a schema: a bit for each of the tables, which come first in fwa_ledger_objects. */
#define ALL_TABLES    0x0fu
#define FOREIGN_INDEX 0x10u

struct budget {
	uint64_t calls;
};

static int spend(void *context)
{
	struct budget *budget = context;

	if (budget->calls == 0)
		return 1;
	budget->calls--;
	return 0;
}

/* Bytes that the file should have by its own header; 0 if the header does not say. */
static uint64_t stated_size(const struct fwa_evidence_files *files)
{
	uint8_t header[HEADER_SIZE];
	uint32_t page_size;

	if (fwa_read_at(files->database, header, sizeof(header), 0) !=
	    (int64_t)sizeof(header))
		return 0;
	page_size = fwa_be16(header + OFFSET_PAGE_SIZE);
	if (page_size == 1)
		page_size = 65536;
	if (fwa_be32(header + OFFSET_CHANGES) != fwa_be32(header + OFFSET_VALID_FOR))
		return 0;
	return (uint64_t)page_size * fwa_be32(header + OFFSET_PAGE_COUNT);
}

static int damaged(sqlite3 *database, const struct fwa_evidence_files *files,
		   struct fwa_error *error)
{
	uint64_t stated = stated_size(files);

	if (files->size < stated && files->scan.committed_size == 0)
		return fwa_error(error, -EBADMSG,
				 "%s: is cut off: %" PRIu64 " of %" PRIu64
				 " bytes are there. Get a whole copy.",
				 files->path, files->size, stated);
	return fwa_error(error, -EBADMSG, "%s: is damaged (SQLite: %s).", files->path,
			 sqlite3_errmsg(database));
}

int fwa_connection_fail(sqlite3 *database, const struct fwa_evidence_files *files,
			struct fwa_error *error)
{
	switch (sqlite3_errcode(database)) {
	case SQLITE_NOMEM:
		return fwa_error(error, -ENOMEM, "%s: out of memory.", files->path);
	case SQLITE_IOERR:
		return fwa_error(error, -EIO, "%s: cannot be read (SQLite: %s).",
				 files->path, sqlite3_errmsg(database));
	case SQLITE_INTERRUPT:
		return fwa_error(error, -EBADMSG,
				 "%s: is damaged: its pages go round in circles.",
				 files->path);
	default:
		/* Statements are constants: what SQLite minds about them is the file. */
		return damaged(database, files, error);
	}
}

static int configure(sqlite3 *database)
{
	static const struct {
		int name;
		int value;
	} settings[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
		{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};
	static const struct {
		int name;
		int value;
	} limits[] = {
		{SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX},
		{SQLITE_LIMIT_SQL_LENGTH, 4096},
		{SQLITE_LIMIT_COLUMN, 16},
		{SQLITE_LIMIT_EXPR_DEPTH, 16},
		{SQLITE_LIMIT_COMPOUND_SELECT, 4},
		{SQLITE_LIMIT_VDBE_OP, 25000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 4},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		int now = -1;
		int result = sqlite3_db_config(database, settings[i].name,
					       settings[i].value, &now);

		if (result == SQLITE_OK && now != settings[i].value)
			result = SQLITE_ERROR;
		/* A library built without the feature has nothing to turn off. */
		if (result != SQLITE_OK && settings[i].value != 0)
			return result;
	}
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(database, limits[i].name, limits[i].value);
	/* The locking mode comes first: it is what keeps the log's index in memory. */
	return sqlite3_exec(database,
			    "PRAGMA locking_mode = EXCLUSIVE;"
			    "PRAGMA cell_size_check = ON;"
			    "PRAGMA mmap_size = 0;"
			    "PRAGMA temp_store = MEMORY;"
			    "PRAGMA query_only = ON;"
			    "BEGIN",
			    NULL, NULL, NULL);
}

static int check_header(const struct fwa_evidence_files *files, struct fwa_error *error)
{
	uint8_t header[HEADER_SIZE];
	int64_t got = fwa_read_at(files->database, header, sizeof(header), 0);

	if (got < 0)
		return fwa_error(error, (int)got, "%s: cannot be read: %s.", files->path,
				 strerror((int)-got));
	if (got < (int64_t)sizeof(MAGIC) || memcmp(header, MAGIC, sizeof(MAGIC)) != 0)
		return fwa_error(error, -EINVAL,
				 "%s: is not a ledger, or its beginning was overwritten: "
				 "there is no SQLite header. Name a ledger.db.",
				 files->path);
	if (got < (int64_t)sizeof(header))
		return fwa_error(error, -EBADMSG,
				 "%s: is cut off after %" PRId64 " bytes. Get a whole "
				 "copy.",
				 files->path, got);
	return 0;
}

int fwa_connection_number(sqlite3 *database, const struct fwa_evidence_files *files,
			  const char *sql, int64_t *ret_number, struct fwa_error *error)
{
	sqlite3_stmt *statement = NULL;
	int result;

	result = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result != SQLITE_ROW) {
		result = fwa_connection_fail(database, files, error);
	} else {
		if (sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
			*ret_number = sqlite3_column_int64(statement, 0);
		result = 0;
	}
	sqlite3_finalize(statement);
	return result;
}

static int check_identity(sqlite3 *database, const struct fwa_evidence_files *files,
			  struct fwa_error *error)
{
	int64_t application = 0, version = 0;
	int result = fwa_connection_number(database, files, "PRAGMA application_id",
					   &application, error);

	if (result == 0)
		result = fwa_connection_number(database, files, "PRAGMA user_version",
					       &version, error);
	if (result < 0)
		return result;
	if (application != FWA_LEDGER_APPLICATION_ID)
		return fwa_error(error, -EINVAL,
				 "%s: is an SQLite database and not a ledger: its "
				 "application id is %" PRId64 ", not %d.",
				 files->path, application, FWA_LEDGER_APPLICATION_ID);
	if (version > FWA_LEDGER_USER_VERSION)
		return fwa_error(error, -ENOTSUP,
				 "%s: has format version %" PRId64 ", and this fwaudit "
				 "knows none after %d: use a newer fwaudit.",
				 files->path, version, FWA_LEDGER_USER_VERSION);
	if (version < FWA_LEDGER_USER_VERSION)
		return fwa_error(error, -EBADMSG,
				 "%s: says that it has format version %" PRId64
				 ", which no ledger has.",
				 files->path, version);
	return 0;
}

static bool column_is(sqlite3_stmt *statement, int column, const char *text)
{
	size_t size = strlen(text);
	const unsigned char *value;

	if (sqlite3_column_type(statement, column) != SQLITE_TEXT)
		return false;
	value = sqlite3_column_text(statement, column);
	return value && (size_t)sqlite3_column_bytes(statement, column) == size &&
	       memcmp(value, text, size) == 0;
}

static bool object_is(sqlite3_stmt *statement, const struct fwa_ledger_object *object)
{
	return column_is(statement, 0, object->type) &&
	       column_is(statement, 1, object->name) &&
	       column_is(statement, 2, object->table) &&
	       column_is(statement, 3, object->sql);
}

/* Name the object that stands at place `count` of the schema and should not. */
static void wrong_object(sqlite3_stmt *statement, const struct fwa_evidence_files *files,
			 size_t count, struct fwa_error *error)
{
	const unsigned char *type = sqlite3_column_text(statement, 0);
	const unsigned char *name = sqlite3_column_text(statement, 1);

	fwa_error(error, 0,
		  "%s: its schema is not a ledger's: object %zu is the %.16s \"%.64s\" "
		  "where "
		  "a ledger has %s, and it has to be so word for word.",
		  files->path, count + 1, type ? (const char *)type : "?",
		  name ? (const char *)name : "?",
		  count < FWA_LEDGER_OBJECT_COUNT ? fwa_ledger_objects[count].name
						  : "nothing more");
}

/*
 * Compare sqlite_schema with the ledger's. Rows are read only from tables that are exactly the
 * ledger's and have no index that could answer in their place; whatever else is different is a
 * deviation to report, and no reason not to look for more.
 */
static int compare_schema(sqlite3_stmt *statement, const struct fwa_evidence_files *files,
			  unsigned *ret_tables, struct fwa_error *ret_deviation)
{
	size_t count = 0, i;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		for (i = 0; i < FWA_LEDGER_OBJECT_COUNT; i++) {
			if (object_is(statement, &fwa_ledger_objects[i]))
				break;
		}
		if (i < FWA_LEDGER_OBJECT_COUNT &&
		    strcmp(fwa_ledger_objects[i].type, "table") == 0)
			*ret_tables |= 1u << i;
		if (column_is(statement, 0, "index"))
			*ret_tables |= FOREIGN_INDEX;
		if ((i != count || i == FWA_LEDGER_OBJECT_COUNT) &&
		    ret_deviation->sentence[0] == '\0')
			wrong_object(statement, files, count, ret_deviation);
		count++;
	}
	if (result == SQLITE_DONE && count < FWA_LEDGER_OBJECT_COUNT &&
	    ret_deviation->sentence[0] == '\0')
		fwa_error(ret_deviation, 0,
			  "%s: its schema is not a ledger's: %s is missing.", files->path,
			  fwa_ledger_objects[count].name);
	return result;
}

static int check_schema(sqlite3 *database, const struct fwa_evidence_files *files,
			struct fwa_error *ret_deviation, struct fwa_error *error)
{
	static const char sql[] =
		"SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid";
	struct fwa_error deviation = {.sentence = ""};
	sqlite3_stmt *statement = NULL;
	unsigned tables = 0;
	int result;

	result = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = compare_schema(statement, files, &tables, &deviation);
	if (result != SQLITE_DONE)
		result = fwa_connection_fail(database, files, error);
	else if (tables != ALL_TABLES)
		result = fwa_error(error, -EBADMSG, "%s", deviation.sentence);
	else
		result = 0;
	sqlite3_finalize(statement);
	if (result == 0)
		*ret_deviation = deviation;
	return result;
}

int fwa_connection_open(const struct fwa_evidence_files *files, const char *vfs,
			sqlite3 **ret_database, struct fwa_error *ret_deviation,
			struct fwa_error *error)
{
	sqlite3 *database = NULL;
	int result = check_header(files, error);

	if (result < 0)
		return result;
	if (sqlite3_open_v2("ledger", &database,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
			    vfs) != SQLITE_OK ||
	    configure(database) != SQLITE_OK) {
		result = database ? fwa_connection_fail(database, files, error)
				  : fwa_error(error, -ENOMEM, "%s: out of memory.",
					      files->path);
		goto err;
	}
	result = check_identity(database, files, error);
	if (result == 0)
		result = check_schema(database, files, ret_deviation, error);
	if (result < 0)
		goto err;
	*ret_database = database;
	return 0;
err:
	sqlite3_close(database);
	return result;
}

int fwa_connection_check(sqlite3 *database, const struct fwa_evidence_files *files,
			 struct fwa_error *error)
{
	uint64_t steps =
		STEPS_AT_LEAST + (files->size + files->wal_size) / BYTES_FOR_ONE_STEP;
	struct budget budget = {.calls = steps / STEPS_PER_CALL};
	sqlite3_stmt *statement = NULL;
	int result;

	sqlite3_progress_handler(database, STEPS_PER_CALL, spend, &budget);
	result = sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement,
				    NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW && column_is(statement, 0, "ok"))
		result = 0;
	else if (result == SQLITE_ROW)
		result = fwa_error(error, -EBADMSG, "%s: is damaged (SQLite: %s).",
				   files->path,
				   (const char *)sqlite3_column_text(statement, 0));
	else
		result = fwa_connection_fail(database, files, error);
	sqlite3_finalize(statement);
	sqlite3_progress_handler(database, 0, NULL, NULL);
	return result;
}
