/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attestation table against the notes: signature, key and index as enrolled, content as the
 * chain of notes makes it, clock and resets as time makes them.
 */
#ifndef FWA_VERIFIER_ATTESTATIONS_H
#define FWA_VERIFIER_ATTESTATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/enrolment.h"
#include "schema/error.h"
#include "schema/record.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/finding.h"

struct fwa_attestations;

struct fwa_attested {
	uint64_t count;  /* valid ones */
	uint64_t number; /* the last valid one's */
	uint64_t size;   /* records that it covers */
	uint64_t time;   /* of its checkpoint record */
	bool pending;    /* the last note has none */
	uint64_t resets;
};

/* As fwa_checkpoints_new. */
int fwa_attestations_new(struct fwa_ledger_reader *reader,
			 const struct fwa_enrolment *enrolment,
			 struct fwa_findings *findings,
			 struct fwa_attestations **ret_attestations,
			 struct fwa_error *error);
void fwa_attestations_free(struct fwa_attestations *attestations); /* NULL: no-op */

/* The next note's checkpoint record and digest. Returns 0, or negative errno and a sentence. */
int fwa_attestations_note(struct fwa_attestations *attestations,
			  const struct fwa_record *record,
			  const uint8_t digest[FWA_DIGEST_SIZE], bool foreign,
			  struct fwa_error *error);
/* A note that belongs to no checkpoint record, but may be in the TPM's chain. */
int fwa_attestations_skip(struct fwa_attestations *attestations, uint64_t number,
			  const uint8_t digest[FWA_DIGEST_SIZE], struct fwa_error *error);
/* A note is missing: what the TPM's index holds from here on cannot be known. */
void fwa_attestations_lose_track(struct fwa_attestations *attestations);
/* After the last note: rows that are left over belong to none. */
int fwa_attestations_finish(struct fwa_attestations *attestations,
			    struct fwa_error *error);

struct fwa_attested fwa_attestations_totals(const struct fwa_attestations *attestations);

#endif
