/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of JSON: every value knows where in the file it is, so that each
 * refusal names file, place and reason.
 */
#ifndef FWA_FWSIM_NODE_H
#define FWA_FWSIM_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/error.h"

struct fwsim_reader {
	const char *file; /* for sentences */
	struct fwa_error *error;
};

/* Lives on the stack of whoever walks; `json` is borrowed from the document. */
struct fwsim_node {
	struct fwsim_reader *reader;
	const struct fwsim_node *parent;
	const char *key; /* NULL: item `index` of an array, or the document itself */
	size_t index;
	json_t *json;
};

/* "FILE: devices[0].features[1].uuid: SENTENCE". Returns -EINVAL. */
int fwsim_node_fail(const struct fwsim_node *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* It has to be an object with no keys but these (NULL-terminated). */
int fwsim_node_object(const struct fwsim_node *node, const char *const *keys);
/* It has to be an array of at most `most` items. */
int fwsim_node_array(const struct fwsim_node *node, size_t most, size_t *ret_count);

/* False if there is no such key; `ret_child` is then still good for fwsim_node_fail. */
bool fwsim_node_get(const struct fwsim_node *node, const char *key,
		    struct fwsim_node *ret_child);
int fwsim_node_require(const struct fwsim_node *node, const char *key,
		       struct fwsim_node *ret_child);
struct fwsim_node fwsim_node_item(const struct fwsim_node *node, size_t index);

/* The value itself. `ret_text` is borrowed. */
int fwsim_node_string(const struct fwsim_node *node, const char **ret_text);
int fwsim_node_number(const struct fwsim_node *node, int64_t least, int64_t most,
		      int64_t *ret_number);
int fwsim_node_bool(const struct fwsim_node *node, bool *ret_value);
/* Hexadecimal digits, blanks allowed between bytes; `*ret_bytes` is the caller's to free.
 */
int fwsim_node_hex(const struct fwsim_node *node, size_t most, uint8_t **ret_bytes,
		   size_t *ret_size);
int fwsim_node_uuid(const struct fwsim_node *node, uint8_t ret_uuid[16]);
/* "0502", "0x0502" or "0502h". */
int fwsim_node_opcode(const struct fwsim_node *node, uint16_t *ret_opcode);
/* A list of names, or "0x0201". Names of reset bits bring the bit that makes them valid.
 */
int fwsim_node_effects(const struct fwsim_node *node, uint16_t *ret_effects);
/* One of `names` (NULL-terminated): its index. */
int fwsim_node_choice(const struct fwsim_node *node, const char *const *names,
		      size_t *ret_index);
/* Milliseconds (at most a day), as nanoseconds. */
int fwsim_node_milliseconds(const struct fwsim_node *node, uint64_t *ret_nanoseconds);

#endif
