/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a device is: found without opening it, so that the capture can watch it first.
 *
 * Two kinds are known: devices of the fwctl class (/sys/class/fwctl, character devices under
 * /dev/fwctl), and files named with --watch, which are simulated devices (regular files of a FUSE
 * file system) or character devices.
 */
#ifndef FWA_COLLECTOR_DEVICE_LOCATION_H
#define FWA_COLLECTOR_DEVICE_LOCATION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/error.h"

#define FWA_DEVICE_NAME_SIZE 64u
#define FWA_DEVICE_PATH_SIZE 512u
#define FWA_DEVICES_MAX      4096u /* minors that the fwctl class has (drivers/fwctl/main.c) */

/* A device's whereabouts. Texts are empty where there is no such thing. */
struct fwa_location {
	char name[FWA_DEVICE_NAME_SIZE]; /* "fwctl0" */
	char path[FWA_DEVICE_PATH_SIZE]; /* "/dev/fwctl/fwctl0" */
	char sysfs_path
		[FWA_DEVICE_PATH_SIZE]; /* of the parent: the PCI function, the memdev */
	char mailbox_path[FWA_DEVICE_PATH_SIZE]; /* takes CXL_MEM_SEND_COMMAND */
	char reset_path
		[FWA_DEVICE_PATH_SIZE]; /* "<count> <type>", of a simulated device */
	bool simulated;                 /* a regular file */
	uint64_t
		file_device; /* rdev of a character device, else st_dev; major << 32 | minor */
	uint64_t file_inode; /* 0 for a character device */
};

/* The same file: a device that was unplugged and came back under its name is another one. */
bool fwa_location_same(const struct fwa_location *a, const struct fwa_location *b);

/*
 * Look at a file named with --watch. A simulated device's siblings are memN, which takes mailbox
 * commands, and its own name with ".reset" appended, which tells resets; both may be missing.
 * Returns 0; -ENOENT, -EACCES or what stat(2) said; -ENODEV for a file that is neither regular
 * nor a character device; -ENAMETOOLONG. With a sentence. `*ret_location` is untouched then.
 */
int fwa_location_of_path(const char *path, struct fwa_location *ret_location,
			 struct fwa_error *error);

/*
 * The devices of the fwctl class, from `sysfs` ("/sys") and `dev` ("/dev"), in the order of their
 * names. `*ret_locations` is to be freed. No class at all is no device: 0 and a count of 0.
 * Returns 0, -ENOMEM, -E2BIG over FWA_DEVICES_MAX, or what opendir(3) said.
 */
int fwa_locations_of_class(const char *sysfs, const char *dev,
			   struct fwa_location **ret_locations, size_t *ret_count);

/*
 * The character device major of the fwctl class, from the text of /proc/devices.
 * Returns 0, or -ENOENT while the class is not there.
 */
int fwa_class_major(const char *proc_devices, uint32_t *ret_major);

#endif
