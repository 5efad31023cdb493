/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario's real effects: what changes, how, and when. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/scenario.h"

enum target {
	TARGET_FEATURE,
	TARGET_FEATURE_ENTRY,
	TARGET_LSA,
	TARGET_LOG,
	TARGET_CEL,
	TARGET_DEVICE,
	TARGET_IDENTIFY, /* from here on: payloads with fields */
	TARGET_FIRMWARE_INFO,
	TARGET_PARTITION_INFO,
	TARGET_HEALTH,
	TARGET_ALERT_CONFIGURATION,
	TARGET_SHUTDOWN_STATE,
};
static const char *const target_names[] = {"feature",
					   "feature_entry",
					   "lsa",
					   "log",
					   "cel",
					   "device",
					   "identify",
					   "firmware_info",
					   "partition_info",
					   "health",
					   "alert_configuration",
					   "shutdown_state",
					   NULL};

/* What a value is written to. */
struct range {
	struct fwsim_region *region;
	size_t offset;
	size_t size; /* of the field, or of all that follows `offset` */
	bool is_field;
	bool is_text;
};

static int load_feature_target(const struct fwsim_node *node, struct fwsim_device *device,
			       enum target target, struct fwsim_region **ret_region)
{
	static const char *const selections[] = {"current", "default", "saved", NULL};
	struct fwsim_feature *feature;
	struct fwsim_node child;
	size_t selection = FWA_CXL_SELECT_CURRENT;
	int r;

	r = fwsim_node_require(node, "feature", &child);
	if (r == 0)
		r = fwsim_find_feature(&child, device, &feature);
	if (r == 0 && fwsim_node_get(node, "selection", &child))
		r = fwsim_node_choice(&child, selections, &selection);
	if (r == 0)
		*ret_region = target == TARGET_FEATURE_ENTRY
				      ? &feature->entry
				      : &feature->values[selection];
	return r;
}

static int load_log_target(const struct fwsim_node *node, struct fwsim_device *device,
			   struct fwsim_region **ret_region)
{
	struct fwsim_node child;
	uint8_t uuid[16] = {0};
	const char *text;
	size_t i;
	int r;

	r = fwsim_node_require(node, "log", &child);
	if (r == 0)
		r = fwsim_node_string(&child, &text);
	if (r < 0)
		return r;
	fwa_uuid_parse(text, strlen(text), uuid);
	for (i = 0; i < device->log_count; i++) {
		struct fwsim_log *log = &device->logs[i];

		if ((log->name && strcmp(log->name, text) == 0) ||
		    memcmp(log->uuid, uuid, sizeof(uuid)) == 0) {
			*ret_region = &log->content;
			return 0;
		}
	}
	return fwsim_node_fail(&child, "this device has no log \"%s\"", text);
}

static int load_field(const struct fwsim_node *node, uint16_t opcode, struct range *range)
{
	const char *names[32] = {NULL};
	const struct fwa_cxl_field *fields;
	size_t count, i;
	int r;

	fields = fwa_cxl_payload_fields(opcode, &count);
	for (i = 0; i < count; i++)
		names[i] = fields[i].name;
	r = fwsim_node_choice(node, names, &i);
	if (r < 0)
		return r;
	range->offset = fields[i].offset;
	range->size = fields[i].size;
	range->is_text = fields[i].is_text;
	range->is_field = true;
	return 0;
}

static int load_payload_target(const struct fwsim_node *node, struct fwsim_device *device,
			       enum target target, struct range *range)
{
	const struct {
		struct fwsim_region *region;
		uint16_t opcode;
	} payloads[] = {
		{&device->identify, FWA_CXL_IDENTIFY},
		{&device->firmware_info, FWA_CXL_GET_FIRMWARE_INFO},
		{&device->partition_info, FWA_CXL_GET_PARTITION_INFO},
		{&device->health, FWA_CXL_GET_HEALTH_INFO},
		{&device->alert_configuration, FWA_CXL_GET_ALERT_CONFIG},
		{&device->shutdown_state, FWA_CXL_GET_SHUTDOWN_STATE},
	};
	size_t index = (size_t)target - TARGET_IDENTIFY;
	struct fwsim_node child;

	range->region = payloads[index].region;
	range->size = range->region->size;
	if (fwsim_node_get(node, "field", &child))
		return load_field(&child, payloads[index].opcode, range);
	return 0;
}

