/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ledgers as they are found: being written, copied after a crash, without their log, in a
 * directory of somebody else's, or not ledgers at all. And that reading one changes nothing.
 */
#include "tests/unit/evidence/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/hash.h"
#include "verifier/evidence/ledger_reader.h"

#define NOBODY 65534

/* A run that was not ended, in a database with its log beside it. */
static struct ledger_builder *build_open_run(struct fixture *fixture)
{
	struct ledger_builder *builder = fixture_build(fixture);
	struct fwa_bytes request = {(const uint8_t *)"request", 7};
	struct fwa_bytes none = {(const uint8_t *)"", 0};
	uint64_t device;

	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	device = ledger_builder_device(builder, "fwctl0");
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_START);
	ledger_builder_attest(builder);
	ledger_builder_rpc(builder, device, request, none);
	ledger_builder_commit(builder);
	return builder;
}

/* SHA-256 over the names, sizes, times and bytes of all files of the fixture's directory. */
static void digest_directory(const struct fixture *fixture,
			     uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	struct dirent **entries;
	int count = scandir(fixture->directory, &entries, NULL, alphasort);
	int i;

	memset(ret_digest, 0, FWA_DIGEST_SIZE);
	assert_true(count > 2);
	for (i = 0; i < count; i++) {
		struct fwa_bytes parts[4] = {{ret_digest, FWA_DIGEST_SIZE}};
		char path[512];
		struct stat status;
		uint8_t *bytes;
		int file;

		snprintf(path, sizeof(path), "%s/%s", fixture->directory,
			 entries[i]->d_name);
		if (entries[i]->d_name[0] != '.') {
			file = open(path, O_RDONLY);
			assert_true(file >= 0);
			assert_int_equal(fstat(file, &status), 0);
			bytes = malloc((size_t)status.st_size + 1);
			assert_non_null(bytes);
			assert_int_equal(read(file, bytes, (size_t)status.st_size),
					 status.st_size);
			close(file);
			parts[1].data = (const uint8_t *)entries[i]->d_name;
			parts[1].size = strlen(entries[i]->d_name);
			parts[2].data = (const uint8_t *)&status.st_mtim;
			parts[2].size = sizeof(status.st_mtim);
			parts[3].data = bytes;
			parts[3].size = (size_t)status.st_size;
			assert_int_equal(fwa_digest(parts, 4, ret_digest), 0);
			free(bytes);
		}
		free(entries[i]);
	}
	free(entries);
}

static void path_beside(const struct fixture *fixture, const char *suffix,
			char ret_path[256])
{
	snprintf(ret_path, 256, "%s%s", fixture->database, suffix);
}

static void verifying_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	uint8_t before[FWA_DIGEST_SIZE], after[FWA_DIGEST_SIZE];
	char shared[256];

	ledger_builder_close(build_open_run(fixture), false);
	path_beside(fixture, "-shm", shared);
	unlink(shared);
	digest_directory(fixture, before);
	fixture_expect_clean(fixture, 1); /* the unsigned tail */
	digest_directory(fixture, after);
	assert_memory_equal(before, after, sizeof(before));
}

/* A database and its log, copied while they were in use, are read to the last commit. */
static void log_is_read(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_verify_result *result;

	ledger_builder_close(build_open_run(fixture), false);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_int_equal(result->records, 5);
	assert_int_equal(result->signed_records, 4);
	assert_true(fixture_has(result, FWA_C06, "leaf", 4));
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_MEDIUM),
			 FWA_EXIT_FINDINGS);
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_HIGH),
			 FWA_EXIT_CLEAN);
	fwa_verify_result_free(result);
}

static void missing_log_is_missed(void **state)
{
	struct fixture *fixture = *state;
	char log[256];

	ledger_builder_close(build_open_run(fixture), true); /* folded, and not ended */
	path_beside(fixture, "-wal", log);
	assert_int_equal(access(log, F_OK), -1);
	fixture_expect(fixture, FWA_A14, NULL, 0);
	assert_int_equal(close(creat(log, 0600)), 0); /* an empty one is none */
	fixture_expect(fixture, FWA_A14, NULL, 0);
}

