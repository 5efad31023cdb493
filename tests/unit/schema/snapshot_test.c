/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a snapshot: encoding, walking, and the digest of a state. */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/schema/vectors.h"

/* Every item of a snapshot; returns how many. */
static size_t collect(const struct fwa_snapshot *snapshot,
		      struct fwa_snapshot_item items[16])
{
	struct fwa_snapshot_iterator iterator = {.started = false};
	size_t count = 0;

	while (fwa_snapshot_next(snapshot, &iterator, &items[count])) {
		count++;
		assert_in_range(count, 0, 15);
	}
	/* It stays at its end. */
	assert_false(fwa_snapshot_next(snapshot, &iterator, &items[count]));
	return count;
}

static void items_come_back(void **state)
{
	static const char *const names[] = {"snapshot-baseline", "snapshot-changes",
					    "snapshot-unchanged"};
	static const size_t counts[] = {5, 6, 0};
	struct fwa_snapshot_item items[16];
	uint8_t buffer[8192];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fwa_bytes bytes;
		struct fwa_record record = vectors_decoded(names[i], &bytes);
		size_t count = collect(&record.snapshot, items), size;

		assert_int_equal(count, counts[i]);
		assert_int_equal(fwa_snapshot_items_encode(items, count, buffer,
							   sizeof(buffer), &size),
				 0);
		assert_int_equal(size, record.snapshot.items.size);
		assert_memory_equal(buffer, record.snapshot.items.data, size);
		size = 0;
		assert_int_equal(fwa_snapshot_items_encode(items, count, NULL, 0, &size),
				 -ENOSPC);
		assert_int_equal(size, record.snapshot.items.size);
		free((void *)bytes.data);
	}
}

static void an_item_says_what_changed(void **state)
{
	struct fwa_snapshot_item items[16];
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("snapshot-changes", &bytes);

	(void)state;
	collect(&record.snapshot, items);
	assert_int_equal(items[0].status, FWA_ITEM_VALUE);
	assert_true(items[0].has_previous);
	assert_memory_equal(items[0].value.data, "\0\0\0\x2a", 4);
	assert_memory_equal(items[0].previous_value.data, "\xde\xad\xbe\xef", 4);
	assert_int_equal(items[1].status, FWA_ITEM_GONE);
	assert_null(items[1].digest.data);
	assert_int_equal(items[2].previous_status, FWA_ITEM_UNREADABLE);
	assert_non_null(items[3].value.data);
	assert_int_equal(items[3].value.size, 0);
	assert_false(items[4].has_previous);
	assert_int_equal(items[5].error, -110);
	assert_int_equal(items[5].previous_status, FWA_ITEM_VALUE);
	assert_null(items[5].previous_value.data);
	free((void *)bytes.data);
}

static void items_out_of_order_do_not_encode(void **state)
{
	struct fwa_snapshot_item items[16];
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("snapshot-baseline", &bytes);
	size_t count = collect(&record.snapshot, items), size;
	uint8_t buffer[8192], digest[FWA_DIGEST_SIZE];

	(void)state;
	items[15] = items[0];
	items[0] = items[1];
	assert_int_equal(
		fwa_snapshot_items_encode(items, count, buffer, sizeof(buffer), &size),
		-EINVAL);
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), -EINVAL);
	items[1] = items[15];
	assert_int_equal(
		fwa_snapshot_items_encode(items, count, buffer, sizeof(buffer), &size),
		-EINVAL);
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), -EINVAL);
	free((void *)bytes.data);
}

static void the_state_digest_is_that_of_the_baseline(void **state)
{
	struct fwa_snapshot_item items[16];
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("snapshot-baseline", &bytes);
	size_t count = collect(&record.snapshot, items);
	uint8_t digest[FWA_DIGEST_SIZE];

	(void)state;
	/* The vector's digest was computed by another implementation. */
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), 0);
	assert_memory_equal(digest, record.snapshot.state_digest.data, sizeof(digest));
	items[2].error--;
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), 0);
	assert_memory_not_equal(digest, record.snapshot.state_digest.data,
				sizeof(digest));
	items[2].error = 0;
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), -EINVAL);
	items[2].status = FWA_ITEM_GONE;
	assert_int_equal(fwa_snapshot_state_digest(items, count, digest), -EINVAL);
	free((void *)bytes.data);
}

