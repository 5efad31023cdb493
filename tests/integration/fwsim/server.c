/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/fwsim/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

void server_need_machine(void)
{
	const char *reason = NULL;
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (geteuid() != 0)
		reason = "mounting needs root";
	else if (fd < 0)
		reason = "/dev/fuse cannot be opened";
	if (fd >= 0)
		close(fd);
	if (reason) {
		printf("skipped: %s\n", reason);
		exit(77);
	}
}

void server_directory(struct server *server)
{
	strcpy(server->directory, "/tmp/fwsim-test-XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	server->pid = -1;
}

void server_start(struct server *server, const char *scenario)
{
	char path[512], line[256];
	int pipes[2];
	FILE *output;

	snprintf(path, sizeof(path), "%s/%s", FWSIM_SCENARIOS, scenario);
	assert_int_equal(pipe(pipes), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execl(FWSIM_PROGRAM, "fwsim", "serve", path, server->directory,
		      (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	output = fdopen(pipes[0], "r");
	assert_non_null(output);
	/* The end of the file comes instead, if it could not. */
	assert_non_null(fgets(line, sizeof(line), output));
	assert_int_equal(strncmp(line, "fwsim: serving ", 15), 0);
	fclose(output);
}

int server_stop(struct server *server, int signal)
{
	int status;

	assert_int_equal(kill(server->pid, signal), 0);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	server->pid = -1;
	return status;
}

void server_remove(struct server *server)
{
	if (server->pid > 0)
		server_stop(server, SIGKILL);
	umount2(server->directory, MNT_DETACH);
	rmdir(server->directory);
}

int server_open(const struct server *server, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", server->directory, name);
	return open(path, O_RDWR | O_CLOEXEC);
}

int server_run(const char *const *arguments)
{
	const char *words[16] = {"fwsim"};
	int status, i, sink;
	pid_t pid;

	for (i = 0; arguments[i]; i++)
		words[i + 1] = arguments[i];
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sink = open("/dev/null", O_WRONLY);
		dup2(sink, STDOUT_FILENO);
		dup2(sink, STDERR_FILENO);
		execv(FWSIM_PROGRAM, (char *const *)words);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
