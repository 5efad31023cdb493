/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal, UUIDs, SHA-256, names of effects. */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/effects.h"
#include "schema/hash.h"
#include "schema/text.h"

static void hex_there_and_back(void **state)
{
	uint8_t all[256], back[256];
	char text[2 * 256 + 1];
	size_t size;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	fwa_hex_encode(all, sizeof(all), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text + 2 * 0x9a, "9a9b", 4);
	assert_int_equal(fwa_hex_decode(text, 512, back, sizeof(back), &size), 0);
	assert_int_equal(size, 256);
	assert_memory_equal(back, all, 256);
	fwa_hex_encode(all, 0, text);
	assert_string_equal(text, "");
	assert_int_equal(fwa_hex_decode("", 0, back, 0, &size), 0);
	assert_int_equal(size, 0);
}

static void hex_has_one_spelling(void **state)
{
	static const char *const bad[] = {"0",  "AB", "0x", "g0", " 0",
					  "+1", "a:", "/0", "`0", "00 "};
	uint8_t data[4] = {1, 2, 3, 4};
	size_t size = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fwa_hex_decode(bad[i], strlen(bad[i]), data, 4, &size),
				 -EBADMSG);
	assert_int_equal(fwa_hex_decode("0011zz", 6, data, 4, &size), -EBADMSG);
	assert_int_equal(fwa_hex_decode("0011223344", 10, data, 4, &size), -ENOSPC);
	assert_memory_equal(data, "\1\2\3\4", 4);
	assert_int_equal(size, 99);
}

static void uuid_there_and_back(void **state)
{
	static const char text[] = "0da9c0b5-bf41-4b78-8f79-96b1623b3f17";
	uint8_t uuid[FWA_UUID_SIZE];
	char again[FWA_UUID_TEXT_SIZE];

	(void)state;
	assert_int_equal(fwa_uuid_parse(text, 36, uuid), 0);
	assert_memory_equal(uuid, "\x0d\xa9\xc0\xb5\xbf\x41\x4b\x78\x8f\x79", 10);
	fwa_uuid_format(uuid, again);
	assert_string_equal(again, text);
}

static void uuid_has_one_spelling(void **state)
{
	static const char text[] = "0da9c0b5-bf41-4b78-8f79-96b1623b3f17";
	uint8_t uuid[FWA_UUID_SIZE] = {7};
	char changed[sizeof(text)];

	(void)state;
	assert_int_equal(fwa_uuid_parse(text, 35, uuid), -EBADMSG);
	assert_int_equal(fwa_uuid_parse(text, 37, uuid), -EBADMSG);
	for (size_t i = 0; i < 36; i++) {
		memcpy(changed, text, sizeof(text));
		changed[i] = changed[i] == '-' ? '0' : 'A';
		assert_int_equal(fwa_uuid_parse(changed, 36, uuid), -EBADMSG);
		changed[i] = '\0';
		assert_int_equal(fwa_uuid_parse(changed, 36, uuid), -EBADMSG);
	}
	assert_int_equal(uuid[0], 7);
}

static void digest_of(const struct fwa_bytes *parts, size_t count, const char *expected)
{
	uint8_t digest[FWA_DIGEST_SIZE];
	char text[2 * FWA_DIGEST_SIZE + 1];

	assert_int_equal(fwa_digest(parts, count, digest), 0);
	fwa_hex_encode(digest, sizeof(digest), text);
	assert_string_equal(text, expected);
}

/* The examples of FIPS 180: "", "abc", and "abc" in pieces. */
static void sha256_is_sha256(void **state)
{
	const struct fwa_bytes pieces[] = {
		{(const uint8_t *)"a", 1}, {NULL, 0}, {(const uint8_t *)"bc", 2}};
	const struct fwa_bytes whole = {(const uint8_t *)"abc", 3};

	(void)state;
	digest_of(NULL, 0,
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_of(&whole, 1,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_of(pieces, 3,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void every_effect_has_its_own_name(void **state)
{
	(void)state;
	for (uint32_t a = 1; a <= FWA_EFFECT_ALL; a <<= 1) {
		assert_non_null(fwa_effect_name(a));
		for (uint32_t b = 1; b < a; b <<= 1)
			assert_string_not_equal(fwa_effect_name(a), fwa_effect_name(b));
	}
	assert_string_equal(fwa_effect_name(FWA_EFFECT_CONFIG_COLD_RESET),
			    "config-cold-reset");
	assert_null(fwa_effect_name(0));
	assert_null(fwa_effect_name(3));
	assert_null(fwa_effect_name(FWA_EFFECT_ALL + 1));
}

static void bytes_are_ordered_as_bytes(void **state)
{
	const struct fwa_bytes none = {NULL, 0}, a = {(const uint8_t *)"a", 1},
			       ab = {(const uint8_t *)"ab", 2},
			       high = {(const uint8_t *)"\xff", 1};

	(void)state;
	assert_int_equal(fwa_bytes_compare(a, a), 0);
	assert_true(fwa_bytes_compare(none, a) < 0);
	assert_true(fwa_bytes_compare(a, ab) < 0);
	assert_true(fwa_bytes_compare(ab, a) > 0);
	assert_true(fwa_bytes_compare(high, ab) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_there_and_back),
		cmocka_unit_test(hex_has_one_spelling),
		cmocka_unit_test(uuid_there_and_back),
		cmocka_unit_test(uuid_has_one_spelling),
		cmocka_unit_test(sha256_is_sha256),
		cmocka_unit_test(every_effect_has_its_own_name),
		cmocka_unit_test(bytes_are_ordered_as_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
