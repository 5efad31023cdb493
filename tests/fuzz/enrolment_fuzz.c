/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolments. The names in one are digests, which no fuzzer guesses, so what is JSON at all is
 * tried a second time with the names put right. Whatever is read can be written and read again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "schema/enrolment.h"
#include "schema/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
	if (!held)
		abort();
}

static void check(const void *data, size_t size)
{
	static struct fwa_enrolment enrolment, again;
	struct fwa_error error;
	char *text;
	size_t text_size;

	if (fwa_enrolment_parse(data, size, &enrolment, &error))
		return;
	demand(fwa_enrolment_format(&enrolment, &text, &text_size, &error) == 0);
	demand(fwa_enrolment_parse(text, text_size, &again, &error) == 0);
	demand(memcmp(again.ledger, enrolment.ledger, FWA_UUID_SIZE) == 0);
	demand(memcmp(again.key.name, enrolment.key.name, FWA_TPM_NAME_SIZE) == 0);
	demand(memcmp(again.index.name, enrolment.index.name, FWA_TPM_NAME_SIZE) == 0);
	free(text);
}

static void repair_name(json_t *root, const char *key)
{
	json_t *object = json_object_get(root, key);
	const char *text = json_string_value(json_object_get(object, "public"));
	uint8_t public_area[FWA_TPM_PUBLIC_SIZE_MAX], name[FWA_TPM_NAME_SIZE];
	char hex[2 * FWA_TPM_NAME_SIZE + 1];
	size_t size;

	if (!text ||
	    fwa_hex_decode(text, strlen(text), public_area, sizeof(public_area), &size))
		return;
	demand(fwa_tpm_name(public_area, size, name) == 0);
	fwa_hex_encode(name, sizeof(name), hex);
	json_object_set_new(object, "name", json_string(hex));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, 0, NULL);
	char *text;

	check(data, size);
	if (!root)
		return 0;
	repair_name(root, "attestation_key");
	repair_name(root, "nv_index");
	text = json_dumps(root, JSON_ENCODE_ANY);
	if (text)
		check(text, strlen(text));
	free(text);
	json_decref(root);
	return 0;
}
