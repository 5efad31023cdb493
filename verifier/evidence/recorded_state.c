/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/recorded_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fwa_recorded_state {
	/* In ascending order of keys. Of each: key, status, error, digest, and whether it was
	 * short enough to have its value recorded. Keys and digests are owned. */
	struct fwa_snapshot_item *items;
	size_t count;
};

static uint8_t *storage_of(const struct fwa_snapshot_item *item)
{
	return (uint8_t *)item->key.data;
}

void fwa_recorded_state_free(struct fwa_recorded_state *state)
{
	size_t i;

	if (!state)
		return;
	for (i = 0; i < state->count; i++)
		free(storage_of(&state->items[i]));
	free(state->items);
	free(state);
}

/* A copy of what is remembered of an item. Its key's storage holds the digest, too. */
static int remember(const struct fwa_snapshot_item *item,
		    struct fwa_snapshot_item *ret_copy)
{
	static const uint8_t short_value[1];
	uint8_t *storage = malloc(item->key.size + FWA_DIGEST_SIZE);

	if (!storage)
		return -ENOMEM;
	memcpy(storage, item->key.data, item->key.size);
	*ret_copy = (struct fwa_snapshot_item){
		.key = {storage, item->key.size},
		.status = item->status,
		.error = item->error,
	};
	if (item->status == FWA_ITEM_VALUE) {
		memcpy(storage + item->key.size, item->digest.data, FWA_DIGEST_SIZE);
		ret_copy->digest =
			(struct fwa_bytes){storage + item->key.size, FWA_DIGEST_SIZE};
	}
	/* The decoder has seen to it that a value is what its digest says. */
	if (item->value.data)
		ret_copy->value = (struct fwa_bytes){short_value, 0};
	return 0;
}

/* Does an item say of the snapshot before what that held? `before` NULL: nothing. */
static bool speaks_truly(const struct fwa_snapshot_item *item,
			 const struct fwa_snapshot_item *before)
{
	if (!before || !item->has_previous)
		return !before && !item->has_previous;
	if (item->previous_status != before->status)
		return false;
	if (!item->previous_value.data != !before->value.data)
		return false;
	return before->status != FWA_ITEM_VALUE ||
	       memcmp(item->previous_digest.data, before->digest.data, FWA_DIGEST_SIZE) ==
		       0;
}

/* The items of `before` up to `key`, or all if it is NULL, go over to `after`. */
static void carry_over(struct fwa_recorded_state *before, size_t *next,
		       const struct fwa_bytes *key, struct fwa_recorded_state *after)
{
	while (before && *next < before->count &&
	       (!key || fwa_bytes_compare(before->items[*next].key, *key) < 0)) {
		after->items[after->count++] = before->items[*next];
		before->items[(*next)++].key.data = NULL; /* not owned any more */
	}
}

static int merge(struct fwa_recorded_state *before, const struct fwa_snapshot *snapshot,
		 struct fwa_recorded_state *after)
{
	struct fwa_snapshot_iterator iterator = {0};
	struct fwa_snapshot_item item;
	size_t next = 0;

	while (fwa_snapshot_next(snapshot, &iterator, &item)) {
		const struct fwa_snapshot_item *held = NULL;

		carry_over(before, &next, &item.key, after);
		if (before && next < before->count &&
		    fwa_bytes_compare(before->items[next].key, item.key) == 0)
			held = &before->items[next++];
		if (!speaks_truly(&item, held))
			return -EBADMSG;
		if (item.status == FWA_ITEM_GONE)
			continue;
		if (remember(&item, &after->items[after->count]) < 0)
			return -ENOMEM;
		after->count++;
	}
	carry_over(before, &next, NULL, after);
	return 0;
}

static int check(const struct fwa_recorded_state *after,
		 const struct fwa_snapshot *snapshot)
{
	uint8_t digest[FWA_DIGEST_SIZE];
	size_t unreadable = 0, i;
	int result;

	for (i = 0; i < after->count; i++)
		unreadable += after->items[i].status == FWA_ITEM_UNREADABLE;
	if (after->count != snapshot->item_count ||
	    unreadable != snapshot->unreadable_count)
		return -EBADMSG;
	result = fwa_snapshot_state_digest(after->items, after->count, digest);
	if (result < 0)
		return result;
	return memcmp(digest, snapshot->state_digest.data, sizeof(digest)) == 0
		       ? 0
		       : -EBADMSG;
}

int fwa_recorded_state_follow(struct fwa_recorded_state *before,
			      const struct fwa_snapshot *snapshot,
			      struct fwa_recorded_state **ret_after)
{
	struct fwa_snapshot_iterator iterator = {0};
	struct fwa_recorded_state *after = calloc(1, sizeof(*after));
	struct fwa_snapshot_item item;
	size_t most = before ? before->count : 0;
	int result = -ENOMEM;

	if (!after)
		return result;
	while (fwa_snapshot_next(snapshot, &iterator, &item))
		most++;
	after->items = calloc(most + 1, sizeof(*after->items));
	if (after->items)
		result = merge(before, snapshot, after);
	if (result == 0)
		result = check(after, snapshot);
	if (result < 0) {
		fwa_recorded_state_free(after);
		return result;
	}
	*ret_after = after;
	return 0;
}
