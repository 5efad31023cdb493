/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/cxl_driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fwctl.h"

static void put(struct fwsim_call *call, size_t offset, const uint8_t *data, size_t size)
{
	if (offset >= call->out_size)
		return;
	if (size > call->out_size - offset)
		size = call->out_size - offset;
	memcpy(call->out + offset, data, size);
}

static void frame(struct fwsim_call *call, size_t size, uint32_t retval)
{
	uint8_t header[FWA_CXL_RESPONSE_HEADER_SIZE];

	fwa_cxl_response_header_encode((uint32_t)size, retval, header);
	put(call, 0, header, sizeof(header));
	/* 8 bytes more than are there: the driver counts a header that it does not write.
	 */
	call->out_length = FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE + size;
}

static struct fwsim_command command_of(const struct fwsim_call *call, uint16_t opcode,
				       struct fwa_bytes payload)
{
	return (struct fwsim_command){
		.opcode = opcode,
		.payload = payload,
		.scope = call->scope,
		.door = FWSIM_DOOR_FWCTL,
		.now = call->now,
		.wall_clock = call->wall_clock,
	};
}

/* Straight to the device and back. A transport failure is no error of the ioctl: that is
 * how the driver has it, and the return code that the caller sees is 0. */
static int pass_through(struct fwsim_device *device, struct fwsim_call *call,
			const struct fwa_cxl_request *request, size_t wanted)
{
	struct fwsim_command command =
		command_of(call, request->opcode, request->payload);
	struct fwsim_reply reply = {.data = call->out + FWA_CXL_RESPONSE_HEADER_SIZE};
	int r;

	if (call->out_size < FWA_CXL_RESPONSE_HEADER_SIZE)
		return -EINVAL;
	reply.capacity = call->out_size - FWA_CXL_RESPONSE_HEADER_SIZE;
	if (reply.capacity < wanted)
		return -EINVAL;
	r = fwsim_device_execute(device, &command, &reply);
	call->latency += reply.latency;
	if (r == -EIO)
		reply.size = 0;
	else if (r < 0)
		return r;
	frame(call, reply.size, reply.retval);
	return 0;
}

/* Answered from what the kernel cached; the device does not hear of it. */
static int supported_features(struct fwsim_device *device, struct fwsim_call *call,
			      const struct fwa_cxl_request *request)
{
	uint8_t header[FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE];
	uint8_t buffer[FWA_CXL_FEATURE_ENTRY_SIZE];
	struct fwa_cxl_supported_features_in in;
	struct fwa_cxl_feature_entry entry;
	size_t count, i, offset = FWA_CXL_RESPONSE_HEADER_SIZE;

	if (request->op_size != FWA_CXL_SUPPORTED_FEATURES_IN_SIZE)
		return -EINVAL;
	fwa_cxl_supported_features_in_decode(request->payload.data, request->payload.size,
					     &in);
	if (in.start >= device->feature_count)
		return -EINVAL;
	count = in.count / FWA_CXL_FEATURE_ENTRY_SIZE;
	if (count > device->feature_count - in.start)
		count = device->feature_count - in.start;
	fwa_cxl_supported_features_out_encode((uint16_t)count,
					      (uint16_t)device->feature_count, header);
	put(call, offset, header, sizeof(header));
	offset += sizeof(header);
	for (i = 0; i < count; i++) {
		fwa_cxl_feature_entry_decode(device->features[in.start + i].cached_entry,
					     FWA_CXL_FEATURE_ENTRY_SIZE, &entry);
		if (fwa_cxl_feature_exclusive(entry.uuid)) {
			entry.set_size = 0;
			entry.flags &= ~FWA_CXL_FEATURE_CHANGEABLE;
		}
		fwa_cxl_feature_entry_encode(&entry, buffer);
		put(call, offset, buffer, sizeof(buffer));
		offset += sizeof(buffer);
	}
	frame(call, sizeof(header) + count * FWA_CXL_FEATURE_ENTRY_SIZE,
	      FWA_CXL_RETURN_SUCCESS);
	return 0;
}

static int get_feature(struct fwsim_device *device, struct fwsim_call *call,
		       const struct fwa_cxl_request *request)
{
	struct fwa_cxl_get_feature get;

	if (request->op_size != FWA_CXL_GET_FEATURE_IN_SIZE)
		return -EINVAL;
	fwa_cxl_get_feature_decode(request->payload.data, request->payload.size, &get);
	if (get.count == 0)
		return -EINVAL;
	return pass_through(device, call, request, get.count);
}

/* Is the caller allowed to, as far as what the feature declared at probe time goes? */
static bool set_is_allowed(struct fwsim_device *device, const struct fwsim_call *call,
			   const struct fwa_cxl_request *request)
{
	struct fwa_cxl_feature_entry entry;
	struct fwsim_feature *feature;
	int least;

	if (!device->can_set || request->op_size < FWA_UUID_SIZE)
		return false;
	feature = fwsim_device_feature(device, request->payload.data);
	if (!feature)
		return false;
	fwa_cxl_feature_entry_decode(feature->cached_entry, FWA_CXL_FEATURE_ENTRY_SIZE,
				     &entry);
	least = fwa_cxl_set_feature_scope(entry.effects, entry.flags);
	return least >= 0 && call->scope >= least;
}

