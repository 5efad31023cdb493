/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints: when one is due, and the conversation with the sealer. Recording never waits for
 * the TPM; a TPM that cannot be used is asked again, and what was recorded meanwhile is attested
 * when it is back.
 */
#include "collector/daemon/recorder_internal.h"

#include <errno.h>

#include "collector/daemon/clock.h"
#include "collector/daemon/say.h"
#include "collector/seal/protocol.h"

static int ask(struct fwa_recorder *recorder, struct fwa_error *error)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(recorder->ledger);
	int r = fwa_seal_send_attest(recorder->sealer.channel, state->accumulator,
				     state->note_digest);

	if (r < 0)
		return fwa_error(error, r,
				 "the sealer ended; this is a defect of fwauditd");
	recorder->asked = true;
	return 0;
}

int fwa_recorder_checkpoint(struct fwa_recorder *recorder,
			    enum fwa_checkpoint_reason reason, struct fwa_error *error)
{
	struct fwa_capture_counters counters;
	struct fwa_checkpoint_counters calls;
	struct fwa_record record;
	int r;

	fwa_capture_counters(recorder->capture, &counters);
	calls = (struct fwa_checkpoint_counters){
		.issued = counters.issued,
		.recorded = counters.recorded,
		.lost = counters.lost,
		.in_flight = counters.in_flight,
		.truncated = recorder->truncated,
	};
	r = fwa_checkpoint_build(fwa_ledger_state(recorder->ledger), &recorder->run,
				 &calls, reason, fwa_real_time(), fwa_boot_time(),
				 &record, error);
	if (r < 0)
		return r;
	r = fwa_ledger_append_checkpoint(recorder->ledger, &record, error);
	if (r == -ENOBUFS) {
		r = fwa_recorder_commit(recorder, error);
		if (r == 0)
			r = recorder->full ? -EAGAIN
					   : fwa_ledger_append_checkpoint(
						     recorder->ledger, &record, error);
	}
	if (r < 0)
		return r;
	recorder->checkpoint_last = fwa_boot_time();
	/* The note has to be durable before the TPM vouches for it. */
	recorder->ask_at = 0;
	recorder->attempts = 0;
	r = fwa_recorder_commit(recorder, error);
	return r < 0 || recorder->full ? r : ask(recorder, error);
}

uint64_t fwa_recorder_seal_due(const struct fwa_recorder *recorder)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(recorder->ledger);

	if (recorder->seal_alarm || recorder->asked || !recorder->checkpoint_last)
		return UINT64_MAX;
	if (state->pending)
		return recorder->ask_at;
	return recorder->policy.interval
		       ? recorder->checkpoint_last + recorder->policy.interval
		       : UINT64_MAX;
}

int fwa_recorder_seal(struct fwa_recorder *recorder, struct fwa_error *error)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(recorder->ledger);
	enum fwa_checkpoint_reason reason;
	uint64_t now = fwa_boot_time();
	int r;

	if (recorder->seal_alarm || recorder->asked || recorder->full ||
	    !recorder->checkpoint_last)
		return 0;
	if (state->pending) {
		if (now < recorder->ask_at)
			return 0;
		/* A note that a full disk kept from being committed goes first. */
		r = fwa_recorder_commit(recorder, error);
		return r < 0 || recorder->full ? r : ask(recorder, error);
	}
	if (!fwa_checkpoint_due(&recorder->policy, state, recorder->checkpoint_last, now,
				&reason))
		return 0;
	r = fwa_recorder_checkpoint(recorder, reason, error);
	return r == -EAGAIN ? 0 : r;
}

/* The TPM could not: say so once, and ask again later. */
static void failed(struct fwa_recorder *recorder, int code, const char *sentence)
{
	if (code == -EUCLEAN) {
		recorder->seal_alarm = true;
		fwa_say("ALARM: %s; calls go on being recorded, but nothing is attested "
			"any more",
			sentence);
		fwa_notify("STATUS=ALARM: the TPM and the ledger disagree");
		return;
	}
	recorder->ask_at = fwa_boot_time() + fwa_seal_backoff(++recorder->attempts);
	if (!recorder->seal_failed)
		fwa_say("%s; calls go on being recorded, and are attested when it is "
			"back",
			sentence);
	recorder->seal_failed = true;
}

int fwa_recorder_sealed(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_seal_message message;
	struct fwa_error answer;
	int r;

	r = fwa_seal_receive(recorder->sealer.channel, &recorder->seal_frame, &message,
			     &answer);
	recorder->asked = false;
	if (r == -EPIPE || r == -ECONNRESET)
		return fwa_error(error, r,
				 "the sealer ended; this is a defect of fwauditd");
	if (r < 0) {
		failed(recorder, r, answer.sentence);
		return 0;
	}
	r = fwa_ledger_append_attestation(recorder->ledger, message.attestation.data,
					  message.attestation.size, &answer);
	if (r == -EBADMSG) {
		failed(recorder, -EUCLEAN, answer.sentence);
		return 0;
	}
	if (r < 0) {
		/* No room for it now: the sealer gives it again. */
		recorder->ask_at = fwa_boot_time() + FWA_SECOND;
		return 0;
	}
	if (recorder->seal_failed)
		fwa_say("the TPM answers again; what was recorded meanwhile is attested");
	recorder->seal_failed = false;
	recorder->attempts = 0;
	return fwa_recorder_commit(recorder, error);
}
