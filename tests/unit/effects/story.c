/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fwctl.h"
#include "schema/hash.h"
#include "story.h"
#include "verifier/report/report.h"

#define TICK     1000000u
#define EPOCH    UINT64_C(1800000000000000000) /* CLOCK_REALTIME at the boot */
#define KEYS     64
#define VERDICTS 512
#define DEVICES  2

struct key {
	char name[128];
	bool used, is_volatile, known;
	uint8_t status, value;
	uint8_t before_status, before_value; /* in the last snapshot */
};

struct device {
	uint64_t record;
	bool seen;
	uint64_t last_snapshot, snapshots;
	struct key keys[KEYS];
};

struct story {
	struct fwa_effects *effects;
	struct fwa_record_consumer consumer;
	struct fwa_findings *findings;
	uint64_t sequence;
	uint8_t boot;
	struct device devices[DEVICES];
	unsigned device;
	struct {
		uint64_t sequence;
		enum fwa_verdict verdict;
		const char *reason;
	} verdicts[VERDICTS];
	size_t verdict_count;
	char ids[512];
	uint64_t calls;
};

static struct fwa_bytes text(const char *string)
{
	return (struct fwa_bytes){(const uint8_t *)string, strlen(string)};
}

static uint64_t tell(struct story *story, struct fwa_record *record, uint64_t time,
		     struct fwa_bytes request, struct fwa_bytes response)
{
	uint8_t leaf[FWA_DIGEST_SIZE] = {0};
	struct fwa_evidence evidence = {
		.record = record, .leaf = leaf, .request = request, .response = response};

	record->sequence = story->sequence++;
	record->boot_time = time * TICK;
	record->time = EPOCH + record->boot_time;
	fwa_put_le64(leaf, record->sequence);
	assert_int_equal(story->consumer.record(story->consumer.context, &evidence), 0);
	return record->sequence;
}

static uint64_t tell_plain(struct story *story, struct fwa_record *record, uint64_t time)
{
	return tell(story, record, time, (struct fwa_bytes){NULL, 0},
		    (struct fwa_bytes){NULL, 0});
}

static int keep(void *context, uint64_t sequence, enum fwa_verdict verdict,
		const char *reason)
{
	struct story *story = context;
	size_t i;

	/* One verdict a call, never two. */
	for (i = 0; i < story->verdict_count; i++)
		assert_true(story->verdicts[i].sequence != sequence);
	assert_true(story->verdict_count < VERDICTS);
	story->verdicts[story->verdict_count].sequence = sequence;
	story->verdicts[story->verdict_count].verdict = verdict;
	story->verdicts[story->verdict_count++].reason = reason;
	return 0;
}

static void tell_device(struct story *story, unsigned index)
{
	static const char *const names[DEVICES] = {"fwctl0", "fwctl1"};
	struct fwa_record record = {
		.kind = FWA_RECORD_DEVICE,
		.device = {.name = text(names[index]),
			   .path = text(names[index]),
			   .has_device_type = true,
			   .device_type = FWA_FWCTL_DEVICE_CXL,
			   .simulated = true},
	};

	story->devices[index].record = tell_plain(story, &record, 0);
	story->devices[index].seen = false;
}

static void tell_boot(struct story *story)
{
	uint8_t boot_id[FWA_UUID_SIZE];
	struct fwa_record record = {
		.kind = FWA_RECORD_BOOT,
		.boot = {.boot_id = {boot_id, sizeof(boot_id)},
			 .kernel_release = text("6.1"),
			 .machine = text("x86_64"),
			 .collector_version = text("0"),
			 .configuration = {.observe = text("all")},
			 .coverage = text("all of it")},
	};

	memset(boot_id, story->boot, sizeof(boot_id));
	tell_plain(story, &record, 0);
}

struct story *story_begin(void)
{
	struct story *story = calloc(1, sizeof(*story));
	struct fwa_effects_options options = {keep, story};

	assert_non_null(story);
	story->effects = fwa_effects_new(&options);
	assert_non_null(story->effects);
	story->consumer = fwa_effects_consumer(story->effects);
	story->findings = fwa_findings_new();
	story->boot = 1;
	tell_boot(story);
	tell_device(story, 0);
	return story;
}

void story_end(struct story *story)
{
	fwa_effects_free(story->effects);
	fwa_findings_free(story->findings);
	free(story);
}

void story_run(struct story *story, bool other_boot)
{
	story->boot = (uint8_t)(story->boot + other_boot);
	tell_boot(story);
	tell_device(story, 0);
}

