/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into a ledger comes out of it: records, numbers, roots, notes, payloads, modes. */
#include "tests/unit/ledger/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>
#include <zstd.h>

#include "schema/chain.h"
#include "schema/ledger_sql.h"
#include "schema/note.h"
#include "tests/lib/attestation.h"

static void new_ledger_is_empty(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	const struct fwa_ledger_state *where = fwa_ledger_state(ledger);
	struct stat status;

	assert_int_equal(0, where->size);
	assert_false(where->has_genesis);
	assert_false(where->pending);
	assert_true(where->clean_shutdown);
	assert_int_equal(0, where->checkpoint_number);
	assert_int_equal(0, stat(fixture->path, &status));
	assert_int_equal(0640, status.st_mode & 07777);
	close_ledger(fixture, ledger);
	assert_int_equal(FWA_LEDGER_APPLICATION_ID,
			 query(fixture, "PRAGMA application_id"));
	assert_int_equal(FWA_FORMAT_VERSION, query(fixture, "PRAGMA user_version"));
	assert_int_equal(FWA_LEDGER_PAGE_SIZE, query(fixture, "PRAGMA page_size"));
}

static void makes_its_directory(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;

	assert_int_equal(0, rmdir(fixture->directory));
	close_ledger(fixture, open_ledger(fixture));
	assert_int_equal(0, stat(fixture->directory, &status));
	assert_int_equal(0750, status.st_mode & 07777);
}

static void closed_ledger_is_one_file(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	char path[128];

	commit_whole_run(fixture, ledger);
	snprintf(path, sizeof(path), "%s-wal", fixture->path);
	assert_int_equal(0, access(path, F_OK));
	close_ledger(fixture, ledger);
	assert_int_equal(-1, access(path, F_OK));
	snprintf(path, sizeof(path), "%s-shm", fixture->path);
	assert_int_equal(-1, access(path, F_OK));
}

/* Without its log it would look like a copy from which the last records are missing. */
static void ledger_of_an_open_run_keeps_its_log(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	char path[128];

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	snprintf(path, sizeof(path), "%s-wal", fixture->path);
	assert_int_equal(0, access(path, F_OK));
	ledger = open_ledger(fixture); /* and it stays, if nothing ends the run */
	assert_int_equal(2, fwa_ledger_state(ledger)->size);
	close_ledger(fixture, ledger);
	assert_int_equal(0, access(path, F_OK));
}

