/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells when devices of the fwctl class come and go. It says that something happened, not what:
 * whoever asks looks at sysfs again, so a lost or merged event cannot lead astray.
 */
#ifndef FWA_COLLECTOR_DEVICE_MONITOR_H
#define FWA_COLLECTOR_DEVICE_MONITOR_H

#include <stdbool.h>

struct fwa_monitor;

/* Returns 0 and a monitor to be freed with fwa_monitor_free(), or negative errno. */
int fwa_monitor_new(struct fwa_monitor **ret_monitor);

/* To be polled for POLLIN. */
int fwa_monitor_descriptor(const struct fwa_monitor *monitor);

/* Take what has come in. True if there was anything. */
bool fwa_monitor_drain(struct fwa_monitor *monitor);

/* NULL is fine. */
void fwa_monitor_free(struct fwa_monitor *monitor);

#endif
