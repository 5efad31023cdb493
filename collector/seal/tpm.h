/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few things asked of a TPM, over tpm2-tss's ESAPI. Every failure becomes a sentence that
 * names the TPM by its TCTI string and says what to do.
 *
 * Structures travel as bytes in the TPM's own (big endian) encoding, so that nothing outside
 * this folder needs tpm2-tss. Transient objects are flushed as soon as they are not needed: a
 * bare swtpm has room for three and no resource manager.
 *
 * Errors: -ENODEV the TPM cannot be reached or the connection broke (close it); -EAGAIN it is
 * busy, ask again later; -ENOENT no such key or index; -ENOSPC no room; -EACCES an
 * authorisation that we do not have; -EIO anything else.
 */
#ifndef FWA_COLLECTOR_SEAL_TPM_H
#define FWA_COLLECTOR_SEAL_TPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/seal/protocol.h"
#include "schema/attestation.h"
#include "schema/enrolment.h"
#include "schema/error.h"
#include "schema/record.h"

struct fwa_tpm;

#define FWA_TPM_CERTIFICATE_MAX FWA_CERTIFICATE_SIZE_MAX

struct fwa_tpm_properties {
	char manufacturer[8]; /* "IBM", printable ASCII */
	char vendor[20];      /* "SW   TPM" */
	char firmware[24];    /* "8217.4131.18.13878": the four halves of the version */
	bool software;        /* an emulator */
	uint32_t
		reset_count; /* as TPM2_ReadClock has them, without an attestation's offset */
	uint32_t restart_count;
};

/*
 * Keep tpm2-tss from writing its own lines to stderr, unless the user set TSS2_LOG. Changes
 * the environment: call it before the first thread is started.
 */
void fwa_tpm_quiet(void);

/* Connect. Returns 0 and a connection to be closed with fwa_tpm_close (NULL is fine), or errno. */
int fwa_tpm_open(const char *tcti, struct fwa_tpm **ret_tpm, struct fwa_error *error);
void fwa_tpm_close(struct fwa_tpm *tpm);

/* Who made it, what it runs, and how often it was reset. */
int fwa_tpm_properties(struct fwa_tpm *tpm, struct fwa_tpm_properties *ret_properties,
		       struct fwa_error *error);

/*
 * The endorsement certificate (DER) from the standard NV index; -ENOENT if the TPM has none.
 * `ret_certificate` has FWA_TPM_CERTIFICATE_MAX bytes.
 */
int fwa_tpm_endorsement_certificate(struct fwa_tpm *tpm, uint8_t *ret_certificate,
				    size_t *ret_size, struct fwa_error *error);

/*
 * Make an attestation key (restricted, ECDSA P-256 with SHA-256, owner hierarchy) and keep it
 * at the first free handle of [first, first + count).
 */
int fwa_tpm_create_key(struct fwa_tpm *tpm, uint32_t first, uint32_t count,
		       uint32_t *ret_handle, struct fwa_attestation_key *ret_key,
		       struct fwa_error *error);

/*
 * Make an NV index of type extend (SHA-256) at the first free one of [first, first + count).
 * `*ret_index` is with the WRITTEN attribute, which every certification will show; the TPM sets it
 * with the first extend.
 */
int fwa_tpm_create_index(struct fwa_tpm *tpm, uint32_t first, uint32_t count,
			 struct fwa_nv_index *ret_index, struct fwa_error *error);

/* Undo the two above. */
int fwa_tpm_remove_key(struct fwa_tpm *tpm, uint32_t handle, struct fwa_error *error);
int fwa_tpm_remove_index(struct fwa_tpm *tpm, uint32_t index, struct fwa_error *error);

/*
 * Find the persistent key with this name, or the NV index whose name is this one once it is
 * written, and use it from now on in the calls below.
 */
int fwa_tpm_use_key(struct fwa_tpm *tpm, const uint8_t name[FWA_TPM_NAME_SIZE],
		    struct fwa_error *error);
int fwa_tpm_use_index(struct fwa_tpm *tpm, const uint8_t name[FWA_TPM_NAME_SIZE],
		      struct fwa_error *error);

/* Contents of the index in use. */
int fwa_tpm_read(struct fwa_tpm *tpm, struct fwa_nv_value *ret_value,
		 struct fwa_error *error);

/* Extend the index in use: contents = SHA-256(contents || digest). Not to be repeated blindly. */
int fwa_tpm_extend(struct fwa_tpm *tpm, const uint8_t digest[FWA_DIGEST_SIZE],
		   struct fwa_error *error);

/*
 * Certify the whole index in use with the key in use. The attestation is in the format of
 * schema/attestation.h: be16 size of TPMS_ATTEST, TPMS_ATTEST, TPMT_SIGNATURE. `ret_attestation`
 * has FWA_ATTESTATION_SIZE_MAX bytes.
 */
int fwa_tpm_certify(struct fwa_tpm *tpm, const uint8_t qualifying[FWA_DIGEST_SIZE],
		    uint8_t *ret_attestation, size_t *ret_size, struct fwa_error *error);

#endif
