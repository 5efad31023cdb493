/* SPDX-License-Identifier: Apache-2.0 */
/* States, what differs between two, and when the next look is due. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/observe/observer.h"
#include "collector/observe/state.h"
#include "schema/effects.h"
#include "schema/hash.h"

static struct fwa_state *state_of(size_t count, const char *const pairs[][2])
{
	struct fwa_state *state = fwa_state_new();

	assert_non_null(state);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(0, fwa_state_put(state, pairs[i][0],
						  FWA_EFFECT_CONFIG_IMMEDIATE, false,
						  (const uint8_t *)pairs[i][1],
						  strlen(pairs[i][1])));
	return state;
}
#define STATE_OF(...)                                                                    \
	state_of(sizeof((const char *const[][2]){__VA_ARGS__}) / (2 * sizeof(char *)),   \
		 (const char *const[][2]){__VA_ARGS__})

static void assert_key(const char *expected, const struct fwa_snapshot_item *item)
{
	assert_int_equal(strlen(expected), item->key.size);
	assert_memory_equal(expected, item->key.data, item->key.size);
}

static void items_are_sorted_and_unique(void **unused)
{
	struct fwa_state *state =
		STATE_OF({"b", "1"}, {"a", "2"}, {"c", "3"}, {"aa", "4"});
	const struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	assert_int_equal(-EEXIST,
			 fwa_state_put(state, "a", 0, false, (const uint8_t *)"x", 1));
	assert_int_equal(-EEXIST, fwa_state_put_unreadable(state, "b", 0, false, -EIO));
	items = fwa_state_items(state, &count);
	assert_int_equal(4, count);
	assert_key("a", &items[0]);
	assert_key("aa", &items[1]);
	assert_key("b", &items[2]);
	assert_key("c", &items[3]);
	assert_memory_equal("2", items[0].value.data, 1); /* as it was */
	assert_null(fwa_state_find(state, "d"));
	fwa_state_free(state);
}

static void long_values_are_digests(void **unused)
{
	struct fwa_state *state = fwa_state_new();
	uint8_t value[FWA_SNAPSHOT_VALUE_MAX + 1] = {1}, digest[FWA_DIGEST_SIZE];
	const struct fwa_bytes whole = {value, sizeof(value)};
	const struct fwa_snapshot_item *item;

	(void)unused;
	assert_int_equal(
		0, fwa_state_put(state, "short", 0, false, value, sizeof(value) - 1));
	assert_int_equal(0, fwa_state_put(state, "long", 0, false, value, sizeof(value)));
	assert_int_equal(0, fwa_state_put(state, "empty", 0, false, NULL, 0));
	item = fwa_state_find(state, "short");
	assert_int_equal(FWA_SNAPSHOT_VALUE_MAX, item->value.size);
	item = fwa_state_find(state, "long");
	assert_null(item->value.data);
	assert_int_equal(sizeof(value), item->length);
	assert_int_equal(0, fwa_digest(&whole, 1, digest));
	assert_memory_equal(digest, item->digest.data, sizeof(digest));
	item = fwa_state_find(state, "empty");
	assert_non_null(item->value.data);
	assert_int_equal(0, item->value.size);
	fwa_state_free(state);
}

static void bounds_are_kept(void **unused)
{
	struct fwa_state *state = fwa_state_new();
	char key[FWA_STATE_KEY_MAX + 1];

	(void)unused;
	memset(key, 'k', sizeof(key));
	key[FWA_STATE_KEY_MAX] = '\0';
	assert_int_equal(-EINVAL, fwa_state_put(state, key, 0, false, NULL, 0));
	assert_int_equal(-EINVAL, fwa_state_put(state, "", 0, false, NULL, 0));
	for (unsigned i = 0; i < FWA_LIST_ITEMS_MAX; i++) {
		snprintf(key, sizeof(key), "%u", i);
		assert_int_equal(0, fwa_state_put(state, key, 0, false, NULL, 0));
	}
	assert_int_equal(-E2BIG, fwa_state_put(state, "one more", 0, false, NULL, 0));
	fwa_state_free(state);
}

static void no_difference_is_an_empty_one(void **unused)
{
	struct fwa_state *a = STATE_OF({"a", "1"}, {"b", "2"});
	struct fwa_state *b = STATE_OF({"b", "2"}, {"a", "1"});
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	assert_int_equal(0, fwa_state_diff(a, b, &items, &count));
	assert_int_equal(0, count);
	free(items);
	fwa_state_free(a);
	fwa_state_free(b);
}

static void a_baseline_is_everything(void **unused)
{
	struct fwa_state *state = STATE_OF({"b", "1"}, {"a", "2"});
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	assert_int_equal(0, fwa_state_diff(NULL, state, &items, &count));
	assert_int_equal(2, count);
	assert_key("a", &items[0]);
	assert_false(items[0].has_previous);
	free(items);
	fwa_state_free(state);
}

