/* SPDX-License-Identifier: Apache-2.0 */
/* What the fwctl core does with an ioctl on /dev/fwctl/fwctlN (Linux,
 * drivers/fwctl/main.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/fwctl.h"
#include "tools/fwsim/caller.h"
#include "tools/fwsim/cxl_driver.h"
#include "tools/fwsim/served.h"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t fwsim_now(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

uint64_t fwsim_wall_clock(void)
{
	return clock_ns(CLOCK_REALTIME);
}

void fwsim_wait(uint64_t nanoseconds)
{
	struct timespec time = {
		.tv_sec = (time_t)(nanoseconds / 1000000000u),
		.tv_nsec = (long)(nanoseconds % 1000000000u),
	};

	while (nanoseconds && clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
		;
}

/*
 * The kernel's copy_struct_from_user: a structure from a newer user may be longer than
 * ours, as long as what we do not know is zero.
 */
static int read_structure(pid_t tid, uint64_t argument, uint8_t *buffer, size_t size)
{
	uint32_t user_size;
	int r;

	if (fwsim_caller_read(tid, argument, buffer, size) < 0) {
		r = fwsim_caller_read(tid, argument, buffer, 4);
		if (r < 0)
			return r;
		return fwa_le32(buffer) < size ? -EINVAL : -EFAULT;
	}
	user_size = fwa_le32(buffer);
	if (user_size < size)
		return -EINVAL;
	if (user_size == size)
		return 0;
	return fwsim_caller_check_zero(tid, argument + size, user_size - size);
}

static bool is_gone(struct fwsim_served *served)
{
	bool gone;

	pthread_mutex_lock(&served->lock);
	fwsim_device_settle(served->device, fwsim_now());
	gone = served->device->gone;
	pthread_mutex_unlock(&served->lock);
	return gone;
}

static int do_info(struct fwsim_served *served, pid_t tid, uint64_t argument)
{
	uint8_t buffer[FWA_FWCTL_INFO_SIZE];
	struct fwa_fwctl_info info;
	int r;

	r = read_structure(tid, argument, buffer, sizeof(buffer));
	if (r < 0)
		return r;
	if (is_gone(served))
		return -ENODEV;
	fwa_fwctl_info_decode(buffer, sizeof(buffer), &info);
	if (info.flags)
		return -EOPNOTSUPP;
	/* The cxl driver has no device data to tell. */
	if (fwsim_caller_clear(tid, info.data, info.data_length) < 0)
		return -EFAULT;
	info.device_type = FWA_FWCTL_DEVICE_CXL;
	info.data_length = 0;
	fwa_fwctl_info_encode(&info, buffer);
	return fwsim_caller_write(tid, argument, buffer, sizeof(buffer));
}

static int check_rpc(const struct fwa_fwctl_rpc *rpc, pid_t tid)
{
	if (rpc->request_length > FWA_FWCTL_PAYLOAD_MAX ||
	    rpc->response_length > FWA_FWCTL_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (rpc->scope > FWA_FWCTL_SCOPE_MAX)
		return -EOPNOTSUPP;
	if (rpc->scope == FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL &&
	    !fwsim_caller_has_rawio(tid))
		return -EPERM;
	return 0;
}

static int call_driver(struct fwsim_served *served, const struct fwa_fwctl_rpc *rpc,
		       struct fwsim_call *call)
{
	int r;

	call->scope = (uint8_t)rpc->scope;
	call->wall_clock = fwsim_wall_clock();
	pthread_mutex_lock(&served->lock);
	/* Taken under the lock, so that time does not go back for the device. */
	call->now = fwsim_now();
	r = fwsim_cxl_rpc(served->device, call);
	pthread_mutex_unlock(&served->lock);
	fwsim_wait(call->latency);
	return r;
}

static int do_rpc(struct fwsim_served *served, pid_t tid, uint64_t argument)
{
	uint8_t buffer[FWA_FWCTL_RPC_SIZE];
	struct fwsim_call call = {0};
	struct fwa_fwctl_rpc rpc;
	uint8_t *in = NULL;
	int r;

	r = read_structure(tid, argument, buffer, sizeof(buffer));
	if (r < 0)
		return r;
	if (is_gone(served))
		return -ENODEV;
	fwa_fwctl_rpc_decode(buffer, sizeof(buffer), &rpc);
	r = check_rpc(&rpc, tid);
	if (r < 0)
		return r;
	in = malloc((size_t)rpc.request_length + 1);
	call.out = calloc(1, (size_t)rpc.response_length + 1);
	call.in = in;
	call.in_size = rpc.request_length;
	call.out_size = rpc.response_length;
	r = in && call.out ? 0 : -ENOMEM;
	if (r == 0)
		r = fwsim_caller_read(tid, rpc.request, in, rpc.request_length);
	if (r == 0)
		r = call_driver(served, &rpc, &call);
	if (r == 0)
		r = fwsim_caller_write(tid, rpc.response, call.out,
				       call.out_length < call.out_size ? call.out_length
								       : call.out_size);
	if (r == 0) {
		rpc.response_length = (uint32_t)call.out_length;
		fwa_fwctl_rpc_encode(&rpc, buffer);
		r = fwsim_caller_write(tid, argument, buffer, sizeof(buffer));
	}
	free(call.out);
	free(in);
	return r;
}

int fwsim_fwctl_ioctl(struct fwsim_served *served, pid_t tid, unsigned command,
		      uint64_t argument)
{
	switch (command) {
	case FWA_FWCTL_INFO:
		return do_info(served, tid, argument);
	case FWA_FWCTL_RPC:
		return do_rpc(served, tid, argument);
	default:
		return -ENOTTY;
	}
}
