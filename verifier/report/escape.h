/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings from evidence are hostile: a process chooses its own name, and a terminal obeys what
 * it is shown.
 */
#ifndef FWA_VERIFIER_REPORT_ESCAPE_H
#define FWA_VERIFIER_REPORT_ESCAPE_H

#include "schema/bytes.h"

/*
 * The bytes as well-formed UTF-8 that does nothing to a terminal: printable characters as they
 * are, and every control character (C0, DEL, C1), line or paragraph separator, character that
 * changes the direction of writing, byte that is not UTF-8, and backslash as \xNN, byte by byte.
 * So the result is unambiguous. To be freed; NULL: out of memory.
 */
char *fwa_escape(struct fwa_bytes bytes);

#endif
