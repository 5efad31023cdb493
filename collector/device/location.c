/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/device/location.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CLASS_NAME "fwctl"

static uint64_t device_number(dev_t device)
{
	return (uint64_t)major(device) << 32 | minor(device);
}

bool fwa_location_same(const struct fwa_location *a, const struct fwa_location *b)
{
	return a->file_device == b->file_device && a->file_inode == b->file_inode &&
	       a->simulated == b->simulated && strcmp(a->path, b->path) == 0;
}

/* Concatenate into `text`. Returns 0 or -ENAMETOOLONG. */
static int join(char *text, size_t size, const char *a, const char *b, const char *c)
{
	int length = snprintf(text, size, "%s%s%s", a, b, c);

	return length >= 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
}

/* The parent device is what the driver bound to: its sysfs path, and a memdev's mailbox. */
static int find_parent(const char *sysfs, const char *dev, struct fwa_location *location)
{
	char link[FWA_DEVICE_PATH_SIZE], resolved[PATH_MAX],
		mailbox[FWA_DEVICE_PATH_SIZE];
	const char *base;

	if (snprintf(link, sizeof(link), "%s/class/" CLASS_NAME "/%s/device", sysfs,
		     location->name) >= (int)sizeof(link))
		return -ENAMETOOLONG;
	if (!realpath(link, resolved))
		return 0; /* gone while we looked, or a device without a parent */
	if (strlen(resolved) >= sizeof(location->sysfs_path))
		return -ENAMETOOLONG;
	strcpy(location->sysfs_path, resolved);
	base = strrchr(resolved, '/') + 1;
	if (strncmp(base, "mem", 3) != 0 || !isdigit((unsigned char)base[3]))
		return 0;
	if (join(mailbox, sizeof(mailbox), dev, "/cxl/", base) < 0)
		return -ENAMETOOLONG;
	if (access(mailbox, F_OK) == 0)
		strcpy(location->mailbox_path, mailbox);
	return 0;
}

/* -ENOENT when the entry is no device (or is one no longer). */
static int locate_entry(const char *sysfs, const char *dev, const char *name,
			struct fwa_location *location)
{
	char path[FWA_DEVICE_PATH_SIZE], text[32] = "";
	unsigned int device_major, device_minor;
	FILE *file;

	*location = (struct fwa_location){0};
	if (join(location->name, sizeof(location->name), name, "", "") < 0 ||
	    join(location->path, sizeof(location->path), dev, "/" CLASS_NAME "/", name) <
		    0 ||
	    snprintf(path, sizeof(path), "%s/class/" CLASS_NAME "/%s/dev", sysfs, name) >=
		    (int)sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return -ENOENT;
	if (!fgets(text, sizeof(text), file) ||
	    sscanf(text, "%u:%u", &device_major, &device_minor) != 2) {
		fclose(file);
		return -ENOENT;
	}
	fclose(file);
	location->file_device = (uint64_t)device_major << 32 | device_minor;
	return find_parent(sysfs, dev, location);
}

static int compare(const void *a, const void *b)
{
	return strverscmp(((const struct fwa_location *)a)->name,
			  ((const struct fwa_location *)b)->name);
}

int fwa_locations_of_class(const char *sysfs, const char *dev,
			   struct fwa_location **ret_locations, size_t *ret_count)
{
	struct fwa_location *locations = NULL, *grown;
	char path[FWA_DEVICE_PATH_SIZE];
	struct dirent *entry;
	size_t count = 0;
	int r = 0;
	DIR *directory;

