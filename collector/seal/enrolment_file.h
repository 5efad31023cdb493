/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment file in a ledger's directory. */
#ifndef FWA_COLLECTOR_SEAL_ENROLMENT_FILE_H
#define FWA_COLLECTOR_SEAL_ENROLMENT_FILE_H

#include <stddef.h>

#include "schema/enrolment.h"
#include "schema/error.h"

#define FWA_ENROLMENT_FILE "enrolment.json"

/*
 * Read and parse DIRECTORY/enrolment.json; its digest, as genesis and checkpoint records carry
 * it, is in the result.
 * Returns 0; -ENOENT if there is none (the sentence says to provision); -EBADMSG if it is not
 * an enrolment; or another negative errno; with a sentence. The output is untouched on failure.
 */
int fwa_enrolment_file_read(const char *directory, struct fwa_enrolment *ret_enrolment,
			    struct fwa_error *error);

/*
 * Write DIRECTORY/enrolment.json (0640): to a temporary file, synced, moved into place, the
 * directory synced. Never replaces one.
 * Returns 0; -EEXIST if there is one; or another negative errno; with a sentence.
 */
int fwa_enrolment_file_write(const char *directory, const char *text, size_t size,
			     struct fwa_error *error);

#endif
