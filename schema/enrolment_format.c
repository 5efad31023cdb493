/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/enrolment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "schema/base64.h"
#include "schema/text.h"

#define HEX_SIZE(bytes) (2 * (bytes) + 1)

/* {"public": "<hex>", "name": "<hex>"}, with the name computed from the public area. */
static json_t *public_object(const uint8_t *public_area, size_t size)
{
	char public_text[HEX_SIZE(FWA_TPM_PUBLIC_SIZE_MAX)],
		name_text[HEX_SIZE(FWA_TPM_NAME_SIZE)];
	uint8_t name[FWA_TPM_NAME_SIZE];

	if (size > FWA_TPM_PUBLIC_SIZE_MAX || fwa_tpm_name(public_area, size, name))
		return NULL;
	fwa_hex_encode(public_area, size, public_text);
	fwa_hex_encode(name, sizeof(name), name_text);
	return json_pack("{s:s, s:s}", "public", public_text, "name", name_text);
}

static json_t *tpm_object(const struct fwa_enrolment *enrolment)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I}", "manufacturer",
			 enrolment->manufacturer, "vendor", enrolment->vendor, "firmware",
			 enrolment->firmware, "software", (int)enrolment->software,
			 "reset_count", (json_int_t)enrolment->reset_count,
			 "restart_count", (json_int_t)enrolment->restart_count);
}

/* The certificate as a JSON string; NULL if there is none or on failure. */
static json_t *certificate_string(const struct fwa_enrolment *enrolment)
{
	size_t size = enrolment->endorsement_certificate_size;
	size_t capacity = FWA_BASE64_LENGTH(size) + 1;
	json_t *string = NULL;
	char *text;

	if (size == 0 || size > FWA_CERTIFICATE_SIZE_MAX)
		return NULL;
	text = malloc(capacity);
	if (text && fwa_base64_encode(enrolment->endorsement_certificate, size, text,
				      capacity) == 0)
		string = json_string(text);
	free(text);
	return string;
}

/* json_pack frees what it was given, and returns NULL, if any of it is NULL. */
static json_t *root_object(const struct fwa_enrolment *enrolment)
{
	char ledger[FWA_UUID_TEXT_SIZE];
	json_t *root;

	fwa_uuid_format(enrolment->ledger, ledger);
	root = json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "format", FWA_ENROLMENT_FORMAT,
		"kind", "self-enrolled", "ledger", ledger, "created", enrolment->created,
		"attestation_key",
		public_object(enrolment->key.public_area, enrolment->key.public_size),
		"nv_index",
		public_object(enrolment->index.public_area, enrolment->index.public_size),
		"tpm", tpm_object(enrolment));
	if (root && enrolment->endorsement_certificate_size > 0 &&
	    json_object_set_new(root, "endorsement_certificate",
				certificate_string(enrolment))) {
		json_decref(root);
		return NULL;
	}
	return root;
}

/* What was written has to be what a reader takes. */
static int check(const char *text, size_t size, struct fwa_error *error)
{
	struct fwa_enrolment *again = malloc(sizeof(*again));
	int result;

	if (!again)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	result = fwa_enrolment_parse(text, size, again, error);
	free(again);
	return result;
}

int fwa_enrolment_format(const struct fwa_enrolment *enrolment, char **ret_text,
			 size_t *ret_size, struct fwa_error *error)
{
	json_t *root = root_object(enrolment);
	char *json = NULL, *text = NULL;
	size_t length;
	int result = -EBADMSG;

	if (!root) {
		fwa_error(error, result,
			  "The enrolment cannot be written: a text in it is not "
			  "UTF-8, a part too large, or memory ran out.");
		goto out;
	}
	result = -ENOMEM;
	json = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	if (!json)
		goto out_of_memory;
	length = strlen(json);
	text = malloc(length + 2);
	if (!text)
		goto out_of_memory;
	memcpy(text, json, length);
	memcpy(text + length, "\n", 2);
	result = check(text, length + 1, error);
	if (result < 0)
		goto out;
	*ret_text = text;
	*ret_size = length + 1;
	text = NULL;
	goto out;
out_of_memory:
	fwa_error(error, result, "Out of memory.");
out:
	free(text);
	free(json);
	json_decref(root);
	return result;
}
