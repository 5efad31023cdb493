/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/ledger/directory.h"
#include "schema/ledger_sql.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

/* Nothing but this writer writes; a reader may hold SQLite's locks for a moment. */
#define BUSY_TIMEOUT_MS 5000

static bool no_room(sqlite3 *database)
{
	int number = sqlite3_system_errno(database);

	switch (sqlite3_errcode(database) & 0xff) {
	case SQLITE_FULL:
		return true;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return number == ENOSPC || number == EDQUOT;
	default:
		return false;
	}
}

int fwa_ledger_database_error(const struct fwa_ledger *ledger, const char *what,
			      struct fwa_error *error)
{
	sqlite3 *database = ledger->database;
	const char *message = database ? sqlite3_errmsg(database) : "out of memory";

	if (database && no_room(database))
		return fwa_error(
			error, -ENOSPC,
			"%s: cannot %s: no room left on its file system; make room",
			ledger->path, what);
	switch (database ? sqlite3_errcode(database) & 0xff : SQLITE_NOMEM) {
	case SQLITE_NOTADB:
		return fwa_error(
			error, -EBADMSG,
			"%s: not a ledger; name the directory of one with --ledger, or "
			"an empty one",
			ledger->path);
	case SQLITE_CORRUPT:
		return fwa_error(
			error, -EBADMSG,
			"%s: cannot %s: the database is damaged (%s); keep it as "
			"evidence and begin a new one with 'fwauditd provision'",
			ledger->path, what, message);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fwa_error(
			error, -EBUSY,
			"%s: cannot %s: another program keeps it locked; close that "
			"program",
			ledger->path, what);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return fwa_error(
			error, -EACCES,
			"%s: cannot %s: %s; check its permissions and that its file "
			"system is writable",
			ledger->path, what, message);
	case SQLITE_NOMEM:
		return fwa_error(error, -ENOMEM, "%s: cannot %s: out of memory",
				 ledger->path, what);
	default:
		return fwa_error(error, -EIO, "%s: cannot %s: %s", ledger->path, what,
				 message);
	}
}

