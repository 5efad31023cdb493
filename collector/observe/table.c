/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/observe/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct fwa_observer *const observers[] = {
	&fwa_cxl_features_observer,
	&fwa_cxl_mailbox_observer,
};

const struct fwa_observer *fwa_observer_at(size_t index)
{
	return index < sizeof(observers) / sizeof(observers[0]) ? observers[index] : NULL;
}

void fwa_declared_set(struct fwa_declared *declared, int error, uint8_t *content,
		      size_t size)
{
	free(declared->content);
	*declared = (struct fwa_declared){
		.present = true, .error = error, .content = content, .size = size};
}

void fwa_declared_clear(struct fwa_declared declared[FWA_DECLARED_COUNT])
{
	for (size_t i = 0; i < FWA_DECLARED_COUNT; i++) {
		free(declared[i].content);
		declared[i] = (struct fwa_declared){0};
	}
}

int fwa_observe(struct fwa_observation *observation, uint32_t device_type)
{
	const struct fwa_observer *observer;
	int r = 0;

	memset(observation->declared, 0, sizeof(observation->declared));
	observation->state = fwa_state_new();
	if (!observation->state)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && (observer = fwa_observer_at(i)); i++)
		if (observer->applies(device_type))
			r = observer->snapshot(observation);
	if (r < 0) {
		fwa_declared_clear(observation->declared);
		fwa_state_free(observation->state);
		observation->state = NULL;
	}
	return r;
}

static bool is_volatile(const struct fwa_observer *observer, const char *key)
{
	const struct fwa_volatile_key *entry = observer->volatile_keys;

	for (; entry && entry->key; entry++)
		if (strcmp(entry->key, key) == 0)
			return true;
	return false;
}

int fwa_observed(struct fwa_observation *observation, const struct fwa_observer *observer,
		 const char *key, uint32_t effects, const uint8_t *value, size_t size)
{
	return fwa_state_put(observation->state, key, effects, is_volatile(observer, key),
			     value, size);
}

int fwa_unobserved(struct fwa_observation *observation,
		   const struct fwa_observer *observer, const char *key, uint32_t effects,
		   int error)
{
	return fwa_state_put_unreadable(observation->state, key, effects,
					is_volatile(observer, key), error);
}
