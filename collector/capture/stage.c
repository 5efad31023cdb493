// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/stage.h"

#include <stdlib.h>
#include <string.h>

/* Before each event: its size, as a whole word so that the event stays aligned. */
struct entry {
	uint64_t size;
	uint8_t data[];
};

struct fwa_stage {
	size_t event_max;
	size_t capacity;
	size_t begin, end;
	uint8_t *memory;
};

static size_t entry_size(size_t size)
{
	return sizeof(struct entry) + ((size + 7) & ~(size_t)7);
}

struct fwa_stage *fwa_stage_new(size_t capacity, size_t event_max)
{
	struct fwa_stage *stage = calloc(1, sizeof(*stage));

	if (!stage)
		return NULL;
	if (capacity < entry_size(event_max))
		capacity = entry_size(event_max);
	stage->event_max = event_max;
	stage->capacity = capacity;
	stage->memory = malloc(capacity);
	if (!stage->memory) {
		free(stage);
		return NULL;
	}
	return stage;
}

void fwa_stage_free(struct fwa_stage *stage)
{
	if (!stage)
		return;
	free(stage->memory);
	free(stage);
}

bool fwa_stage_has_room(const struct fwa_stage *stage)
{
	return stage->capacity - stage->end >= entry_size(stage->event_max);
}

void fwa_stage_put(struct fwa_stage *stage, const void *data, size_t size)
{
	struct entry *entry = (struct entry *)(stage->memory + stage->end);

	if (size > stage->event_max)
		size = stage->event_max;
	entry->size = size;
	memcpy(entry->data, data, size);
	stage->end += entry_size(size);
}

struct fwa_bytes fwa_stage_front(const struct fwa_stage *stage)
{
	const struct entry *entry = (const struct entry *)(stage->memory + stage->begin);

	if (stage->begin == stage->end)
		return (struct fwa_bytes){.data = NULL};
	return (struct fwa_bytes){.data = entry->data, .size = entry->size};
}

void fwa_stage_pop(struct fwa_stage *stage)
{
	if (stage->begin == stage->end)
		return;
	stage->begin += entry_size(fwa_stage_front(stage).size);
	if (stage->begin == stage->end) {
		stage->begin = 0;
		stage->end = 0;
	}
}
