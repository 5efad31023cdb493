/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add(uint8_t *bytes, size_t size, int64_t addend)
{
	uint64_t carry = (uint64_t)addend;
	size_t i;

	/* Sign-extended beyond 8 bytes, so that a negative addend counts down at any
	 * width. */
	for (i = 0; i < size; i++) {
		uint64_t low = carry & 0xff;
		uint64_t sum = bytes[i] + low;

		bytes[i] = (uint8_t)sum;
		carry = (uint64_t)((int64_t)carry >> 8) + (sum >> 8);
	}
}

static size_t cel_find(const struct fwsim_region *cel, uint16_t opcode)
{
	size_t at;

	for (at = 0; at + FWA_CXL_CEL_ENTRY_SIZE <= cel->size;
	     at += FWA_CXL_CEL_ENTRY_SIZE) {
		if (fwa_le16(cel->data + at) == opcode)
			return at;
	}
	return cel->size;
}

static void cel_set(struct fwsim_region *cel, uint16_t opcode, uint16_t effects)
{
	struct fwa_cxl_cel_entry entry = {.opcode = opcode, .effects = effects};
	size_t at = cel_find(cel, opcode);

	if (at == cel->size) {
		if (cel->capacity - cel->size < FWA_CXL_CEL_ENTRY_SIZE)
			return;
		cel->size += FWA_CXL_CEL_ENTRY_SIZE;
	}
	fwa_cxl_cel_entry_encode(&entry, cel->data + at);
}

static void cel_remove(struct fwsim_region *cel, uint16_t opcode)
{
	size_t at = cel_find(cel, opcode);

	if (at == cel->size)
		return;
	memmove(cel->data + at, cel->data + at + FWA_CXL_CEL_ENTRY_SIZE,
		cel->size - at - FWA_CXL_CEL_ENTRY_SIZE);
	cel->size -= FWA_CXL_CEL_ENTRY_SIZE;
}

void fwsim_change_apply(struct fwsim_device *device, const struct fwsim_change *change)
{
	struct fwsim_region *region = change->region;
	size_t size = change->size;
	uint8_t *to = NULL;
	size_t i;

	if (region) {
		if (change->offset > region->size)
			return;
		if (size > region->size - change->offset)
			size = region->size - change->offset;
		to = region->data + change->offset;
	}
	switch (change->operation) {
	case FWSIM_WRITE:
		if (size)
			memcpy(to, change->bytes, size);
		break;
	case FWSIM_XOR:
		for (i = 0; i < size; i++)
			to[i] ^= change->bytes[i];
		break;
	case FWSIM_ADD:
		add(to, size, change->addend);
		break;
	case FWSIM_CEL_SET:
		cel_set(&device->cel, change->opcode, change->cel_effects);
		break;
	case FWSIM_CEL_REMOVE:
		cel_remove(&device->cel, change->opcode);
		break;
	case FWSIM_DISAPPEAR:
		device->gone = true;
		break;
	}
}

static int keep(struct fwsim_device *device, struct fwsim_change *change,
		struct fwsim_pending **ret_pending)
{
	struct fwsim_pending *pending, **link;

	if (device->pending_count >= FWSIM_PENDING_MAX)
		return -EOVERFLOW;
	pending = calloc(1, sizeof(*pending));
	if (!pending)
		return -ENOMEM;
	pending->change = *change;
	change->bytes = NULL;
	for (link = &device->pending; *link; link = &(*link)->next)
		;
	*link = pending;
	device->pending_count++;
	*ret_pending = pending;
	return 0;
}

int fwsim_change_at(struct fwsim_device *device, struct fwsim_change *change,
		    uint64_t due)
{
	struct fwsim_pending *pending;
	int r;

	r = keep(device, change, &pending);
	if (r < 0)
		return r;
	pending->due = due;
	return 0;
}

int fwsim_change_on_reset(struct fwsim_device *device, struct fwsim_change *change,
			  uint8_t reset)
{
	struct fwsim_pending *pending;
	int r;

	r = keep(device, change, &pending);
	if (r < 0)
		return r;
	pending->on_reset = true;
	pending->reset = reset;
	return 0;
}

static void finish(struct fwsim_device *device, struct fwsim_pending **link)
{
	struct fwsim_pending *pending = *link;

	*link = pending->next;
	device->pending_count--;
	fwsim_change_apply(device, &pending->change);
	free(pending->change.bytes);
	free(pending);
}

void fwsim_pending_settle(struct fwsim_device *device, uint64_t now)
{
	struct fwsim_pending **link, **earliest;

	do {
		earliest = NULL;
		for (link = &device->pending; *link; link = &(*link)->next) {
			if ((*link)->on_reset || (*link)->due > now)
				continue;
			if (!earliest || (*link)->due < (*earliest)->due)
				earliest = link;
		}
		if (earliest)
			finish(device, earliest);
	} while (earliest);
}

void fwsim_pending_reset(struct fwsim_device *device, uint8_t reset)
{
	struct fwsim_pending **link = &device->pending;

	/* The numbers of enum fwa_reset_type fall as resets get harder. */
	while (*link) {
		if ((*link)->on_reset && (*link)->reset >= reset)
			finish(device, link);
		else
			link = &(*link)->next;
	}
}

void fwsim_pending_free(struct fwsim_device *device)
{
	while (device->pending) {
		struct fwsim_pending *pending = device->pending;

		device->pending = pending->next;
		free(pending->change.bytes);
		free(pending);
	}
	device->pending_count = 0;
}
