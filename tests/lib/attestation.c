/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/attestation.h"

#include <string.h>

#include "schema/bytes.h"

struct writer {
	uint8_t *data;
	size_t size;
};

static void put(struct writer *writer, uint64_t value, unsigned count)
{
	while (count > 0)
		writer->data[writer->size++] = (uint8_t)(value >> 8 * --count);
}

static void put_bytes(struct writer *writer, const uint8_t *data, size_t size)
{
	memcpy(writer->data + writer->size, data, size);
	writer->size += size;
}

static void put_sized_fill(struct writer *writer, uint8_t fill, size_t size)
{
	put(writer, size, 2);
	memset(writer->data + writer->size, fill, size);
	writer->size += size;
}

static void put_name(struct writer *writer, uint8_t fill)
{
	put(writer, FWA_TPM_NAME_SIZE, 2);
	put(writer, 0x000b, 2); /* TPM_ALG_SHA256 */
	memset(writer->data + writer->size, fill, FWA_DIGEST_SIZE);
	writer->size += FWA_DIGEST_SIZE;
}

size_t fwa_test_attestation(const uint8_t note_digest[FWA_DIGEST_SIZE],
			    const uint8_t contents[FWA_DIGEST_SIZE],
			    uint8_t *ret_attestation)
{
	struct writer writer = {.data = ret_attestation, .size = 2};

	put(&writer, 0xff544347, 4); /* TPM_GENERATED_VALUE */
	put(&writer, 0x8014, 2);     /* TPM_ST_ATTEST_NV */
	put_name(&writer, 0x11);     /* qualified signer */
	put(&writer, FWA_DIGEST_SIZE, 2);
	put_bytes(&writer, note_digest, FWA_DIGEST_SIZE);
	put(&writer, 1000, 8); /* clock */
	put(&writer, 1, 4);    /* resetCount */
	put(&writer, 0, 4);    /* restartCount */
	put(&writer, 1, 1);    /* safe */
	put(&writer, 7, 8);    /* firmwareVersion */
	put_name(&writer, 0x22);
	put(&writer, 0, 2); /* offset */
	put(&writer, FWA_DIGEST_SIZE, 2);
	put_bytes(&writer, contents, FWA_DIGEST_SIZE);
	fwa_put_be16(ret_attestation, (uint16_t)(writer.size - 2));
	put(&writer, 0x0018, 2); /* TPM_ALG_ECDSA */
	put(&writer, 0x000b, 2);
	put_sized_fill(&writer, 0x33, FWA_P256_SIZE);
	put_sized_fill(&writer, 0x44, FWA_P256_SIZE);
	return writer.size;
}
