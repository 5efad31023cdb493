/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/attestation.h"
#include "schema/base64.h"
#include "schema/hash.h"
#include "schema/note.h"
#include "schema/note_line.h"

#define DASH          "\xe2\x80\x94 " /* em dash, U+2014, and a space */
#define SIGNATURE_MAX (FWA_NOTE_KEY_ID_SIZE + FWA_ATTESTATION_SIZE_MAX)

int fwa_note_key_id(const uint8_t ledger[FWA_UUID_SIZE], const void *public_area,
		    size_t size, uint8_t ret_key_id[FWA_NOTE_KEY_ID_SIZE])
{
	static const uint8_t kind[] = {0x0a, 0xff};
	char origin[FWA_NOTE_ORIGIN_SIZE];
	uint8_t digest[FWA_DIGEST_SIZE];
	int result;

	if (size > FWA_TPM_PUBLIC_SIZE_MAX)
		return -EINVAL;
	fwa_note_origin(ledger, origin);
	const struct fwa_bytes parts[] = {
		{(const uint8_t *)origin, strlen(origin)},
		{kind, sizeof(kind)},
		{(const uint8_t *)FWA_NOTE_SIGNATURE_TYPE,
		 strlen(FWA_NOTE_SIGNATURE_TYPE)},
		{public_area, size},
	};

	result = fwa_digest(parts, 4, digest);
	if (result < 0)
		return result;
	memcpy(ret_key_id, digest, FWA_NOTE_KEY_ID_SIZE);
	return 0;
}

int fwa_signed_note_format(struct fwa_bytes note, struct fwa_bytes public_area,
			   struct fwa_bytes attestation, char *buffer, size_t capacity,
			   size_t *ret_size)
{
	uint8_t signature[SIGNATURE_MAX];
	char encoded[FWA_BASE64_LENGTH(SIGNATURE_MAX) + 1];
	char origin[FWA_NOTE_ORIGIN_SIZE];
	char text[FWA_SIGNED_NOTE_SIZE_MAX + 1];
	struct fwa_note parsed;
	int size, result;

	if (fwa_note_parse(note.data, note.size, &parsed, NULL))
		return -EBADMSG;
	if (attestation.size == 0 || attestation.size > FWA_ATTESTATION_SIZE_MAX)
		return -EINVAL;
	result = fwa_note_key_id(parsed.ledger, public_area.data, public_area.size,
				 signature);
	if (result < 0)
		return result;
	memcpy(signature + FWA_NOTE_KEY_ID_SIZE, attestation.data, attestation.size);
	result = fwa_base64_encode(signature, FWA_NOTE_KEY_ID_SIZE + attestation.size,
				   encoded, sizeof(encoded));
	if (result < 0)
		return result;
	fwa_note_origin(parsed.ledger, origin);
	size = snprintf(text, sizeof(text), "%.*s\n" DASH "%s %s\n", (int)note.size,
			(const char *)note.data, origin, encoded);
	if (size < 0 || (size_t)size >= sizeof(text) || (size_t)size > capacity)
		return -ENOSPC;
	memcpy(buffer, text, (size_t)size);
	*ret_size = (size_t)size;
	return 0;
}

/* The signature line, without its line feed. */
static int parse_signature(struct fwa_bytes line, struct fwa_signed_note *note,
			   struct fwa_error *error)
{
	const size_t name = FWA_NOTE_ORIGIN_SIZE - 1;
	struct fwa_cursor cursor = fwa_cursor(line.data, line.size);
	const uint8_t *dash = fwa_cursor_take(&cursor, strlen(DASH));
	const uint8_t *origin = fwa_cursor_take(&cursor, name);
	const uint8_t *space = fwa_cursor_take(&cursor, 1);
	uint8_t ledger[FWA_UUID_SIZE], signature[SIGNATURE_MAX];
	size_t left = fwa_cursor_left(&cursor), size;

	if (!dash || memcmp(dash, DASH, strlen(DASH)))
		return fwa_error(error, -EBADMSG,
				 "The signature line does not begin with a dash.");
	if (!space || *space != ' ' ||
	    fwa_note_origin_parse((struct fwa_bytes){origin, name}, ledger) ||
	    memcmp(ledger, note->note.ledger, sizeof(ledger)))
		return fwa_error(error, -EBADMSG,
				 "The signature line does not name the note's ledger.");
	if (fwa_base64_decode((const char *)line.data + cursor.offset, left, signature,
			      sizeof(signature), &size))
		return fwa_error(error, -EBADMSG,
				 "The signature is not strict base64 of at most "
				 "%u bytes.",
				 SIGNATURE_MAX);
	if (size <= FWA_NOTE_KEY_ID_SIZE)
		return fwa_error(error, -EBADMSG,
				 "The signature line carries no signature.");
	memcpy(note->key_id, signature, FWA_NOTE_KEY_ID_SIZE);
	note->attestation_size = size - FWA_NOTE_KEY_ID_SIZE;
	memcpy(note->attestation, signature + FWA_NOTE_KEY_ID_SIZE,
	       note->attestation_size);
	return 0;
}

int fwa_signed_note_parse(const void *text, size_t size, struct fwa_signed_note *ret_note,
			  struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(text, size);
	struct fwa_signed_note note = {.attestation_size = 0};
	struct fwa_bytes line;
	int result;

	if (size > FWA_SIGNED_NOTE_SIZE_MAX)
		return fwa_error(
			error, -EBADMSG,
			"The signed note has %zu bytes; at most %u are possible.", size,
			FWA_SIGNED_NOTE_SIZE_MAX);
	for (unsigned i = 0; i < 3; i++) {
		if (!fwa_note_line(&cursor, &line))
			return fwa_error(error, -EBADMSG,
					 "The note has fewer than three lines.");
	}
	note.text = (struct fwa_bytes){text, cursor.offset};
	result = fwa_note_parse(note.text.data, note.text.size, &note.note, error);
	if (result < 0)
		return result;
	if (!fwa_note_line(&cursor, &line) || line.size > 0)
		return fwa_error(error, -EBADMSG, "No empty line follows the note.");
	if (!fwa_note_line(&cursor, &line) || fwa_cursor_left(&cursor) > 0)
		return fwa_error(
			error, -EBADMSG,
			"The note is not followed by exactly one signature line.");
	result = parse_signature(line, &note, error);
	if (result < 0)
		return result;
	*ret_note = note;
	return 0;
}
