/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side: what Linux's cxl driver does with an FWCTL_RPC and with a command to
 * memN before the device sees it (drivers/cxl/core/features.c, mbox.c). Pure.
 */
#ifndef FWA_FWSIM_CXL_DRIVER_H
#define FWA_FWSIM_CXL_DRIVER_H

#include "tools/fwsim/cxl_model.h"

struct fwsim_call {
	uint8_t scope;
	const uint8_t *in;
	size_t in_size;
	uint8_t *out; /* zeroed, `out_size` bytes */
	size_t out_size;
	uint64_t now;        /* nanoseconds */
	uint64_t wall_clock; /* nanoseconds since 1970 */
	/* results */
	size_t out_length; /* what struct fwctl_rpc is to report; may exceed out_size */
	uint64_t latency;  /* nanoseconds that the caller has to wait */
};

/* The driver's fw_rpc. Returns 0 or the negative errno of the ioctl. */
int fwsim_cxl_rpc(struct fwsim_device *device, struct fwsim_call *call);

/*
 * What CXL_MEM_SEND_COMMAND checks before it reads the input: 0 and the table's row, or
 * the negative errno of the ioctl.
 */
int fwsim_cxl_mem_check(const struct fwsim_device *device,
			const struct fwa_cxl_mem_send *send,
			const struct fwa_cxl_mem_command_info **ret_info);

#endif
