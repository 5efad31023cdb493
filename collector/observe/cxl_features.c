/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every feature of a CXL device, through FWCTL_RPC: its entry, and its current, default and saved
 * value as far as the device says that they can be read. All of them, not only those that
 * somebody set: side effects are elsewhere by definition.
 */
#include "collector/observe/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl_feature.h"
#include "schema/cxl_mailbox.h"
#include "schema/cxl_rpc.h"
#include "schema/effects.h"
#include "schema/fwctl.h"
#include "schema/text.h"

#define LIST_KEY     "cxl.features"
#define PREFIX       "cxl.feature."
#define PAGE_ENTRIES 64u
#define PAGE_SIZE_IN_BYTES                                                               \
	(FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE + PAGE_ENTRIES * FWA_CXL_FEATURE_ENTRY_SIZE)
#define RESPONSE_MAX (FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE + UINT16_MAX)
#define REQUEST_MAX  (FWA_CXL_REQUEST_HEADER_SIZE + FWA_CXL_GET_FEATURE_IN_SIZE)

static bool applies(uint32_t device_type)
{
	return device_type == FWA_FWCTL_DEVICE_CXL;
}

/* A change of a current or default value is one of these; either declared class explains it. */
#define CURRENT_EFFECTS (FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE)

/*
 * One mailbox command. `response` has RESPONSE_MAX bytes; the answer's payload, at most `wanted`
 * bytes, is borrowed from it.
 */
static int command(const struct fwa_device_access *access, uint16_t opcode,
		   const uint8_t *input, size_t input_size, uint8_t *response,
		   size_t wanted, struct fwa_bytes *ret_payload)
{
	uint8_t request[REQUEST_MAX];
	struct fwa_cxl_response answer;
	size_t size = 0;
	int r;

	fwa_cxl_request_header_encode(opcode, (uint32_t)input_size, request);
	memcpy(request + FWA_CXL_REQUEST_HEADER_SIZE, input, input_size);
	/* The driver wants room for what it counts as the header. */
	r = access->operations->rpc(access->context, FWA_FWCTL_SCOPE_CONFIGURATION,
				    request, FWA_CXL_REQUEST_HEADER_SIZE + input_size,
				    response,
				    FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE + wanted, &size);
	if (r < 0)
		return r;
	r = fwa_cxl_response_decode(response, size, &answer);
	if (r < 0)
		return r;
	if (answer.retval != FWA_CXL_RETURN_SUCCESS)
		return -EREMOTEIO;
	/* A transport failure can leave the return code 0: there is then nothing in the answer. */
	if (answer.size == 0)
		return -EIO;
	if (answer.size > wanted || answer.size != answer.payload.size)
		return -EBADMSG;
	*ret_payload = answer.payload;
	return 0;
}

/* One page of entries, appended at `*count`. */
static int read_page(const struct fwa_device_access *access, uint8_t *response,
		     uint8_t *entries, size_t *count, size_t *supported)
{
	const struct fwa_cxl_supported_features_in in = {
		.count = PAGE_SIZE_IN_BYTES,
		.start = (uint16_t)*count,
	};
	struct fwa_cxl_supported_features_out page;
	uint8_t input[FWA_CXL_SUPPORTED_FEATURES_IN_SIZE];
	struct fwa_bytes payload;
	size_t got;
	int r;

	fwa_cxl_supported_features_in_encode(&in, input);
	r = command(access, FWA_CXL_GET_SUPPORTED_FEATURES, input, sizeof(input),
		    response, PAGE_SIZE_IN_BYTES, &payload);
	if (r < 0)
		return r;
	r = fwa_cxl_supported_features_out_decode(payload.data, payload.size, &page);
	if (r < 0)
		return r;
	got = page.entries.size / FWA_CXL_FEATURE_ENTRY_SIZE;
	/* The number of features may not move between pages, and a page has to lead on. */
	if ((*count > 0 && page.supported != *supported) || got != page.count ||
	    got > page.supported - *count || (got == 0 && page.supported > *count))
		return -EBADMSG;
	if (page.supported > FWA_CXL_FEATURES_MAX)
		return -E2BIG;
	*supported = page.supported;
	if (got)
		memcpy(entries + *count * FWA_CXL_FEATURE_ENTRY_SIZE, page.entries.data,
		       got * FWA_CXL_FEATURE_ENTRY_SIZE);
	*count += got;
	return 0;
}

/*
 * The list, as far as it could be read: `entries` has room for FWA_CXL_FEATURES_MAX. Returns 0
 * if it is whole.
 */
static int read_list(const struct fwa_device_access *access, uint8_t *response,
		     uint8_t *entries, size_t *ret_count)
{
	size_t count = 0, supported = 0;
	int r;

	do
		r = read_page(access, response, entries, &count, &supported);
	while (r == 0 && count < supported);
	*ret_count = count;
	return r;
}

static int read_value(struct fwa_observation *observation, uint8_t *response,
		      const struct fwa_cxl_feature_entry *entry, const char *uuid,
		      enum fwa_cxl_selection selection, uint32_t effects)
{
	struct fwa_cxl_get_feature get = {.count = entry->get_size,
					  .selection = (uint8_t)selection};
	uint8_t input[FWA_CXL_GET_FEATURE_IN_SIZE];
	char key[FWA_STATE_KEY_MAX];
	struct fwa_bytes payload;
	int r;

