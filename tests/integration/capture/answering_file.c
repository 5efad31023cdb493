// SPDX-License-Identifier: Apache-2.0
#define FUSE_USE_VERSION 35
#include "tests/integration/capture/answering_file.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/fwctl.h"
#include "tests/integration/capture/harness.h"

#define FILE_INODE 2

static void stat_of(fuse_ino_t inode, struct stat *status)
{
	memset(status, 0, sizeof(*status));
	status->st_ino = inode;
	status->st_nlink = 1;
	status->st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666;
}

static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.ino = FILE_INODE};

	if (parent != FUSE_ROOT_ID || strcmp(name, "device")) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	stat_of(FILE_INODE, &entry.attr);
	fuse_reply_entry(request, &entry);
}

static void on_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat status;

	(void)info;
	stat_of(inode, &status);
	fuse_reply_attr(request, &status, 0);
}

static void on_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	fuse_reply_open(request, info);
}

/* Move bytes between the caller and the server, as a driver would. */
static int transfer(pid_t pid, bool to_caller, void *here, uint64_t there, size_t size)
{
	struct iovec local = {.iov_base = here, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)there, .iov_len = size};
	ssize_t moved = to_caller ? process_vm_writev(pid, &local, 1, &remote, 1, 0)
				  : process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return moved == (ssize_t)size ? 0 : -EFAULT;
}

static int answer(pid_t pid, uint64_t argument)
{
	uint8_t *in = malloc(FWA_FWCTL_PAYLOAD_MAX), *out = malloc(FWA_FWCTL_PAYLOAD_MAX);
	struct rpc rpc;
	uint32_t i;
	int code;

	code = in && out ? transfer(pid, false, &rpc, argument, sizeof(rpc)) : -ENOMEM;
	if (!code &&
	    (rpc.in_len > FWA_FWCTL_PAYLOAD_MAX || rpc.out_len > FWA_FWCTL_PAYLOAD_MAX))
		code = -EMSGSIZE;
	if (!code && rpc.in_len)
		code = transfer(pid, false, in, rpc.in, rpc.in_len);
	if (!code && rpc.out_len) {
		for (i = 0; i < rpc.out_len; i++)
			out[i] = (uint8_t)((rpc.in_len ? in[0] : 0) + i * 7);
		code = transfer(pid, true, out, rpc.out, rpc.out_len);
	}
	if (!code)
		code = transfer(pid, true, &rpc, argument, sizeof(rpc));
	free(in);
	free(out);
	return code;
}

static void on_ioctl(fuse_req_t request, fuse_ino_t inode, unsigned int command,
		     void *argument, struct fuse_file_info *info, unsigned int flags,
		     const void *in, size_t in_size, size_t out_size)
{
	int code;

	(void)inode;
	(void)info;
	(void)flags;
	(void)in;
	(void)in_size;
	(void)out_size;
	if (command == ANSWERING_HOLD)
		return;
	if (command != FWA_FWCTL_RPC) {
		fuse_reply_err(request, ENOTTY);
		return;
	}
	code = answer(fuse_req_ctx(request)->pid, (uintptr_t)argument);
	if (code)
		fuse_reply_err(request, -code);
	else
		fuse_reply_ioctl(request, 0, NULL, 0);
}

static const struct fuse_lowlevel_ops operations = {
	.lookup = on_lookup,
	.getattr = on_getattr,
	.open = on_open,
	.ioctl = on_ioctl,
};

/*
 * In the child: serve until unmounted, or until the test is gone, however it ended. Writes one
 * byte to `ready` when mounted.
 */
static int serve(const char *directory, int ready)
{
	char *words[] = {"answering", "-o", "allow_other", NULL};
	struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
	struct fuse_session *session;

	session = fuse_session_new(&arguments, &operations, sizeof(operations), NULL);
	if (!session || fuse_set_signal_handlers(session) ||
	    fuse_session_mount(session, directory))
		return 1;
	if (write(ready, "r", 1) != 1)
		return 1;
	close(ready);
	fuse_session_loop(session);
	fuse_session_unmount(session);
	fuse_session_destroy(session);
	fuse_opt_free_args(&arguments);
	rmdir(directory);
	return 0;
}

bool answering_file_start(struct answering_file *file)
{
	int ready[2];
	char byte;
	bool mounted;

	strcpy(file->directory, "/tmp/fwaudit-fuse-XXXXXX");
	assert_non_null(mkdtemp(file->directory));
	snprintf(file->path, sizeof(file->path), "%s/device", file->directory);
	assert_int_equal(pipe(ready), 0);
	file->server = fork();
	assert_true(file->server >= 0);
	if (file->server == 0) {
		close(ready[0]);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(serve(file->directory, ready[1]));
	}
	close(ready[1]);
	mounted = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (!mounted) {
		printf("FUSE cannot be mounted here: this test needs /dev/fuse\n");
		answering_file_stop(file);
	}
	return mounted;
}

void answering_file_stop(struct answering_file *file)
{
	umount2(file->directory, MNT_FORCE | MNT_DETACH);
	waitpid(file->server, NULL, 0);
	rmdir(file->directory);
}
