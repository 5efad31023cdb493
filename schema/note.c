/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/base64.h"
#include "schema/hash.h"
#include "schema/merkle.h"
#include "schema/note_line.h"
#include "schema/text.h"

#define UUID_LENGTH (FWA_UUID_TEXT_SIZE - 1)
#define SIZE_DIGITS 19u /* of FWA_MERKLE_SIZE_MAX */
#define ROOT_LENGTH FWA_BASE64_LENGTH(FWA_DIGEST_SIZE)

void fwa_note_origin(const uint8_t ledger[FWA_UUID_SIZE],
		     char ret_text[FWA_NOTE_ORIGIN_SIZE])
{
	memcpy(ret_text, FWA_NOTE_ORIGIN_PREFIX, strlen(FWA_NOTE_ORIGIN_PREFIX));
	fwa_uuid_format(ledger, ret_text + strlen(FWA_NOTE_ORIGIN_PREFIX));
}

int fwa_note_format(const struct fwa_note *note, char *buffer, size_t capacity,
		    size_t *ret_size)
{
	char origin[FWA_NOTE_ORIGIN_SIZE], root[ROOT_LENGTH + 1];
	char text[FWA_NOTE_SIZE_MAX + 1];
	int size, result;

	if (note->size == 0 || note->size > FWA_MERKLE_SIZE_MAX)
		return -EINVAL;
	fwa_note_origin(note->ledger, origin);
	result = fwa_base64_encode(note->root, sizeof(note->root), root, sizeof(root));
	if (result < 0)
		return result;
	size = snprintf(text, sizeof(text), "%s\n%" PRIu64 "\n%s\n", origin, note->size,
			root);
	if (size < 0 || (size_t)size >= sizeof(text))
		return -EINVAL;
	if ((size_t)size > capacity)
		return -ENOSPC;
	memcpy(buffer, text, (size_t)size);
	*ret_size = (size_t)size;
	return 0;
}

bool fwa_note_line(struct fwa_cursor *cursor, struct fwa_bytes *ret_line)
{
	const uint8_t *start = cursor->data + cursor->offset;
	const uint8_t *end;

	if (fwa_cursor_left(cursor) == 0)
		return false;
	end = memchr(start, '\n', fwa_cursor_left(cursor));
	if (!end)
		return false;
	*ret_line = (struct fwa_bytes){start, (size_t)(end - start)};
	return fwa_cursor_take(cursor, ret_line->size + 1) != NULL;
}

int fwa_note_origin_parse(struct fwa_bytes text, uint8_t ret_ledger[FWA_UUID_SIZE])
{
	const size_t prefix = strlen(FWA_NOTE_ORIGIN_PREFIX);

	if (text.size != prefix + UUID_LENGTH ||
	    memcmp(text.data, FWA_NOTE_ORIGIN_PREFIX, prefix))
		return -EBADMSG;
	return fwa_uuid_parse((const char *)text.data + prefix, UUID_LENGTH, ret_ledger);
}

/* A positive decimal without sign or leading zero. */
static int parse_size(struct fwa_bytes text, uint64_t *ret_size)
{
	uint64_t size = 0;

	if (text.size == 0 || text.size > SIZE_DIGITS || text.data[0] == '0')
		return -EBADMSG;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -EBADMSG;
		size = size * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (size > FWA_MERKLE_SIZE_MAX)
		return -EBADMSG;
	*ret_size = size;
	return 0;
}

static int parse_root(struct fwa_bytes text, uint8_t ret_root[FWA_DIGEST_SIZE])
{
	size_t size;

	if (text.size != ROOT_LENGTH)
		return -EBADMSG;
	if (fwa_base64_decode((const char *)text.data, text.size, ret_root,
			      FWA_DIGEST_SIZE, &size))
		return -EBADMSG;
	return size == FWA_DIGEST_SIZE ? 0 : -EBADMSG;
}

int fwa_note_parse(const void *text, size_t size, struct fwa_note *ret_note,
		   struct fwa_error *error)
{
	struct fwa_cursor cursor = fwa_cursor(text, size);
	struct fwa_bytes origin, count, root;
	struct fwa_note note;

	if (size > FWA_NOTE_SIZE_MAX)
		return fwa_error(error, -EBADMSG,
				 "The note has %zu bytes; at most %u are possible.", size,
				 FWA_NOTE_SIZE_MAX);
	if (!fwa_note_line(&cursor, &origin) || !fwa_note_line(&cursor, &count) ||
	    !fwa_note_line(&cursor, &root))
		return fwa_error(error, -EBADMSG, "The note has fewer than three lines.");
	if (fwa_cursor_left(&cursor) > 0)
		return fwa_error(error, -EBADMSG,
				 "The note goes on after its third line.");
	if (fwa_note_origin_parse(origin, note.ledger))
		return fwa_error(
			error, -EBADMSG,
			"The note's first line is not \"%s\" and a UUID in lower case.",
			FWA_NOTE_ORIGIN_PREFIX);
	if (parse_size(count, &note.size))
		return fwa_error(
			error, -EBADMSG,
			"The note's second line is not a tree size in plain decimal.");
	if (parse_root(root, note.root))
		return fwa_error(error, -EBADMSG,
				 "The note's third line is not a root: 32 bytes in "
				 "strict base64.");
	*ret_note = note;
	return 0;
}

int fwa_note_digest(const void *text, size_t size, uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes part = {text, size};

	return fwa_digest(&part, 1, ret_digest);
}
