/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "collector/ledger/directory.h"

/* A predecessor that was killed may still be dying: exiting with much memory takes time. */
#define ATTEMPTS 100
#define PAUSE_NS 50000000

static int refuse(int fd, const char *directory, struct fwa_error *error)
{
	char text[32] = "";
	ssize_t count = pread(fd, text, sizeof(text) - 1, 0);
	long pid = count > 0 ? strtol(text, NULL, 10) : 0;

	if (pid > 0)
		return fwa_error(
			error, -EBUSY,
			"%s: ledger in use by pid %ld; stop that fwauditd first, or name "
			"another directory with --ledger",
			directory, pid);
	return fwa_error(
		error, -EBUSY,
		"%s: ledger in use by another process; stop that fwauditd first, or "
		"name another directory with --ledger",
		directory);
}

static int write_pid(int fd, const char *path, struct fwa_error *error)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* Only for the sentence above: the lock itself is flock's. Still, a full disk shows here. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length)
		return fwa_error(error, errno ? -errno : -EIO, "%s: cannot write it: %s",
				 path, strerror(errno ? errno : EIO));
	return 0;
}

int fwa_ledger_lock(const char *directory, struct fwa_error *error)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	char path[PATH_MAX];
	int fd, rc, attempt;

	rc = fwa_directory_path(directory, FWA_LEDGER_LOCK, path, sizeof(path), error);
	if (rc < 0)
		return rc;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return fwa_error(error, -errno, "%s: cannot open it: %s", path,
				 strerror(errno));
	for (attempt = 1; flock(fd, LOCK_EX | LOCK_NB) < 0; attempt++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			rc = fwa_error(error, -errno, "%s: cannot lock it: %s", path,
				       strerror(errno));
		else if (attempt == ATTEMPTS)
			rc = refuse(fd, directory, error);
		if (rc < 0)
			goto failed;
		(void)nanosleep(&pause,
				NULL); /* cut short by a signal: an attempt earlier */
	}
	errno = 0;
	rc = write_pid(fd, path, error);
	if (rc == 0)
		return fd;
failed:
	close(fd);
	return rc;
}
