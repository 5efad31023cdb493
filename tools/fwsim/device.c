/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/behaviour.h"
#include "tools/fwsim/change.h"

int fwsim_region_init(struct fwsim_region *region, size_t size, size_t capacity)
{
	if (capacity < size)
		capacity = size;
	region->data = calloc(1, capacity ? capacity : 1);
	if (!region->data)
		return -ENOMEM;
	region->size = size;
	region->capacity = capacity;
	return 0;
}

/* Vendors number their firmware, and a device without any would look broken. */
static void plain_values(struct fwsim_device *device)
{
	uint8_t *identify = device->identify.data;
	uint8_t *partition = device->partition_info.data;

	memcpy(identify, "fwsim 1.0", 9);
	fwa_put_le64(identify + 16, 8); /* total: 2 GiB */
	fwa_put_le64(identify + 24, 8); /* of it volatile */
	fwa_put_le32(identify + FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET,
		     (uint32_t)device->lsa.size);
	device->firmware_info.data[0] = 2; /* slots */
	device->firmware_info.data[1] = 1; /* the first is active */
	memcpy(device->firmware_info.data + 16, "fwsim 1.0", 9);
	fwa_put_le64(partition, 8);
	fwa_put_le64(partition + 16, 8);
	fwa_put_le16(device->health.data + 4, 40); /* degrees */
}

struct fwsim_device *fwsim_device_new(unsigned number)
{
	struct fwsim_device *device;

	device = calloc(1, sizeof(*device));
	if (!device)
		return NULL;
	snprintf(device->name, sizeof(device->name), "fwctl%u", number);
	device->number = number;
	device->mode = 0600;
	device->mailbox_payload = 4096;
	device->last_reset = FWSIM_RESET_NONE;
	device->transfer = calloc(1, sizeof(*device->transfer));
	if (!device->transfer)
		goto fail;
	if (fwsim_region_init(&device->identify, FWA_CXL_IDENTIFY_SIZE, 0) < 0 ||
	    fwsim_region_init(&device->firmware_info, FWA_CXL_FIRMWARE_INFO_SIZE, 0) <
		    0 ||
	    fwsim_region_init(&device->partition_info, FWA_CXL_PARTITION_INFO_SIZE, 0) <
		    0 ||
	    fwsim_region_init(&device->health, FWA_CXL_HEALTH_INFO_SIZE, 0) < 0 ||
	    fwsim_region_init(&device->alert_configuration, FWA_CXL_ALERT_CONFIG_SIZE,
			      0) < 0 ||
	    fwsim_region_init(&device->shutdown_state, FWA_CXL_SHUTDOWN_STATE_SIZE, 0) <
		    0)
		goto fail;
	plain_values(device);
	return device;
fail:
	fwsim_device_free(device);
	return NULL;
}

static void feature_free(struct fwsim_feature *feature)
{
	size_t i;

	free(feature->name);
	free(feature->entry.data);
	for (i = 0; i <= FWA_CXL_SELECT_MAX; i++)
		free(feature->values[i].data);
}

static void contents_free(struct fwsim_device *device)
{
	size_t i;

	for (i = 0; i < device->behaviour_count; i++)
		fwsim_behaviour_clear(&device->behaviours[i]);
	free(device->behaviours);
	for (i = 0; i < device->command_count; i++) {
		free(device->commands[i].name);
		free(device->commands[i].response_bytes);
	}
	free(device->commands);
	for (i = 0; i < device->feature_count; i++)
		feature_free(&device->features[i]);
	free(device->features);
	for (i = 0; i < device->log_count; i++) {
		free(device->logs[i].name);
		free(device->logs[i].content.data);
	}
	free(device->logs);
}

void fwsim_device_free(struct fwsim_device *device)
{
	if (!device)
		return;
	fwsim_pending_free(device);
	contents_free(device);
	free(device->cel.data);
	free(device->lsa.data);
	free(device->shutdown_state.data);
	free(device->alert_configuration.data);
	free(device->health.data);
	free(device->partition_info.data);
	free(device->firmware_info.data);
	free(device->identify.data);
	free(device->transfer);
	free(device);
}

/* The kernel reads the CEL and the features once, and works with its copy from then on.
 */
