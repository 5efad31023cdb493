/* SPDX-License-Identifier: Apache-2.0 */
/* A fwsim that serves a scenario on a directory of its own. */
#ifndef FWA_TESTS_FWSIM_SERVER_H
#define FWA_TESTS_FWSIM_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

struct server {
	char directory[64];
	pid_t pid;
};

/* Exit with 77 and the reason if this machine cannot serve. */
void server_need_machine(void);

/* Waits until it says that it serves. `directory` has to be set by server_directory. */
void server_directory(struct server *server);
void server_start(struct server *server, const char *scenario);
/* Send `signal`; the exit status as waitpid has it. */
int server_stop(struct server *server, int signal);
/* Unmount what may be left and remove the directory. */
void server_remove(struct server *server);

/* A descriptor of one of its files. */
int server_open(const struct server *server, const char *name);
/* Run fwsim with these arguments (NULL-terminated): its exit code. */
int server_run(const char *const *arguments);

#endif
