/* SPDX-License-Identifier: Apache-2.0 */
/* Windows: made of snapshots, judged in order when nothing that belongs to them is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/effects/engine.h"

static void copy_value(struct fwa_value *value, uint8_t status, struct fwa_bytes digest)
{
	value->status = status;
	if (status == FWA_ITEM_VALUE && digest.size == FWA_DIGEST_SIZE)
		memcpy(value->digest, digest.data, FWA_DIGEST_SIZE);
}

static void copy_item(struct window_item *copy, const struct fwa_snapshot_item *item)
{
	size_t size =
		item->key.size < FWA_KEY_SIZE_MAX ? item->key.size : FWA_KEY_SIZE_MAX;
	size_t i;

	for (i = 0; i < size; i++)
		copy->name[i] = item->key.data[i] >= 0x20 && item->key.data[i] <= 0x7e
					? (char)item->key.data[i]
					: '?';
	copy->name[size] = '\0';
	fwa_key_parse(item->key, item->effects, &copy->key);
	copy->is_volatile = item->is_volatile;
	copy_value(&copy->after, item->status, item->digest);
	copy->has_before = item->has_previous;
	copy->before.status = FWA_ITEM_GONE;
	if (item->has_previous)
		copy_value(&copy->before, item->previous_status, item->previous_digest);
}

static struct window *make_window(const struct fwa_snapshot *snapshot)
{
	struct fwa_snapshot_iterator iterator = {0};
	struct fwa_snapshot_item item;
	struct window *window;
	size_t count = 0;

	while (fwa_snapshot_next(snapshot, &iterator, &item))
		count++;
	window = calloc(1, sizeof(*window) + count * sizeof(window->items[0]));
	if (!window)
		return NULL;
	memset(&iterator, 0, sizeof(iterator));
	while (window->item_count < count &&
	       fwa_snapshot_next(snapshot, &iterator, &item))
		copy_item(&window->items[window->item_count++], &item);
	return window;
}

static bool in_flight(uint64_t entered, uint64_t returned, uint64_t at)
{
	return entered <= at && returned > at;
}

/* Calls in flight at the end of the window that are in the ledger already. */
static uint64_t count_in_flight(const struct fwa_effects *effects, uint64_t at)
{
	uint64_t count = 0;
	size_t i, k;

	for (i = 0; i < effects->device_count; i++) {
		const struct device *device = effects->devices[i];

		for (k = 0; k < device->brief_count; k++)
			count += in_flight(device->briefs[k]->entered,
					   device->briefs[k]->returned, at);
	}
	for (i = 0; i < OTHER_CALLS; i++)
		count += in_flight(effects->other_calls[i].from,
				   effects->other_calls[i].to, at);
	return count;
}

int fwa_engine_snapshot(struct fwa_effects *effects, const struct fwa_record *record,
			const uint8_t *leaf)
{
	const struct fwa_snapshot *snapshot = &record->snapshot;
	int64_t index = fwa_engine_device_find(effects, snapshot->device);
	struct device *device;
	struct window *window, *older;
	uint64_t seen;

	if (index < 0)
		return 0;
	device = effects->devices[index];
	window = make_window(snapshot);
	if (!window)
		return -ENOMEM;
	window->device = (size_t)index;
	window->has_previous = snapshot->has_previous && device->has_snapshot;
	window->broken =
		snapshot->has_previous != device->has_snapshot ||
		(snapshot->has_previous && snapshot->previous != device->last_snapshot);
	window->previous = device->last_snapshot;
	window->previous_started = device->last_started;
	memcpy(window->previous_leaf, device->last_leaf, FWA_DIGEST_SIZE);
	window->sequence = record->sequence;
	window->started = snapshot->started;
	window->ended = snapshot->ended;
	memcpy(window->leaf, leaf, FWA_DIGEST_SIZE);
	window->offset = (int64_t)(record->time - record->boot_time);
	window->reason = snapshot->reason;
	if (snapshot->in_flight) {
		seen = count_in_flight(effects, snapshot->ended);
		window->missing =
			snapshot->in_flight > seen ? snapshot->in_flight - seen : 0;
	}
	/*
	 * A reset that came while the observer looked is told after the snapshot, and before the
	 * next one: until that comes, nothing is judged.
	 */
	for (older = effects->first_window; older; older = older->next) {
		if (older->device == (size_t)index)
			older->waits = false;
	}
	window->waits = true;
	*effects->last_window = window;
	effects->last_window = &window->next;
	effects->window_count++;
	device->about.snapshots++;
	device->has_snapshot = true;
	device->last_snapshot = record->sequence;
	device->last_started = snapshot->started;
	memcpy(device->last_leaf, leaf, FWA_DIGEST_SIZE);
	return 0;
}

void fwa_engine_call_seen(struct fwa_effects *effects, uint64_t entered,
			  uint64_t returned)
{
	struct window *window;

	for (window = effects->first_window; window; window = window->next) {
		if (window->missing && in_flight(entered, returned, window->ended))
			window->missing--;
	}
}

bool fwa_engine_gap_overlaps(const struct fwa_effects *effects, uint64_t from,
			     uint64_t to)
{
	size_t i;

	for (i = 0; i < effects->gap_count; i++) {
		if (effects->gaps[i].from <= to && effects->gaps[i].to > from)
			return true;
	}
	return false;
}

void fwa_engine_complete(struct fwa_effects *effects)
{
	struct window *window;
	size_t i;

	for (window = effects->first_window; window; window = window->next) {
		bool lost = false;

		/* A lost call is bounded by when it returned; it may have entered long before. */
		for (i = 0; i < effects->gap_count; i++)
			lost |= effects->gaps[i].to > window->previous_started;
		if (!lost)
			window->missing = 0;
	}
}

int fwa_engine_judge_windows(struct fwa_effects *effects, bool force)
{
	while (effects->first_window) {
		struct window *window = effects->first_window;
		int error;

		window->forced = window->missing != 0;
		if ((window->missing || window->waits) && !force &&
		    effects->window_count <= WINDOWS_MAX)
			return 0;
		error = fwa_engine_attribute(effects, window);
		effects->first_window = window->next;
		if (!effects->first_window)
			effects->last_window = &effects->first_window;
		effects->window_count--;
		free(window);
		if (error)
			return error;
	}
	return 0;
}