/* The same of a run that ended while the TPM was away. */
static void ledger_without_its_last_attestation_keeps_its_log(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	char path[128];

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	append_shutdown(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	snprintf(path, sizeof(path), "%s-wal", fixture->path);
	assert_int_equal(0, access(path, F_OK));
	ledger = open_ledger(fixture);
	append_attestation(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	assert_int_equal(-1, access(path, F_OK));
}

/* At every size, the root that the writer keeps is the root of what stands in the file. */
static void roots_are_right_at_every_size(void **state)
{
	struct fixture *fixture = *state;
	uint8_t kept[FWA_DIGEST_SIZE], naive[FWA_DIGEST_SIZE];
	struct fwa_ledger *ledger = open_ledger(fixture);
	int i;

	append_genesis(fixture, ledger);
	for (i = 1; i <= 40; i++) {
		commit(fixture, ledger);
		assert_int_equal(0, fwa_ledger_root(ledger, kept));
		naive_root(fixture, (uint64_t)i, naive);
		assert_memory_equal(naive, kept, FWA_DIGEST_SIZE);
		if (i % 7 == 0) { /* and after it was read again */
			close_ledger(fixture, ledger);
			ledger = open_ledger(fixture);
			assert_int_equal(i, fwa_ledger_state(ledger)->size);
			assert_int_equal(0, fwa_ledger_root(ledger, kept));
			assert_memory_equal(naive, kept, FWA_DIGEST_SIZE);
		}
		append_gap(fixture, ledger);
	}
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
}

static void genesis_is_first_and_only_first(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	struct fwa_record record = {.kind = FWA_RECORD_SHUTDOWN};

	record.shutdown.reason = (struct fwa_bytes){(const uint8_t *)"x", 1};
	assert_int_equal(-EINVAL,
			 fwa_ledger_append(ledger, &record, NULL, NULL, &fixture->error));
	assert_int_equal(0, fwa_ledger_state(ledger)->size);
	append_genesis(fixture, ledger);
	record = (struct fwa_record){.kind = FWA_RECORD_GENESIS};
	assert_int_equal(-EINVAL,
			 fwa_ledger_append(ledger, &record, NULL, NULL, &fixture->error));
	assert_int_equal(1, fwa_ledger_state(ledger)->size);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
}

static void bad_record_takes_no_number(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	uint8_t before[FWA_DIGEST_SIZE], after[FWA_DIGEST_SIZE];
	struct fwa_record record = {.kind = 200};

	append_genesis(fixture, ledger);
	assert_int_equal(0, fwa_ledger_root(ledger, before));
	assert_true(fwa_ledger_append(ledger, &record, NULL, NULL, &fixture->error) < 0);
	assert_int_equal(1, fwa_ledger_state(ledger)->size);
	assert_int_equal(1, fwa_ledger_staged_records(ledger));
	assert_int_equal(0, fwa_ledger_root(ledger, after));
	assert_memory_equal(before, after, FWA_DIGEST_SIZE);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
}

static void state_survives_reopening(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	struct fwa_ledger_state before;
	const struct fwa_ledger_state *after;

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	append_gap(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	append_attestation(fixture, ledger);
	append_gap(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	before = *fwa_ledger_state(ledger);
	assert_true(before.pending);
	close_ledger(fixture, ledger);

	ledger = open_ledger(fixture);
	after = fwa_ledger_state(ledger);
	assert_int_equal(6, after->size);
	assert_true(after->has_boot);
	assert_int_equal(1, after->boot_sequence);
	assert_false(after->clean_shutdown);
	assert_int_equal(2, after->checkpoint_number);
	assert_int_equal(6, after->checkpoint_size);
	assert_true(after->pending);
	assert_memory_equal(before.ledger_uuid, after->ledger_uuid, FWA_UUID_SIZE);
	assert_memory_equal(before.enrolment_digest, after->enrolment_digest,
			    FWA_DIGEST_SIZE);
	assert_memory_equal(before.note_digest, after->note_digest, FWA_DIGEST_SIZE);
	assert_memory_equal(before.accumulator, after->accumulator, FWA_DIGEST_SIZE);
	append_attestation(fixture, ledger);
	append_shutdown(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	append_attestation(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);

	ledger = open_ledger(fixture);
	assert_true(fwa_ledger_state(ledger)->clean_shutdown);
	assert_false(fwa_ledger_state(ledger)->pending);
	assert_int_equal(3, fwa_ledger_state(ledger)->checkpoint_number);
	close_ledger(fixture, ledger);
}

static void note_is_over_the_records_before_it(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	uint8_t root[FWA_DIGEST_SIZE];
	sqlite3_stmt *statement = NULL;
	struct fwa_note note;
	sqlite3 *handle = NULL;

	append_genesis(fixture, ledger);
	append_boot(fixture, ledger);
	append_checkpoint(fixture, ledger);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	naive_root(fixture, 3, root);
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &handle));
	assert_int_equal(
		SQLITE_OK,
		sqlite3_prepare_v2(handle, "SELECT note FROM checkpoint WHERE number = 1",
				   -1, &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	assert_int_equal(0, fwa_note_parse(sqlite3_column_blob(statement, 0),
					   (size_t)sqlite3_column_bytes(statement, 0),
					   &note, &fixture->error));
	assert_int_equal(3, note.size);
	assert_memory_equal(root, note.root, FWA_DIGEST_SIZE);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
}

static void checkpoints_wait_for_their_attestations(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	uint8_t bytes[FWA_ATTESTATION_SIZE_MAX], accumulator[FWA_DIGEST_SIZE];
	const struct fwa_ledger_state *where = fwa_ledger_state(ledger);
	struct fwa_record record = {.kind = FWA_RECORD_CHECKPOINT};
	size_t size;

	append_genesis(fixture, ledger);
	assert_int_equal(-ENOENT, fwa_ledger_append_attestation(ledger, bytes, 100,
								&fixture->error));
	append_checkpoint(fixture, ledger);
	record.checkpoint.number = 2;
	assert_int_equal(-EBUSY,
			 fwa_ledger_append_checkpoint(ledger, &record, &fixture->error));
	assert_int_equal(0, fwa_accumulator_extend(where->accumulator, where->note_digest,
						   accumulator));
	size = fwa_test_attestation(where->note_digest, accumulator, bytes);
	assert_int_equal(-EAGAIN, fwa_ledger_append_attestation(ledger, bytes, size,
								&fixture->error));
	commit(fixture, ledger);
	/* About another note, about other contents, cut off. */
	size = fwa_test_attestation(accumulator, accumulator, bytes);
	assert_int_equal(-EBADMSG, fwa_ledger_append_attestation(ledger, bytes, size,
								 &fixture->error));
	size = fwa_test_attestation(where->note_digest, where->note_digest, bytes);
	assert_int_equal(-EBADMSG, fwa_ledger_append_attestation(ledger, bytes, size,
								 &fixture->error));
	size = fwa_test_attestation(where->note_digest, accumulator, bytes);
	assert_int_equal(-EBADMSG, fwa_ledger_append_attestation(ledger, bytes, size - 1,
								 &fixture->error));
	assert_true(where->pending);
	assert_int_equal(
		0, fwa_ledger_append_attestation(ledger, bytes, size, &fixture->error));
	assert_false(where->pending);
	assert_memory_equal(accumulator, where->accumulator, FWA_DIGEST_SIZE);
	commit(fixture, ledger);
	assert_int_equal(1, query(fixture, "SELECT count(*) FROM attestation"));
	close_ledger(fixture, ledger);
}

static struct fwa_record rpc_record(const struct fwa_payload_ref *request,
				    const struct fwa_payload_ref *response)
{
	static const uint8_t structure[32];

	return (struct fwa_record){
		.kind = FWA_RECORD_RPC,
		.rpc =
			{
				.structure_entry = {structure, sizeof(structure)},
				.structure_source = FWA_SOURCE_USER,
				.has_result = true,
				.caller = {.comm = {(const uint8_t *)"test", 4}},
				.request = *request,
				.response = *response,
				.layers = FWA_LAYER_TRACEPOINT,
				.number = 1,
			},
	};
}

/* The stored bytes, unpacked, have the digest and are what was given. */
static void assert_stored(struct fixture *fixture, int64_t id, const uint8_t *bytes,
			  size_t size, const uint8_t *digest, int codec)
{
	sqlite3_stmt *statement = NULL;
	uint8_t computed[FWA_DIGEST_SIZE];
	sqlite3 *handle = NULL;
	uint8_t *salted = malloc(FWA_SALT_SIZE + size);

	assert_non_null(salted);
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &handle));
	assert_int_equal(
		SQLITE_OK,
		sqlite3_prepare_v2(handle,
				   "SELECT salt, codec, bytes FROM payload WHERE id = ?",
				   -1, &statement, NULL));
	sqlite3_bind_int64(statement, 1, id);
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	assert_int_equal(codec, sqlite3_column_int(statement, 1));
	memcpy(salted, sqlite3_column_blob(statement, 0), FWA_SALT_SIZE);
	if (codec == FWA_PAYLOAD_ZSTD)
		assert_int_equal(size, ZSTD_decompress(salted + FWA_SALT_SIZE, size,
						       sqlite3_column_blob(statement, 2),
						       (size_t)sqlite3_column_bytes(
							       statement, 2)));
	else
		memcpy(salted + FWA_SALT_SIZE, sqlite3_column_blob(statement, 2), size);
	assert_memory_equal(bytes, salted + FWA_SALT_SIZE, size);
	SHA256(salted, FWA_SALT_SIZE + size, computed);
	assert_memory_equal(digest, computed, FWA_DIGEST_SIZE);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	free(salted);
}

static void payloads_are_stored_whole(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	uint8_t *large = calloc(1, FWA_PAYLOAD_SIZE_MAX);
	uint8_t small[48], digests[2][FWA_DIGEST_SIZE];
	struct fwa_payload request, response;
	struct fwa_payload_ref references[2];
	struct fwa_record record;

	assert_non_null(large);
	memset(small, 7, sizeof(small));
	large[12345] = 1;
	append_genesis(fixture, ledger);
	assert_int_equal(0, fwa_payload_prepare(small, sizeof(small), sizeof(small),
						FWA_SOURCE_USER, FWA_MOMENT_ENTRY,
						&request, &references[0]));
	assert_int_equal(0,
			 fwa_payload_prepare(large, FWA_PAYLOAD_SIZE_MAX,
					     FWA_PAYLOAD_SIZE_MAX, FWA_SOURCE_USER,
					     FWA_MOMENT_EXIT, &response, &references[1]));
	memcpy(digests[0], request.digest, FWA_DIGEST_SIZE);
	memcpy(digests[1], response.digest, FWA_DIGEST_SIZE);
	assert_true(response.size < 2000); /* nothing but zeros */
	record = rpc_record(&references[0], &references[1]);
	assert_int_equal(0, fwa_ledger_append(ledger, &record, &request, &response,
					      &fixture->error));
	assert_null(request.bytes); /* they are the ledger's now */
	assert_null(response.bytes);
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	assert_stored(fixture, 4, small, sizeof(small), digests[0], FWA_PAYLOAD_RAW);
	assert_stored(fixture, 5, large, FWA_PAYLOAD_SIZE_MAX, digests[1],
		      FWA_PAYLOAD_ZSTD);
	close_ledger(fixture, open_ledger(fixture));
	free(large);
}

static void payload_references_tell_the_truth(void **state)
{
	const uint8_t bytes[4] = {1, 2, 3, 4};
	struct fwa_payload payload, other;
	struct fwa_payload_ref reference;

	(void)state;
	assert_int_equal(0, fwa_payload_prepare(bytes, 4, 9, FWA_SOURCE_USER,
						FWA_MOMENT_ENTRY, &payload, &reference));
	assert_int_equal(FWA_SOURCE_TRUNCATED, reference.source);
	assert_int_equal(9, reference.length);
	assert_int_equal(4, reference.captured);
	assert_ptr_equal(payload.digest, reference.digest.data);
	assert_int_equal(0, fwa_payload_prepare(bytes, 4, 4, FWA_SOURCE_KERNEL,
						FWA_MOMENT_ENTRY, &other, &reference));
	assert_int_equal(FWA_SOURCE_KERNEL, reference.source);
	/* The same bytes: only the salt makes the digests differ. */
	assert_memory_not_equal(payload.digest, other.digest, FWA_DIGEST_SIZE);
	fwa_payload_clear(&payload);
	fwa_payload_clear(&other);
	assert_int_equal(0, fwa_payload_prepare(NULL, 0, 9, FWA_SOURCE_USER,
						FWA_MOMENT_ENTRY, &payload, &reference));
	assert_int_equal(FWA_SOURCE_ABSENT, reference.source);
	assert_null(payload.bytes);
	assert_null(reference.digest.data);
	assert_int_equal(0, fwa_payload_prepare(NULL, 0, 0, FWA_SOURCE_USER,
						FWA_MOMENT_ENTRY, &payload, &reference));
	assert_int_equal(FWA_SOURCE_USER, reference.source);
	assert_int_equal(-EINVAL,
			 fwa_payload_prepare(bytes, 4, 3, FWA_SOURCE_USER,
					     FWA_MOMENT_ENTRY, &payload, &reference));
	assert_int_equal(-EINVAL,
			 fwa_payload_prepare(bytes, 4, 4, FWA_SOURCE_ABSENT,
					     FWA_MOMENT_ENTRY, &payload, &reference));
}

static void staging_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);
	struct fwa_record record = {.kind = FWA_RECORD_SHUTDOWN};
	uint64_t i;

	record.shutdown.reason = (struct fwa_bytes){(const uint8_t *)"x", 1};
	append_genesis(fixture, ledger);
	for (i = 1; i < FWA_LEDGER_STAGED_RECORDS_MAX; i++)
		assert_int_equal(0, fwa_ledger_append(ledger, &record, NULL, NULL,
						      &fixture->error));
	assert_int_equal(-ENOBUFS,
			 fwa_ledger_append(ledger, &record, NULL, NULL, &fixture->error));
	assert_int_equal(FWA_LEDGER_STAGED_RECORDS_MAX, fwa_ledger_state(ledger)->size);
	commit(fixture, ledger);
	assert_int_equal(0,
			 fwa_ledger_append(ledger, &record, NULL, NULL, &fixture->error));
	commit(fixture, ledger);
	close_ledger(fixture, ledger);
	assert_int_equal(FWA_LEDGER_STAGED_RECORDS_MAX + 1,
			 query(fixture, "SELECT count(*) FROM leaf"));
}

static void closing_says_what_it_drops(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_ledger *ledger = open_ledger(fixture);

	append_genesis(fixture, ledger);
	assert_int_equal(-ENODATA, fwa_ledger_close(ledger, &fixture->error));
	assert_non_null(strstr(fixture->error.sentence, "1 records"));
	assert_int_equal(0, fwa_ledger_close(NULL, &fixture->error));
}

#define TEST(function)                                                                   \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_ledger_is_empty),
		TEST(makes_its_directory),
		TEST(closed_ledger_is_one_file),
		TEST(ledger_of_an_open_run_keeps_its_log),
		TEST(ledger_without_its_last_attestation_keeps_its_log),
		TEST(roots_are_right_at_every_size),
		TEST(genesis_is_first_and_only_first),
		TEST(bad_record_takes_no_number),
		TEST(state_survives_reopening),
		TEST(note_is_over_the_records_before_it),
		TEST(checkpoints_wait_for_their_attestations),
		TEST(payloads_are_stored_whole),
		TEST(payload_references_tell_the_truth),
		TEST(staging_is_bounded),
		TEST(closing_says_what_it_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
