/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/fwsim/files.h"
#include "tools/fwsim/mount.h"

#define THREADS_MAX 64u /* calls that can be in the air: a slow command holds one up */

static int start_devices(struct fwsim_scenario *scenario, struct fwsim_mount *mount,
			 struct fwa_error *error)
{
	size_t i;

	mount->served = calloc(scenario->device_count, sizeof(*mount->served));
	if (!mount->served)
		return fwa_error(error, -ENOMEM, "not enough memory");
	clock_gettime(CLOCK_REALTIME, &mount->started);
	for (i = 0; i < scenario->device_count; i++) {
		struct fwsim_served *served = &mount->served[i];

		served->device = scenario->devices[i];
		if (pthread_mutex_init(&served->lock, NULL) != 0)
			return fwa_error(error, -ENOMEM, "not enough memory");
		mount->count++;
		if (fwsim_device_start(served->device, fwsim_now()) < 0)
			return fwa_error(error, -ENOMEM, "not enough memory");
	}
	return 0;
}

static void stop_devices(struct fwsim_mount *mount)
{
	size_t i;

	for (i = 0; i < mount->count; i++)
		pthread_mutex_destroy(&mount->served[i].lock);
	free(mount->served);
}

static void announce(const struct fwsim_mount *mount, const char *scenario_path,
		     const char *mountpoint)
{
	size_t i;

	printf("fwsim: serving");
	for (i = 0; i < mount->count; i++)
		printf("%s %s/%s", i ? "," : "", mountpoint,
		       mount->served[i].device->name);
	printf(" as %s says\n", scenario_path);
	fflush(stdout);
}

static int loop(struct fuse_session *session, struct fwa_error *error)
{
	struct fuse_loop_config *config;
	int r;

	config = fuse_loop_cfg_create();
	if (!config)
		return fwa_error(error, -ENOMEM, "not enough memory");
	fuse_loop_cfg_set_clone_fd(config, 1);
	fuse_loop_cfg_set_max_threads(config, THREADS_MAX);
	fuse_loop_cfg_set_idle_threads(config, THREADS_MAX);
	r = fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
	/* A positive value is the signal that ended it: that is how it is meant to end.
	 */
	if (r < 0)
		return fwa_error(error, r, "the FUSE connection failed: %s",
				 strerror(-r));
	return 0;
}

static int mount_and_serve(struct fwsim_mount *mount, const char *scenario_path,
			   const char *mountpoint, struct fwa_error *error)
{
	char options[] = "allow_other,default_permissions,fsname=fwsim,subtype=fwsim,"
			 "noexec,nosuid,nodev";
	char *words[] = {"fwsim", "-o", options};
	struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
	struct fuse_session *session;
	int r;

	session = fuse_session_new(&arguments, &fwsim_file_operations,
				   sizeof(fwsim_file_operations), mount);
	fuse_opt_free_args(&arguments);
	if (!session)
		return fwa_error(error, -EINVAL, "libfuse refused its options");
	if (fuse_set_signal_handlers(session) != 0) {
		r = fwa_error(error, -EINVAL, "cannot set signal handlers");
		goto destroy;
	}
	if (fuse_session_mount(session, mountpoint) != 0) {
		r = fwa_error(error, -EPERM,
			      "cannot mount on %s; this needs CAP_SYS_ADMIN and "
			      "the kernel's "
			      "fuse file system",
			      mountpoint);
		goto handlers;
	}
	announce(mount, scenario_path, mountpoint);
	r = loop(session, error);
	fuse_session_unmount(session);
handlers:
	fuse_remove_signal_handlers(session);
destroy:
	fuse_session_destroy(session);
	return r;
}

int fwsim_serve(struct fwsim_scenario *scenario, const char *scenario_path,
		const char *mountpoint, struct fwa_error *error)
{
	struct fwsim_mount mount = {0};
	int r;

	r = fwsim_mount_prepare(mountpoint, error);
	if (r < 0)
		return r;
	r = start_devices(scenario, &mount, error);
	if (r == 0)
		r = mount_and_serve(&mount, scenario_path, mountpoint, error);
	stop_devices(&mount);
	return r;
}
