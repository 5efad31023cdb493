/* SPDX-License-Identifier: Apache-2.0 */
/* The strict CBOR reader and writer by themselves. */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/cbor.h"

/* The borders of the five head sizes, and how many bytes each takes. */
static const struct {
	uint64_t number;
	size_t size;
} borders[] = {
	{0, 1},
	{23, 1},
	{24, 2},
	{255, 2},
	{256, 3},
	{65535, 3},
	{65536, 5},
	{UINT32_MAX, 5},
	{UINT32_MAX + 1ull, 9},
	{INT64_MAX, 9},
	{INT64_MAX + 1ull, 9},
	{UINT64_MAX, 9},
};
#define BORDER_COUNT (sizeof(borders) / sizeof(borders[0]))

static void integers_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < BORDER_COUNT; i++) {
		uint8_t buffer[9];
		struct fwa_cbor_writer writer = {.buffer = buffer,
						 .capacity = sizeof(buffer)};
		struct fwa_cbor_reader reader = {.data = buffer};
		uint64_t number = 1;
		int64_t negative = 1;

		fwa_cbor_put_uint(&writer, borders[i].number);
		assert_int_equal(writer.size, borders[i].size);
		reader.size = writer.size;
		assert_int_equal(fwa_cbor_read_uint(&reader, &number), 0);
		assert_true(number == borders[i].number);
		assert_int_equal(fwa_cbor_end(&reader), 0);
		if (borders[i].number > INT64_MAX)
			continue;
		writer.size = 0;
		fwa_cbor_put_int(&writer, -1 - (int64_t)borders[i].number);
		assert_int_equal(writer.size, borders[i].size);
		reader = (struct fwa_cbor_reader){.data = buffer, .size = writer.size};
		assert_int_equal(fwa_cbor_read_int(&reader, &negative), 0);
		assert_true(negative == -1 - (int64_t)borders[i].number);
	}
}

static void longer_heads_are_refused(void **state)
{
	static const uint8_t more[] = {24, 25, 26, 27};

	(void)state;
	for (size_t i = 0; i < BORDER_COUNT; i++) {
		for (size_t form = 0; form < sizeof(more); form++) {
			uint8_t buffer[9];
			size_t size = (size_t)1 << form;
			struct fwa_cbor_reader reader = {.data = buffer,
							 .size = size + 1};
			uint64_t number;
			int r;

			if (size < 8 && borders[i].number >> (8 * size))
				continue;
			buffer[0] = more[form];
			for (size_t j = 0; j < size; j++)
				buffer[1 + j] = (uint8_t)(borders[i].number >>
							  (8 * (size - 1 - j)));
			r = fwa_cbor_read_uint(&reader, &number);
			assert_int_equal(r, size + 1 == borders[i].size ? 0 : -EBADMSG);
		}
	}
}

static void what_does_not_fit_is_counted(void **state)
{
	uint8_t buffer[4] = {9, 9, 9, 9};
	struct fwa_cbor_writer writer = {.buffer = buffer, .capacity = 3};

	(void)state;
	fwa_cbor_put_map(&writer, 1);
	fwa_cbor_put_uint(&writer, 1000);
	/* This would fit by itself, but not behind what did not. */
	fwa_cbor_put_uint(&writer, 1);
	fwa_cbor_put_bytes(&writer, (struct fwa_bytes){(const uint8_t *)"abc", 3});
	assert_int_equal(writer.size, 9);
	assert_int_equal(buffer[0], 0xa1);
	assert_memory_equal(buffer + 1, "\x09\x09\x09", 3);
}

static void nesting_has_a_limit(void **state)
{
	static const uint8_t nested[] = {0x81, 0xa1, 0x81, 0x81, 0x00};
	struct fwa_cbor_reader reader = {.data = nested, .size = sizeof(nested)};
	size_t count;

	(void)state;
	assert_int_equal(fwa_cbor_open_array(&reader, &count), 0);
	assert_int_equal(fwa_cbor_open_map(&reader, &count), 0);
	assert_int_equal(fwa_cbor_open_array(&reader, &count), 0);
	assert_int_equal(fwa_cbor_open_array(&reader, &count), -EBADMSG);
	assert_string_equal(reader.fault, "it is nested too deeply");
}

static void the_first_fault_stays(void **state)
{
	static const uint8_t data[] = {0x18, 0x05, 0x05};
	struct fwa_cbor_reader reader = {.data = data, .size = sizeof(data)};
	uint64_t number = 77;
	bool flag = true;

	(void)state;
	assert_int_equal(fwa_cbor_read_uint(&reader, &number), -EBADMSG);
	reader.offset = 2;
	assert_int_equal(fwa_cbor_read_uint(&reader, &number), -EBADMSG);
	assert_int_equal(fwa_cbor_read_bool(&reader, &flag), -EBADMSG);
	assert_int_equal(fwa_cbor_end(&reader), -EBADMSG);
	assert_string_equal(reader.fault, "a head is not in its shortest form");
	assert_int_equal(number, 77);
}

/* Of all first bytes only those of the few types that records use are read. */
static void types_that_are_read(void **state)
{
	(void)state;
	for (unsigned first = 0; first <= UINT8_MAX; first++) {
		/* 24 bytes of content: enough for any short form, and shortest as a number */
		uint8_t data[32];
		struct fwa_cbor_reader reader = {.data = data, .size = sizeof(data)};
		struct fwa_cbor_item item;
		unsigned major = first >> 5, more = first & 31;
		bool known = (major <= 2 || major == 4 || major == 5) && more < 24;

		memset(data, 0xff, sizeof(data));
		data[0] = (uint8_t)first;
		if (first == 0xf4 || first == 0xf5)
			known = true;
		/* 0xff.. behind the head is a shortest number in each form */
		if ((major <= 1 || major == 4 || major == 5) && more >= 24 && more <= 27)
			known = true;
		assert_int_equal(fwa_cbor_read(&reader, &item), known ? 0 : -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_there_and_back),
		cmocka_unit_test(longer_heads_are_refused),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(the_first_fault_stays),
		cmocka_unit_test(types_that_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
