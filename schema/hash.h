/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, the one digest of the format (FIPS 180-4).
 */
#ifndef FWA_SCHEMA_HASH_H
#define FWA_SCHEMA_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

#define FWA_DIGEST_SIZE 32u

/*
 * SHA-256 over `count` parts, one after another, as if they were one buffer. A part whose
 * `data` is NULL has to have size 0. Safe to call from any thread.
 * Returns 0; -EIO if libcrypto cannot do it (out of memory, no such algorithm in this
 * machine's configuration); `ret_digest` is then untouched.
 */
int fwa_digest(const struct fwa_bytes *parts, size_t count,
	       uint8_t ret_digest[FWA_DIGEST_SIZE]);

#endif
