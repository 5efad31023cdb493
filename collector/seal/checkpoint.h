/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to take a checkpoint, and what its record says. Pure.
 *
 * The life of a checkpoint, as the recorder leads it:
 *     fwa_checkpoint_build -> fwa_ledger_append_checkpoint -> fwa_ledger_commit
 *     -> fwa_seal_send_attest(state->accumulator, state->note_digest) -> fwa_seal_receive
 *     -> fwa_ledger_append_attestation -> fwa_ledger_commit
 * Records go on being appended and committed meanwhile.
 */
#ifndef FWA_COLLECTOR_SEAL_CHECKPOINT_H
#define FWA_COLLECTOR_SEAL_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/ledger/ledger.h"
#include "schema/error.h"
#include "schema/record.h"

/* Each is 0 for never. */
struct fwa_checkpoint_policy {
	uint64_t records; /* a checkpoint after as many records */
	uint64_t
		interval; /* and after as many nanoseconds, whether or not there are records */
};

/* What stays the same during a run of the collector. */
struct fwa_checkpoint_run {
	uint64_t run; /* sequence of this run's boot record */
	uint8_t boot_id[FWA_UUID_SIZE];
	uint8_t configuration_digest[FWA_DIGEST_SIZE];
	uint8_t enrolment_digest[FWA_DIGEST_SIZE];
};

/* Calls since the run began; see struct fwa_checkpoint in schema/record.h. */
struct fwa_checkpoint_counters {
	uint64_t issued, recorded, lost;
	uint32_t in_flight;
	uint64_t truncated;
};

/*
 * Is a checkpoint due? Never while one is pending. `last` is when the last one was taken in
 * this run, `now` the time, both CLOCK_BOOTTIME nanoseconds. The checkpoints at start and stop
 * are the caller's to take. A checkpoint by time is taken on an idle machine too: it proves
 * that the collector was alive.
 */
bool fwa_checkpoint_due(const struct fwa_checkpoint_policy *policy,
			const struct fwa_ledger_state *state, uint64_t last, uint64_t now,
			enum fwa_checkpoint_reason *ret_reason);

/*
 * Fill in the checkpoint record that follows `state`. Its byte strings borrow from `state` and
 * `run`. `time` is CLOCK_REALTIME, `boot_time` CLOCK_BOOTTIME, in nanoseconds.
 *
 * Returns 0; -EINVAL with a sentence if issued is not recorded + lost: a call is then
 * unaccounted for, and no checkpoint may say otherwise; -EBUSY while one is pending.
 */
int fwa_checkpoint_build(const struct fwa_ledger_state *state,
			 const struct fwa_checkpoint_run *run,
			 const struct fwa_checkpoint_counters *counters,
			 enum fwa_checkpoint_reason reason, uint64_t time,
			 uint64_t boot_time, struct fwa_record *ret_record,
			 struct fwa_error *error);

#endif
