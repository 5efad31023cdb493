/* SPDX-License-Identifier: Apache-2.0 */
/* A device as it is served: the model and its lock; the ioctls of its files. */
#ifndef FWA_FWSIM_SERVED_H
#define FWA_FWSIM_SERVED_H

#include <pthread.h>
#include <sys/types.h>

#include "tools/fwsim/device.h"

struct fwsim_served {
	pthread_mutex_t
		lock; /* of the device; never held while a caller's memory is copied */
	struct fwsim_device *device;
};

/* Nanoseconds of CLOCK_BOOTTIME and of CLOCK_REALTIME. */
uint64_t fwsim_now(void);
uint64_t fwsim_wall_clock(void);
/* Wait for as long as a command took. */
void fwsim_wait(uint64_t nanoseconds);

/* An ioctl on fwctlN. Returns 0 or the negative errno of the call. */
int fwsim_fwctl_ioctl(struct fwsim_served *served, pid_t tid, unsigned command,
		      uint64_t argument);

/*
 * CXL_MEM_SEND_COMMAND on memN: `structure` is in and out (the kernel copies it for us).
 * 0 or the negative errno.
 */
int fwsim_mem_send(struct fwsim_served *served, pid_t tid,
		   uint8_t structure[FWA_CXL_MEM_SEND_COMMAND_SIZE]);
/* CXL_MEM_QUERY_COMMANDS: the header at `argument` is read, `ret_header` is what goes
 * back. */
int fwsim_mem_query(struct fwsim_served *served, pid_t tid, uint64_t argument,
		    uint8_t ret_header[FWA_CXL_MEM_QUERY_HEADER_SIZE]);

#endif
