/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fwctl user API: /dev/fwctl/fwctlN (Linux, include/uapi/fwctl/fwctl.h).
 *
 * The kernel exchanges these structures in the machine's own byte order; they are read
 * here as little endian, which is what every machine that has fwctl devices today uses.
 */
#ifndef FWA_SCHEMA_FWCTL_H
#define FWA_SCHEMA_FWCTL_H

#include <stddef.h>
#include <stdint.h>

/* ioctl request numbers: _IO(0x9a, 0) and _IO(0x9a, 1). */
#define FWA_FWCTL_INFO 0x9a00u
#define FWA_FWCTL_RPC  0x9a01u

#define FWA_FWCTL_INFO_SIZE   24u                  /* struct fwctl_info */
#define FWA_FWCTL_RPC_SIZE    32u                  /* struct fwctl_rpc */
#define FWA_FWCTL_PAYLOAD_MAX (2u * 1024u * 1024u) /* MAX_RPC_LEN, each way */

/* enum fwctl_rpc_scope: what a caller promises not to exceed. */
enum fwa_fwctl_scope {
	FWA_FWCTL_SCOPE_CONFIGURATION = 0,
	FWA_FWCTL_SCOPE_DEBUG_READ_ONLY = 1,
	FWA_FWCTL_SCOPE_DEBUG_WRITE = 2,      /* taints the kernel */
	FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL = 3, /* and needs CAP_SYS_RAWIO */
};
#define FWA_FWCTL_SCOPE_MAX FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL

/* enum fwctl_device_type */
enum fwa_fwctl_device_type {
	FWA_FWCTL_DEVICE_ERROR = 0,
	FWA_FWCTL_DEVICE_MLX5 = 1,
	FWA_FWCTL_DEVICE_CXL = 2,
	FWA_FWCTL_DEVICE_BNXT = 3,
	FWA_FWCTL_DEVICE_PDS = 4,
};

/* struct fwctl_info: size@0, flags@4, out_device_type@8, device_data_len@12,
 * out_device_data u64@16. */
struct fwa_fwctl_info {
	uint32_t size;
	uint32_t flags;
	uint32_t device_type;
	uint32_t data_length; /* in: room at `data`; out: bytes that the driver has */
	uint64_t data;        /* address in the caller's memory */
};

/* struct fwctl_rpc: size@0, scope@4, in_len@8, out_len@12, in@16, out@24. */
struct fwa_fwctl_rpc {
	uint32_t size;
	uint32_t scope;
	uint32_t request_length;
	uint32_t response_length; /* in: room at `response`; out: bytes that the driver
				     has */
	uint64_t request;         /* addresses in the caller's memory */
	uint64_t response;
};

/* Returns 0, or -EBADMSG with fewer than FWA_FWCTL_*_SIZE bytes; more are ignored. */
int fwa_fwctl_info_decode(const uint8_t *buffer, size_t size,
			  struct fwa_fwctl_info *ret_info);
int fwa_fwctl_rpc_decode(const uint8_t *buffer, size_t size,
			 struct fwa_fwctl_rpc *ret_rpc);

void fwa_fwctl_info_encode(const struct fwa_fwctl_info *info,
			   uint8_t ret_buffer[FWA_FWCTL_INFO_SIZE]);
void fwa_fwctl_rpc_encode(const struct fwa_fwctl_rpc *rpc,
			  uint8_t ret_buffer[FWA_FWCTL_RPC_SIZE]);

/* "FWCTL_RPC", "configuration", "cxl"; NULL for a number that is not known. */
const char *fwa_fwctl_command_name(uint32_t command);
const char *fwa_fwctl_scope_name(uint32_t scope);
const char *fwa_fwctl_device_type_name(uint32_t device_type);

#endif
