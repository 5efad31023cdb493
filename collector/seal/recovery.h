/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the TPM's NV index and the ledger say about one another.
 *
 * A checkpoint is: commit the note, extend the index with its digest, certify the index, commit
 * the attestation. The collector may die between any two. The index then holds either what
 * the attested notes lead to, or that extended by the one pending note. Anything else means
 * that the ledger or the index was changed behind the collector's back.
 */
#ifndef FWA_COLLECTOR_SEAL_RECOVERY_H
#define FWA_COLLECTOR_SEAL_RECOVERY_H

#include "collector/ledger/ledger.h"
#include "collector/seal/protocol.h"
#include "schema/error.h"

enum fwa_recovery_action {
	FWA_RECOVERY_NOTHING,            /* no note pending; the index agrees */
	FWA_RECOVERY_CERTIFY,            /* the pending note is in the index already */
	FWA_RECOVERY_EXTEND_AND_CERTIFY, /* the pending note is not in the index yet */
};

/*
 * Decide. Pure. `accumulator` is over the notes that have an attestation, `pending` the
 * digest of the note that has none yet, NULL if there is no such note.
 *
 * Returns 0 and the action; -EUCLEAN and a sentence if the two disagree (an alarm).
 */
int fwa_recovery_decide(const uint8_t accumulator[FWA_DIGEST_SIZE],
			const uint8_t *pending, const struct fwa_nv_value *nv,
			enum fwa_recovery_action *ret_action, struct fwa_error *error);

/*
 * At start, before anything is appended: ask the sealer for the index, decide, have the pending
 * note attested if there is one, and commit its attestation. Blocks until the sealer answered.
 *
 * Returns 0, after which no checkpoint is pending and ledger and TPM agree; -EUCLEAN for an
 * alarm; another negative errno if the TPM cannot be used or the ledger not written. With a
 * sentence.
 */
int fwa_recovery_run(struct fwa_ledger *ledger, int channel, struct fwa_error *error);

#endif
