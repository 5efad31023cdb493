// SPDX-License-Identifier: Apache-2.0
/*
 * Is the caller in a captured call the process that made it?
 */
#include "tests/integration/capture/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t inode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

/* Field 22 of /proc/self/stat; the name before it can hold anything. In clock ticks. */
static uint64_t start_ticks(const char *path)
{
	char text[1024], *field;
	FILE *file = fopen(path, "r");
	size_t size;
	int i;

	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	field = strrchr(text, ')');
	for (i = 0; i < 20; i++)
		field = strchr(field + 1, ' ');
	return strtoull(field, NULL, 10);
}

static uint64_t number_in(const char *path)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "r");

	/* A kernel without auditing has no such file, and the record says: not set. */
	if (!file)
		return UINT32_MAX;
	assert_int_equal(fscanf(file, "%llu", &number), 1);
	fclose(file);
	return number;
}

/* "0::/path" in /proc/self/cgroup */
static void own_cgroup(char path[4096])
{
	char line[4096];
	FILE *file = fopen("/proc/self/cgroup", "r");

	assert_non_null(file);
	path[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "0::", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			strcpy(path, line + 3);
		}
	}
	fclose(file);
}

static uint64_t effective_capabilities(void)
{
	unsigned long long capabilities = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "CapEff: %llx", &capabilities);
	fclose(file);
	return capabilities;
}

static void own_exe(char path[4096])
{
	ssize_t size = readlink("/proc/self/exe", path, 4095);

	assert_true(size > 0);
	path[size] = '\0';
}

/* The caller is gone before anybody looks. */
static void test_caller_that_exits_at_once(void **state)
{
	char path[64], text[4096], own_comm[17] = "";
	int fd = harness_file(path), ticks[2];
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	uint64_t started;
	struct stat exe;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ticks), 0);
	prctl(PR_GET_NAME, own_comm);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_NAME, "gone-at-once");
		started = start_ticks("/proc/self/stat");
		if (write(ticks[1], &started, sizeof(started)) != sizeof(started))
			_exit(1);
		_exit(harness_rpc(fd, "who am I", 8, NULL, NULL) == -ENOTTY ? 0 : 1);
	}
	harness_wait(child);
	assert_int_equal(read(ticks[0], &started, sizeof(started)), sizeof(started));
	call = harness_only_call(&watched);

	assert_int_equal(call->caller.pid, child);
	assert_int_equal(call->caller.tid, child);
	assert_int_equal(call->caller.start_time * (uint64_t)sysconf(_SC_CLK_TCK) /
				 1000000000u,
			 started);
	assert_true(harness_text_is(call->caller.comm, "gone-at-once"));
	assert_int_equal(call->caller.parent_pid, getpid());
	assert_true(harness_text_is(call->caller.parent_comm, own_comm));
	assert_int_equal(call->caller.parent_start_time * (uint64_t)sysconf(_SC_CLK_TCK) /
				 1000000000u,
			 start_ticks("/proc/self/stat"));
	own_exe(text);
	assert_true(harness_text_is(call->caller.exe_path, text));
	assert_int_equal(stat("/proc/self/exe", &exe), 0);
	assert_int_equal(call->caller.exe_inode, exe.st_ino);
	assert_int_equal(call->caller.exe_device,
			 (uint64_t)major(exe.st_dev) << 32 | minor(exe.st_dev));
	own_cgroup(text);
	assert_true(harness_text_is(call->caller.cgroup_path, text));
	assert_true(call->caller.cgroup_id != 0);
	assert_int_equal(call->caller.mount_namespace, inode_of("/proc/self/ns/mnt"));
	assert_int_equal(call->caller.pid_namespace, inode_of("/proc/self/ns/pid"));
	assert_int_equal(call->caller.namespace_pid, child);
	assert_int_equal(call->caller.effective_capabilities, effective_capabilities());
	assert_int_equal(call->caller.loginuid, number_in("/proc/self/loginuid"));
	assert_int_equal(call->caller.session_id, number_in("/proc/self/sessionid"));
	assert_int_equal(call->caller.flags, 0);
	assert_false(call->own);
	assert_int_equal(call->open.descriptor, fd);
	assert_int_equal(call->open.flags & O_ACCMODE, O_RDWR);

	harness_close(&watched);
	close(fd);
	unlink(path);
}

static void test_credentials(void **state)
{
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		/* By system call: glibc's wrappers would do the same for one thread. */
		if (syscall(SYS_setresgid, 2001, 2002, 2003) ||
		    syscall(SYS_setresuid, 1001, 1002, 1003))
			_exit(1);
		harness_rpc(fd, "x", 1, NULL, NULL);
		_exit(0);
	}
	harness_wait(child);
	call = harness_only_call(&watched);
	assert_int_equal(call->caller.uid, 1001);
	assert_int_equal(call->caller.euid, 1002);
	assert_int_equal(call->caller.gid, 2001);
	assert_int_equal(call->caller.egid, 2002);
	assert_int_equal(call->caller.effective_capabilities, 0);
	assert_int_equal(call->open.opener_uid, 0);

	harness_close(&watched);
	close(fd);
	unlink(path);
}

