/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/text.h"

#include <errno.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

/* The value of a lower-case digit, or -1. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void fwa_hex_encode(const uint8_t *data, size_t size, char *ret_text)
{
	for (size_t i = 0; i < size; i++) {
		*ret_text++ = hex_digits[data[i] >> 4];
		*ret_text++ = hex_digits[data[i] & 0xf];
	}
	*ret_text = '\0';
}

int fwa_hex_decode(const char *text, size_t length, uint8_t *ret_data, size_t capacity,
		   size_t *ret_size)
{
	if (length % 2)
		return -EBADMSG;
	/* All of it is checked before any of it is written. */
	for (size_t i = 0; i < length; i++) {
		if (hex_value(text[i]) < 0)
			return -EBADMSG;
	}
	if (length / 2 > capacity)
		return -ENOSPC;
	for (size_t i = 0; i < length / 2; i++)
		ret_data[i] = (uint8_t)(hex_value(text[2 * i]) << 4 |
					hex_value(text[2 * i + 1]));
	*ret_size = length / 2;
	return 0;
}

/* A hyphen stands before these bytes of a UUID's text. */
static int uuid_hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void fwa_uuid_format(const uint8_t uuid[FWA_UUID_SIZE], char ret_text[FWA_UUID_TEXT_SIZE])
{
	for (size_t i = 0; i < FWA_UUID_SIZE; i++) {
		if (uuid_hyphen_before(i))
			*ret_text++ = '-';
		*ret_text++ = hex_digits[uuid[i] >> 4];
		*ret_text++ = hex_digits[uuid[i] & 0xf];
	}
	*ret_text = '\0';
}

int fwa_uuid_parse(const char *text, size_t length, uint8_t ret_uuid[FWA_UUID_SIZE])
{
	uint8_t uuid[FWA_UUID_SIZE];
	int high, low;

	if (length != FWA_UUID_TEXT_SIZE - 1)
		return -EBADMSG;
	for (size_t i = 0; i < FWA_UUID_SIZE; i++) {
		if (uuid_hyphen_before(i) && *text++ != '-')
			return -EBADMSG;
		high = hex_value(*text++);
		low = hex_value(*text++);
		if (high < 0 || low < 0)
			return -EBADMSG;
		uuid[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(ret_uuid, uuid, FWA_UUID_SIZE);
	return 0;
}
