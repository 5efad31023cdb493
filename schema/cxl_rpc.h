/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CXL device's FWCTL_RPC carries: a mailbox command in a small frame
 * (Linux, include/uapi/fwctl/cxl.h). Everything is little endian.
 *
 *     request:  opcode u32@0, flags u32@4, op_size u32@8, reserved u32@12, payload@16
 *     response: size u32@0, retval u32@4, payload@8
 *
 * The response's length in struct fwctl_rpc is not the length of the frame: the driver
 * reports 8 bytes more than frame and payload need, so `size` is what counts.
 */
#ifndef FWA_SCHEMA_CXL_RPC_H
#define FWA_SCHEMA_CXL_RPC_H

#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

#define FWA_CXL_REQUEST_HEADER_SIZE  16u
#define FWA_CXL_RESPONSE_HEADER_SIZE 8u
/* sizeof(struct fwctl_rpc_cxl_out): what the driver counts as the header on the way out.
 */
#define FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE 16u

struct fwa_cxl_request {
	uint16_t opcode;       /* what the driver keeps of the field */
	uint32_t opcode_field; /* the whole field */
	uint32_t flags;
	uint32_t op_size; /* as the frame says; may exceed payload.size */
	uint32_t reserved;
	struct fwa_bytes
		payload; /* borrowed: at most op_size, and at most what is there */
};

struct fwa_cxl_response {
	uint32_t size;   /* as the frame says; may exceed payload.size */
	uint32_t retval; /* the mailbox return code: fwa_cxl_return_code_name() */
	struct fwa_bytes
		payload; /* borrowed: at most `size`, and at most what is there */
};

/* Returns 0, or -EBADMSG if not even the header is there. */
int fwa_cxl_request_decode(const uint8_t *buffer, size_t size,
			   struct fwa_cxl_request *ret_request);
int fwa_cxl_response_decode(const uint8_t *buffer, size_t size,
			    struct fwa_cxl_response *ret_response);

void fwa_cxl_request_header_encode(uint16_t opcode, uint32_t op_size,
				   uint8_t ret_header[FWA_CXL_REQUEST_HEADER_SIZE]);
void fwa_cxl_response_header_encode(uint32_t size, uint32_t retval,
				    uint8_t ret_header[FWA_CXL_RESPONSE_HEADER_SIZE]);

#endif
