// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collector/capture/tracefs.h"
#include "fwaudit.skel.h"

#define ENTER "syscalls/sys_enter_ioctl"
#define EXIT  "syscalls/sys_exit_ioctl"

struct fwa_programs {
	struct fwaudit_bpf *skeleton;
	/* The copies of each program that are needed here; the first `copies` are attached. */
	struct bpf_link *enter[FWA_EVENT_COPIES], *exit[FWA_EVENT_COPIES];
	uint32_t copies;
	uint32_t cpu_count;
	const volatile struct fwa_event_counters *counters; /* shared with the programs */
	size_t counters_size;
	/* A map whose only use is that the kernel waits for programs when it is changed. */
	int barrier, barrier_inner;
};

/* What libbpf said last while it loaded; one thread opens captures at a time. */
static char last_words[256];

__attribute__((format(printf, 2, 0))) static int
listen(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(last_words, sizeof(last_words), format, arguments);
	last_words[strcspn(last_words, "\n")] = '\0';
	return 0;
}

/* CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON. In which user namespace, the kernel will say. */
static bool has_rights(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	uint64_t effective;

	if (syscall(SYS_capget, &header, data))
		return false;
	effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return effective >> CAP_SYS_ADMIN & 1 ||
	       (effective >> CAP_BPF & 1 && effective >> CAP_PERFMON & 1);
}

/* What has to be there before it is worth trying, so that the sentence can be a clear one. */
static int check_kernel(struct fwa_error *error)
{
	int map;

	if (!has_rights())
		return fwa_error(
			error, -EPERM,
			"ioctls can be captured by root only, or with CAP_BPF and "
			"CAP_PERFMON; run as root");
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "fwa_probe", 4, 4, 1, NULL);
	if (map == -ENOSYS)
		return fwa_error(
			error, -EOPNOTSUPP,
			"this kernel has no BPF (CONFIG_BPF_SYSCALL): ioctls cannot "
			"be captured on it");
	if (map < 0)
		return fwa_error(
			error, map,
			"the kernel refuses BPF: %s; run as root of the machine, not "
			"of a container",
			strerror(-map));
	close(map);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return fwa_error(
			error, -EOPNOTSUPP,
			"/sys/kernel/btf/vmlinux: %s; the kernel has to describe its "
			"types (CONFIG_DEBUG_INFO_BTF), and sysfs has to be mounted",
			strerror(errno));
	return 0;
}

static struct bpf_program *enter_program(const struct fwa_programs *programs,
					 uint32_t copy)
{
	struct bpf_program *const copies[FWA_EVENT_COPIES] = {
		programs->skeleton->progs.enter_ioctl_0,
		programs->skeleton->progs.enter_ioctl_1,
		programs->skeleton->progs.enter_ioctl_2,
		programs->skeleton->progs.enter_ioctl_3,
	};

	return copies[copy];
}

static struct bpf_program *exit_program(const struct fwa_programs *programs,
					uint32_t copy)
{
	struct bpf_program *const copies[FWA_EVENT_COPIES] = {
		programs->skeleton->progs.exit_ioctl_0,
		programs->skeleton->progs.exit_ioctl_1,
		programs->skeleton->progs.exit_ioctl_2,
		programs->skeleton->progs.exit_ioctl_3,
	};

	return copies[copy];
}

/*
 * Whether a program on a system call's tracepoint can be preempted: since some 7.x, when such
 * tracepoints learnt to wait for pages (kernel/trace/bpf_trace.c, trace_call_bpf_faultable; seen
 * in 7.3). From 7.0 on it is taken for granted: it costs a little where it is not so, and would
 * cost calls where it is.
 */
static bool is_preemptible(void)
{
	struct utsname name;
	struct btf *types;
	bool found;

	if (uname(&name) || strtoul(name.release, NULL, 10) >= 7)
		return true;
	types = btf__load_vmlinux_btf();
	found = types && btf__find_by_name_kind(types, "trace_call_bpf_faultable",
						BTF_KIND_FUNC) > 0;
	btf__free(types);
	return found;
}

/* Only the copies that are needed, and the kernel's functions that they want. */
static int choose_copies(struct fwa_programs *programs)
{
	bool preemptible = is_preemptible();
	uint32_t i;
	int code = 0;

	programs->skeleton->rodata->preemptible = preemptible;
	programs->copies = preemptible ? FWA_EVENT_COPIES : 1;
	for (i = programs->copies; !code && i < FWA_EVENT_COPIES; i++) {
		code = bpf_program__set_autoload(enter_program(programs, i), false);
		if (!code)
			code = bpf_program__set_autoload(exit_program(programs, i),
							 false);
	}
	return code;
}

static int load(struct fwa_programs *programs, uint64_t ring_size, uint32_t in_flight_max,
		struct fwa_error *error)
{
	struct fwaudit_bpf *skeleton = fwaudit_bpf__open();
	int code;

