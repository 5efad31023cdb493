/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/device/location.h"
#include "schema/text.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define TAINT_PATH   "/proc/sys/kernel/tainted"
#define DEVICES_PATH "/proc/devices"

/* The whole of a small file, with a NUL behind it. Returns its length or negative errno. */
static ssize_t read_text(const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), r;

	if (descriptor < 0)
		return -errno;
	do {
		got = read(descriptor, text + length, size - 1 - length);
		if (got > 0)
			length += (size_t)got;
	} while (got > 0 && length < size - 1);
	r = -errno;
	close(descriptor);
	text[length] = '\0';
	return got < 0 ? r : (ssize_t)length;
}

int fwa_host_read(struct fwa_host *ret_host, struct fwa_error *error)
{
	struct fwa_host host = {0};
	char text[64];

	if (read_text(BOOT_ID_PATH, text, sizeof(text)) < 0 ||
	    fwa_uuid_parse(text, FWA_UUID_TEXT_SIZE - 1, host.boot_id) < 0)
		return fwa_error(error, -ENOENT,
				 BOOT_ID_PATH ": cannot be read; mount /proc");
	if (read_text(TAINT_PATH, text, sizeof(text)) < 0)
		return fwa_error(error, -ENOENT,
				 TAINT_PATH ": cannot be read; mount /proc");
	host.kernel_taint = strtoull(text, NULL, 10);
	uname(&host.name);
	*ret_host = host;
	return 0;
}

int fwa_host_class_major(uint32_t *ret_major)
{
	char text[16384];
	ssize_t length = read_text(DEVICES_PATH, text, sizeof(text));

	return length < 0 ? (int)length : fwa_class_major(text, ret_major);
}
