/* SPDX-License-Identifier: Apache-2.0 */
/* A writer that is killed at any moment loses nothing that it said was committed. */
#include "tests/unit/ledger/fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 30

/* Write and say after each commit how much is committed, until killed. */
static void write_for_ever(struct fixture *fixture, int pipe)
{
	struct fwa_ledger *ledger = open_ledger(fixture);
	const struct fwa_ledger_state *where = fwa_ledger_state(ledger);
	uint64_t committed;
	int i, batch;

	for (batch = 1;; batch = batch % 13 + 1) {
		for (i = 0; i < batch; i++)
			append_gap(fixture, ledger);
		if (where->pending)
			append_attestation(fixture, ledger);
		else
			append_checkpoint(fixture, ledger);
		commit(fixture, ledger);
		committed = where->committed;
		if (write(pipe, &committed, sizeof(committed)) != sizeof(committed))
			_exit(1);
	}
}

/* Kill the writer some time after a few commits; returns the last size that it reported. */
static uint64_t run_and_kill(struct fixture *fixture, unsigned round)
{
	struct timespec moment = {.tv_nsec = rand() % 3000000};
	uint64_t reported = 0, size;
	int status, ends[2];
	unsigned i;
	pid_t pid;

	assert_int_equal(0, pipe(ends));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		write_for_ever(fixture, ends[1]);
	}
	close(ends[1]);
	for (i = 0; i < 1 + round % 5; i++)
		assert_int_equal(sizeof(size), read(ends[0], &size, sizeof(size)));
	nanosleep(&moment, NULL); /* a random moment, not a wait for something */
	kill(pid, SIGKILL);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	reported = size;
	while (read(ends[0], &size, sizeof(size)) == sizeof(size))
		reported = size;
	close(ends[0]);
	return reported;
}

/* Every record is the one that was written in its place. */
static void check_records(struct fixture *fixture)
{
	struct fwa_record record;
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;
	uint64_t sequence = 0;

	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &handle));
	assert_int_equal(SQLITE_OK,
			 sqlite3_prepare_v2(handle,
					    "SELECT record FROM leaf ORDER BY sequence",
					    -1, &statement, NULL));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		assert_int_equal(
			0, fwa_record_decode(sqlite3_column_blob(statement, 0),
					     (size_t)sqlite3_column_bytes(statement, 0),
					     &record));
		assert_int_equal(sequence, record.sequence);
		if (record.kind == FWA_RECORD_GAP)
			assert_int_equal(sequence + 1, record.gap.count);
		sequence++;
	}
	sqlite3_finalize(statement);
	sqlite3_close(handle);
}

static void committed_records_survive_a_kill(void **state)
{
	struct fixture *fixture = *state;
	uint8_t kept[FWA_DIGEST_SIZE], naive[FWA_DIGEST_SIZE];
	struct fwa_ledger *ledger = open_ledger(fixture);
	uint64_t reported, size = 0;
	unsigned round;

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	for (round = 0; round < ROUNDS; round++) {
		reported = run_and_kill(fixture, round);
		assert_true(reported > size);
		ledger = open_ledger(fixture);
		size = fwa_ledger_state(ledger)->size;
		assert_true(size >= reported);
		assert_int_equal(0, fwa_ledger_root(ledger, kept));
		naive_root(fixture, size, naive);
		assert_memory_equal(naive, kept, FWA_DIGEST_SIZE);
		check_records(fixture);
		close_ledger(fixture, ledger);
	}
}

/* Killed before anything is in it: what is left is as good as new. */
static void killed_while_it_is_made(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger;
	struct timespec moment;
	int round;
	pid_t pid;

	for (round = 0; round < ROUNDS; round++) {
		unlink(fixture->path);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			if (fwa_ledger_open(fixture->directory, &ledger,
					    &fixture->error) == 0)
				pause();
			_exit(1);
		}
		moment = (struct timespec){.tv_nsec = rand() % 8000000};
		nanosleep(&moment, NULL);
		kill(pid, SIGKILL);
		assert_int_equal(pid, waitpid(pid, NULL, 0));
		ledger = open_ledger(fixture);
		assert_int_equal(0, fwa_ledger_state(ledger)->size);
		append_genesis(fixture, ledger);
		commit(fixture, ledger);
		close_ledger(fixture, ledger);
	}
}

#define TEST(function)                                                                   \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(committed_records_survive_a_kill),
		TEST(killed_while_it_is_made),
	};

	srand((unsigned)time(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
