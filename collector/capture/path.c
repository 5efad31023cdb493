// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/path.h"

#include <string.h>

bool fwa_path_is_valid(struct fwa_bytes names)
{
	return names.size == 0 || names.data[names.size - 1] == '\0';
}

size_t fwa_path_join(struct fwa_bytes names, bool truncated, uint8_t *buffer)
{
	size_t end = names.size, begin, size = 0;

	if (names.size == 0) {
		if (truncated)
			return 0;
		buffer[0] = '/';
		return 1;
	}
	/* From the last name in the list to the first: end is one past a name's NUL. */
	while (end > 0) {
		begin = end - 1;
		while (begin > 0 && names.data[begin - 1] != '\0')
			begin--;
		if (size > 0 || !truncated)
			buffer[size++] = '/';
		memcpy(buffer + size, names.data + begin, end - 1 - begin);
		size += end - 1 - begin;
		end = begin;
	}
	return size;
}
