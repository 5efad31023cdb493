/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/effects/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/fwctl.h"
#include "schema/hash.h"

const char *fwa_outcome_name(enum fwa_outcome outcome)
{
	static const char *const names[] = {
		[FWA_OUTCOME_EXECUTED] = "executed",
		[FWA_OUTCOME_BACKGROUND] = "background operation started",
		[FWA_OUTCOME_REFUSED_BY_KERNEL] = "refused by the kernel",
		[FWA_OUTCOME_REFUSED_BY_DEVICE] = "refused by the device",
		[FWA_OUTCOME_UNKNOWN] = "may have been executed",
		[FWA_OUTCOME_UNFINISHED] = "not finished",
	};

	return names[outcome];
}

/*
 * The errors that the fwctl core and the CXL driver give before the device is asked. EFAULT is
 * not among them: it is also what a failed copy of the answer gives, after the command was
 * executed.
 */
static bool refused_before_device(int64_t result)
{
	switch (result) {
	case -EPERM:
	case -EACCES:
	case -EINVAL:
	case -EOPNOTSUPP:
	case -EMSGSIZE:
	case -E2BIG:
	case -ENODEV:
	case -ENOTTY:
	case -EBADF:
		return true;
	default:
		return false;
	}
}

static enum fwa_outcome outcome_of(const struct fwa_rpc *rpc,
				   const struct fwa_command *command, bool is_cxl)
{
	if (!rpc->has_result)
		return FWA_OUTCOME_UNFINISHED;
	if (rpc->result < 0) {
		if (refused_before_device(rpc->result))
			return FWA_OUTCOME_REFUSED_BY_KERNEL;
		/* The driver gives up waiting for a background Set Feature with ETIMEDOUT. */
		if (rpc->result == -ETIMEDOUT && command->has_retval &&
		    command->retval == FWA_CXL_RETURN_BACKGROUND)
			return FWA_OUTCOME_BACKGROUND;
		return FWA_OUTCOME_UNKNOWN;
	}
	if (!command->is_rpc || !is_cxl)
		return FWA_OUTCOME_EXECUTED;
	if (!command->has_retval)
		return FWA_OUTCOME_UNKNOWN;
	if (command->retval == FWA_CXL_RETURN_SUCCESS)
		return FWA_OUTCOME_EXECUTED;
	if (command->retval == FWA_CXL_RETURN_BACKGROUND)
		return FWA_OUTCOME_BACKGROUND;
	return FWA_OUTCOME_REFUSED_BY_DEVICE;
}

static int decode_set(const struct fwa_cxl_request *request, struct fwa_command *command)
{
	struct fwa_cxl_set_feature set;
	uint8_t digest[FWA_DIGEST_SIZE];

	command->is_set = true;
	if (fwa_cxl_set_feature_decode(request->payload.data, request->payload.size,
				       &set) != 0)
		return 0;
	command->has_feature = true;
	memcpy(command->feature, set.uuid, FWA_UUID_SIZE);
	command->set_flags = set.flags;
	if ((set.flags & FWA_CXL_SET_TRANSFER_MASK) != FWA_CXL_TRANSFER_FULL ||
	    set.offset != 0 || request->payload.size != request->op_size ||
	    set.data.size == 0)
		return 0;
	if (fwa_digest(&set.data, 1, digest) != 0)
		return -EIO;
	command->has_written = true;
	memcpy(command->written, digest, FWA_DIGEST_SIZE);
	return 0;
}

static int decode_request(struct fwa_bytes bytes, struct fwa_command *command)
{
	struct fwa_cxl_request request;
	struct fwa_cxl_get_feature get;

	if (!bytes.data || fwa_cxl_request_decode(bytes.data, bytes.size, &request) != 0)
		return 0;
	command->has_opcode = true;
	command->opcode = request.opcode;
	if (request.opcode == FWA_CXL_SET_FEATURE)
		return decode_set(&request, command);
	if (request.opcode == FWA_CXL_GET_FEATURE &&
	    fwa_cxl_get_feature_decode(request.payload.data, request.payload.size,
				       &get) == 0) {
		command->has_feature = true;
		memcpy(command->feature, get.uuid, FWA_UUID_SIZE);
		command->has_selection = true;
		command->selection = get.selection;
	}
	return 0;
}

