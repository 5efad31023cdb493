/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpoint and attestation tables against the records: every checkpoint record has a note
 * whose root is the tree's at that place, the notes form a chain, and each but perhaps the last
 * has an attestation by the enrolled key, of that note and of the chain up to it.
 */
#ifndef FWA_VERIFIER_CHECKPOINTS_H
#define FWA_VERIFIER_CHECKPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/enrolment.h"
#include "schema/error.h"
#include "schema/record.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/finding.h"

struct fwa_checkpoints;

/* The tree up to a checkpoint record, that record included. */
struct fwa_tree_state {
	uint8_t root[FWA_DIGEST_SIZE];   /* over the hashes of the records */
	uint8_t stored[FWA_DIGEST_SIZE]; /* over the hashes that stand beside them */
	bool incomplete;                 /* records before are missing */
};

/* What the notes and attestations came to. */
struct fwa_checkpoint_totals {
	uint64_t notes;
	uint64_t attested;      /* in an unbroken chain from the first */
	uint64_t attested_size; /* records under the last of them */
	uint64_t attested_number;
	uint64_t attested_time; /* CLOCK_REALTIME of its checkpoint record; 0: none */
	bool pending;           /* the last note has no attestation */
	uint64_t resets;        /* of the TPM, between attestations */
};

/* All but the result are borrowed. Returns 0, -ENOMEM, or negative errno and a sentence. */
int fwa_checkpoints_new(struct fwa_ledger_reader *reader,
			const struct fwa_enrolment *enrolment,
			struct fwa_findings *findings,
			struct fwa_checkpoints **ret_checkpoints,
			struct fwa_error *error);
void fwa_checkpoints_free(struct fwa_checkpoints *checkpoints); /* NULL: no-op */

/*
 * The next checkpoint record. `foreign`: the enrolment is known to be another ledger's, so no
 * more is said about who signed. Returns 0, or negative errno and a sentence.
 */
int fwa_checkpoints_record(struct fwa_checkpoints *checkpoints,
			   const struct fwa_record *record, const uint8_t *leaf,
			   const struct fwa_tree_state *tree, bool foreign,
			   struct fwa_error *error);
/* After the last record: rows that are left over belong to no checkpoint record. */
int fwa_checkpoints_finish(struct fwa_checkpoints *checkpoints, struct fwa_error *error);

struct fwa_checkpoint_totals
fwa_checkpoints_totals(const struct fwa_checkpoints *checkpoints);

#endif
