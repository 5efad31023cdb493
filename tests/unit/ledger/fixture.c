/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ledger/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "collector/seal/checkpoint.h"
#include "schema/chain.h"
#include "tests/lib/attestation.h"
#include "tests/lib/temporary.h"

static const uint8_t filled[32] = {1, 2, 3, 4, 5, 6, 7, 8};

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	assert_int_equal(
		0, fwa_temporary_make(fixture->directory, sizeof(fixture->directory)));
	snprintf(fixture->path, sizeof(fixture->path), "%s/ledger.db",
		 fixture->directory);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	fwa_temporary_remove(fixture->directory);
	free(fixture);
	return 0;
}

/* Shows the sentence of what should have succeeded. */
static void succeed(const struct fixture *fixture, int rc)
{
	if (rc < 0)
		print_error("%s\n", fixture->error.sentence);
	assert_int_equal(0, rc);
}

struct fwa_ledger *open_ledger(struct fixture *fixture)
{
	struct fwa_ledger *ledger = NULL;

	succeed(fixture, fwa_ledger_open(fixture->directory, &ledger, &fixture->error));
	return ledger;
}

void close_ledger(struct fixture *fixture, struct fwa_ledger *ledger)
{
	succeed(fixture, fwa_ledger_close(ledger, &fixture->error));
}

void assert_refused(struct fixture *fixture, int code, const char *word,
		    const char *other_word)
{
	struct fwa_ledger *ledger = NULL;

	fixture->error.sentence[0] = '\0';
	assert_int_equal(code,
			 fwa_ledger_open(fixture->directory, &ledger, &fixture->error));
	assert_null(ledger);
	if (!strstr(fixture->error.sentence, word) ||
	    !strstr(fixture->error.sentence, other_word))
		fail_msg("not about '%s' and '%s': %s", word, other_word,
			 fixture->error.sentence);
	/* A sentence that was cut off to fit says nothing of what to do. */
	assert_true(strlen(fixture->error.sentence) <
		    sizeof(fixture->error.sentence) - 1);
}

static void append(struct fixture *fixture, struct fwa_ledger *ledger,
		   struct fwa_record *record)
{
	uint64_t size = fwa_ledger_state(ledger)->size;

	record->time = 1000000 + size;
	record->boot_time = 1000 + size;
	succeed(fixture, fwa_ledger_append(ledger, record, NULL, NULL, &fixture->error));
	assert_int_equal(size, record->sequence);
}

void append_genesis(struct fixture *fixture, struct fwa_ledger *ledger)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GENESIS,
		.genesis =
			{
				.ledger_uuid = {filled, FWA_UUID_SIZE},
				.format_version = FWA_FORMAT_VERSION,
				.collector_version = {(const uint8_t *)"test", 4},
				.enrolment_digest = {filled, FWA_DIGEST_SIZE},
			},
	};

	append(fixture, ledger, &record);
}

static struct fwa_bytes text(const char *string)
{
	return (struct fwa_bytes){(const uint8_t *)string, strlen(string)};
}

void append_boot(struct fixture *fixture, struct fwa_ledger *ledger)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_BOOT,
		.boot =
			{
				.boot_id = {filled + 8, FWA_UUID_SIZE},
				.kernel_release = text("6.1"),
				.machine = text("x86_64"),
				.collector_version = text("test"),
				.configuration =
					{
						.capture = text("tracepoint"),
						.observe = text("off"),
						.on_loss = text("record"),
					},
				.pid = 1,
				.coverage = text("none"),
			},
	};

	append(fixture, ledger, &record);
}

void append_gap(struct fixture *fixture, struct fwa_ledger *ledger)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GAP,
		.gap =
			{
				.cpu = 1,
				.first_number = 1,
				.count = fwa_ledger_state(ledger)->size + 1,
				.reason = text("a test"),
			},
	};

	append(fixture, ledger, &record);
}

void append_shutdown(struct fixture *fixture, struct fwa_ledger *ledger)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_SHUTDOWN,
		.shutdown = {.reason = text("a test")},
	};

	append(fixture, ledger, &record);
}

