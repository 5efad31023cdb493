/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/tpm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "collector/seal/tpm_internal.h"

void fwa_tpm_quiet(void)
{
	/* Without memory for one variable the library stays noisy; nothing else is lost. */
	(void)setenv("TSS2_LOG", "all+NONE", 0);
}

int fwa_tpm_open(const char *tcti, struct fwa_tpm **ret_tpm, struct fwa_error *error)
{
	struct fwa_tpm *tpm;
	TSS2_RC rc;
	int code;

	/* An empty string would mean "any TPM that can be found": which one is never a guess. */
	if (tcti[0] == '\0')
		return fwa_error(error, -EINVAL,
				 "--tpm: empty; name a TPM by its TCTI, such as "
				 "device:/dev/tpmrm0");
	tpm = calloc(1, sizeof(*tpm));
	if (!tpm)
		return fwa_error(error, -ENOMEM, "TPM '%s': out of memory", tcti);
	tpm->key = ESYS_TR_NONE;
	tpm->index = ESYS_TR_NONE;
	tpm->tcti_name = strdup(tcti);
	if (!tpm->tcti_name) {
		code = fwa_error(error, -ENOMEM, "TPM '%s': out of memory", tcti);
		goto failed;
	}
	rc = Tss2_TctiLdr_Initialize(tcti, &tpm->tcti);
	if (rc != TSS2_RC_SUCCESS) {
		code = fwa_tpm_fail(tpm, rc, "connect", error);
		goto failed;
	}
	rc = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (rc != TSS2_RC_SUCCESS) {
		code = fwa_tpm_fail(tpm, rc, "connect", error);
		goto failed;
	}
	*ret_tpm = tpm;
	return 0;

failed:
	fwa_tpm_close(tpm);
	return code;
}

void fwa_tpm_close(struct fwa_tpm *tpm)
{
	if (!tpm)
		return;
	if (tpm->esys)
		Esys_Finalize(&tpm->esys);
	if (tpm->tcti)
		Tss2_TctiLdr_Finalize(&tpm->tcti);
	free(tpm->tcti_name);
	free(tpm);
}

int fwa_tpm_handles(struct fwa_tpm *tpm, uint32_t first,
		    int (*visit)(struct fwa_tpm *tpm, uint32_t handle, void *context),
		    void *context, struct fwa_error *error)
{
	TPMS_CAPABILITY_DATA *data;
	TPMI_YES_NO more = TPM2_YES;
	uint32_t next = first;
	const TPML_HANDLE *list;
	UINT32 i;
	TSS2_RC rc;
	int code = 0;

	while (more == TPM2_YES && code == 0) {
		rc = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
					ESYS_TR_NONE, TPM2_CAP_HANDLES, next,
					TPM2_MAX_CAP_HANDLES, &more, &data);
		if (rc != TSS2_RC_SUCCESS)
			return fwa_tpm_fail(tpm, rc, "list its keys and indices", error);
		list = &data->data.handles;
		/* A TPM that promises more and gives nothing would be asked for ever. */
		if (list->count == 0)
			more = TPM2_NO;
		for (i = 0; i < list->count && code == 0; i++) {
			if ((list->handle[i] ^ first) & FWA_TPM_RANGE_MASK)
				continue;
			next = list->handle[i] + 1;
			code = visit(tpm, list->handle[i], context);
		}
		Esys_Free(data);
	}
	return code;
}

struct search {
	const uint8_t *name;
	struct fwa_error *error;
};

/* A stop of the walk that is no failure. */
#define FOUND 1