	if (!skeleton)
		return fwa_error(error, -errno,
				 "the BPF programs cannot be opened: %s (%s)",
				 strerror(errno), last_words);
	programs->skeleton = skeleton;
	code = bpf_map__set_max_entries(skeleton->maps.ring, (uint32_t)ring_size);
	if (!code)
		code = bpf_map__set_max_entries(skeleton->maps.in_flight, in_flight_max);
	if (!code)
		code = bpf_map__set_max_entries(skeleton->maps.counters,
						programs->cpu_count);
	if (!code)
		code = choose_copies(programs);
	if (!code)
		code = fwaudit_bpf__load(skeleton);
	if (code == -EPERM || code == -EACCES)
		return fwa_error(
			error, code,
			"the kernel refuses the BPF programs: %s (%s); run as root, "
			"or with CAP_BPF and CAP_PERFMON; kernel lockdown in "
			"confidentiality mode refuses them too",
			strerror(-code), last_words);
	if (code)
		return fwa_error(error, code,
				 "the BPF programs cannot be loaded: %s (%s)",
				 strerror(-code), last_words);
	return 0;
}

/* The tracepoint's event on any one CPU: its program runs on all of them. */
static int open_event(uint64_t number, uint32_t cpu_count)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.config = number,
	};
	uint32_t cpu;
	long event = -1;

	for (cpu = 0; cpu < cpu_count; cpu++) {
		event = syscall(SYS_perf_event_open, &attributes, -1, (int)cpu, -1,
				PERF_FLAG_FD_CLOEXEC);
		if (event >= 0 || errno != ENODEV)
			break;
	}
	return event < 0 ? -errno : (int)event;
}

static int attach(const struct fwa_programs *programs, const char *name,
		  struct bpf_program *program, struct bpf_link **ret_link,
		  struct fwa_error *error)
{
	struct bpf_link *link;
	uint64_t number;
	int code, event;

	code = fwa_tracepoint_number(name, &number, error);
	if (code)
		return code;
	event = open_event(number, programs->cpu_count);
	if (event < 0)
		return fwa_error(
			error, event,
			"tracepoint %s cannot be opened: %s; run as root, or with "
			"CAP_PERFMON",
			name, strerror(-event));
	link = bpf_program__attach_perf_event(program, event);
	if (!link) {
		code = -errno;
		close(event);
		return fwa_error(error, code, "the program cannot be attached to %s: %s",
				 name, strerror(-code));
	}
	*ret_link = link;
	return 0;
}

/*
 * The exits first: a call whose entry is seen has to have its exit seen. The copies in their
 * order, which is the order that they run in.
 */
static int attach_all(struct fwa_programs *programs, struct fwa_error *error)
{
	uint32_t i;
	int code = 0;

	for (i = 0; !code && i < programs->copies; i++)
		code = attach(programs, EXIT, exit_program(programs, i),
			      &programs->exit[i], error);
	for (i = 0; !code && i < programs->copies; i++)
		code = attach(programs, ENTER, enter_program(programs, i),
			      &programs->enter[i], error);
	return code;
}

static int map_counters(struct fwa_programs *programs, struct fwa_error *error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = programs->cpu_count * sizeof(struct fwa_event_counters);
	void *memory;

	size = (size + page - 1) / page * page;
	memory = mmap(NULL, size, PROT_READ, MAP_SHARED,
		      bpf_map__fd(programs->skeleton->maps.counters), 0);
	if (memory == MAP_FAILED)
		return fwa_error(error, -errno, "the BPF counters cannot be mapped: %s",
				 strerror(errno));
	programs->counters = memory;
	programs->counters_size = size;
	return 0;
}

static int make_barrier(struct fwa_programs *programs, struct fwa_error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);

	programs->barrier_inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "fwa_inner", 4, 4, 1, NULL);
	if (programs->barrier_inner >= 0) {
		options.inner_map_fd = (uint32_t)programs->barrier_inner;
		programs->barrier = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS,
						   "fwa_barrier", 4, 4, 1, &options);
	}
	if (programs->barrier < 0)
		return fwa_error(error, -errno, "a BPF map of maps cannot be made: %s",
				 strerror(errno));
	return 0;
}

/* The number that the kernel knows this process by, which is not getpid() in a container. */
static int learn_own_tgid(struct fwa_programs *programs, struct fwa_error *error)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int code = bpf_prog_test_run_opts(
		bpf_program__fd(programs->skeleton->progs.learn_own_tgid), &options);

	if (code)
		return fwa_error(
			error, code,
			"the collector's own process number cannot be learnt: %s",
			strerror(-code));
	return 0;
}

int fwa_programs_open(uint64_t ring_size, uint32_t in_flight_max,
		      struct fwa_programs **ret_programs, struct fwa_error *error)
{
	struct fwa_programs *programs;
	libbpf_print_fn_t before;
	int code, cpus;

