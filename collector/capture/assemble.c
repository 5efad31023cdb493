// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/assemble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/capture/path.h"
#include "schema/hash.h"

#define BUCKETS 4096u /* a power of two */

/* What has come of one direction's payload. */
struct part {
	uint8_t *bytes; /* `total` of them; NULL: nothing has come */
	uint32_t total;
	uint32_t sizes[FWA_EVENT_CHUNKS_MAX]; /* what has come of each chunk */
	enum fwa_moment moment;
};

/* A call that chunks have come for. */
struct pending {
	uint64_t id;
	struct pending *next;          /* in its bucket */
	struct pending *older, *newer; /* by first chunk */
	struct part parts[2];          /* by enum fwa_event_direction */
};

struct fwa_assembly {
	size_t bytes_max;
	size_t bytes;
	uint64_t given_up;
	struct pending *oldest, *newest;
	uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE];
	uint8_t exe[FWA_EVENT_EXE_MAX + 1];
	uint8_t cgroup[FWA_EVENT_CGROUP_MAX + 1];
	struct pending *buckets[BUCKETS];
};

struct fwa_assembly *fwa_assembly_new(size_t bytes_max,
				      const uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE])
{
	struct fwa_assembly *assembly = calloc(1, sizeof(*assembly));

	if (!assembly)
		return NULL;
	assembly->bytes_max = bytes_max;
	memcpy(assembly->secret, secret, sizeof(assembly->secret));
	return assembly;
}

/* CPU in the upper bits, a count in the lower ones: both have to matter. */
static struct pending **bucket(struct fwa_assembly *assembly, uint64_t id)
{
	return &assembly->buckets[(id ^ id >> 44) & (BUCKETS - 1)];
}

static struct pending *find(struct fwa_assembly *assembly, uint64_t id)
{
	struct pending *pending = *bucket(assembly, id);

	while (pending && pending->id != id)
		pending = pending->next;
	return pending;
}

static struct pending *add(struct fwa_assembly *assembly, uint64_t id)
{
	struct pending **head = bucket(assembly, id);
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	pending->id = id;
	pending->next = *head;
	*head = pending;
	pending->older = assembly->newest;
	if (assembly->newest)
		assembly->newest->newer = pending;
	else
		assembly->oldest = pending;
	assembly->newest = pending;
	return pending;
}

static void drop(struct fwa_assembly *assembly, struct pending *pending)
{
	struct pending **link = bucket(assembly, pending->id);
	int i;

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	if (pending->older)
		pending->older->newer = pending->newer;
	else
		assembly->oldest = pending->newer;
	if (pending->newer)
		pending->newer->older = pending->older;
	else
		assembly->newest = pending->older;
	for (i = 0; i < 2; i++) {
		if (pending->parts[i].bytes)
			assembly->bytes -= pending->parts[i].total;
		free(pending->parts[i].bytes);
	}
	free(pending);
}

void fwa_assembly_free(struct fwa_assembly *assembly)
{
	if (!assembly)
		return;
	while (assembly->oldest)
		drop(assembly, assembly->oldest);
	free(assembly);
}

/* Make room by giving up the oldest calls' payloads, but not that of `keep`. */
static void make_room(struct fwa_assembly *assembly, const struct pending *keep,
		      size_t size)
{
	struct pending *pending = assembly->oldest, *newer;

	while (pending && assembly->bytes + size > assembly->bytes_max) {
		newer = pending->newer;
		if (pending != keep) {
			assembly->given_up += pending->parts[0].bytes != NULL;
			assembly->given_up += pending->parts[1].bytes != NULL;
			drop(assembly, pending);
		}
		pending = newer;
	}
}

void fwa_assembly_chunk(struct fwa_assembly *assembly, uint64_t id,
			const struct fwa_decoded_chunk *chunk)
{
	struct pending *pending = find(assembly, id);
	struct part *part;

	if (!pending)
		pending = add(assembly, id);
	if (!pending) {
		assembly->given_up++;
		return;
	}
	part = &pending->parts[chunk->direction];
	if (!part->bytes) {
		make_room(assembly, pending, chunk->total);
		part->bytes = malloc(chunk->total);
		if (!part->bytes) {
			assembly->given_up++;
			return;
		}
		part->total = chunk->total;
		assembly->bytes += chunk->total;
	}
	if (part->total != chunk->total || part->sizes[chunk->index] > chunk->bytes.size)
		return;
	memcpy(part->bytes + chunk->offset, chunk->bytes.data, chunk->bytes.size);
	part->sizes[chunk->index] = (uint32_t)chunk->bytes.size;
	if (chunk->moment == FWA_MOMENT_EXIT)
		part->moment = FWA_MOMENT_EXIT;
}

/* How much has come without a hole, from the beginning. */
static size_t prefix(const struct part *part)
{
	size_t size = 0;
	uint32_t i;

	for (i = 0; i < FWA_EVENT_CHUNKS_MAX; i++) {
		size += part->sizes[i];
		if (part->sizes[i] < FWA_EVENT_CHUNK_SIZE)
			break;
	}
	return size;
}

static void take_part(const struct part *part, struct fwa_call_payload *payload)
{
	size_t size = part->bytes ? prefix(part) : 0;

	/* What is inside the call's own event needs no chunks. */
	if (payload->captured.data || size == 0 || part->total != payload->length)
		return;
	payload->captured = (struct fwa_bytes){.data = part->bytes, .size = size};
	payload->moment = part->moment;
}

/* One open file, one key; but no address for whoever reads the ledger. */
static int open_key(const struct fwa_assembly *assembly, uint64_t file, uint64_t *ret_key)
{
	uint8_t address[8], digest[FWA_DIGEST_SIZE];
	const struct fwa_bytes parts[] = {
		{.data = assembly->secret, .size = sizeof(assembly->secret)},
		{.data = address, .size = sizeof(address)},
	};
	int error;

	fwa_put_le64(address, file);
	error = fwa_digest(parts, 2, digest);
	if (error)
		return error;
	*ret_key = fwa_le64(digest);
	return 0;
}

int fwa_assembly_call(struct fwa_assembly *assembly, uint64_t id,
		      const struct fwa_decoded_call *decoded, struct fwa_call *ret_call)
{
	const struct pending *pending = find(assembly, id);
	struct fwa_call call = decoded->call;
	struct fwa_caller *caller = &call.caller;
	int error;

	error = open_key(assembly, decoded->file, &call.open.key);
	if (error)
		return error;
	if (decoded->exe_known) {
		caller->exe_path.data = assembly->exe;
		caller->exe_path.size = fwa_path_join(
			decoded->exe, caller->flags & FWA_CALLER_EXE_TRUNCATED,
			assembly->exe);
	}
	if (decoded->cgroup_known) {
		caller->cgroup_path.data = assembly->cgroup;
		caller->cgroup_path.size = fwa_path_join(
			decoded->cgroup, caller->flags & FWA_CALLER_CGROUP_TRUNCATED,
			assembly->cgroup);
	}
	if (pending) {
		take_part(&pending->parts[FWA_EVENT_REQUEST], &call.request);
		take_part(&pending->parts[FWA_EVENT_RESPONSE], &call.response);
	}
	*ret_call = call;
	return 0;
}

void fwa_assembly_release(struct fwa_assembly *assembly, uint64_t id)
{
	struct pending *pending = find(assembly, id);

	if (pending)
		drop(assembly, pending);
}

size_t fwa_assembly_pending_bytes(const struct fwa_assembly *assembly)
{
	return assembly->bytes;
}

uint64_t fwa_assembly_given_up(const struct fwa_assembly *assembly)
{
	return assembly->given_up;
}
