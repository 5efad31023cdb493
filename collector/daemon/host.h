/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that the collector runs on, as the boot record describes it. */
#ifndef FWA_COLLECTOR_DAEMON_HOST_H
#define FWA_COLLECTOR_DAEMON_HOST_H

#include <stdint.h>
#include <sys/utsname.h>

#include "schema/error.h"
#include "schema/record.h"

struct fwa_host {
	uint8_t boot_id[FWA_UUID_SIZE];
	uint64_t kernel_taint;
	struct utsname name;
};

/* Returns 0, or negative errno with a sentence (/proc is not mounted). */
int fwa_host_read(struct fwa_host *ret_host, struct fwa_error *error);

/* The major of the fwctl class. Returns 0, or -ENOENT while there is none. */
int fwa_host_class_major(uint32_t *ret_major);

#endif
