/* SPDX-License-Identifier: Apache-2.0 */
/* The test vectors in schema/vectors, as the unit tests read them. */
#ifndef FWA_TESTS_UNIT_SCHEMA_VECTORS_H
#define FWA_TESTS_UNIT_SCHEMA_VECTORS_H

#include <jansson.h>

#include "schema/bytes.h"
#include "schema/record.h"

/* The index of the directory `set` under schema/vectors. The test fails if it cannot. */
json_t *vectors_load(const char *set);

/* A file of the set; freed with free(). The test fails if it cannot be read. */
struct fwa_bytes vectors_file(const char *set, const char *file);

/* The bytes of the good record vector of that name; freed with free(). */
struct fwa_bytes vectors_record(const char *name);

/* The same decoded; it borrows from `*ret_bytes`, which is freed with free(). */
struct fwa_record vectors_decoded(const char *name, struct fwa_bytes *ret_bytes);

/* Every good record vector, one after another: start at 0; false at the end. */
bool vectors_next_good(const json_t *index, size_t *position, const char **ret_name,
		       struct fwa_bytes *ret_bytes);

#endif
