/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/devices.h"

#include <stdlib.h>
#include <string.h>

#include "schema/cxl_mailbox.h"
#include "schema/cxl_rpc.h"
#include "schema/fwctl.h"

struct fwa_known_device *fwa_devices_by_id(const struct fwa_devices *devices, uint32_t id)
{
	for (size_t i = devices->count; i > 0; i--)
		if (devices->list[i - 1].id == id)
			return &devices->list[i - 1];
	return NULL;
}

struct fwa_known_device *fwa_devices_by_watch(const struct fwa_devices *devices,
					      const struct fwa_watch *watch)
{
	for (size_t i = devices->count; i > 0; i--)
		if (fwa_watch_equal(&devices->list[i - 1].watch, watch))
			return &devices->list[i - 1];
	return NULL;
}

struct fwa_known_device *fwa_devices_add(struct fwa_devices *devices, uint32_t id,
					 const struct fwa_watch *watch, uint64_t now)
{
	struct fwa_known_device *grown;

	grown = reallocarray(devices->list, devices->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	devices->list = grown;
	grown += devices->count++;
	*grown = (struct fwa_known_device){
		.id = id, .stage = FWA_KNOWN_PENDING, .watch = *watch, .since = now};
	return grown;
}

void fwa_devices_forget(struct fwa_devices *devices, uint64_t settled)
{
	size_t kept = 0;

	for (size_t i = 0; i < devices->count; i++)
		if (devices->list[i].stage != FWA_KNOWN_GONE ||
		    devices->list[i].since >= settled)
			devices->list[kept++] = devices->list[i];
	devices->count = kept;
}

void fwa_devices_clear(struct fwa_devices *devices)
{
	free(devices->list);
	*devices = (struct fwa_devices){0};
}

bool fwa_device_called(struct fwa_known_device *device, uint64_t returned)
{
	/* What was over before the last look began, that look has seen. */
	if (!device->ready || returned < device->look)
		return false;
	if (returned > device->last_call)
		device->last_call = returned;
	if (device->asked)
		return false;
	device->asked = true;
	return true;
}

bool fwa_device_looked(struct fwa_known_device *device, uint64_t started)
{
	device->look = started;
	device->asked = device->asked && device->last_call >= started;
	return device->asked;
}

bool fwa_call_may_write(const struct fwa_call *call, uint32_t device_type)
{
	struct fwa_cxl_request request;

	if (call->command == FWA_FWCTL_INFO)
		return false;
	if (call->command != FWA_FWCTL_RPC || device_type != FWA_FWCTL_DEVICE_CXL ||
	    !call->request.captured.data ||
	    fwa_cxl_request_decode(call->request.captured.data,
				   call->request.captured.size, &request) < 0)
		return true;
	return request.opcode != FWA_CXL_GET_SUPPORTED_FEATURES &&
	       request.opcode != FWA_CXL_GET_FEATURE;
}

struct fwa_watch fwa_watch_of_key(bool simulated, uint64_t file_device,
				  uint64_t file_inode)
{
	return (struct fwa_watch){
		.kind = simulated ? FWA_WATCH_FILE : FWA_WATCH_CHARACTER,
		.major = (uint32_t)(file_device >> 32),
		.minor = (uint32_t)file_device,
		.inode = file_inode,
	};
}
