/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer must not go on with, and whether it says why. */
#include "tests/unit/ledger/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/merkle.h"

/* genesis, boot, gap, checkpoint 1, gap, checkpoint 2, gap; both attested */
static void make_ledger(struct fixture *fixture)
{
	struct fwa_ledger *ledger = open_ledger(fixture);
	int i;

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	for (i = 0; i < 2; i++) {
		append_gap(fixture, ledger);
		append_checkpoint(fixture, ledger);
		commit(fixture, ledger);
		append_attestation(fixture, ledger);
	}
	append_gap(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
}

static void changed_rows_are_named(void **state)
{
	static const struct {
		const char *sql, *word, *other_word;
	} table[] = {
		{"UPDATE leaf SET record = x'00' WHERE sequence = 2", "record 2",
		 "was changed"},
		{"UPDATE leaf SET hash = zeroblob(32) WHERE sequence = 6", "record 6",
		 "was changed"},
		{"UPDATE leaf SET record = (SELECT record FROM leaf WHERE sequence = 4),"
		 " hash = (SELECT hash FROM leaf WHERE sequence = 4) WHERE sequence = 2",
		 "record 2", "another record's place"},
		{"DELETE FROM leaf WHERE sequence = 2", "record 2", "missing"},
		{"DELETE FROM leaf WHERE sequence = 0", "record 0", "missing"},
		{"DELETE FROM leaf WHERE sequence >= 5", "records were removed", "notes"},
		{"DELETE FROM leaf", "records were removed", "notes"},
		{"DELETE FROM checkpoint WHERE number = 1", "checkpoint 1",
		 "note is missing"},
		{"UPDATE checkpoint SET note = x'00' WHERE number = 2", "checkpoint 2",
		 "not the one of the records"},
		{"INSERT INTO checkpoint VALUES (3, x'00')", "records were removed",
		 "notes"},
		{"DELETE FROM attestation WHERE number = 1", "checkpoint 1",
		 "attestation is missing"},
		{"UPDATE attestation SET attestation = x'00' WHERE number = 1",
		 "checkpoint 1", "shorter"},
		{"UPDATE attestation SET attestation ="
		 " (SELECT attestation FROM attestation WHERE number = 1) WHERE number = "
		 "2",
		 "checkpoint 2", "another note"},
		{"INSERT INTO payload VALUES (28, zeroblob(16), 0, x'00')",
		 "records were removed", "payloads"},
		{"CREATE VIEW more AS SELECT 1", "tables and triggers", "changed"},
		{"DROP TRIGGER leaf_no_update", "tables and triggers", "changed"},
		{"PRAGMA application_id = 7", "not a ledger", "another program"},
		{"PRAGMA user_version = 0", "format 0", "does not exist"},
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unlink(fixture->path);
		make_ledger(fixture);
		tamper(fixture, table[i].sql);
		assert_refused(fixture, -EBADMSG, table[i].word, table[i].other_word);
		assert_non_null(strstr(fixture->error.sentence, fixture->path));
	}
}

/* An edit that fits its own hash: only the note above gives it away. */
static void consistent_edit_is_caught_by_the_note(void **state)
{
	struct fixture *fixture = *state;
	uint8_t buffer[512], hash[FWA_DIGEST_SIZE];
	struct fwa_record record = {
		.kind = FWA_RECORD_GAP,
		.sequence = 2,
		.gap = {.first_number = 1,
			.count = 99,
			.reason = {(const uint8_t *)"forged", 6}},
	};
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;
	size_t size;

	make_ledger(fixture);
	assert_int_equal(0, fwa_record_encode(&record, buffer, sizeof(buffer), &size));
	assert_int_equal(0, fwa_merkle_leaf_hash(buffer, size, hash));
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &handle));
	sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	assert_int_equal(SQLITE_OK,
			 sqlite3_prepare_v2(handle,
					    "UPDATE leaf SET hash = ?, record = ? WHERE "
					    "sequence = 2",
					    -1, &statement, NULL));
	sqlite3_bind_blob(statement, 1, hash, sizeof(hash), SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, buffer, (int)size, SQLITE_STATIC);
	assert_int_equal(SQLITE_DONE, sqlite3_step(statement));
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	assert_refused(fixture, -EBADMSG, "checkpoint 1", "not the one of the records");
}

