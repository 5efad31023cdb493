/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/record.h"

#include <errno.h>
#include <string.h>

#include "schema/record_fields.h"

/* Where a decoder stands in an open map: at most one key has been read ahead. */
struct keys {
	size_t left; /* pairs whose key has not been read */
	bool any, ahead;
	uint64_t key;
};

/* Read the next key ahead, if there is one. */
static int keys_advance(struct fwa_cbor_reader *reader, struct keys *keys)
{
	uint64_t key;
	int r;

	if (keys->ahead || !keys->left)
		return 0;
	r = fwa_cbor_read_uint(reader, &key);
	if (r < 0)
		return r;
	if (keys->any && key <= keys->key)
		return fwa_cbor_fault(reader, "keys are not in ascending order");
	keys->key = key;
	keys->any = true;
	keys->ahead = true;
	keys->left--;
	return 0;
}

static int decode_number(struct fwa_cbor_reader *reader, const struct fwa_field *field,
			 void *p)
{
	uint64_t number;
	int r;

	r = fwa_cbor_read_uint(reader, &number);
	if (r < 0)
		return r;
	if (number < field->minimum || number > field->maximum)
		return fwa_cbor_fault(reader, "a number is out of its range");
	switch (field->width) {
	case sizeof(uint8_t):
		*(uint8_t *)p = (uint8_t)number;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)p = (uint32_t)number;
		break;
	default:
		*(uint64_t *)p = number;
	}
	return 0;
}

static int decode_bytes(struct fwa_cbor_reader *reader, const struct fwa_field *field,
			struct fwa_bytes *ret_bytes)
{
	struct fwa_bytes bytes;
	int r;

	r = fwa_cbor_read_bytes(reader, &bytes);
	if (r < 0)
		return r;
	if (bytes.size < field->minimum ||
	    (bytes.size > field->maximum && field->minimum == field->maximum))
		return fwa_cbor_fault(reader, "a byte string has the wrong size");
	if (bytes.size > field->maximum) {
		fwa_cbor_fault(reader, "a byte string is over its limit");
		return -E2BIG;
	}
	*ret_bytes = bytes;
	return 0;
}

static int decode_items(struct fwa_cbor_reader *reader, struct fwa_bytes *ret_items,
			const char **ret_field)
{
	size_t start = reader->offset;
	int r;

	r = fwa_items_decode(reader, ret_field);
	if (r < 0)
		return r;
	*ret_items = (struct fwa_bytes){reader->data + start, reader->offset - start};
	return 0;
}

static int decode_value(struct fwa_cbor_reader *reader, const struct fwa_field *field,
			void *structure, const char **ret_field)
{
	void *p = (uint8_t *)structure + field->offset;
	const char *inner = NULL;
	int r = -EBADMSG;

	if (field->presence == FWA_FLAGGED)
		*(bool *)((uint8_t *)structure + field->flag) = true;
	switch ((enum fwa_field_type)field->type) {
	case FWA_FIELD_UINT:
	case FWA_FIELD_TIME:
		r = decode_number(reader, field, p);
		break;
	case FWA_FIELD_INT:
		r = fwa_cbor_read_int(reader, p);
		break;
	case FWA_FIELD_BOOL:
		r = fwa_cbor_read_bool(reader, p);
		break;
	case FWA_FIELD_TEXT:
	case FWA_FIELD_BINARY:
	case FWA_FIELD_UUID:
		r = decode_bytes(reader, field, p);
		break;
	case FWA_FIELD_MAP:
		r = fwa_map_decode(reader, field->map, p, &inner);
		break;
	case FWA_FIELD_ITEMS:
		r = decode_items(reader, p, &inner);
		break;
	}
	if (r < 0)
		*ret_field = inner ? inner : field->name;
	return r;
}

/* May the field be left out, going by the fields before it? */
static bool may_be_absent(const struct fwa_field *field, const void *structure)
{
	if (field->presence == FWA_WITH)
		return !*(const bool *)((const uint8_t *)structure + field->flag);
	return field->presence != FWA_REQUIRED;
}

