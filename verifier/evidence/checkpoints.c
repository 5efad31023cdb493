/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/checkpoints.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/note.h"
#include "verifier/evidence/attestations.h"

#define NOTES "checkpoint"

struct fwa_checkpoints {
	struct fwa_ledger_reader *reader;
	const struct fwa_enrolment *enrolment;
	struct fwa_findings *findings;
	struct fwa_attestations *attestations;
	struct fwa_blob_row note;
	bool has_note;
	bool damaged;         /* the table could not be read to its end */
	bool tree_broken;     /* a root did not match: those after it cannot either */
	uint64_t tree_good;   /* records under the last root that matched */
	uint64_t last_number; /* of the last checkpoint record */
	uint8_t last_digest[FWA_DIGEST_SIZE]; /* of the last note */
	bool has_last_digest;
	uint64_t notes;
};

static int advance(struct fwa_checkpoints *checkpoints, struct fwa_error *error)
{
	struct fwa_finding finding;
	int result = fwa_ledger_reader_checkpoint(checkpoints->reader, &checkpoints->note,
						  error);

	checkpoints->has_note = result > 0;
	if (result >= 0)
		return 0;
	if (result != -EBADMSG)
		return result;
	checkpoints->damaged = true;
	fwa_attestations_lose_track(checkpoints->attestations);
	fwa_finding_make(&finding, FWA_A01, "%s", error->sentence);
	finding.table = NOTES;
	return fwa_findings_add(checkpoints->findings, &finding);
}

int fwa_checkpoints_new(struct fwa_ledger_reader *reader,
			const struct fwa_enrolment *enrolment,
			struct fwa_findings *findings,
			struct fwa_checkpoints **ret_checkpoints, struct fwa_error *error)
{
	struct fwa_checkpoints *checkpoints = calloc(1, sizeof(*checkpoints));
	int result;

	if (!checkpoints)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	checkpoints->reader = reader;
	checkpoints->enrolment = enrolment;
	checkpoints->findings = findings;
	result = fwa_attestations_new(reader, enrolment, findings,
				      &checkpoints->attestations, error);
	if (result == 0)
		result = advance(checkpoints, error);
	if (result < 0) {
		fwa_checkpoints_free(checkpoints);
		return result;
	}
	*ret_checkpoints = checkpoints;
	return 0;
}

void fwa_checkpoints_free(struct fwa_checkpoints *checkpoints)
{
	if (!checkpoints)
		return;
	fwa_attestations_free(checkpoints->attestations);
	free(checkpoints);
}

/* The note's digest becomes part of the chain. */
static int link_note(struct fwa_checkpoints *checkpoints, struct fwa_error *error)
{
	int result =
		fwa_note_digest(checkpoints->note.blob.data, checkpoints->note.blob.size,
				checkpoints->last_digest);

	if (result < 0)
		return fwa_error(error, result, "SHA-256 cannot be computed.");
	checkpoints->has_last_digest = true;
	return 0;
}

/* Notes up to `last` that are still here belong to no checkpoint record. */
static int pass_over(struct fwa_checkpoints *checkpoints, int64_t last,
		     struct fwa_error *error)
{
	int result = 0;

	while (result == 0 && checkpoints->has_note && checkpoints->note.number <= last) {
		int64_t number = checkpoints->note.number;
		struct fwa_finding finding;

		fwa_finding_make(&finding, FWA_A08,
				 "The note of checkpoint %" PRId64
				 " has no checkpoint record in its place.",
				 number);
		fwa_finding_place(&finding, NOTES, number);
		result = fwa_findings_add(checkpoints->findings, &finding);
		if (result == 0)
			result = link_note(checkpoints, error);
		/* What the TPM holds may contain it. */
		if (result == 0)
			result = fwa_attestations_skip(checkpoints->attestations,
						       (uint64_t)number,
						       checkpoints->last_digest, error);
		if (result == 0)
			result = advance(checkpoints, error);
	}
	return result;
}

static int report(struct fwa_checkpoints *checkpoints, struct fwa_finding *finding,
		  const struct fwa_record *record, const uint8_t *leaf)
{
	fwa_finding_place(finding, NOTES, (int64_t)record->checkpoint.number);
	fwa_finding_add_record(finding, record->sequence, leaf);
	return fwa_findings_add(checkpoints->findings, finding);
}

/* The record against the checkpoints before it. */
static int check_record(struct fwa_checkpoints *checkpoints,
			const struct fwa_record *record, const uint8_t *leaf)
{
	const struct fwa_checkpoint *checkpoint = &record->checkpoint;
	struct fwa_bytes previous = checkpoint->previous_note_digest;
	struct fwa_finding finding;
	int result = 0;

	if (checkpoint->number != checkpoints->last_number + 1) {
		fwa_finding_make(&finding, FWA_A08,
				 "Record %" PRIu64 " is of checkpoint %" PRIu64
				 ", and checkpoint %" PRIu64 " should come next.",
				 record->sequence, checkpoint->number,
				 checkpoints->last_number + 1);
		result = report(checkpoints, &finding, record, leaf);
	} else if (checkpoint->number == 1
			   ? previous.data != NULL
			   : checkpoints->has_last_digest &&
				     (previous.size != FWA_DIGEST_SIZE ||
				      memcmp(previous.data, checkpoints->last_digest,
					     FWA_DIGEST_SIZE) != 0)) {
		fwa_finding_make(
			&finding, FWA_A08,
			"Checkpoint %" PRIu64 " (record %" PRIu64
			") does not follow the note before it: the digest that it "
			"names is another.",
			checkpoint->number, record->sequence);
		result = report(checkpoints, &finding, record, leaf);
	}
	return result;
}

