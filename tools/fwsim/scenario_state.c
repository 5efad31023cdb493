/* SPDX-License-Identifier: Apache-2.0 */
/* The device's fixed payloads, label storage area and logs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/scenario.h"

static int load_field(const struct fwsim_node *node, const struct fwa_cxl_field *field,
		      struct fwsim_region *region)
{
	uint8_t *to = region->data + field->offset;
	const char *text;
	int64_t number, most;
	size_t i;
	int r;

	if (field->is_text) {
		r = fwsim_node_string(node, &text);
		if (r < 0)
			return r;
		if (strlen(text) > field->size)
			return fwsim_node_fail(
				node, "this may have %u characters at most", field->size);
		memset(to, 0, field->size);
		memcpy(to, text, strlen(text));
		return 0;
	}
	most = field->size >= 8 ? INT64_MAX : ((int64_t)1 << (8 * field->size)) - 1;
	r = fwsim_node_number(node, 0, most, &number);
	if (r < 0)
		return r;
	for (i = 0; i < field->size; i++)
		to[i] = (uint8_t)(number >> (8 * i));
	return 0;
}

/* An object whose keys are the payload's fields. */
static int load_payload(const struct fwsim_node *node, const char *key, uint16_t opcode,
			struct fwsim_region *region)
{
	const char *names[32] = {NULL};
	const struct fwa_cxl_field *fields;
	struct fwsim_node payload, child;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, key, &payload))
		return 0;
	fields = fwa_cxl_payload_fields(opcode, &count);
	for (i = 0; i < count; i++)
		names[i] = fields[i].name;
	r = fwsim_node_object(&payload, names);
	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		if (!fwsim_node_get(&payload, fields[i].name, &child))
			continue;
		r = load_field(&child, &fields[i], region);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_lsa(const struct fwsim_node *node, struct fwsim_device *device)
{
	static const char *const keys[] = {"size", "hex", NULL};
	struct fwsim_node lsa, child;
	int64_t size = 1024;
	uint8_t *bytes = NULL;
	size_t count = 0;
	int r;

	if (fwsim_node_get(node, "lsa", &lsa)) {
		r = fwsim_node_object(&lsa, keys);
		if (r < 0)
			return r;
		if (fwsim_node_get(&lsa, "size", &child)) {
			r = fwsim_node_number(&child, 0, 1048576, &size);
			if (r < 0)
				return r;
		}
		if (fwsim_node_get(&lsa, "hex", &child)) {
			r = fwsim_node_hex(&child, (size_t)size, &bytes, &count);
			if (r < 0)
				return r;
		}
	}
	r = fwsim_region_init(&device->lsa, (size_t)size, 0);
	if (r == 0 && count)
		memcpy(device->lsa.data, bytes, count);
	free(bytes);
	if (r < 0)
		return fwsim_node_fail(node, "not enough memory");
	/* What Identify says of the area's size follows the area, unless the file says
	 * otherwise. */
	fwa_put_le32(device->identify.data + FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET,
		     (uint32_t)size);
	return 0;
}

int fwsim_load_state(const struct fwsim_node *node, struct fwsim_device *device)
{
	const struct {
		const char *key;
		uint16_t opcode;
		struct fwsim_region *region;
	} payloads[] = {
		{"identify", FWA_CXL_IDENTIFY, &device->identify},
		{"firmware_info", FWA_CXL_GET_FIRMWARE_INFO, &device->firmware_info},
		{"partition_info", FWA_CXL_GET_PARTITION_INFO, &device->partition_info},
		{"health", FWA_CXL_GET_HEALTH_INFO, &device->health},
		{"alert_configuration", FWA_CXL_GET_ALERT_CONFIG,
		 &device->alert_configuration},
		{"shutdown_state", FWA_CXL_GET_SHUTDOWN_STATE, &device->shutdown_state},
	};
	size_t i;
	int r;

	r = load_lsa(node, device);
	for (i = 0; r == 0 && i < sizeof(payloads) / sizeof(payloads[0]); i++)
		r = load_payload(node, payloads[i].key, payloads[i].opcode,
				 payloads[i].region);
	return r;
}

static int load_log(const struct fwsim_node *node, struct fwsim_log *log)
{
	static const char *const keys[] = {"name", "uuid", "size", "hex", NULL};
	struct fwsim_node child;
	uint8_t *bytes = NULL;
	const char *name = NULL;
	int64_t size = -1;
	size_t count = 0;
	int r;

	r = fwsim_node_object(node, keys);
	if (r == 0)
		r = fwsim_node_require(node, "uuid", &child);
	if (r == 0)
		r = fwsim_node_uuid(&child, log->uuid);
	if (r == 0 && memcmp(log->uuid, fwa_cxl_cel_uuid, 16) == 0)
		r = fwsim_node_fail(&child,
				    "this is the Command Effects Log: describe it as "
				    "\"cel\" or \"cel_overrides\"");
	if (r == 0 && fwsim_node_get(node, "name", &child))
		r = fwsim_node_string(&child, &name);
	if (r == 0 && fwsim_node_get(node, "size", &child))
		r = fwsim_node_number(&child, 0, 1048576, &size);
	if (r == 0 && fwsim_node_get(node, "hex", &child))
		r = fwsim_node_hex(&child, size >= 0 ? (size_t)size : 1048576, &bytes,
				   &count);
	if (r < 0)
		return r;
	if (name)
		log->name = strdup(name);
	r = fwsim_region_init(&log->content, size >= 0 ? (size_t)size : count, 0);
	if (r == 0 && count)
		memcpy(log->content.data, bytes, count);
	free(bytes);
	return r < 0 || (name && !log->name) ? fwsim_node_fail(node, "not enough memory")
					     : 0;
}

int fwsim_load_logs(const struct fwsim_node *node, struct fwsim_device *device)
{
	struct fwsim_node logs;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, "logs", &logs))
		return 0;
	r = fwsim_node_array(&logs, 64, &count);
	if (r < 0)
		return r;
	device->logs = calloc(count + 1, sizeof(*device->logs));
	if (!device->logs)
		return fwsim_node_fail(&logs, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&logs, i);

		device->log_count++;
		r = load_log(&item, &device->logs[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
