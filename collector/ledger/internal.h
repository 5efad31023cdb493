/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind ledger.h share. */
#ifndef FWA_COLLECTOR_LEDGER_INTERNAL_H
#define FWA_COLLECTOR_LEDGER_INTERNAL_H

#include <sqlite3.h>

#include "collector/ledger/ledger.h"
#include "schema/attestation.h"
#include "schema/merkle.h"
#include "schema/note.h"

/* A record that has its number and is not committed yet. */
struct fwa_staged {
	uint8_t *record; /* encoded */
	size_t size;
	uint8_t hash[FWA_DIGEST_SIZE];
	struct fwa_payload payloads[2]; /* by enum fwa_payload_part */
};

struct fwa_ledger {
	char *directory;
	char *path; /* of the database */
	int lock;   /* descriptor; -1: none */
	sqlite3 *database;
	sqlite3_stmt *insert_leaf;
	sqlite3_stmt *insert_payload;
	sqlite3_stmt *insert_checkpoint;
	sqlite3_stmt *insert_attestation;
	struct fwa_ledger_state state;
	struct fwa_merkle_range range; /* over staged records too */
	uint8_t *scratch;              /* FWA_RECORD_SIZE_MAX, to encode into */
	struct fwa_staged *staged;
	size_t staged_count, staged_capacity, staged_bytes;
	bool run_open;        /* the last run has no shutdown record: what is committed */
	bool staged_run_open; /* the same, what is staged included */
	/* At most one of each can be waiting for a commit. */
	size_t note_size; /* 0: none staged; it belongs to state.checkpoint_number */
	char note[FWA_NOTE_SIZE_MAX];
	size_t attestation_size; /* 0: none staged */
	uint64_t attestation_number;
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX];
};

/*
 * Take the lock file in the ledger's directory, waiting up to five seconds. Returns the
 * descriptor (closing it gives the lock back), -EBUSY or another negative errno.
 */
int fwa_ledger_lock(const char *directory, struct fwa_error *error);

/*
 * Open the database, creating it with its schema if it is missing or empty, and check that it
 * is a ledger that this writer knows. Fills in `database` and the statements. What it leaves
 * after a failure is for fwa_ledger_database_abandon.
 */
int fwa_ledger_database_open(struct fwa_ledger *ledger, struct fwa_error *error);

/* Fold the log into the database and close it. As fwa_ledger_close says. */
int fwa_ledger_database_close(struct fwa_ledger *ledger, struct fwa_error *error);

/* Close it as it is, its log included: a ledger that was refused is evidence. */
void fwa_ledger_database_abandon(struct fwa_ledger *ledger);

/* Errno and a sentence for what SQLite last said: "<path>: cannot <what>: ...". */
int fwa_ledger_database_error(const struct fwa_ledger *ledger, const char *what,
			      struct fwa_error *error);

/* Write everything staged in one transaction. All or nothing. */
int fwa_ledger_database_write(struct fwa_ledger *ledger, struct fwa_error *error);

/* Read the whole ledger: fills in `state` and `range`, or refuses. */
int fwa_ledger_load(struct fwa_ledger *ledger, struct fwa_error *error);

/*
 * The note over the tree as it stands, with the checkpoint's record as its last leaf.
 * Returns 0 or negative errno.
 */
int fwa_ledger_note(const struct fwa_ledger *ledger, char ret_note[FWA_NOTE_SIZE_MAX],
		    size_t *ret_size);

#endif
