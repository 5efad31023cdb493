/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that is full loses nothing: the same staged records are committed once there is room.
 * The disk is a small tmpfs in a mount namespace of this process's own.
 */
#include "tests/unit/ledger/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAYLOAD_SIZE 65536

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* A mount namespace, in a user namespace of our own where we are not root. */
static bool enter_namespace(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %u 1", (unsigned)geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", users) &&
	       write_text("/proc/self/gid_map", groups);
}

static void make_small_disk(struct fixture *fixture)
{
	if (!enter_namespace()) {
		print_message("no mount namespace to be had: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	assert_int_equal(0, mount("tmpfs", fixture->directory, "tmpfs", 0, "size=2m"));
}

/* A call with a payload that no compressor makes smaller. */
static void append_large(struct fixture *fixture, struct fwa_ledger *ledger)
{
	static uint8_t noise[PAYLOAD_SIZE];
	struct fwa_payload payload;
	struct fwa_record record = {.kind = FWA_RECORD_RPC};
	size_t i;

	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(rand() >> 7);
	assert_int_equal(0, fwa_payload_prepare(noise, sizeof(noise), sizeof(noise),
						FWA_SOURCE_USER, FWA_MOMENT_ENTRY,
						&payload, &record.rpc.request));
	record.rpc.structure_source = FWA_SOURCE_ABSENT;
	record.rpc.caller.comm = (struct fwa_bytes){(const uint8_t *)"test", 4};
	record.rpc.layers = FWA_LAYER_TRACEPOINT;
	record.rpc.number = fwa_ledger_state(ledger)->size;
	assert_int_equal(
		0, fwa_ledger_append(ledger, &record, &payload, NULL, &fixture->error));
}

static void full_disk_is_outlived(void **state)
{
	struct fixture *fixture = *state;
	uint8_t kept[FWA_DIGEST_SIZE], naive[FWA_DIGEST_SIZE], filler[4096] = {0};
	uint64_t committed, size;
	struct fwa_ledger *ledger;
	char path[128];
	int fd, i, rc = 0;

	make_small_disk(fixture);
	ledger = open_ledger(fixture);
	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	commit(fixture, ledger);
	snprintf(path, sizeof(path), "%s/filler", fixture->directory);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	for (i = 0; i < 256; i++)
		assert_int_equal(sizeof(filler), write(fd, filler, sizeof(filler)));
	close(fd);

	for (i = 0; i < 100 && rc == 0; i++) {
		append_large(fixture, ledger);
		rc = fwa_ledger_commit(ledger, &fixture->error);
	}
	assert_int_equal(-ENOSPC, rc);
	assert_non_null(strstr(fixture->error.sentence, "no room"));
	assert_non_null(strstr(fixture->error.sentence, fixture->path));
	committed = fwa_ledger_state(ledger)->committed;
	size = fwa_ledger_state(ledger)->size;
	assert_int_equal(size, committed + 1);
	/* It goes on failing the same way, and more can be staged meanwhile. */
	append_gap(fixture, ledger);
	append_checkpoint(fixture, ledger);
	assert_int_equal(-ENOSPC, fwa_ledger_commit(ledger, &fixture->error));
	assert_int_equal(committed, fwa_ledger_state(ledger)->committed);
	assert_int_equal(3, fwa_ledger_staged_records(ledger));

	assert_int_equal(0, unlink(path));
	commit(fixture, ledger);
	assert_int_equal(size + 2, fwa_ledger_state(ledger)->committed);
	append_attestation(fixture, ledger);
	commit(fixture, ledger);
	assert_int_equal(0, fwa_ledger_root(ledger, kept));
	naive_root(fixture, size + 2, naive);
	assert_memory_equal(naive, kept, FWA_DIGEST_SIZE);
	close_ledger(fixture, ledger);
	close_ledger(fixture, open_ledger(fixture));
	assert_int_equal(size + 2, query(fixture, "SELECT count(*) FROM leaf"));
	assert_int_equal(size - 2, query(fixture, "SELECT count(*) FROM payload"));
	assert_int_equal(0, umount(fixture->directory));
}

/* Any other write error is outlived just the same. */
static void failing_writes_are_outlived(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	struct rlimit before, none;
	uint64_t size;

	append_genesis(fixture, ledger);
	commit(fixture, ledger);
	append_large(fixture, ledger);
	size = fwa_ledger_state(ledger)->size;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
	none = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));
	assert_int_equal(-EIO, fwa_ledger_commit(ledger, &fixture->error));
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
	assert_int_equal(1, fwa_ledger_state(ledger)->committed);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	ledger = open_ledger(fixture);
	assert_int_equal(size, fwa_ledger_state(ledger)->size);
	close_ledger(fixture, ledger);
}

/* A reader in the way of folding the log: said, and nothing is lost. */
static void reader_keeps_the_log(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	sqlite3_stmt *statement = NULL;
	sqlite3 *reader = NULL;

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	commit(fixture, ledger);
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &reader));
	assert_int_equal(SQLITE_OK, sqlite3_exec(reader, "BEGIN", NULL, NULL, NULL));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(reader, "SELECT * FROM leaf", -1,
						       &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	append_shutdown(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	append_attestation(fixture, ledger);
	commit(fixture, ledger);
	assert_int_equal(-EBUSY, fwa_ledger_close(ledger, &fixture->error));
	assert_non_null(strstr(fixture->error.sentence, "log"));
	sqlite3_finalize(statement);
	sqlite3_close(reader);
	ledger = open_ledger(fixture);
	assert_int_equal(4, fwa_ledger_state(ledger)->size);
	close_ledger(fixture, ledger);
}

#define TEST(function)                                                                   \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failing_writes_are_outlived),
		TEST(reader_keeps_the_log),
		TEST(full_disk_is_outlived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
