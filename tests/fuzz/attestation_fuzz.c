/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parsers of TPM structures, over the same bytes: whatever is read has the values that SPEC.md
 * demands, in their places, and is refused when a byte follows it or is missing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/attestation.h"
#include "schema/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The curve's base point: a key whose owner is known to nobody but to everybody. */
static const uint8_t key_public[] = {
	0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x04, 0x72, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x18, 0x00, 0x0b, 0x00, 0x03, 0x00, 0x10, 0x00, 0x20, 0x6b, 0x17, 0xd1, 0xf2,
	0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
	0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98,
	0xc2, 0x96, 0x00, 0x20, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e,
	0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
	0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

static void demand(bool held)
{
	if (!held)
		abort();
}

static struct fwa_attestation_verifier *verifier(void)
{
	static struct fwa_attestation_verifier *made;
	struct fwa_attestation_key key;

	if (!made) {
		demand(fwa_attestation_key_parse(key_public, sizeof(key_public), &key,
						 NULL) == 0);
		demand(fwa_attestation_verifier_new(&key, &made, NULL) == 0);
	}
	return made;
}

static void check_attestation(const uint8_t *data, size_t size)
{
	struct fwa_attestation attestation;
	struct fwa_error error;
	uint8_t again[FWA_ATTESTATION_SIZE_MAX];
	struct fwa_bytes signature;
	size_t again_size = 0;

	if (fwa_attestation_parse(data, size, &attestation, &error))
		return;
	demand(attestation.attest.data == data + 2 && attestation.attest.size == 173);
	demand(fwa_be32(data + 2) == 0xff544347 && fwa_be16(data + 6) == 0x8014);
	demand(data[2 + 92] <= 1 && fwa_be16(data + 2 + 137) == 0);
	demand(memcmp(attestation.contents, data + 2 + 141, FWA_DIGEST_SIZE) == 0);
	signature = (struct fwa_bytes){data + 175, size - 175};
	demand(fwa_attestation_format(attestation.attest, signature, again, sizeof(again),
				      &again_size, NULL) == 0);
	demand(again_size == size && memcmp(again, data, size) == 0);
	demand(fwa_attestation_parse(data, size - 1, &attestation, NULL) < 0);
	(void)fwa_attestation_verify(verifier(), &attestation, &error);
}

static void check_key(const uint8_t *data, size_t size)
{
	struct fwa_attestation_key key;
	struct fwa_error error;

	if (fwa_attestation_key_parse(data, size, &key, &error))
		return;
	demand(fwa_be32(data + 4) == FWA_KEY_ATTRIBUTES && key.public_size == size);
	demand(fwa_attestation_key_parse(data, size - 1, &key, NULL) < 0);
}

static void check_index(const uint8_t *data, size_t size)
{
	struct fwa_nv_index index;
	struct fwa_error error;

	if (fwa_nv_index_parse(data, size, &index, &error))
		return;
	demand((index.attributes & FWA_NV_ATTRIBUTES_REQUIRED) ==
	       FWA_NV_ATTRIBUTES_REQUIRED);
	demand((index.attributes & ~FWA_NV_ATTRIBUTES_ALLOWED) == 0);
	demand(fwa_be16(data + size - 2) == FWA_DIGEST_SIZE && data[0] == 0x01);
	demand(fwa_nv_index_parse(data, size - 1, &index, NULL) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_attestation(data, size);
	check_key(data, size);
	check_index(data, size);
	return 0;
}
