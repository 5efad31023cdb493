/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/cxl_set_feature.h"

#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/change.h"

/* What a device checks of every Set Feature, whole or in parts. */
static uint32_t check(struct fwsim_device *device,
		      const struct fwa_cxl_set_feature *command,
		      struct fwsim_feature **ret_feature)
{
	struct fwsim_feature *feature = fwsim_device_feature(device, command->uuid);
	struct fwa_cxl_feature_entry entry;

	if (!feature)
		return FWA_CXL_RETURN_INVALID_INPUT;
	fwa_cxl_feature_entry_decode(feature->entry.data, feature->entry.size, &entry);
	if (!(entry.flags & FWA_CXL_FEATURE_CHANGEABLE))
		return FWA_CXL_RETURN_INVALID_INPUT;
	if (command->version != entry.set_version)
		return FWA_CXL_RETURN_FEATURE_VERSION;
	if (command->offset > feature->values[0].size ||
	    command->data.size > feature->values[0].size - command->offset)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	*ret_feature = feature;
	return FWA_CXL_RETURN_SUCCESS;
}

static void append(struct fwsim_transfer *transfer,
		   const struct fwa_cxl_set_feature *command)
{
	if (command->data.size)
		memcpy(transfer->data + (transfer->next - transfer->first),
		       command->data.data, command->data.size);
	transfer->next = (uint16_t)(transfer->next + command->data.size);
}

static uint32_t initiate(struct fwsim_transfer *transfer, struct fwsim_feature *feature,
			 const struct fwa_cxl_set_feature *command)
{
	if (transfer->feature)
		return FWA_CXL_RETURN_TRANSFER_IN_PROGRESS;
	transfer->feature = feature;
	transfer->first = transfer->next = command->offset;
	transfer->flags = command->flags;
	append(transfer, command);
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t proceed(struct fwsim_transfer *transfer, struct fwsim_feature *feature,
			const struct fwa_cxl_set_feature *command)
{
	if (transfer->feature != feature || transfer->next != command->offset)
		return FWA_CXL_RETURN_TRANSFER_OUT_OF_ORDER;
	append(transfer, command);
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t finish(struct fwsim_transfer *transfer, struct fwsim_feature *feature,
		       const struct fwa_cxl_set_feature *command,
		       struct fwsim_set *ret_set)
{
	uint32_t retval = proceed(transfer, feature, command);

	if (retval != FWA_CXL_RETURN_SUCCESS)
		return retval;
	*ret_set = (struct fwsim_set){
		.complete = true,
		.feature = feature,
		.offset = transfer->first,
		.flags = transfer->flags,
		.data = {.data = transfer->data,
			 .size = (size_t)(transfer->next - transfer->first)},
	};
	transfer->feature = NULL;
	return FWA_CXL_RETURN_SUCCESS;
}

uint32_t fwsim_set_feature_gather(struct fwsim_device *device, struct fwa_bytes payload,
				  struct fwsim_set *ret_set)
{
	struct fwsim_transfer *transfer = device->transfer;
	struct fwa_cxl_set_feature command;
	struct fwsim_feature *feature;
	uint32_t retval;

	*ret_set = (struct fwsim_set){0};
	if (fwa_cxl_set_feature_decode(payload.data, payload.size, &command) < 0)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	retval = check(device, &command, &feature);
	if (retval != FWA_CXL_RETURN_SUCCESS) {
		/* What cannot be finished is not to block every later command. */
		if (transfer->feature &&
		    transfer->feature == fwsim_device_feature(device, command.uuid))
			transfer->feature = NULL;
		return retval;
	}
	switch (command.flags & FWA_CXL_SET_TRANSFER_MASK) {
	case FWA_CXL_TRANSFER_FULL:
		if (transfer->feature)
			return FWA_CXL_RETURN_TRANSFER_IN_PROGRESS;
		*ret_set = (struct fwsim_set){
			.complete = true,
			.feature = feature,
			.offset = command.offset,
			.flags = command.flags,
			.data = command.data,
		};
		return FWA_CXL_RETURN_SUCCESS;
	case FWA_CXL_TRANSFER_INITIATE:
		return initiate(transfer, feature, &command);
	case FWA_CXL_TRANSFER_CONTINUE:
		return proceed(transfer, feature, &command);
	case FWA_CXL_TRANSFER_FINISH:
		return finish(transfer, feature, &command, ret_set);
	case FWA_CXL_TRANSFER_ABORT:
		if (transfer->feature != feature)
			return FWA_CXL_RETURN_TRANSFER_OUT_OF_ORDER;
		transfer->feature = NULL;
		return FWA_CXL_RETURN_SUCCESS;
	default:
		return FWA_CXL_RETURN_INVALID_INPUT;
	}
}

static uint32_t write_value(struct fwsim_device *device, struct fwsim_region *value,
			    const struct fwsim_set *set, uint64_t due, uint64_t now)
{
	struct fwsim_change change = {
		.operation = FWSIM_WRITE,
		.region = value,
		.offset = set->offset,
		.size = set->data.size,
	};
	int r = 0;

	change.bytes = malloc(set->data.size + 1);
	if (!change.bytes)
		return FWA_CXL_RETURN_INTERNAL_ERROR;
	if (set->data.size)
		memcpy(change.bytes, set->data.data, set->data.size);
	if (due > now)
		r = fwsim_change_at(device, &change, due);
	else
		fwsim_change_apply(device, &change);
	free(change.bytes);
	return r < 0 ? FWA_CXL_RETURN_INTERNAL_ERROR : FWA_CXL_RETURN_SUCCESS;
}

uint32_t fwsim_set_feature_apply(struct fwsim_device *device, const struct fwsim_set *set,
				 const struct fwsim_outcome *outcome, uint64_t now)
{
	struct fwsim_feature *feature = set->feature;
	unsigned applies = fwsim_feature_applies(feature);
	uint64_t due = now + outcome->background;
	uint32_t retval = FWA_CXL_RETURN_SUCCESS;

	if (outcome->suppress || applies == 0)
		return FWA_CXL_RETURN_SUCCESS;
	if (applies & FWSIM_APPLIES_IMMEDIATE)
		retval = write_value(device, &feature->values[FWA_CXL_SELECT_CURRENT],
				     set, due, now);
	if (retval != FWA_CXL_RETURN_SUCCESS)
		return retval;
	/* What waits for a reset has to be kept somewhere, whatever the flag says. */
	if ((set->flags & FWA_CXL_SET_SAVED) || !(applies & FWSIM_APPLIES_IMMEDIATE))
		retval = write_value(device, &feature->values[FWA_CXL_SELECT_SAVED], set,
				     due, now);
	return retval;
}
