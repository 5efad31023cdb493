/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/temporary.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int fwa_temporary_make(char *ret_path, size_t capacity)
{
	int length = snprintf(ret_path, capacity, "/tmp/fwa-test.XXXXXX");

	if (length < 0 || (size_t)length >= capacity)
		return -ENAMETOOLONG;
	return mkdtemp(ret_path) ? 0 : -errno;
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fwa_temporary_remove(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
