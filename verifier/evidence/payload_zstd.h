/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored payloads that were compressed: one zstd frame (RFC 8878) that states its content size.
 */
#ifndef FWA_VERIFIER_PAYLOAD_ZSTD_H
#define FWA_VERIFIER_PAYLOAD_ZSTD_H

#include <stdint.h>

#include "schema/record.h"

/*
 * Decompress `stored` into `buffer`, which has room for exactly `captured` bytes. Never writes
 * more, whatever the frame claims. Returns NULL, or what is wrong, as the end of a sentence that
 * begins with "it ".
 */
const char *fwa_payload_zstd(struct fwa_bytes stored, uint64_t captured, uint8_t *buffer);

#endif