void story_use(struct story *story, unsigned device)
{
	story->device = device;
	if (!story->devices[device].record)
		tell_device(story, device);
}

uint64_t story_declare(struct story *story, uint64_t time, uint8_t source,
		       const uint8_t *content, size_t size)
{
	uint8_t digest[FWA_DIGEST_SIZE];
	struct fwa_record record = {
		.kind = FWA_RECORD_DECLARATION,
		.declaration = {.device = story->devices[story->device].record,
				.source = source,
				.error = content ? 0 : -5,
				.content = {content, size}},
	};

	if (content) {
		assert_int_equal(fwa_digest(&record.declaration.content, 1, digest), 0);
		record.declaration.digest = (struct fwa_bytes){digest, sizeof(digest)};
	}
	return tell_plain(story, &record, time);
}

uint64_t story_cel(struct story *story, uint64_t time, ...)
{
	uint8_t content[64 * FWA_CXL_CEL_ENTRY_SIZE];
	size_t size = 0;
	va_list list;
	int opcode;

	va_start(list, time);
	while ((opcode = va_arg(list, int)) != 0) {
		struct fwa_cxl_cel_entry entry = {(uint16_t)opcode,
						  (uint16_t)va_arg(list, int)};

		assert_true(size < sizeof(content));
		fwa_cxl_cel_entry_encode(&entry, content + size);
		size += FWA_CXL_CEL_ENTRY_SIZE;
	}
	va_end(list);
	return story_declare(story, time, FWA_DECLARATION_CXL_CEL, content, size);
}

static void uuid_of(unsigned feature, uint8_t ret_uuid[FWA_UUID_SIZE])
{
	memset(ret_uuid, (int)feature, FWA_UUID_SIZE);
}

uint64_t story_features(struct story *story, uint64_t time, ...)
{
	uint8_t content[16 * FWA_CXL_FEATURE_ENTRY_SIZE];
	size_t size = 0;
	va_list list;
	int feature;

	va_start(list, time);
	while ((feature = va_arg(list, int)) != 0) {
		struct fwa_cxl_feature_entry entry = {.get_size = 4, .set_size = 4};

		uuid_of((unsigned)feature, entry.uuid);
		entry.effects = (uint16_t)va_arg(list, int);
		entry.flags = (uint32_t)va_arg(list, int);
		assert_true(size < sizeof(content));
		fwa_cxl_feature_entry_encode(&entry, content + size);
		size += FWA_CXL_FEATURE_ENTRY_SIZE;
	}
	va_end(list);
	return story_declare(story, time, FWA_DECLARATION_CXL_FEATURES, content, size);
}

static size_t encode_request(const struct call *call, uint8_t buffer[64])
{
	uint8_t *payload = buffer + FWA_CXL_REQUEST_HEADER_SIZE;
	size_t size = 0;

	if (call->opcode == FWA_CXL_SET_FEATURE) {
		struct fwa_cxl_set_feature set = {.flags = call->flags};

		uuid_of(call->feature, set.uuid);
		fwa_cxl_set_feature_encode(&set, payload);
		memset(payload + FWA_CXL_SET_FEATURE_HEADER_SIZE, call->value, 4);
		size = FWA_CXL_SET_FEATURE_HEADER_SIZE + 4;
	} else if (call->opcode == FWA_CXL_GET_FEATURE) {
		struct fwa_cxl_get_feature get = {.count = 4};

		uuid_of(call->feature, get.uuid);
		fwa_cxl_get_feature_encode(&get, payload);
		size = FWA_CXL_GET_FEATURE_IN_SIZE;
	}
	fwa_cxl_request_header_encode(call->opcode, (uint32_t)size, buffer);
	return FWA_CXL_REQUEST_HEADER_SIZE + size;
}

uint64_t story_call(struct story *story, struct call call)
{
	uint8_t structure[FWA_FWCTL_RPC_SIZE], request[64], response[8];
	size_t size = encode_request(&call, request);
	struct fwa_fwctl_rpc fwctl = {.size = FWA_FWCTL_RPC_SIZE, .scope = call.scope};
	struct fwa_record record = {
		.kind = FWA_RECORD_RPC,
		.rpc = {.has_device = true,
			.device = story->devices[story->device].record,
			.command = call.ioctl ? call.ioctl : FWA_FWCTL_RPC,
			.structure_entry = {structure, sizeof(structure)},
			.has_result = call.returned != 0,
			.result = call.result,
			.entered = call.entered * TICK,
			.returned = call.returned * TICK,
			.caller = {.pid = 7, .comm = text("test")},
			.own = call.own,
			.number = ++story->calls},
	};

	fwa_fwctl_rpc_encode(&fwctl, structure);
	fwa_cxl_response_header_encode(0, call.retval, response);
	return tell(story, &record, call.returned ? call.returned : call.entered,
		    (struct fwa_bytes){call.no_request ? NULL : request,
				       call.no_request ? 0 : size},
		    call.no_response || call.result < 0 || !call.returned
			    ? (struct fwa_bytes){NULL, 0}
			    : (struct fwa_bytes){response, sizeof(response)});
}

