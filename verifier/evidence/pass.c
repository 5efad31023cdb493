/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/pass.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "schema/merkle.h"
#include "verifier/evidence/payloads.h"

#define TABLE "leaf"
#define KINDS (sizeof(((struct fwa_verify_result *)0)->record_kinds) / sizeof(uint64_t))

struct pass {
	const struct fwa_pass_input *input;
	struct fwa_verify_result *result;
	struct fwa_findings *findings;
	struct fwa_accounts *accounts;
	struct fwa_payloads *payloads;
	struct fwa_checkpoints *checkpoints;
	struct fwa_merkle_range computed; /* over the hashes of the records */
	struct fwa_merkle_range stored;   /* over the hashes beside them */
	bool incomplete;                  /* records are missing: roots mean nothing */
	uint64_t expected;                /* the next row's number */
};

static bool authentic(const struct pass *pass)
{
	return !fwa_findings_have(pass->findings, FWA_CATEGORY_AUTHENTICITY,
				  FWA_SEVERITY_INFO);
}

static int report(struct pass *pass, struct fwa_finding *finding, uint64_t sequence,
		  const uint8_t *leaf)
{
	fwa_finding_place(finding, TABLE, (int64_t)sequence);
	fwa_finding_add_record(finding, sequence, leaf);
	return fwa_findings_add(pass->findings, finding);
}

/* The row's number: one after the other, from 0. */
static int check_number(struct pass *pass, const struct fwa_leaf_row *row)
{
	struct fwa_finding finding;
	uint64_t expected = pass->expected;

	pass->expected = (uint64_t)row->sequence + 1;
	if (row->sequence >= 0 && (uint64_t)row->sequence == expected)
		return 0;
	pass->incomplete = true;
	fwa_accounts_lose_track(pass->accounts);
	if (row->sequence < 0)
		fwa_finding_make(&finding, FWA_A03,
				 "There is a record with the number %" PRId64
				 "; the first is 0.",
				 row->sequence);
	else if ((uint64_t)row->sequence == expected + 1)
		fwa_finding_make(&finding, FWA_A03, "Record %" PRIu64 " is missing.",
				 expected);
	else
		fwa_finding_make(&finding, FWA_A03,
				 "Records %" PRIu64 " to %" PRId64 " are missing.",
				 expected, row->sequence - 1);
	fwa_finding_place(&finding, TABLE,
			  row->sequence < 0 ? row->sequence : (int64_t)expected);
	return fwa_findings_add(pass->findings, &finding);
}

/* The stored hash against the record, and both into their trees. */
static int check_hash(struct pass *pass, const struct fwa_leaf_row *row,
		      uint8_t *ret_leaf)
{
	struct fwa_finding finding;
	int result;

	result = fwa_merkle_leaf_hash(row->record.data, row->record.size, ret_leaf);
	if (result == 0)
		result = fwa_merkle_range_append(&pass->computed, ret_leaf);
	if (result == 0)
		result = fwa_merkle_range_append(
			&pass->stored,
			row->hash.size == FWA_DIGEST_SIZE ? row->hash.data : ret_leaf);
	if (result < 0)
		return result;
	if (row->hash.size == FWA_DIGEST_SIZE &&
	    memcmp(row->hash.data, ret_leaf, FWA_DIGEST_SIZE) == 0)
		return 0;
	fwa_finding_make(
		&finding, FWA_A02,
		"Record %" PRId64
		" and the hash that stands beside it do not belong together: one "
		"of them was edited.",
		row->sequence);
	return report(pass, &finding, (uint64_t)row->sequence, ret_leaf);
}

/* 1 and the record if it can be used; 0 if not, which was reported; negative errno. */
static int decode(struct pass *pass, const struct fwa_leaf_row *row, const uint8_t *leaf,
		  struct fwa_record *ret_record)
{
	struct fwa_finding finding;
	int result = fwa_record_decode(row->record.data, row->record.size, ret_record);

	if (result == 0 && ret_record->sequence == (uint64_t)row->sequence)
		return 1;
	if (result == 0)
		fwa_finding_make(&finding, FWA_A03,
				 "Record %" PRId64 " calls itself record %" PRIu64
				 ": it was moved, or another stands in its place.",
				 row->sequence, ret_record->sequence);
	else if (result == -EBADMSG || result == -E2BIG)
		fwa_finding_make(
			&finding, FWA_A02,
			"Record %" PRId64
			" is not one: its bytes are not the encoding of a record.",
			row->sequence);
	else
		return result;
	fwa_accounts_lose_track(pass->accounts);
	return report(pass, &finding, (uint64_t)row->sequence, leaf);
}

static int offer(struct pass *pass, const struct fwa_evidence *evidence,
		 struct fwa_error *error)
{
	size_t i;

	/* What cannot be authentic any more need not be judged. */
	for (i = 0; i < pass->input->consumer_count && authentic(pass); i++) {
		const struct fwa_record_consumer *consumer = &pass->input->consumers[i];
		int result = consumer->record(consumer->context, evidence);

		if (result < 0)
			return fwa_error(error, result,
					 "Record %" PRIu64 " cannot be judged: %s.",
					 evidence->record->sequence, strerror(-result));
	}
	return 0;
}

