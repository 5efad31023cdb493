/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of tpm.h that say what a TPM is. */
#include "collector/seal/tpm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "collector/seal/tpm_internal.h"
#include "schema/bytes.h"

/* TCG EK Credential Profile 2.2.1.4: the certificate of the RSA 2048 key, of the P-256 key. */
static const uint32_t certificate_indices[] = {0x01c00002, 0x01c0000a};

static void append_ascii(char *text, size_t capacity, uint32_t word)
{
	size_t length = strlen(text);
	int shift;
	char c;

	for (shift = 24; shift >= 0; shift -= 8) {
		c = (char)(word >> shift & 0xff);
		if (c == '\0' || length + 1 >= capacity)
			return;
		text[length++] = c >= 0x20 && c < 0x7f ? c : '?';
		text[length] = '\0';
	}
}

static void trim(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
}

/* Emulators by what they say of themselves, and TCTIs that only reach emulators. */
static bool is_software(const char *tcti, const struct fwa_tpm_properties *properties)
{
	return strncmp(tcti, "swtpm", 5) == 0 || strncmp(tcti, "mssim", 5) == 0 ||
	       strncmp(tcti, "libtpms", 7) == 0 ||
	       (strcmp(properties->manufacturer, "IBM") == 0 &&
		strncmp(properties->vendor, "SW", 2) == 0) ||
	       strncmp(properties->vendor, "xCG", 3) == 0;
}

static int read_properties(struct fwa_tpm *tpm, struct fwa_tpm_properties *properties,
			   struct fwa_error *error)
{
	uint32_t version[2] = {0, 0};
	TPMS_CAPABILITY_DATA *data = NULL;
	const TPMS_TAGGED_PROPERTY *p;
	UINT32 i;
	TSS2_RC rc;

	rc = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				TPM2_CAP_TPM_PROPERTIES, TPM2_PT_MANUFACTURER,
				TPM2_PT_FIRMWARE_VERSION_2 - TPM2_PT_MANUFACTURER + 1,
				NULL, &data);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "read its properties", error);
	for (i = 0; i < data->data.tpmProperties.count; i++) {
		p = &data->data.tpmProperties.tpmProperty[i];
		if (p->property == TPM2_PT_MANUFACTURER)
			append_ascii(properties->manufacturer,
				     sizeof(properties->manufacturer), p->value);
		else if (p->property >= TPM2_PT_VENDOR_STRING_1 &&
			 p->property <= TPM2_PT_VENDOR_STRING_4)
			append_ascii(properties->vendor, sizeof(properties->vendor),
				     p->value);
		else if (p->property == TPM2_PT_FIRMWARE_VERSION_1)
			version[0] = p->value;
		else if (p->property == TPM2_PT_FIRMWARE_VERSION_2)
			version[1] = p->value;
	}
	Esys_Free(data);
	trim(properties->manufacturer);
	trim(properties->vendor);
	snprintf(properties->firmware, sizeof(properties->firmware), "%u.%u.%u.%u",
		 version[0] >> 16, version[0] & 0xffff, version[1] >> 16,
		 version[1] & 0xffff);
	return 0;
}

int fwa_tpm_properties(struct fwa_tpm *tpm, struct fwa_tpm_properties *ret_properties,
		       struct fwa_error *error)
{
	struct fwa_tpm_properties properties = {0};
	TPMS_TIME_INFO *time = NULL;
	TSS2_RC rc;
	int code;

	code = read_properties(tpm, &properties, error);
	if (code < 0)
		return code;
	rc = Esys_ReadClock(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &time);
	if (rc != TSS2_RC_SUCCESS)
		return fwa_tpm_fail(tpm, rc, "read its clock", error);
	properties.reset_count = time->clockInfo.resetCount;
	properties.restart_count = time->clockInfo.restartCount;
	Esys_Free(time);
	properties.software = is_software(tpm->tcti_name, &properties);
	*ret_properties = properties;
	return 0;
}