/* One mailbox command of the transfer. */
static int send_part(struct fwsim_device *device, struct fwsim_call *call,
		     const struct fwa_cxl_set_feature *part, uint8_t *buffer,
		     uint32_t *ret_retval)
{
	struct fwsim_reply reply = {0};
	struct fwsim_command command;
	int r;

	fwa_cxl_set_feature_encode(part, buffer);
	memcpy(buffer + FWA_CXL_SET_FEATURE_HEADER_SIZE, part->data.data,
	       part->data.size);
	command = command_of(call, FWA_CXL_SET_FEATURE,
			     (struct fwa_bytes){buffer, FWA_CXL_SET_FEATURE_HEADER_SIZE +
								part->data.size});
	r = fwsim_device_execute(device, &command, &reply);
	call->latency += reply.latency;
	*ret_retval = reply.retval;
	return r;
}

/*
 * The driver takes no notice of the caller's transfer flags: it splits the data to fit
 * the mailbox, and has it saved across reset.
 */
static int send_parts(struct fwsim_device *device, struct fwsim_call *call,
		      const struct fwa_cxl_set_feature *set, uint32_t *ret_retval)
{
	size_t room = device->mailbox_payload - FWA_CXL_SET_FEATURE_HEADER_SIZE;
	struct fwa_cxl_set_feature part = *set;
	uint8_t *buffer;
	size_t sent = 0;
	int r;

	buffer = malloc(device->mailbox_payload);
	if (!buffer)
		return -ENOMEM;
	do {
		size_t left = set->data.size - sent;
		uint32_t transfer =
			left > room ? FWA_CXL_TRANSFER_CONTINUE : FWA_CXL_TRANSFER_FINISH;

		if (sent == 0)
			transfer = left > room ? FWA_CXL_TRANSFER_INITIATE
					       : FWA_CXL_TRANSFER_FULL;
		part.flags = (set->flags & ~FWA_CXL_SET_TRANSFER_MASK) |
			     FWA_CXL_SET_SAVED | transfer;
		part.offset = (uint16_t)(set->offset + sent);
		part.data.data = set->data.data + sent;
		part.data.size = left > room ? room : left;
		r = send_part(device, call, &part, buffer, ret_retval);
		sent += part.data.size;
	} while (r == 0 && *ret_retval == FWA_CXL_RETURN_SUCCESS &&
		 sent < set->data.size);
	free(buffer);
	return r;
}

static int set_feature(struct fwsim_device *device, struct fwsim_call *call,
		       const struct fwa_cxl_request *request)
{
	struct fwa_cxl_set_feature set;
	uint32_t retval = FWA_CXL_RETURN_SUCCESS;
	int r;

	if (request->op_size <= FWA_CXL_SET_FEATURE_HEADER_SIZE)
		return -EINVAL;
	fwa_cxl_set_feature_decode(request->payload.data, request->payload.size, &set);
	if (fwa_cxl_feature_exclusive(set.uuid))
		return -EPERM;
	if (call->out_size < FWA_CXL_RESPONSE_HEADER_SIZE)
		return -EINVAL;
	r = send_parts(device, call, &set, &retval);
	if (r < 0 && r != -EIO)
		return r;
	frame(call, 0, retval);
	return 0;
}

int fwsim_cxl_rpc(struct fwsim_device *device, struct fwsim_call *call)
{
	const struct fwsim_vendor_command *vendor;
	struct fwa_cxl_request request;

	fwsim_device_settle(device, call->now);
	if (device->gone)
		return -ENODEV;
	if (fwa_cxl_request_decode(call->in, call->in_size, &request) < 0)
		return -EINVAL;
	if (request.payload.size != request.op_size)
		return -EINVAL;
	vendor = fwsim_device_vendor_command(device, request.opcode);
	if (vendor && call->scope < vendor->scope)
		return -EINVAL;
	if (vendor || device->gate == FWSIM_GATE_NONE)
		return pass_through(device, call, &request, 0);
	switch (request.opcode) {
	case FWA_CXL_GET_SUPPORTED_FEATURES:
		return device->can_get ? supported_features(device, call, &request)
				       : -EINVAL;
	case FWA_CXL_GET_FEATURE:
		return device->can_get ? get_feature(device, call, &request) : -EINVAL;
	case FWA_CXL_SET_FEATURE:
		if (!set_is_allowed(device, call, &request))
			return -EINVAL;
		return set_feature(device, call, &request);
	default:
		return -EINVAL;
	}
}

int fwsim_cxl_mem_check(const struct fwsim_device *device,
			const struct fwa_cxl_mem_send *send,
			const struct fwa_cxl_mem_command_info **ret_info)
{
	const struct fwa_cxl_mem_command_info *info;
	uint16_t effects;

	if (send->id == 0 || send->id >= FWA_CXL_MEM_COMMAND_END)
		return -ENOTTY;
	if (send->in_size > device->mailbox_payload)
		return -EINVAL;
	/* As without CONFIG_CXL_MEM_RAW_COMMANDS, which is how Linux comes: no raw ones. */
	info = fwa_cxl_mem_command_find(send->id);
	if ((send->flags & ~FWA_CXL_MEM_COMMAND_FLAGS_VALID) || send->raw ||
	    send->in_reserved || send->out_reserved)
		return -EINVAL;
	if (!info ||
	    (!info->always && fwa_cxl_cel_find(device->cel.data, device->cel.size,
					       info->opcode, &effects) < 0))
		return -ENOTTY;
	if (send->in_size != info->size_in)
		return -ENOMEM;
	if (info->size_out != FWA_CXL_MEM_VARIABLE && send->out_size < info->size_out)
		return -ENOMEM;
	*ret_info = info;
	return 0;
}
