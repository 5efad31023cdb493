/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/attestations.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/attestation.h"
#include "schema/chain.h"

#define TABLE "attestation"

struct fwa_attestations {
	struct fwa_ledger_reader *reader;
	const struct fwa_enrolment *enrolment;
	struct fwa_findings *findings;
	struct fwa_attestation_verifier *verifier;
	struct fwa_blob_row row;
	bool has_row;
	bool damaged;                         /* the table could not be read to its end */
	bool lost_track;                      /* a note is missing */
	uint8_t accumulator[FWA_DIGEST_SIZE]; /* over all notes so far */
	struct fwa_chain chain;               /* over the attestations that held */
	bool missing;                         /* the last note had none */
	uint64_t missing_number;
	struct fwa_attested totals;
};

static int advance(struct fwa_attestations *attestations, struct fwa_error *error)
{
	struct fwa_finding finding;
	int result = fwa_ledger_reader_attestation(attestations->reader,
						   &attestations->row, error);

	attestations->has_row = result > 0;
	if (result >= 0)
		return 0;
	if (result != -EBADMSG)
		return result;
	attestations->damaged = true;
	fwa_finding_make(&finding, FWA_A01, "%s", error->sentence);
	finding.table = TABLE;
	return fwa_findings_add(attestations->findings, &finding);
}

int fwa_attestations_new(struct fwa_ledger_reader *reader,
			 const struct fwa_enrolment *enrolment,
			 struct fwa_findings *findings,
			 struct fwa_attestations **ret_attestations,
			 struct fwa_error *error)
{
	struct fwa_attestations *attestations = calloc(1, sizeof(*attestations));
	int result;

	if (!attestations)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	attestations->reader = reader;
	attestations->enrolment = enrolment;
	attestations->findings = findings;
	fwa_chain_init(&attestations->chain);
	result = fwa_attestation_verifier_new(&enrolment->key, &attestations->verifier,
					      error);
	if (result == 0)
		result = advance(attestations, error);
	if (result < 0) {
		fwa_attestations_free(attestations);
		return result;
	}
	*ret_attestations = attestations;
	return 0;
}

void fwa_attestations_free(struct fwa_attestations *attestations)
{
	if (!attestations)
		return;
	fwa_attestation_verifier_free(attestations->verifier);
	free(attestations);
}

void fwa_attestations_lose_track(struct fwa_attestations *attestations)
{
	attestations->lost_track = true;
}

static int add(struct fwa_attestations *attestations, struct fwa_finding *finding,
	       int64_t number)
{
	fwa_finding_place(finding, TABLE, number);
	return fwa_findings_add(attestations->findings, finding);
}

/* Attestations up to `last` that are still here belong to no checkpoint. */
static int pass_over(struct fwa_attestations *attestations, int64_t last,
		     struct fwa_error *error)
{
	int result = 0;

	while (result == 0 && attestations->has_row && attestations->row.number <= last) {
		struct fwa_finding finding;

		fwa_finding_make(&finding, FWA_A11,
				 "Attestation %" PRId64
				 " belongs to no checkpoint of this ledger.",
				 attestations->row.number);
		result = add(attestations, &finding, attestations->row.number);
		if (result == 0)
			result = advance(attestations, error);
	}
	return result;
}

/* A checkpoint follows: the one before it cannot be waiting any more. */
static int demand_previous(struct fwa_attestations *attestations, uint64_t next)
{
	struct fwa_finding finding;

	if (!attestations->missing || attestations->damaged)
		return 0;
	attestations->missing = false;
	fwa_finding_make(&finding, FWA_A11,
			 "The attestation of checkpoint %" PRIu64
			 " is missing, and checkpoint %" PRIu64 " follows it.",
			 attestations->missing_number, next);
	return add(attestations, &finding, (int64_t)attestations->missing_number);
}

static int extend(struct fwa_attestations *attestations,
		  const uint8_t digest[FWA_DIGEST_SIZE], struct fwa_error *error)
{
	if (fwa_accumulator_extend(attestations->accumulator, digest,
				   attestations->accumulator) < 0)
		return fwa_error(error, -EIO, "SHA-256 cannot be computed.");
	return 0;
}

int fwa_attestations_skip(struct fwa_attestations *attestations, uint64_t number,
			  const uint8_t digest[FWA_DIGEST_SIZE], struct fwa_error *error)
{
	int result = extend(attestations, digest, error);

	if (result == 0 && attestations->has_row &&
	    (uint64_t)attestations->row.number == number)
		result = advance(attestations, error); /* named with its note */
	return result;
}

/*
 * Everything about one attestation. `accumulator` is that before this note. Returns 0 if it
 * holds; 1 and the finding if not; negative errno.
 */
