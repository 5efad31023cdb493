/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/observe/watched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/daemon/clock.h"
#include "collector/observe/protocol.h"
#include "schema/hash.h"

static struct fwa_record new_record(enum fwa_record_kind kind)
{
	return (struct fwa_record){.kind = (uint8_t)kind,
				   .time = fwa_real_time(),
				   .boot_time = fwa_boot_time()};
}

static int send_device(const struct fwa_watched *watched, int channel,
		       enum fwa_device_state state)
{
	struct fwa_record record = new_record(FWA_RECORD_DEVICE);

	record.device =
		fwa_identity_device(&watched->location, &watched->identity, state);
	record.device.has_device_type = watched->stage == FWA_WATCHED_OPEN;
	return fwa_observe_send_record(channel, watched->id, &record);
}

int fwa_watched_open(struct fwa_watched *watched, int channel, struct fwa_error *error)
{
	int r = fwa_device_open(&watched->location, &watched->access, error);

	if (r < 0)
		return r;
	r = fwa_identity_read(&watched->location, &watched->access, &watched->identity,
			      error);
	if (r < 0) {
		fwa_device_close(&watched->access);
		return r;
	}
	watched->stage = FWA_WATCHED_OPEN;
	watched->reset_seen = fwa_boot_time();
	watched->has_reset = watched->access.operations->reset(watched->access.context,
							       &watched->reset) == 0;
	return send_device(watched, channel, FWA_DEVICE_PRESENT) < 0 ? -EPIPE : 0;
}

static int send_reset(const struct fwa_watched *watched, int channel,
		      const struct fwa_reset_state *state, uint64_t not_after)
{
	struct fwa_record record = new_record(FWA_RECORD_KERNEL_EVENT);
	uint64_t count = state->count - watched->reset.count;
	char detail[128];

	/* Only the last reset's type is known. */
	record.kernel_event = (struct fwa_kernel_event){
		.type = FWA_KERNEL_EVENT_DEVICE_RESET,
		.has_device = true,
		.has_reset_type = state->has_type && count == 1,
		.reset_type = state->type,
		.not_before = watched->reset_seen,
		.not_after = not_after,
	};
	if (count != 1) {
		snprintf(detail, sizeof(detail),
			 "The device's reset counter went from %" PRIu64 " to %" PRIu64
			 ".",
			 watched->reset.count, state->count);
		record.kernel_event.detail =
			(struct fwa_bytes){(const uint8_t *)detail, strlen(detail)};
	}
	return fwa_observe_send_record(channel, watched->id, &record);
}

int fwa_watched_poll_reset(struct fwa_watched *watched, int channel)
{
	struct fwa_reset_state state;
	uint64_t before = fwa_boot_time();
	int r;

	r = watched->access.operations->reset(watched->access.context, &state);
	/* A file that says nonsense, or nothing, tells no reset; the device may be going away. */
	if (r < 0)
		return 0;
	if (watched->has_reset && state.count != watched->reset.count) {
		r = send_reset(watched, channel, &state, fwa_boot_time());
		if (r < 0)
			return r;
		watched->reset_pending = true;
	}
	watched->has_reset = true;
	watched->reset = state;
	watched->reset_seen = before;
	return 0;
}

/* Send what the device declares, where it differs from what was sent before. */
static int send_declarations(struct fwa_watched *watched, int channel,
			     const struct fwa_declared declared[FWA_DECLARED_COUNT])
{
	for (size_t i = 0; i < FWA_DECLARED_COUNT; i++) {
		struct fwa_declared_mark *mark = &watched->marks[i];
		struct fwa_record record = new_record(FWA_RECORD_DECLARATION);
		struct fwa_bytes content = {declared[i].content, declared[i].size};
		uint8_t digest[FWA_DIGEST_SIZE] = {0};
		const char *version = watched->identity.firmware_version;
		int r = 0;

		if (!declared[i].present)
			continue;
		if (declared[i].error == 0)
			r = fwa_digest(&content, 1, digest);
		if (r < 0)
			return r;
		if (mark->sent && mark->error == declared[i].error &&
		    memcmp(mark->digest, digest, sizeof(digest)) == 0)
			continue;
		record.declaration = (struct fwa_declaration){
			.source = (uint8_t)i,
			.error = declared[i].error,
			.has_supersedes = mark->sent,
		};
		if (declared[i].error == 0) {
			record.declaration.digest =
				(struct fwa_bytes){digest, sizeof(digest)};
			record.declaration.content = content;
		}
		if (*version)
			record.declaration.firmware_version = (struct fwa_bytes){
				(const uint8_t *)version, strlen(version)};
		r = fwa_observe_send_record(channel, watched->id, &record);
		if (r < 0)
			return r;
		mark->sent = true;
		mark->error = declared[i].error;
		memcpy(mark->digest, digest, sizeof(digest));
	}
	return 0;
}

