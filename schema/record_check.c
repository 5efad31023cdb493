/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to hold between the fields of one record. Encoder and decoder both ask here:
 * nothing is written that would not be read, and who decoded a record need not ask again.
 */
#include "schema/record_fields.h"

#include <errno.h>
#include <string.h>

#define ERRNO_MAX 4095 /* include/linux/err.h: MAX_ERRNO */

static int refuse(const char **ret_reason, const char *reason)
{
	*ret_reason = reason;
	return -EBADMSG;
}

int fwa_check_payload_ref(const void *structure, const char **ret_reason)
{
	const struct fwa_payload_ref *ref = structure;
	bool absent = ref->captured == 0 && ref->length > 0;
	bool truncated = ref->captured > 0 && ref->captured < ref->length;

	if (ref->captured > ref->length)
		return refuse(ret_reason, "more was captured of a payload than it holds");
	if ((ref->source == FWA_SOURCE_ABSENT) != absent ||
	    (ref->source == FWA_SOURCE_TRUNCATED) != truncated)
		return refuse(ret_reason, "a payload's source contradicts its sizes");
	if ((ref->digest.data != NULL) != (ref->captured > 0))
		return refuse(ret_reason, "a payload's digest does not go with its size");
	return 0;
}

int fwa_check_rpc(const void *structure, const char **ret_reason)
{
	const struct fwa_rpc *rpc = structure;

	if ((rpc->structure_source == FWA_SOURCE_ABSENT) !=
	    (!rpc->structure_entry.data && !rpc->structure_exit.data))
		return refuse(ret_reason,
			      "structure_source contradicts what there is of it");
	if (rpc->has_result && rpc->returned < rpc->entered)
		return refuse(ret_reason, "a call returned before it was entered");
	return 0;
}

/* `digest` has to be the SHA-256 of `content`. */
static int check_digest(struct fwa_bytes digest, struct fwa_bytes content,
			const char **ret_reason)
{
	uint8_t computed[FWA_DIGEST_SIZE];
	int r;

	r = fwa_digest(&content, 1, computed);
	if (r < 0) {
		*ret_reason = "libcrypto cannot compute SHA-256";
		return r;
	}
	if (digest.size != FWA_DIGEST_SIZE ||
	    memcmp(digest.data, computed, FWA_DIGEST_SIZE))
		return refuse(ret_reason, "a digest is not that of the bytes beside it");
	return 0;
}

int fwa_check_declaration(const void *structure, const char **ret_reason)
{
	const struct fwa_declaration *declaration = structure;
	bool read = declaration->error == 0;

	if (declaration->error > 0 || declaration->error < -ERRNO_MAX)
		return refuse(ret_reason, "error is not 0 or a negative errno");
	if ((declaration->content.data != NULL) != read ||
	    (declaration->digest.data != NULL) != read)
		return refuse(ret_reason,
			      "a declaration's content contradicts its error");
	return read ? check_digest(declaration->digest, declaration->content, ret_reason)
		    : 0;
}

/* A status, digest and value: now, or in the snapshot before. */
static int check_state(uint8_t status, struct fwa_bytes digest, struct fwa_bytes value,
		       const char **ret_reason)
{
	if ((digest.data != NULL) != (status == FWA_ITEM_VALUE))
		return refuse(ret_reason, "an item's digest contradicts its status");
	if (!value.data)
		return 0;
	if (status != FWA_ITEM_VALUE)
		return refuse(ret_reason, "an item's value contradicts its status");
	return check_digest(digest, value, ret_reason);
}