static void differences_carry_what_was_before(void **unused)
{
	struct fwa_state *before =
		STATE_OF({"changed", "1"}, {"gone", "2"}, {"same", "3"});
	struct fwa_state *after = STATE_OF({"changed", "4"}, {"new", "5"}, {"same", "3"});
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	assert_int_equal(0, fwa_state_diff(before, after, &items, &count));
	assert_int_equal(3, count);
	assert_key("changed", &items[0]);
	assert_int_equal(FWA_ITEM_VALUE, items[0].status);
	assert_true(items[0].has_previous);
	assert_memory_equal("4", items[0].value.data, 1);
	assert_memory_equal("1", items[0].previous_value.data, 1);
	assert_memory_equal(fwa_state_find(before, "changed")->digest.data,
			    items[0].previous_digest.data, FWA_DIGEST_SIZE);
	assert_key("gone", &items[1]);
	assert_int_equal(FWA_ITEM_GONE, items[1].status);
	assert_null(items[1].digest.data);
	assert_memory_equal("2", items[1].previous_value.data, 1);
	assert_key("new", &items[2]);
	assert_false(items[2].has_previous);
	free(items);
	fwa_state_free(before);
	fwa_state_free(after);
}

static void unreadable_is_a_difference(void **unused)
{
	struct fwa_state *value = STATE_OF({"a", "1"});
	struct fwa_state *failed = fwa_state_new(), *otherwise = fwa_state_new();
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	assert_int_equal(0, fwa_state_put_unreadable(failed, "a", 0, false, -EIO));
	assert_int_equal(0, fwa_state_put_unreadable(otherwise, "a", 0, false, -EPERM));
	assert_int_equal(1, fwa_state_unreadable(failed));
	assert_int_equal(0, fwa_state_diff(value, failed, &items, &count));
	assert_int_equal(1, count);
	assert_int_equal(FWA_ITEM_UNREADABLE, items[0].status);
	assert_int_equal(-EIO, items[0].error);
	assert_int_equal(FWA_ITEM_VALUE, items[0].previous_status);
	free(items);
	assert_int_equal(0, fwa_state_diff(failed, value, &items, &count));
	assert_int_equal(1, count);
	assert_int_equal(FWA_ITEM_UNREADABLE, items[0].previous_status);
	assert_null(items[0].previous_digest.data);
	free(items);
	assert_int_equal(0, fwa_state_diff(failed, otherwise, &items, &count));
	assert_int_equal(1, count);
	free(items);
	fwa_state_free(value);
	fwa_state_free(failed);
	fwa_state_free(otherwise);
}

static void keys_of_a_lost_list_are_unreadable(void **unused)
{
	struct fwa_state *before =
		STATE_OF({"list.a", "1"}, {"list.b", "2"}, {"other", "3"});
	struct fwa_state *after = STATE_OF({"list.a", "1"});

	(void)unused;
	assert_int_equal(0, fwa_state_carry(after, before, "list.", -EIO));
	assert_int_equal(0, fwa_state_carry(after, NULL, "list.", -EIO));
	assert_int_equal(FWA_ITEM_VALUE, fwa_state_find(after, "list.a")->status);
	assert_int_equal(FWA_ITEM_UNREADABLE, fwa_state_find(after, "list.b")->status);
	assert_null(fwa_state_find(after, "other"));
	fwa_state_free(before);
	fwa_state_free(after);
}

static void digest_follows_the_state(void **unused)
{
	struct fwa_state *a = STATE_OF({"a", "1"}, {"b", "2"});
	struct fwa_state *same = STATE_OF({"b", "2"}, {"a", "1"});
	struct fwa_state *other = STATE_OF({"a", "1"}, {"b", "3"});
	uint8_t first[FWA_DIGEST_SIZE], second[FWA_DIGEST_SIZE], third[FWA_DIGEST_SIZE];
	const struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	items = fwa_state_items(a, &count);
	assert_int_equal(0, fwa_snapshot_state_digest(items, count, first));
	items = fwa_state_items(same, &count);
	assert_int_equal(0, fwa_snapshot_state_digest(items, count, second));
	items = fwa_state_items(other, &count);
	assert_int_equal(0, fwa_snapshot_state_digest(items, count, third));
	assert_memory_equal(first, second, sizeof(first));
	assert_memory_not_equal(first, third, sizeof(first));
	fwa_state_free(a);
	fwa_state_free(same);
	fwa_state_free(other);
}

static void looks_are_rationed(void **unused)
{
	(void)unused;
	/* Took 10, from 100 to 110: rests until 150. */
	assert_int_equal(150, fwa_observer_next(100, 110, true, 0));
	assert_true(fwa_observer_next(100, 110, false, 0) == UINT64_MAX);
	assert_int_equal(1110, fwa_observer_next(100, 110, false, 1000));
	assert_int_equal(150, fwa_observer_next(100, 110, true, 1000));
	/* An interval does not make it busier. */
	assert_int_equal(150, fwa_observer_next(100, 110, false, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_sorted_and_unique),
		cmocka_unit_test(long_values_are_digests),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(no_difference_is_an_empty_one),
		cmocka_unit_test(a_baseline_is_everything),
		cmocka_unit_test(differences_carry_what_was_before),
		cmocka_unit_test(unreadable_is_a_difference),
		cmocka_unit_test(keys_of_a_lost_list_are_unreadable),
		cmocka_unit_test(digest_follows_the_state),
		cmocka_unit_test(looks_are_rationed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
