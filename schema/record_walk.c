/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/record.h"

#include "schema/record_fields.h"

static int walk_fields(const struct fwa_map *map, const void *structure, unsigned depth,
		       fwa_field_visit *visit, void *context)
{
	const struct fwa_field *field;
	struct fwa_field_value value;
	int r;

	for (size_t i = 0; i < map->count; i++) {
		field = &map->fields[i];
		if (!fwa_field_present(field, structure))
			continue;
		value = (struct fwa_field_value){.name = field->name,
						 .type = (enum fwa_field_type)field->type,
						 .depth = depth};
		switch (value.type) {
		case FWA_FIELD_UINT:
		case FWA_FIELD_INT:
		case FWA_FIELD_BOOL:
		case FWA_FIELD_TIME:
			value.number = fwa_field_number(field, structure);
			break;
		case FWA_FIELD_TEXT:
		case FWA_FIELD_BINARY:
		case FWA_FIELD_UUID:
		case FWA_FIELD_ITEMS:
			value.bytes = fwa_field_bytes(field, structure);
			break;
		case FWA_FIELD_MAP:
			break;
		}
		r = visit(&value, context);
		if (r)
			return r;
		if (value.type == FWA_FIELD_MAP)
			r = walk_fields(field->map, fwa_field_nested(field, structure),
					depth + 1, visit, context);
		if (r)
			return r;
	}
	return 0;
}

int fwa_record_walk(const struct fwa_record *record, fwa_field_visit *visit,
		    void *context)
{
	int r;

	r = walk_fields(&fwa_record_common, record, 0, visit, context);
	if (r || record->kind >= FWA_RECORD_KINDS)
		return r;
	return walk_fields(fwa_record_kinds[record->kind], &record->genesis, 0, visit,
			   context);
}

int fwa_snapshot_item_walk(const struct fwa_snapshot_item *item, fwa_field_visit *visit,
			   void *context)
{
	return walk_fields(&fwa_snapshot_item_map, item, 0, visit, context);
}

const char *fwa_record_kind_name(uint8_t kind)
{
	return kind < FWA_RECORD_KINDS ? fwa_record_kinds[kind]->name : NULL;
}
