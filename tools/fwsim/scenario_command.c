/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario's vendor commands and its Command Effects Log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fwctl.h"
#include "tools/fwsim/scenario.h"

#define CEL_ROOM 256u /* entries that behaviours may add */

/* A number, or the lower and the upper bound. */
static int load_request_size(const struct fwsim_node *node,
			     struct fwsim_vendor_command *command)
{
	struct fwsim_node child, item;
	int64_t least = 0, most = FWA_FWCTL_PAYLOAD_MAX;
	size_t count;
	int r;

	command->request_max = (size_t)most;
	if (!fwsim_node_get(node, "request_size", &child))
		return 0;
	if (json_is_integer(child.json)) {
		r = fwsim_node_number(&child, 0, FWA_FWCTL_PAYLOAD_MAX, &least);
		most = least;
	} else {
		r = fwsim_node_array(&child, 2, &count);
		if (r == 0 && count != 2)
			r = fwsim_node_fail(&child,
					    "write one size, or the least and the most");
		item = fwsim_node_item(&child, 0);
		if (r == 0)
			r = fwsim_node_number(&item, 0, FWA_FWCTL_PAYLOAD_MAX, &least);
		item = fwsim_node_item(&child, 1);
		if (r == 0)
			r = fwsim_node_number(&item, least, FWA_FWCTL_PAYLOAD_MAX, &most);
	}
	command->request_min = (size_t)least;
	command->request_max = (size_t)most;
	return r;
}

static int load_response(const struct fwsim_node *node,
			 struct fwsim_vendor_command *command)
{
	static const char *const keys[] = {"hex", NULL};
	static const char *const names[] = {"none", "echo", NULL};
	struct fwsim_node child, hex;
	int64_t size;
	size_t index;
	int r = 0;

	if (fwsim_node_get(node, "response", &child) && json_is_object(child.json)) {
		r = fwsim_node_object(&child, keys);
		if (r == 0)
			r = fwsim_node_require(&child, "hex", &hex);
		if (r == 0)
			r = fwsim_node_hex(&hex, FWA_FWCTL_PAYLOAD_MAX,
					   &command->response_bytes,
					   &command->response_bytes_size);
		command->response = FWSIM_RESPONSE_BYTES;
		command->response_size = command->response_bytes_size;
	} else if (child.json) {
		r = fwsim_node_choice(&child, names, &index);
		if (r == 0)
			command->response =
				index == 0 ? FWSIM_RESPONSE_NONE : FWSIM_RESPONSE_ECHO;
	}
	if (r < 0 || !fwsim_node_get(node, "response_size", &child))
		return r;
	if (json_is_string(child.json) &&
	    strcmp(json_string_value(child.json), "fill") == 0) {
		command->response_size = FWSIM_RESPONSE_FILL;
		return 0;
	}
	r = fwsim_node_number(&child, 1, FWA_FWCTL_PAYLOAD_MAX, &size);
	if (r == 0)
		command->response_size = (size_t)size;
	return r;
}

static bool is_standard(uint16_t opcode)
{
	return opcode < 0xc000;
}

static int load_command(const struct fwsim_node *node, struct fwsim_device *device,
			struct fwsim_vendor_command *command)
{
	static const char *const keys[] = {"opcode",       "name",     "comment",
					   "request_size", "response", "response_size",
					   "scope",        "effects",  NULL};
	struct fwsim_node child;
	const char *name = NULL;
	int64_t scope = 0;
	int r;

	r = fwsim_node_object(node, keys);
	if (r == 0)
		r = fwsim_node_require(node, "opcode", &child);
	if (r == 0)
		r = fwsim_node_opcode(&child, &command->opcode);
	if (r == 0 && is_standard(command->opcode))
		r = fwsim_node_fail(&child, "a vendor's opcodes are c000 to ffff");
	if (r == 0 && fwsim_device_vendor_command(device, command->opcode))
		r = fwsim_node_fail(&child,
				    "this device has a command with this opcode already");
	if (r == 0 && fwsim_node_get(node, "name", &child))
		r = fwsim_node_string(&child, &name);
	if (r == 0 && fwsim_node_get(node, "scope", &child))
		r = fwsim_node_number(&child, 0, FWA_FWCTL_SCOPE_MAX, &scope);
	if (r == 0 && fwsim_node_get(node, "effects", &child))
		r = fwsim_node_effects(&child, &command->effects);
	if (r == 0)
		r = load_request_size(node, command);
	if (r == 0)
		r = load_response(node, command);
	if (r < 0)
		return r;
	command->scope = (uint8_t)scope;
	command->name = name ? strdup(name) : NULL;
	return name && !command->name ? fwsim_node_fail(node, "not enough memory") : 0;
}

int fwsim_load_commands(const struct fwsim_node *node, struct fwsim_device *device)
{
	struct fwsim_node commands;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, "commands", &commands))
		return 0;
	r = fwsim_node_array(&commands, 256, &count);
	if (r < 0)
		return r;
	device->commands = calloc(count + 1, sizeof(*device->commands));
	if (!device->commands)
		return fwsim_node_fail(&commands, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&commands, i);

		r = load_command(&item, device, &device->commands[i]);
		device->command_count++;
		if (r < 0)
			return r;
	}
	return 0;
}

