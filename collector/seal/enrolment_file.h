/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment file in a ledger's directory. */
#ifndef FWA_COLLECTOR_SEAL_ENROLMENT_FILE_H
#define FWA_COLLECTOR_SEAL_ENROLMENT_FILE_H

#include <stdint.h>

#include "schema/enrolment.h"
#include "schema/error.h"
#include "schema/record.h"

#define FWA_ENROLMENT_FILE "enrolment.json"

/*
 * Read and parse DIRECTORY/enrolment.json. `ret_digest` is the SHA-256 of the file's exact
 * bytes, as genesis and checkpoint records carry it.
 * Returns 0; -ENOENT if there is none (the sentence says to provision); -EBADMSG if it is not
 * an enrolment; or another negative errno; with a sentence. Outputs are untouched on failure.
 */
int fwa_enrolment_file_read(const char *directory, struct fwa_enrolment *ret_enrolment,
			    uint8_t ret_digest[FWA_DIGEST_SIZE], struct fwa_error *error);

/*
 * Write DIRECTORY/enrolment.json (0640): to a temporary file, synced, moved into place, the
 * directory synced. Never replaces one.
 * Returns 0; -EEXIST if there is one; or another negative errno; with a sentence.
 */
int fwa_enrolment_file_write(const char *directory, const char *text, size_t size,
			     struct fwa_error *error);

#endif
