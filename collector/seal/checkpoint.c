/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/checkpoint.h"

#include <errno.h>
#include <inttypes.h>

bool fwa_checkpoint_due(const struct fwa_checkpoint_policy *policy,
			const struct fwa_ledger_state *state, uint64_t last, uint64_t now,
			enum fwa_checkpoint_reason *ret_reason)
{
	if (state->pending)
		return false;
	if (policy->records > 0 &&
	    state->size - state->checkpoint_size >= policy->records) {
		*ret_reason = FWA_CHECKPOINT_COUNT;
		return true;
	}
	if (policy->interval > 0 && now >= last && now - last >= policy->interval) {
		*ret_reason = FWA_CHECKPOINT_TIME;
		return true;
	}
	return false;
}

int fwa_checkpoint_build(const struct fwa_ledger_state *state,
			 const struct fwa_checkpoint_run *run,
			 const struct fwa_checkpoint_counters *counters,
			 enum fwa_checkpoint_reason reason, uint64_t time,
			 uint64_t boot_time, struct fwa_record *ret_record,
			 struct fwa_error *error)
{
	if (state->pending)
		return fwa_error(error, -EBUSY,
				 "checkpoint %" PRIu64 " has no attestation yet",
				 state->checkpoint_number);
	if (counters->recorded > counters->issued ||
	    counters->issued - counters->recorded != counters->lost)
		return fwa_error(error, -EINVAL,
				 "the books do not balance: %" PRIu64
				 " calls issued, %" PRIu64 " recorded, %" PRIu64
				 " lost; this is a fault in fwauditd: "
				 "please report it",
				 counters->issued, counters->recorded, counters->lost);
	*ret_record = (struct fwa_record){
		.kind = FWA_RECORD_CHECKPOINT,
		.sequence = state->size,
		.time = time,
		.boot_time = boot_time,
		.checkpoint =
			{
				.number = state->checkpoint_number + 1,
				.reason = (uint8_t)reason,
				.run = run->run,
				.boot_id = {run->boot_id, FWA_UUID_SIZE},
				.issued = counters->issued,
				.recorded = counters->recorded,
				.lost = counters->lost,
				.in_flight = counters->in_flight,
				.truncated = counters->truncated,
				.configuration_digest = {run->configuration_digest,
							 FWA_DIGEST_SIZE},
				.enrolment_digest = {run->enrolment_digest,
						     FWA_DIGEST_SIZE},
			},
	};
	if (state->checkpoint_number > 0)
		ret_record->checkpoint.previous_note_digest =
			(struct fwa_bytes){state->note_digest, FWA_DIGEST_SIZE};
	return 0;
}
