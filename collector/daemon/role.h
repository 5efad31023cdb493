/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A role: something that runs beside the recorder and shares nothing with it but a channel. A
 * thread today; nothing here or in a role's entry stands in the way of a process.
 */
#ifndef FWA_COLLECTOR_DAEMON_ROLE_H
#define FWA_COLLECTOR_DAEMON_ROLE_H

#include <pthread.h>
#include <stdbool.h>

/* Serves `channel` until it is closed; what the roles' headers declare. */
typedef int (*fwa_role_entry)(int channel, const void *options);

struct fwa_role {
	bool running;
	int channel; /* the recorder's end */
	pthread_t thread;
	struct fwa_role_start *start;
};

/*
 * Start a role. `name` (at most 15 characters) shows in ps(1). `options` have to stay until the
 * role was stopped. Returns 0 or negative errno.
 */
int fwa_role_start(struct fwa_role *role, const char *name, fwa_role_entry entry,
		   const void *options);

/*
 * Close the channel and wait up to `seconds` for the role to end. Returns 0; -ETIMEDOUT if it
 * hangs in a device or a TPM: it is then left alone, and so is what it uses. A role that does
 * not run is fine.
 */
int fwa_role_stop(struct fwa_role *role, unsigned seconds);

#endif
