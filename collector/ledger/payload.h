/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads on their way into the ledger.
 *
 * A record carries a payload's length and salted digest; the bytes stand beside it in the
 * ledger's payload table, so that they can be removed without breaking a proof. The salt keeps
 * a removed payload from being guessed from its digest.
 */
#ifndef FWA_COLLECTOR_LEDGER_PAYLOAD_H
#define FWA_COLLECTOR_LEDGER_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"

/* A payload ready to be stored. Zeroed: empty. */
struct fwa_payload {
	uint8_t salt[FWA_SALT_SIZE];
	uint8_t digest[FWA_DIGEST_SIZE]; /* SHA-256(salt || captured bytes) */
	uint8_t codec;                   /* enum fwa_payload_codec */
	uint8_t *bytes;                  /* as stored; NULL when empty */
	size_t size;
};

/*
 * Draw a salt, hash, and compress `captured` (of `captured_size` bytes, the first of the
 * `length` that the call carried) where that makes it smaller. Fills `*ret_reference` for the
 * record: `source` is kept unless captured_size < length, which makes it truncated (absent if
 * nothing was captured and length is not 0). The reference's digest points into *ret_payload,
 * which must stay where it is until the record was appended.
 *
 * With nothing captured *ret_payload is left empty and the digest absent.
 * Returns 0; -EINVAL if captured_size > length, or if `source` denies a payload that is whole; -E2BIG over FWA_PAYLOAD_SIZE_MAX; -ENOMEM; -EIO
 * if there is no randomness to be had. Outputs are untouched on failure.
 */
int fwa_payload_prepare(const uint8_t *captured, size_t captured_size, uint64_t length,
			enum fwa_source source, enum fwa_moment moment,
			struct fwa_payload *ret_payload,
			struct fwa_payload_ref *ret_reference);

/* Free what is inside; the structure is left empty. */
void fwa_payload_clear(struct fwa_payload *payload);

#endif
