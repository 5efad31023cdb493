/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/references.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 100 MiB of them: a ledger with a thousand devices and starts a day lasts for ten years. */
#define TARGETS_MAX (1u << 22)
#define CPUS_MAX    16384u
#define NONE        UINT64_MAX

/* A device or declaration record. */
struct target {
	uint64_t sequence;
	uint64_t snapshot; /* the device's last snapshot; NONE */
	uint64_t run;      /* in which that was taken */
	uint8_t kind;
	uint8_t source; /* of a declaration */
};

struct last_call {
	uint32_t cpu;
	uint64_t sequence;
};

struct fwa_references {
	struct target *targets; /* in the order of the records */
	size_t count, capacity;
	uint64_t run;            /* of the boot record */
	size_t run_targets;      /* where this run's targets begin */
	struct last_call *calls; /* of this run */
	size_t call_count, call_capacity;
	bool lost_track;
};

struct fwa_references *fwa_references_new(void)
{
	return calloc(1, sizeof(struct fwa_references));
}

void fwa_references_free(struct fwa_references *references)
{
	if (!references)
		return;
	free(references->targets);
	free(references->calls);
	free(references);
}

void fwa_references_lose_track(struct fwa_references *references)
{
	references->lost_track = true;
}

static struct target *find(const struct fwa_references *references, uint64_t sequence)
{
	size_t low = 0, high = references->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (references->targets[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == references->count || references->targets[low].sequence != sequence)
		return NULL;
	return &references->targets[low];
}

/* Make room for one more item. */
static int reserve(void **items, size_t count, size_t *capacity, size_t size, size_t most)
{
	size_t more = *capacity ? *capacity * 2 : 64;
	void *grown;

	if (count < *capacity)
		return 0;
	if (count >= most)
		return -E2BIG;
	grown = reallocarray(*items, more, size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = more;
	return 0;
}

static int remember(struct fwa_references *references, const struct fwa_record *record)
{
	void *items = references->targets;
	int result = reserve(&items, references->count, &references->capacity,
			     sizeof(*references->targets), TARGETS_MAX);

	references->targets = items;
	if (result < 0)
		return result;
	references->targets[references->count++] = (struct target){
		.sequence = record->sequence,
		.snapshot = NONE,
		.kind = record->kind,
		.source = record->kind == FWA_RECORD_DECLARATION
				  ? record->declaration.source
				  : 0,
	};
	return 0;
}

static struct last_call *find_call(const struct fwa_references *references, uint32_t cpu)
{
	size_t i;

	for (i = 0; i < references->call_count; i++) {
		if (references->calls[i].cpu == cpu)
			return &references->calls[i];
	}
	return NULL;
}

static int remember_call(struct fwa_references *references,
			 const struct fwa_record *record)
{
	struct last_call *call = find_call(references, record->rpc.cpu);
	void *items = references->calls;
	int result;

	if (!call) {
		result = reserve(&items, references->call_count,
				 &references->call_capacity, sizeof(*references->calls),
				 CPUS_MAX);
		references->calls = items;
		if (result < 0)
			return result;
		call = &references->calls[references->call_count++];
		call->cpu = record->rpc.cpu;
	}
	call->sequence = record->sequence;
	return 0;
}

static void bad(struct fwa_bad_reference *ret_bad, const char *what, uint64_t target)
{
	ret_bad->what = what;
	ret_bad->target = target;
}

static void check_device(const struct fwa_references *references, uint64_t device,
			 struct fwa_bad_reference *ret_bad)
{
	const struct target *target = find(references, device);

	if (target ? target->kind != FWA_RECORD_DEVICE : !references->lost_track)
		bad(ret_bad, "device record", device);
}

/* The device whose last snapshot in this run this is. */
static struct target *find_snapshot(const struct fwa_references *references,
				    struct target *device, uint64_t snapshot)
{
	size_t i;

	if (device && device->snapshot == snapshot && device->run == references->run)
		return device;
	/* The device may have another record since: its firmware changed, say. */
	for (i = references->run_targets; i < references->count; i++) {
		if (references->targets[i].snapshot == snapshot &&
		    references->targets[i].run == references->run)
			return &references->targets[i];
	}
	return NULL;
}

static void check_snapshot(struct fwa_references *references,
			   const struct fwa_record *record,
			   struct fwa_bad_reference *ret_bad)
{
	const struct fwa_snapshot *snapshot = &record->snapshot;
	struct target *device = find(references, snapshot->device);
	struct target *before = NULL;

	check_device(references, snapshot->device, ret_bad);
	if (snapshot->has_previous)
		before = find_snapshot(references, device, snapshot->previous);
	if (snapshot->has_previous && !before && !references->lost_track &&
	    !ret_bad->what)
		bad(ret_bad, "last snapshot of this device in this run",
		    snapshot->previous);
	if (before)
		before->snapshot = NONE;
	if (device) {
		device->snapshot = record->sequence;
		device->run = references->run;
	}
}

static void check_declaration(const struct fwa_references *references,
			      const struct fwa_declaration *declaration,
			      struct fwa_bad_reference *ret_bad)
{
	const struct target *target;

	check_device(references, declaration->device, ret_bad);
	if (!declaration->has_supersedes || ret_bad->what)
		return;
	target = find(references, declaration->supersedes);
	if (target ? target->kind != FWA_RECORD_DECLARATION ||
			     target->source != declaration->source
		   : !references->lost_track)
		bad(ret_bad, "declaration of the same source", declaration->supersedes);
}

static void check_gap(const struct fwa_references *references, const struct fwa_gap *gap,
		      struct fwa_bad_reference *ret_bad)
{
	const struct last_call *call = find_call(references, gap->cpu);

	if (references->lost_track || !gap->has_after)
		return;
	if (!call || call->sequence != gap->after)
		bad(ret_bad, "last call of this CPU in this run", gap->after);
}

int fwa_references_record(struct fwa_references *references,
			  const struct fwa_record *record,
			  struct fwa_bad_reference *ret_bad)
{
	*ret_bad = (struct fwa_bad_reference){0};
	switch (record->kind) {
	case FWA_RECORD_BOOT:
		references->run = record->sequence;
		references->run_targets = references->count;
		references->call_count = 0;
		return 0;
	case FWA_RECORD_DEVICE:
		return remember(references, record);
	case FWA_RECORD_DECLARATION:
		check_declaration(references, &record->declaration, ret_bad);
		return remember(references, record);
	case FWA_RECORD_RPC:
		if (record->rpc.has_device)
			check_device(references, record->rpc.device, ret_bad);
		return remember_call(references, record);
	case FWA_RECORD_SNAPSHOT:
		check_snapshot(references, record, ret_bad);
		return 0;
	case FWA_RECORD_KERNEL_EVENT:
		if (record->kernel_event.has_device)
			check_device(references, record->kernel_event.device, ret_bad);
		return 0;
	case FWA_RECORD_GAP:
		check_gap(references, &record->gap, ret_bad);
		return 0;
	default:
		return 0;
	}
}