static void *rpc_thread(void *argument)
{
	prctl(PR_SET_NAME, "a-thread");
	harness_rpc(*(int *)argument, "x", 1, NULL, NULL);
	return NULL;
}

static void test_thread(void **state)
{
	char path[64];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, rpc_thread, &fd), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	call = harness_only_call(&watched);
	assert_int_equal(call->caller.pid, getpid());
	assert_int_not_equal(call->caller.tid, getpid());
	assert_true(harness_text_is(call->caller.comm, "a-thread"));
	assert_true(call->own);

	harness_close(&watched);
	close(fd);
	unlink(path);
}

/* In new namespaces: process 1 there, with an executable that it sees through a bind mount. */
static int namespaced_caller(const char *directory, int fd, int report)
{
	char bound[96], program[128], descriptor[16];
	uint64_t inodes[2];
	pid_t child;
	int status;

	snprintf(bound, sizeof(bound), "%s/bound", directory);
	snprintf(program, sizeof(program), "%s/program", bound);
	snprintf(descriptor, sizeof(descriptor), "%d", fd);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(directory, bound, NULL, MS_BIND, NULL))
		return 1;
	child = fork();
	if (child == 0) {
		inodes[0] = inode_of("/proc/self/ns/mnt");
		inodes[1] = 0;
		if (write(report, inodes, sizeof(inodes)) != sizeof(inodes))
			_exit(1);
		execl(program, "program", "rpc", descriptor, (char *)NULL);
		_exit(2);
	}
	inodes[1] = inode_of("/proc/self/ns/pid_for_children");
	inodes[0] = (uint64_t)child;
	if (write(report, inodes, sizeof(inodes)) != sizeof(inodes))
		return 1;
	if (waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void copy_program(const char *to)
{
	char command[4500], exe[4096];

	own_exe(exe);
	snprintf(command, sizeof(command), "cp '%s' '%s'", exe, to);
	assert_int_equal(system(command), 0);
}

static void test_namespaces(void **state)
{
	char path[64], directory[64] = "/tmp/fwaudit-ns-XXXXXX", name[160], expected[200];
	int fd = harness_file(path), report[2], i;
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	uint64_t inodes[2], mount_namespace = 0, pid_namespace = 0;
	pid_t child, inner = 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(name, sizeof(name), "%s/bound", directory);
	assert_int_equal(mkdir(name, 0755), 0);
	snprintf(name, sizeof(name), "%s/program", directory);
	copy_program(name);
	assert_int_equal(pipe(report), 0);
	child = fork();
	if (child == 0)
		_exit(namespaced_caller(directory, fd, report[1]));
	harness_wait(child);
	for (i = 0; i < 2; i++) {
		assert_int_equal(read(report[0], inodes, sizeof(inodes)), sizeof(inodes));
		if (inodes[1]) {
			inner = (pid_t)inodes[0];
			pid_namespace = inodes[1];
		} else {
			mount_namespace = inodes[0];
		}
	}
	call = harness_only_call(&watched);
	assert_int_equal(call->caller.pid, inner);
	assert_int_equal(call->caller.namespace_pid, 1);
	assert_int_equal(call->caller.pid_namespace, pid_namespace);
	assert_int_not_equal(pid_namespace, inode_of("/proc/self/ns/pid"));
	assert_int_equal(call->caller.mount_namespace, mount_namespace);
	assert_int_not_equal(mount_namespace, inode_of("/proc/self/ns/mnt"));
	assert_int_equal(call->caller.parent_pid, child);
	snprintf(expected, sizeof(expected), "%s/bound/program", directory);
	assert_true(harness_text_is(call->caller.exe_path, expected));
	assert_true(harness_text_is(call->caller.comm, "program"));

	harness_close(&watched);
	unlink(name);
	snprintf(name, sizeof(name), "%s/bound", directory);
	rmdir(name);
	rmdir(directory);
	close(fd);
	unlink(path);
}

/* The path ends at the caller's own root. */
static void test_changed_root(void **state)
{
	char path[64], directory[64] = "/tmp/fwaudit-root-XXXXXX", name[128],
		       descriptor[16];
	int fd = harness_file(path);
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(name, sizeof(name), "%s/inside", directory);
	copy_program(name);
	snprintf(descriptor, sizeof(descriptor), "%d", fd);
	child = fork();
	if (child == 0) {
		execl(name, "inside", "rpc", descriptor, directory, (char *)NULL);
		_exit(2);
	}
	harness_wait(child);
	call = harness_only_call(&watched);
	assert_true(harness_text_is(call->caller.exe_path, "/inside"));
	assert_int_equal(call->caller.exe_inode, inode_of(name));

	harness_close(&watched);
	unlink(name);
	rmdir(directory);
	close(fd);
	unlink(path);
}

static int send_descriptor(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'd';
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/*
 * An RPC whose request is on the stack. A string literal would be in a page that a forked child
 * has not touched yet, and an ioctl that fails does not touch it either.
 */
static int say(int fd, const char *text)
{
	char request[32];

	strcpy(request, text);
	return harness_rpc(fd, request, (uint32_t)strlen(text), NULL, NULL);
}

/* Opens as another user, calls once itself, and passes the descriptor on. */
static int opener(const char *path, int socket)
{
	int fd;

	if (syscall(SYS_setresgid, 4321, 4321, 4321) ||
	    syscall(SYS_setresuid, 1234, 1234, 1234))
		return 1;
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 2;
	say(fd, "opener");
	return send_descriptor(socket, fd) ? 3 : 0;
}

static void test_passed_descriptor(void **state)
{
	char path[64];
	int fd = harness_file(path), pair[2], passed;
	struct watched watched;
	const struct fwa_call *calls;
	pid_t from, to;

	(void)state;
	assert_int_equal(fchmod(fd, 0666), 0);
	watched = harness_open(NULL, path, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	from = fork();
	if (from == 0)
		_exit(opener(path, pair[0]));
	harness_wait(from);
	to = fork();
	if (to == 0) {
		passed = receive_descriptor(pair[1]);
		say(passed, "user");
		/* Another open of the same file, for comparison. */
		say(fd, "other");
		_exit(0);
	}
	harness_wait(to);
	harness_settle(&watched);
	assert_int_equal(watched.seen.call_count, 3);
	calls = watched.seen.calls;
	assert_true(harness_text_is(calls[0].request.captured, "opener"));
	assert_true(harness_text_is(calls[1].request.captured, "user"));
	assert_true(harness_text_is(calls[2].request.captured, "other"));
	assert_int_equal(calls[0].caller.pid, from);
	assert_int_equal(calls[0].caller.uid, 1234);
	assert_int_equal(calls[1].caller.pid, to);
	assert_int_equal(calls[1].caller.uid, 0);
	assert_int_equal(calls[1].open.opener_uid, 1234);
	assert_int_equal(calls[1].open.opener_gid, 4321);
	assert_int_equal(calls[1].open.flags & O_ACCMODE, O_RDONLY);
	assert_int_equal(calls[1].open.key, calls[0].open.key);
	assert_int_not_equal(calls[2].open.key, calls[0].open.key);
	assert_int_equal(calls[2].open.opener_uid, 0);

	harness_close(&watched);
	close(pair[0]);
	close(pair[1]);
	close(fd);
	unlink(path);
}

/* An executable that is in no directory. */
static void test_executable_in_memory(void **state)
{
	char path[64], exe[4096], command[4500], descriptor[16];
	char *words[] = {"x", "rpc", descriptor, NULL}, *nothing[] = {NULL};
	int fd = harness_file(path), memory;
	struct watched watched = harness_open(NULL, path, NULL);
	const struct fwa_call *call;
	pid_t child;

	(void)state;
	snprintf(descriptor, sizeof(descriptor), "%d", fd);
	own_exe(exe);
	child = fork();
	if (child == 0) {
		memory = (int)syscall(SYS_memfd_create, "hidden", 0);
		snprintf(command, sizeof(command), "cat '%s' >/proc/%d/fd/%d", exe,
			 getpid(), memory);
		if (memory < 0 || system(command))
			_exit(1);
		fexecve(memory, words, nothing);
		_exit(2);
	}
	harness_wait(child);
	call = harness_only_call(&watched);
	assert_true(harness_text_is(call->caller.exe_path, "/memfd:hidden"));
	assert_true(call->caller.exe_inode != 0);

	harness_close(&watched);
	close(fd);
	unlink(path);
}

/* What the copies of this program do: one RPC, perhaps in another root, and no more. */
static int rpc_program(int count, char **words)
{
	int fd = atoi(words[2]);

	if (count > 3 && (chroot(words[3]) || chdir("/")))
		return 1;
	return harness_rpc(fd, "from another program", 20, NULL, NULL) == -ENOTTY ? 0 : 1;
}

int main(int count, char **words)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caller_that_exits_at_once),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_changed_root),
		cmocka_unit_test(test_passed_descriptor),
		cmocka_unit_test(test_executable_in_memory),
	};

	if (count >= 3 && strcmp(words[1], "rpc") == 0)
		_exit(rpc_program(count, words));
	if (!harness_can_capture())
		return FWA_TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
