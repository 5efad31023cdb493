// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Watch ioctls on chosen files: who called, what went in, what came out.
 *
 * Two programs, on the entry and the exit of the ioctl system call. The entry of an ioctl on an
 * unwatched file costs a walk from the descriptor to the inode and one or two map look-ups; its
 * exit one. Everything else happens for watched files only.
 *
 * Nothing is lost silently. Every call that entered takes exactly one number from the CPU that
 * it ends on, before anything is asked of the ring buffer: at exit; or at entry if it cannot be
 * kept until then. Without room for its event the number stays unused, and is missed.
 *
 * Up to Linux 6.x preemption is off while a program runs on behalf of a tracepoint, so a CPU's
 * counters and scratch space have one writer at a time. Since 7.x it is on. The programs then
 * switch it off themselves, but can still be preempted at their very ends; and the kernel skips
 * a program that is preempted for every other thread on that CPU. So several copies of each are
 * attached there, of which the first that is not skipped does the work; and an exit whose entry
 * all of them were skipped for is a call that is lost, but counted.
 */
#include "collector/bpf/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "collector/bpf/caller.h"
#include "collector/bpf/event.h"
#include "collector/bpf/payload.h"

char LICENSE[] SEC("license") = "GPL";

/* Whether the kernel can preempt a program on a system call's tracepoint. */
const volatile bool preemptible = false;

void bpf_preempt_disable(void) __ksym __weak;
void bpf_preempt_enable(void) __ksym __weak;

/* The collector's process, as the kernel numbers it. */
uint32_t own_tgid;

/* Bit n: there has been a watch of kind n. Spares the look-up, and what it takes to get there. */
uint32_t watched_kinds;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct fwa_event_watch);
	__type(value, uint8_t);
} watched SEC(".maps");

/* By pid_tgid. User space sets max_entries. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__uint(key_size, sizeof(uint64_t));
	__uint(value_size, FWA_EVENT_IN_FLIGHT_SIZE);
} in_flight SEC(".maps");

/* By CPU. User space sets max_entries, and reads it as memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, uint32_t);
	__type(value, struct fwa_event_counters);
} counters SEC(".maps");

/* Where a call is put together before it is kept: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, FWA_EVENT_IN_FLIGHT_SIZE);
} scratch SEC(".maps");

static __always_inline struct fwa_event_counters *counters_here(void)
{
	uint32_t cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/* The open file behind one of the caller's descriptors; NULL if there is none. */
static __always_inline struct file *file_of(struct task_struct *task, uint32_t fd)
{
	struct fdtable *table = task->files->fdt;
	struct file *file = NULL;

	if (fd < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file;
}

static __always_inline bool is_in_map(const struct fwa_event_watch *watch)
{
	return bpf_map_lookup_elem(&watched, watch) != NULL;
}

static __always_inline bool is_watched_character(struct inode *inode,
						 struct fwa_event_watch *watch)
{
	uint32_t device = BPF_CORE_READ(inode, i_rdev);
	bool found = false;

	if (watched_kinds & 1u << FWA_EVENT_WATCH_MAJOR) {
		*watch = (struct fwa_event_watch){FWA_EVENT_WATCH_MAJOR, device >> 20, 0};
		found = is_in_map(watch);
	}
	*watch = (struct fwa_event_watch){FWA_EVENT_WATCH_CHARACTER, device, 0};
	if (!found && watched_kinds & 1u << FWA_EVENT_WATCH_CHARACTER)
		found = is_in_map(watch);
	return found;
}

/* True, and what it is, if the file is watched. */
static __always_inline bool is_watched(struct file *file, struct fwa_event_watch *watch)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFCHR)
		return is_watched_character(inode, watch);
	if (!(watched_kinds & 1u << FWA_EVENT_WATCH_FILE))
		return false;
	watch->kind = FWA_EVENT_WATCH_FILE;
	watch->device = BPF_CORE_READ(inode, i_sb, s_dev);
	watch->inode = BPF_CORE_READ(inode, i_ino);
	return is_in_map(watch);
}