/* The pairs of one table out of an open map. */
static int decode_fields(struct fwa_cbor_reader *reader, struct keys *keys,
			 const struct fwa_map *map, void *structure,
			 const char **ret_field)
{
	const struct fwa_field *field;
	int r;

	for (size_t i = 0; i < map->count; i++) {
		field = &map->fields[i];
		r = keys_advance(reader, keys);
		if (r < 0)
			return r;
		if (keys->ahead && keys->key < field->key)
			return fwa_cbor_fault(reader, "a key is not known");
		if (keys->ahead && keys->key == field->key) {
			keys->ahead = false;
			if (field->presence == FWA_WITH &&
			    may_be_absent(field, structure)) {
				*ret_field = field->name;
				return fwa_cbor_fault(reader,
						      "a key stands without the one "
						      "that it goes with");
			}
			r = decode_value(reader, field, structure, ret_field);
			if (r < 0)
				return r;
		} else if (!may_be_absent(field, structure)) {
			*ret_field = field->name;
			return fwa_cbor_fault(reader, "a key is missing or out of order");
		}
	}
	return 0;
}

/* The open map has to end here. */
static int keys_end(struct fwa_cbor_reader *reader, struct keys *keys)
{
	int r;

	r = keys_advance(reader, keys);
	if (r < 0)
		return r;
	if (keys->ahead)
		return fwa_cbor_fault(reader, "a key is not known");
	fwa_cbor_close(reader);
	return 0;
}

static int check(struct fwa_cbor_reader *reader, const struct fwa_map *map,
		 const void *structure)
{
	const char *reason = NULL;
	int r;

	if (!map->check)
		return 0;
	r = map->check(structure, &reason);
	if (r < 0)
		fwa_cbor_fault(reader, reason);
	return r;
}

int fwa_map_decode(struct fwa_cbor_reader *reader, const struct fwa_map *map,
		   void *structure, const char **ret_field)
{
	struct keys keys = {.any = false};
	int r;

	r = fwa_cbor_open_map(reader, &keys.left);
	if (r == 0)
		r = decode_fields(reader, &keys, map, structure, ret_field);
	if (r == 0)
		r = keys_end(reader, &keys);
	return r < 0 ? r : check(reader, map, structure);
}

/* The kind stands first in every record. It says which table the rest goes by. */
static int decode_record(struct fwa_cbor_reader *reader, struct fwa_record *record,
			 const char **ret_field)
{
	void *structure = &record->genesis; /* all kinds share its place */
	struct keys keys = {.any = false};
	const struct fwa_map *map;
	int r;

	r = fwa_cbor_open_map(reader, &keys.left);
	if (r == 0)
		r = decode_fields(reader, &keys, &fwa_record_common, record, ret_field);
	if (r < 0)
		return r;
	map = fwa_record_kinds[record->kind];
	r = decode_fields(reader, &keys, map, structure, ret_field);
	if (r == 0)
		r = keys_end(reader, &keys);
	if (r == 0)
		r = check(reader, map, structure);
	return r < 0 ? r : fwa_cbor_end(reader);
}

int fwa_record_decode_because(const uint8_t *buffer, size_t size,
			      struct fwa_record *ret_record, const char **ret_reason,
			      const char **ret_field)
{
	struct fwa_cbor_reader reader = {.data = buffer, .size = size};
	const char *field = NULL;
	struct fwa_record record;
	int r;

	memset(&record, 0, sizeof(record));
	if (size > FWA_RECORD_SIZE_MAX) {
		fwa_cbor_fault(&reader, "the record is over its limit");
		r = -E2BIG;
	} else {
		r = decode_record(&reader, &record, &field);
	}
	if (r < 0) {
		*ret_reason = reader.fault;
		*ret_field = field;
		return r;
	}
	*ret_record = record;
	return 0;
}

int fwa_record_decode(const uint8_t *buffer, size_t size, struct fwa_record *ret_record)
{
	const char *reason, *field;

	return fwa_record_decode_because(buffer, size, ret_record, &reason, &field);
}
