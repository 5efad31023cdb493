/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Borrowed bytes, numbers in a fixed byte order, and a bounded cursor over hostile bytes.
 *
 * Values are put together byte by byte, never by copying a structure, so that neither the
 * machine's byte order nor its padding can leak into a format.
 */
#ifndef FWA_SCHEMA_BYTES_H
#define FWA_SCHEMA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes. `data` NULL means absent. */
struct fwa_bytes {
	const uint8_t *data;
	size_t size;
};

/* Byte order, a prefix before what it begins: negative, 0 or positive as memcmp. */
static inline int fwa_bytes_compare(struct fwa_bytes a, struct fwa_bytes b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static inline uint16_t fwa_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t fwa_le32(const uint8_t *p)
{
	return (uint32_t)fwa_le16(p) | (uint32_t)fwa_le16(p + 2) << 16;
}

static inline uint64_t fwa_le64(const uint8_t *p)
{
	return (uint64_t)fwa_le32(p) | (uint64_t)fwa_le32(p + 4) << 32;
}

static inline uint16_t fwa_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t fwa_be32(const uint8_t *p)
{
	return (uint32_t)fwa_be16(p) << 16 | fwa_be16(p + 2);
}

static inline uint64_t fwa_be64(const uint8_t *p)
{
	return (uint64_t)fwa_be32(p) << 32 | fwa_be32(p + 4);
}

static inline void fwa_put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void fwa_put_le32(uint8_t *p, uint32_t value)
{
	fwa_put_le16(p, (uint16_t)value);
	fwa_put_le16(p + 2, (uint16_t)(value >> 16));
}

static inline void fwa_put_le64(uint8_t *p, uint64_t value)
{
	fwa_put_le32(p, (uint32_t)value);
	fwa_put_le32(p + 4, (uint32_t)(value >> 32));
}

static inline void fwa_put_be16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void fwa_put_be32(uint8_t *p, uint32_t value)
{
	fwa_put_be16(p, (uint16_t)(value >> 16));
	fwa_put_be16(p + 2, (uint16_t)value);
}

static inline void fwa_put_be64(uint8_t *p, uint64_t value)
{
	fwa_put_be32(p, (uint32_t)(value >> 32));
	fwa_put_be32(p + 4, (uint32_t)value);
}

/*
 * A cursor over a buffer of known size. A read past the end sets `failed`, yields zero (or
 * NULL) and moves nothing; every later read fails too, so one check at the end is enough.
 */
struct fwa_cursor {
	const uint8_t *data;
	size_t size;
	size_t offset;
	bool failed;
};

static inline struct fwa_cursor fwa_cursor(const void *data, size_t size)
{
	return (struct fwa_cursor){.data = data, .size = size};
}

/* `count` bytes at the cursor, borrowed from the buffer; NULL if there are not as many. */
static inline const uint8_t *fwa_cursor_take(struct fwa_cursor *cursor, size_t count)
{
	const uint8_t *p;

	if (cursor->failed || count > cursor->size - cursor->offset) {
		cursor->failed = true;
		return NULL;
	}
	p = cursor->data + cursor->offset;
	cursor->offset += count;
	return p;
}

static inline size_t fwa_cursor_left(const struct fwa_cursor *cursor)
{
	return cursor->failed ? 0 : cursor->size - cursor->offset;
}

static inline uint8_t fwa_cursor_u8(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 1);

	return p ? *p : 0;
}

static inline uint16_t fwa_cursor_le16(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 2);

	return p ? fwa_le16(p) : 0;
}

static inline uint32_t fwa_cursor_le32(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 4);

	return p ? fwa_le32(p) : 0;
}

static inline uint64_t fwa_cursor_le64(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 8);

	return p ? fwa_le64(p) : 0;
}

static inline uint16_t fwa_cursor_be16(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 2);

	return p ? fwa_be16(p) : 0;
}

static inline uint32_t fwa_cursor_be32(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 4);

	return p ? fwa_be32(p) : 0;
}

static inline uint64_t fwa_cursor_be64(struct fwa_cursor *cursor)
{
	const uint8_t *p = fwa_cursor_take(cursor, 8);

	return p ? fwa_be64(p) : 0;
}

#endif
