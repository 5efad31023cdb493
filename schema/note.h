/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpoint note: the three lines that a TPM vouches for, a C2SP tlog-checkpoint without
 * extension lines.
 *
 *     fwaudit/<ledger uuid>\n
 *     <tree size, decimal>\n
 *     <root, base64>\n
 *
 * There is one accepted text for a note, so a note may be compared and hashed as bytes.
 */
#ifndef FWA_SCHEMA_NOTE_H
#define FWA_SCHEMA_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/error.h"
#include "schema/record.h"

/* "fwaudit/", uuid, 19 digits, 44 characters of root, three line feeds: 110. */
#define FWA_NOTE_SIZE_MAX 110u

struct fwa_note {
	uint8_t ledger[FWA_UUID_SIZE];
	uint64_t size; /* leaves under the root: 1 to FWA_MERKLE_SIZE_MAX */
	uint8_t root[FWA_DIGEST_SIZE];
};

/*
 * Write the note's text, without a NUL; FWA_NOTE_SIZE_MAX is always room enough.
 * Returns 0; -EINVAL if the size is 0 or too large; -ENOSPC if it does not fit.
 */
int fwa_note_format(const struct fwa_note *note, char *buffer, size_t capacity,
		    size_t *ret_size);

/*
 * Read a note; every byte has to be as fwa_note_format writes it.
 * Returns 0; -EBADMSG and a sentence otherwise.
 */
int fwa_note_parse(const void *text, size_t size, struct fwa_note *ret_note,
		   struct fwa_error *error);

/* SHA-256 of the note's text: what the TPM is given. Returns 0 or -EIO. */
int fwa_note_digest(const void *text, size_t size, uint8_t ret_digest[FWA_DIGEST_SIZE]);

/*
 * The same note as other tools exchange it (C2SP signed-note): its text, an empty line and one
 * signature line
 *
 *     U+2014 SP fwaudit/<ledger uuid> SP base64(key id || attestation) \n
 *
 * whose signature is the attestation of attestation.h, under signature type 0xff with the name
 * "tpm2-nv-certify/v1".
 */
#define FWA_NOTE_SIGNATURE_TYPE  "tpm2-nv-certify/v1"
#define FWA_NOTE_KEY_ID_SIZE     4u
#define FWA_SIGNED_NOTE_SIZE_MAX 1024u

/*
 * SHA-256("fwaudit/<uuid>" || 0x0a || 0xff || "tpm2-nv-certify/v1" || TPMT_PUBLIC), its first four
 * bytes. Returns 0, -EINVAL if the public area is larger than FWA_TPM_PUBLIC_SIZE_MAX, or -EIO.
 */
int fwa_note_key_id(const uint8_t ledger[FWA_UUID_SIZE], const void *public_area,
		    size_t size, uint8_t ret_key_id[FWA_NOTE_KEY_ID_SIZE]);

/*
 * Write a signed note from a note's text, the key's TPMT_PUBLIC and an attestation's bytes.
 * Returns 0; -EBADMSG if the note is not one; -EINVAL if the public area or the attestation is too
 * large; -ENOSPC if it does not fit (FWA_SIGNED_NOTE_SIZE_MAX is always enough); -EIO.
 */
int fwa_signed_note_format(struct fwa_bytes note, struct fwa_bytes public_area,
			   struct fwa_bytes attestation, char *buffer, size_t capacity,
			   size_t *ret_size);

/* A signed note, parsed. Nothing in it is verified yet: check key_id and the attestation. */
struct fwa_signed_note {
	struct fwa_bytes text; /* the note's own text, borrowed */
	struct fwa_note note;
	uint8_t key_id[FWA_NOTE_KEY_ID_SIZE];
	uint8_t attestation[512];
	size_t attestation_size;
};

/*
 * Read a signed note; every byte has to be as fwa_signed_note_format writes it.
 * Returns 0; -EBADMSG and a sentence otherwise.
 */
int fwa_signed_note_parse(const void *text, size_t size, struct fwa_signed_note *ret_note,
			  struct fwa_error *error);

#endif
