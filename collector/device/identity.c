/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/device/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read a one-line attribute of `directory`; empty where there is none. */
static void read_attribute(const char *directory, const char *name,
			   char text[FWA_IDENTITY_TEXT_SIZE])
{
	char path[FWA_DEVICE_PATH_SIZE + 64];
	ssize_t size = -1;
	int descriptor;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return;
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return;
	size = read(descriptor, text, FWA_IDENTITY_TEXT_SIZE - 1);
	close(descriptor);
	text[size < 0 ? 0 : size] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* What the link `name` in `directory` points at, its last part. */
static void read_link(const char *directory, const char *name,
		      char text[FWA_IDENTITY_TEXT_SIZE])
{
	char path[FWA_DEVICE_PATH_SIZE + 64], resolved[PATH_MAX];
	const char *base;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path) ||
	    !realpath(path, resolved))
		return;
	base = strrchr(resolved, '/') + 1;
	if (strlen(base) < FWA_IDENTITY_TEXT_SIZE)
		strcpy(text, base);
}

static bool read_number(const char *directory, const char *name, uint32_t *ret_number)
{
	char text[FWA_IDENTITY_TEXT_SIZE], *end;
	unsigned long number;

	read_attribute(directory, name, text);
	errno = 0;
	number = strtoul(text, &end, 16);
	if (!*text || *end || errno || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

/*
 * The parent is a memdev or a bus device. A memdev has serial and firmware version itself, and
 * hangs below the PCI function that driver and ids belong to.
 */
static void read_sysfs(const char *parent, struct fwa_identity *identity)
{
	char function[FWA_DEVICE_PATH_SIZE], *slash;

	read_attribute(parent, "firmware_version", identity->firmware_version);
	read_attribute(parent, "serial", identity->serial);
	strcpy(function, parent);
	while (!read_number(function, "vendor", &identity->vendor_id)) {
		slash = strrchr(function, '/');
		/* Above /sys/devices/<bus> there is nothing to find. */
		if (!slash || slash == function || strcmp(slash, "/devices") == 0)
			return;
		*slash = '\0';
	}
	identity->has_vendor_id = true;
	identity->has_device_id = read_number(function, "device", &identity->device_id);
	read_link(function, "driver", identity->driver);
	slash = strrchr(function, '/');
	if (slash && strlen(slash + 1) < sizeof(identity->bus_address))
		strcpy(identity->bus_address, slash + 1);
}

void fwa_firmware_revision(const uint8_t *identify, size_t size,
			   char ret_text[FWA_CXL_FIRMWARE_REVISION_SIZE + 1])
{
	size_t i;

	for (i = 0; i < FWA_CXL_FIRMWARE_REVISION_SIZE && i < size && identify[i]; i++)
		ret_text[i] = identify[i] >= 0x20 && identify[i] < 0x7f
				      ? (char)identify[i]
				      : '?';
	ret_text[i] = '\0';
}

/* A simulated CXL device has no sysfs: its mailbox says which firmware it runs. */
static void read_mailbox(const struct fwa_device_access *access,
			 struct fwa_identity *identity)
{
	uint8_t answer[FWA_CXL_IDENTIFY_SIZE] = {0};
	size_t size = 0;

	if (access->operations->mailbox(access->context, FWA_CXL_MEM_IDENTIFY, NULL, 0,
					answer, sizeof(answer), &size) == 0)
		fwa_firmware_revision(answer, size, identity->firmware_version);
}

int fwa_identity_read(const struct fwa_location *location,
		      const struct fwa_device_access *access,
		      struct fwa_identity *ret_identity, struct fwa_error *error)
{
	struct fwa_identity *identity = calloc(1, sizeof(*identity));
	int r;

	if (!identity)
		return fwa_error(error, -ENOMEM, "out of memory");
	r = access->operations->info(access->context, &identity->device_type,
				     identity->info, sizeof(identity->info),
				     &identity->info_size);
	if (r == -ENOTTY || r == -EINVAL || r == -ENOSYS)
		r = fwa_error(error, -ENODEV,
			      "%s: not a fwctl device: it does not know FWCTL_INFO (%s)",
			      location->path, strerror(-r));
	else if (r < 0)
		fwa_error(error, r, "%s: FWCTL_INFO failed: %s", location->path,
			  strerror(-r));
	if (r < 0)
		goto out;
	if (*location->sysfs_path)
		read_sysfs(location->sysfs_path, identity);
	if (!*identity->firmware_version && identity->device_type == FWA_FWCTL_DEVICE_CXL)
		read_mailbox(access, identity);
	*ret_identity = *identity;

out:
	free(identity);
	return r;
}

/* An empty text is an absent one. */
static struct fwa_bytes optional(const char *text)
{
	return *text ? (struct fwa_bytes){(const uint8_t *)text, strlen(text)}
		     : (struct fwa_bytes){0};
}

struct fwa_device fwa_identity_device(const struct fwa_location *location,
				      const struct fwa_identity *identity,
				      enum fwa_device_state state)
{
	return (struct fwa_device){
		.name = {(const uint8_t *)location->name, strlen(location->name)},
		.path = {(const uint8_t *)location->path, strlen(location->path)},
		.state = (uint8_t)state,
		.simulated = location->simulated,
		.file_device = location->file_device,
		.file_inode = location->file_inode,
		.has_device_type = true,
		.device_type = identity->device_type,
		.info = {identity->info, identity->info_size},
		.driver = optional(identity->driver),
		.sysfs_path = optional(location->sysfs_path),
		.bus_address = optional(identity->bus_address),
		.has_vendor_id = identity->has_vendor_id,
		.vendor_id = identity->vendor_id,
		.has_device_id = identity->has_device_id,
		.device_id = identity->device_id,
		.firmware_version = optional(identity->firmware_version),
		.serial = optional(identity->serial),
		.mailbox_path = optional(location->mailbox_path),
	};
}
