/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/observe/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/hash.h"

/* What an item's pointers point to. */
struct storage {
	uint8_t digest[FWA_DIGEST_SIZE];
	char key[FWA_STATE_KEY_MAX];
	uint8_t value[FWA_SNAPSHOT_VALUE_MAX];
};

struct fwa_state {
	struct fwa_snapshot_item *items; /* sorted */
	struct storage **storage;        /* one of each item, in any order */
	size_t count, capacity;
	uint32_t unreadable;
};

struct fwa_state *fwa_state_new(void)
{
	return calloc(1, sizeof(struct fwa_state));
}

void fwa_state_free(struct fwa_state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < state->count; i++)
		free(state->storage[i]);
	free(state->storage);
	free(state->items);
	free(state);
}

static int compare(struct fwa_bytes a, struct fwa_bytes b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = memcmp(a.data, b.data, common);

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Where `key` is (true), or where it belongs (false). */
static bool position(const struct fwa_state *state, const char *key, size_t *ret_index)
{
	struct fwa_bytes wanted = {(const uint8_t *)key, strlen(key)};
	size_t low = 0, high = state->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(wanted, state->items[middle].key);

		if (order == 0) {
			*ret_index = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_index = low;
	return false;
}

static int grow(struct fwa_state *state)
{
	size_t capacity = state->capacity ? 2 * state->capacity : 32;
	struct fwa_snapshot_item *items;
	struct storage **storage;

	items = reallocarray(state->items, capacity, sizeof(*items));
	if (!items)
		return -ENOMEM;
	state->items = items;
	storage = reallocarray(state->storage, capacity, sizeof(*storage));
	if (!storage)
		return -ENOMEM;
	state->storage = storage;
	state->capacity = capacity;
	return 0;
}

/* Insert an item that has but its key, effects and volatility. */
static int insert(struct fwa_state *state, const char *key, uint32_t effects,
		  bool is_volatile, struct fwa_snapshot_item **ret_item,
		  struct storage **ret_storage)
{
	size_t length = strlen(key), index;
	struct storage *storage;
	int r;

	if (length == 0 || length >= FWA_STATE_KEY_MAX)
		return -EINVAL;
	if (position(state, key, &index))
		return -EEXIST;
	if (state->count >= FWA_LIST_ITEMS_MAX)
		return -E2BIG;
	if (state->count == state->capacity) {
		r = grow(state);
		if (r < 0)
			return r;
	}
	storage = malloc(sizeof(*storage));
	if (!storage)
		return -ENOMEM;
	strcpy(storage->key, key);
	memmove(&state->items[index + 1], &state->items[index],
		(state->count - index) * sizeof(*state->items));
	state->storage[state->count++] = storage;
	state->items[index] = (struct fwa_snapshot_item){
		.key = {(const uint8_t *)storage->key, length},
		.effects = effects,
		.is_volatile = is_volatile,
	};
	*ret_item = &state->items[index];
	*ret_storage = storage;
	return 0;
}

int fwa_state_put(struct fwa_state *state, const char *key, uint32_t effects,
		  bool is_volatile, const uint8_t *value, size_t size)
{
	struct fwa_bytes whole = {value, size};
	struct fwa_snapshot_item *item;
	uint8_t digest[FWA_DIGEST_SIZE];
	struct storage *storage;
	int r;

	r = fwa_digest(&whole, 1, digest);
	if (r < 0)
		return r;
	r = insert(state, key, effects, is_volatile, &item, &storage);
	if (r < 0)
		return r;
	memcpy(storage->digest, digest, sizeof(digest));
	item->status = FWA_ITEM_VALUE;
	item->length = size;
	item->digest = (struct fwa_bytes){storage->digest, sizeof(storage->digest)};
	if (size <= FWA_SNAPSHOT_VALUE_MAX) {
		if (size)
			memcpy(storage->value, value, size);
		item->value = (struct fwa_bytes){storage->value, size};
	}
	return 0;
}

int fwa_state_put_unreadable(struct fwa_state *state, const char *key, uint32_t effects,
			     bool is_volatile, int error)
{
	struct fwa_snapshot_item *item;
	struct storage *storage;
	int r = insert(state, key, effects, is_volatile, &item, &storage);

	if (r < 0)
		return r;
	item->status = FWA_ITEM_UNREADABLE;
	item->error = error;
	state->unreadable++;
	return 0;
}

int fwa_state_carry(struct fwa_state *state, const struct fwa_state *previous,
		    const char *prefix, int error)
{
	size_t length = strlen(prefix);

	for (size_t i = 0; previous && i < previous->count; i++) {
		const struct fwa_snapshot_item *item = &previous->items[i];
		int r;

		if (item->key.size < length ||
		    memcmp(item->key.data, prefix, length) != 0)
			continue;
		/* Keys in a state end with a NUL behind their last byte. */
		r = fwa_state_put_unreadable(state, (const char *)item->key.data,
					     item->effects, item->is_volatile, error);
		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

const struct fwa_snapshot_item *fwa_state_items(const struct fwa_state *state,
						size_t *ret_count)
{
	if (ret_count)
		*ret_count = state->count;
	return state->items;
}

const struct fwa_snapshot_item *fwa_state_find(const struct fwa_state *state,
					       const char *key)
{
	size_t index;

	return position(state, key, &index) ? &state->items[index] : NULL;
}

void fwa_state_set_effects(struct fwa_state *state, const char *key, uint32_t effects)
{
	size_t index;

	if (position(state, key, &index))
		state->items[index].effects = effects;
}

uint32_t fwa_state_unreadable(const struct fwa_state *state)
{
	return state->unreadable;
}

static bool same_value(const struct fwa_snapshot_item *a,
		       const struct fwa_snapshot_item *b)
{
	if (a->status != b->status || a->error != b->error || a->length != b->length)
		return false;
	return a->status != FWA_ITEM_VALUE ||
	       memcmp(a->digest.data, b->digest.data, FWA_DIGEST_SIZE) == 0;
}

static void set_previous(struct fwa_snapshot_item *item,
			 const struct fwa_snapshot_item *before)
{
	item->has_previous = true;
	item->previous_status = before->status;
	item->previous_digest = before->digest;
	item->previous_value = before->value;
}

static struct fwa_snapshot_item gone(const struct fwa_snapshot_item *before)
{
	struct fwa_snapshot_item item = {
		.key = before->key,
		.effects = before->effects,
		.is_volatile = before->is_volatile,
		.status = FWA_ITEM_GONE,
	};

	set_previous(&item, before);
	return item;
}

int fwa_state_diff(const struct fwa_state *previous, const struct fwa_state *current,
		   struct fwa_snapshot_item **ret_items, size_t *ret_count)
{
	static const struct fwa_state nothing;
	const struct fwa_state *before = previous ? previous : &nothing;
	size_t room = before->count + current->count, i = 0, j = 0, count = 0;
	struct fwa_snapshot_item *items = calloc(room ? room : 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	while (i < before->count || j < current->count) {
		int order = i == before->count    ? 1
			    : j == current->count ? -1
						  : compare(before->items[i].key,
							    current->items[j].key);

		if (order < 0) {
			items[count++] = gone(&before->items[i++]);
			continue;
		}
		if (order > 0) {
			items[count++] = current->items[j++];
			continue;
		}
		if (!same_value(&before->items[i], &current->items[j])) {
			items[count] = current->items[j];
			set_previous(&items[count++], &before->items[i]);
		}
		i++;
		j++;
	}
	*ret_items = items;
	*ret_count = count;
	return 0;
}
