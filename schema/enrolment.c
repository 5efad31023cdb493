/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/enrolment.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "schema/base64.h"
#include "schema/hash.h"
#include "schema/text.h"

#define KIND_SELF   "self-enrolled"
#define UUID_LENGTH (FWA_UUID_TEXT_SIZE - 1)

int fwa_enrolment_digest(const void *data, size_t size,
			 uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes part = {data, size};

	return fwa_digest(&part, 1, ret_digest);
}

/* Every key of `object` is in `keys`, which ends with NULL. Missing ones show when they are read. */
static int check_keys(const json_t *object, const char *const *keys, const char *where,
		      struct fwa_error *error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return fwa_error(error, -EBADMSG,
				 "The enrolment's %s is missing or not a JSON object.",
				 where);
	json_object_foreach((json_t *)object, key, value)
	{
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (!keys[i])
			return fwa_error(
				error, -EBADMSG,
				"The enrolment's %s has the unknown key \"%.64s\".",
				where, key);
	}
	return 0;
}

/*
 * The string under `key`, borrowed from `object`; NULL and a sentence if there is none. jansson
 * lets no NUL byte into a string.
 */
static const char *get_string(const json_t *object, const char *key,
			      struct fwa_error *error)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return json_string_value(value);
	fwa_error(error, -EBADMSG, "The enrolment's \"%s\" is missing or not a string.",
		  key);
	return NULL;
}

static int get_text(const json_t *object, const char *key,
		    char ret_text[FWA_ENROLMENT_TEXT_MAX], struct fwa_error *error)
{
	const char *text = get_string(object, key, error);

	if (!text)
		return -EBADMSG;
	if (strlen(text) >= FWA_ENROLMENT_TEXT_MAX)
		return fwa_error(error, -EBADMSG,
				 "The enrolment's \"%s\" has over %u characters.", key,
				 FWA_ENROLMENT_TEXT_MAX - 1);
	for (const char *p = text; *p; p++) {
		if (*p < ' ' || *p > '~')
			return fwa_error(error, -EBADMSG,
					 "The enrolment's \"%s\" is not printable ASCII.",
					 key);
	}
	strcpy(ret_text, text);
	return 0;
}

static int get_count(const json_t *object, const char *key, uint32_t *ret_count,
		     struct fwa_error *error)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > UINT32_MAX)
		return fwa_error(
			error, -EBADMSG,
			"The enrolment's \"%s\" is missing or not an integer from 0 to "
			"4294967295.",
			key);
	*ret_count = (uint32_t)json_integer_value(value);
	return 0;
}

/* "public" and "name" of the object under `key`, as bytes. */
static int get_public(const json_t *root, const char *key,
		      uint8_t ret_public[FWA_TPM_PUBLIC_SIZE_MAX], size_t *ret_size,
		      uint8_t ret_name[FWA_TPM_NAME_SIZE], struct fwa_error *error)
{
	static const char *const keys[] = {"public", "name", NULL};
	const json_t *object = json_object_get(root, key);
	const char *public_text, *name_text;
	size_t name_size;
	int result;

	result = check_keys(object, keys, key, error);
	if (result < 0)
		return result;
	public_text = get_string(object, "public", error);
	if (!public_text)
		return -EBADMSG;
	name_text = get_string(object, "name", error);
	if (!name_text)
		return -EBADMSG;
	if (fwa_hex_decode(public_text, strlen(public_text), ret_public,
			   FWA_TPM_PUBLIC_SIZE_MAX, ret_size))
		return fwa_error(error, -EBADMSG,
				 "The public area of the enrolment's %s is not "
				 "lower-case hex of at "
				 "most %u bytes.",
				 key, FWA_TPM_PUBLIC_SIZE_MAX);
	if (fwa_hex_decode(name_text, strlen(name_text), ret_name, FWA_TPM_NAME_SIZE,
			   &name_size) ||
	    name_size != FWA_TPM_NAME_SIZE)
		return fwa_error(error, -EBADMSG,
				 "The name of the enrolment's %s is not %u bytes in "
				 "lower-case hex.",
				 key, FWA_TPM_NAME_SIZE);
	return 0;
}

