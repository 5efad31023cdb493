/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/attestation.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/hash.h"
#include "schema/tpm_structure.h"

/* An attribute bit with what is wrong if it is not as demanded. */
struct attribute {
	uint32_t bit;
	const char *name;
};

/* TPMA_OBJECT of the TPM 2.0 Library, Part 2. */
static const struct attribute key_attributes[] = {
	{0x00000002, "fixedTPM"},
	{0x00000004, "stClear"},
	{0x00000010, "fixedParent"},
	{0x00000020, "sensitiveDataOrigin"},
	{0x00000040, "userWithAuth"},
	{0x00000080, "adminWithPolicy"},
	{0x00000400, "noDA"},
	{0x00000800, "encryptedDuplication"},
	{0x00010000, "restricted"},
	{0x00020000, "decrypt"},
	{0x00040000, "sign"},
	{0x00080000, "x509sign"},
	{0, NULL},
};

/* TPMA_NV, ibidem; the type of the index is looked at apart. */
#define NV_TYPE_MASK   0x000000f0u
#define NV_TYPE_EXTEND 0x00000040u
static const struct attribute nv_attributes[] = {
	{0x00000001, "PPWRITE"},       {0x00000002, "OWNERWRITE"},
	{0x00000004, "AUTHWRITE"},     {0x00000008, "POLICYWRITE"},
	{0x00000400, "POLICY_DELETE"}, {0x00000800, "WRITELOCKED"},
	{0x00001000, "WRITEALL"},      {0x00002000, "WRITEDEFINE"},
	{0x00004000, "WRITE_STCLEAR"}, {0x00008000, "GLOBALLOCK"},
	{0x00010000, "PPREAD"},        {0x00020000, "OWNERREAD"},
	{0x00040000, "AUTHREAD"},      {0x00080000, "POLICYREAD"},
	{0x02000000, "NO_DA"},         {0x04000000, "ORDERLY"},
	{0x08000000, "CLEAR_STCLEAR"}, {0x10000000, "READLOCKED"},
	{0x20000000, "WRITTEN"},       {0x40000000, "PLATFORMCREATE"},
	{0x80000000, "READ_STCLEAR"},  {0, NULL},
};

static int check_attributes(uint32_t attributes, uint32_t required, uint32_t allowed,
			    const struct attribute *names, const char *what,
			    struct fwa_error *error)
{
	for (; names->name; names++) {
		if ((required & names->bit) && !(attributes & names->bit))
			return fwa_error(error, -EBADMSG,
					 "The %s lacks the attribute %s.", what,
					 names->name);
		if ((attributes & names->bit) && !(allowed & names->bit))
			return fwa_error(
				error, -EBADMSG,
				"The %s has the attribute %s, which it must not have.",
				what, names->name);
	}
	if ((attributes & required) != required || (attributes & ~allowed))
		return fwa_error(error, -EBADMSG,
				 "The %s has reserved attribute bits set: 0x%08x.", what,
				 attributes);
	return 0;
}

int fwa_tpm_name(const void *public_area, size_t size,
		 uint8_t ret_name[FWA_TPM_NAME_SIZE])
{
	const struct fwa_bytes part = {public_area, size};
	int result = fwa_digest(&part, 1, ret_name + 2);

	if (result == 0)
		fwa_put_be16(ret_name, FWA_TPM_ALG_SHA256);
	return result;
}

/* A policy's digest, or none. It is part of the name; what it says is not judged. */
static int skip_policy(struct fwa_cursor *cursor, const char *what,
		       struct fwa_error *error)
{
	uint16_t size = fwa_cursor_be16(cursor);

	if (!cursor->failed && size != 0 && size != FWA_DIGEST_SIZE)
		return fwa_error(error, -EBADMSG,
				 "The %s's policy has %u bytes, neither 0 nor %u.", what,
				 size, FWA_DIGEST_SIZE);
	fwa_cursor_take(cursor, size);
	if (cursor->failed)
		return fwa_error(error, -EBADMSG, "The %s's policy is cut off.", what);
	return 0;
}

static int check_size(size_t size, const char *what, struct fwa_error *error)
{
	if (size > FWA_TPM_PUBLIC_SIZE_MAX)
		return fwa_error(
			error, -EBADMSG,
			"The %s's public area has %zu bytes; at most %u are possible.",
			what, size, FWA_TPM_PUBLIC_SIZE_MAX);
	return 0;
}

/* TPMS_ECC_PARMS: the values that say "signs with ECDSA, SHA-256, P-256, and nothing else". */
static int parse_ecc_parameters(struct fwa_cursor *cursor, struct fwa_error *error)
{
	static const struct {
		uint16_t value;
		const char *what, *name;
	} expected[] = {
		{FWA_TPM_ALG_NULL, "attestation key's symmetric algorithm",
		 "TPM_ALG_NULL"},
		{FWA_TPM_ALG_ECDSA, "attestation key's scheme", "TPM_ALG_ECDSA"},
		{FWA_TPM_ALG_SHA256, "attestation key's scheme hash", "TPM_ALG_SHA256"},
		{FWA_TPM_ECC_NIST_P256, "attestation key's curve", "TPM_ECC_NIST_P256"},
		{FWA_TPM_ALG_NULL, "attestation key's key derivation", "TPM_ALG_NULL"},
	};
	int result;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		result = fwa_tpm_expect16(cursor, expected[i].value, expected[i].what,
					  expected[i].name, error);
		if (result < 0)
			return result;
	}
	return 0;
}

