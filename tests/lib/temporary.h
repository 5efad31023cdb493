/* SPDX-License-Identifier: Apache-2.0 */
/* Directories that a test makes and removes. */
#ifndef FWA_TESTS_LIB_TEMPORARY_H
#define FWA_TESTS_LIB_TEMPORARY_H

#include <stddef.h>

/* Make an empty directory (0700) with a short path (under /tmp: Unix sockets go in it). */
int fwa_temporary_make(char *ret_path, size_t capacity);

/* Remove it and all that is in it. */
void fwa_temporary_remove(const char *path);

#endif