static int check_checkpoint(struct pass *pass, const struct fwa_record *record,
			    const uint8_t *leaf, struct fwa_error *error)
{
	struct fwa_tree_state tree = {.incomplete = pass->incomplete};

	if (record->kind != FWA_RECORD_CHECKPOINT)
		return 0;
	if (fwa_merkle_range_root(&pass->computed, tree.root) < 0 ||
	    fwa_merkle_range_root(&pass->stored, tree.stored) < 0)
		return fwa_error(error, -EIO, "SHA-256 cannot be computed.");
	return fwa_checkpoints_record(pass->checkpoints, record, leaf, &tree,
				      fwa_accounts_totals(pass->accounts).foreign, error);
}

static void count(struct pass *pass, const struct fwa_record *record)
{
	struct fwa_verify_result *result = pass->result;

	if (record->kind < KINDS)
		result->record_kinds[record->kind]++;
	if (!result->has_times)
		result->first_time = record->time;
	result->has_times = true;
	result->last_time = record->time;
}

static int one_record(struct pass *pass, const struct fwa_leaf_row *row,
		      struct fwa_error *error)
{
	uint8_t leaf[FWA_DIGEST_SIZE];
	struct fwa_record record;
	struct fwa_evidence evidence = {
		.record = &record, .leaf = leaf, .encoded = row->record};
	int result;

	result = check_number(pass, row);
	if (result == 0)
		result = check_hash(pass, row, leaf);
	if (result < 0)
		return fwa_error(error, result,
				 "Record %" PRId64 " cannot be checked: %s.",
				 row->sequence, strerror(-result));
	result = decode(pass, row, leaf, &record);
	if (result < 0)
		return fwa_error(error, result, "Record %" PRId64 " cannot be read: %s.",
				 row->sequence, strerror(-result));
	if (result == 0)
		return row->sequence < 0
			       ? 0
			       : fwa_payloads_skip(pass->payloads,
						   (uint64_t)row->sequence, error);
	count(pass, &record);
	result = fwa_accounts_record(pass->accounts, &record, leaf);
	if (result < 0)
		return fwa_error(error, result,
				 "Record %" PRIu64 " cannot be checked: %s.",
				 record.sequence, strerror(-result));
	result = fwa_payloads_record(pass->payloads, &record, leaf, &evidence.request,
				     &evidence.response, error);
	if (result == 0)
		result = check_checkpoint(pass, &record, leaf, error);
	if (result == 0)
		result = offer(pass, &evidence, error);
	return result;
}

static int all_records(struct pass *pass, struct fwa_error *error)
{
	struct fwa_finding finding;
	struct fwa_leaf_row row;
	struct fwa_error why;
	int result;

	for (;;) {
		result = fwa_ledger_reader_leaf(pass->input->reader, &row, &why);
		if (result <= 0)
			break;
		pass->result->records++;
		result = one_record(pass, &row, error);
		if (result < 0)
			return result;
	}
	if (result == -EBADMSG) {
		fwa_finding_make(&finding, FWA_A01, "%s", why.sentence);
		fwa_finding_place(&finding, TABLE, (int64_t)pass->expected);
	} else if (result < 0) {
		return fwa_error(error, result, "%s", why.sentence);
	} else if (pass->result->records == 0) {
		fwa_finding_make(&finding, FWA_A03,
				 "The ledger holds no record; even the genesis record is "
				 "missing.");
		fwa_finding_place(&finding, TABLE, 0);
	} else {
		return 0;
	}
	return fwa_findings_add(pass->findings, &finding);
}

static int finish(struct pass *pass, struct fwa_pass_totals *ret_totals,
		  struct fwa_error *error)
{
	int result = fwa_payloads_finish(pass->payloads, error);

	if (result == 0)
		result = fwa_checkpoints_finish(pass->checkpoints, error);
	if (result == 0 && fwa_merkle_range_root(&pass->computed, pass->result->root) < 0)
		result = fwa_error(error, -EIO, "SHA-256 cannot be computed.");
	if (result < 0)
		return result;
	ret_totals->accounts = fwa_accounts_totals(pass->accounts);
	ret_totals->checkpoints = fwa_checkpoints_totals(pass->checkpoints);
	ret_totals->end = pass->expected;
	pass->result->payloads = fwa_payloads_count(pass->payloads);
	return 0;
}

int fwa_pass_run(const struct fwa_pass_input *input, struct fwa_verify_result *result,
		 struct fwa_pass_totals *ret_totals, struct fwa_error *error)
{
	struct pass pass = {
		.input = input, .result = result, .findings = result->findings};
	int code;

	fwa_merkle_range_init(&pass.computed);
	fwa_merkle_range_init(&pass.stored);
	pass.accounts = fwa_accounts_new(input->enrolment, result->findings);
	if (!pass.accounts)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	code = fwa_payloads_new(input->reader, result->findings, &pass.payloads, error);
	if (code == 0)
		code = fwa_checkpoints_new(input->reader, input->enrolment,
					   result->findings, &pass.checkpoints, error);
	if (code == 0)
		code = all_records(&pass, error);
	if (code == 0)
		code = finish(&pass, ret_totals, error);
	fwa_checkpoints_free(pass.checkpoints);
	fwa_payloads_free(pass.payloads);
	fwa_accounts_free(pass.accounts);
	return code;
}