static int judge(struct fwa_attestations *attestations, uint64_t number,
		 const uint8_t accumulator[FWA_DIGEST_SIZE],
		 const uint8_t digest[FWA_DIGEST_SIZE], struct fwa_finding *ret_finding)
{
	const struct fwa_enrolment *enrolment = attestations->enrolment;
	struct fwa_attestation attestation;
	struct fwa_chain chain = attestations->chain;
	struct fwa_error why;
	int result;

	result = fwa_attestation_parse(attestations->row.blob.data,
				       attestations->row.blob.size, &attestation, &why);
	if (result == 0)
		result = fwa_attestation_verify(attestations->verifier, &attestation,
						&why);
	if (result < 0 && result != -EBADMSG)
		return result;
	if (result < 0) {
		fwa_finding_make(ret_finding, FWA_A09,
				 "The attestation of checkpoint %" PRIu64
				 " is not valid: %s",
				 number, why.sentence);
		return 1;
	}
	if (memcmp(attestation.index_name, enrolment->index.name, FWA_TPM_NAME_SIZE) !=
	    0) {
		fwa_finding_make(ret_finding, FWA_A09,
				 "The attestation of checkpoint %" PRIu64
				 " is of another NV index than the enrolled one.",
				 number);
		return 1;
	}
	if (chain.count > 0 && memcmp(attestation.qualified_signer,
				      chain.qualified_signer, FWA_TPM_NAME_SIZE) != 0) {
		fwa_finding_make(ret_finding, FWA_A09,
				 "The attestation of checkpoint %" PRIu64
				 " names another qualified signer than those before it.",
				 number);
		return 1;
	}
	if (memcmp(attestation.extra_data, digest, FWA_DIGEST_SIZE) != 0) {
		fwa_finding_make(ret_finding, FWA_A10,
				 "The attestation of checkpoint %" PRIu64
				 " is genuine, and of another note than the one that "
				 "stands here.",
				 number);
		return 1;
	}
	if (attestations->lost_track)
		return 0;
	if (memcmp(attestation.contents, attestations->accumulator, FWA_DIGEST_SIZE) !=
	    0) {
		fwa_finding_make(ret_finding, FWA_A10,
				 "The attestation of checkpoint %" PRIu64
				 " is genuine, and of another history: the TPM had been "
				 "given other notes before this one.",
				 number);
		return 1;
	}
	/* An attestation before it may not have held; the notes are all there. */
	memcpy(chain.accumulator, accumulator, FWA_DIGEST_SIZE);
	result =
		fwa_chain_next(&chain, &attestation, enrolment->index.name, digest, &why);
	if (result == -EBADMSG) {
		fwa_finding_make(ret_finding, FWA_A13, "Checkpoint %" PRIu64 ": %s",
				 number, why.sentence);
		return 1;
	}
	if (result == 0)
		attestations->chain = chain;
	return result;
}

int fwa_attestations_note(struct fwa_attestations *attestations,
			  const struct fwa_record *record,
			  const uint8_t digest[FWA_DIGEST_SIZE], bool foreign,
			  struct fwa_error *error)
{
	uint64_t number = record->checkpoint.number;
	uint8_t before[FWA_DIGEST_SIZE];
	struct fwa_finding finding;
	int result;

	result = pass_over(attestations, (int64_t)number - 1, error);
	if (result == 0)
		result = demand_previous(attestations, number);
	memcpy(before, attestations->accumulator, sizeof(before));
	if (result == 0)
		result = extend(attestations, digest, error);
	if (result < 0)
		return result;
	if (!attestations->has_row || (uint64_t)attestations->row.number != number) {
		attestations->missing = true;
		attestations->missing_number = number;
		return 0;
	}
	if (foreign)
		return advance(attestations, error);
	result = judge(attestations, number, before, digest, &finding);
	if (result < 0)
		return fwa_error(error, result,
				 "The attestation of checkpoint %" PRIu64
				 " cannot be checked: %s.",
				 number, strerror(-result));
	if (result == 0) {
		attestations->totals.count++;
		attestations->totals.number = number;
		attestations->totals.size = record->sequence + 1;
		attestations->totals.time = record->time;
		return advance(attestations, error);
	}
	fwa_finding_add_record(&finding, record->sequence, NULL);
	result = add(attestations, &finding, (int64_t)number);
	if (result == 0)
		result = advance(attestations, error);
	return result;
}

int fwa_attestations_finish(struct fwa_attestations *attestations,
			    struct fwa_error *error)
{
	int result = pass_over(attestations, INT64_MAX, error);

	attestations->totals.pending = attestations->missing;
	attestations->totals.resets = attestations->chain.resets;
	return result;
}

struct fwa_attested fwa_attestations_totals(const struct fwa_attestations *attestations)
{
	return attestations->totals;
}