static int match_key(struct fwa_tpm *tpm, uint32_t handle, void *context)
{
	const struct search *search = context;
	TPM2B_NAME *name = NULL;
	ESYS_TR object;
	TSS2_RC rc;
	bool same;

	rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &object);
	if (fwa_tpm_code(rc) == TPM2_RC_HANDLE)
		return 0; /* evicted since it was listed */
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "read a persistent key's public area",
				    search->error);
	rc = Esys_TR_GetName(tpm->esys, object, &name);
	if (rc != TSS2_RC_SUCCESS) {
		(void)Esys_TR_Close(tpm->esys, &object);
		return fwa_tpm_fail(tpm, rc, "read a persistent key's name",
				    search->error);
	}
	same = name->size == FWA_TPM_NAME_SIZE &&
	       memcmp(name->name, search->name, FWA_TPM_NAME_SIZE) == 0;
	Esys_Free(name);
	if (!same) {
		(void)Esys_TR_Close(tpm->esys, &object);
		return 0;
	}
	tpm->key = object;
	return FOUND;
}

int fwa_tpm_use_key(struct fwa_tpm *tpm, const uint8_t name[FWA_TPM_NAME_SIZE],
		    struct fwa_error *error)
{
	struct search search = {.name = name, .error = error};
	int code;

	if (tpm->key != ESYS_TR_NONE)
		(void)Esys_TR_Close(tpm->esys, &tpm->key);
	tpm->key = ESYS_TR_NONE;
	code = fwa_tpm_handles(tpm, FWA_TPM_PERSISTENT, match_key, &search, error);
	if (code < 0)
		return code;
	if (code != FOUND)
		return fwa_error(
			error, -ENOENT,
			"TPM '%s': it does not hold the attestation key of this "
			"enrolment: it is another TPM, or it was cleared; name the right "
			"one with --tpm, or begin a new ledger with 'fwauditd provision'",
			tpm->tcti_name);
	return 0;
}

static int match_index(struct fwa_tpm *tpm, uint32_t handle, void *context)
{
	const struct search *search = context;
	uint8_t bytes[FWA_TPM_PUBLIC_SIZE_MAX], computed[FWA_TPM_NAME_SIZE];
	TPM2B_NV_PUBLIC *public = NULL;
	TPMS_NV_PUBLIC written;
	ESYS_TR object;
	size_t size = 0;
	TSS2_RC rc;

	rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &object);
	if (fwa_tpm_code(rc) == TPM2_RC_HANDLE)
		return 0;
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_NV_ReadPublic(tpm->esys, object, ESYS_TR_NONE, ESYS_TR_NONE,
					ESYS_TR_NONE, &public, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "read an NV index's public area",
				    search->error);
	written = public->nvPublic;
	Esys_Free(public);
	written.attributes |= TPMA_NV_WRITTEN;
	rc = Tss2_MU_TPMS_NV_PUBLIC_Marshal(&written, bytes, sizeof(bytes), &size);
	if (rc != TSS2_RC_SUCCESS || fwa_tpm_name(bytes, size, computed) < 0 ||
	    memcmp(computed, search->name, FWA_TPM_NAME_SIZE) != 0) {
		(void)Esys_TR_Close(tpm->esys, &object);
		return 0;
	}
	tpm->index = object;
	return FOUND;
}

int fwa_tpm_use_index(struct fwa_tpm *tpm, const uint8_t name[FWA_TPM_NAME_SIZE],
		      struct fwa_error *error)
{
	struct search search = {.name = name, .error = error};
	int code;

	if (tpm->index != ESYS_TR_NONE)
		(void)Esys_TR_Close(tpm->esys, &tpm->index);
	tpm->index = ESYS_TR_NONE;
	code = fwa_tpm_handles(tpm, FWA_TPM_NV, match_index, &search, error);
	if (code < 0)
		return code;
	if (code != FOUND)
		return fwa_error(
			error, -ENOENT,
			"TPM '%s': it does not hold the NV index of this enrolment: it "
			"is "
			"another TPM, or the index was removed; name the right one with "
			"--tpm, or begin a new ledger with 'fwauditd provision'",
			tpm->tcti_name);
	return 0;
}