	code = check_kernel(error);
	if (code)
		return code;
	cpus = libbpf_num_possible_cpus();
	if (cpus < 1)
		return fwa_error(error, cpus, "the number of CPUs cannot be learnt: %s",
				 strerror(-cpus));
	programs = calloc(1, sizeof(*programs));
	if (!programs)
		return fwa_error(error, -ENOMEM, "out of memory");
	programs->cpu_count = (uint32_t)cpus;
	programs->barrier = -1;
	programs->barrier_inner = -1;
	last_words[0] = '\0';
	before = libbpf_set_print(listen);
	code = load(programs, ring_size, in_flight_max, error);
	if (!code)
		code = map_counters(programs, error);
	if (!code)
		code = make_barrier(programs, error);
	if (!code)
		code = learn_own_tgid(programs, error);
	if (!code)
		code = attach_all(programs, error);
	libbpf_set_print(before);
	if (code) {
		fwa_programs_close(programs);
		return code;
	}
	*ret_programs = programs;
	return 0;
}

static void destroy_links(struct bpf_link *links[FWA_EVENT_COPIES])
{
	uint32_t i;

	for (i = 0; i < FWA_EVENT_COPIES; i++) {
		bpf_link__destroy(links[i]);
		links[i] = NULL;
	}
}

int fwa_programs_detach(struct fwa_programs *programs)
{
	destroy_links(programs->enter);
	destroy_links(programs->exit);
	return fwa_programs_wait(programs);
}

void fwa_programs_close(struct fwa_programs *programs)
{
	if (!programs)
		return;
	destroy_links(programs->enter);
	destroy_links(programs->exit);
	if (programs->counters)
		munmap((void *)programs->counters, programs->counters_size);
	fwaudit_bpf__destroy(programs->skeleton);
	if (programs->barrier >= 0)
		close(programs->barrier);
	if (programs->barrier_inner >= 0)
		close(programs->barrier_inner);
	free(programs);
}

/*
 * When a map inside a map was replaced, the kernel returns only after every program that could
 * still use the old one has ended (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
 */
int fwa_programs_wait(struct fwa_programs *programs)
{
	uint32_t zero = 0;

	return bpf_map_update_elem(programs->barrier, &zero, &programs->barrier_inner,
				   BPF_ANY);
}

int fwa_programs_ring(const struct fwa_programs *programs)
{
	return bpf_map__fd(programs->skeleton->maps.ring);
}

int fwa_programs_watch(struct fwa_programs *programs, const struct fwa_event_watch *watch)
{
	uint8_t present = 1;
	int code;

	/* Before it is in the map: from then on the look-up must not be spared. */
	__atomic_or_fetch(&programs->skeleton->bss->watched_kinds, 1u << watch->kind,
			  __ATOMIC_SEQ_CST);
	code = bpf_map_update_elem(bpf_map__fd(programs->skeleton->maps.watched), watch,
				   &present, BPF_ANY);
	return code == -E2BIG ? -ENOSPC : code;
}

int fwa_programs_unwatch(struct fwa_programs *programs,
			 const struct fwa_event_watch *watch)
{
	return bpf_map_delete_elem(bpf_map__fd(programs->skeleton->maps.watched), watch);
}

uint32_t fwa_programs_cpu_count(const struct fwa_programs *programs)
{
	return programs->cpu_count;
}

struct fwa_event_counters fwa_programs_counters(const struct fwa_programs *programs,
						uint32_t cpu)
{
	const volatile struct fwa_event_counters *counters = &programs->counters[cpu];
	struct fwa_event_counters now = {0};

	/* A call is entered before it is issued, and issued before it is lost: read backwards,
	 * and no counter is ahead of the one that it follows. */
	now.lost = __atomic_load_n(&counters->lost, __ATOMIC_ACQUIRE);
	now.issued = __atomic_load_n(&counters->issued, __ATOMIC_ACQUIRE);
	now.entered = __atomic_load_n(&counters->entered, __ATOMIC_ACQUIRE);
	return now;
}

/*
 * With one copy of the program, a run that was skipped may be a call that nobody saw. With
 * several, another copy saw the entry, or the exit showed that none did and counted a loss.
 */
uint64_t fwa_programs_skipped(const struct fwa_programs *programs)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	if (programs->copies > 1 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(enter_program(programs, 0)), &info,
				   &size))
		return 0;
	return info.recursion_misses;
}

int fwa_programs_take_in_flight(struct fwa_programs *programs,
				uint8_t buffer[FWA_EVENT_IN_FLIGHT_SIZE])
{
	int map = bpf_map__fd(programs->skeleton->maps.in_flight), code;
	const size_t fixed = FWA_EVENT_IN_FLIGHT_FIXED - FWA_EVENT_CALL_FIXED;
	uint64_t thread;
	uint32_t length;

	code = bpf_map_get_next_key(map, NULL, &thread);
	if (code == -ENOENT)
		return 0;
	if (!code)
		code = bpf_map_lookup_elem(map, &thread, buffer);
	if (!code)
		code = bpf_map_delete_elem(map, &thread);
	if (code)
		return code;
	memmove(buffer, buffer + fixed, FWA_EVENT_IN_FLIGHT_SIZE - fixed);
	length = fwa_le32(buffer + offsetof(struct fwa_event_header, length));
	if (length > FWA_EVENT_CALL_DATA_MAX)
		return -EBADMSG;
	return (int)(FWA_EVENT_CALL_FIXED + length);
}
