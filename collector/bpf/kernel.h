/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The few kernel types that the programs look into, with the few members that they need. Only
 * names and kinds count: libbpf finds the running kernel's offsets through its BTF (CO-RE).
 *
 * A name ending in ___x is another flavour of the type, for a kernel whose member has another
 * name; libbpf ignores the ending.
 */
#ifndef FWA_COLLECTOR_BPF_KERNEL_H
#define FWA_COLLECTOR_BPF_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names that bpf_helpers.h wants. */
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int8_t __s8;
typedef int16_t __s16;
typedef int32_t __s32;
typedef int64_t __s64;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint32_t __wsum;

/* include/uapi/linux/bpf.h: user API, numbers never change. */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_F_MMAPABLE = 1U << 10,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1U << 0,
};

/* include/uapi/linux/stat.h, include/uapi/asm-generic/ioctl.h */
#define S_IFMT           0170000
#define S_IFCHR          0020000
#define IOC_TYPE(nr)     ((nr) >> 8 & 0xff)
#define IOC_SIZE(nr)     ((nr) >> 16 & 0x3fff)
#define IOC_IS_WRITE(nr) ((nr) >> 30 & 1)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

/* Eight bytes in every version: two words up to 6.2, one number since. */
struct kernel_cap {
	__u64 val;
};

struct cred {
	kuid_t uid, euid;
	kgid_t gid, egid;
	struct kernel_cap cap_effective;
};

struct qstr {
	const unsigned char *name;
};

struct super_block {
	__u32 s_dev;
};

struct inode {
	__u16 i_mode;
	__u32 i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	unsigned int f_flags;
	const struct cred *f_cred;
	struct path f_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
};

struct mm_struct {
	struct file *exe_file;
};

struct kernfs_node {
	struct kernfs_node *__parent;
	const char *name;
	__u64 id;
};

struct kernfs_node___before_6_15 {
	struct kernfs_node *parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct pid_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* The system call's first argument, which stays there until it returns. */
struct pt_regs___x86 {
	unsigned long di;
};

struct pt_regs___arm64 {
	__u64 orig_x0;
};

struct task_struct {
	int pid, tgid;
	__u64 start_boottime;
	struct task_struct *group_leader, *real_parent;
	const struct cred *cred;
	struct files_struct *files;
	struct fs_struct *fs;
	struct mm_struct *mm;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct pid *thread_pid;
	char comm[16];
	kuid_t loginuid;
	unsigned int sessionid;
};

#pragma clang attribute pop

/* Contexts of the two tracepoints; their layout is user API (tracefs' format files). */
struct sys_enter_ioctl {
	__u64 common;
	__u64 nr;
	__u64 fd, cmd, arg;
};

struct sys_exit_ioctl {
	__u64 common;
	__u64 nr;
	__s64 ret;
};

#endif