/* "offset" and "size" narrow what the target is. */
static int load_range(const struct fwsim_node *node, struct range *range)
{
	struct fwsim_node child;
	int64_t number;
	int r;

	if (range->is_field) {
		if (fwsim_node_get(node, "offset", &child) ||
		    fwsim_node_get(node, "size", &child))
			return fwsim_node_fail(&child, "\"field\" says this already");
		return 0;
	}
	range->size = range->region->size;
	if (fwsim_node_get(node, "offset", &child)) {
		r = fwsim_node_number(&child, 0, (int64_t)range->region->size, &number);
		if (r < 0)
			return r;
		range->offset = (size_t)number;
		range->size -= range->offset;
	}
	if (fwsim_node_get(node, "size", &child)) {
		r = fwsim_node_number(&child, 1, (int64_t)range->size, &number);
		if (r < 0)
			return r;
		range->size = (size_t)number;
	}
	return 0;
}

static int load_text(const struct fwsim_node *node, const struct range *range,
		     struct fwsim_effect *effect)
{
	const char *text;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	if (strlen(text) > range->size)
		return fwsim_node_fail(node, "there is room for %zu characters here",
				       range->size);
	effect->bytes = calloc(1, range->size + 1);
	if (!effect->bytes)
		return fwsim_node_fail(node, "not enough memory");
	memcpy(effect->bytes, text, strlen(text));
	effect->size = range->is_text ? range->size : strlen(text);
	return 0;
}

static int load_number(const struct fwsim_node *node, const struct range *range,
		       struct fwsim_effect *effect)
{
	size_t i, size = range->size < 8 ? range->size : 8;
	int64_t number;
	int r;

	r = fwsim_node_number(
		node, 0, size >= 8 ? INT64_MAX : ((int64_t)1 << (8 * size)) - 1, &number);
	if (r < 0)
		return r;
	effect->bytes = calloc(1, size + 1);
	if (!effect->bytes)
		return fwsim_node_fail(node, "not enough memory");
	for (i = 0; i < size; i++)
		effect->bytes[i] = (uint8_t)(number >> (8 * i));
	effect->size = size;
	return 0;
}

static int load_from_request(const struct fwsim_node *node, bool has_request,
			     const struct range *range, struct fwsim_effect *effect)
{
	int r;

	r = fwsim_node_bool(node, &effect->from_request);
	if (r < 0)
		return r;
	if (!effect->from_request)
		return fwsim_node_fail(node, "leave this away instead");
	if (!has_request)
		return fwsim_node_fail(node, "this needs a trigger that is a command");
	effect->size = range->size;
	return 0;
}

/* Exactly one of the ways to say what the bytes become. */
static int load_value(const struct fwsim_node *node, bool has_request,
		      const struct range *range, struct fwsim_effect *effect)
{
	static const char *const ways[] = {"hex",    "xor",  "add",
					   "number", "text", "from_request"};
	struct fwsim_node child, chosen = {0};
	size_t i, way = 0, count = 0;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (fwsim_node_get(node, ways[i], &child)) {
			chosen = child;
			way = i;
			count++;
		}
	}
	if (count != 1)
		return fwsim_node_fail(
			node, "give one of \"hex\", \"xor\", \"add\", \"number\", "
			      "\"text\", \"from_request\"");
	effect->region = range->region;
	effect->offset = range->offset;
	effect->operation = way == 1 ? FWSIM_XOR : way == 2 ? FWSIM_ADD : FWSIM_WRITE;
	switch (way) {
	case 0:
	case 1:
		return fwsim_node_hex(&chosen, range->size, &effect->bytes,
				      &effect->size);
	case 2:
		effect->size = range->size;
		return fwsim_node_number(&chosen, INT64_MIN, INT64_MAX, &effect->addend);
	case 3:
		return load_number(&chosen, range, effect);
	case 4:
		return load_text(&chosen, range, effect);
	default:
		return load_from_request(&chosen, has_request, range, effect);
	}
}

static int load_cel_effect(const struct fwsim_node *node, struct fwsim_effect *effect)
{
	struct fwsim_node child;
	bool removed = false;
	int r;

	r = fwsim_node_require(node, "opcode", &child);
	if (r == 0)
		r = fwsim_node_opcode(&child, &effect->opcode);
	if (r == 0 && fwsim_node_get(node, "removed", &child))
		r = fwsim_node_bool(&child, &removed);
	if (r < 0)
		return r;
	effect->operation = removed ? FWSIM_CEL_REMOVE : FWSIM_CEL_SET;
	if (removed)
		return 0;
	r = fwsim_node_require(node, "effects", &child);
	if (r == 0)
		r = fwsim_node_effects(&child, &effect->cel_effects);
	return r;
}

