/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/schema/trust_vectors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/text.h"

json_t *trust_index(const char *set)
{
	char path[4096];
	json_t *index;

	snprintf(path, sizeof(path), "%s/%s/index.json", FWA_VECTORS, set);
	index = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(index);
	return index;
}

const json_t *trust_list(const json_t *index, const char *key)
{
	const json_t *list = json_object_get(index, key);

	assert_true(json_is_array(list) && json_array_size(list) > 0);
	return list;
}

const char *trust_text(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	if (!text)
		fail_msg("no \"%s\"", key);
	return text;
}

uint64_t trust_number(const json_t *entry, const char *key)
{
	const json_t *value = json_object_get(entry, key);

	assert_true(json_is_integer(value));
	return (uint64_t)json_integer_value(value);
}

struct fwa_bytes trust_hex(const char *text)
{
	size_t length = strlen(text), size;
	uint8_t *data = malloc(length / 2 + 1);

	assert_non_null(data);
	assert_int_equal(fwa_hex_decode(text, length, data, length / 2, &size), 0);
	return (struct fwa_bytes){data, size};
}

void trust_digest(const json_t *entry, const char *key,
		  uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	const char *text = trust_text(entry, key);
	size_t size;

	assert_int_equal(
		fwa_hex_decode(text, strlen(text), ret_digest, FWA_DIGEST_SIZE, &size),
		0);
	assert_int_equal(size, FWA_DIGEST_SIZE);
}

struct fwa_bytes trust_file(const char *set, const json_t *entry, const char *key)
{
	return vectors_file(set, trust_text(entry, key));
}

bool trust_is_good(const json_t *entry)
{
	const char *expect = trust_text(entry, "expect");

	assert_true(!strcmp(expect, "ok") || !strcmp(expect, "refuse"));
	return !strcmp(expect, "ok");
}

void trust_expect(const json_t *entry, int result, const struct fwa_error *error)
{
	const char *name = trust_text(entry, "name");

	if (trust_is_good(entry)) {
		if (result != 0)
			fail_msg("%s: refused: %s", name, error->sentence);
		return;
	}
	if (result != -EBADMSG && result != -E2BIG)
		fail_msg("%s: %d instead of a refusal", name, result);
	if (!strstr(error->sentence, trust_text(entry, "reason")))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, error->sentence,
			 trust_text(entry, "reason"));
}
