/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of tpm.h that make and remove keys and indices. */
#include "collector/seal/tpm.h"

#include <errno.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "collector/seal/tpm_internal.h"

struct handle_set {
	uint32_t first, count;
	uint64_t used; /* bit i: first + i is taken */
};

static int note_handle(struct fwa_tpm *tpm, uint32_t handle, void *context)
{
	struct handle_set *set = context;

	(void)tpm;
	if (handle >= set->first && handle - set->first < set->count)
		set->used |= (uint64_t)1 << (handle - set->first);
	return 0;
}

static int first_free(struct fwa_tpm *tpm, uint32_t first, uint32_t count,
		      const char *what, uint32_t *ret_handle, struct fwa_error *error)
{
	struct handle_set set = {.first = first, .count = count};
	uint32_t i;
	int code;

	if (count > 64)
		return fwa_error(error, -EINVAL,
				 "TPM '%s': over 64 handles to choose from",
				 tpm->tcti_name);
	code = fwa_tpm_handles(tpm, first & FWA_TPM_RANGE_MASK, note_handle, &set, error);
	if (code < 0)
		return code;
	for (i = 0; i < count; i++) {
		if (set.used & (uint64_t)1 << i)
			continue;
		*ret_handle = first + i;
		return 0;
	}
	return fwa_error(
		error, -ENOSPC,
		"TPM '%s': every %s from 0x%08x to 0x%08x is taken; remove those of "
		"ledgers that are gone with tpm2_evictcontrol or tpm2_nvundefine",
		tpm->tcti_name, what, first, first + count - 1);
}

/* The storage key of the owner hierarchy: made from the owner's seed, the same every time. */
static const TPM2B_PUBLIC storage_template = {
	.publicArea =
		{
			.type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = TPMA_OBJECT_FIXEDTPM |
					    TPMA_OBJECT_FIXEDPARENT |
					    TPMA_OBJECT_SENSITIVEDATAORIGIN |
					    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
					    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
			.parameters.eccDetail =
				{
					.symmetric = {.algorithm = TPM2_ALG_AES,
						      .keyBits.aes = 128,
						      .mode.aes = TPM2_ALG_CFB},
					.scheme.scheme = TPM2_ALG_NULL,
					.curveID = TPM2_ECC_NIST_P256,
					.kdf.scheme = TPM2_ALG_NULL,
				},
		},
};

static const TPM2B_PUBLIC key_template = {
	.publicArea =
		{
			.type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = FWA_KEY_ATTRIBUTES,
			.parameters.eccDetail =
				{
					.symmetric.algorithm = TPM2_ALG_NULL,
					.scheme = {.scheme = TPM2_ALG_ECDSA,
						   .details.ecdsa.hashAlg =
							   TPM2_ALG_SHA256},
					.curveID = TPM2_ECC_NIST_P256,
					.kdf.scheme = TPM2_ALG_NULL,
				},
		},
};

static const TPM2B_SENSITIVE_CREATE no_sensitive;
static const TPM2B_DATA no_data;
static const TPML_PCR_SELECTION no_pcrs;

static void flush(struct fwa_tpm *tpm, ESYS_TR *object)
{
	if (*object == ESYS_TR_NONE)
		return;
	/* It is gone with the connection or the next reset at the latest. */
	if (Esys_FlushContext(tpm->esys, *object) != TSS2_RC_SUCCESS)
		(void)Esys_TR_Close(tpm->esys, object);
	*object = ESYS_TR_NONE;
}

/* Create the key under the storage key and load it; only the loaded key remains. */
static int load_new_key(struct fwa_tpm *tpm, ESYS_TR *ret_key,
			struct fwa_attestation_key *ret_public, struct fwa_error *error)
{
	uint8_t bytes[FWA_TPM_PUBLIC_SIZE_MAX];
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR storage = ESYS_TR_NONE, key = ESYS_TR_NONE;
	size_t size = 0;
	TSS2_RC rc;
	int code;