int fwa_tpm_read(struct fwa_tpm *tpm, struct fwa_nv_value *ret_value,
		 struct fwa_error *error)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	TSS2_RC rc;

	if (tpm->index == ESYS_TR_NONE)
		return fwa_error(error, -EINVAL, "TPM '%s': no index in use",
				 tpm->tcti_name);
	rc = Esys_NV_Read(tpm->esys, tpm->index, tpm->index, ESYS_TR_PASSWORD,
			  ESYS_TR_NONE, ESYS_TR_NONE, FWA_DIGEST_SIZE, 0, &data);
	if (fwa_tpm_code(rc) == TPM2_RC_NV_UNINITIALIZED) {
		*ret_value = (struct fwa_nv_value){.written = false};
		return 0;
	}
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "read the NV index", error);
	if (data->size != FWA_DIGEST_SIZE) {
		Esys_Free(data);
		return fwa_error(error, -EIO,
				 "TPM '%s': the NV index gave %u bytes, not %u",
				 tpm->tcti_name, (unsigned)data->size, FWA_DIGEST_SIZE);
	}
	ret_value->written = true;
	memcpy(ret_value->value, data->buffer, FWA_DIGEST_SIZE);
	Esys_Free(data);
	return 0;
}

int fwa_tpm_extend(struct fwa_tpm *tpm, const uint8_t digest[FWA_DIGEST_SIZE],
		   struct fwa_error *error)
{
	TPM2B_MAX_NV_BUFFER data = {.size = FWA_DIGEST_SIZE};
	TSS2_RC rc;

	if (tpm->index == ESYS_TR_NONE)
		return fwa_error(error, -EINVAL, "TPM '%s': no index in use",
				 tpm->tcti_name);
	memcpy(data.buffer, digest, FWA_DIGEST_SIZE);
	rc = Esys_NV_Extend(tpm->esys, tpm->index, tpm->index, ESYS_TR_PASSWORD,
			    ESYS_TR_NONE, ESYS_TR_NONE, &data);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "extend the NV index", error);
	/* The first extend sets WRITTEN, which changes the name: ESAPI takes note of it. */
	return 0;
}

int fwa_tpm_certify(struct fwa_tpm *tpm, const uint8_t qualifying[FWA_DIGEST_SIZE],
		    uint8_t *ret_attestation, size_t *ret_size, struct fwa_error *error)
{
	const TPMT_SIG_SCHEME scheme = {.scheme =
						TPM2_ALG_NULL}; /* the key has its own */
	TPM2B_DATA data = {.size = FWA_DIGEST_SIZE};
	uint8_t signature_bytes[sizeof(TPMT_SIGNATURE)];
	TPMT_SIGNATURE *signature = NULL;
	TPM2B_ATTEST *attest = NULL;
	size_t size = 0;
	TSS2_RC rc;
	int code;

	if (tpm->index == ESYS_TR_NONE || tpm->key == ESYS_TR_NONE)
		return fwa_error(error, -EINVAL, "TPM '%s': no index or no key in use",
				 tpm->tcti_name);
	memcpy(data.buffer, qualifying, FWA_DIGEST_SIZE);
	rc = Esys_NV_Certify(tpm->esys, tpm->key, tpm->index, tpm->index,
			     ESYS_TR_PASSWORD, ESYS_TR_PASSWORD, ESYS_TR_NONE, &data,
			     &scheme, FWA_DIGEST_SIZE, 0, &attest, &signature);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "certify the NV index", error);
	rc = Tss2_MU_TPMT_SIGNATURE_Marshal(signature, signature_bytes,
					    sizeof(signature_bytes), &size);
	if (rc != TSS2_RC_SUCCESS)
		code = fwa_tpm_fail(tpm, rc, "marshal its signature", error);
	else
		code = fwa_attestation_format(
			(struct fwa_bytes){attest->attestationData, attest->size},
			(struct fwa_bytes){signature_bytes, size}, ret_attestation,
			FWA_ATTESTATION_SIZE_MAX, ret_size, error);
	Esys_Free(signature);
	Esys_Free(attest);
	return code;
}
