/* SPDX-License-Identifier: Apache-2.0 */
/* The mount point: what has to be true of it, and what a killed server left behind. */
#ifndef FWA_FWSIM_MOUNT_H
#define FWA_FWSIM_MOUNT_H

#include "schema/error.h"

/*
 * Check that `path` can be mounted on and that this process can do it; detach what a
 * server that was killed left there. Returns 0, or a negative errno with a sentence.
 */
int fwsim_mount_prepare(const char *path, struct fwa_error *error);

#endif