/* TPMT_PUBLIC without the check that the point lies on the curve. */
static int parse_key(struct fwa_cursor *cursor, struct fwa_attestation_key *key,
		     struct fwa_error *error)
{
	uint32_t attributes;
	int result;

	result = fwa_tpm_expect16(cursor, FWA_TPM_ALG_ECC, "attestation key's type",
				  "TPM_ALG_ECC", error);
	if (result < 0)
		return result;
	result = fwa_tpm_expect16(cursor, FWA_TPM_ALG_SHA256,
				  "attestation key's name algorithm", "TPM_ALG_SHA256",
				  error);
	if (result < 0)
		return result;
	attributes = fwa_cursor_be32(cursor);
	if (cursor->failed)
		return fwa_error(error, -EBADMSG,
				 "The attestation key's attributes are cut off.");
	result = check_attributes(attributes, FWA_KEY_ATTRIBUTES, FWA_KEY_ATTRIBUTES,
				  key_attributes, "attestation key", error);
	if (result < 0)
		return result;
	result = skip_policy(cursor, "attestation key", error);
	if (result < 0)
		return result;
	result = parse_ecc_parameters(cursor, error);
	if (result < 0)
		return result;
	result = fwa_tpm_integer(cursor, "attestation key's x", key->x, error);
	if (result < 0)
		return result;
	result = fwa_tpm_integer(cursor, "attestation key's y", key->y, error);
	if (result < 0)
		return result;
	return fwa_tpm_end(cursor, "attestation key's public area", error);
}

int fwa_attestation_key_parse(const void *public_area, size_t size,
			      struct fwa_attestation_key *ret_key,
			      struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(public_area, size);
	struct fwa_attestation_key key = {.public_size = size};
	struct fwa_attestation_verifier *verifier;
	int result;

	result = check_size(size, "attestation key", error);
	if (result < 0)
		return result;
	result = parse_key(&cursor, &key, error);
	if (result < 0)
		return result;
	/* libcrypto makes no key of a point that is not on the curve. */
	result = fwa_attestation_verifier_new(&key, &verifier, error);
	if (result < 0)
		return result;
	fwa_attestation_verifier_free(verifier);
	memcpy(key.public_area, public_area, size);
	result = fwa_tpm_name(public_area, size, key.name);
	if (result < 0)
		return fwa_error(error, result,
				 "The attestation key's name cannot be computed.");
	*ret_key = key;
	return 0;
}

int fwa_nv_index_parse(const void *public_area, size_t size,
		       struct fwa_nv_index *ret_index, struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(public_area, size);
	struct fwa_nv_index index = {.public_size = size};
	int result;

	result = check_size(size, "NV index", error);
	if (result < 0)
		return result;
	index.handle = fwa_cursor_be32(&cursor);
	if (cursor.failed)
		return fwa_error(error, -EBADMSG, "The NV index's handle is cut off.");
	if (index.handle >> 24 != FWA_TPM_HT_NV_INDEX)
		return fwa_error(
			error, -EBADMSG,
			"The NV index's handle is 0x%08x, which is none of an NV index.",
			index.handle);
	result = fwa_tpm_expect16(&cursor, FWA_TPM_ALG_SHA256,
				  "NV index's name algorithm", "TPM_ALG_SHA256", error);
	if (result < 0)
		return result;
	index.attributes = fwa_cursor_be32(&cursor);
	if (cursor.failed)
		return fwa_error(error, -EBADMSG,
				 "The NV index's attributes are cut off.");
	if ((index.attributes & NV_TYPE_MASK) != NV_TYPE_EXTEND)
		return fwa_error(error, -EBADMSG,
				 "The NV index is of type %u, not 4 (NT_EXTEND).",
				 (index.attributes & NV_TYPE_MASK) >> 4);
	result = check_attributes(index.attributes, FWA_NV_ATTRIBUTES_REQUIRED,
				  FWA_NV_ATTRIBUTES_ALLOWED, nv_attributes, "NV index",
				  error);
	if (result < 0)
		return result;
	result = skip_policy(&cursor, "NV index", error);
	if (result < 0)
		return result;
	result = fwa_tpm_expect16(&cursor, FWA_DIGEST_SIZE, "NV index's data size",
				  "one SHA-256 digest", error);
	if (result < 0)
		return result;
	result = fwa_tpm_end(&cursor, "NV index's public area", error);
	if (result < 0)
		return result;
	memcpy(index.public_area, public_area, size);
	result = fwa_tpm_name(public_area, size, index.name);
	if (result < 0)
		return fwa_error(error, result,
				 "The NV index's name cannot be computed.");
	*ret_index = index;
	return 0;
}
