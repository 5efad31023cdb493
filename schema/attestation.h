/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestations: what a TPM says of a checkpoint, read without any TPM software.
 *
 * An attestation is the TPM's NV_Certify of the ledger's NT_EXTEND index after the note's digest
 * was extended into it:
 *
 *     be16 length of TPMS_ATTEST || TPMS_ATTEST || TPMT_SIGNATURE
 *
 * Structures are parsed by hand against their exact layout (TPM 2.0 Library, Part 2: TPMS_ATTEST,
 * TPMS_NV_CERTIFY_INFO, TPMT_SIGNATURE, TPMT_PUBLIC, TPMS_NV_PUBLIC). Every value that has only
 * one right answer here is demanded, and every byte has to be consumed. All integers are big
 * endian.
 *
 * Functions with a `struct fwa_error` say in it which rule was broken, and where.
 */
#ifndef FWA_SCHEMA_ATTESTATION_H
#define FWA_SCHEMA_ATTESTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/error.h"
#include "schema/record.h"

#define FWA_ATTESTATION_SIZE_MAX                                                         \
	512u /* of the whole attestation; a real one has 247 bytes */
#define FWA_TPM_PUBLIC_SIZE_MAX 256u /* of a TPMT_PUBLIC or a TPMS_NV_PUBLIC */
#define FWA_TPM_NAME_SIZE       34u  /* be16 TPM_ALG_SHA256 || SHA-256 */
#define FWA_P256_SIZE           32u

/* The attributes that the attestation key has to have: exactly these. */
#define FWA_KEY_ATTRIBUTES 0x00050472u
/* The NV index has to have these, and may have those; nothing else. */
#define FWA_NV_ATTRIBUTES_REQUIRED 0x22000044u /* WRITTEN, NO_DA, NT_EXTEND, AUTHWRITE */
#define FWA_NV_ATTRIBUTES_ALLOWED  0x22060044u /* ... and AUTHREAD, OWNERREAD */

/* An ECC P-256 restricted signing key: a checked TPMT_PUBLIC. */
struct fwa_attestation_key {
	uint8_t public_area[FWA_TPM_PUBLIC_SIZE_MAX];
	size_t public_size;
	uint8_t name[FWA_TPM_NAME_SIZE]; /* computed from public_area */
	uint8_t x[FWA_P256_SIZE], y[FWA_P256_SIZE];
};

/*
 * Read a TPMT_PUBLIC and demand what an attestation key has to be: TPM_ALG_ECC, name algorithm
 * SHA-256, the attributes fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted,
 * sign and noDA and no other, no symmetric algorithm, scheme ECDSA with SHA-256, curve NIST P-256,
 * no key derivation, a point that lies on the curve.
 * Returns 0; -EBADMSG and a sentence; -EIO if libcrypto failed.
 */
int fwa_attestation_key_parse(const void *public_area, size_t size,
			      struct fwa_attestation_key *ret_key,
			      struct fwa_error *error);

/* An NT_EXTEND index of 32 bytes that has been written: a checked TPMS_NV_PUBLIC. */
struct fwa_nv_index {
	uint8_t public_area[FWA_TPM_PUBLIC_SIZE_MAX];
	size_t public_size;
	uint8_t name[FWA_TPM_NAME_SIZE]; /* computed from public_area */
	uint32_t handle;                 /* 0x01...... */
	uint32_t attributes;
};

/*
 * Read a TPMS_NV_PUBLIC and demand what a ledger's index has to be: a handle of the NV type, name
 * algorithm SHA-256, the attributes above, 32 bytes of data.
 * Returns 0; -EBADMSG and a sentence; -EIO if libcrypto failed.
 */
int fwa_nv_index_parse(const void *public_area, size_t size,
		       struct fwa_nv_index *ret_index, struct fwa_error *error);

/* be16 TPM_ALG_SHA256 || SHA-256(public area): the name of either. Returns 0 or -EIO. */
int fwa_tpm_name(const void *public_area, size_t size,
		 uint8_t ret_name[FWA_TPM_NAME_SIZE]);

/* A parsed attestation. Its `attest` borrows from the buffer; nothing in it is verified yet. */
struct fwa_attestation {
	struct fwa_bytes attest; /* TPMS_ATTEST: the bytes that are signed */
	uint8_t qualified_signer[FWA_TPM_NAME_SIZE];
	uint8_t extra_data[FWA_DIGEST_SIZE]; /* has to be the note's digest */
	uint64_t clock;                      /* TPM clock, milliseconds */
	uint32_t reset_count; /* both with an offset that the TPM keeps secret */
	uint32_t restart_count;
	bool safe;
	uint64_t firmware_version; /* with an offset too */
	uint8_t index_name[FWA_TPM_NAME_SIZE];
	uint8_t contents[FWA_DIGEST_SIZE]; /* of the index: has to be the accumulator */
	uint8_t r[FWA_P256_SIZE], s[FWA_P256_SIZE];
};

/*
 * Read an attestation.
 * Returns 0; -EBADMSG and a sentence if it is anything but an NV_Certify of 32 bytes at offset 0
 * with 32 bytes of qualifying data and an ECDSA P-256 signature with SHA-256.
 */
int fwa_attestation_parse(const void *data, size_t size,
			  struct fwa_attestation *ret_attestation,
			  struct fwa_error *error);

/*
 * Put an attestation together from the two structures that TPM2_NV_Certify returned (as sealers
 * marshal them) and check that it parses.
 * Returns 0; -ENOSPC if it does not fit (FWA_ATTESTATION_SIZE_MAX is always enough); -EBADMSG and
 * a sentence.
 */
int fwa_attestation_format(struct fwa_bytes attest, struct fwa_bytes signature,
			   uint8_t *buffer, size_t capacity, size_t *ret_size,
			   struct fwa_error *error);

/*
 * Checks the signatures of one key; made once, used for a whole chain. Not to be shared between
 * threads.
 */
struct fwa_attestation_verifier;

/* Returns 0; -EBADMSG and a sentence if the key is no point of the curve; -EIO, -ENOMEM. */
int fwa_attestation_verifier_new(const struct fwa_attestation_key *key,
				 struct fwa_attestation_verifier **ret_verifier,
				 struct fwa_error *error);
void fwa_attestation_verifier_free(struct fwa_attestation_verifier *verifier);

/*
 * Check the signature alone: ECDSA over SHA-256(TPMS_ATTEST).
 * Returns 0 if it holds; -EBADMSG and a sentence if not; -EIO if libcrypto failed.
 */
int fwa_attestation_verify(struct fwa_attestation_verifier *verifier,
			   const struct fwa_attestation *attestation,
			   struct fwa_error *error);

#endif
