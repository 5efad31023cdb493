/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/ledger/directory.h"
#include "collector/ledger/internal.h"
#include "schema/chain.h"

static int allocate(const char *directory, struct fwa_ledger **ret_ledger,
		    struct fwa_error *error)
{
	struct fwa_ledger *ledger;
	char path[PATH_MAX];
	int rc;

	rc = fwa_directory_path(directory, FWA_LEDGER_DATABASE, path, sizeof(path),
				error);
	if (rc < 0)
		return rc;
	ledger = calloc(1, sizeof(*ledger));
	if (!ledger)
		return fwa_error(error, -ENOMEM, "%s: out of memory", path);
	ledger->lock = -1;
	fwa_merkle_range_init(&ledger->range);
	ledger->state.clean_shutdown = true;
	ledger->directory = strdup(directory);
	ledger->path = strdup(path);
	ledger->scratch = malloc(FWA_RECORD_SIZE_MAX);
	if (!ledger->directory || !ledger->path || !ledger->scratch) {
		free(ledger->scratch);
		free(ledger->path);
		free(ledger->directory);
		free(ledger);
		return fwa_error(error, -ENOMEM, "%s: out of memory", path);
	}
	*ret_ledger = ledger;
	return 0;
}

static void drop_staged(struct fwa_ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->staged_count; i++) {
		free(ledger->staged[i].record);
		fwa_payload_clear(&ledger->staged[i].payloads[0]);
		fwa_payload_clear(&ledger->staged[i].payloads[1]);
	}
	ledger->staged_count = 0;
	ledger->staged_bytes = 0;
	ledger->note_size = 0;
	ledger->attestation_size = 0;
}

/* Everything but the database. */
static void release(struct fwa_ledger *ledger)
{
	drop_staged(ledger);
	free(ledger->staged);
	if (ledger->lock >= 0)
		close(ledger->lock);
	free(ledger->scratch);
	free(ledger->path);
	free(ledger->directory);
	free(ledger);
}

int fwa_ledger_open(const char *directory, struct fwa_ledger **ret_ledger,
		    struct fwa_error *error)
{
	struct fwa_ledger *ledger;
	int rc;

	rc = fwa_directory_make(directory, NULL, error);
	if (rc == 0)
		rc = allocate(directory, &ledger, error);
	if (rc < 0)
		return rc;
	ledger->lock = rc = fwa_ledger_lock(directory, error);
	if (rc >= 0)
		rc = fwa_ledger_database_open(ledger, error);
	if (rc == 0)
		rc = fwa_ledger_load(ledger, error);
	if (rc < 0) {
		fwa_ledger_database_abandon(ledger);
		release(ledger);
		return rc;
	}
	ledger->run_open = ledger->staged_run_open = !ledger->state.clean_shutdown;
	*ret_ledger = ledger;
	return 0;
}

const struct fwa_ledger_state *fwa_ledger_state(const struct fwa_ledger *ledger)
{
	return &ledger->state;
}

int fwa_ledger_root(const struct fwa_ledger *ledger, uint8_t ret_root[FWA_DIGEST_SIZE])
{
	return fwa_merkle_range_root(&ledger->range, ret_root);
}

int fwa_ledger_note(const struct fwa_ledger *ledger, char ret_note[FWA_NOTE_SIZE_MAX],
		    size_t *ret_size)
{
	struct fwa_note note = {.size = ledger->range.size};
	int rc;

	memcpy(note.ledger, ledger->state.ledger_uuid, FWA_UUID_SIZE);
	rc = fwa_merkle_range_root(&ledger->range, note.root);
	if (rc < 0)
		return rc;
	return fwa_note_format(&note, ret_note, FWA_NOTE_SIZE_MAX, ret_size);
}