/* Set every member that is not set by what follows: the scratch space holds an older call. */
static __always_inline void begin(struct fwa_event_in_flight *call,
				  const uint64_t pid_tgid)
{
	struct fwa_event_call *event = &call->event;

	call->request_address = 0;
	call->response_address = 0;
	call->retry = 0;
	call->response_room = 0;
	call->retry_inline = 0;
	event->header.type = FWA_EVENT_CALL;
	event->header.length = 0;
	event->number = 0;
	event->returned = 0;
	event->result = 0;
	event->flags = 0;
	event->pid = pid_tgid >> 32;
	event->tid = (uint32_t)pid_tgid;
	event->structure_length = 0;
	event->structure_entry_size = 0;
	event->structure_exit_size = 0;
	event->request = (struct fwa_event_payload){0};
	event->response = (struct fwa_event_payload){0};
	if (event->pid == own_tgid)
		event->flags |= FWA_EVENT_OWN;
}

static __always_inline void take_open(struct file *file, struct fwa_event_call *event)
{
	event->file = (uint64_t)file;
	event->file_flags = BPF_CORE_READ(file, f_flags);
	event->opener_uid = BPF_CORE_READ(file, f_cred, uid.val);
	event->opener_gid = BPF_CORE_READ(file, f_cred, gid.val);
}

/*
 * Where a thread is in its ioctl: 1 and on are the copies of the entry's program, 5 and on those
 * of the exit's. Only where there are copies.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, uint32_t);
} positions SEC(".maps");

/*
 * True if no program has run for this ioctl of the thread yet. They run in the order of their
 * positions: a position that is not above the last one belongs to another ioctl. Without memory
 * for it, there is just the first copy.
 */
static __always_inline bool is_first(struct task_struct *task, uint32_t position)
{
	uint32_t *last = bpf_task_storage_get(&positions, task, NULL,
					      BPF_LOCAL_STORAGE_GET_F_CREATE);
	bool first;

	if (!last)
		return position == 1;
	first = position <= *last || *last == 0;
	*last = position;
	return first;
}

/* The call cannot be kept: it takes its number now, which no event will carry. */
static __always_inline void lose(struct fwa_event_counters *here)
{
	__sync_fetch_and_add(&here->issued, 1);
	__sync_fetch_and_add(&here->lost, 1);
}

/* Put a call on a watched file together, and keep it until its exit. */
static __always_inline void take_call(struct sys_enter_ioctl *context, struct file *file,
				      const struct fwa_event_watch *watch,
				      struct fwa_event_counters *here)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint64_t pid_tgid = bpf_get_current_pid_tgid();
	uint32_t zero = 0, cpu = bpf_get_smp_processor_id();
	struct fwa_event_in_flight *call = bpf_map_lookup_elem(&scratch, &zero);

	here->entered++;
	if (!call) {
		lose(here);
		return;
	}
	begin(call, pid_tgid);
	call->event.header.call = (uint64_t)cpu << 48 | here->entered;
	call->event.device = *watch;
	call->event.cpu = cpu;
	call->event.entered = bpf_ktime_get_boot_ns();
	call->event.command = (uint32_t)context->cmd;
	call->event.argument = context->arg;
	call->event.descriptor = (uint32_t)context->fd;
	take_open(file, &call->event);
	take_caller(task, call);
	call->event.structure_entry_size =
		read_structure(&call->event, call->event.structure_entry);
	read_lengths(call, call->event.structure_entry, call->event.structure_entry_size);
	take_request_at_entry(call);
	if (bpf_map_update_elem(&in_flight, &pid_tgid, call, BPF_ANY))
		lose(here);
}

static __noinline int enter(struct sys_enter_ioctl *context, uint32_t copy)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint64_t pid_tgid = bpf_get_current_pid_tgid();
	struct fwa_event_counters *here;
	struct fwa_event_watch watch;
	struct file *file;

	if (preemptible && !is_first(task, 1 + copy))
		return 0;
	file = file_of(task, (uint32_t)context->fd);
	if (!file || !is_watched(file, &watch))
		return 0;
	here = counters_here();
	if (!here)
		return 0;
	/* This thread's previous call never came to its exit. */
	if (!bpf_map_delete_elem(&in_flight, &pid_tgid))
		lose(here);
	take_call(context, file, &watch, here);
	return 0;
}

