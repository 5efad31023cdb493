/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the mount as libfuse's low-level operations. */
#ifndef FWA_FWSIM_FILES_H
#define FWA_FWSIM_FILES_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "tools/fwsim/served.h"

struct fwsim_mount {
	struct fwsim_served *served;
	size_t count;
	struct timespec started; /* CLOCK_REALTIME, the files' times */
};

/* To be given to fuse_session_new with a struct fwsim_mount as user data. */
extern const struct fuse_lowlevel_ops fwsim_file_operations;

/* One line of the control file. 0 or a negative errno. */
int fwsim_control(struct fwsim_mount *mount, const char *text, size_t size);

#endif
