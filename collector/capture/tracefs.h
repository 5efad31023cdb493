/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a tracepoint by name: the kernel tells its number in tracefs only. */
#ifndef FWA_COLLECTOR_CAPTURE_TRACEFS_H
#define FWA_COLLECTOR_CAPTURE_TRACEFS_H

#include <stdint.h>

#include "schema/error.h"

/*
 * The number of a tracepoint ("syscalls/sys_enter_ioctl"), for perf_event_open. Looks where
 * tracefs is usually mounted; if it is not, makes a mount of it that is attached nowhere and
 * gone when the function returns.
 * Returns 0; -EPERM or -EACCES if not allowed; -EOPNOTSUPP if the kernel has no tracefs or no
 * such tracepoint.
 */
int fwa_tracepoint_number(const char *name, uint64_t *ret_number,
			  struct fwa_error *error);

#endif