	rc = Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
				ESYS_TR_NONE, ESYS_TR_NONE, &no_sensitive,
				&storage_template, &no_data, &no_pcrs, &storage, NULL,
				NULL, NULL, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "create the owner's storage key", error);
	rc = Esys_Create(tpm->esys, storage, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			 &no_sensitive, &key_template, &no_data, &no_pcrs, &private,
			 &public, NULL, NULL, NULL);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Load(tpm->esys, storage, ESYS_TR_PASSWORD, ESYS_TR_NONE,
			       ESYS_TR_NONE, private, public, &key);
	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, bytes,
						 sizeof(bytes), &size);
	if (rc != TSS2_RC_SUCCESS)
		code = fwa_tpm_fail(tpm, rc, "create the attestation key", error);
	else
		code = fwa_attestation_key_parse(bytes, size, ret_public, error);
	if (code < 0)
		flush(tpm, &key);
	else
		*ret_key = key;
	Esys_Free(public);
	Esys_Free(private);
	flush(tpm, &storage);
	return code;
}

int fwa_tpm_create_key(struct fwa_tpm *tpm, uint32_t first, uint32_t count,
		       uint32_t *ret_handle, struct fwa_attestation_key *ret_key,
		       struct fwa_error *error)
{
	struct fwa_attestation_key public;
	ESYS_TR key, kept = ESYS_TR_NONE;
	uint32_t handle;
	TSS2_RC rc;
	int code;

	code = first_free(tpm, first, count, "persistent handle", &handle, error);
	if (code < 0)
		return code;
	code = load_new_key(tpm, &key, &public, error);
	if (code < 0)
		return code;
	rc = Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD,
			       ESYS_TR_NONE, ESYS_TR_NONE, handle, &kept);
	flush(tpm, &key);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "keep the attestation key", error);
	(void)Esys_TR_Close(tpm->esys, &kept);
	*ret_handle = handle;
	*ret_key = public;
	return 0;
}

int fwa_tpm_create_index(struct fwa_tpm *tpm, uint32_t first, uint32_t count,
			 struct fwa_nv_index *ret_index, struct fwa_error *error)
{
	static const TPM2B_AUTH no_authorisation;
	TPM2B_NV_PUBLIC public = {
		.nvPublic =
			{
				.nameAlg = TPM2_ALG_SHA256,
				.attributes =
					FWA_NV_ATTRIBUTES_ALLOWED & ~TPMA_NV_WRITTEN,
				.dataSize = FWA_DIGEST_SIZE,
			},
	};
	uint8_t bytes[FWA_TPM_PUBLIC_SIZE_MAX];
	struct fwa_nv_index index;
	ESYS_TR object = ESYS_TR_NONE;
	size_t size = 0;
	TSS2_RC rc;
	int code;

	code = first_free(tpm, first, count, "NV index", &public.nvPublic.nvIndex, error);
	if (code < 0)
		return code;
	/* Before anything is made: the name that the index will have once it is written. */
	public.nvPublic.attributes |= TPMA_NV_WRITTEN;
	rc = Tss2_MU_TPMS_NV_PUBLIC_Marshal(&public.nvPublic, bytes, sizeof(bytes),
					    &size);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "marshal the NV index's public area", error);
	code = fwa_nv_index_parse(bytes, size, &index, error);
	if (code < 0)
		return code;
	public.nvPublic.attributes &= ~TPMA_NV_WRITTEN;
	rc = Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
				 ESYS_TR_NONE, ESYS_TR_NONE, &no_authorisation, &public,
				 &object);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "define the NV index", error);
	(void)Esys_TR_Close(tpm->esys, &object);
	*ret_index = index;
	return 0;
}

int fwa_tpm_remove_key(struct fwa_tpm *tpm, uint32_t handle, struct fwa_error *error)
{
	ESYS_TR object, gone = ESYS_TR_NONE;
	TSS2_RC rc;

	rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &object);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, object,
				       ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
				       handle, &gone);
	return rc == TSS2_RC_SUCCESS
		       ? 0
		       : fwa_tpm_fail(tpm, rc, "remove the attestation key", error);
}

int fwa_tpm_remove_index(struct fwa_tpm *tpm, uint32_t index, struct fwa_error *error)
{
	ESYS_TR object;
	TSS2_RC rc;

	rc = Esys_TR_FromTPMPublic(tpm->esys, index, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &object);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_NV_UndefineSpace(tpm->esys, ESYS_TR_RH_OWNER, object,
					   ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
	return rc == TSS2_RC_SUCCESS
		       ? 0
		       : fwa_tpm_fail(tpm, rc, "remove the NV index", error);
}
