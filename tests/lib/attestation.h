/* SPDX-License-Identifier: Apache-2.0 */
/* Attestations as no TPM made them: well formed, about anything, signed by nobody. */
#ifndef FWA_TESTS_LIB_ATTESTATION_H
#define FWA_TESTS_LIB_ATTESTATION_H

#include <stddef.h>
#include <stdint.h>

#include "schema/attestation.h"

/* Writes FWA_ATTESTATION_SIZE_MAX bytes at most and returns how many. */
size_t fwa_test_attestation(const uint8_t note_digest[FWA_DIGEST_SIZE],
			    const uint8_t contents[FWA_DIGEST_SIZE],
			    uint8_t *ret_attestation);

#endif
