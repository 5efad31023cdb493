/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/cxl_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/cxl_set_feature.h"

/* As much of the answer as there is room for, as a mailbox does with its payload
 * registers. */
static void answer(struct fwsim_reply *reply, const uint8_t *data, size_t size)
{
	size_t room = reply->capacity - reply->size;

	if (size > room)
		size = room;
	if (size)
		memcpy(reply->data + reply->size, data, size);
	reply->size += size;
}

static uint32_t answer_range(struct fwsim_reply *reply, const struct fwsim_region *region,
			     size_t offset, size_t count, uint32_t refusal)
{
	if (offset > region->size || count > region->size - offset ||
	    count > reply->capacity)
		return refusal;
	answer(reply, region->data + offset, count);
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t supported_logs(struct fwsim_device *device, struct fwsim_reply *reply)
{
	uint8_t header[FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE];
	uint8_t buffer[FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE];
	struct fwa_cxl_log_entry entry;
	size_t i;

	fwa_cxl_supported_logs_header_encode((uint16_t)(device->log_count + 1), header);
	answer(reply, header, sizeof(header));
	memcpy(entry.uuid, fwa_cxl_cel_uuid, sizeof(entry.uuid));
	entry.size = (uint32_t)device->cel.size;
	fwa_cxl_log_entry_encode(&entry, buffer);
	answer(reply, buffer, sizeof(buffer));
	for (i = 0; i < device->log_count; i++) {
		memcpy(entry.uuid, device->logs[i].uuid, sizeof(entry.uuid));
		entry.size = (uint32_t)device->logs[i].content.size;
		fwa_cxl_log_entry_encode(&entry, buffer);
		answer(reply, buffer, sizeof(buffer));
	}
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t get_log(struct fwsim_device *device, struct fwa_bytes payload,
			struct fwsim_reply *reply)
{
	const struct fwsim_region *content = NULL;
	struct fwa_cxl_get_log get;
	size_t i;

	if (fwa_cxl_get_log_decode(payload.data, payload.size, &get) < 0)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	if (memcmp(get.uuid, fwa_cxl_cel_uuid, sizeof(get.uuid)) == 0)
		content = &device->cel;
	for (i = 0; i < device->log_count; i++) {
		if (memcmp(get.uuid, device->logs[i].uuid, sizeof(get.uuid)) == 0)
			content = &device->logs[i].content;
	}
	if (!content)
		return FWA_CXL_RETURN_INVALID_LOG;
	return answer_range(reply, content, get.offset, get.length,
			    FWA_CXL_RETURN_INVALID_INPUT);
}

static uint32_t get_lsa(struct fwsim_device *device, struct fwa_bytes payload,
			struct fwsim_reply *reply)
{
	struct fwa_cxl_get_lsa get;

	if (fwa_cxl_get_lsa_decode(payload.data, payload.size, &get) < 0)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	return answer_range(reply, &device->lsa, get.offset, get.length,
			    FWA_CXL_RETURN_INVALID_INPUT);
}

static uint32_t supported_features(struct fwsim_device *device, struct fwa_bytes payload,
				   struct fwsim_reply *reply)
{
	uint8_t header[FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE];
	struct fwa_cxl_supported_features_in in;
	size_t count, i;

	if (fwa_cxl_supported_features_in_decode(payload.data, payload.size, &in) < 0)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	if (in.start > device->feature_count || in.count < sizeof(header))
		return FWA_CXL_RETURN_INVALID_INPUT;
	count = (in.count - sizeof(header)) / FWA_CXL_FEATURE_ENTRY_SIZE;
	if (count > device->feature_count - in.start)
		count = device->feature_count - in.start;
	fwa_cxl_supported_features_out_encode((uint16_t)count,
					      (uint16_t)device->feature_count, header);
	answer(reply, header, sizeof(header));
	for (i = 0; i < count; i++)
		answer(reply, device->features[in.start + i].entry.data,
		       FWA_CXL_FEATURE_ENTRY_SIZE);
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t get_feature(struct fwsim_device *device, struct fwa_bytes payload,
			    struct fwsim_reply *reply)
{
	struct fwa_cxl_get_feature get;
	struct fwsim_feature *feature;
	uint32_t flags;

	if (fwa_cxl_get_feature_decode(payload.data, payload.size, &get) < 0)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	feature = fwsim_device_feature(device, get.uuid);
	if (!feature)
		return FWA_CXL_RETURN_INVALID_INPUT;
	flags = fwa_le32(feature->entry.data + 22);
	if (get.selection > FWA_CXL_SELECT_MAX ||
	    (get.selection == FWA_CXL_SELECT_DEFAULT &&
	     !(flags & FWA_CXL_FEATURE_DEFAULT_READABLE)) ||
	    (get.selection == FWA_CXL_SELECT_SAVED &&
	     !(flags & FWA_CXL_FEATURE_SAVED_READABLE)))
		return FWA_CXL_RETURN_FEATURE_SELECTION;
	return answer_range(reply, &feature->values[get.selection], get.offset, get.count,
			    FWA_CXL_RETURN_INVALID_INPUT);
}

static uint32_t vendor_command(const struct fwsim_vendor_command *command,
			       struct fwa_bytes payload, struct fwsim_reply *reply)
{
	const uint8_t *from = command->response_bytes;
	size_t from_size = command->response_bytes_size;
	size_t size = command->response_size;

	if (payload.size < command->request_min || payload.size > command->request_max)
		return FWA_CXL_RETURN_INVALID_LENGTH;
	if (command->response == FWSIM_RESPONSE_NONE)
		return FWA_CXL_RETURN_SUCCESS;
	if (command->response == FWSIM_RESPONSE_ECHO) {
		from = payload.data;
		from_size = payload.size;
		if (size == 0)
			size = payload.size;
	}
	if (size > reply->capacity)
		size = reply->capacity;
	while (from_size && reply->size < size)
		answer(reply, from,
		       from_size < size - reply->size ? from_size : size - reply->size);
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t timestamp(const struct fwsim_command *command, struct fwsim_reply *reply)
{
	uint8_t buffer[FWA_CXL_TIMESTAMP_SIZE];

	fwa_put_le64(buffer, command->wall_clock);
	answer(reply, buffer, sizeof(buffer));
	return FWA_CXL_RETURN_SUCCESS;
}

static uint32_t whole(struct fwsim_reply *reply, const struct fwsim_region *region)
{
	answer(reply, region->data, region->size);
	return FWA_CXL_RETURN_SUCCESS;
}

/* Everything but Set Feature: the commands that only read, and the vendor's own. */
static uint32_t read_command(struct fwsim_device *device,
			     const struct fwsim_command *command,
			     struct fwsim_reply *reply)
{
	const struct fwsim_vendor_command *vendor;

	switch (command->opcode) {
	case FWA_CXL_IDENTIFY:
		return whole(reply, &device->identify);
	case FWA_CXL_GET_FIRMWARE_INFO:
		return whole(reply, &device->firmware_info);
	case FWA_CXL_GET_PARTITION_INFO:
		return whole(reply, &device->partition_info);
	case FWA_CXL_GET_HEALTH_INFO:
		return whole(reply, &device->health);
	case FWA_CXL_GET_ALERT_CONFIG:
		return whole(reply, &device->alert_configuration);
	case FWA_CXL_GET_SHUTDOWN_STATE:
		return whole(reply, &device->shutdown_state);
	case FWA_CXL_GET_TIMESTAMP:
		return timestamp(command, reply);
	case FWA_CXL_GET_SUPPORTED_LOGS:
		return supported_logs(device, reply);
	case FWA_CXL_GET_LOG:
		return get_log(device, command->payload, reply);
	case FWA_CXL_GET_LSA:
		return get_lsa(device, command->payload, reply);
	case FWA_CXL_GET_SUPPORTED_FEATURES:
		return supported_features(device, command->payload, reply);
	case FWA_CXL_GET_FEATURE:
		return get_feature(device, command->payload, reply);
	default:
		vendor = fwsim_device_vendor_command(device, command->opcode);
		return vendor ? vendor_command(vendor, command->payload, reply)
			      : FWA_CXL_RETURN_UNSUPPORTED;
	}
}

/* What the command is about, for triggers. */
struct subject {
	struct fwsim_feature *feature;
	uint8_t selection;
	struct fwa_bytes data;
};

static struct subject subject_of(struct fwsim_device *device,
				 const struct fwsim_command *command)
{
	struct subject subject = {.selection = FWSIM_SELECT_ANY,
				  .data = command->payload};
	const uint8_t *payload = command->payload.data;

	if (command->opcode == FWA_CXL_GET_FEATURE &&
	    command->payload.size >= FWA_CXL_GET_FEATURE_IN_SIZE) {
		subject.feature = fwsim_device_feature(device, payload);
		subject.selection = payload[20];
	}
	return subject;
}

/* Let the behaviours speak, then do what the command is for, then what they add. */
static int execute(struct fwsim_device *device, const struct fwsim_command *command,
		   const struct subject *subject, struct fwsim_set *set, bool *fires,
		   struct fwsim_reply *reply)
{
	struct fwsim_outcome outcome;

	fwsim_behaviours_match(device, command, subject->feature, subject->selection,
			       subject->data, fires, &outcome);
	reply->latency = outcome.latency;
	if (!outcome.injected) {
		if (set)
			reply->retval = fwsim_set_feature_apply(device, set, &outcome,
								command->now);
		else
			reply->retval = read_command(device, command, reply);
		if (reply->retval > FWA_CXL_RETURN_BACKGROUND)
			return 0;
	}
	if (fwsim_behaviours_perform(device, fires, subject->data, command->now) < 0)
		reply->retval = FWA_CXL_RETURN_INTERNAL_ERROR;
	if (outcome.background && reply->retval == FWA_CXL_RETURN_SUCCESS)
		reply->retval = FWA_CXL_RETURN_BACKGROUND;
	if (outcome.has_retval) {
		reply->retval = outcome.retval;
		reply->size = 0;
	}
	if (outcome.transport_failure)
		return -EIO;
	return outcome.error;
}

int fwsim_device_execute(struct fwsim_device *device, const struct fwsim_command *command,
			 struct fwsim_reply *reply)
{
	struct fwsim_set set;
	struct subject subject;
	bool *fires;
	int r;

	reply->size = 0;
	reply->retval = FWA_CXL_RETURN_SUCCESS;
	reply->latency = 0;
	fwsim_device_settle(device, command->now);
	if (device->gone)
		return -ENODEV;
	subject = subject_of(device, command);
	if (command->opcode == FWA_CXL_SET_FEATURE) {
		/* A part of a transfer does nothing yet; the last part does it all. */
		reply->retval = fwsim_set_feature_gather(device, command->payload, &set);
		if (reply->retval != FWA_CXL_RETURN_SUCCESS || !set.complete)
			return 0;
		subject.feature = set.feature;
		subject.data = set.data;
	}
	fires = calloc(device->behaviour_count + 1, sizeof(*fires));
	if (!fires)
		return -ENOMEM;
	r = execute(device, command, &subject,
		    command->opcode == FWA_CXL_SET_FEATURE ? &set : NULL, fires, reply);
	free(fires);
	return r;
}
