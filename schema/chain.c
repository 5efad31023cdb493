/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "schema/hash.h"

/* Differences of counts are modulo 2^32; one of this size or more is a step back. */
#define STEP_BACK ((uint32_t)1 << 31)

int fwa_accumulator_extend(const uint8_t accumulator[FWA_DIGEST_SIZE],
			   const uint8_t note_digest[FWA_DIGEST_SIZE],
			   uint8_t ret_accumulator[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes parts[] = {{accumulator, FWA_DIGEST_SIZE},
					  {note_digest, FWA_DIGEST_SIZE}};

	return fwa_digest(parts, 2, ret_accumulator);
}

void fwa_chain_init(struct fwa_chain *chain)
{
	memset(chain, 0, sizeof(*chain));
}

/* Between two attestations without a reset of the TPM in between. */
static int check_same_reset(const struct fwa_chain *chain,
			    const struct fwa_attestation *attestation,
			    struct fwa_error *error)
{
	uint32_t restarts = attestation->restart_count - chain->restart_count;

	if (restarts >= STEP_BACK)
		return fwa_error(error, -EBADMSG,
				 "The TPM's restart count went back by %" PRIu32
				 " without a reset.",
				 (uint32_t)-restarts);
	if (attestation->clock < chain->clock)
		return fwa_error(error, -EBADMSG,
				 "The TPM's clock went back from %" PRIu64 " to %" PRIu64
				 " ms without a reset.",
				 chain->clock, attestation->clock);
	if (chain->safe && !attestation->safe)
		return fwa_error(error, -EBADMSG,
				 "The TPM's clock ceased to be safe without a reset.");
	return 0;
}

static int check_clock(const struct fwa_chain *chain,
		       const struct fwa_attestation *attestation, struct fwa_error *error)
{
	uint32_t resets = attestation->reset_count - chain->reset_count;
	int result;

	if (chain->resets + resets >= STEP_BACK)
		return fwa_error(
			error, -EBADMSG,
			"The TPM's reset count went back: the TPM was cleared, replaced "
			"or rolled back.");
	if (resets == 0) {
		result = check_same_reset(chain, attestation, error);
		if (result < 0)
			return result;
	}
	if (attestation->clock >= chain->clock_highest)
		return 0;
	if (attestation->safe)
		return fwa_error(error, -EBADMSG,
				 "The TPM's clock is at %" PRIu64
				 " ms and said to be safe, but was at "
				 "%" PRIu64 " ms before.",
				 attestation->clock, chain->clock_highest);
	if (chain->clock_highest - attestation->clock > FWA_CHAIN_CLOCK_LOSS_MAX)
		return fwa_error(error, -EBADMSG,
				 "The TPM's clock fell back from %" PRIu64 " to %" PRIu64
				 " ms, more than an unclean stop can lose.",
				 chain->clock_highest, attestation->clock);
	return 0;
}

static int check_contents(const struct fwa_chain *chain,
			  const struct fwa_attestation *attestation,
			  const uint8_t *index_name, const uint8_t *note_digest,
			  const uint8_t *accumulator, struct fwa_error *error)
{
	if (memcmp(attestation->index_name, index_name, FWA_TPM_NAME_SIZE))
		return fwa_error(
			error, -EBADMSG,
			"The attestation is of another NV index than the enrolled one.");
	if (memcmp(attestation->extra_data, note_digest, FWA_DIGEST_SIZE))
		return fwa_error(error, -EBADMSG, "The attestation is of another note.");
	if (memcmp(attestation->contents, accumulator, FWA_DIGEST_SIZE))
		return fwa_error(error, -EBADMSG,
				 "The attestation is of another chain of notes: the "
				 "index does not "
				 "hold the notes up to this one.");
	if (chain->count > 0 && memcmp(attestation->qualified_signer,
				       chain->qualified_signer, FWA_TPM_NAME_SIZE))
		return fwa_error(error, -EBADMSG,
				 "The attestation's qualified signer is not that of "
				 "those before.");
	return 0;
}

int fwa_chain_next(struct fwa_chain *chain, const struct fwa_attestation *attestation,
		   const uint8_t index_name[FWA_TPM_NAME_SIZE],
		   const uint8_t note_digest[FWA_DIGEST_SIZE], struct fwa_error *error)
{
	uint8_t accumulator[FWA_DIGEST_SIZE];
	int result;

	result = fwa_accumulator_extend(chain->accumulator, note_digest, accumulator);
	if (result < 0)
		return fwa_error(error, result, "The accumulator cannot be computed.");
	result = check_contents(chain, attestation, index_name, note_digest, accumulator,
				error);
	if (result < 0)
		return result;
	if (chain->count > 0) {
		result = check_clock(chain, attestation, error);
		if (result < 0)
			return result;
		chain->resets +=
			(uint32_t)(attestation->reset_count - chain->reset_count);
	}
	chain->count++;
	memcpy(chain->accumulator, accumulator, FWA_DIGEST_SIZE);
	memcpy(chain->qualified_signer, attestation->qualified_signer, FWA_TPM_NAME_SIZE);
	chain->clock = attestation->clock;
	if (attestation->clock > chain->clock_highest)
		chain->clock_highest = attestation->clock;
	chain->reset_count = attestation->reset_count;
	chain->restart_count = attestation->restart_count;
	chain->safe = attestation->safe;
	return 0;
}
