/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TPM for tests: a P-256 key in memory that signs NV_Certify structures in a TPM's format. It
 * does what it is told, so it can also be told to do what no TPM would.
 *
 * Whatever fails aborts the test program.
 */
#ifndef FWA_TESTS_TEST_TPM_H
#define FWA_TESTS_TEST_TPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/attestation.h"
#include "schema/enrolment.h"

struct test_tpm {
	void *key; /* EVP_PKEY */
	struct fwa_attestation_key public_key;
	struct fwa_nv_index index;
	uint8_t qualified_signer[FWA_TPM_NAME_SIZE];
	uint8_t contents[FWA_DIGEST_SIZE]; /* of the index: the accumulator */
	uint64_t clock;                    /* milliseconds; moves on with each certify */
	uint32_t reset_count, restart_count;
	bool safe;
};

/* A new key and an empty index. */
void test_tpm_init(struct test_tpm *tpm);
void test_tpm_clear(struct test_tpm *tpm);
/* TPM2_NV_Extend. */
void test_tpm_extend(struct test_tpm *tpm, const uint8_t digest[FWA_DIGEST_SIZE]);
/* TPM2_NV_Certify with this qualifying data: the attestation's bytes. Returns their count. */
size_t test_tpm_certify(struct test_tpm *tpm, const uint8_t qualifying[FWA_DIGEST_SIZE],
			uint8_t buffer[FWA_ATTESTATION_SIZE_MAX]);
/* The text of a self-enrolment of this TPM for a ledger; to be freed with free(). */
char *test_tpm_enrol(const struct test_tpm *tpm, const uint8_t ledger[FWA_UUID_SIZE],
		     size_t *ret_size);

#endif
