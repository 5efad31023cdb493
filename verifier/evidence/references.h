/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What records point to: a record before them, of the right kind.
 *
 * Remembers device and declaration records and, of calls and snapshots, the last of each CPU and
 * device: some in hundreds of records, so memory hardly grows with a ledger.
 */
#ifndef FWA_VERIFIER_REFERENCES_H
#define FWA_VERIFIER_REFERENCES_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/record.h"

struct fwa_references;

/* A reference that does not hold. */
struct fwa_bad_reference {
	const char *what; /* "device record", ...: what should be there; NULL: all hold */
	uint64_t target;
};

struct fwa_references *fwa_references_new(void);             /* NULL: out of memory */
void fwa_references_free(struct fwa_references *references); /* NULL: no-op */

/* Records are missing: from here on only what is remembered is known to be wrong. */
void fwa_references_lose_track(struct fwa_references *references);

/*
 * Check what `record` points to, and remember it. Returns 0 and the first reference that does
 * not hold, if any; -ENOMEM; -E2BIG if there are more devices than any ledger has.
 */
int fwa_references_record(struct fwa_references *references,
			  const struct fwa_record *record,
			  struct fwa_bad_reference *ret_bad);

#endif
