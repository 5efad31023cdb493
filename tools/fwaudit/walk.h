/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pass over a ledger without a verification: for looking into it. Nothing is proved; records
 * are decoded, payloads restored where they can be, and that is all.
 */
#ifndef FWA_TOOLS_FWAUDIT_WALK_H
#define FWA_TOOLS_FWAUDIT_WALK_H

#include "schema/error.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/verify.h"

/*
 * Offer each record to `consumer`, in order, and finish it, with findings that are thrown away.
 * Returns 0, or negative errno and a sentence.
 */
int fwa_walk(const char *path, const struct fwa_record_consumer *consumer,
	     struct fwa_error *error);

/*
 * One payload of a record, as far as it was captured, to be freed; NULL in `*ret_data` if nothing
 * was captured, it was removed, or it cannot be restored. Returns 0, or negative errno and a
 * sentence.
 */
int fwa_walk_payload(struct fwa_ledger_reader *reader, uint64_t sequence, unsigned part,
		     const struct fwa_payload_ref *reference, uint8_t **ret_data,
		     struct fwa_error *error);

/* Say on stderr that nothing is proved. */
void fwa_walk_warn(void);

#endif
