/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/report/escape.h"

static const struct row {
	const char *bytes;
	size_t size;
	const char *text;
} rows[] = {
	{"", 0, ""},
	{"fwctl0", 6, "fwctl0"},
	{"a\\b", 3, "a\\x5cb"},
	{"\x1b[2J", 4, "\\x1b[2J"},
	{"a\0b", 3, "a\\x00b"},
	{"line\nline\r\t", 11, "line\\x0aline\\x0d\\x09"},
	{"\x7f", 1, "\\x7f"},
	/* Printable, two to four bytes. */
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe", 9,
	 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe"},
	/* C1 control characters are control characters in two bytes as well. */
	{"\xc2\x9b", 2, "\\xc2\\x9b"},
	/* Right-to-left override, zero width space, byte order mark, line separator. */
	{"\xe2\x80\xae", 3, "\\xe2\\x80\\xae"},
	{"\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b"},
	{"\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf"},
	{"\xe2\x80\xa8", 3, "\\xe2\\x80\\xa8"},
	/* Not UTF-8: lone continuation, overlong, surrogate, beyond the last, cut short. */
	{"\x80", 1, "\\x80"},
	{"\xc0\xaf", 2, "\\xc0\\xaf"},
	{"\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf"},
	{"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},
	{"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"},
	{"\xf5\x80\x80\x80", 4, "\\xf5\\x80\\x80\\x80"},
	{"\xe2\x82", 2, "\\xe2\\x82"},
	{"\xe2\x82z", 3, "\\xe2\\x82z"},
	{"\xff\xfe", 2, "\\xff\\xfe"},
};

static void known(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fwa_bytes bytes = {(const uint8_t *)rows[i].bytes, rows[i].size};
		char *text = fwa_escape(bytes);

		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

/* Whatever two bytes are, the text has no control character, and two inputs never give one. */
static void every_pair_of_bytes(void **state)
{
	char *previous = NULL;
	unsigned pair;

	(void)state;
	for (pair = 0; pair < 65536; pair++) {
		uint8_t bytes[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
		char *text = fwa_escape((struct fwa_bytes){bytes, 2});
		const unsigned char *p;

		assert_non_null(text);
		for (p = (const unsigned char *)text; *p; p++) {
			assert_true(*p >= 0x20 && *p != 0x7f);
			/* All that is beyond ASCII is a well-formed pair that is not C1. */
			if (*p >= 0x80) {
				assert_int_equal(strlen(text), 2);
				assert_true(bytes[0] >= 0xc2 && bytes[0] <= 0xdf);
				assert_true(bytes[0] > 0xc2 || bytes[1] >= 0xa0);
			}
		}
		if (previous)
			assert_string_not_equal(text, previous);
		free(previous);
		previous = text;
	}
	free(previous);
}

static void absent(void **state)
{
	char *text = fwa_escape((struct fwa_bytes){NULL, 0});

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(every_pair_of_bytes),
		cmocka_unit_test(absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