/* The first argument of the system call that the thread is in. */
static __always_inline uint32_t descriptor_of(struct task_struct *task)
{
	void *registers = (void *)bpf_task_pt_regs(task);
	struct pt_regs___x86 *x86 = registers;
	struct pt_regs___arm64 *arm64 = registers;

	if (bpf_core_field_exists(x86->di))
		return (uint32_t)BPF_CORE_READ(x86, di);
	if (bpf_core_field_exists(arm64->orig_x0))
		return (uint32_t)BPF_CORE_READ(arm64, orig_x0);
	return UINT32_MAX;
}

/* An exit whose entry was not seen: too late to tell what went in, but not to count it. */
static __always_inline void count_unseen(struct task_struct *task, uint64_t pid_tgid,
					 struct fwa_event_counters *here)
{
	struct file *file = file_of(task, descriptor_of(task));
	struct fwa_event_watch watch;

	/* What is in flight is an older call, whose exit was not seen. */
	if (!bpf_map_delete_elem(&in_flight, &pid_tgid))
		lose(here);
	if (!file || !is_watched(file, &watch))
		return;
	here->entered++;
	lose(here);
}

static __noinline int exit(struct sys_exit_ioctl *context, uint32_t copy)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint64_t pid_tgid = bpf_get_current_pid_tgid();
	struct fwa_event_counters *here = counters_here();
	struct fwa_event_in_flight *call;
	uint32_t length;

	if (!here)
		return 0;
	if (preemptible && is_first(task, 1 + FWA_EVENT_COPIES + copy)) {
		count_unseen(task, pid_tgid, here);
		return 0;
	}
	call = bpf_map_lookup_elem(&in_flight, &pid_tgid);
	if (!call)
		return 0;
	/*
	 * The number first, and with a barrier: who looks at the clock and then at the counter
	 * sees the number of every call that returned before that moment.
	 */
	call->event.number = __sync_fetch_and_add(&here->issued, 1) + 1;
	call->event.returned = bpf_ktime_get_boot_ns();
	call->event.cpu = bpf_get_smp_processor_id();
	call->event.result = context->ret;
	call->event.flags |= FWA_EVENT_HAS_RESULT;
	call->event.structure_exit_size =
		read_structure(&call->event, call->event.structure_exit);
	if (!call->event.structure_entry_size) {
		read_lengths(call, call->event.structure_exit,
			     call->event.structure_exit_size);
		call->retry =
			call->event.request.length > FWA_EVENT_INLINE_MAX ? ~0ull : 0;
		call->retry_inline = call->event.request.length != 0;
	}
	take_request_at_exit(call);
	if (context->ret >= 0)
		take_response(call);
	length = call->event.header.length;
	barrier_var(length);
	if (length > FWA_EVENT_CALL_DATA_MAX ||
	    bpf_ringbuf_output(&ring, &call->event, sizeof(call->event) + length, 0))
		__sync_fetch_and_add(&here->lost, 1);
	bpf_map_delete_elem(&in_flight, &pid_tgid);
	return 0;
}

#define COPY(n)                                                                          \
	SEC("tracepoint/syscalls/sys_enter_ioctl")                                       \
	int enter_ioctl_##n(struct sys_enter_ioctl *context)                             \
	{                                                                                \
		if (preemptible)                                                         \
			bpf_preempt_disable();                                           \
		enter(context, n);                                                       \
		if (preemptible)                                                         \
			bpf_preempt_enable();                                            \
		return 0;                                                                \
	}                                                                                \
	SEC("tracepoint/syscalls/sys_exit_ioctl")                                        \
	int exit_ioctl_##n(struct sys_exit_ioctl *context)                               \
	{                                                                                \
		if (preemptible)                                                         \
			bpf_preempt_disable();                                           \
		exit(context, n);                                                        \
		if (preemptible)                                                         \
			bpf_preempt_enable();                                            \
		return 0;                                                                \
	}
COPY(0)
COPY(1)
COPY(2)
COPY(3)

/* Run once by the collector, to learn the number that the kernel knows it by. */
SEC("raw_tp")
int learn_own_tgid(void *context)
{
	own_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