uint64_t story_set(struct story *story, unsigned feature, uint8_t value, uint64_t entered,
		   uint64_t returned)
{
	return story_call(story, (struct call){.opcode = FWA_CXL_SET_FEATURE,
					       .feature = feature,
					       .value = value,
					       .scope = 3,
					       .entered = entered,
					       .returned = returned});
}

const char *story_key(const char *key)
{
	static char full[128];
	uint8_t uuid[FWA_UUID_SIZE];
	char name[FWA_UUID_TEXT_SIZE];
	unsigned feature;
	int at = 0;

	if (sscanf(key, "f%u.%n", &feature, &at) != 1 || at == 0)
		return key;
	uuid_of(feature, uuid);
	fwa_uuid_format(uuid, name);
	snprintf(full, sizeof(full), "cxl.feature.%s.%s", name, key + at);
	return full;
}

static struct key *key_of(struct story *story, const char *name)
{
	struct device *device = &story->devices[story->device];
	size_t i;

	name = story_key(name);
	for (i = 0; i < KEYS; i++) {
		struct key *key = &device->keys[i];

		if (key->used && strcmp(key->name, name) == 0)
			return key;
		if (!key->used) {
			key->used = true;
			snprintf(key->name, sizeof(key->name), "%s", name);
			return key;
		}
	}
	fail_msg("too many keys");
	return NULL;
}

void story_state(struct story *story, const char *name, uint8_t value)
{
	struct key *key = key_of(story, name);

	key->status = FWA_ITEM_VALUE;
	key->value = value;
}

void story_unreadable(struct story *story, const char *name)
{
	key_of(story, name)->status = FWA_ITEM_UNREADABLE;
}

void story_gone(struct story *story, const char *name)
{
	key_of(story, name)->status = FWA_ITEM_GONE;
}

void story_volatile(struct story *story, const char *name)
{
	key_of(story, name)->is_volatile = true;
}

static int by_name(const void *a, const void *b)
{
	const struct key *x = *(const struct key *const *)a,
			 *y = *(const struct key *const *)b;

	return strcmp(x->name, y->name);
}

/* A value is four times its byte, as a Set Feature of the story writes it. */
static struct fwa_bytes value_of(uint8_t value, uint8_t bytes[4],
				 uint8_t digest[FWA_DIGEST_SIZE])
{
	struct fwa_bytes whole = {bytes, 4};

	memset(bytes, value, 4);
	assert_int_equal(fwa_digest(&whole, 1, digest), 0);
	return whole;
}

struct item_room {
	uint8_t value[4], digest[FWA_DIGEST_SIZE];
	uint8_t previous_value[4], previous_digest[FWA_DIGEST_SIZE];
};

static struct fwa_snapshot_item item_of(const struct key *key, bool baseline,
					struct item_room *room)
{
	struct fwa_snapshot_item item = {
		.key = text(key->name),
		.effects = FWA_EFFECT_POLICY_IMMEDIATE,
		.is_volatile = key->is_volatile,
		.status = key->status,
		.error = key->status == FWA_ITEM_UNREADABLE ? -5 : 0,
	};

	if (key->status == FWA_ITEM_VALUE) {
		item.value = value_of(key->value, room->value, room->digest);
		item.digest = (struct fwa_bytes){room->digest, FWA_DIGEST_SIZE};
		item.length = 4;
	}
	if (baseline || !key->known)
		return item;
	item.has_previous = true;
	item.previous_status = key->before_status;
	if (key->before_status == FWA_ITEM_VALUE) {
		item.previous_value = value_of(key->before_value, room->previous_value,
					       room->previous_digest);
		item.previous_digest =
			(struct fwa_bytes){room->previous_digest, FWA_DIGEST_SIZE};
	}
	return item;
}

static bool is_changed(const struct key *key)
{
	if (!key->known)
		return key->status != FWA_ITEM_GONE;
	return key->status != key->before_status ||
	       (key->status == FWA_ITEM_VALUE && key->value != key->before_value);
}

