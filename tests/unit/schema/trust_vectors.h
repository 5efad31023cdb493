/* SPDX-License-Identifier: Apache-2.0 */
/* Access to the vectors of trees, notes, attestations and enrolments. */
#ifndef FWA_TESTS_UNIT_SCHEMA_TRUST_VECTORS_H
#define FWA_TESTS_UNIT_SCHEMA_TRUST_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "schema/error.h"
#include "schema/record.h"
#include "tests/unit/schema/vectors.h"

/* The index of schema/vectors/<set>; the test fails if it cannot be read. */
json_t *trust_index(const char *set);

/* A list of the index that has something in it. */
const json_t *trust_list(const json_t *index, const char *key);

/* Members of an entry; the test fails if one is missing or of another type. */
const char *trust_text(const json_t *entry, const char *key);
uint64_t trust_number(const json_t *entry, const char *key);
void trust_digest(const json_t *entry, const char *key,
		  uint8_t ret_digest[FWA_DIGEST_SIZE]);

/* Hexadecimal as bytes; freed with free(). */
struct fwa_bytes trust_hex(const char *text);

/* The file that `key` names, in memory of exactly its size; freed with free(). */
struct fwa_bytes trust_file(const char *set, const json_t *entry, const char *key);

/*
 * Whether `result` and the sentence are what the entry expects: 0, or -EBADMSG and a sentence that
 * has the entry's reason in it. The test fails if not, and says which entry it was.
 */
void trust_expect(const json_t *entry, int result, const struct fwa_error *error);
bool trust_is_good(const json_t *entry);

#endif
