/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/payload_zstd.h"

#include <zstd.h>

#include "schema/bytes.h"

#define HEADER_SIZE_MIN 5u
/*
 * RFC 8878, 3.1.1.1.1, the frame header descriptor: no dictionary, and the bits that decoders
 * ignore or reserve are zero, so that none of them can be changed unnoticed.
 */
#define DESCRIPTOR           4u
#define DESCRIPTOR_MUST_BE_0 0x1bu

const char *fwa_payload_zstd(struct fwa_bytes stored, uint64_t captured, uint8_t *buffer)
{
	size_t size;

	if (stored.size < HEADER_SIZE_MIN || fwa_le32(stored.data) != ZSTD_MAGICNUMBER ||
	    (stored.data[DESCRIPTOR] & DESCRIPTOR_MUST_BE_0) != 0)
		return "is not the compressed frame that it should be";
	if (ZSTD_getFrameContentSize(stored.data, stored.size) != captured)
		return "holds another number of bytes than its record says";
	size = ZSTD_findFrameCompressedSize(stored.data, stored.size);
	if (ZSTD_isError(size) || size != stored.size)
		return "is cut off, or something follows it";
	size = ZSTD_decompress(buffer, captured, stored.data, stored.size);
	if (ZSTD_isError(size) || size != captured)
		return "cannot be decompressed";
	return NULL;
}
