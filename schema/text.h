/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text: hexadecimal and UUIDs, in one spelling each.
 */
#ifndef FWA_SCHEMA_TEXT_H
#define FWA_SCHEMA_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define FWA_UUID_SIZE      16u
#define FWA_UUID_TEXT_SIZE 37u /* with its NUL */

/* Write `size` bytes as 2 * size lower-case digits and a NUL; `ret_text` has room for
 * them. */
void fwa_hex_encode(const uint8_t *data, size_t size, char *ret_text);

/*
 * Read `length` lower-case hexadecimal digits (no sign, space or prefix) into `ret_data`.
 * Returns 0; -EBADMSG for an odd length or any other character; -ENOSPC if `capacity` is
 * less than length / 2. `*ret_size` is the count of bytes. Outputs are untouched on
 * failure.
 */
int fwa_hex_decode(const char *text, size_t length, uint8_t *ret_data, size_t capacity,
		   size_t *ret_size);

/* 16 bytes in the order of the text (RFC 9562) as 36 lower-case characters and a NUL. */
void fwa_uuid_format(const uint8_t uuid[FWA_UUID_SIZE],
		     char ret_text[FWA_UUID_TEXT_SIZE]);

/*
 * Read exactly the form that fwa_uuid_format writes; `length` has to be 36.
 * Returns 0 or -EBADMSG; the output is untouched on failure.
 */
int fwa_uuid_parse(const char *text, size_t length, uint8_t ret_uuid[FWA_UUID_SIZE]);

#endif