/* The root against the tree. Says once that they part, and between which records. */
static int check_root(struct fwa_checkpoints *checkpoints,
		      const struct fwa_record *record, const uint8_t *leaf,
		      const struct fwa_note *note, const struct fwa_tree_state *tree)
{
	struct fwa_finding finding;

	if (memcmp(note->root, tree->root, FWA_DIGEST_SIZE) == 0) {
		checkpoints->tree_good = record->sequence + 1;
		return 0;
	}
	if (memcmp(note->root, tree->stored, FWA_DIGEST_SIZE) == 0)
		return 0; /* an edited record, which is named where it stands */
	if (checkpoints->tree_broken || tree->incomplete)
		return 0; /* said already, and where */
	checkpoints->tree_broken = true;
	fwa_finding_make(&finding, FWA_A07,
			 "The root of checkpoint %" PRIu64
			 " is not that of the records: at least one of records %" PRIu64
			 " to %" PRIu64 " was exchanged, or the note was. Later "
			 "checkpoints cannot be told apart from that.",
			 record->checkpoint.number, checkpoints->tree_good,
			 record->sequence);
	return report(checkpoints, &finding, record, leaf);
}

/* The note itself. */
static int check_note(struct fwa_checkpoints *checkpoints,
		      const struct fwa_record *record, const uint8_t *leaf,
		      const struct fwa_tree_state *tree, bool foreign)
{
	struct fwa_finding finding;
	struct fwa_error why;
	struct fwa_note note;
	int result = fwa_note_parse(checkpoints->note.blob.data,
				    checkpoints->note.blob.size, &note, &why);

	if (result < 0 && result != -EBADMSG)
		return result;
	if (result < 0) {
		fwa_finding_make(&finding, FWA_A07,
				 "The note of checkpoint %" PRIu64 " is malformed: %s",
				 record->checkpoint.number, why.sentence);
		return report(checkpoints, &finding, record, leaf);
	}
	if (!foreign &&
	    memcmp(note.ledger, checkpoints->enrolment->ledger, FWA_UUID_SIZE) != 0) {
		fwa_finding_make(&finding, FWA_A12,
				 "The note of checkpoint %" PRIu64
				 " is of another ledger than the enrolment.",
				 record->checkpoint.number);
		result = report(checkpoints, &finding, record, leaf);
		if (result < 0)
			return result;
	}
	if (note.size == record->sequence + 1)
		return check_root(checkpoints, record, leaf, &note, tree);
	fwa_finding_make(&finding, FWA_A07,
			 "The note of checkpoint %" PRIu64 " covers %" PRIu64
			 " records, and its checkpoint record is record %" PRIu64
			 ", so it should cover %" PRIu64 ".",
			 record->checkpoint.number, note.size, record->sequence,
			 record->sequence + 1);
	return report(checkpoints, &finding, record, leaf);
}

static int missing_note(struct fwa_checkpoints *checkpoints,
			const struct fwa_record *record, const uint8_t *leaf)
{
	struct fwa_finding finding;

	fwa_attestations_lose_track(checkpoints->attestations);
	checkpoints->has_last_digest = false;
	if (checkpoints->damaged)
		return 0;
	fwa_finding_make(&finding, FWA_A08,
			 "The note of checkpoint %" PRIu64 " (record %" PRIu64
			 ") is missing.",
			 record->checkpoint.number, record->sequence);
	return report(checkpoints, &finding, record, leaf);
}

int fwa_checkpoints_record(struct fwa_checkpoints *checkpoints,
			   const struct fwa_record *record, const uint8_t *leaf,
			   const struct fwa_tree_state *tree, bool foreign,
			   struct fwa_error *error)
{
	uint64_t number = record->checkpoint.number;
	int result;

	result = pass_over(checkpoints,
			   number > INT64_MAX ? INT64_MAX : (int64_t)number - 1, error);
	if (result == 0)
		result = check_record(checkpoints, record, leaf);
	if (result < 0)
		return result;
	checkpoints->last_number = number;
	if (!checkpoints->has_note || (uint64_t)checkpoints->note.number != number)
		return missing_note(checkpoints, record, leaf);
	checkpoints->notes++;
	result = check_note(checkpoints, record, leaf, tree, foreign);
	if (result == 0)
		result = link_note(checkpoints, error);
	if (result == 0)
		result = fwa_attestations_note(checkpoints->attestations, record,
					       checkpoints->last_digest, foreign, error);
	if (result == 0)
		result = advance(checkpoints, error);
	return result;
}

int fwa_checkpoints_finish(struct fwa_checkpoints *checkpoints, struct fwa_error *error)
{
	int result = pass_over(checkpoints, INT64_MAX, error);

	if (result == 0)
		result = fwa_attestations_finish(checkpoints->attestations, error);
	return result;
}

struct fwa_checkpoint_totals
fwa_checkpoints_totals(const struct fwa_checkpoints *checkpoints)
{
	struct fwa_attested attested = fwa_attestations_totals(checkpoints->attestations);

	return (struct fwa_checkpoint_totals){
		.notes = checkpoints->notes,
		.attested = attested.count,
		.attested_size = attested.size,
		.attested_number = attested.number,
		.attested_time = attested.time,
		.pending = attested.pending,
		.resets = attested.resets,
	};
}
