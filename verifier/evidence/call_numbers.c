/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/call_numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint32_t cpu;
	uint64_t next;
};

struct fwa_call_numbers {
	struct entry *entries; /* by cpu, ascending */
	size_t count;
	size_t capacity;
};

struct fwa_call_numbers *fwa_call_numbers_new(void)
{
	return calloc(1, sizeof(struct fwa_call_numbers));
}

void fwa_call_numbers_free(struct fwa_call_numbers *numbers)
{
	if (!numbers)
		return;
	free(numbers->entries);
	free(numbers);
}

void fwa_call_numbers_reset(struct fwa_call_numbers *numbers)
{
	numbers->count = 0;
}

/* Where the CPU's entry is, or would be. */
static size_t locate(const struct fwa_call_numbers *numbers, uint32_t cpu)
{
	size_t low = 0, high = numbers->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (numbers->entries[middle].cpu < cpu)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int insert(struct fwa_call_numbers *numbers, size_t at, uint32_t cpu)
{
	if (numbers->count == FWA_CALL_CPUS_MAX)
		return -ENOSPC;
	if (numbers->count == numbers->capacity) {
		size_t capacity = numbers->capacity ? numbers->capacity * 2 : 16;
		struct entry *entries =
			reallocarray(numbers->entries, capacity, sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		numbers->entries = entries;
		numbers->capacity = capacity;
	}
	memmove(numbers->entries + at + 1, numbers->entries + at,
		(numbers->count - at) * sizeof(*numbers->entries));
	numbers->entries[at] = (struct entry){.cpu = cpu, .next = 1};
	numbers->count++;
	return 0;
}

int fwa_call_numbers_take(struct fwa_call_numbers *numbers, uint32_t cpu, uint64_t first,
			  uint64_t count, uint64_t *ret_expected)
{
	size_t at = locate(numbers, cpu);
	uint64_t expected;

	if (at == numbers->count || numbers->entries[at].cpu != cpu) {
		int result = insert(numbers, at, cpu);

		if (result < 0)
			return result;
	}
	expected = numbers->entries[at].next;
	numbers->entries[at].next = first + count;
	if (first != expected || count > UINT64_MAX - first) {
		*ret_expected = expected;
		return -EBADMSG;
	}
	return 0;
}