static void the_digest_of_nothing(void **state)
{
	uint8_t digest[FWA_DIGEST_SIZE], expected[FWA_DIGEST_SIZE];

	(void)state;
	assert_int_equal(fwa_snapshot_state_digest(NULL, 0, digest), 0);
	assert_int_equal(fwa_digest(NULL, 0, expected), 0);
	assert_memory_equal(digest, expected, sizeof(digest));
}

/* `count` unreadable items with keys in order. */
static struct fwa_snapshot_item *many(size_t count, char (*keys)[8])
{
	struct fwa_snapshot_item *items = calloc(count, sizeof(*items));

	assert_non_null(items);
	for (size_t i = 0; i < count; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%05u", (unsigned)i % 100000);
		items[i].key = (struct fwa_bytes){(const uint8_t *)keys[i], 6};
		items[i].status = FWA_ITEM_UNREADABLE;
		items[i].error = -5;
	}
	return items;
}

static void a_list_has_a_largest_size(void **state)
{
	char(*keys)[8] = calloc(FWA_LIST_ITEMS_MAX + 1, sizeof(*keys));
	struct fwa_snapshot_item *items = many(FWA_LIST_ITEMS_MAX + 1, keys), item;
	struct fwa_snapshot_iterator iterator = {.started = false};
	size_t capacity = FWA_RECORD_SIZE_MAX, size, count = 0;
	uint8_t *list = malloc(capacity), *buffer = malloc(capacity);
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("snapshot-changes", &bytes), back;

	(void)state;
	assert_int_equal(fwa_snapshot_items_encode(items, FWA_LIST_ITEMS_MAX + 1, list,
						   capacity, &size),
			 -E2BIG);
	assert_int_equal(fwa_snapshot_items_encode(items, FWA_LIST_ITEMS_MAX, list,
						   capacity, &size),
			 0);
	record.snapshot.items = (struct fwa_bytes){list, size};
	assert_int_equal(fwa_record_encode(&record, buffer, capacity, &size), 0);
	assert_int_equal(fwa_record_decode(buffer, size, &back), 0);
	while (fwa_snapshot_next(&back.snapshot, &iterator, &item))
		count++;
	assert_int_equal(count, FWA_LIST_ITEMS_MAX);

	/* One more: the head is 0x99 with a two byte count; repeat the last item. */
	assert_int_equal(list[0], 0x99);
	assert_int_equal(fwa_snapshot_items_encode(&items[FWA_LIST_ITEMS_MAX], 1, buffer,
						   capacity, &size),
			 0);
	memcpy(list + record.snapshot.items.size, buffer + 1, size - 1);
	record.snapshot.items.size += size - 1;
	list[2]++;
	assert_int_equal(fwa_record_encode(&record, buffer, capacity, &size), -E2BIG);
	free(list);
	free(buffer);
	free(items);
	free(keys);
	free((void *)bytes.data);
}

static void a_list_that_is_none_does_not_encode(void **state)
{
	static const uint8_t bad[][3] = {{0x81}, {0x80, 0x80}, {0xa0}, {0x98, 0x00}};
	static const size_t sizes[] = {1, 2, 1, 2};
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("snapshot-unchanged", &bytes);
	uint8_t buffer[1024];
	size_t size;

	(void)state;
	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size), 0);
	for (size_t i = 0; i < 4; i++) {
		record.snapshot.items = (struct fwa_bytes){bad[i], sizes[i]};
		assert_int_equal(
			fwa_record_encode(&record, buffer, sizeof(buffer), &size),
			-EINVAL);
	}
	record.snapshot.items.data = NULL;
	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size),
			 -EINVAL);
	free((void *)bytes.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_back),
		cmocka_unit_test(an_item_says_what_changed),
		cmocka_unit_test(items_out_of_order_do_not_encode),
		cmocka_unit_test(the_state_digest_is_that_of_the_baseline),
		cmocka_unit_test(the_digest_of_nothing),
		cmocka_unit_test(a_list_has_a_largest_size),
		cmocka_unit_test(a_list_that_is_none_does_not_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
