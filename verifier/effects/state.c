/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a device's keys, as last observed: an open-addressed table, since a lying device
 * may have thousands of features and each snapshot asks for several keys of each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "verifier/effects/observation.h"

struct entry {
	char name[FWA_KEY_SIZE_MAX + 1];
	struct fwa_key key;
	bool used;
	bool is_volatile;
	bool has_last;
	uint8_t last[FWA_DIGEST_SIZE];
	struct fwa_value value;
};

struct fwa_state {
	struct entry **slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

struct fwa_state *fwa_state_new(void)
{
	return calloc(1, sizeof(struct fwa_state));
}

void fwa_state_clear(struct fwa_state *state)
{
	size_t i;

	for (i = 0; i < state->capacity; i++)
		free(state->slots[i]);
	free(state->slots);
	state->slots = NULL;
	state->capacity = state->count = 0;
}

void fwa_state_free(struct fwa_state *state)
{
	if (!state)
		return;
	fwa_state_clear(state);
	free(state);
}

/* FNV-1a; the count of keys is bounded, so one who makes keys collide only makes it slow. */
static size_t hash_of(struct fwa_bytes name)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < name.size; i++)
		hash = (hash ^ name.data[i]) * 0x100000001b3u;
	return (size_t)(hash ^ hash >> 32);
}

static bool is_name(const struct entry *entry, struct fwa_bytes name)
{
	return strlen(entry->name) == name.size &&
	       memcmp(entry->name, name.data, name.size) == 0;
}

/* The slot of that name, or the free one where it belongs. There is always a free one. */
static struct entry **slot_of(struct entry **slots, size_t capacity,
			      struct fwa_bytes name)
{
	size_t i = hash_of(name) & (capacity - 1);

	while (slots[i] && !is_name(slots[i], name))
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static int grow(struct fwa_state *state)
{
	size_t capacity = state->capacity ? state->capacity * 2 : 64;
	struct entry **slots = calloc(capacity, sizeof(struct entry *));
	size_t i;

	if (!slots)
		return -ENOMEM;
	for (i = 0; i < state->capacity; i++) {
		struct entry *entry = state->slots[i];

		if (entry)
			*slot_of(slots, capacity,
				 (struct fwa_bytes){(const uint8_t *)entry->name,
						    strlen(entry->name)}) = entry;
	}
	free(state->slots);
	state->slots = slots;
	state->capacity = capacity;
	return 0;
}

static const struct entry *find(const struct fwa_state *state, struct fwa_bytes name)
{
	return state->capacity ? *slot_of(state->slots, state->capacity, name) : NULL;
}

int fwa_state_put(struct fwa_state *state, struct fwa_bytes name,
		  const struct fwa_key *key, bool is_volatile,
		  const struct fwa_value *value)
{
	struct entry **slot;

	if (name.size > FWA_KEY_SIZE_MAX || memchr(name.data, '\0', name.size))
		return -E2BIG;
	if (state->count * 2 >= state->capacity) {
		int error = grow(state);

		if (error)
			return error;
	}
	slot = slot_of(state->slots, state->capacity, name);
	if (!*slot) {
		if (state->count == FWA_STATE_KEYS_MAX)
			return -E2BIG;
		*slot = calloc(1, sizeof(**slot));
		if (!*slot)
			return -ENOMEM;
		memcpy((*slot)->name, name.data, name.size);
		state->count++;
	}
	(*slot)->key = *key;
	(*slot)->is_volatile = is_volatile;
	(*slot)->value = *value;
	if (value->status == FWA_ITEM_VALUE) {
		(*slot)->has_last = true;
		memcpy((*slot)->last, value->digest, FWA_DIGEST_SIZE);
	}
	return 0;
}

struct fwa_value fwa_state_feature(const struct fwa_state *state,
				   const uint8_t feature[FWA_UUID_SIZE],
				   enum fwa_key_family family)
{
	static const char *const ends[] = {
		[FWA_KEY_FEATURE_CURRENT] = ".current",
		[FWA_KEY_FEATURE_DEFAULT] = ".default",
		[FWA_KEY_FEATURE_SAVED] = ".saved",
		[FWA_KEY_FEATURE_ENTRY] = ".entry",
	};
	char name[64] = "cxl.feature.";
	const struct entry *entry;

	fwa_uuid_format(feature, name + strlen(name));
	strcat(name, ends[family]);
	entry = find(state, (struct fwa_bytes){(const uint8_t *)name, strlen(name)});
	return entry ? entry->value : (struct fwa_value){.status = FWA_ITEM_GONE};
}

bool fwa_state_last_value(const struct fwa_state *state, struct fwa_bytes name,
			  uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	const struct entry *entry = find(state, name);

	if (!entry || !entry->has_last)
		return false;
	memcpy(ret_digest, entry->last, FWA_DIGEST_SIZE);
	return true;
}

uint32_t fwa_state_observable(const struct fwa_state *state)
{
	uint32_t classes = 0;
	size_t i;

	for (i = 0; i < state->capacity; i++) {
		const struct entry *entry = state->slots[i];

		if (!entry || entry->is_volatile || entry->value.status != FWA_ITEM_VALUE)
			continue;
		classes |= entry->key.classes;
		/* What a reset brings is seen in the current value after it. */
		if (entry->key.family == FWA_KEY_FEATURE_CURRENT)
			classes |= FWA_EFFECTS_DEFERRED;
	}
	return classes;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t fwa_state_unreadable(const struct fwa_state *state, const char **ret_names,
			    size_t capacity)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < state->capacity; i++) {
		const struct entry *entry = state->slots[i];

		if (!entry || entry->value.status != FWA_ITEM_UNREADABLE)
			continue;
		if (count < capacity)
			ret_names[count] = entry->name;
		count++;
	}
	qsort(ret_names, count < capacity ? count : capacity, sizeof(*ret_names),
	      by_name);
	return count;
}

size_t fwa_state_count(const struct fwa_state *state)
{
	return state->count;
}
