/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define FUSE_MAGIC 0x65735546

static int check_fuse(struct fwa_error *error)
{
	int fd;

	if (geteuid() != 0)
		return fwa_error(
			error, -EPERM,
			"mounting and reading the callers' memory need root; run "
			"this command as root");
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fwa_error(error, -ENODEV,
				 "cannot open /dev/fuse (%s); load the kernel's "
				 "fuse module "
				 "(modprobe fuse), or give the container the device",
				 strerror(errno));
	close(fd);
	return 0;
}

static int check_empty(const char *path, struct fwa_error *error)
{
	struct dirent *entry;
	DIR *directory;
	int r = 0;

	directory = opendir(path);
	if (!directory)
		return fwa_error(error, -errno, "cannot open the directory %s: %s", path,
				 strerror(errno));
	while (r == 0 && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = fwa_error(error, -ENOTEMPTY,
			      "%s is not empty; mount on an empty directory", path);
	}
	closedir(directory);
	return r;
}

/* The server of the mount was killed: nobody can use it any more. Attributes may still be
 * cached, so that only opening tells. */
static bool is_dead(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return false;
	}
	return errno == ENOTCONN;
}

int fwsim_mount_prepare(const char *path, struct fwa_error *error)
{
	struct statfs filesystem;
	struct stat status;
	int r;

	r = check_fuse(error);
	if (r < 0)
		return r;
	if (is_dead(path) && umount2(path, MNT_DETACH) < 0)
		return fwa_error(error, -errno,
				 "%s has a mount whose server is gone, and it cannot be "
				 "detached: %s; try umount -l %s",
				 path, strerror(errno), path);
	if (stat(path, &status) < 0)
		return fwa_error(error, -errno,
				 "the mount point %s cannot be used: %s; create "
				 "the directory "
				 "first",
				 path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return fwa_error(error, -ENOTDIR, "the mount point %s is not a directory",
				 path);
	if (statfs(path, &filesystem) == 0 && filesystem.f_type == FUSE_MAGIC)
		return fwa_error(
			error, -EBUSY,
			"something is mounted on %s already; stop the fwsim that "
			"serves it, or choose another directory",
			path);
	return check_empty(path, error);
}
