/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/attestation.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/tpm_structure.h"

/* TPMS_CLOCK_INFO and the firmware version that follows it. */
static int parse_clock(struct fwa_cursor *cursor, struct fwa_attestation *attestation,
		       struct fwa_error *error)
{
	uint8_t safe;

	attestation->clock = fwa_cursor_be64(cursor);
	attestation->reset_count = fwa_cursor_be32(cursor);
	attestation->restart_count = fwa_cursor_be32(cursor);
	safe = fwa_cursor_u8(cursor);
	attestation->firmware_version = fwa_cursor_be64(cursor);
	if (cursor->failed)
		return fwa_error(error, -EBADMSG, "The attestation's clock is cut off.");
	if (safe > 1)
		return fwa_error(error, -EBADMSG,
				 "The attestation's clock says safe = %u, which is "
				 "neither 0 nor 1.",
				 safe);
	attestation->safe = safe;
	return 0;
}

/* TPMS_NV_CERTIFY_INFO. */
static int parse_certified(struct fwa_cursor *cursor, struct fwa_attestation *attestation,
			   struct fwa_error *error)
{
	const uint8_t *contents;
	uint16_t offset;
	int result;

	result = fwa_tpm_name_read(cursor, "attestation's index name",
				   attestation->index_name, error);
	if (result < 0)
		return result;
	offset = fwa_cursor_be16(cursor);
	if (cursor->failed)
		return fwa_error(error, -EBADMSG, "The attestation's offset is cut off.");
	if (offset != 0)
		return fwa_error(error, -EBADMSG,
				 "The attestation certifies the index from byte %u on, "
				 "not from 0.",
				 offset);
	result = fwa_tpm_sized(cursor, FWA_DIGEST_SIZE,
			       "attestation's certified contents", &contents, error);
	if (result < 0)
		return result;
	memcpy(attestation->contents, contents, FWA_DIGEST_SIZE);
	return 0;
}

static int parse_attest(struct fwa_bytes attest, struct fwa_attestation *attestation,
			struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(attest.data, attest.size);
	const uint8_t *extra;
	uint32_t magic;
	int result;

	magic = fwa_cursor_be32(&cursor);
	if (cursor.failed)
		return fwa_error(error, -EBADMSG, "The attestation's magic is cut off.");
	if (magic != FWA_TPM_GENERATED)
		return fwa_error(
			error, -EBADMSG,
			"The attestation's magic is 0x%08x, not 0x%08x: no TPM made it.",
			magic, FWA_TPM_GENERATED);
	result = fwa_tpm_expect16(&cursor, FWA_TPM_ST_ATTEST_NV, "attestation's type",
				  "TPM_ST_ATTEST_NV", error);
	if (result < 0)
		return result;
	result = fwa_tpm_name_read(&cursor, "attestation's qualified signer",
				   attestation->qualified_signer, error);
	if (result < 0)
		return result;
	result = fwa_tpm_sized(&cursor, FWA_DIGEST_SIZE, "attestation's qualifying data",
			       &extra, error);
	if (result < 0)
		return result;
	memcpy(attestation->extra_data, extra, FWA_DIGEST_SIZE);
	result = parse_clock(&cursor, attestation, error);
	if (result < 0)
		return result;
	result = parse_certified(&cursor, attestation, error);
	if (result < 0)
		return result;
	return fwa_tpm_end(&cursor, "attestation's TPMS_ATTEST", error);
}

/* TPMT_SIGNATURE: the rest of the buffer. */
static int parse_signature(struct fwa_cursor *cursor, struct fwa_attestation *attestation,
			   struct fwa_error *error)
{
	int result;

	result = fwa_tpm_expect16(cursor, FWA_TPM_ALG_ECDSA, "signature's algorithm",
				  "TPM_ALG_ECDSA", error);
	if (result < 0)
		return result;
	result = fwa_tpm_expect16(cursor, FWA_TPM_ALG_SHA256,
				  "signature's hash algorithm", "TPM_ALG_SHA256", error);
	if (result < 0)
		return result;
	result = fwa_tpm_integer(cursor, "signature's r", attestation->r, error);
	if (result < 0)
		return result;
	result = fwa_tpm_integer(cursor, "signature's s", attestation->s, error);
	if (result < 0)
		return result;
	return fwa_tpm_end(cursor, "attestation's signature", error);
}

int fwa_attestation_parse(const void *data, size_t size,
			  struct fwa_attestation *ret_attestation,
			  struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(data, size);
	struct fwa_attestation attestation = {.attest = {NULL, 0}};
	int result;

	if (size > FWA_ATTESTATION_SIZE_MAX)
		return fwa_error(
			error, -EBADMSG,
			"The attestation has %zu bytes; at most %u are possible.", size,
			FWA_ATTESTATION_SIZE_MAX);
	attestation.attest.size = fwa_cursor_be16(&cursor);
	attestation.attest.data = fwa_cursor_take(&cursor, attestation.attest.size);
	if (cursor.failed)
		return fwa_error(
			error, -EBADMSG,
			"The attestation is shorter than its first two bytes say.");
	result = parse_attest(attestation.attest, &attestation, error);
	if (result < 0)
		return result;
	result = parse_signature(&cursor, &attestation, error);
	if (result < 0)
		return result;
	*ret_attestation = attestation;
	return 0;
}

int fwa_attestation_format(struct fwa_bytes attest, struct fwa_bytes signature,
			   uint8_t *buffer, size_t capacity, size_t *ret_size,
			   struct fwa_error *error)
{
	uint8_t data[FWA_ATTESTATION_SIZE_MAX];
	struct fwa_attestation attestation;
	size_t size;
	int result;

	if (attest.size > sizeof(data) || signature.size > sizeof(data) ||
	    2 + attest.size + signature.size > sizeof(data))
		return fwa_error(error, -EBADMSG,
				 "The TPM's attestation has %zu bytes and its signature "
				 "%zu; together "
				 "at most %u are possible.",
				 attest.size, signature.size,
				 FWA_ATTESTATION_SIZE_MAX - 2);
	size = 2 + attest.size + signature.size;
	fwa_put_be16(data, (uint16_t)attest.size);
	memcpy(data + 2, attest.data, attest.size);
	memcpy(data + 2 + attest.size, signature.data, signature.size);
	result = fwa_attestation_parse(data, size, &attestation, error);
	if (result < 0)
		return result;
	if (size > capacity)
		return fwa_error(error, -ENOSPC,
				 "The attestation has %zu bytes; %zu fit.", size,
				 capacity);
	memcpy(buffer, data, size);
	*ret_size = size;
	return 0;
}
