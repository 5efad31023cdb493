/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/role.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct fwa_role_start {
	fwa_role_entry entry;
	const void *options;
	int channel; /* the role's end */
};

static void *begin(void *argument)
{
	struct fwa_role_start *start = argument;

	(void)start->entry(start->channel, start->options);
	/* The recorder sees the end of the channel, whatever the reason. */
	close(start->channel);
	return NULL;
}

int fwa_role_start(struct fwa_role *role, const char *name, fwa_role_entry entry,
		   const void *options)
{
	struct fwa_role_start *start = malloc(sizeof(*start));
	sigset_t all, before;
	int ends[2], r;

	if (!start)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		r = -errno;
		free(start);
		return r;
	}
	*start = (struct fwa_role_start){
		.entry = entry, .options = options, .channel = ends[1]};
	/* Signals are the recorder's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&role->thread, NULL, begin, start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0) {
		close(ends[0]);
		close(ends[1]);
		free(start);
		return r;
	}
	pthread_setname_np(role->thread, name);
	role->running = true;
	role->channel = ends[0];
	role->start = start;
	return 0;
}

int fwa_role_stop(struct fwa_role *role, unsigned seconds)
{
	struct timespec until;
	int r;

	if (!role->running)
		return 0;
	role->running = false;
	shutdown(role->channel, SHUT_RDWR);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	r = pthread_timedjoin_np(role->thread, NULL, &until);
	close(role->channel);
	if (r != 0)
		return -ETIMEDOUT;
	free(role->start);
	return 0;
}
