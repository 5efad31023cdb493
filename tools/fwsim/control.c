/* SPDX-License-Identifier: Apache-2.0 */
/* The control file: what is done to a device from outside. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/fwsim/files.h"

static struct fwsim_served *find(struct fwsim_mount *mount, const char *name)
{
	size_t i;

	for (i = 0; i < mount->count; i++) {
		if (strcmp(mount->served[i].device->name, name) == 0)
			return &mount->served[i];
	}
	return NULL;
}

int fwsim_control(struct fwsim_mount *mount, const char *text, size_t size)
{
	char line[128], verb[16], name[32], kind[16] = "";
	struct fwsim_served *served;
	int words, reset = 0, r = 0;

	if (size == 0 || size >= sizeof(line))
		return -EINVAL;
	memcpy(line, text, size);
	line[size] = '\0';
	words = sscanf(line, "%15s %31s %15s", verb, name, kind);
	if (words < 2)
		return -EINVAL;
	if (strcmp(verb, "reset") == 0 && words == 3)
		reset = fwsim_reset_parse(kind);
	else if (strcmp(verb, "remove") != 0 || words != 2)
		return -EINVAL;
	if (reset < 0)
		return -EINVAL;
	served = find(mount, name);
	if (!served)
		return -ENODEV;
	pthread_mutex_lock(&served->lock);
	if (served->device->gone)
		r = -ENODEV;
	else if (words == 2)
		served->device->gone = true;
	else
		r = fwsim_device_reset(served->device, (uint8_t)reset, fwsim_now());
	pthread_mutex_unlock(&served->lock);
	return r;
}