static int check_name(const uint8_t *stated, const uint8_t *computed, const char *key,
		      struct fwa_error *error)
{
	if (memcmp(stated, computed, FWA_TPM_NAME_SIZE))
		return fwa_error(
			error, -EBADMSG,
			"The name of the enrolment's %s is not that of its public area.",
			key);
	return 0;
}

static int parse_key(const json_t *root, struct fwa_enrolment *enrolment,
		     struct fwa_error *error)
{
	uint8_t public_area[FWA_TPM_PUBLIC_SIZE_MAX], name[FWA_TPM_NAME_SIZE];
	size_t size;
	int result;

	result = get_public(root, "attestation_key", public_area, &size, name, error);
	if (result == 0)
		result = fwa_attestation_key_parse(public_area, size, &enrolment->key,
						   error);
	if (result == 0)
		result = check_name(name, enrolment->key.name, "attestation_key", error);
	return result;
}

static int parse_index(const json_t *root, struct fwa_enrolment *enrolment,
		       struct fwa_error *error)
{
	uint8_t public_area[FWA_TPM_PUBLIC_SIZE_MAX], name[FWA_TPM_NAME_SIZE];
	size_t size;
	int result;

	result = get_public(root, "nv_index", public_area, &size, name, error);
	if (result == 0)
		result = fwa_nv_index_parse(public_area, size, &enrolment->index, error);
	if (result == 0)
		result = check_name(name, enrolment->index.name, "nv_index", error);
	return result;
}

static int parse_tpm(const json_t *root, struct fwa_enrolment *enrolment,
		     struct fwa_error *error)
{
	static const char *const keys[] = {
		"manufacturer", "vendor",        "firmware", "software",
		"reset_count",  "restart_count", NULL};
	const json_t *tpm = json_object_get(root, "tpm"), *software;
	int result;

	result = check_keys(tpm, keys, "tpm", error);
	if (result == 0)
		result = get_text(tpm, "manufacturer", enrolment->manufacturer, error);
	if (result == 0)
		result = get_text(tpm, "vendor", enrolment->vendor, error);
	if (result == 0)
		result = get_text(tpm, "firmware", enrolment->firmware, error);
	if (result == 0)
		result = get_count(tpm, "reset_count", &enrolment->reset_count, error);
	if (result == 0)
		result =
			get_count(tpm, "restart_count", &enrolment->restart_count, error);
	if (result < 0)
		return result;
	software = json_object_get(tpm, "software");
	if (!json_is_boolean(software))
		return fwa_error(error, -EBADMSG,
				 "The enrolment's \"software\" is missing or neither "
				 "true nor false.");
	enrolment->software = json_boolean_value(software);
	return 0;
}

/* Two digits of a time, from `low` to `high`. */
static bool digits_within(const char *text, int low, int high)
{
	int value;

	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	value = (text[0] - '0') * 10 + (text[1] - '0');
	return value >= low && value <= high;
}

/* "2025-11-22T17:39:00Z": RFC 3339 in UTC and whole seconds, in one spelling. */
static bool is_time(const char *text)
{
	return strlen(text) == 20 && digits_within(text, 19, 99) &&
	       digits_within(text + 2, 0, 99) && text[4] == '-' &&
	       digits_within(text + 5, 1, 12) && text[7] == '-' &&
	       digits_within(text + 8, 1, 31) && text[10] == 'T' &&
	       digits_within(text + 11, 0, 23) && text[13] == ':' &&
	       digits_within(text + 14, 0, 59) && text[16] == ':' &&
	       digits_within(text + 17, 0, 59) && text[19] == 'Z';
}

/* The members that are plain strings at the top. */
static int parse_head(const json_t *root, struct fwa_enrolment *enrolment,
		      struct fwa_error *error)
{
	const char *text;

