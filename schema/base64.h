/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648 section 4: the standard alphabet, padded), with exactly one accepted text for
 * any bytes: no white space, no missing padding, no bits set that carry nothing.
 */
#ifndef FWA_SCHEMA_BASE64_H
#define FWA_SCHEMA_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that encode `size` bytes, without a NUL. */
#define FWA_BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/*
 * Encode, with a closing NUL: `capacity` has to be over FWA_BASE64_LENGTH(size).
 * Returns 0 or -ENOSPC.
 */
int fwa_base64_encode(const void *data, size_t size, char *ret_text, size_t capacity);

/*
 * Decode `length` characters (no NUL is looked for). `ret_data` may be partly written on failure,
 * `*ret_size` is not.
 * Returns 0; -EBADMSG if this is not the one accepted text; -ENOSPC if it does not fit.
 */
int fwa_base64_decode(const char *text, size_t length, void *ret_data, size_t capacity,
		      size_t *ret_size);

#endif
