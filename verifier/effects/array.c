/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/effects/engine.h"

int fwa_array_room(void *array_pointer, size_t count, size_t *capacity, size_t item_size)
{
	size_t room = *capacity ? *capacity * 2 : 16;
	void *array;

	if (count < *capacity)
		return 0;
	memcpy(&array, array_pointer, sizeof(array));
	array = reallocarray(array, room, item_size);
	if (!array)
		return -ENOMEM;
	memcpy(array_pointer, &array, sizeof(array));
	*capacity = room;
	return 0;
}
