/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fwa_directory_make(const char *directory, bool *ret_made, struct fwa_error *error)
{
	struct stat status;
	bool made = true;

	if (mkdir(directory, 0750) < 0) {
		if (errno == ENOENT)
			return fwa_error(
				error, -ENOENT,
				"%s: its parent directory does not exist; create it",
				directory);
		if (errno != EEXIST)
			return fwa_error(error, -errno,
					 "%s: cannot create the directory: %s", directory,
					 strerror(errno));
		made = false;
		if (stat(directory, &status) < 0)
			return fwa_error(error, -errno, "%s: %s", directory,
					 strerror(errno));
		if (!S_ISDIR(status.st_mode))
			return fwa_error(
				error, -ENOTDIR,
				"%s: not a directory; a ledger needs a directory of its "
				"own",
				directory);
	}
	if (ret_made)
		*ret_made = made;
	return 0;
}

int fwa_directory_sync(const char *directory, struct fwa_error *error)
{
	int fd, rc = 0;

	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fwa_error(error, -errno, "%s: cannot open the directory: %s",
				 directory, strerror(errno));
	if (fsync(fd) < 0)
		rc = fwa_error(error, -errno, "%s: cannot sync the directory: %s",
			       directory, strerror(errno));
	close(fd);
	return rc;
}

int fwa_directory_path(const char *directory, const char *name, char *ret_path,
		       size_t capacity, struct fwa_error *error)
{
	int length = snprintf(ret_path, capacity, "%s/%s", directory, name);

	if (length < 0 || (size_t)length >= capacity)
		return fwa_error(error, -ENAMETOOLONG, "%s: the path is too long",
				 directory);
	return 0;
}