static void cel_add(struct fwsim_region *cel, uint16_t opcode, uint16_t effects)
{
	struct fwa_cxl_cel_entry entry = {.opcode = opcode, .effects = effects};

	fwa_cxl_cel_entry_encode(&entry, cel->data + cel->size);
	cel->size += FWA_CXL_CEL_ENTRY_SIZE;
}

/* The honest log: what the rest of the file says, put together. */
static void derive(struct fwsim_device *device)
{
	static const uint16_t reads[] = {FWA_CXL_GET_FIRMWARE_INFO,
					 FWA_CXL_GET_TIMESTAMP,
					 FWA_CXL_GET_SUPPORTED_LOGS,
					 FWA_CXL_GET_LOG,
					 FWA_CXL_IDENTIFY,
					 FWA_CXL_GET_PARTITION_INFO,
					 FWA_CXL_GET_LSA,
					 FWA_CXL_GET_HEALTH_INFO,
					 FWA_CXL_GET_ALERT_CONFIG,
					 FWA_CXL_GET_SHUTDOWN_STATE};
	struct fwsim_region *cel = &device->cel;
	uint16_t effects = 0;
	size_t i;

	for (i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		cel_add(cel, reads[i], 0);
	if (device->feature_count) {
		cel_add(cel, FWA_CXL_GET_SUPPORTED_FEATURES, 0);
		cel_add(cel, FWA_CXL_GET_FEATURE, 0);
		for (i = 0; i < device->feature_count; i++)
			effects |= fwa_le16(device->features[i].entry.data + 28);
		cel_add(cel, FWA_CXL_SET_FEATURE,
			effects & (uint16_t)~FWA_CXL_EFFECT_RESERVED);
	}
	for (i = 0; i < device->command_count; i++)
		cel_add(cel, device->commands[i].opcode, device->commands[i].effects);
}

static void cel_put(struct fwsim_region *cel, uint16_t opcode, uint16_t effects,
		    bool omitted)
{
	size_t at;

	for (at = 0; at < cel->size; at += FWA_CXL_CEL_ENTRY_SIZE) {
		if (fwa_le16(cel->data + at) != opcode)
			continue;
		if (!omitted) {
			fwa_put_le16(cel->data + at + 2, effects);
			return;
		}
		cel->size -= FWA_CXL_CEL_ENTRY_SIZE;
		memmove(cel->data + at, cel->data + at + FWA_CXL_CEL_ENTRY_SIZE,
			cel->size - at);
		return;
	}
	if (!omitted)
		cel_add(cel, opcode, effects);
}

static int load_override(const struct fwsim_node *node, bool exact,
			 struct fwsim_region *cel)
{
	static const char *const entry_keys[] = {"opcode", "effects", NULL};
	static const char *const override_keys[] = {"opcode", "effects", "omitted", NULL};
	uint16_t opcode = 0, effects = 0;
	struct fwsim_node child, omit;
	bool omitted = false;
	int r;

	r = fwsim_node_object(node, exact ? entry_keys : override_keys);
	if (r == 0)
		r = fwsim_node_require(node, "opcode", &child);
	if (r == 0)
		r = fwsim_node_opcode(&child, &opcode);
	if (r == 0 && fwsim_node_get(node, "omitted", &omit))
		r = fwsim_node_bool(&omit, &omitted);
	if (r == 0 && fwsim_node_get(node, "effects", &child)) {
		if (omitted)
			return fwsim_node_fail(&child, "what is omitted has no effects");
		r = fwsim_node_effects(&child, &effects);
	} else if (r == 0 && !omitted) {
		r = fwsim_node_fail(node, "the key \"effects\" is missing");
	}
	if (r == 0 && exact)
		cel_add(cel, opcode, effects);
	else if (r == 0)
		cel_put(cel, opcode, effects, omitted);
	return r;
}

int fwsim_load_cel(const struct fwsim_node *node, struct fwsim_device *device)
{
	struct fwsim_node exact, overrides;
	bool has_exact = fwsim_node_get(node, "cel", &exact);
	bool has_overrides = fwsim_node_get(node, "cel_overrides", &overrides);
	const struct fwsim_node *list = has_exact ? &exact : &overrides;
	size_t room = (32 + CEL_ROOM + device->command_count) * FWA_CXL_CEL_ENTRY_SIZE;
	size_t count = 0, i;
	int r;

	if (has_exact && has_overrides)
		return fwsim_node_fail(&overrides, "\"cel\" is the whole log already");
	if (has_exact || has_overrides) {
		r = fwsim_node_array(list, 4096, &count);
		if (r < 0)
			return r;
		room += count * FWA_CXL_CEL_ENTRY_SIZE;
	}
	if (fwsim_region_init(&device->cel, 0, room) < 0)
		return fwsim_node_fail(node, "not enough memory");
	if (!has_exact)
		derive(device);
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(list, i);

		r = load_override(&item, has_exact, &device->cel);
		if (r < 0)
			return r;
	}
	return 0;
}
