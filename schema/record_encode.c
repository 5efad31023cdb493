/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/record.h"

#include <errno.h>
#include <stdlib.h>

#include "schema/record_fields.h"

/* The encoder's word for what the decoder calls a bad message. */
static int as_invalid(int r)
{
	return r == -EBADMSG ? -EINVAL : r;
}

/* `*ret_size` and the result of an encoding that went well. */
static int finish(const struct fwa_cbor_writer *writer, size_t limit, size_t *ret_size)
{
	*ret_size = writer->size;
	if (writer->size > limit)
		return -E2BIG;
	return writer->size > writer->capacity ? -ENOSPC : 0;
}

static int put_number(struct fwa_cbor_writer *writer, const struct fwa_field *field,
		      uint64_t number)
{
	if (number < field->minimum || number > field->maximum)
		return -EINVAL;
	fwa_cbor_put_uint(writer, number);
	return 0;
}

static int put_bytes(struct fwa_cbor_writer *writer, const struct fwa_field *field,
		     struct fwa_bytes bytes)
{
	if (!bytes.data || bytes.size < field->minimum)
		return -EINVAL;
	if (bytes.size > field->maximum)
		return field->minimum == field->maximum ? -EINVAL : -E2BIG;
	fwa_cbor_put_bytes(writer, bytes);
	return 0;
}

/* Items come encoded. They are taken only if they are what would have been encoded. */
static int put_items(struct fwa_cbor_writer *writer, struct fwa_bytes items)
{
	struct fwa_cbor_reader reader = {
		.data = items.data, .size = items.size, .depth = 1};
	const char *unused;
	int r;

	if (!items.data)
		return -EINVAL;
	r = fwa_items_decode(&reader, &unused);
	if (r == 0)
		r = fwa_cbor_end(&reader);
	if (r == 0)
		fwa_cbor_put_encoded(writer, items);
	return as_invalid(r);
}

static int put_map(struct fwa_cbor_writer *writer, const struct fwa_map *map,
		   const void *structure);

static int put_field(struct fwa_cbor_writer *writer, const struct fwa_field *field,
		     const void *structure)
{
	fwa_cbor_put_uint(writer, field->key);
	switch ((enum fwa_field_type)field->type) {
	case FWA_FIELD_UINT:
	case FWA_FIELD_TIME:
		return put_number(writer, field, fwa_field_number(field, structure));
	case FWA_FIELD_INT:
		fwa_cbor_put_int(writer, (int64_t)fwa_field_number(field, structure));
		return 0;
	case FWA_FIELD_BOOL:
		fwa_cbor_put_bool(writer, fwa_field_number(field, structure));
		return 0;
	case FWA_FIELD_TEXT:
	case FWA_FIELD_BINARY:
	case FWA_FIELD_UUID:
		return put_bytes(writer, field, fwa_field_bytes(field, structure));
	case FWA_FIELD_MAP:
		return put_map(writer, field->map, fwa_field_nested(field, structure));
	case FWA_FIELD_ITEMS:
		return put_items(writer, fwa_field_bytes(field, structure));
	}
	return -EINVAL;
}

static size_t count_present(const struct fwa_map *map, const void *structure)
{
	size_t count = 0;

	for (size_t i = 0; i < map->count; i++)
		count += fwa_field_present(&map->fields[i], structure);
	return count;
}

static int put_fields(struct fwa_cbor_writer *writer, const struct fwa_map *map,
		      const void *structure)
{
	const char *unused;
	int r;

	for (size_t i = 0; i < map->count; i++) {
		if (!fwa_field_present(&map->fields[i], structure))
			continue;
		r = put_field(writer, &map->fields[i], structure);
		if (r < 0)
			return r;
	}
	return map->check ? as_invalid(map->check(structure, &unused)) : 0;
}

static int put_map(struct fwa_cbor_writer *writer, const struct fwa_map *map,
		   const void *structure)
{
	fwa_cbor_put_map(writer, count_present(map, structure));
	return put_fields(writer, map, structure);
}

