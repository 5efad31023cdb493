/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/cxl_rpc.h"

#include <errno.h>

/* At most `claimed` bytes, and at most what is there. */
static struct fwa_bytes bounded(const uint8_t *data, size_t available, uint32_t claimed)
{
	return (struct fwa_bytes){
		.data = data,
		.size = claimed < available ? claimed : available,
	};
}

int fwa_cxl_request_decode(const uint8_t *buffer, size_t size,
			   struct fwa_cxl_request *ret_request)
{
	uint32_t opcode, op_size;

	if (size < FWA_CXL_REQUEST_HEADER_SIZE)
		return -EBADMSG;
	opcode = fwa_le32(buffer);
	op_size = fwa_le32(buffer + 8);
	*ret_request = (struct fwa_cxl_request){
		.opcode = (uint16_t)opcode,
		.opcode_field = opcode,
		.flags = fwa_le32(buffer + 4),
		.op_size = op_size,
		.reserved = fwa_le32(buffer + 12),
		.payload = bounded(buffer + FWA_CXL_REQUEST_HEADER_SIZE,
				   size - FWA_CXL_REQUEST_HEADER_SIZE, op_size),
	};
	return 0;
}

int fwa_cxl_response_decode(const uint8_t *buffer, size_t size,
			    struct fwa_cxl_response *ret_response)
{
	uint32_t payload_size;

	if (size < FWA_CXL_RESPONSE_HEADER_SIZE)
		return -EBADMSG;
	payload_size = fwa_le32(buffer);
	*ret_response = (struct fwa_cxl_response){
		.size = payload_size,
		.retval = fwa_le32(buffer + 4),
		.payload = bounded(buffer + FWA_CXL_RESPONSE_HEADER_SIZE,
				   size - FWA_CXL_RESPONSE_HEADER_SIZE, payload_size),
	};
	return 0;
}

void fwa_cxl_request_header_encode(uint16_t opcode, uint32_t op_size,
				   uint8_t ret_header[FWA_CXL_REQUEST_HEADER_SIZE])
{
	fwa_put_le32(ret_header, opcode);
	fwa_put_le32(ret_header + 4, 0);
	fwa_put_le32(ret_header + 8, op_size);
	fwa_put_le32(ret_header + 12, 0);
}

void fwa_cxl_response_header_encode(uint32_t size, uint32_t retval,
				    uint8_t ret_header[FWA_CXL_RESPONSE_HEADER_SIZE])
{
	fwa_put_le32(ret_header, size);
	fwa_put_le32(ret_header + 4, retval);
}
