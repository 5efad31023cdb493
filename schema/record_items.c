/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a snapshot: a list that stays encoded and is decoded item by item. */
#include "schema/record.h"

#include <errno.h>
#include <string.h>

#include "schema/record_fields.h"

int fwa_items_decode(struct fwa_cbor_reader *reader, const char **ret_field)
{
	struct fwa_snapshot_item item;
	struct fwa_bytes previous = {NULL, 0};
	size_t count;
	int r;

	r = fwa_cbor_open_array(reader, &count);
	if (r < 0)
		return r;
	if (count > FWA_LIST_ITEMS_MAX) {
		fwa_cbor_fault(reader, "a list is over its limit");
		return -E2BIG;
	}
	for (size_t i = 0; i < count; i++) {
		memset(&item, 0, sizeof(item));
		r = fwa_map_decode(reader, &fwa_snapshot_item_map, &item, ret_field);
		if (r < 0)
			return r;
		if (i && fwa_bytes_compare(previous, item.key) >= 0)
			return fwa_cbor_fault(reader,
					      "items are not in ascending order of "
					      "their keys");
		previous = item.key;
	}
	fwa_cbor_close(reader);
	return 0;
}

bool fwa_snapshot_next(const struct fwa_snapshot *snapshot,
		       struct fwa_snapshot_iterator *iterator,
		       struct fwa_snapshot_item *ret_item)
{
	struct fwa_cbor_reader reader = {.data = snapshot->items.data,
					 .size = snapshot->items.size,
					 .offset = iterator->offset,
					 .depth = 1};
	struct fwa_snapshot_item item;
	const char *unused;

	if (!iterator->started) {
		if (fwa_cbor_open_array(&reader, &iterator->remaining) < 0)
			return false;
		iterator->started = true;
	} else {
		reader.depth++;
	}
	iterator->offset = reader.offset;
	if (!iterator->remaining)
		return false;
	memset(&item, 0, sizeof(item));
	if (fwa_map_decode(&reader, &fwa_snapshot_item_map, &item, &unused) < 0) {
		/* Cannot happen in what was decoded. */
		iterator->remaining = 0;
		return false;
	}
	iterator->remaining--;
	iterator->offset = reader.offset;
	*ret_item = item;
	return true;
}
