/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is read as a note, or as a signed one, is written as the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base64.h"
#include "schema/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
	if (!held)
		abort();
}

static void check_note(const uint8_t *data, size_t size)
{
	struct fwa_note note;
	struct fwa_error error;
	char again[FWA_NOTE_SIZE_MAX];
	size_t again_size = 0;

	if (fwa_note_parse(data, size, &note, &error))
		return;
	demand(fwa_note_format(&note, again, sizeof(again), &again_size) == 0);
	demand(again_size == size && memcmp(again, data, size) == 0);
}

/* The key id is a digest, so it is put back before comparing. */
static void check_signed_note(const uint8_t *data, size_t size)
{
	static const uint8_t public_area[1];
	struct fwa_signed_note note, again_note;
	struct fwa_error error;
	char again[FWA_SIGNED_NOTE_SIZE_MAX];
	size_t again_size = 0;

	if (fwa_signed_note_parse(data, size, &note, &error) ||
	    note.attestation_size > sizeof(note.attestation))
		return;
	demand(fwa_signed_note_format(
		       note.text, (struct fwa_bytes){public_area, 1},
		       (struct fwa_bytes){note.attestation, note.attestation_size}, again,
		       sizeof(again), &again_size) == 0);
	demand(again_size == size && memcmp(again, data, note.text.size) == 0);
	demand(fwa_signed_note_parse(again, again_size, &again_note, NULL) == 0);
	demand(again_note.attestation_size == note.attestation_size &&
	       memcmp(again_note.attestation, note.attestation, note.attestation_size) ==
		       0);
	if (memcmp(again_note.key_id, note.key_id, sizeof(note.key_id)) == 0)
		demand(memcmp(again, data, size) == 0);
}

static void check_base64(const uint8_t *data, size_t size)
{
	uint8_t bytes[512];
	char again[FWA_BASE64_LENGTH(512) + 1];
	size_t bytes_size = 0;

	if (fwa_base64_decode((const char *)data, size, bytes, sizeof(bytes),
			      &bytes_size))
		return;
	demand(fwa_base64_encode(bytes, bytes_size, again, sizeof(again)) == 0);
	demand(strlen(again) == size && memcmp(again, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_note(data, size);
	check_signed_note(data, size);
	check_base64(data, size);
	return 0;
}
