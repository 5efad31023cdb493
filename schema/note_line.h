/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a note and a signed note have in common: lines, and the origin that names the ledger.
 * For note.c and signed_note.c only.
 */
#ifndef FWA_SCHEMA_NOTE_LINE_H
#define FWA_SCHEMA_NOTE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/bytes.h"
#include "schema/text.h"

#define FWA_NOTE_ORIGIN_PREFIX "fwaudit/"
/* The origin's characters and a NUL. */
#define FWA_NOTE_ORIGIN_SIZE (sizeof(FWA_NOTE_ORIGIN_PREFIX) - 1 + FWA_UUID_TEXT_SIZE)

/* "fwaudit/<uuid>" and a NUL. */
void fwa_note_origin(const uint8_t ledger[FWA_UUID_SIZE],
		     char ret_text[FWA_NOTE_ORIGIN_SIZE]);

/* The reverse. Returns 0 or -EBADMSG. */
int fwa_note_origin_parse(struct fwa_bytes text, uint8_t ret_ledger[FWA_UUID_SIZE]);

/* The next line without its line feed, borrowed; false if there is no line feed any more. */
bool fwa_note_line(struct fwa_cursor *cursor, struct fwa_bytes *ret_line);

#endif
