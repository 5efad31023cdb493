/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a ledger that is to be continued. A writer that went on from a ledger which was
 * changed would have the change signed with the next checkpoint, so all of it is checked.
 */
#include "collector/ledger/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "schema/chain.h"

#define WHAT_TO_DO                                                                       \
	"keep this ledger as evidence, see what 'fwaudit verify' says of it, and begin " \
	"a new "                                                                         \
	"one with 'fwauditd provision'"

struct load {
	struct fwa_ledger *ledger;
	struct fwa_error *error;
	sqlite3_stmt *note;        /* of one checkpoint, by number */
	sqlite3_stmt *attestation; /* likewise */
};

static int damaged_record(const struct load *load, const char *what)
{
	return fwa_error(load->error, -EBADMSG, "%s: record %" PRIu64 " %s; " WHAT_TO_DO,
			 load->ledger->path, load->ledger->range.size, what);
}

static int damaged_checkpoint(const struct load *load, uint64_t number, const char *what)
{
	return fwa_error(load->error, -EBADMSG,
			 "%s: checkpoint %" PRIu64 ": %s; " WHAT_TO_DO,
			 load->ledger->path, number, what);
}

static int no_digest(const struct load *load, int rc)
{
	return fwa_error(load->error, rc, "%s: libcrypto cannot compute SHA-256",
			 load->ledger->path);
}

/* The attestation of the checkpoint that `state` has just come to, if it is there. */
static int take_attestation(const struct load *load)
{
	struct fwa_ledger_state *state = &load->ledger->state;
	sqlite3_stmt *statement = load->attestation;
	uint8_t accumulator[FWA_DIGEST_SIZE];
	struct fwa_attestation attestation;
	struct fwa_error why = {0};
	int rc, step;

	sqlite3_reset(statement);
	if (sqlite3_bind_int64(statement, 1, (sqlite3_int64)state->checkpoint_number))
		return fwa_ledger_database_error(load->ledger, "read it", load->error);
	step = sqlite3_step(statement);
	state->pending = step == SQLITE_DONE;
	if (step == SQLITE_DONE)
		return 0;
	if (step != SQLITE_ROW)
		return fwa_ledger_database_error(load->ledger, "read it", load->error);
	rc = fwa_attestation_parse(sqlite3_column_blob(statement, 0),
				   (size_t)sqlite3_column_bytes(statement, 0),
				   &attestation, &why);
	if (rc < 0) {
		size_t length = strlen(why.sentence);

		/* It goes on after this one. */
		if (length > 0 && why.sentence[length - 1] == '.')
			why.sentence[length - 1] = '\0';
		return damaged_checkpoint(load, state->checkpoint_number, why.sentence);
	}
	rc = fwa_accumulator_extend(state->accumulator, state->note_digest, accumulator);
	if (rc < 0)
		return no_digest(load, rc);
	if (memcmp(attestation.extra_data, state->note_digest, FWA_DIGEST_SIZE) != 0 ||
	    memcmp(attestation.contents, accumulator, FWA_DIGEST_SIZE) != 0)
		return damaged_checkpoint(load, state->checkpoint_number,
					  "its attestation is about another note");
	memcpy(state->accumulator, accumulator, FWA_DIGEST_SIZE);
	return 0;
}

/* A checkpoint record, which the tree ends with as it stands: its note has to say the same. */
static int take_checkpoint(const struct load *load,
			   const struct fwa_checkpoint *checkpoint)
{
	struct fwa_ledger *ledger = load->ledger;
	struct fwa_ledger_state *state = &ledger->state;
	const struct fwa_bytes *previous = &checkpoint->previous_note_digest;
	char expected[FWA_NOTE_SIZE_MAX];
	size_t size;
	int rc, step;

	if (state->pending)
		return damaged_checkpoint(load, state->checkpoint_number,
					  "its attestation is missing");
	if (checkpoint->number != state->checkpoint_number + 1)
		return damaged_checkpoint(load, checkpoint->number,
					  "it does not follow the one before it");
	if (checkpoint->number > 1 &&
	    (!previous->data ||
	     memcmp(previous->data, state->note_digest, FWA_DIGEST_SIZE) != 0))
		return damaged_checkpoint(load, checkpoint->number,
					  "it names another note as the one before it");
	rc = fwa_ledger_note(ledger, expected, &size);
	if (rc == 0)
		rc = fwa_note_digest(expected, size, state->note_digest);
	if (rc < 0)
		return no_digest(load, rc);
	sqlite3_reset(load->note);
	if (sqlite3_bind_int64(load->note, 1, (sqlite3_int64)checkpoint->number))
		return fwa_ledger_database_error(ledger, "read it", load->error);
	step = sqlite3_step(load->note);
	if (step == SQLITE_DONE)
		return damaged_checkpoint(load, checkpoint->number,
					  "its note is missing");
	if (step != SQLITE_ROW)
		return fwa_ledger_database_error(ledger, "read it", load->error);
	if ((size_t)sqlite3_column_bytes(load->note, 0) != size ||
	    memcmp(sqlite3_column_blob(load->note, 0), expected, size) != 0)
		return damaged_checkpoint(
			load, checkpoint->number,
			"its note is not the one of the records before it");
	state->checkpoint_number = checkpoint->number;
	state->checkpoint_size = ledger->range.size;
	return take_attestation(load);
}

static void take_genesis(struct fwa_ledger_state *state,
			 const struct fwa_genesis *genesis)
{
	memcpy(state->ledger_uuid, genesis->ledger_uuid.data, FWA_UUID_SIZE);
	memcpy(state->enrolment_digest, genesis->enrolment_digest.data, FWA_DIGEST_SIZE);
	state->has_genesis = true;
}

