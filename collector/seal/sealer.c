/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/sealer.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "collector/seal/protocol.h"
#include "collector/seal/recovery.h"
#include "collector/seal/tpm.h"
#include "schema/chain.h"

struct sealer {
	const struct fwa_sealer_options *options;
	struct fwa_attestation_verifier *verifier;
	struct fwa_tpm *tpm; /* NULL: not connected */
};

static void disconnect(struct sealer *sealer)
{
	fwa_tpm_close(sealer->tpm);
	sealer->tpm = NULL;
}

/* Connect if need be; key and index are looked up again each time, for it may be another TPM. */
static int connect_tpm(struct sealer *sealer, struct fwa_error *error)
{
	const struct fwa_enrolment *enrolment = sealer->options->enrolment;
	int rc;

	if (sealer->tpm)
		return 0;
	rc = fwa_tpm_open(sealer->options->tcti, &sealer->tpm, error);
	if (rc == 0)
		rc = fwa_tpm_use_key(sealer->tpm, enrolment->key.name, error);
	if (rc == 0)
		rc = fwa_tpm_use_index(sealer->tpm, enrolment->index.name, error);
	return rc;
}

/*
 * Look at our own attestation as a verifier will. What is wrong now would be wrong for ever:
 * the ledger cannot take an attestation back.
 */
static int check_attestation(struct sealer *sealer, const uint8_t *bytes, size_t size,
			     const uint8_t *accumulator, const uint8_t *note_digest,
			     struct fwa_error *error)
{
	const struct fwa_enrolment *enrolment = sealer->options->enrolment;
	struct fwa_attestation attestation;
	uint8_t expected[FWA_DIGEST_SIZE];
	struct fwa_error why = {0};
	int rc;

	rc = fwa_attestation_parse(bytes, size, &attestation, &why);
	if (rc == 0)
		rc = fwa_attestation_verify(sealer->verifier, &attestation, &why);
	if (rc < 0)
		return fwa_error(error, rc,
				 "TPM '%s': its attestation cannot be used: %s",
				 sealer->options->tcti, why.sentence);
	rc = fwa_accumulator_extend(accumulator, note_digest, expected);
	if (rc < 0)
		return fwa_error(error, rc, "libcrypto cannot compute SHA-256");
	if (memcmp(attestation.extra_data, note_digest, FWA_DIGEST_SIZE) != 0 ||
	    memcmp(attestation.index_name, enrolment->index.name, FWA_TPM_NAME_SIZE) != 0)
		return fwa_error(error, -EBADMSG,
				 "TPM '%s': it attested something else than it was asked",
				 sealer->options->tcti);
	if (memcmp(attestation.contents, expected, FWA_DIGEST_SIZE) != 0)
		return fwa_error(
			error, -EUCLEAN,
			"TPM '%s': somebody else extended the ledger's NV index while a "
			"checkpoint was attested; keep the ledger as evidence and begin "
			"a "
			"new one with 'fwauditd provision'",
			sealer->options->tcti);
	return 0;
}

static int attest(struct sealer *sealer, const uint8_t *accumulator,
		  const uint8_t *note_digest, uint8_t *ret_attestation, size_t *ret_size,
		  struct fwa_error *error)
{
	enum fwa_recovery_action action;
	struct fwa_nv_value nv;
	int rc;

	rc = connect_tpm(sealer, error);
	if (rc == 0)
		rc = fwa_tpm_read(sealer->tpm, &nv, error);
	if (rc == 0)
		rc = fwa_recovery_decide(accumulator, note_digest, &nv, &action, error);
	if (rc == 0 && action == FWA_RECOVERY_EXTEND_AND_CERTIFY)
		rc = fwa_tpm_extend(sealer->tpm, note_digest, error);
	if (rc == 0)
		rc = fwa_tpm_certify(sealer->tpm, note_digest, ret_attestation, ret_size,
				     error);
	if (rc == 0)
		rc = check_attestation(sealer, ret_attestation, *ret_size, accumulator,
				       note_digest, error);
	return rc;
}

static int answer_attest(struct sealer *sealer, int channel,
			 const struct fwa_seal_message *question)
{
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX];
	struct fwa_error error = {0};
	size_t size;
	int rc;

	rc = attest(sealer, question->attest.accumulator, question->attest.note_digest,
		    attestation, &size, &error);
	if (rc == 0)
		return fwa_seal_send_attested(channel, attestation, size);
	/* After a failure nobody knows what state the connection is in. */
	disconnect(sealer);
	return fwa_seal_send_failed(channel, rc, error.sentence);
}

static int answer_read(struct sealer *sealer, int channel)
{
	struct fwa_error error = {0};
	struct fwa_nv_value value;
	int rc;

	rc = connect_tpm(sealer, &error);
	if (rc == 0)
		rc = fwa_tpm_read(sealer->tpm, &value, &error);
	if (rc == 0)
		return fwa_seal_send_value(channel, &value);
	disconnect(sealer);
	return fwa_seal_send_failed(channel, rc, error.sentence);
}

static int serve(struct sealer *sealer, int channel, struct fwa_frame *frame)
{
	struct fwa_seal_message question;
	int rc;

	rc = fwa_frame_receive(channel, FWA_SEAL_BODY_MAX, frame);
	if (rc < 0)
		return rc;
	rc = fwa_seal_decode(frame, &question);
	if (rc < 0)
		return rc;
	switch (question.type) {
	case FWA_SEAL_ATTEST:
		return answer_attest(sealer, channel, &question);
	case FWA_SEAL_READ:
		return answer_read(sealer, channel);
	default:
		return -EBADMSG;
	}
}

int fwa_sealer_run(int channel, const struct fwa_sealer_options *options)
{
	struct sealer sealer = {.options = options};
	struct fwa_frame frame = {0};
	int rc;

	rc = fwa_attestation_verifier_new(&options->enrolment->key, &sealer.verifier,
					  NULL);
	while (rc == 0)
		rc = serve(&sealer, channel, &frame);
	disconnect(&sealer);
	fwa_attestation_verifier_free(sealer.verifier);
	fwa_frame_clear(&frame);
	return rc == -EPIPE ? 0 : rc;
}
