/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger says about itself, counted again from its records: which kinds may follow
 * which, that records refer to records before them, that each CPU's calls are numbered without
 * a hole, and that the counters in checkpoints and shutdown records are what was counted.
 *
 * Pure: records in, findings out.
 */
#ifndef FWA_VERIFIER_ACCOUNTS_H
#define FWA_VERIFIER_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/enrolment.h"
#include "schema/record.h"
#include "verifier/finding.h"

struct fwa_accounts;

/* What was counted over all runs. */
struct fwa_account_totals {
	uint64_t runs;
	uint64_t recorded, lost, truncated;
	bool running;      /* the last run has no shutdown record */
	uint64_t last_run; /* its boot record */
	bool foreign;      /* genesis names another ledger or enrolment */
};

/* `enrolment` and `findings` are borrowed. NULL: out of memory. */
struct fwa_accounts *fwa_accounts_new(const struct fwa_enrolment *enrolment,
				      struct fwa_findings *findings);
void fwa_accounts_free(struct fwa_accounts *accounts); /* NULL: no-op */

/* The next record. Returns 0, or -ENOMEM or -EIO. */
int fwa_accounts_record(struct fwa_accounts *accounts, const struct fwa_record *record,
			const uint8_t *leaf);
/*
 * Records are missing here, or cannot be read: whatever they were, no count or order can be
 * demanded until the next boot record.
 */
void fwa_accounts_lose_track(struct fwa_accounts *accounts);

struct fwa_account_totals fwa_accounts_totals(const struct fwa_accounts *accounts);

#endif
