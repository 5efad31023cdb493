/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parsers of TPM structures share: numbers of the TPM 2.0 Library, Part 2, and reads that
 * demand a value. For attestation.c and tpm_public.c only.
 */
#ifndef FWA_SCHEMA_TPM_STRUCTURE_H
#define FWA_SCHEMA_TPM_STRUCTURE_H

#include <stdint.h>

#include "schema/attestation.h"
#include "schema/bytes.h"
#include "schema/error.h"

#define FWA_TPM_GENERATED     0xff544347u /* TPM_GENERATED_VALUE */
#define FWA_TPM_ST_ATTEST_NV  0x8014u
#define FWA_TPM_ALG_SHA256    0x000bu
#define FWA_TPM_ALG_NULL      0x0010u
#define FWA_TPM_ALG_ECDSA     0x0018u
#define FWA_TPM_ALG_ECC       0x0023u
#define FWA_TPM_ECC_NIST_P256 0x0003u
#define FWA_TPM_HT_NV_INDEX   0x01u

/* Demand a u16; `what` completes "...'s <what> is 0x0000, not 0x0000 (<name>)". */
int fwa_tpm_expect16(struct fwa_cursor *cursor, uint16_t expected, const char *what,
		     const char *name, struct fwa_error *error);

/* A TPM2B of exactly `size` bytes; borrowed. */
int fwa_tpm_sized(struct fwa_cursor *cursor, uint16_t size, const char *what,
		  const uint8_t **ret_data, struct fwa_error *error);

/* A TPM2B_NAME, or a qualified name: with algorithm SHA-256. */
int fwa_tpm_name_read(struct fwa_cursor *cursor, const char *what,
		      uint8_t ret_name[FWA_TPM_NAME_SIZE], struct fwa_error *error);

/*
 * A TPM2B with an integer of up to 32 bytes, widened to 32. Some TPMs leave leading zeros
 * away, some do not; a short one may not begin with zero.
 */
int fwa_tpm_integer(struct fwa_cursor *cursor, const char *what,
		    uint8_t ret_integer[FWA_P256_SIZE], struct fwa_error *error);

/* The whole of it was read, no more and no less. */
int fwa_tpm_end(const struct fwa_cursor *cursor, const char *what,
		struct fwa_error *error);

#endif
