// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/call.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

struct fwa_watch fwa_watch_of(const struct stat *status)
{
	struct fwa_watch watch = {.kind = FWA_WATCH_FILE};

	if (S_ISCHR(status->st_mode)) {
		watch.kind = FWA_WATCH_CHARACTER;
		watch.major = major(status->st_rdev);
		watch.minor = minor(status->st_rdev);
	} else {
		watch.major = major(status->st_dev);
		watch.minor = minor(status->st_dev);
		watch.inode = status->st_ino;
	}
	return watch;
}

bool fwa_watch_equal(const struct fwa_watch *a, const struct fwa_watch *b)
{
	return a->kind == b->kind && a->major == b->major && a->minor == b->minor &&
	       a->inode == b->inode;
}