static void take_boot(struct fwa_ledger_state *state, const struct fwa_record *record)
{
	memcpy(state->boot_id, record->boot.boot_id.data, FWA_UUID_SIZE);
	state->boot_sequence = record->sequence;
	state->has_boot = true;
	state->clean_shutdown = false;
}

static int take_record(const struct load *load, sqlite3_stmt *statement)
{
	struct fwa_ledger *ledger = load->ledger;
	struct fwa_ledger_state *state = &ledger->state;
	uint64_t sequence = (uint64_t)sqlite3_column_int64(statement, 0);
	const void *stored = sqlite3_column_blob(statement, 1);
	const void *bytes = sqlite3_column_blob(statement, 2);
	size_t size = (size_t)sqlite3_column_bytes(statement, 2);
	uint8_t hash[FWA_DIGEST_SIZE];
	struct fwa_record record;
	int rc;

	if (sequence != ledger->range.size)
		return damaged_record(load, "is missing");
	rc = fwa_merkle_leaf_hash(bytes, size, hash);
	if (rc < 0)
		return no_digest(load, rc);
	if (sqlite3_column_bytes(statement, 1) != (int)FWA_DIGEST_SIZE ||
	    memcmp(stored, hash, FWA_DIGEST_SIZE) != 0)
		return damaged_record(load, "was changed: its hash is not the one stored "
					    "beside it");
	rc = fwa_record_decode(bytes, size, &record);
	if (rc == -EBADMSG || rc == -E2BIG)
		return damaged_record(load, "is not a record");
	if (rc < 0)
		return fwa_error(load->error, rc, "%s: record %" PRIu64 ": %s",
				 ledger->path, sequence, strerror(-rc));
	if (record.sequence != sequence)
		return damaged_record(load, "is in another record's place");
	if ((record.kind == FWA_RECORD_GENESIS) != (sequence == 0))
		return damaged_record(load, "should be a genesis record, or should not");
	rc = fwa_merkle_range_append(&ledger->range, hash);
	if (rc < 0)
		return no_digest(load, rc);
	state->last_time = record.time;
	switch (record.kind) {
	case FWA_RECORD_GENESIS:
		take_genesis(state, &record.genesis);
		break;
	case FWA_RECORD_BOOT:
		take_boot(state, &record);
		break;
	case FWA_RECORD_SHUTDOWN:
		state->clean_shutdown = true;
		break;
	case FWA_RECORD_CHECKPOINT:
		return take_checkpoint(load, &record.checkpoint);
	default:
		break;
	}
	return 0;
}

/* Rows that no record led to: more notes than checkpoints, and the like. */
static int check_leftovers(const struct load *load)
{
	struct fwa_ledger *ledger = load->ledger;
	const struct fwa_ledger_state *state = &ledger->state;
	sqlite3_stmt *statement;
	int rc = 0;

	if (sqlite3_prepare_v2(ledger->database,
			       "SELECT (SELECT count(*) FROM checkpoint),"
			       " (SELECT count(*) FROM attestation),"
			       " (SELECT coalesce(max(id) / 4, -1) FROM payload)",
			       -1, &statement, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "read it", load->error);
	if (sqlite3_step(statement) != SQLITE_ROW)
		rc = fwa_ledger_database_error(ledger, "read it", load->error);
	else if ((uint64_t)sqlite3_column_int64(statement, 0) !=
			 state->checkpoint_number ||
		 (uint64_t)sqlite3_column_int64(statement, 1) !=
			 state->checkpoint_number - (state->pending ? 1 : 0) ||
		 sqlite3_column_int64(statement, 2) >= (sqlite3_int64)state->size)
		rc = fwa_error(load->error, -EBADMSG,
			       "%s: it holds notes, attestations or payloads of records "
			       "that are "
			       "not there: records were removed; " WHAT_TO_DO,
			       ledger->path);
	sqlite3_finalize(statement);
	return rc;
}

static int read_all(struct load *load)
{
	struct fwa_ledger *ledger = load->ledger;
	sqlite3_stmt *statement;
	int step, rc = 0;

	if (sqlite3_prepare_v2(
		    ledger->database,
		    "SELECT sequence, hash, record FROM leaf ORDER BY sequence", -1,
		    &statement, NULL) != SQLITE_OK)
		return fwa_ledger_database_error(ledger, "read it", load->error);
	while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
		rc = take_record(load, statement);
	if (rc == 0 && step != SQLITE_DONE)
		rc = fwa_ledger_database_error(ledger, "read it", load->error);
	sqlite3_finalize(statement);
	if (rc < 0)
		return rc;
	ledger->state.size = ledger->range.size;
	ledger->state.committed = ledger->range.size;
	return check_leftovers(load);
}

int fwa_ledger_load(struct fwa_ledger *ledger, struct fwa_error *error)
{
	struct load load = {.ledger = ledger, .error = error};
	int rc;

	if (sqlite3_prepare_v2(ledger->database,
			       "SELECT note FROM checkpoint WHERE number = ?", -1,
			       &load.note, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(ledger->database,
			       "SELECT attestation FROM attestation WHERE number = ?", -1,
			       &load.attestation, NULL) != SQLITE_OK)
		rc = fwa_ledger_database_error(ledger, "read it", error);
	else
		rc = read_all(&load);
	sqlite3_finalize(load.attestation);
	sqlite3_finalize(load.note);
	return rc;
}
