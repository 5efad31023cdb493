/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deterministic CBOR (RFC 8949 section 4.2.1), as little of it as records need: unsigned
 * and negative integers, byte strings, arrays, maps, booleans. libcbor's streaming functions
 * encode and decode the single items; what this module adds is that exactly one encoding of
 * each passes: shortest heads, definite lengths, nothing else.
 *
 * Both sides are pure and allocate nothing.
 */
#ifndef FWA_SCHEMA_CBOR_H
#define FWA_SCHEMA_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

/* What an item may be; anything else (text, tags, floats, null, breaks) is refused. */
enum fwa_cbor_type {
	FWA_CBOR_UINT,
	FWA_CBOR_NEGATIVE,
	FWA_CBOR_BYTES,
	FWA_CBOR_ARRAY,
	FWA_CBOR_MAP,
	FWA_CBOR_BOOL,
};

/* A record's deepest item is a field of an item of a snapshot: map, array, map. */
#define FWA_CBOR_DEPTH_MAX 3u

/*
 * Writes into `buffer` what fits, and counts in `size` what would have been written, so
 * that one pass with capacity 0 sizes a buffer. size > capacity afterwards: it did not fit.
 */
struct fwa_cbor_writer {
	uint8_t *buffer;
	size_t capacity;
	size_t size;
};

void fwa_cbor_put_uint(struct fwa_cbor_writer *writer, uint64_t value);
void fwa_cbor_put_int(struct fwa_cbor_writer *writer, int64_t value);
void fwa_cbor_put_bool(struct fwa_cbor_writer *writer, bool value);
void fwa_cbor_put_bytes(struct fwa_cbor_writer *writer, struct fwa_bytes bytes);
/* The heads only: `count` items, or pairs in ascending order of their keys, follow. */
void fwa_cbor_put_array(struct fwa_cbor_writer *writer, size_t count);
void fwa_cbor_put_map(struct fwa_cbor_writer *writer, size_t count);
/* Bytes that are an encoding already. */
void fwa_cbor_put_encoded(struct fwa_cbor_writer *writer, struct fwa_bytes encoded);

/*
 * A position in hostile bytes. The first failure stays in `fault`, a phrase such as "a head
 * is not in its shortest form", and every later read fails too.
 */
struct fwa_cbor_reader {
	const uint8_t *data;
	size_t size;
	size_t offset;
	unsigned depth; /* maps and arrays that are open */
	const char *fault;
};

struct fwa_cbor_item {
	enum fwa_cbor_type type;
	uint64_t
		number; /* UINT, BOOL; NEGATIVE: n of -1 - n; ARRAY, MAP: items or pairs */
	struct fwa_bytes bytes; /* BYTES: borrowed from the reader's data */
};

/* One item, or the head of an array or map. Returns 0 or -EBADMSG. */
int fwa_cbor_read(struct fwa_cbor_reader *reader, struct fwa_cbor_item *ret_item);

/* The same for an item of one type. Any integer that fits is an int. 0 or -EBADMSG. */
int fwa_cbor_read_uint(struct fwa_cbor_reader *reader, uint64_t *ret_value);
int fwa_cbor_read_int(struct fwa_cbor_reader *reader, int64_t *ret_value);
int fwa_cbor_read_bool(struct fwa_cbor_reader *reader, bool *ret_value);
int fwa_cbor_read_bytes(struct fwa_cbor_reader *reader, struct fwa_bytes *ret_bytes);

/*
 * Open an array or a map; close it when its `*ret_count` items or pairs have been read. A
 * count that cannot fit in what is left of the buffer is refused at once. 0 or -EBADMSG.
 */
int fwa_cbor_open_array(struct fwa_cbor_reader *reader, size_t *ret_count);
int fwa_cbor_open_map(struct fwa_cbor_reader *reader, size_t *ret_count);
void fwa_cbor_close(struct fwa_cbor_reader *reader);

/* Record a failure, unless there is one already, and return -EBADMSG. */
int fwa_cbor_fault(struct fwa_cbor_reader *reader, const char *fault);

/* The whole buffer has to be consumed. Returns 0 or -EBADMSG. */
int fwa_cbor_end(struct fwa_cbor_reader *reader);

#endif
