/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload table against the records: exactly the rows that records refer to, each with the
 * bytes that its record's digest is of. One pass, beside the pass over the records.
 */
#ifndef FWA_VERIFIER_PAYLOADS_H
#define FWA_VERIFIER_PAYLOADS_H

#include <stdint.h>

#include "schema/error.h"
#include "schema/record.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/finding.h"

struct fwa_payloads;

/* `reader` and `findings` are borrowed. Returns 0, or negative errno and a sentence. */
int fwa_payloads_new(struct fwa_ledger_reader *reader, struct fwa_findings *findings,
		     struct fwa_payloads **ret_payloads, struct fwa_error *error);
void fwa_payloads_free(struct fwa_payloads *payloads); /* NULL: no-op */

/*
 * Check what belongs to the next record; `leaf` is its leaf hash, for findings. The bytes are
 * borrowed until the next call, and absent if nothing was captured or what is there is not it.
 * Whatever is wrong is added to the findings. Returns 0, or negative errno and a sentence if the
 * verification has to stop.
 */
int fwa_payloads_record(struct fwa_payloads *payloads, const struct fwa_record *record,
			const uint8_t *leaf, struct fwa_bytes *ret_request,
			struct fwa_bytes *ret_response, struct fwa_error *error);
/* Pass over the rows of a record that cannot be read, which nothing can be said about. */
int fwa_payloads_skip(struct fwa_payloads *payloads, uint64_t sequence,
		      struct fwa_error *error);
/* After the last record: whatever is left over belongs to none. */
int fwa_payloads_finish(struct fwa_payloads *payloads, struct fwa_error *error);
/* Rows that were what they should be. */
uint64_t fwa_payloads_count(const struct fwa_payloads *payloads);

/*
 * Restore the `captured` bytes of a stored payload into `buffer`, which has room for exactly as
 * many. Pure. Returns NULL, or what is wrong with the row, as the end of a sentence that begins
 * with "it ".
 */
const char *fwa_payload_restore(const struct fwa_payload_row *row, uint64_t captured,
				uint8_t *buffer);

#endif