int fwa_record_encode(const struct fwa_record *record, uint8_t *buffer, size_t capacity,
		      size_t *ret_size)
{
	struct fwa_cbor_writer writer = {.buffer = buffer, .capacity = capacity};
	const struct fwa_map *common = &fwa_record_common, *map;
	const void *structure = &record->genesis; /* all kinds share its place */
	int r;

	if (record->kind >= FWA_RECORD_KINDS)
		return -EINVAL;
	map = fwa_record_kinds[record->kind];
	fwa_cbor_put_map(&writer,
			 count_present(common, record) + count_present(map, structure));
	r = put_fields(&writer, common, record);
	if (r == 0)
		r = put_fields(&writer, map, structure);
	if (r < 0)
		return r;
	return finish(&writer, FWA_RECORD_SIZE_MAX, ret_size);
}

int fwa_configuration_digest(const struct fwa_configuration *configuration,
			     uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	/* Three words of at most FWA_NAME_SIZE_MAX, four numbers, and the heads. */
	uint8_t buffer[3 * (FWA_NAME_SIZE_MAX + 3) + 4 * 10 + 1];
	struct fwa_cbor_writer writer = {.buffer = buffer, .capacity = sizeof(buffer)};
	struct fwa_bytes encoded;
	int r;

	r = put_map(&writer, &fwa_configuration_map, configuration);
	if (r < 0)
		return r;
	r = finish(&writer, sizeof(buffer), &encoded.size);
	if (r < 0)
		return r;
	encoded.data = buffer;
	return fwa_digest(&encoded, 1, ret_digest);
}

int fwa_snapshot_items_encode(const struct fwa_snapshot_item *items, size_t count,
			      uint8_t *buffer, size_t capacity, size_t *ret_size)
{
	struct fwa_cbor_writer writer = {.buffer = buffer, .capacity = capacity};
	int r;

	if (count > FWA_LIST_ITEMS_MAX)
		return -E2BIG;
	fwa_cbor_put_array(&writer, count);
	for (size_t i = 0; i < count; i++) {
		r = put_map(&writer, &fwa_snapshot_item_map, &items[i]);
		if (r < 0)
			return r;
		if (i && fwa_bytes_compare(items[i - 1].key, items[i].key) >= 0)
			return -EINVAL;
	}
	return finish(&writer, FWA_RECORD_SIZE_MAX, ret_size);
}

static int put_state(struct fwa_cbor_writer *writer, const struct fwa_snapshot_item *item)
{
	if (!item->key.data || !item->key.size || item->key.size > FWA_SNAPSHOT_KEY_MAX)
		return -EINVAL;
	fwa_cbor_put_array(writer, 3);
	fwa_cbor_put_bytes(writer, item->key);
	fwa_cbor_put_uint(writer, item->status);
	if (item->status == FWA_ITEM_UNREADABLE && item->error < 0) {
		fwa_cbor_put_int(writer, item->error);
		return 0;
	}
	if (item->status != FWA_ITEM_VALUE || !item->digest.data ||
	    item->digest.size != FWA_DIGEST_SIZE)
		return -EINVAL;
	fwa_cbor_put_bytes(writer, item->digest);
	return 0;
}

int fwa_snapshot_state_digest(const struct fwa_snapshot_item *items, size_t count,
			      uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	struct fwa_cbor_writer writer = {.capacity = 0};
	struct fwa_bytes encoded;
	int r;

	for (size_t i = 0; i < count; i++) {
		r = put_state(&writer, &items[i]);
		if (r < 0)
			return r;
		if (i && fwa_bytes_compare(items[i - 1].key, items[i].key) >= 0)
			return -EINVAL;
	}
	/* Never of size 0, so that NULL is a failure. */
	writer = (struct fwa_cbor_writer){.buffer = malloc(writer.size + 1),
					  .capacity = writer.size};
	if (!writer.buffer)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		put_state(&writer, &items[i]);
	encoded = (struct fwa_bytes){writer.buffer, writer.size};
	r = fwa_digest(&encoded, 1, ret_digest);
	free(writer.buffer);
	return r;
}
