/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device is: FWCTL_INFO, and what sysfs says of it. A device is not a number.
 */
#ifndef FWA_COLLECTOR_DEVICE_IDENTITY_H
#define FWA_COLLECTOR_DEVICE_IDENTITY_H

#include "collector/device/access.h"
#include "collector/device/location.h"
#include "schema/error.h"
#include "schema/cxl_mailbox.h"
#include "schema/fwctl.h"
#include "schema/record.h"

#define FWA_DEVICE_INFO_MAX    4096u /* of FWCTL_INFO's device data; longer is cut */
#define FWA_IDENTITY_TEXT_SIZE 128u

struct fwa_identity {
	uint32_t device_type; /* enum fwa_fwctl_device_type */
	uint8_t info[FWA_DEVICE_INFO_MAX];
	size_t info_size;
	/* Each empty where it cannot be had. */
	char driver[FWA_IDENTITY_TEXT_SIZE];
	char bus_address[FWA_IDENTITY_TEXT_SIZE];
	char firmware_version[FWA_IDENTITY_TEXT_SIZE];
	char serial[FWA_IDENTITY_TEXT_SIZE];
	bool has_vendor_id;
	uint32_t vendor_id;
	bool has_device_id;
	uint32_t device_id;
};

/*
 * Ask the device at `access` and sysfs. Only FWCTL_INFO has to succeed.
 * Returns 0, or negative errno with a sentence: -ENODEV if it is not a fwctl device.
 */
int fwa_identity_read(const struct fwa_location *location,
		      const struct fwa_device_access *access,
		      struct fwa_identity *ret_identity, struct fwa_error *error);

/* The device record's content; it borrows from both, and their texts have to outlive it. */
struct fwa_device fwa_identity_device(const struct fwa_location *location,
				      const struct fwa_identity *identity,
				      enum fwa_device_state state);

/*
 * The firmware revision in an answer to Identify: 16 bytes, zero padded. Whatever is not
 * printable ASCII is written as '?'. Empty if the answer is too short.
 */
void fwa_firmware_revision(const uint8_t *identify, size_t size,
			   char ret_text[FWA_CXL_FIRMWARE_REVISION_SIZE + 1]);

#endif