/* Identify tells the firmware's version, which an update changes under our eyes. */
static void follow_firmware(struct fwa_watched *watched, const struct fwa_state *state)
{
	const struct fwa_snapshot_item *item = fwa_state_find(state, "cxl.identify");

	if (item && item->status == FWA_ITEM_VALUE && item->value.data &&
	    item->value.size)
		fwa_firmware_revision(item->value.data, item->value.size,
				      watched->identity.firmware_version);
}

static int send_snapshot(struct fwa_watched *watched, int channel,
			 const struct fwa_state *state, enum fwa_snapshot_reason reason,
			 uint64_t started, uint64_t ended)
{
	struct fwa_record record = new_record(FWA_RECORD_SNAPSHOT);
	const struct fwa_snapshot_item *whole;
	struct fwa_snapshot_item *changed = NULL;
	uint8_t digest[FWA_DIGEST_SIZE], *items = NULL;
	size_t whole_count, changed_count, size;
	int r;

	whole = fwa_state_items(state, &whole_count);
	r = fwa_snapshot_state_digest(whole, whole_count, digest);
	if (r < 0)
		return r;
	r = fwa_state_diff(watched->state, state, &changed, &changed_count);
	if (r < 0)
		return r;
	r = fwa_snapshot_items_encode(changed, changed_count, NULL, 0, &size);
	if (r < 0 && r != -ENOSPC)
		goto out;
	items = malloc(size);
	r = items ? fwa_snapshot_items_encode(changed, changed_count, items, size, &size)
		  : -ENOMEM;
	if (r < 0)
		goto out;
	record.snapshot = (struct fwa_snapshot){
		.number = watched->number + 1,
		.has_previous = watched->number > 0,
		.reason = (uint8_t)reason,
		.started = started,
		.ended = ended,
		.item_count = (uint32_t)whole_count,
		.unreadable_count = fwa_state_unreadable(state),
		.state_digest = {digest, sizeof(digest)},
		.items = {items, size},
	};
	r = fwa_observe_send_record(channel, watched->id, &record);
	if (r == 0)
		watched->number++;

out:
	free(items);
	free(changed);
	return r;
}

int fwa_watched_look(struct fwa_watched *watched, int channel, bool snapshots,
		     enum fwa_snapshot_reason reason)
{
	struct fwa_observation observation = {.access = &watched->access,
					      .previous = watched->state,
					      .piece = watched->piece};
	uint64_t started, ended;
	int r;

	r = fwa_watched_poll_reset(watched, channel);
	if (r < 0)
		return r;
	if (watched->reset_pending && reason != FWA_SNAPSHOT_BASELINE &&
	    reason != FWA_SNAPSHOT_STOP)
		reason = FWA_SNAPSHOT_RESET;
	started = fwa_boot_time();
	watched->asked = false;
	watched->reset_pending = false;
	r = fwa_observe(&observation, watched->identity.device_type);
	ended = fwa_boot_time();
	if (r < 0)
		return r;
	watched->piece = observation.piece;
	follow_firmware(watched, observation.state);
	r = send_declarations(watched, channel, observation.declared);
	if (r == 0 && snapshots)
		r = send_snapshot(watched, channel, observation.state, reason, started,
				  ended);
	fwa_declared_clear(observation.declared);
	fwa_state_free(watched->state);
	watched->state = observation.state;
	watched->started = started;
	watched->ended = ended;
	/* One that came while we looked is bounded best now; it needs a look of its own. */
	return r < 0 ? r : fwa_watched_poll_reset(watched, channel);
}

int fwa_watched_gone(struct fwa_watched *watched, int channel)
{
	/* One that was never opened has no record; the recorder still has to let go of it. */
	return send_device(watched, channel, FWA_DEVICE_GONE);
}

void fwa_watched_free(struct fwa_watched *watched)
{
	if (!watched)
		return;
	fwa_device_close(&watched->access);
	fwa_state_free(watched->state);
	free(watched);
}
