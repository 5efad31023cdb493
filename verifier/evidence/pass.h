/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pass over a ledger: every table once, side by side, each record checked and offered to
 * the consumers.
 */
#ifndef FWA_VERIFIER_PASS_H
#define FWA_VERIFIER_PASS_H

#include "schema/enrolment.h"
#include "schema/error.h"
#include "verifier/evidence/accounts.h"
#include "verifier/evidence/checkpoints.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/verify.h"

struct fwa_pass_input {
	struct fwa_ledger_reader *reader;
	const struct fwa_enrolment *enrolment;
	const struct fwa_record_consumer *consumers;
	size_t consumer_count;
};

struct fwa_pass_totals {
	struct fwa_account_totals accounts;
	struct fwa_checkpoint_totals checkpoints;
	uint64_t end; /* the number after that of the last record's row */
};

/*
 * Run it. Adds authenticity findings to `result->findings` and fills in what was counted; does
 * not finish the consumers. Returns 0, or negative errno and a sentence.
 */
int fwa_pass_run(const struct fwa_pass_input *input, struct fwa_verify_result *result,
		 struct fwa_pass_totals *ret_totals, struct fwa_error *error);

#endif
