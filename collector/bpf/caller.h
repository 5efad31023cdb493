/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Who calls, in the kernel and at the time of the call: the process may be gone when user space
 * looks. Part of the BPF program.
 */
#ifndef FWA_COLLECTOR_BPF_CALLER_H
#define FWA_COLLECTOR_BPF_CALLER_H

#include "collector/bpf/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "collector/bpf/event.h"

/* Steps of a walk to a root: components, and mounts that are crossed. */
#define WALK_STEPS_MAX 512

/* Walks go through bpf_loop, whose callback can only be given memory on the stack. */
struct walk {
	struct fwa_event_in_flight *call;
	struct dentry *dentry;
	struct mount *mount;
	struct dentry *root_dentry;
	struct mount *root_mount;
	struct kernfs_node *node;
	uint64_t complete;
};

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (struct mount *)((char *)mnt - bpf_core_field_offset(struct mount, mnt));
}

/*
 * Append a path component to the data, of which at most `limit` bytes may then be in use.
 * Returns false if there is no room for the longest component.
 */
static __always_inline bool append_name(struct fwa_event_in_flight *call,
					const void *name, uint32_t limit)
{
	uint32_t offset = call->event.header.length;
	long size;

	if (offset > limit - FWA_EVENT_NAME_MAX)
		return false;
	barrier_var(offset);
	if (offset > limit - FWA_EVENT_NAME_MAX)
		return false;
	size = bpf_probe_read_kernel_str(call->event.data + offset, FWA_EVENT_NAME_MAX,
					 name);
	if (size < 1)
		return false;
	call->event.header.length = offset + (uint32_t)size;
	return true;
}

/* One step from a file towards the caller's root. Returns 1 at the end. */
static long exe_step(uint32_t step, struct walk *walk)
{
	struct dentry *dentry = walk->dentry, *parent;
	struct mount *mount = walk->mount, *above;

	if (dentry == walk->root_dentry && mount == walk->root_mount) {
		walk->complete = 1;
		return 1;
	}
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		above = BPF_CORE_READ(mount, mnt_parent);
		if (above == mount || !above) {
			walk->complete = 1;
			return 1;
		}
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = above;
		return 0;
	}
	if (!append_name(walk->call, BPF_CORE_READ(dentry, d_name.name),
			 FWA_EVENT_EXE_MAX))
		return 1;
	parent = BPF_CORE_READ(dentry, d_parent);
	/* A file that no directory holds (memfd) is its own parent. */
	if (parent == dentry || !parent) {
		walk->complete = 1;
		return 1;
	}
	walk->dentry = parent;
	return 0;
}

static __always_inline void take_exe(struct task_struct *task,
				     struct fwa_event_in_flight *call)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct walk walk = {.call = call};

	if (!exe)
		return;
	call->event.exe_inode = BPF_CORE_READ(exe, f_inode, i_ino);
	call->event.exe_device = BPF_CORE_READ(exe, f_inode, i_sb, s_dev);
	walk.dentry = BPF_CORE_READ(exe, f_path.dentry);
	walk.mount = mount_of(BPF_CORE_READ(exe, f_path.mnt));
	walk.root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	walk.root_mount = mount_of(BPF_CORE_READ(task, fs, root.mnt));
	bpf_loop(WALK_STEPS_MAX, exe_step, &walk, 0);
	call->event.exe_size = call->event.header.length;
	if (!walk.complete)
		call->event.flags |= FWA_EVENT_EXE_TRUNCATED;
}

/* One step from a cgroup to the root of its hierarchy. Returns 1 at the end. */
static long cgroup_step(uint32_t step, struct walk *walk)
{
	struct kernfs_node___before_6_15 *old = (void *)walk->node;
	struct kernfs_node *node = walk->node, *parent;

	if (bpf_core_field_exists(struct kernfs_node, __parent))
		parent = BPF_CORE_READ(node, __parent);
	else
		parent = BPF_CORE_READ(old, parent);
	if (!parent) {
		walk->complete = 1;
		return 1;
	}
	if (!append_name(walk->call, BPF_CORE_READ(node, name),
			 FWA_EVENT_EXE_MAX + FWA_EVENT_CGROUP_MAX))
		return 1;
	walk->node = parent;
	return 0;
}

static __always_inline void take_cgroup(struct task_struct *task,
					struct fwa_event_in_flight *call)
{
	struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	struct walk walk = {.call = call, .node = node};

	if (!node)
		return;
	call->event.cgroup_id = BPF_CORE_READ(node, id);
	bpf_loop(WALK_STEPS_MAX, cgroup_step, &walk, 0);
	call->event.cgroup_size = call->event.header.length - call->event.exe_size;
	if (!walk.complete)
		call->event.flags |= FWA_EVENT_CGROUP_TRUNCATED;
}

static __always_inline void take_namespaces(struct task_struct *task,
					    struct fwa_event_call *event)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	uint32_t level = BPF_CORE_READ(pid, level);
	struct upid *own;

	event->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	own = (struct upid *)((char *)pid + bpf_core_field_offset(struct pid, numbers) +
			      level * bpf_core_type_size(struct upid));
	event->pid_namespace = BPF_CORE_READ(own, ns, ns.inum);
	event->namespace_pid = (uint32_t)BPF_CORE_READ(own, nr);
}

static __always_inline void take_credentials(struct task_struct *task,
					     struct fwa_event_call *event)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);

	event->uid = BPF_CORE_READ(cred, uid.val);
	event->gid = BPF_CORE_READ(cred, gid.val);
	event->euid = BPF_CORE_READ(cred, euid.val);
	event->egid = BPF_CORE_READ(cred, egid.val);
	bpf_core_read(&event->effective_capabilities,
		      sizeof(event->effective_capabilities), &cred->cap_effective);
	/* A kernel without auditing has neither. */
	event->loginuid = UINT32_MAX;
	event->session_id = UINT32_MAX;
	if (bpf_core_field_exists(task->loginuid)) {
		event->loginuid = BPF_CORE_READ(task, loginuid.val);
		event->session_id = BPF_CORE_READ(task, sessionid);
	}
}

/* Everything about the caller. The data has to be empty: the two paths come first in it. */
static __always_inline void take_caller(struct task_struct *task,
					struct fwa_event_in_flight *call)
{
	struct task_struct *parent = BPF_CORE_READ(task, group_leader, real_parent);
	struct fwa_event_call *event = &call->event;

	event->start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	event->parent_pid = (uint32_t)BPF_CORE_READ(parent, tgid);
	event->parent_start_time = BPF_CORE_READ(parent, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&event->parent_comm, parent, group_leader, comm);
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	take_credentials(task, event);
	take_namespaces(task, event);
	event->exe_inode = 0;
	event->exe_device = 0;
	event->exe_size = 0;
	take_exe(task, call);
	event->cgroup_id = 0;
	event->cgroup_size = 0;
	take_cgroup(task, call);
}

#endif