int fwa_check_snapshot_item(const void *structure, const char **ret_reason)
{
	const struct fwa_snapshot_item *item = structure;
	bool unreadable = item->status == FWA_ITEM_UNREADABLE;
	bool is_short =
		item->status == FWA_ITEM_VALUE && item->length <= FWA_SNAPSHOT_VALUE_MAX;
	int r;

	for (size_t i = 0; i < item->key.size; i++) {
		if (item->key.data[i] < 0x21 || item->key.data[i] > 0x7e)
			return refuse(ret_reason, "a key is not printable ASCII");
	}
	if (unreadable ? item->error >= 0 || item->error < -ERRNO_MAX : item->error != 0)
		return refuse(ret_reason, "an item's error contradicts its status");
	if (item->status != FWA_ITEM_VALUE && item->length)
		return refuse(ret_reason, "an item's length contradicts its status");
	if ((item->value.data != NULL) != is_short ||
	    (is_short && item->value.size != item->length))
		return refuse(ret_reason, "an item's value contradicts its length");
	if (item->status == FWA_ITEM_GONE && !item->has_previous)
		return refuse(ret_reason, "an item is gone that was not there before");
	r = check_state(item->status, item->digest, item->value, ret_reason);
	if (r < 0)
		return r;
	if (!item->has_previous)
		return item->previous_digest.data || item->previous_value.data
			       ? refuse(ret_reason, "an item has half a previous state")
			       : 0;
	return check_state(item->previous_status, item->previous_digest,
			   item->previous_value, ret_reason);
}

/* A baseline is the whole state and has nothing to compare with. */
static int check_baseline(const struct fwa_snapshot *snapshot, const char **ret_reason)
{
	struct fwa_snapshot_iterator iterator = {.started = false};
	struct fwa_snapshot_item item;
	uint32_t count = 0, unreadable = 0;

	while (fwa_snapshot_next(snapshot, &iterator, &item)) {
		if (item.has_previous)
			return refuse(ret_reason,
				      "a baseline speaks of an earlier state");
		count++;
		unreadable += item.status == FWA_ITEM_UNREADABLE;
	}
	if (count != snapshot->item_count || unreadable != snapshot->unreadable_count)
		return refuse(ret_reason,
			      "a baseline's counts are not those of its items");
	return 0;
}

int fwa_check_snapshot(const void *structure, const char **ret_reason)
{
	const struct fwa_snapshot *snapshot = structure;
	bool baseline = snapshot->reason == FWA_SNAPSHOT_BASELINE;

	if (snapshot->ended < snapshot->started)
		return refuse(ret_reason, "a snapshot ended before it started");
	if (snapshot->unreadable_count > snapshot->item_count)
		return refuse(ret_reason, "more items are unreadable than there are");
	if (snapshot->has_previous == baseline)
		return refuse(ret_reason,
			      "a snapshot's reason contradicts its previous snapshot");
	return baseline ? check_baseline(snapshot, ret_reason) : 0;
}

int fwa_check_kernel_event(const void *structure, const char **ret_reason)
{
	const struct fwa_kernel_event *event = structure;

	if (event->not_after < event->not_before)
		return refuse(ret_reason, "not_after is before not_before");
	if (event->has_reset_type && event->type != FWA_KERNEL_EVENT_DEVICE_RESET)
		return refuse(ret_reason,
			      "reset_type stands in an event that is no reset");
	return 0;
}

int fwa_check_gap(const void *structure, const char **ret_reason)
{
	const struct fwa_gap *gap = structure;

	if (gap->not_after < gap->not_before)
		return refuse(ret_reason, "not_after is before not_before");
	if (gap->count - 1 > UINT64_MAX - gap->first_number)
		return refuse(ret_reason, "a gap's numbers run over");
	return 0;
}

static int check_counters(uint64_t issued, uint64_t recorded, uint64_t lost,
			  const char **ret_reason)
{
	if (recorded > issued || issued - recorded != lost)
		return refuse(ret_reason, "issued is not recorded + lost");
	return 0;
}

int fwa_check_checkpoint(const void *structure, const char **ret_reason)
{
	const struct fwa_checkpoint *checkpoint = structure;

	if ((checkpoint->previous_note_digest.data != NULL) != (checkpoint->number > 1))
		return refuse(ret_reason,
			      "a checkpoint's number contradicts previous_note_digest");
	/* Two payloads a call; halved, so that nothing runs over. */
	if (checkpoint->truncated - checkpoint->truncated / 2 > checkpoint->recorded)
		return refuse(ret_reason,
			      "more payloads are truncated than were recorded");
	return check_counters(checkpoint->issued, checkpoint->recorded, checkpoint->lost,
			      ret_reason);
}

int fwa_check_shutdown(const void *structure, const char **ret_reason)
{
	const struct fwa_shutdown *shutdown = structure;

	return check_counters(shutdown->issued, shutdown->recorded, shutdown->lost,
			      ret_reason);
}