static int reserve(struct fwa_ledger *ledger)
{
	size_t capacity = ledger->staged_capacity ? 2 * ledger->staged_capacity : 64;
	struct fwa_staged *grown;

	if (ledger->staged_count < ledger->staged_capacity)
		return 0;
	grown = reallocarray(ledger->staged, capacity, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ledger->staged = grown;
	ledger->staged_capacity = capacity;
	return 0;
}

/* The rules of place: genesis first and only there, checkpoints by their own call. */
static int check_place(const struct fwa_ledger *ledger, const struct fwa_record *record,
		       struct fwa_error *error)
{
	if ((record->kind == FWA_RECORD_GENESIS) == ledger->state.has_genesis)
		return fwa_error(error, -EINVAL,
				 "%s: a ledger begins with its only genesis record",
				 ledger->path);
	return 0;
}

/* Stage the record; the sequence number is given for good once this returned 0. */
static int stage(struct fwa_ledger *ledger, struct fwa_record *record,
		 struct fwa_payload *request, struct fwa_payload *response,
		 struct fwa_error *error)
{
	struct fwa_staged staged = {0};
	size_t total;
	int rc;

	record->sequence = ledger->state.size;
	rc = fwa_record_encode(record, ledger->scratch, FWA_RECORD_SIZE_MAX,
			       &staged.size);
	if (rc < 0)
		return fwa_error(error, rc,
				 "%s: record %" PRIu64 " cannot be encoded: %s",
				 ledger->path, record->sequence, strerror(-rc));
	total = staged.size + (request ? request->size : 0) +
		(response ? response->size : 0);
	if (ledger->staged_count >= FWA_LEDGER_STAGED_RECORDS_MAX ||
	    total > FWA_LEDGER_STAGED_BYTES_MAX - ledger->staged_bytes)
		return fwa_error(error, -ENOBUFS,
				 "%s: %zu records wait to be committed, and no more fit",
				 ledger->path, ledger->staged_count);
	rc = fwa_merkle_leaf_hash(ledger->scratch, staged.size, staged.hash);
	if (rc < 0)
		return fwa_error(error, rc, "libcrypto cannot compute SHA-256");
	rc = reserve(ledger);
	if (rc == 0 && !(staged.record = malloc(staged.size)))
		rc = -ENOMEM;
	if (rc == 0)
		rc = fwa_merkle_range_append(&ledger->range, staged.hash);
	if (rc < 0) {
		free(staged.record);
		return fwa_error(error, rc, "%s: record %" PRIu64 " cannot be staged: %s",
				 ledger->path, record->sequence, strerror(-rc));
	}
	memcpy(staged.record, ledger->scratch, staged.size);
	if (request) {
		staged.payloads[0] = *request;
		*request = (struct fwa_payload){0};
	}
	if (response) {
		staged.payloads[1] = *response;
		*response = (struct fwa_payload){0};
	}
	ledger->staged[ledger->staged_count++] = staged;
	ledger->staged_bytes += total;
	ledger->state.size++;
	return 0;
}

int fwa_ledger_append(struct fwa_ledger *ledger, struct fwa_record *record,
		      struct fwa_payload *request, struct fwa_payload *response,
		      struct fwa_error *error)
{
	int rc;

	if (record->kind == FWA_RECORD_CHECKPOINT)
		return fwa_error(error, -EINVAL, "%s: a checkpoint has a note",
				 ledger->path);
	rc = check_place(ledger, record, error);
	if (rc == 0)
		rc = stage(ledger, record, request, response, error);
	if (rc < 0)
		return rc;
	if (record->kind == FWA_RECORD_GENESIS) {
		/* Encoding has checked that both have their sizes. */
		memcpy(ledger->state.ledger_uuid, record->genesis.ledger_uuid.data,
		       FWA_UUID_SIZE);
		memcpy(ledger->state.enrolment_digest,
		       record->genesis.enrolment_digest.data, FWA_DIGEST_SIZE);
		ledger->state.has_genesis = true;
	}
	if (record->kind == FWA_RECORD_BOOT || record->kind == FWA_RECORD_SHUTDOWN)
		ledger->staged_run_open = record->kind == FWA_RECORD_BOOT;
	return 0;
}

static int check_checkpoint(const struct fwa_ledger *ledger,
			    const struct fwa_record *record, struct fwa_error *error)
{
	const struct fwa_checkpoint *checkpoint = &record->checkpoint;
	const struct fwa_ledger_state *state = &ledger->state;
	const struct fwa_bytes *previous = &checkpoint->previous_note_digest;

	if (state->pending)
		return fwa_error(error, -EBUSY,
				 "%s: checkpoint %" PRIu64 " has no attestation yet",
				 ledger->path, state->checkpoint_number);
	if (record->kind != FWA_RECORD_CHECKPOINT ||
	    checkpoint->number != state->checkpoint_number + 1 ||
	    (state->checkpoint_number == 0) != !previous->data ||
	    (previous->data &&
	     (previous->size != FWA_DIGEST_SIZE ||
	      memcmp(previous->data, state->note_digest, FWA_DIGEST_SIZE) != 0)))
		return fwa_error(
			error, -EINVAL,
			"%s: this is not the checkpoint that follows number %" PRIu64,
			ledger->path, state->checkpoint_number);
	return check_place(ledger, record, error);
}

int fwa_ledger_append_checkpoint(struct fwa_ledger *ledger, struct fwa_record *record,
				 struct fwa_error *error)
{
	struct fwa_merkle_range before = ledger->range;
	uint8_t digest[FWA_DIGEST_SIZE];
	size_t size;
	int rc;

	rc = check_checkpoint(ledger, record, error);
	if (rc == 0)
		rc = stage(ledger, record, NULL, NULL, error);
	if (rc < 0)
		return rc;
	rc = fwa_ledger_note(ledger, ledger->note, &size);
	if (rc == 0)
		rc = fwa_note_digest(ledger->note, size, digest);
	if (rc < 0) {
		/* A checkpoint record without its note must not stay: take it back. */
		struct fwa_staged *last = &ledger->staged[--ledger->staged_count];

		ledger->staged_bytes -= last->size;
		free(last->record);
		ledger->range = before;
		ledger->state.size--;
		return fwa_error(error, rc,
				 "%s: the note of checkpoint %" PRIu64
				 " cannot be made: %s",
				 ledger->path, record->checkpoint.number, strerror(-rc));
	}
	ledger->note_size = size;
	memcpy(ledger->state.note_digest, digest, FWA_DIGEST_SIZE);
	ledger->state.checkpoint_number++;
	ledger->state.checkpoint_size = ledger->state.size;
	ledger->state.pending = true;
	return 0;
}

int fwa_ledger_append_attestation(struct fwa_ledger *ledger, const uint8_t *attestation,
				  size_t size, struct fwa_error *error)
{
	struct fwa_ledger_state *state = &ledger->state;
	uint8_t accumulator[FWA_DIGEST_SIZE];
	struct fwa_attestation parsed;
	struct fwa_error why = {0};
	int rc;

	if (!state->pending)
		return fwa_error(error, -ENOENT,
				 "%s: no checkpoint waits for an attestation",
				 ledger->path);
	if (ledger->note_size > 0)
		return fwa_error(error, -EAGAIN,
				 "%s: checkpoint %" PRIu64 " is not committed yet",
				 ledger->path, state->checkpoint_number);
	if (size > sizeof(ledger->attestation))
		return fwa_error(error, -EBADMSG,
				 "%s: the attestation of checkpoint %" PRIu64
				 " is too large: %zu bytes",
				 ledger->path, state->checkpoint_number, size);
	rc = fwa_attestation_parse(attestation, size, &parsed, &why);
	if (rc < 0)
		return fwa_error(error, rc,
				 "%s: the attestation of checkpoint %" PRIu64 ": %s",
				 ledger->path, state->checkpoint_number, why.sentence);
	rc = fwa_accumulator_extend(state->accumulator, state->note_digest, accumulator);
	if (rc < 0)
		return fwa_error(error, rc, "libcrypto cannot compute SHA-256");
	if (memcmp(parsed.extra_data, state->note_digest, FWA_DIGEST_SIZE) != 0 ||
	    memcmp(parsed.contents, accumulator, FWA_DIGEST_SIZE) != 0)
		return fwa_error(error, -EBADMSG,
				 "%s: the attestation is not about checkpoint %" PRIu64,
				 ledger->path, state->checkpoint_number);
	memcpy(ledger->attestation, attestation, size);
	ledger->attestation_size = size;
	ledger->attestation_number = state->checkpoint_number;
	memcpy(state->accumulator, accumulator, FWA_DIGEST_SIZE);
	state->pending = false;
	return 0;
}

int fwa_ledger_commit(struct fwa_ledger *ledger, struct fwa_error *error)
{
	int rc;

	if (ledger->staged_count == 0 && ledger->note_size == 0 &&
	    ledger->attestation_size == 0)
		return 0;
	rc = fwa_ledger_database_write(ledger, error);
	if (rc < 0)
		return rc;
	ledger->state.committed += ledger->staged_count;
	ledger->run_open = ledger->staged_run_open;
	drop_staged(ledger);
	return 0;
}

size_t fwa_ledger_staged_records(const struct fwa_ledger *ledger)
{
	return ledger->staged_count;
}

size_t fwa_ledger_staged_bytes(const struct fwa_ledger *ledger)
{
	return ledger->staged_bytes;
}

/* The last run has ended, and every record is under an attested checkpoint. */
static bool is_complete(const struct fwa_ledger *ledger)
{
	const struct fwa_ledger_state *state = &ledger->state;

	return !ledger->run_open && !state->pending &&
	       state->checkpoint_size == state->committed;
}

int fwa_ledger_close(struct fwa_ledger *ledger, struct fwa_error *error)
{
	int rc;

	if (!ledger)
		return 0;
	rc = is_complete(ledger) ? fwa_ledger_database_close(ledger, error) : 0;
	fwa_ledger_database_abandon(ledger); /* if it is open still */
	if (rc == 0 && (ledger->staged_count > 0 || ledger->attestation_size > 0))
		rc = fwa_error(
			error, -ENODATA,
			"%s: closed with %zu records that were not committed and are "
			"lost",
			ledger->path, ledger->staged_count);
	release(ledger);
	return rc;
}
