/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "schema/fwctl.h"
#include "tools/fwsim/client.h"

int fwsim_exchange_init(struct fwsim_exchange *exchange, uint16_t opcode,
			const uint8_t *payload, size_t size, size_t out_size)
{
	memset(exchange, 0, sizeof(*exchange));
	exchange->opcode = opcode;
	exchange->in_size = FWA_CXL_REQUEST_HEADER_SIZE + size;
	exchange->out_size = out_size;
	exchange->in = malloc(exchange->in_size);
	exchange->out = calloc(1, out_size + 1);
	if (!exchange->in || !exchange->out) {
		fwsim_exchange_clear(exchange);
		return -ENOMEM;
	}
	fwa_cxl_request_header_encode(opcode, (uint32_t)size, exchange->in);
	if (size)
		memcpy(exchange->in + FWA_CXL_REQUEST_HEADER_SIZE, payload, size);
	return 0;
}

void fwsim_exchange_clear(struct fwsim_exchange *exchange)
{
	free(exchange->in);
	free(exchange->out);
	exchange->in = exchange->out = NULL;
}

int fwsim_send_rpc(int fd, uint8_t scope, struct fwsim_exchange *exchange)
{
	struct fwa_fwctl_rpc rpc = {
		.size = FWA_FWCTL_RPC_SIZE,
		.scope = scope,
		.request_length = (uint32_t)exchange->in_size,
		.response_length = (uint32_t)exchange->out_size,
		.request = (uintptr_t)exchange->in,
		.response = (uintptr_t)exchange->out,
	};
	uint8_t buffer[FWA_FWCTL_RPC_SIZE];
	size_t size;

	fwa_fwctl_rpc_encode(&rpc, buffer);
	if (ioctl(fd, FWA_FWCTL_RPC, buffer) < 0)
		return -errno;
	fwa_fwctl_rpc_decode(buffer, sizeof(buffer), &rpc);
	exchange->out_length = rpc.response_length;
	size = rpc.response_length < exchange->out_size ? rpc.response_length
							: exchange->out_size;
	return fwa_cxl_response_decode(exchange->out, size, &exchange->response);
}

int fwsim_ask_feature_size(int fd, const uint8_t uuid[16], size_t *ret_size)
{
	const struct fwa_cxl_supported_features_in in = {.count = UINT32_MAX};
	struct fwa_cxl_supported_features_out out;
	uint8_t payload[FWA_CXL_SUPPORTED_FEATURES_IN_SIZE];
	struct fwa_cxl_feature_entry entry;
	struct fwsim_exchange exchange;
	size_t at;
	int r;

	fwa_cxl_supported_features_in_encode(&in, payload);
	r = fwsim_exchange_init(&exchange, FWA_CXL_GET_SUPPORTED_FEATURES, payload,
				sizeof(payload), 65536);
	if (r < 0)
		return r;
	r = fwsim_send_rpc(fd, FWA_FWCTL_SCOPE_CONFIGURATION, &exchange);
	if (r == 0)
		r = fwa_cxl_supported_features_out_decode(exchange.response.payload.data,
							  exchange.response.payload.size,
							  &out);
	if (r == 0)
		r = -ENOENT;
	for (at = 0; r == -ENOENT && at < out.entries.size;
	     at += FWA_CXL_FEATURE_ENTRY_SIZE) {
		fwa_cxl_feature_entry_decode(out.entries.data + at,
					     FWA_CXL_FEATURE_ENTRY_SIZE, &entry);
		if (memcmp(entry.uuid, uuid, sizeof(entry.uuid)) == 0) {
			*ret_size = entry.get_size;
			r = 0;
		}
	}
	fwsim_exchange_clear(&exchange);
	return r;
}