static void newer_format_is_said_to_be_newer(void **state)
{
	struct fixture *fixture = *state;

	make_ledger(fixture);
	tamper(fixture, "PRAGMA user_version = 2");
	assert_refused(fixture, -ENOTSUP, "newer fwauditd", "upgrade");
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
	close(fd);
}

static void other_files_are_refused_and_left_alone(void **state)
{
	struct fixture *fixture = *state;
	char other[128], read_back[64] = "";
	struct stat before, after;
	int fd;

	write_file(fixture->path,
		   "this is a text file, and longer than a header of a hundred "
		   "bytes, as SQLite wants one to be before it looks at it");
	assert_refused(fixture, -EBADMSG, "not a ledger", fixture->path);
	fd = open(fixture->path, O_RDONLY);
	assert_true(read(fd, read_back, sizeof(read_back) - 1) > 0);
	close(fd);
	assert_int_equal(0, strncmp(read_back, "this is a text file", 19));
	unlink(fixture->path);

	tamper(fixture, "CREATE TABLE t(a); INSERT INTO t VALUES (1)");
	assert_int_equal(0, stat(fixture->path, &before));
	assert_refused(fixture, -EBADMSG, "another program", fixture->path);
	assert_int_equal(0, stat(fixture->path, &after));
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	unlink(fixture->path);

	assert_int_equal(0, mkdir(fixture->path, 0700));
	assert_refused(fixture, -EBADMSG, "not a ledger", "regular file");
	rmdir(fixture->path);

	snprintf(other, sizeof(other), "%s/other", fixture->directory);
	write_file(other, "");
	assert_int_equal(0, symlink(other, fixture->path));
	assert_refused(fixture, -EBADMSG, "not a ledger", "regular file");
}

static void directory_has_to_be_one(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/file", fixture->directory);
	write_file(path, "");
	assert_int_equal(-ENOTDIR, fwa_ledger_open(path, &ledger, &fixture->error));
	assert_non_null(strstr(fixture->error.sentence, "not a directory"));
	snprintf(path, sizeof(path), "%s/a/b", fixture->directory);
	assert_int_equal(-ENOENT, fwa_ledger_open(path, &ledger, &fixture->error));
	assert_non_null(strstr(fixture->error.sentence, "parent directory"));
	assert_null(ledger);
}

static void truncated_database_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;

	make_ledger(fixture);
	tamper(fixture, "PRAGMA user_version"); /* another program folds the log */
	assert_int_equal(0, stat(fixture->path, &status));
	assert_int_equal(0, truncate(fixture->path, status.st_size / 2));
	assert_refused(fixture, -EBADMSG, fixture->path, "damaged");
}

static void one_writer_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	char pid[32];

	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_refused(fixture, -EBUSY, "ledger in use", pid);
	close_ledger(fixture, ledger);
	close_ledger(fixture, open_ledger(fixture));
}

/* A predecessor that goes away within five seconds is waited for. */
static void dying_writer_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger;
	char ready;
	int ends[2];
	pid_t pid;

	assert_int_equal(0, pipe(ends));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		ledger = open_ledger(fixture);
		append_genesis(fixture, ledger);
		commit(fixture, ledger);
		alarm(1); /* SIGALRM kills it, the ledger still open */
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(1, read(ends[0], &ready, 1));
	ledger = open_ledger(fixture);
	assert_int_equal(1, fwa_ledger_state(ledger)->size);
	close_ledger(fixture, ledger);
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	close(ends[0]);
	close(ends[1]);
}

#define TEST(function)                                                                   \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changed_rows_are_named),
		TEST(consistent_edit_is_caught_by_the_note),
		TEST(newer_format_is_said_to_be_newer),
		TEST(other_files_are_refused_and_left_alone),
		TEST(directory_has_to_be_one),
		TEST(truncated_database_is_refused),
		TEST(one_writer_at_a_time),
		TEST(dying_writer_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
