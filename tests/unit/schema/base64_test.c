/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base64.h"

/* RFC 4648 section 10. */
static const struct {
	const char *bytes, *text;
} known[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

static void known_texts(void **state)
{
	char text[16], data[16];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t bytes = strlen(known[i].bytes), length = strlen(known[i].text);

		assert_int_equal(
			fwa_base64_encode(known[i].bytes, bytes, text, length + 1), 0);
		assert_string_equal(text, known[i].text);
		assert_int_equal(fwa_base64_encode(known[i].bytes, bytes, text, length),
				 -ENOSPC);
		assert_int_equal(
			fwa_base64_decode(known[i].text, length, data, bytes, &size), 0);
		assert_int_equal(size, bytes);
		assert_memory_equal(data, known[i].bytes, bytes);
		if (bytes > 0)
			assert_int_equal(fwa_base64_decode(known[i].text, length, data,
							   bytes - 1, &size),
					 -ENOSPC);
	}
}

/* Sizes on both sides of every block's end; each text comes back, and no longer if it is changed. */
static void sizes_around_blocks(void **state)
{
	uint8_t data[200], again[200];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 167 + 13);
	for (size_t i = 0; i <= sizeof(data); i++) {
		size_t length = FWA_BASE64_LENGTH(i);
		char *text = malloc(length + 1);

		assert_non_null(text);
		assert_int_equal(fwa_base64_encode(data, i, text, length + 1), 0);
		assert_int_equal(strlen(text), length);
		assert_int_equal(
			fwa_base64_decode(text, length, again, sizeof(again), &size), 0);
		assert_int_equal(size, i);
		assert_memory_equal(again, data, i);
		for (size_t at = 0; at < length; at++) {
			static const char evil[] = " \n\t\r-_=.\x80";
			char right = text[at];

			for (size_t e = 0; e < sizeof(evil); e++) {
				/* Padding at the end may be that of other, shorter bytes. */
				if (evil[e] == right ||
				    (evil[e] == '=' && at + 2 >= length))
					continue;
				text[at] = evil[e];
				assert_int_equal(fwa_base64_decode(text, length, again,
								   sizeof(again), &size),
						 -EBADMSG);
			}
			text[at] = right;
		}
		free(text);
	}
}

/* Of all texts of one group exactly one is taken for any bytes. */
static void one_text_for_any_bytes(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	unsigned one = 0, two = 0, three = 0;
	char text[4] = "AA";
	uint8_t data[3];
	size_t size;

	(void)state;
	for (unsigned b = 0; b < 65; b++) {
		for (unsigned c = 0; c < 65; c++) {
			for (unsigned d = 0; d < 65; d++) {
				text[1] = alphabet[b];
				text[2] = alphabet[c];
				text[3] = alphabet[d];
				if (fwa_base64_decode(text, 4, data, sizeof(data), &size))
					continue;
				one += size == 1;
				two += size == 2;
				three += size == 3;
			}
		}
	}
	/* The first six bits are zero: what is left of one, two and three bytes. */
	assert_int_equal(one, 1 << 2);
	assert_int_equal(two, 1 << 10);
	assert_int_equal(three, 1 << 18);
}

static void wrong_lengths(void **state)
{
	uint8_t data[8];
	size_t size = 77;

	(void)state;
	assert_int_equal(fwa_base64_decode("Zg=", 3, data, sizeof(data), &size),
			 -EBADMSG);
	assert_int_equal(fwa_base64_decode("Zg", 2, data, sizeof(data), &size), -EBADMSG);
	assert_int_equal(fwa_base64_decode("====", 4, data, sizeof(data), &size),
			 -EBADMSG);
	assert_int_equal(fwa_base64_decode("Zg==Zg==", 8, data, sizeof(data), &size),
			 -EBADMSG);
	assert_int_equal(fwa_base64_decode("    ", 4, data, sizeof(data), &size),
			 -EBADMSG);
	assert_int_equal(size, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts),
		cmocka_unit_test(sizes_around_blocks),
		cmocka_unit_test(one_text_for_any_bytes),
		cmocka_unit_test(wrong_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
