/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enrolment: which TPM key and which NV index speak for a ledger. It is what a verifier
 * trusts; everything else in the evidence is checked against it.
 *
 * It is a JSON file; its digest is over the file's exact bytes and stands in the ledger's genesis
 * record and in every checkpoint record.
 */
#ifndef FWA_SCHEMA_ENROLMENT_H
#define FWA_SCHEMA_ENROLMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/attestation.h"
#include "schema/error.h"
#include "schema/record.h"

#define FWA_ENROLMENT_FORMAT     "fwaudit-enrolment/1"
#define FWA_ENROLMENT_SIZE_MAX   (64u * 1024u)
#define FWA_ENROLMENT_TEXT_MAX   128u /* bytes of each TPM text, with its NUL */
#define FWA_CERTIFICATE_SIZE_MAX 16384u

enum fwa_enrolment_kind {
	FWA_ENROLMENT_SELF =
		0, /* "self-enrolled": by the machine itself; nobody else vouches */
		   /* 1 enrolled by an auditor: reserved */
};

struct fwa_enrolment {
	uint8_t kind; /* enum fwa_enrolment_kind */
	uint8_t ledger[FWA_UUID_SIZE];
	char created[21]; /* "2025-11-22T17:39:00Z" */
	struct fwa_attestation_key key;
	struct fwa_nv_index index;
	/* What the TPM said of itself: printable ASCII, may be empty. */
	char manufacturer[FWA_ENROLMENT_TEXT_MAX];
	char vendor[FWA_ENROLMENT_TEXT_MAX];
	char firmware[FWA_ENROLMENT_TEXT_MAX];
	bool software; /* a software TPM: no protection against whoever runs it */
	uint32_t
		reset_count; /* TPM2_ReadClock at enrolment: without the offset of attestations */
	uint32_t restart_count;
	uint8_t endorsement_certificate[FWA_CERTIFICATE_SIZE_MAX]; /* DER */
	size_t endorsement_certificate_size;                       /* 0: none */
	uint8_t digest
		[FWA_DIGEST_SIZE]; /* SHA-256 of the bytes parsed; fwa_enrolment_format
					    ignores it */
};

/*
 * Read an enrolment. Strict: unknown, missing and duplicate keys, wrong types, hex in capitals,
 * names that are not those of the public areas beside them and whatever
 * fwa_attestation_key_parse and fwa_nv_index_parse refuse are refused.
 * Returns 0; -EBADMSG and a sentence; -E2BIG and a sentence over FWA_ENROLMENT_SIZE_MAX; -ENOMEM;
 * -EIO.
 */
int fwa_enrolment_parse(const void *data, size_t size,
			struct fwa_enrolment *ret_enrolment, struct fwa_error *error);

/*
 * Write the file's text, indented for people, with a closing line feed and a NUL after it. Key and
 * index are taken from their public areas. `*ret_text` is to be freed with free().
 * Returns 0; -EBADMSG and a sentence if the result would not parse; -ENOMEM; -EIO.
 */
int fwa_enrolment_format(const struct fwa_enrolment *enrolment, char **ret_text,
			 size_t *ret_size, struct fwa_error *error);

/* SHA-256 of the file's exact bytes. Returns 0 or -EIO. */
int fwa_enrolment_digest(const void *data, size_t size,
			 uint8_t ret_digest[FWA_DIGEST_SIZE]);

#endif