	memcpy(get.uuid, entry->uuid, sizeof(get.uuid));
	fwa_cxl_get_feature_encode(&get, input);
	snprintf(key, sizeof(key), PREFIX "%s.%s", uuid,
		 fwa_cxl_selection_name((uint8_t)selection));
	r = command(observation->access, FWA_CXL_GET_FEATURE, input, sizeof(input),
		    response, entry->get_size, &payload);
	if (r < 0)
		return fwa_unobserved(observation, &fwa_cxl_features_observer, key,
				      effects, r);
	return fwa_observed(observation, &fwa_cxl_features_observer, key, effects,
			    payload.data, payload.size);
}

/*
 * A saved value takes hold with a reset, so a change of it is a deferred one; unless it says what
 * the current value says already: then the command that changed both may have declared either.
 */
static void judge_saved(struct fwa_state *state, const char *uuid)
{
	const struct fwa_snapshot_item *current, *saved;
	char key[FWA_STATE_KEY_MAX];

	snprintf(key, sizeof(key), PREFIX "%s.current", uuid);
	current = fwa_state_find(state, key);
	snprintf(key, sizeof(key), PREFIX "%s.saved", uuid);
	saved = fwa_state_find(state, key);
	if (current && saved && current->status == FWA_ITEM_VALUE &&
	    saved->status == FWA_ITEM_VALUE && current->length == saved->length &&
	    memcmp(current->digest.data, saved->digest.data, FWA_DIGEST_SIZE) == 0)
		fwa_state_set_effects(state, key, FWA_EFFECTS_DEFERRED | CURRENT_EFFECTS);
}

static int read_feature(struct fwa_observation *observation, uint8_t *response,
			const uint8_t *bytes)
{
	struct fwa_cxl_feature_entry entry;
	char key[FWA_STATE_KEY_MAX], uuid[FWA_UUID_TEXT_SIZE];
	int r;

	r = fwa_cxl_feature_entry_decode(bytes, FWA_CXL_FEATURE_ENTRY_SIZE, &entry);
	if (r < 0)
		return r;
	fwa_uuid_format(entry.uuid, uuid);
	snprintf(key, sizeof(key), PREFIX "%s.entry", uuid);
	r = fwa_observed(observation, &fwa_cxl_features_observer, key,
			 FWA_EFFECT_CAPABILITY, bytes, FWA_CXL_FEATURE_ENTRY_SIZE);
	/* With a size of 0 there is nothing to get. */
	if (r < 0 || entry.get_size == 0)
		return r;
	r = read_value(observation, response, &entry, uuid, FWA_CXL_SELECT_CURRENT,
		       CURRENT_EFFECTS);
	if (r == 0 && (entry.flags & FWA_CXL_FEATURE_DEFAULT_READABLE))
		r = read_value(observation, response, &entry, uuid,
			       FWA_CXL_SELECT_DEFAULT, CURRENT_EFFECTS);
	if (r == 0 && (entry.flags & FWA_CXL_FEATURE_SAVED_READABLE)) {
		r = read_value(observation, response, &entry, uuid, FWA_CXL_SELECT_SAVED,
			       FWA_EFFECTS_DEFERRED);
		if (r == 0)
			judge_saved(observation->state, uuid);
	}
	return r;
}

/* Say how the list was, and keep what is known of features that are no longer listed. */
static int conclude(struct fwa_observation *observation, int list_error, uint8_t *entries,
		    size_t count)
{
	struct fwa_declared *declared =
		&observation->declared[FWA_DECLARATION_CXL_FEATURES];
	uint8_t number[2];
	int r;

	if (list_error == 0) {
		fwa_put_le16(number, (uint16_t)count);
		fwa_declared_set(declared, 0, entries,
				 count * FWA_CXL_FEATURE_ENTRY_SIZE);
		return fwa_observed(observation, &fwa_cxl_features_observer, LIST_KEY,
				    FWA_EFFECT_CAPABILITY, number, sizeof(number));
	}
	free(entries);
	fwa_declared_set(declared, list_error, NULL, 0);
	r = fwa_unobserved(observation, &fwa_cxl_features_observer, LIST_KEY,
			   FWA_EFFECT_CAPABILITY, list_error);
	if (r == 0)
		r = fwa_state_carry(observation->state, observation->previous, PREFIX,
				    list_error);
	return r;
}

static int snapshot(struct fwa_observation *observation)
{
	uint8_t *response = malloc(RESPONSE_MAX);
	uint8_t *entries = malloc(FWA_CXL_FEATURES_MAX * FWA_CXL_FEATURE_ENTRY_SIZE);
	int list_error, r = 0;
	size_t count;

	if (!response || !entries) {
		free(entries);
		free(response);
		return -ENOMEM;
	}
	list_error = read_list(observation->access, response, entries, &count);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = read_feature(observation, response,
				 entries + i * FWA_CXL_FEATURE_ENTRY_SIZE);
		/* A feature that is listed twice: the list cannot be believed. */
		if (r == -EEXIST) {
			list_error = -EBADMSG;
			r = 0;
		}
	}
	if (r == 0)
		r = conclude(observation, list_error, entries, count);
	else
		free(entries);
	free(response);
	return r;
}

const struct fwa_observer fwa_cxl_features_observer = {
	.name = "cxl-features",
	.applies = applies,
	.snapshot = snapshot,
};