/* Every byte of the log's header, and of its first frame's: what it held is missed. */
static void damaged_log_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = build_open_run(fixture);
	char log[256];
	off_t offset;
	uint8_t byte;
	int file;

	ledger_builder_device(builder, "fwctl1"); /* two more transactions */
	ledger_builder_commit(builder);
	ledger_builder_device(builder, "fwctl2");
	ledger_builder_close(builder, false);
	fixture_expect_clean(fixture, 1);
	path_beside(fixture, "-wal", log);
	file = open(log, O_RDWR);
	assert_true(file >= 0);
	for (offset = 0; offset < 32 + 24 + 512; offset++) {
		struct fwa_verify_result *result;
		struct fwa_error error;
		int code;

		assert_int_equal(pread(file, &byte, 1, offset), 1);
		byte ^= 0x40;
		assert_int_equal(pwrite(file, &byte, 1, offset), 1);
		code = fixture_verify_path(fixture, fixture->database, &result, &error);
		if (code == 0) {
			assert_false(result->authentic);
			fwa_verify_result_free(result);
		} else {
			assert_int_equal(code, -EINVAL); /* nothing of it was left */
		}
		byte ^= 0x40;
		assert_int_equal(pwrite(file, &byte, 1, offset), 1);
	}
	close(file);
	fixture_expect_clean(fixture, 1);
}

/* While the ledger is being written: each reader sees what was committed when it came. */
static void written_ledger_is_read(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = build_open_run(fixture);
	struct fwa_ledger_reader *reader;
	struct fwa_verify_result *result;
	struct fwa_leaf_row row;
	struct fwa_error error;
	uint64_t rows = 0;
	int i;

	assert_int_equal(fwa_ledger_reader_open(fixture->database, &reader, &error), 0);
	/* More than SQLite keeps in its log before it folds it, and starts it over. */
	for (i = 0; i < 3000; i++) {
		ledger_builder_device(builder, "fwctl1");
		ledger_builder_commit(builder);
	}
	while (fwa_ledger_reader_leaf(reader, &row, &error) > 0)
		rows++;
	assert_int_equal(rows, 5);
	assert_int_equal(fwa_ledger_reader_unchanged(reader, &error), 0);
	fwa_ledger_reader_close(reader);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_int_equal(result->records, 3005);
	fwa_verify_result_free(result);
	/* The reader is gone: the log is folded again. */
	for (i = 0; i < 3000; i++) {
		ledger_builder_device(builder, "fwctl1");
		ledger_builder_commit(builder);
	}
	result = fixture_verify(fixture);
	assert_int_equal(result->records, 6005);
	fwa_verify_result_free(result);
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
	ledger_builder_close(builder, true);
	fixture_expect_clean(fixture, 0);
}

