// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char *const places[] = {
	"/sys/kernel/tracing",
	"/sys/kernel/debug/tracing",
};

/* A mount of tracefs in no directory; it ends with its descriptor. */
static int mount_privately(void)
{
	int context, mount = -1, saved;

	context = fsopen("tracefs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	saved = errno;
	close(context);
	return mount < 0 ? -saved : mount;
}

/* A directory descriptor of tracefs, or negative errno. */
static int open_tracefs(void)
{
	size_t i;
	int directory, denied = 0;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		directory = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (directory < 0)
			continue;
		/* An empty mount point is there on every machine. */
		if (faccessat(directory, "events", F_OK, 0) == 0)
			return directory;
		if (errno == EACCES || errno == EPERM)
			denied = -errno;
		close(directory);
	}
	directory = mount_privately();
	return directory < 0 && denied ? denied : directory;
}

static int read_number(int file, uint64_t *ret_number)
{
	char text[32], *end;
	ssize_t size = read(file, text, sizeof(text) - 1);
	unsigned long long number;

	if (size < 0)
		return -errno;
	text[size] = '\0';
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || (*end != '\n' && *end != '\0'))
		return -EBADMSG;
	*ret_number = number;
	return 0;
}

static int refuse(struct fwa_error *error, int code)
{
	if (code == -EPERM || code == -EACCES)
		return fwa_error(
			error, code,
			"tracefs cannot be read or mounted: %s; run as root, or "
			"mount it (mount -t tracefs tracefs /sys/kernel/tracing) and "
			"make it readable",
			strerror(-code));
	return fwa_error(
		error, -EOPNOTSUPP,
		"tracefs is not mounted on /sys/kernel/tracing and cannot be mounted: "
		"%s; the kernel needs CONFIG_FTRACE_SYSCALLS",
		strerror(-code));
}

int fwa_tracepoint_number(const char *name, uint64_t *ret_number, struct fwa_error *error)
{
	char path[128];
	int directory, file, code;

	directory = open_tracefs();
	if (directory < 0)
		return refuse(error, directory);
	snprintf(path, sizeof(path), "events/%s/id", name);
	file = openat(directory, path, O_RDONLY | O_CLOEXEC);
	code = file < 0 ? -errno : read_number(file, ret_number);
	if (file >= 0)
		close(file);
	close(directory);
	if (code == -ENOENT)
		return fwa_error(error, -EOPNOTSUPP,
				 "this kernel has no tracepoint %s; it needs "
				 "CONFIG_FTRACE_SYSCALLS",
				 name);
	if (code)
		return fwa_error(error, code,
				 "tracepoint %s: its number cannot be read: %s", name,
				 strerror(-code));
	return 0;
}
