/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/states.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/evidence/recorded_state.h"

/* One device, of which there may be many device records. */
struct device {
	uint8_t identity[FWA_DIGEST_SIZE]; /* of name and path */
	uint8_t serial[FWA_DIGEST_SIZE];
	bool has_serial;
	/* Of the run at hand: */
	bool has_snapshot;
	uint64_t snapshot;                /* the last one */
	struct fwa_recorded_state *state; /* after it; NULL: not known */
};

struct device_record {
	uint64_t sequence;
	size_t device;
};

struct fwa_states {
	struct device *devices;
	size_t device_count, device_capacity;
	struct device_record *records; /* in order */
	size_t record_count, record_capacity;
	bool lost_track;
};

struct fwa_states *fwa_states_new(void)
{
	return calloc(1, sizeof(struct fwa_states));
}

/* Nothing is known of any device's snapshots. */
static void forget(struct fwa_states *states)
{
	size_t i;

	for (i = 0; i < states->device_count; i++) {
		states->devices[i].has_snapshot = false;
		fwa_recorded_state_free(states->devices[i].state);
		states->devices[i].state = NULL;
	}
}

void fwa_states_free(struct fwa_states *states)
{
	if (!states)
		return;
	forget(states);
	free(states->devices);
	free(states->records);
	free(states);
}

void fwa_states_lose_track(struct fwa_states *states)
{
	states->lost_track = true;
	forget(states);
}

/* Make room for one more item. */
static int reserve(void **items, size_t count, size_t *capacity, size_t size)
{
	size_t more = *capacity ? *capacity * 2 : 16;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*items, more, size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = more;
	return 0;
}

/* Digests stand for names, paths and serial numbers: they are all of one size. */
static int identify(const struct fwa_device *record, struct device *ret_device)
{
	/* The size of the name keeps it apart from the path. */
	uint8_t size[2] = {(uint8_t)(record->name.size >> 8), (uint8_t)record->name.size};
	struct fwa_bytes parts[3] = {{size, sizeof(size)}, record->name, record->path};
	int result = fwa_digest(parts, 3, ret_device->identity);

	ret_device->has_serial = record->serial.data && record->serial.size > 0;
	if (result == 0 && ret_device->has_serial)
		result = fwa_digest(&record->serial, 1, ret_device->serial);
	return result;
}

static bool is_same(const struct device *a, const struct device *b)
{
	return memcmp(a->identity, b->identity, sizeof(a->identity)) == 0 &&
	       (!a->has_serial || !b->has_serial ||
		memcmp(a->serial, b->serial, sizeof(a->serial)) == 0);
}

static int add_device(struct fwa_states *states, const struct device *device)
{
	void *items = states->devices;
	int result;

	if (states->device_count == FWA_STATES_DEVICES_MAX)
		return -E2BIG;
	result = reserve(&items, states->device_count, &states->device_capacity,
			 sizeof(*states->devices));
	states->devices = items;
	if (result == 0)
		states->devices[states->device_count++] = *device;
	return result;
}

static int device_record(struct fwa_states *states, const struct fwa_record *record)
{
	struct device device = {.has_snapshot = false};
	void *items = states->records;
	size_t i;
	int result = identify(&record->device, &device);

	for (i = 0; result == 0 && i < states->device_count; i++) {
		if (is_same(&states->devices[i], &device))
			break;
	}
	if (result == 0 && i == states->device_count)
		result = add_device(states, &device);
	if (result == 0)
		result = reserve(&items, states->record_count, &states->record_capacity,
				 sizeof(*states->records));
	states->records = items;
	if (result < 0)
		return result;
	if (device.has_serial) {
		states->devices[i].has_serial = true;
		memcpy(states->devices[i].serial, device.serial, sizeof(device.serial));
	}
	states->records[states->record_count++] =
		(struct device_record){.sequence = record->sequence, .device = i};
	return 0;
}

static struct device *find(const struct fwa_states *states, uint64_t sequence)
{
	size_t low = 0, high = states->record_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (states->records[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == states->record_count || states->records[low].sequence != sequence)
		return NULL;
	return &states->devices[states->records[low].device];
}

static int snapshot(struct fwa_states *states, const struct fwa_record *record,
		    enum fwa_states_verdict *ret_verdict)
{
	const struct fwa_snapshot *snapshot = &record->snapshot;
	struct device *device = find(states, snapshot->device);
	bool is_baseline = !snapshot->has_previous, follows;
	struct fwa_recorded_state *before, *after = NULL;
	int result = 0;

	if (!device)
		return 0; /* a device that is not one is another rule's matter */
	follows = device->has_snapshot && device->snapshot == snapshot->previous;
	if (!is_baseline && !follows && !states->lost_track)
		*ret_verdict = FWA_STATES_UNCHAINED;
	before = device->state;
	device->state = NULL;
	device->has_snapshot = true;
	device->snapshot = record->sequence;
	if (is_baseline || (follows && before))
		result = fwa_recorded_state_follow(is_baseline ? NULL : before, snapshot,
						   &after);
	fwa_recorded_state_free(before);
	if (result == -EBADMSG) {
		*ret_verdict = FWA_STATES_CONTRADICT;
		return 0;
	}
	device->state = after;
	return result;
}

int fwa_states_record(struct fwa_states *states, const struct fwa_record *record,
		      enum fwa_states_verdict *ret_verdict)
{
	int result;

	*ret_verdict = FWA_STATES_HOLD;
	switch (record->kind) {
	case FWA_RECORD_BOOT:
		forget(states);
		return 0;
	case FWA_RECORD_DEVICE:
		result = device_record(states, record);
		if (result == -E2BIG) {
			*ret_verdict = FWA_STATES_DEVICES_EXCEED;
			return 0;
		}
		return result;
	case FWA_RECORD_SNAPSHOT:
		return snapshot(states, record, ret_verdict);
	default:
		return 0;
	}
}