void append_checkpoint(struct fixture *fixture, struct fwa_ledger *ledger)
{
	const struct fwa_checkpoint_counters counters = {0};
	const struct fwa_checkpoint_run run = {.run = 1};
	struct fwa_record record;

	succeed(fixture, fwa_checkpoint_build(fwa_ledger_state(ledger), &run, &counters,
					      FWA_CHECKPOINT_TIME, 1, 1, &record,
					      &fixture->error));
	succeed(fixture, fwa_ledger_append_checkpoint(ledger, &record, &fixture->error));
}

void append_attestation(struct fixture *fixture, struct fwa_ledger *ledger)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(ledger);
	uint8_t bytes[FWA_ATTESTATION_SIZE_MAX], accumulator[FWA_DIGEST_SIZE];
	size_t size;

	assert_int_equal(0, fwa_accumulator_extend(state->accumulator, state->note_digest,
						   accumulator));
	size = fwa_test_attestation(state->note_digest, accumulator, bytes);
	succeed(fixture,
		fwa_ledger_append_attestation(ledger, bytes, size, &fixture->error));
}

void commit(struct fixture *fixture, struct fwa_ledger *ledger)
{
	succeed(fixture, fwa_ledger_commit(ledger, &fixture->error));
	assert_int_equal(0, fwa_ledger_staged_records(ledger));
	assert_int_equal(fwa_ledger_state(ledger)->size,
			 fwa_ledger_state(ledger)->committed);
}

void commit_whole_run(struct fixture *fixture, struct fwa_ledger *ledger)
{
	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	append_shutdown(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	append_attestation(fixture, ledger);
	commit(fixture, ledger);
}

static sqlite3 *database(struct fixture *fixture)
{
	sqlite3 *handle = NULL;

	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &handle));
	return handle;
}

void tamper(struct fixture *fixture, const char *sql)
{
	sqlite3 *handle = database(fixture);
	char *message = NULL;

	sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(SQLITE_OK, sqlite3_close(handle));
}

int64_t query(struct fixture *fixture, const char *sql)
{
	sqlite3 *handle = database(fixture);
	sqlite3_stmt *statement = NULL;
	int64_t number;

	assert_int_equal(SQLITE_OK,
			 sqlite3_prepare_v2(handle, sql, -1, &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	assert_int_equal(SQLITE_OK, sqlite3_close(handle));
	return number;
}

/* MTH of RFC 9162 section 2.1.1 over leaf hashes, as written there. */
static void tree_hash(const uint8_t (*leaves)[FWA_DIGEST_SIZE], uint64_t count,
		      uint8_t *out)
{
	uint8_t node[1 + 2 * FWA_DIGEST_SIZE];
	uint64_t split = 1;

	if (count == 1) {
		memcpy(out, leaves[0], FWA_DIGEST_SIZE);
		return;
	}
	while (2 * split < count)
		split *= 2;
	node[0] = 1;
	tree_hash(leaves, split, node + 1);
	tree_hash(leaves + split, count - split, node + 1 + FWA_DIGEST_SIZE);
	SHA256(node, sizeof(node), out);
}

void naive_root(struct fixture *fixture, uint64_t size, uint8_t ret_root[FWA_DIGEST_SIZE])
{
	uint8_t(*leaves)[FWA_DIGEST_SIZE] = calloc(size, FWA_DIGEST_SIZE);
	sqlite3 *handle = database(fixture);
	sqlite3_stmt *statement = NULL;
	uint8_t buffer[4096] = {0};
	uint64_t count = 0;
	size_t length;

	assert_non_null(leaves);
	assert_int_equal(SQLITE_OK,
			 sqlite3_prepare_v2(handle,
					    "SELECT record FROM leaf ORDER BY sequence",
					    -1, &statement, NULL));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		length = (size_t)sqlite3_column_bytes(statement, 0);
		assert_true(count < size && length < sizeof(buffer));
		memcpy(buffer + 1, sqlite3_column_blob(statement, 0), length);
		SHA256(buffer, length + 1, leaves[count++]);
	}
	sqlite3_finalize(statement);
	assert_int_equal(SQLITE_OK, sqlite3_close(handle));
	assert_int_equal(size, count);
	tree_hash((const uint8_t(*)[FWA_DIGEST_SIZE])leaves, size, ret_root);
	free(leaves);
}