/* A new effects field for a feature's entry. */
static int load_entry_effects(const struct fwsim_node *node, struct fwsim_region *region,
			      struct fwsim_effect *effect)
{
	uint16_t field;
	int r;

	r = fwsim_node_effects(node, &field);
	if (r < 0)
		return r;
	effect->bytes = calloc(1, 2);
	if (!effect->bytes)
		return fwsim_node_fail(node, "not enough memory");
	fwa_put_le16(effect->bytes, field);
	effect->operation = FWSIM_WRITE;
	effect->region = region;
	effect->offset = 28;
	effect->size = 2;
	return 0;
}

static int load_when(const struct fwsim_node *node, struct fwsim_effect *effect)
{
	static const char *const after_keys[] = {"after_ms", NULL};
	static const char *const reset_keys[] = {"reset", NULL};
	static const char *const words[] = {"immediate", NULL};
	static const char *const resets[] = {"cold", "conventional", "cxl", NULL};
	struct fwsim_node when, child;
	size_t index;
	int r;

	if (!fwsim_node_get(node, "when", &when))
		return 0;
	if (!json_is_object(when.json))
		return fwsim_node_choice(&when, words, &index);
	if (fwsim_node_get(&when, "after_ms", &child)) {
		r = fwsim_node_object(&when, after_keys);
		effect->when = FWSIM_AFTER;
		return r < 0 ? r : fwsim_node_milliseconds(&child, &effect->delay);
	}
	r = fwsim_node_object(&when, reset_keys);
	if (r == 0)
		r = fwsim_node_require(&when, "reset", &child);
	if (r == 0)
		r = fwsim_node_choice(&child, resets, &index);
	effect->when = FWSIM_ON_RESET;
	effect->reset = r == 0 ? (uint8_t)index : 0;
	return r;
}

/* The keys that a target understands besides "target", "comment" and "when". */
static int check_keys(const struct fwsim_node *node, enum target target)
{
#define COMMON "target", "comment", "when"
#define VALUE  "hex", "xor", "add", "number", "text", "from_request", "offset", "size"
	static const char *const feature[] = {COMMON, VALUE, "feature", "selection",
					      NULL};
	static const char *const entry[] = {COMMON, VALUE, "feature", "effects", NULL};
	static const char *const lsa[] = {COMMON, VALUE, NULL};
	static const char *const log[] = {COMMON, VALUE, "log", NULL};
	static const char *const cel[] = {COMMON, "opcode", "effects", "removed", NULL};
	static const char *const device[] = {COMMON, NULL};
	static const char *const payload[] = {COMMON, VALUE, "field", NULL};
	static const char *const *const keys[] = {feature, entry, lsa, log, cel, device};

	return fwsim_node_object(node, target < TARGET_IDENTIFY ? keys[target] : payload);
}

int fwsim_load_effect(const struct fwsim_node *node, struct fwsim_device *device,
		      bool has_request, struct fwsim_effect *effect)
{
	struct range range = {0};
	struct fwsim_node child;
	enum target target;
	size_t index;
	int r;

	if (!json_is_object(node->json))
		return fwsim_node_fail(node, "this has to be an object");
	r = fwsim_node_require(node, "target", &child);
	if (r == 0)
		r = fwsim_node_choice(&child, target_names, &index);
	if (r < 0)
		return r;
	target = (enum target)index;
	r = check_keys(node, target);
	if (r == 0)
		r = load_when(node, effect);
	if (r < 0)
		return r;
	switch (target) {
	case TARGET_CEL:
		return load_cel_effect(node, effect);
	case TARGET_DEVICE:
		effect->operation = FWSIM_DISAPPEAR;
		return 0;
	case TARGET_FEATURE:
	case TARGET_FEATURE_ENTRY:
		r = load_feature_target(node, device, target, &range.region);
		break;
	case TARGET_LSA:
		range.region = &device->lsa;
		break;
	case TARGET_LOG:
		r = load_log_target(node, device, &range.region);
		break;
	default:
		r = load_payload_target(node, device, target, &range);
		break;
	}
	if (r < 0)
		return r;
	if (target == TARGET_FEATURE_ENTRY && fwsim_node_get(node, "effects", &child))
		return load_entry_effects(&child, range.region, effect);
	r = load_range(node, &range);
	return r < 0 ? r : load_value(node, has_request, &range, effect);
}
