/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's one writer.
 *
 * Records are staged in memory and written by fwa_ledger_commit() in one SQLite transaction
 * with synchronous=FULL: when commit returned 0 they survive a power cut. A commit that failed
 * (a full disk, for example) changed nothing and can be called again: everything staged is
 * kept until it is committed.
 *
 * A sequence number is given once, when a record is staged; the Merkle tree runs over staged
 * and committed records alike.
 *
 * At most one checkpoint is pending: its note committed or staged, its attestation not.
 */
#ifndef FWA_COLLECTOR_LEDGER_LEDGER_H
#define FWA_COLLECTOR_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/ledger/payload.h"
#include "schema/error.h"
#include "schema/record.h"

struct fwa_ledger;

#define FWA_LEDGER_DATABASE "ledger.db" /* file names inside a ledger's directory */
#define FWA_LEDGER_LOCK     "lock"

/* What may be staged at a time; an append that would pass either limit says -ENOBUFS. */
#define FWA_LEDGER_STAGED_RECORDS_MAX 65536u
#define FWA_LEDGER_STAGED_BYTES_MAX   (256u * 1024u * 1024u)

/* Where the ledger stands, staged records included. */
struct fwa_ledger_state {
	uint64_t size;      /* records */
	uint64_t committed; /* of them, committed */
	bool has_genesis;   /* false only while size is 0 */
	uint8_t ledger_uuid[FWA_UUID_SIZE];
	uint8_t enrolment_digest[FWA_DIGEST_SIZE]; /* as genesis says */
	/* Of the records that were in the ledger when it was opened: */
	bool clean_shutdown; /* the last run ended with a shutdown record; true if no run was */
	bool has_boot;
	uint64_t boot_sequence; /* the last boot record */
	uint8_t boot_id[FWA_UUID_SIZE];
	uint64_t last_time; /* of the last record, CLOCK_REALTIME nanoseconds; 0: none */
	/* Checkpoints: */
	uint64_t checkpoint_number;           /* of the last one; 0: none */
	uint64_t checkpoint_size;             /* records under its root */
	uint8_t note_digest[FWA_DIGEST_SIZE]; /* of the last one's note */
	bool pending;                         /* the last one has no attestation */
	uint8_t accumulator
		[FWA_DIGEST_SIZE]; /* over the notes that have an attestation */
};

/*
 * Open the ledger in `directory`, for writing by this process alone. The directory (0750) and
 * the database (0640) are made if they are missing. An existing ledger is read from end to end:
 * application id, version and schema text are checked, every leaf hash is computed again from
 * its record, every note from the tree under it, and the attestations from the notes; anything
 * that does not fit is refused with the record's or checkpoint's number. (Signatures are the
 * verifier's business.)
 *
 * While another process has the ledger this waits up to five seconds, since one that was killed
 * may still be dying; then -EBUSY and "in use by pid N".
 *
 * Returns 0 and a ledger to be closed with fwa_ledger_close(); -EBUSY; -EBADMSG for a ledger
 * that is damaged or not one; -ENOTSUP for a newer format; -ENOSPC; or another negative
 * errno; always with a sentence.
 */
int fwa_ledger_open(const char *directory, struct fwa_ledger **ret_ledger,
		    struct fwa_error *error);

/* Borrowed, and kept up to date by every call below. */
const struct fwa_ledger_state *fwa_ledger_state(const struct fwa_ledger *ledger);

/* Root of the tree over all records, staged ones included. Returns 0 or negative errno. */
int fwa_ledger_root(const struct fwa_ledger *ledger, uint8_t ret_root[FWA_DIGEST_SIZE]);

/*
 * Give `record` the next sequence number (written into it), encode it and stage it. Record 0
 * has to be the genesis, and only record 0 is one. Not for checkpoints: see below.
 *
 * `request` and `response` are the payloads that belong to the record, NULL or empty for none.
 * On success their bytes belong to the ledger and the structures are left empty; on failure
 * they are untouched.
 *
 * Returns 0; -ENOBUFS when too much is staged: commit first; -EINVAL or -E2BIG for a record that
 * cannot be encoded; -ENOMEM. After a failure no number was given and nothing was staged.
 */
int fwa_ledger_append(struct fwa_ledger *ledger, struct fwa_record *record,
		      struct fwa_payload *request, struct fwa_payload *response,
		      struct fwa_error *error);

/*
 * Append a checkpoint record (see collector/seal/checkpoint.h for how to build one) and stage
 * the note over the tree that it closes; the same commit writes both. The record's number and
 * previous note's digest have to follow the ledger's state.
 * Returns as fwa_ledger_append; -EBUSY while a checkpoint is pending.
 */
int fwa_ledger_append_checkpoint(struct fwa_ledger *ledger, struct fwa_record *record,
				 struct fwa_error *error);

/*
 * Stage the attestation of the pending checkpoint, whose note must have been committed. It is
 * checked to be about that note and about the accumulator that the note leads to.
 * Returns 0, after which no checkpoint is pending; -ENOENT when none is pending; -EAGAIN when its
 * note was not committed yet; -EBADMSG for an attestation of something else; -ENOMEM.
 */
int fwa_ledger_append_attestation(struct fwa_ledger *ledger, const uint8_t *attestation,
				  size_t size, struct fwa_error *error);

/*
 * Write everything staged, in one transaction, durably. Nothing staged: nothing done.
 * Returns 0; -ENOSPC when there is no room: call again when there is; -EIO or another negative
 * errno. After a failure nothing was written, everything is still staged and commit can be
 * called again.
 */
int fwa_ledger_commit(struct fwa_ledger *ledger, struct fwa_error *error);

/* How much is staged. */
size_t fwa_ledger_staged_records(const struct fwa_ledger *ledger);
size_t fwa_ledger_staged_bytes(const struct fwa_ledger *ledger);

/*
 * Close: fold the write-ahead log into the database, so that the ledger is one file again, and
 * release the lock. A ledger whose last run has no shutdown record, or whose last records are not
 * under an attested checkpoint, keeps its log beside it: a verifier takes a database without one
 * for a whole ledger, and would miss what such a one lacks. It looks like after a crash, and is
 * continued in the same way. Frees the ledger in any case; what is staged is dropped.
 * NULL is fine.
 * Returns 0; -ENODATA if something staged was dropped; -EBUSY if a reader kept the log in use
 * (the ledger is whole, but is two files); or negative errno. With a sentence.
 */
int fwa_ledger_close(struct fwa_ledger *ledger, struct fwa_error *error);

#endif
