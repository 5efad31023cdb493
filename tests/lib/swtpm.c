/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/swtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/temporary.h"

/* Does something listen there? */
static int connects(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, rc;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return rc == 0;
}

static void run(const struct fwa_swtpm *tpm, pid_t parent)
{
	char state[96], server[128], control[128], log[96];
	int null;

	snprintf(state, sizeof(state), "dir=%s", tpm->directory);
	snprintf(server, sizeof(server), "type=unixio,path=%s/sock", tpm->directory);
	snprintf(control, sizeof(control), "type=unixio,path=%s/sock.ctrl",
		 tpm->directory);
	snprintf(log, sizeof(log), "file=%s/log", tpm->directory);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server",
	       server, "--ctrl", control, "--log", log, "--flags",
	       "not-need-init,startup-clear", (char *)NULL);
	_exit(127);
}

int fwa_swtpm_start(struct fwa_swtpm *tpm)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	pid_t parent = getpid();
	char path[96];
	int attempt;

	snprintf(path, sizeof(path), "%s/sock.ctrl", tpm->directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/sock", tpm->directory);
	unlink(path);
	tpm->pid = fork();
	if (tpm->pid < 0)
		return -errno;
	if (tpm->pid == 0)
		run(tpm, parent);
	for (attempt = 0; attempt < 2000; attempt++) {
		if (connects(path))
			return 0;
		if (waitpid(tpm->pid, NULL, WNOHANG) == tpm->pid) {
			tpm->pid = 0;
			return -ECHILD; /* swtpm is not installed, or did not like its state */
		}
		nanosleep(&pause, NULL);
	}
	fwa_swtpm_kill(tpm);
	return -ETIMEDOUT;
}

int fwa_swtpm_create(struct fwa_swtpm *tpm)
{
	int rc;

	*tpm = (struct fwa_swtpm){0};
	rc = fwa_temporary_make(tpm->directory, sizeof(tpm->directory));
	if (rc < 0)
		return rc;
	snprintf(tpm->tcti, sizeof(tpm->tcti), "swtpm:path=%s/sock", tpm->directory);
	rc = fwa_swtpm_start(tpm);
	if (rc < 0)
		fwa_swtpm_destroy(tpm);
	return rc;
}

void fwa_swtpm_kill(struct fwa_swtpm *tpm)
{
	if (tpm->pid <= 0)
		return;
	kill(tpm->pid, SIGKILL);
	waitpid(tpm->pid, NULL, 0);
	tpm->pid = 0;
}

void fwa_swtpm_destroy(struct fwa_swtpm *tpm)
{
	fwa_swtpm_kill(tpm);
	if (tpm->directory[0] != '\0')
		fwa_temporary_remove(tpm->directory);
	tpm->directory[0] = '\0';
}