int fwa_command_decode(const struct fwa_rpc *rpc, bool has_device_type,
		       uint32_t device_type, struct fwa_bytes request,
		       struct fwa_bytes response, struct fwa_command *ret_command)
{
	struct fwa_command command = {.ioctl = rpc->command, .result = rpc->result};
	bool is_cxl = has_device_type && device_type == FWA_FWCTL_DEVICE_CXL;
	struct fwa_fwctl_rpc structure;
	struct fwa_cxl_response answer;
	int error;

	command.is_rpc =
		rpc->transport == FWA_TRANSPORT_FWCTL && rpc->command == FWA_FWCTL_RPC;
	if (command.is_rpc && rpc->structure_entry.data &&
	    fwa_fwctl_rpc_decode(rpc->structure_entry.data, rpc->structure_entry.size,
				 &structure) == 0) {
		command.has_scope = true;
		command.scope = structure.scope;
	}
	if (command.is_rpc && is_cxl) {
		error = decode_request(request, &command);
		if (error)
			return error;
		if (response.data && response.size >= FWA_CXL_RESPONSE_HEADER_SIZE &&
		    fwa_cxl_response_decode(response.data, response.size, &answer) == 0) {
			command.has_retval = true;
			command.retval = answer.retval;
		}
	}
	command.outcome = outcome_of(rpc, &command, is_cxl);
	*ret_command = command;
	return 0;
}

bool fwa_command_reads(const struct fwa_command *command)
{
	return command->has_opcode &&
	       (command->opcode == FWA_CXL_GET_SUPPORTED_FEATURES ||
		command->opcode == FWA_CXL_GET_FEATURE);
}

bool fwa_command_may_act(const struct fwa_command *command)
{
	return command->outcome != FWA_OUTCOME_REFUSED_BY_KERNEL &&
	       command->outcome != FWA_OUTCOME_REFUSED_BY_DEVICE;
}

void fwa_command_short_name(const struct fwa_command *command,
			    char ret_text[FWA_COMMAND_TEXT_MAX])
{
	const char *name;

	if (!command->is_rpc) {
		name = fwa_fwctl_command_name(command->ioctl);
		if (name)
			snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "%s", name);
		else
			snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "ioctl 0x%x",
				 command->ioctl);
		return;
	}
	if (!command->has_opcode) {
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "RPC of unknown content");
		return;
	}
	name = fwa_cxl_opcode_name(command->opcode);
	if (!name)
		name = command->opcode >= 0xc000 ? "vendor command" : "unknown command";
	snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "%s", name);
}

void fwa_command_name(const struct fwa_command *command,
		      char ret_text[FWA_COMMAND_TEXT_MAX])
{
	size_t length;

	fwa_command_short_name(command, ret_text);
	if (!command->has_opcode)
		return;
	length = strlen(ret_text);
	snprintf(ret_text + length, FWA_COMMAND_TEXT_MAX - length, " (%04Xh)",
		 command->opcode);
}

void fwa_command_target(const struct fwa_command *command,
			char ret_text[FWA_COMMAND_TEXT_MAX])
{
	ret_text[0] = '\0';
	if (command->has_feature)
		fwa_uuid_format(command->feature, ret_text);
}

static void errno_text(int64_t result, char ret_text[FWA_COMMAND_TEXT_MAX])
{
	const char *name = result >= -4095 ? strerrorname_np((int)-result) : NULL;

	if (name)
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "%s", name);
	else
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "error %lld", (long long)result);
}

void fwa_command_result(const struct fwa_command *command,
			char ret_text[FWA_COMMAND_TEXT_MAX])
{
	const char *name;

	if (command->outcome == FWA_OUTCOME_UNFINISHED)
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "not finished");
	else if (command->outcome == FWA_OUTCOME_BACKGROUND)
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "background started");
	else if (command->result < 0)
		errno_text(command->result, ret_text);
	else if (command->outcome == FWA_OUTCOME_REFUSED_BY_DEVICE) {
		name = fwa_cxl_return_code_name(command->retval);
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "%s (%02Xh)",
			 name ? name : "device error", command->retval);
	} else if (command->outcome == FWA_OUTCOME_UNKNOWN)
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "no answer captured");
	else
		snprintf(ret_text, FWA_COMMAND_TEXT_MAX, "ok");
}