/* One integer from a statement without parameters. */
static int query_number(const struct fwa_ledger *ledger, const char *sql,
			sqlite3_int64 *ret_number, struct fwa_error *error)
{
	sqlite3_stmt *statement;
	int rc = 0;

	if (sqlite3_prepare_v2(ledger->database, sql, -1, &statement, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "read it", error);
	if (sqlite3_step(statement) == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(statement, 0);
	else
		rc = fwa_ledger_database_error(ledger, "read it", error);
	sqlite3_finalize(statement);
	return rc;
}

static int execute(const struct fwa_ledger *ledger, const char *sql, const char *what,
		   struct fwa_error *error)
{
	if (sqlite3_exec(ledger->database, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, what, error);
	return 0;
}

/*
 * Make the file ourselves: SQLite would make it readable by everybody. It gives its log the
 * same mode.
 */
static int make_file(const struct fwa_ledger *ledger, struct fwa_error *error)
{
	struct stat status;
	int fd;

	fd = open(ledger->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd >= 0) {
		close(fd);
		return fwa_directory_sync(ledger->directory, error);
	}
	if (errno != EEXIST)
		return fwa_error(error, -errno, "%s: cannot create it: %s", ledger->path,
				 strerror(errno));
	if (lstat(ledger->path, &status) < 0)
		return fwa_error(error, -errno, "%s: %s", ledger->path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fwa_error(error, -EBADMSG,
				 "%s: not a ledger: it is no regular file", ledger->path);
	return 0;
}

/* Take nothing from the file on trust: neither its schema's functions nor its page layout. */
static int harden(struct fwa_ledger *ledger, struct fwa_error *error)
{
	sqlite3 *database = ledger->database;

	if (sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) !=
		    SQLITE_OK ||
	    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) !=
		    SQLITE_OK ||
	    sqlite3_busy_timeout(database, BUSY_TIMEOUT_MS) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "open it", error);
	return execute(ledger,
		       "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
		       "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;",
		       "open it", error);
}

static int check_schema(const struct fwa_ledger *ledger, struct fwa_error *error)
{
	const struct fwa_ledger_object *object = fwa_ledger_objects;
	const struct fwa_ledger_object *end = object + FWA_LEDGER_OBJECT_COUNT;
	sqlite3_stmt *statement;
	const char *sql, *name;
	int step, rc = 0;

	if (sqlite3_prepare_v2(ledger->database,
			       "SELECT name, sql FROM sqlite_schema ORDER BY rowid", -1,
			       &statement, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "read its schema", error);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		name = (const char *)sqlite3_column_text(statement, 0);
		sql = (const char *)sqlite3_column_text(statement, 1);
		if (object == end || !name || !sql || strcmp(name, object->name) != 0 ||
		    strcmp(sql, object->sql) != 0)
			break;
		object++;
	}
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		rc = fwa_ledger_database_error(ledger, "read its schema", error);
	else if (step == SQLITE_ROW || object != end)
		rc = fwa_error(
			error, -EBADMSG,
			"%s: its tables and triggers are not those of a ledger: it was "
			"changed; keep it as evidence and begin a new one with 'fwauditd "
			"provision'",
			ledger->path);
	sqlite3_finalize(statement);
	return rc;
}

static int create_schema(const struct fwa_ledger *ledger, struct fwa_error *error)
{
	int rc;

	rc = execute(ledger, "BEGIN IMMEDIATE", "create its tables", error);
	if (rc == 0)
		rc = execute(ledger, fwa_ledger_sql, "create its tables", error);
	if (rc == 0)
		rc = execute(ledger, "COMMIT", "create its tables", error);
	if (rc < 0 && !sqlite3_get_autocommit(ledger->database))
		(void)sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* Is it a ledger, of a version that we can go on with? Or nothing yet? Changes nothing. */
static int identify(const struct fwa_ledger *ledger, bool *ret_empty,
		    struct fwa_error *error)
{
	sqlite3_int64 application, version, objects;
	int rc;

	rc = query_number(ledger, "PRAGMA application_id", &application, error);
	if (rc == 0)
		rc = query_number(ledger, "PRAGMA user_version", &version, error);
	if (rc == 0)
		rc = query_number(ledger, "SELECT count(*) FROM sqlite_schema", &objects,
				  error);
	if (rc < 0)
		return rc;
	*ret_empty = application == 0 && version == 0 && objects == 0;
	if (*ret_empty)
		return 0;
	if (application != FWA_LEDGER_APPLICATION_ID)
		return fwa_error(
			error, -EBADMSG,
			"%s: not a ledger, but an SQLite database of another program; "
			"name the directory of a ledger with --ledger, or an empty one",
			ledger->path);
	if (version > FWA_LEDGER_USER_VERSION)
		return fwa_error(
			error, -ENOTSUP,
			"%s: written by a newer fwauditd (ledger format %lld, this one "
			"knows %d); upgrade, or begin a new ledger",
			ledger->path, (long long)version, FWA_LEDGER_USER_VERSION);
	if (version != FWA_LEDGER_USER_VERSION)
		return fwa_error(error, -EBADMSG, "%s: ledger format %lld does not exist",
				 ledger->path, (long long)version);
	return check_schema(ledger, error);
}

static int set_journal(const struct fwa_ledger *ledger, struct fwa_error *error)
{
	sqlite3_stmt *statement;
	const char *mode;
	int rc = 0;

	/* Has an effect only while the database is empty. */
	rc = execute(ledger, "PRAGMA page_size = " TEXT(FWA_LEDGER_PAGE_SIZE), "open it",
		     error);
	if (rc < 0)
		return rc;
	if (sqlite3_prepare_v2(ledger->database, "PRAGMA journal_mode = WAL", -1,
			       &statement, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "open it", error);
	if (sqlite3_step(statement) != SQLITE_ROW)
		rc = fwa_ledger_database_error(ledger, "open it", error);
	else if (!(mode = (const char *)sqlite3_column_text(statement, 0)) ||
		 strcmp(mode, "wal") != 0)
		rc = fwa_error(
			error, -ENOTSUP,
			"%s: its file system cannot keep a write-ahead log; put the "
			"ledger on a local one",
			ledger->path);
	sqlite3_finalize(statement);
	return rc;
}

static int prepare(struct fwa_ledger *ledger, struct fwa_error *error)
{
	const struct {
		sqlite3_stmt **statement;
		const char *sql;
	} table[] = {
		{&ledger->insert_leaf, "INSERT INTO leaf VALUES (?, ?, ?)"},
		{&ledger->insert_payload, "INSERT INTO payload VALUES (?, ?, ?, ?)"},
		{&ledger->insert_checkpoint, "INSERT INTO checkpoint VALUES (?, ?)"},
		{&ledger->insert_attestation, "INSERT INTO attestation VALUES (?, ?)"},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (sqlite3_prepare_v3(ledger->database, table[i].sql, -1,
				       SQLITE_PREPARE_PERSISTENT, table[i].statement,
				       NULL) != SQLITE_OK)
			return fwa_ledger_database_error(ledger, "open it", error);
	return 0;
}

int fwa_ledger_database_open(struct fwa_ledger *ledger, struct fwa_error *error)
{
	bool empty;
	int rc;

	rc = make_file(ledger, error);
	if (rc < 0)
		return rc;
	if (sqlite3_open_v2(ledger->path, &ledger->database,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "open it", error);
	(void)sqlite3_extended_result_codes(ledger->database, 1);
	rc = harden(ledger, error);
	if (rc == 0)
		rc = identify(ledger, &empty, error);
	if (rc == 0)
		rc = set_journal(ledger, error);
	if (rc == 0 && empty)
		rc = create_schema(ledger, error);
	if (rc == 0)
		rc = prepare(ledger, error);
	return rc;
}

static void finalize(struct fwa_ledger *ledger)
{
	sqlite3_finalize(ledger->insert_leaf);
	sqlite3_finalize(ledger->insert_payload);
	sqlite3_finalize(ledger->insert_checkpoint);
	sqlite3_finalize(ledger->insert_attestation);
}

void fwa_ledger_database_abandon(struct fwa_ledger *ledger)
{
	if (!ledger->database)
		return;
	finalize(ledger);
	(void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
				NULL);
	(void)sqlite3_close(ledger->database);
	ledger->database = NULL;
}

int fwa_ledger_database_close(struct fwa_ledger *ledger, struct fwa_error *error)
{
	int rc = 0;

	if (!ledger->database)
		return 0;
	finalize(ledger);
	if (sqlite3_wal_checkpoint_v2(ledger->database, NULL, SQLITE_CHECKPOINT_TRUNCATE,
				      NULL, NULL) != SQLITE_OK)
		rc = fwa_ledger_database_error(ledger, "fold its log into it", error);
	if (sqlite3_close(ledger->database) != SQLITE_OK && rc == 0)
		rc = fwa_ledger_database_error(ledger, "close it", error);
	ledger->database = NULL;
	return rc;
}
