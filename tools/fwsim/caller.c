/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/caller.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define INITIAL_USER_NAMESPACE 0xeffffffdu /* PROC_USER_INIT_INO */

int fwsim_caller_read(pid_t tid, uint64_t address, void *buffer, size_t size)
{
	struct iovec local = {.iov_base = buffer, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};

	if (size == 0)
		return 0;
	if (process_vm_readv(tid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		return -EFAULT;
	return 0;
}

int fwsim_caller_write(pid_t tid, uint64_t address, const void *buffer, size_t size)
{
	struct iovec local = {.iov_base = (void *)buffer, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};

	if (size == 0)
		return 0;
	if (process_vm_writev(tid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		return -EFAULT;
	return 0;
}

int fwsim_caller_clear(pid_t tid, uint64_t address, size_t size)
{
	static const uint8_t zeros[4096];

	while (size) {
		size_t part = size < sizeof(zeros) ? size : sizeof(zeros);

		if (fwsim_caller_write(tid, address, zeros, part) < 0)
			return -EFAULT;
		address += part;
		size -= part;
	}
	return 0;
}

int fwsim_caller_check_zero(pid_t tid, uint64_t address, size_t size)
{
	uint8_t buffer[4096];
	size_t i;

	while (size) {
		/* Up to the next page, so that what comes before a hole is looked at
		 * first. */
		size_t part = sizeof(buffer) - (address & (sizeof(buffer) - 1));

		if (part > size)
			part = size;
		if (fwsim_caller_read(tid, address, buffer, part) < 0)
			return -EFAULT;
		for (i = 0; i < part; i++) {
			if (buffer[i])
				return -E2BIG;
		}
		address += part;
		size -= part;
	}
	return 0;
}

bool fwsim_caller_has_rawio(pid_t tid)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
		.pid = tid,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	struct stat namespace;
	char path[64];

	/* What /proc/TID/status shows as CapEff, without the text. */
	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	if (!(data[CAP_TO_INDEX(CAP_SYS_RAWIO)].effective & CAP_TO_MASK(CAP_SYS_RAWIO)))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)tid);
	if (stat(path, &namespace) < 0)
		return false;
	return namespace.st_ino == INITIAL_USER_NAMESPACE;
}
