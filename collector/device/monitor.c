/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/device/monitor.h"

#include <errno.h>
#include <libudev.h>
#include <stdlib.h>

struct fwa_monitor {
	struct udev *udev;
	struct udev_monitor *monitor;
};

int fwa_monitor_new(struct fwa_monitor **ret_monitor)
{
	struct fwa_monitor *monitor = calloc(1, sizeof(*monitor));
	int r = -ENOMEM;

	if (!monitor)
		return -ENOMEM;
	monitor->udev = udev_new();
	if (!monitor->udev)
		goto err;
	/* The kernel's own events: devtmpfs has made the node by then, and no udevd is needed. */
	monitor->monitor = udev_monitor_new_from_netlink(monitor->udev, "kernel");
	if (!monitor->monitor)
		goto err;
	r = udev_monitor_filter_add_match_subsystem_devtype(monitor->monitor, "fwctl",
							    NULL);
	if (r >= 0)
		r = udev_monitor_enable_receiving(monitor->monitor);
	if (r < 0)
		goto err;
	*ret_monitor = monitor;
	return 0;

err:
	fwa_monitor_free(monitor);
	return r;
}

int fwa_monitor_descriptor(const struct fwa_monitor *monitor)
{
	return udev_monitor_get_fd(monitor->monitor);
}

bool fwa_monitor_drain(struct fwa_monitor *monitor)
{
	struct udev_device *device;
	bool any = false;

	/* The descriptor does not block, so this ends. */
	while ((device = udev_monitor_receive_device(monitor->monitor))) {
		udev_device_unref(device);
		any = true;
	}
	return any;
}

void fwa_monitor_free(struct fwa_monitor *monitor)
{
	if (!monitor)
		return;
	udev_monitor_unref(monitor->monitor);
	udev_unref(monitor->udev);
	free(monitor);
}