static int has_handle(struct fwa_tpm *tpm, uint32_t handle, void *context)
{
	const uint32_t *wanted = context;

	(void)tpm;
	return handle == *wanted;
}

/* Read the whole of an index, in the pieces that the TPM can give. */
static int read_index(struct fwa_tpm *tpm, ESYS_TR object, uint16_t total,
		      uint8_t *ret_data, struct fwa_error *error)
{
	TPM2B_MAX_NV_BUFFER *data;
	ESYS_TR authority = object;
	uint16_t offset = 0, piece;
	TSS2_RC rc;

	while (offset < total) {
		/* TPM2_PT_NV_BUFFER_MAX is at least 512 on every TPM (PC Client Profile). */
		piece = total - offset > 512 ? 512 : (uint16_t)(total - offset);
		data = NULL;
		rc = Esys_NV_Read(tpm->esys, authority, object, ESYS_TR_PASSWORD,
				  ESYS_TR_NONE, ESYS_TR_NONE, piece, offset, &data);
		if (rc != TSS2_RC_SUCCESS && authority == object) {
			authority = ESYS_TR_RH_OWNER;
			continue;
		}
		if (rc != TSS2_RC_SUCCESS)
			return fwa_tpm_fail(tpm, rc, "read the endorsement certificate",
					    error);
		if (data->size == 0 || data->size > piece) {
			Esys_Free(data);
			return fwa_error(
				error, -EIO,
				"TPM '%s': the endorsement certificate ends early",
				tpm->tcti_name);
		}
		memcpy(ret_data + offset, data->buffer, data->size);
		offset = (uint16_t)(offset + data->size);
		Esys_Free(data);
	}
	return 0;
}

/* Indices are larger than what is in them: a certificate says itself where it ends. */
static size_t der_size(const uint8_t *data, size_t size)
{
	size_t total;

	if (size < 4 || data[0] != 0x30 || data[1] != 0x82)
		return 0;
	total = 4 + (size_t)fwa_be16(data + 2);
	return total <= size ? total : 0;
}

int fwa_tpm_endorsement_certificate(struct fwa_tpm *tpm, uint8_t *ret_certificate,
				    size_t *ret_size, struct fwa_error *error)
{
	TPM2B_NV_PUBLIC *public;
	uint32_t handle;
	ESYS_TR object;
	uint16_t total;
	size_t i, size;
	TSS2_RC rc;
	int code;

	for (i = 0; i < sizeof(certificate_indices) / sizeof(certificate_indices[0]);
	     i++) {
		handle = certificate_indices[i];
		code = fwa_tpm_handles(tpm, FWA_TPM_NV, has_handle, &handle, error);
		if (code < 0)
			return code;
		if (code == 0)
			continue;
		public = NULL;
		rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
					   ESYS_TR_NONE, &object);
		if (rc == TSS2_RC_SUCCESS)
			rc = Esys_NV_ReadPublic(tpm->esys, object, ESYS_TR_NONE,
						ESYS_TR_NONE, ESYS_TR_NONE, &public,
						NULL);
		if (rc != TSS2_RC_SUCCESS)
			return fwa_tpm_fail(tpm, rc, "read the endorsement certificate",
					    error);
		total = public->nvPublic.dataSize;
		Esys_Free(public);
		if (total <= FWA_TPM_CERTIFICATE_MAX)
			code = read_index(tpm, object, total, ret_certificate, error);
		(void)Esys_TR_Close(tpm->esys, &object);
		if (code < 0)
			return code;
		size = total <= FWA_TPM_CERTIFICATE_MAX ? der_size(ret_certificate, total)
							: 0;
		if (size == 0)
			continue;
		*ret_size = size;
		return 0;
	}
	return fwa_error(error, -ENOENT, "TPM '%s': it has no endorsement certificate",
			 tpm->tcti_name);
}