uint64_t story_look_in_flight(struct story *story, uint64_t started, uint64_t ended,
			      uint32_t in_flight)
{
	struct device *device = &story->devices[story->device];
	struct fwa_snapshot_item items[KEYS];
	struct item_room rooms[KEYS];
	struct key *keys[KEYS];
	uint8_t buffer[32768], state[FWA_DIGEST_SIZE] = {0};
	size_t count = 0, size = 0, i;
	struct fwa_record record = {.kind = FWA_RECORD_SNAPSHOT};

	for (i = 0; i < KEYS && device->keys[i].used; i++) {
		if (device->seen ? is_changed(&device->keys[i])
				 : device->keys[i].status != FWA_ITEM_GONE)
			keys[count++] = &device->keys[i];
	}
	qsort(keys, count, sizeof(keys[0]), by_name);
	for (i = 0; i < count; i++)
		items[i] = item_of(keys[i], !device->seen, &rooms[i]);
	assert_int_equal(
		fwa_snapshot_items_encode(items, count, buffer, sizeof(buffer), &size),
		0);
	for (i = 0; i < KEYS && device->keys[i].used; i++) {
		device->keys[i].known = device->keys[i].status != FWA_ITEM_GONE;
		device->keys[i].before_status = device->keys[i].status;
		device->keys[i].before_value = device->keys[i].value;
	}
	record.snapshot = (struct fwa_snapshot){
		.device = device->record,
		.number = ++device->snapshots,
		.has_previous = device->seen,
		.previous = device->last_snapshot,
		.reason = device->seen ? FWA_SNAPSHOT_RPC : FWA_SNAPSHOT_BASELINE,
		.started = started * TICK,
		.ended = ended * TICK,
		.in_flight = in_flight,
		.state_digest = {state, sizeof(state)},
		.items = {buffer, size},
	};
	device->seen = true;
	device->last_snapshot = tell_plain(story, &record, ended);
	return device->last_snapshot;
}

uint64_t story_look(struct story *story, uint64_t started, uint64_t ended)
{
	return story_look_in_flight(story, started, ended, 0);
}

uint64_t story_reset(struct story *story, uint8_t type, uint64_t not_before,
		     uint64_t not_after)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_KERNEL_EVENT,
		.kernel_event = {.type = FWA_KERNEL_EVENT_DEVICE_RESET,
				 .has_device = true,
				 .device = story->devices[story->device].record,
				 .has_reset_type = true,
				 .reset_type = type,
				 .not_before = not_before * TICK,
				 .not_after = not_after * TICK},
	};

	return tell_plain(story, &record, not_after);
}

uint64_t story_gap(struct story *story, uint64_t count, uint64_t not_before,
		   uint64_t not_after)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GAP,
		.gap = {.count = count,
			.not_before = not_before * TICK,
			.not_after = not_after * TICK,
			.reason = text("the ring buffer was full")},
	};

	return tell_plain(story, &record, not_after);
}

void story_checkpoint(struct story *story, uint32_t in_flight)
{
	struct fwa_record record = {.kind = FWA_RECORD_CHECKPOINT,
				    .checkpoint = {.in_flight = in_flight}};

	tell_plain(story, &record, 0);
}

void story_shutdown(struct story *story)
{
	struct fwa_record record = {.kind = FWA_RECORD_SHUTDOWN};

	tell_plain(story, &record, 0);
}

const char *story_ids(struct story *story)
{
	const struct fwa_finding **order;
	size_t i, length = 0;

	assert_int_equal(story->consumer.finish(story->consumer.context, story->findings),
			 0);
	order = fwa_report_order(story->findings);
	assert_non_null(order);
	story->ids[0] = '\0';
	for (i = 0; i < fwa_findings_count(story->findings); i++)
		length += (size_t)snprintf(
			story->ids + length, sizeof(story->ids) - length, "%s%s",
			i ? " " : "", fwa_finding_kind(order[i]->id)->id + 4);
	free(order);
	return story->ids;
}

const struct fwa_findings *story_findings(struct story *story)
{
	return story->findings;
}

enum fwa_verdict story_verdict(struct story *story, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < story->verdict_count; i++) {
		if (story->verdicts[i].sequence == sequence)
			return story->verdicts[i].verdict;
	}
	fail_msg("no verdict for record %llu", (unsigned long long)sequence);
	return FWA_VERDICTS;
}

const char *story_reason(struct story *story, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < story->verdict_count; i++) {
		if (story->verdicts[i].sequence == sequence)
			return story->verdicts[i].reason;
	}
	return "";
}

const struct fwa_effects_summary *story_summary(struct story *story)
{
	return fwa_effects_summary(story->effects);
}