	text = get_string(root, "format", error);
	if (!text)
		return -EBADMSG;
	if (strcmp(text, FWA_ENROLMENT_FORMAT))
		return fwa_error(
			error, -EBADMSG,
			"The enrolment's format is \"%.64s\"; this program knows \"%s\".",
			text, FWA_ENROLMENT_FORMAT);
	text = get_string(root, "kind", error);
	if (!text)
		return -EBADMSG;
	if (strcmp(text, KIND_SELF))
		return fwa_error(
			error, -EBADMSG,
			"The enrolment's kind is \"%.64s\"; this program knows \"%s\".",
			text, KIND_SELF);
	enrolment->kind = FWA_ENROLMENT_SELF;
	text = get_string(root, "ledger", error);
	if (!text)
		return -EBADMSG;
	if (fwa_uuid_parse(text, strlen(text), enrolment->ledger))
		return fwa_error(
			error, -EBADMSG,
			"The enrolment's \"ledger\" is not a UUID in lower case.");
	text = get_string(root, "created", error);
	if (!text)
		return -EBADMSG;
	if (!is_time(text))
		return fwa_error(error, -EBADMSG,
				 "The enrolment's \"created\" is not a time like "
				 "2025-11-22T17:39:00Z.");
	memcpy(enrolment->created, text, sizeof(enrolment->created));
	return 0;
}

static int parse_certificate(const json_t *root, struct fwa_enrolment *enrolment,
			     struct fwa_error *error)
{
	const char *text;

	if (!json_object_get(root, "endorsement_certificate"))
		return 0;
	text = get_string(root, "endorsement_certificate", error);
	if (!text)
		return -EBADMSG;
	if (fwa_base64_decode(text, strlen(text), enrolment->endorsement_certificate,
			      sizeof(enrolment->endorsement_certificate),
			      &enrolment->endorsement_certificate_size) ||
	    enrolment->endorsement_certificate_size == 0)
		return fwa_error(error, -EBADMSG,
				 "The enrolment's \"endorsement_certificate\" is not "
				 "strict base64 "
				 "of 1 to %u bytes.",
				 FWA_CERTIFICATE_SIZE_MAX);
	return 0;
}

static int parse_root(const json_t *root, struct fwa_enrolment *enrolment,
		      struct fwa_error *error)
{
	static const char *const keys[] = {"format",
					   "kind",
					   "ledger",
					   "created",
					   "attestation_key",
					   "nv_index",
					   "tpm",
					   "endorsement_certificate",
					   NULL};
	int result;

	result = check_keys(root, keys, "text", error);
	if (result == 0)
		result = parse_head(root, enrolment, error);
	if (result == 0)
		result = parse_key(root, enrolment, error);
	if (result == 0)
		result = parse_index(root, enrolment, error);
	if (result == 0)
		result = parse_tpm(root, enrolment, error);
	if (result == 0)
		result = parse_certificate(root, enrolment, error);
	return result;
}

/* Sentences quote the file, which may hold what a terminal would obey. */
static void make_printable(struct fwa_error *error)
{
	if (!error)
		return;
	for (char *p = error->sentence; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

int fwa_enrolment_parse(const void *data, size_t size,
			struct fwa_enrolment *ret_enrolment, struct fwa_error *error)
{
	struct fwa_enrolment *enrolment;
	json_error_t json_error;
	json_t *root = NULL;
	int result;

	if (size > FWA_ENROLMENT_SIZE_MAX)
		return fwa_error(error, -E2BIG,
				 "The enrolment has %zu bytes; at most %u are possible.",
				 size, FWA_ENROLMENT_SIZE_MAX);
	/* Zeroed, so that unused room is the same whatever was parsed; large for a stack. */
	enrolment = calloc(1, sizeof(*enrolment));
	if (!enrolment)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	root = json_loadb(data, size, JSON_REJECT_DUPLICATES, &json_error);
	if (!root) {
		result = json_error_code(&json_error) == json_error_out_of_memory
				 ? -ENOMEM
				 : -EBADMSG;
		fwa_error(error, result, "The enrolment is not JSON: line %d: %s.",
			  json_error.line, json_error.text);
		goto out;
	}
	result = parse_root(root, enrolment, error);
	if (result < 0)
		goto out;
	result = fwa_enrolment_digest(data, size, enrolment->digest);
	if (result < 0) {
		fwa_error(error, result, "The enrolment's digest cannot be computed.");
		goto out;
	}
	*ret_enrolment = *enrolment;
out:
	if (result < 0)
		make_printable(error);
	json_decref(root);
	free(enrolment);
	return result;
}