/* Verify as nobody; the child says by its exit status what came of it. */
static int verify_as_nobody(const struct fixture *fixture)
{
	struct fwa_verify_result *result;
	struct fwa_error error;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
			_exit(100);
		if (access(fixture->directory, W_OK) == 0)
			_exit(101);
		if (fixture_verify_path(fixture, fixture->database, &result, &error) < 0)
			_exit(FWA_EXIT_FAILURE);
		_exit(fwa_verify_exit_status(result, FWA_SEVERITY_INFO));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void share(const struct fixture *fixture, const char *suffix)
{
	char path[256];

	path_beside(fixture, suffix, path);
	assert_int_equal(chmod(path, 0444), 0);
}

static void unprivileged_user_can_verify(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder;
	char path[256];

	if (geteuid() != 0) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	builder = build_open_run(fixture);
	assert_int_equal(chmod(fixture->directory, 0555), 0);
	share(fixture, "");
	share(fixture, "-wal");
	share(fixture, "-shm");
	/* A live one; the same after a crash; a copy of it; without its log; unreadable. */
	assert_int_equal(verify_as_nobody(fixture), FWA_EXIT_FINDINGS);
	ledger_builder_close(builder, false);
	assert_int_equal(verify_as_nobody(fixture), FWA_EXIT_FINDINGS);
	path_beside(fixture, "-shm", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verify_as_nobody(fixture), FWA_EXIT_FINDINGS);
	path_beside(fixture, "-wal", path);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(verify_as_nobody(fixture), FWA_EXIT_FAILURE);
	assert_int_equal(unlink(path), 0);
	assert_int_not_equal(verify_as_nobody(fixture), FWA_EXIT_CLEAN);
	assert_int_equal(chmod(fixture->database, 0400), 0);
	assert_int_equal(verify_as_nobody(fixture), FWA_EXIT_FAILURE);
}

static void expect_failure(const struct fixture *fixture, const char *path, int code,
			   const char *word)
{
	struct fwa_verify_result *result = NULL;
	struct fwa_error error = {.sentence = ""};

	assert_int_equal(fixture_verify_path(fixture, path, &result, &error), code);
	assert_null(result);
	if (!strstr(error.sentence, path) || !strstr(error.sentence, word))
		fail_msg("says: %s", error.sentence);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void other_files_are_refused(void **state)
{
	struct fixture *fixture = *state;
	char path[256];

	fixture_expect_clean(fixture, 0);
	path_beside(fixture, "-other", path);
	expect_failure(fixture, path, -ENOENT, "no ledger");
	write_file(path, "");
	expect_failure(fixture, path, -EINVAL, "empty");
	write_file(path, "Not a database, but a text that is longer than a header.");
	expect_failure(fixture, path, -EINVAL, "not a ledger");
	write_file(path, "SQLite");
	expect_failure(fixture, path, -EINVAL, "not a ledger");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_failure(fixture, path, -EINVAL, "not a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_failure(fixture, path, -ENOENT, "no ledger");
	fixture_sql(fixture, "PRAGMA application_id = 1");
	expect_failure(fixture, fixture->database, -EINVAL, "application id");
}

static void newer_version_is_not_judged(void **state)
{
	struct fixture *fixture = *state;

	fixture_sql(fixture, "PRAGMA user_version = 2");
	expect_failure(fixture, fixture->database, -ENOTSUP, "newer fwaudit");
}

static void directory_stands_for_its_ledger(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_verify_result *result;
	struct fwa_error error;

	assert_int_equal(
		fixture_verify_path(fixture, fixture->directory, &result, &error), 0);
	assert_true(result->authentic);
	fwa_verify_result_free(result);
}

/* Through a link elsewhere, the log is looked for where the database is. */
static void link_is_followed(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_verify_result *result;
	struct fwa_error error;
	char path[256];

	ledger_builder_close(build_open_run(fixture), false);
	path_beside(fixture, "-link", path);
	assert_int_equal(symlink(fixture->database, path), 0);
	assert_int_equal(fixture_verify_path(fixture, path, &result, &error), 0);
	assert_true(result->authentic);
	assert_int_equal(result->records, 5);
	fwa_verify_result_free(result);
}

static void rollback_journal_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char path[256];

	path_beside(fixture, "-journal", path);
	write_file(path, "journal");
	fixture_expect(fixture, FWA_A01, NULL, 0);
}

/* Rows by their numbers, as those who show one record ask for them. */
static void rows_are_found(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger_reader *reader;
	struct fwa_payload_row payload;
	struct fwa_record record;
	struct fwa_leaf_row row;
	struct fwa_error error;
	uint64_t size;

	assert_int_equal(fwa_ledger_reader_open(fixture->database, &reader, &error), 0);
	assert_int_equal(fwa_ledger_reader_size(reader, &size, &error), 0);
	assert_int_equal(size, 10);
	assert_int_equal(fwa_ledger_reader_find_leaf(reader, 7, &row, &error), 1);
	assert_int_equal(fwa_record_decode(row.record.data, row.record.size, &record), 0);
	assert_int_equal(record.sequence, 7);
	assert_int_equal(fwa_ledger_reader_find_leaf(reader, 3, &row, &error), 1);
	assert_int_equal(row.sequence, 3);
	assert_int_equal(fwa_ledger_reader_find_leaf(reader, 10, &row, &error), 0);
	assert_int_equal(fwa_ledger_reader_find_leaf(reader, UINT64_MAX, &row, &error),
			 0);
	assert_int_equal(fwa_ledger_reader_find_payload(reader, 5, 1, &payload, &error),
			 1);
	assert_int_equal(payload.id, 21);
	assert_int_equal(fwa_ledger_reader_find_payload(reader, 2, 0, &payload, &error),
			 0);
	fwa_ledger_reader_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define SAMPLE(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, fixture_setup_sample, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verifying_changes_nothing),
		TEST(log_is_read),
		TEST(missing_log_is_missed),
		TEST(damaged_log_is_noticed),
		TEST(written_ledger_is_read),
		TEST(unprivileged_user_can_verify),
		SAMPLE(other_files_are_refused),
		SAMPLE(newer_version_is_not_judged),
		SAMPLE(directory_stands_for_its_ledger),
		TEST(link_is_followed),
		SAMPLE(rollback_journal_is_refused),
		SAMPLE(rows_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