	if (join(path, sizeof(path), sysfs, "/class/" CLASS_NAME, "") < 0)
		return -ENAMETOOLONG;
	directory = opendir(path);
	if (!directory && errno != ENOENT)
		return -errno;
	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, CLASS_NAME, strlen(CLASS_NAME)) != 0)
			continue;
		if (count >= FWA_DEVICES_MAX) {
			r = -E2BIG;
			goto err;
		}
		grown = reallocarray(locations, count + 1, sizeof(*locations));
		if (!grown) {
			r = -ENOMEM;
			goto err;
		}
		locations = grown;
		r = locate_entry(sysfs, dev, entry->d_name, &locations[count]);
		if (r == 0)
			count++;
		else if (r != -ENOENT)
			goto err;
	}
	if (directory)
		closedir(directory);
	if (count)
		qsort(locations, count, sizeof(*locations), compare);
	*ret_locations = locations;
	*ret_count = count;
	return 0;

err:
	closedir(directory);
	free(locations);
	return r;
}

/* memN beside fwctlN, and fwctlN.reset: how the simulator lays its devices out. */
static int find_siblings(struct fwa_location *location)
{
	const char *digits = location->name + strlen(location->name);
	char directory[FWA_DEVICE_PATH_SIZE], candidate[FWA_DEVICE_PATH_SIZE];
	struct stat status;

	strcpy(directory, location->path);
	*(strrchr(directory, '/') + 1) = '\0';
	while (digits > location->name && isdigit((unsigned char)digits[-1]))
		digits--;
	if (*digits) {
		if (join(candidate, sizeof(candidate), directory, "mem", digits) < 0)
			return -ENAMETOOLONG;
		if (stat(candidate, &status) == 0 && S_ISREG(status.st_mode))
			strcpy(location->mailbox_path, candidate);
	}
	if (join(candidate, sizeof(candidate), location->path, ".reset", "") < 0)
		return -ENAMETOOLONG;
	if (stat(candidate, &status) == 0 && S_ISREG(status.st_mode))
		strcpy(location->reset_path, candidate);
	return 0;
}

int fwa_location_of_path(const char *path, struct fwa_location *ret_location,
			 struct fwa_error *error)
{
	struct fwa_location location = {0};
	char resolved[PATH_MAX];
	struct stat status;
	int r;

	if (!realpath(path, resolved) || stat(resolved, &status) < 0) {
		r = -errno;
		if (r == -ENOENT)
			return fwa_error(error, r,
					 "%s: no such file; name the file of a device "
					 "with --watch",
					 path);
		return fwa_error(error, r, "%s: cannot be looked at: %s", path,
				 strerror(-r));
	}
	if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
		return fwa_error(error, -ENODEV,
				 "%s: not a fwctl device: neither a character device nor "
				 "a file of "
				 "a simulated device",
				 path);
	if (join(location.path, sizeof(location.path), resolved, "", "") < 0 ||
	    join(location.name, sizeof(location.name), strrchr(resolved, '/') + 1, "",
		 "") < 0)
		return fwa_error(
			error, -ENAMETOOLONG,
			"%s: the path is too long; at most %u bytes, %u in its last part",
			path, FWA_DEVICE_PATH_SIZE - 1, FWA_DEVICE_NAME_SIZE - 1);
	location.simulated = S_ISREG(status.st_mode);
	if (location.simulated) {
		location.file_device = device_number(status.st_dev);
		location.file_inode = status.st_ino;
		r = find_siblings(&location);
	} else {
		location.file_device = device_number(status.st_rdev);
		r = find_parent("/sys", "/dev", &location);
	}
	if (r < 0)
		return fwa_error(error, r, "%s: the path is too long for its siblings",
				 path);
	*ret_location = location;
	return 0;
}

int fwa_class_major(const char *proc_devices, uint32_t *ret_major)
{
	const char *line = proc_devices;

	/* "Character devices:", lines of "<major> <name>", an empty line, block devices. */
	while (*line) {
		unsigned int number;
		char name[32];

		if (strncmp(line, "Block devices:", 14) == 0)
			break;
		if (sscanf(line, "%u %31s", &number, name) == 2 &&
		    strcmp(name, CLASS_NAME) == 0) {
			*ret_major = number;
			return 0;
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return -ENOENT;
}
