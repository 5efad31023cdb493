/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/recovery.h"

#include <errno.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/text.h"

static const uint8_t zeros[FWA_DIGEST_SIZE];

static bool same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, FWA_DIGEST_SIZE) == 0;
}

/* Which of the two was changed shows in what they hold. */
static int alarm_sentence(const uint8_t *accumulator, const uint8_t *pending,
			  const struct fwa_nv_value *nv, struct fwa_error *error)
{
	char expected[2 * FWA_DIGEST_SIZE + 1], found[2 * FWA_DIGEST_SIZE + 1];

	if (!nv->written)
		return fwa_error(
			error, -EUCLEAN,
			"the TPM's NV index was never extended, but the ledger has "
			"attested checkpoints: the index was removed and made anew, or "
			"the "
			"ledger belongs to another index; keep the ledger as evidence "
			"and "
			"begin a new one with 'fwauditd provision'");
	if (!pending && same(accumulator, zeros))
		return fwa_error(
			error, -EUCLEAN,
			"the TPM's NV index was extended, but the ledger has no "
			"checkpoint: the ledger was lost or removed; put it back, or "
			"keep "
			"this directory as evidence and begin a new one with 'fwauditd "
			"provision'");
	fwa_hex_encode(accumulator, FWA_DIGEST_SIZE, expected);
	fwa_hex_encode(nv->value, FWA_DIGEST_SIZE, found);
	return fwa_error(
		error, -EUCLEAN,
		"the TPM's NV index holds %s, but the ledger's checkpoints lead to "
		"%s%s: the ledger is an older copy or was changed, or somebody else "
		"extended the index; put the right ledger back, or keep this one as "
		"evidence and begin a new one with 'fwauditd provision'",
		found, expected, pending ? " (without the pending one)" : "");
}

int fwa_recovery_decide(const uint8_t accumulator[FWA_DIGEST_SIZE],
			const uint8_t *pending, const struct fwa_nv_value *nv,
			enum fwa_recovery_action *ret_action, struct fwa_error *error)
{
	const uint8_t *value = nv->written ? nv->value : zeros;
	uint8_t extended[FWA_DIGEST_SIZE];
	int rc;

	if (pending) {
		rc = fwa_accumulator_extend(accumulator, pending, extended);
		if (rc < 0)
			return fwa_error(error, rc, "libcrypto cannot compute SHA-256");
		if (nv->written && same(value, extended)) {
			*ret_action = FWA_RECOVERY_CERTIFY;
			return 0;
		}
	}
	/* An index that was written cannot hold zeros: its contents are a digest. */
	if (!same(value, accumulator) || (nv->written && same(value, zeros)))
		return alarm_sentence(accumulator, pending, nv, error);
	*ret_action = pending ? FWA_RECOVERY_EXTEND_AND_CERTIFY : FWA_RECOVERY_NOTHING;
	return 0;
}

static int ask_value(int channel, struct fwa_frame *frame, struct fwa_nv_value *ret_value,
		     struct fwa_error *error)
{
	struct fwa_seal_message message;
	int rc;

	rc = fwa_seal_send_read(channel);
	if (rc < 0)
		return fwa_error(error, rc, "the sealer cannot be asked: %s",
				 strerror(-rc));
	rc = fwa_seal_receive(channel, frame, &message, error);
	if (rc < 0)
		return rc;
	if (message.type != FWA_SEAL_VALUE)
		return fwa_error(error, -EBADMSG, "the sealer's answer makes no sense");
	*ret_value = message.nv;
	return 0;
}

static int attest_pending(struct fwa_ledger *ledger, int channel, struct fwa_frame *frame,
			  struct fwa_error *error)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(ledger);
	struct fwa_seal_message message;
	int rc;

	rc = fwa_seal_send_attest(channel, state->accumulator, state->note_digest);
	if (rc < 0)
		return fwa_error(error, rc, "the sealer cannot be asked: %s",
				 strerror(-rc));
	rc = fwa_seal_receive(channel, frame, &message, error);
	if (rc < 0)
		return rc;
	if (message.type != FWA_SEAL_ATTESTED)
		return fwa_error(error, -EBADMSG, "the sealer's answer makes no sense");
	rc = fwa_ledger_append_attestation(ledger, message.attestation.data,
					   message.attestation.size, error);
	if (rc < 0)
		return rc;
	return fwa_ledger_commit(ledger, error);
}

int fwa_recovery_run(struct fwa_ledger *ledger, int channel, struct fwa_error *error)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(ledger);
	enum fwa_recovery_action action;
	struct fwa_frame frame = {0};
	struct fwa_nv_value nv;
	int rc;

	rc = ask_value(channel, &frame, &nv, error);
	if (rc == 0)
		rc = fwa_recovery_decide(state->accumulator,
					 state->pending ? state->note_digest : NULL, &nv,
					 &action, error);
	if (rc == 0 && action != FWA_RECOVERY_NOTHING)
		rc = attest_pending(ledger, channel, &frame, error);
	fwa_frame_clear(&frame);
	return rc;
}
