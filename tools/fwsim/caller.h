/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process at the other end of an ioctl: its memory and its capabilities. It is
 * blocked in the call while we look, so that it cannot go away under us unless it is
 * killed.
 */
#ifndef FWA_FWSIM_CALLER_H
#define FWA_FWSIM_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All of the range, or -EFAULT. */
int fwsim_caller_read(pid_t tid, uint64_t address, void *buffer, size_t size);
int fwsim_caller_write(pid_t tid, uint64_t address, const void *buffer, size_t size);
/* Zeros. */
int fwsim_caller_clear(pid_t tid, uint64_t address, size_t size);
/* 0 if the range holds zeros only; -E2BIG if it does not; -EFAULT. */
int fwsim_caller_check_zero(pid_t tid, uint64_t address, size_t size);

/* What capable(CAP_SYS_RAWIO) says of the thread: the capability counts only if it is
 * held in the initial user namespace. */
bool fwsim_caller_has_rawio(pid_t tid);

#endif