static void probe(struct fwsim_device *device)
{
	uint16_t effects;
	size_t i;

	for (i = 0; i < device->feature_count; i++)
		memcpy(device->features[i].cached_entry, device->features[i].entry.data,
		       FWA_CXL_FEATURE_ENTRY_SIZE);
#define LISTED(opcode)                                                                   \
	(fwa_cxl_cel_find(device->cel.data, device->cel.size, opcode, &effects) == 0)
	device->can_get =
		LISTED(FWA_CXL_GET_SUPPORTED_FEATURES) && LISTED(FWA_CXL_GET_FEATURE);
	device->can_set = device->can_get && LISTED(FWA_CXL_SET_FEATURE);
#undef LISTED
}

int fwsim_device_start(struct fwsim_device *device, uint64_t now)
{
	probe(device);
	return fwsim_behaviours_on_start(device, now);
}

unsigned fwsim_feature_applies(const struct fwsim_feature *feature)
{
	uint16_t effects = fwa_le16(feature->entry.data + 28);
	unsigned applies = 0;

	if (!feature->applies_as_declared)
		return feature->applies;
	if (effects & (FWA_CXL_EFFECT_CONFIG_IMMEDIATE | FWA_CXL_EFFECT_DATA_IMMEDIATE |
		       FWA_CXL_EFFECT_POLICY_IMMEDIATE | FWA_CXL_EFFECT_LOG_IMMEDIATE))
		applies |= FWSIM_APPLIES_IMMEDIATE;
	if (effects & FWA_CXL_EFFECT_CONFIG_COLD_RESET)
		applies |= FWSIM_APPLIES_COLD;
	if (effects & FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET)
		applies |= FWSIM_APPLIES_CONVENTIONAL;
	if (effects & FWA_CXL_EFFECT_CONFIG_CXL_RESET)
		applies |= FWSIM_APPLIES_CXL;
	return applies ? applies : FWSIM_APPLIES_IMMEDIATE;
}

/* A harder reset does what the lesser ones do. */
static bool reloads(const struct fwsim_feature *feature, uint8_t reset)
{
	unsigned applies = fwsim_feature_applies(feature);
	unsigned by = FWSIM_APPLIES_IMMEDIATE | FWSIM_APPLIES_CXL;

	if (reset != FWA_RESET_CXL)
		by |= FWSIM_APPLIES_CONVENTIONAL;
	if (reset == FWA_RESET_COLD)
		by |= FWSIM_APPLIES_COLD;
	return (applies & by) != 0;
}

int fwsim_device_reset(struct fwsim_device *device, uint8_t reset, uint64_t now)
{
	size_t i;
	int r;

	fwsim_pending_settle(device, now);
	device->transfer->feature = NULL;
	for (i = 0; i < device->feature_count; i++) {
		struct fwsim_feature *feature = &device->features[i];
		struct fwsim_region *current = &feature->values[FWA_CXL_SELECT_CURRENT];

		if (reloads(feature, reset))
			memcpy(current->data, feature->values[FWA_CXL_SELECT_SAVED].data,
			       current->size);
	}
	fwsim_pending_reset(device, reset);
	r = fwsim_behaviours_on_reset(device, reset, now);
	device->reset_count++;
	device->last_reset = reset;
	probe(device);
	return r;
}

void fwsim_device_settle(struct fwsim_device *device, uint64_t now)
{
	if (device->pending)
		fwsim_pending_settle(device, now);
}

struct fwsim_feature *fwsim_device_feature(struct fwsim_device *device,
					   const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < device->feature_count; i++) {
		if (memcmp(device->features[i].entry.data, uuid, 16) == 0)
			return &device->features[i];
	}
	return NULL;
}

const struct fwsim_vendor_command *
fwsim_device_vendor_command(const struct fwsim_device *device, uint16_t opcode)
{
	size_t i;

	for (i = 0; i < device->command_count; i++) {
		if (device->commands[i].opcode == opcode)
			return &device->commands[i];
	}
	return NULL;
}

static const char *const reset_names[] = {
	[FWA_RESET_COLD] = "cold",
	[FWA_RESET_CONVENTIONAL] = "conventional",
	[FWA_RESET_CXL] = "cxl",
};

const char *fwsim_reset_name(uint8_t reset)
{
	return reset <= FWA_RESET_CXL ? reset_names[reset] : "none";
}

int fwsim_reset_parse(const char *name)
{
	int reset;

	for (reset = FWA_RESET_COLD; reset <= FWA_RESET_CXL; reset++) {
		if (strcmp(name, reset_names[reset]) == 0)
			return reset;
	}
	return -EINVAL;
}
