/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/fwctl.h"

#include <errno.h>

#include "schema/bytes.h"

int fwa_fwctl_info_decode(const uint8_t *buffer, size_t size,
			  struct fwa_fwctl_info *ret_info)
{
	if (size < FWA_FWCTL_INFO_SIZE)
		return -EBADMSG;
	*ret_info = (struct fwa_fwctl_info){
		.size = fwa_le32(buffer),
		.flags = fwa_le32(buffer + 4),
		.device_type = fwa_le32(buffer + 8),
		.data_length = fwa_le32(buffer + 12),
		.data = fwa_le64(buffer + 16),
	};
	return 0;
}

int fwa_fwctl_rpc_decode(const uint8_t *buffer, size_t size,
			 struct fwa_fwctl_rpc *ret_rpc)
{
	if (size < FWA_FWCTL_RPC_SIZE)
		return -EBADMSG;
	*ret_rpc = (struct fwa_fwctl_rpc){
		.size = fwa_le32(buffer),
		.scope = fwa_le32(buffer + 4),
		.request_length = fwa_le32(buffer + 8),
		.response_length = fwa_le32(buffer + 12),
		.request = fwa_le64(buffer + 16),
		.response = fwa_le64(buffer + 24),
	};
	return 0;
}

void fwa_fwctl_info_encode(const struct fwa_fwctl_info *info,
			   uint8_t ret_buffer[FWA_FWCTL_INFO_SIZE])
{
	fwa_put_le32(ret_buffer, info->size);
	fwa_put_le32(ret_buffer + 4, info->flags);
	fwa_put_le32(ret_buffer + 8, info->device_type);
	fwa_put_le32(ret_buffer + 12, info->data_length);
	fwa_put_le64(ret_buffer + 16, info->data);
}

void fwa_fwctl_rpc_encode(const struct fwa_fwctl_rpc *rpc,
			  uint8_t ret_buffer[FWA_FWCTL_RPC_SIZE])
{
	fwa_put_le32(ret_buffer, rpc->size);
	fwa_put_le32(ret_buffer + 4, rpc->scope);
	fwa_put_le32(ret_buffer + 8, rpc->request_length);
	fwa_put_le32(ret_buffer + 12, rpc->response_length);
	fwa_put_le64(ret_buffer + 16, rpc->request);
	fwa_put_le64(ret_buffer + 24, rpc->response);
}

const char *fwa_fwctl_command_name(uint32_t command)
{
	switch (command) {
	case FWA_FWCTL_INFO:
		return "FWCTL_INFO";
	case FWA_FWCTL_RPC:
		return "FWCTL_RPC";
	default:
		return NULL;
	}
}

const char *fwa_fwctl_scope_name(uint32_t scope)
{
	static const char *const names[] = {
		[FWA_FWCTL_SCOPE_CONFIGURATION] = "configuration",
		[FWA_FWCTL_SCOPE_DEBUG_READ_ONLY] = "debug-read-only",
		[FWA_FWCTL_SCOPE_DEBUG_WRITE] = "debug-write",
		[FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL] = "debug-write-full",
	};

	return scope <= FWA_FWCTL_SCOPE_MAX ? names[scope] : NULL;
}

const char *fwa_fwctl_device_type_name(uint32_t device_type)
{
	switch (device_type) {
	case FWA_FWCTL_DEVICE_MLX5:
		return "mlx5";
	case FWA_FWCTL_DEVICE_CXL:
		return "cxl";
	case FWA_FWCTL_DEVICE_BNXT:
		return "bnxt";
	case FWA_FWCTL_DEVICE_PDS:
		return "pds";
	default:
		return NULL;
	}
}
