/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever decodes as a record encodes to the same bytes and can be walked to its end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read everything that a field points to. */
static int touch(const struct fwa_field_value *field, void *context)
{
	uint8_t *sum = context;

	for (size_t i = 0; i < field->bytes.size; i++)
		*sum ^= field->bytes.data[i];
	return 0;
}

static void touch_items(const struct fwa_snapshot *snapshot, uint8_t *sum)
{
	struct fwa_snapshot_iterator iterator = {.started = false};
	struct fwa_snapshot_item item, items[64];
	uint8_t digest[FWA_DIGEST_SIZE];
	size_t count = 0;

	while (fwa_snapshot_next(snapshot, &iterator, &item)) {
		if (fwa_snapshot_item_walk(&item, touch, sum))
			abort();
		if (count < 64)
			items[count++] = item;
	}
	/* Refused if one is gone; otherwise it must not fail. */
	for (size_t i = 0; i < count; i++) {
		if (items[i].status == FWA_ITEM_GONE)
			return;
	}
	if (fwa_snapshot_state_digest(items, count, digest))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fwa_record record;
	uint8_t *again, sum = 0;
	size_t again_size = 0;

	if (fwa_record_decode(data, size, &record) < 0)
		return 0;
	again = malloc(size);
	if (!again)
		return 0;
	if (fwa_record_encode(&record, again, size, &again_size) < 0 ||
	    again_size != size || memcmp(again, data, size) != 0)
		abort();
	free(again);
	if (fwa_record_walk(&record, touch, &sum))
		abort();
	if (record.kind == FWA_RECORD_SNAPSHOT)
		touch_items(&record.snapshot, &sum);
	return 0;
}
