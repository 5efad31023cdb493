/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of attestations: what has to hold from one checkpoint to the next.
 *
 * The TPM's NT_EXTEND index holds the accumulator of all notes so far:
 *
 *     acc(0) = 32 zero bytes
 *     acc(i) = SHA-256(acc(i - 1) || SHA-256(note i))
 *
 * and every attestation certifies it together with the TPM's clock and its counts of resets and
 * restarts. The TPM adds a constant, secret offset to both counts for a key of the owner
 * hierarchy, so only differences modulo 2^32 mean something, and those are exact.
 */
#ifndef FWA_SCHEMA_CHAIN_H
#define FWA_SCHEMA_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/attestation.h"
#include "schema/error.h"
#include "schema/record.h"

/*
 * How far the clock may fall back at a reset: TPMs save it at least every 2^22 ms (70 minutes;
 * TPM 2.0 Library, Part 1, timing components), so an unclean stop loses no more. Software ones
 * save it more often (4096 ms), but only with the next command that writes, as NV_Extend does.
 */
#define FWA_CHAIN_CLOCK_LOSS_MAX ((uint64_t)1 << 22)

/*
 * SHA-256(accumulator || note digest): what TPM2_NV_Extend leaves in the index. `ret_accumulator`
 * may be `accumulator`. Returns 0 or -EIO.
 */
int fwa_accumulator_extend(const uint8_t accumulator[FWA_DIGEST_SIZE],
			   const uint8_t note_digest[FWA_DIGEST_SIZE],
			   uint8_t ret_accumulator[FWA_DIGEST_SIZE]);

/* The state of a walk over a chain, from checkpoint 1 on. */
struct fwa_chain {
	uint64_t count; /* attestations accepted so far */
	uint8_t accumulator[FWA_DIGEST_SIZE];
	uint8_t qualified_signer[FWA_TPM_NAME_SIZE];
	uint64_t clock;         /* of the last attestation */
	uint64_t clock_highest; /* of the whole chain */
	uint32_t reset_count, restart_count;
	uint64_t resets; /* of the TPM, since the first attestation */
	bool safe;
};

/* Make it the chain before checkpoint 1. */
void fwa_chain_init(struct fwa_chain *chain);

/*
 * Check the next attestation against the chain: it certifies `index_name`, its qualifying data is
 * the note's digest, its contents are the accumulator after this note, the signer is the same, and
 * resetCount, restartCount, clock and safe can have followed from those before (SPEC.md, "Chain
 * rules"). Signatures are not checked here. The chain moves on only on success.
 * Returns 0; -EBADMSG and a sentence; -EIO.
 */
int fwa_chain_next(struct fwa_chain *chain, const struct fwa_attestation *attestation,
		   const uint8_t index_name[FWA_TPM_NAME_SIZE],
		   const uint8_t note_digest[FWA_DIGEST_SIZE], struct fwa_error *error);

#endif
