/* SPDX-License-Identifier: Apache-2.0 */
/* The directory that holds a ledger. */
#ifndef FWA_COLLECTOR_LEDGER_DIRECTORY_H
#define FWA_COLLECTOR_LEDGER_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/error.h"

/*
 * Make the directory (0750, not its parents) unless it is there. `ret_made` may be NULL.
 * Returns 0; -ENOTDIR if something else has that name; or negative errno; with a sentence.
 */
int fwa_directory_make(const char *directory, bool *ret_made, struct fwa_error *error);

/* Make the names in the directory durable. Returns 0 or negative errno, with a sentence. */
int fwa_directory_sync(const char *directory, struct fwa_error *error);

/* "DIRECTORY/name" in `ret_path`. Returns 0 or -ENAMETOOLONG with a sentence. */
int fwa_directory_path(const char *directory, const char *name, char *ret_path,
		       size_t capacity, struct fwa_error *error);

#endif
