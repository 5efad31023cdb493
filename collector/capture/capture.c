// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/capture.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "collector/capture/assemble.h"
#include "collector/capture/programs.h"
#include "collector/capture/sequence.h"
#include "collector/capture/stage.h"

#define RING_SIZE_DEFAULT     (64ull << 20)
#define RING_SIZE_MAX         (1ull << 30)
#define IN_FLIGHT_MAX_DEFAULT 2048u
#define IN_FLIGHT_MAX_LIMIT   65536u
#define PENDING_BYTES_DEFAULT (64u << 20)
#define STAGE_SIZE            (4u << 20)
#define SECOND                1000000000ull

struct fwa_capture {
	struct fwa_programs *programs;
	struct ring_buffer *ring;
	struct fwa_stage *stage;
	struct fwa_assembly *assembly;
	struct fwa_sequence *sequence;
	uint64_t ring_size;
	uint64_t taken; /* bytes taken out of the ring, at least */
	/* The numbers given out before the ring was last read, by CPU, and when that was. */
	uint64_t *target;
	uint64_t target_time;
	uint64_t settled_until;
	uint64_t suspicious_since; /* an empty ring, and numbers missing; 0: no */
	uint64_t taken_over;       /* calls in flight that user space gave their number */
	bool stopping;
	uint8_t in_flight[FWA_EVENT_IN_FLIGHT_SIZE];
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/*
 * libbpf has consumed the event when this is called, whatever it returns: so it only puts the
 * event aside, which cannot fail. A non-zero return stops the reading.
 */
static int put_aside(void *context, void *data, size_t size)
{
	struct fwa_capture *capture = context;

	fwa_stage_put(capture->stage, data, size);
	capture->taken += size;
	return fwa_stage_has_room(capture->stage) ? 0 : -ENOBUFS;
}

static int check_options(const struct fwa_capture_options *options,
			 struct fwa_error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size = options->ring_size;

	if (size & (size - 1) || size % page || size > RING_SIZE_MAX)
		return fwa_error(
			error, -EINVAL,
			"ring size %llu: it has to be a power of two, a multiple of "
			"the page size (%llu) and at most 1 GiB",
			(unsigned long long)size, (unsigned long long)page);
	if (options->in_flight_max > IN_FLIGHT_MAX_LIMIT)
		return fwa_error(error, -EINVAL,
				 "%u calls in flight: at most %u can be kept",
				 options->in_flight_max, IN_FLIGHT_MAX_LIMIT);
	return 0;
}

static int allocate(struct fwa_capture *capture, size_t pending_bytes_max,
		    struct fwa_error *error)
{
	uint32_t cpus = fwa_programs_cpu_count(capture->programs);
	uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE];

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return fwa_error(error, -EIO, "the kernel gives no random bytes");
	capture->stage = fwa_stage_new(STAGE_SIZE, FWA_EVENT_SIZE_MAX);
	capture->assembly = fwa_assembly_new(pending_bytes_max, secret);
	explicit_bzero(secret, sizeof(secret));
	capture->sequence = fwa_sequence_new(cpus, now());
	capture->target = calloc(cpus, sizeof(capture->target[0]));
	if (!capture->stage || !capture->assembly || !capture->sequence ||
	    !capture->target)
		return fwa_error(error, -ENOMEM, "out of memory");
	capture->ring = ring_buffer__new(fwa_programs_ring(capture->programs), put_aside,
					 capture, NULL);
	if (!capture->ring)
		return fwa_error(error, -errno,
				 "the BPF ring buffer cannot be mapped: %s",
				 strerror(errno));
	return 0;
}

int fwa_capture_open(const struct fwa_capture_options *options,
		     struct fwa_capture **ret_capture, struct fwa_error *error)
{
	struct fwa_capture_options chosen =
		options ? *options : (struct fwa_capture_options){0};
	struct fwa_capture *capture;
	int code;

	if (!chosen.ring_size)
		chosen.ring_size = RING_SIZE_DEFAULT;
	if (!chosen.in_flight_max)
		chosen.in_flight_max = IN_FLIGHT_MAX_DEFAULT;
	if (!chosen.pending_bytes_max)
		chosen.pending_bytes_max = PENDING_BYTES_DEFAULT;
	code = check_options(&chosen, error);
	if (code)
		return code;
	capture = calloc(1, sizeof(*capture));
	if (!capture)
		return fwa_error(error, -ENOMEM, "out of memory");
	capture->ring_size = chosen.ring_size;
	code = fwa_programs_open(chosen.ring_size, chosen.in_flight_max,
				 &capture->programs, error);
	if (!code)
		code = allocate(capture, chosen.pending_bytes_max, error);
	if (code) {
		fwa_capture_close(capture);
		return code;
	}
	*ret_capture = capture;
	return 0;
}

void fwa_capture_close(struct fwa_capture *capture)
{
	if (!capture)
		return;
	ring_buffer__free(capture->ring);
	free(capture->target);
	fwa_sequence_free(capture->sequence);
	fwa_assembly_free(capture->assembly);
	fwa_stage_free(capture->stage);
	fwa_programs_close(capture->programs);
	free(capture);
}

/* As the kernel numbers devices inside: twelve bits and twenty. */
static int to_event_watch(const struct fwa_watch *watch,
			  struct fwa_event_watch *ret_watch)
{
	uint32_t device = watch->major << 20 | watch->minor;

	if (watch->major >= 1u << 12 || watch->minor >= 1u << 20)
		return -EINVAL;
	if (watch->kind == FWA_WATCH_MAJOR)
		device = watch->major;
	*ret_watch = (struct fwa_event_watch){
		.kind = (uint32_t)watch->kind,
		.device = device,
		.inode = watch->kind == FWA_WATCH_FILE ? watch->inode : 0,
	};
	return 0;
}

int fwa_capture_watch(struct fwa_capture *capture, const struct fwa_watch *watch,
		      struct fwa_error *error)
{
	struct fwa_event_watch key;
	int code = to_event_watch(watch, &key);

	if (!code)
		code = fwa_programs_watch(capture->programs, &key);
	if (code == -ENOSPC)
		return fwa_error(error, code,
				 "device %u:%u cannot be watched: 1024 files are already",
				 watch->major, watch->minor);
	if (code)
		return fwa_error(error, code, "device %u:%u cannot be watched: %s",
				 watch->major, watch->minor, strerror(-code));
	return 0;
}

int fwa_capture_unwatch(struct fwa_capture *capture, const struct fwa_watch *watch)
{
	struct fwa_event_watch key;
	int code = to_event_watch(watch, &key);

	return code ? code : fwa_programs_unwatch(capture->programs, &key);
}

int fwa_capture_descriptor(const struct fwa_capture *capture)
{
	return ring_buffer__epoll_fd(capture->ring);
}

static int hand_over_gap(struct fwa_capture *capture,
			 const struct fwa_capture_handlers *handlers,
			 const struct fwa_capture_gap *gap)
{
	int code = handlers->gap(gap, handlers->context);

	if (code)
		return code;
	fwa_sequence_accept_gap(capture->sequence, gap);
	return 0;
}

/* Returns how many calls and gaps were handed over: 1 or 2. */
static int hand_over_call(struct fwa_capture *capture,
			  const struct fwa_capture_handlers *handlers, uint64_t id,
			  const struct fwa_decoded_call *decoded)
{
	uint64_t time =
		decoded->call.has_result ? decoded->call.returned : decoded->call.entered;
	struct fwa_capture_gap gap;
	struct fwa_call call;
	int code, gaps;

	gaps = fwa_sequence_check(capture->sequence, decoded->call.cpu,
				  decoded->call.number, time, &gap);
	if (gaps < 0)
		return gaps;
	if (gaps > 0) {
		code = hand_over_gap(capture, handlers, &gap);
		if (code)
			return code;
	}
	code = fwa_assembly_call(capture->assembly, id, decoded, &call);
	if (!code)
		code = handlers->call(&call, handlers->context);
	if (code)
		return code;
	fwa_sequence_accept_call(capture->sequence, call.cpu, time);
	fwa_assembly_release(capture->assembly, id);
	return 1 + gaps;
}

/* Hand over what has been put aside. Returns how many; stops at `budget` if that is not 0. */
static int hand_over(struct fwa_capture *capture,
		     const struct fwa_capture_handlers *handlers, size_t budget)
{
	struct fwa_bytes bytes;
	struct fwa_event event;
	int count = 0, code;

	for (;;) {
		bytes = fwa_stage_front(capture->stage);
		if (!bytes.data || (budget && (size_t)count >= budget))
			return count;
		code = fwa_event_decode(bytes.data, bytes.size, &event);
		if (code)
			return code;
		if (event.type == FWA_EVENT_CHUNK) {
			fwa_assembly_chunk(capture->assembly, event.call, &event.chunk);
		} else {
			code = hand_over_call(capture, handlers, event.call,
					      &event.decoded);
			if (code < 0)
				return code;
			count += code;
		}
		fwa_stage_pop(capture->stage);
	}
}

/* Remember which numbers have been given out by now. */
static void aim(struct fwa_capture *capture)
{
	uint32_t cpu;

	capture->target_time = now();
	for (cpu = 0; cpu < fwa_programs_cpu_count(capture->programs); cpu++)
		capture->target[cpu] =
			fwa_programs_counters(capture->programs, cpu).issued;
}

/* True if every number that aim() saw is accounted for. */
static bool is_at_target(const struct fwa_capture *capture)
{
	uint32_t cpu;

	for (cpu = 0; cpu < fwa_programs_cpu_count(capture->programs); cpu++) {
		if (fwa_sequence_last(capture->sequence, cpu) < capture->target[cpu])
			return false;
	}
	return true;
}

/* Move what is in the ring aside, as far as there is room. Returns false if it was empty. */
static bool read_ring(struct fwa_capture *capture)
{
	ring_buffer__consume(capture->ring);
	return fwa_stage_front(capture->stage).data != NULL;
}

/* Every number up to the target that has not come will not come. */
static int hand_over_ends(struct fwa_capture *capture,
			  const struct fwa_capture_handlers *handlers)
{
	struct fwa_capture_gap gap;
	uint32_t cpu;
	int count = 0, code;

	for (cpu = 0; cpu < fwa_programs_cpu_count(capture->programs); cpu++) {
		if (fwa_sequence_last(capture->sequence, cpu) >= capture->target[cpu])
			continue;
		code = fwa_sequence_check_end(capture->sequence, cpu,
					      capture->target[cpu], capture->target_time,
					      &gap);
		if (code > 0)
			code = hand_over_gap(capture, handlers, &gap);
		if (code < 0)
			return code;
		count++;
	}
	return count;
}

/*
 * Find the losses at the end. A number that was given out can belong to an event that is just
 * being written: wait for the programs that run, then read everything that was in the ring at
 * that moment. What is still missing is lost.
 */
static int settle_ends(struct fwa_capture *capture,
		       const struct fwa_capture_handlers *handlers)
{
	uint64_t end;
	int count = 0, code;

	aim(capture);
	code = fwa_programs_wait(capture->programs);
	if (code)
		return code;
	end = capture->taken + capture->ring_size;
	while (capture->taken < end && read_ring(capture)) {
		code = hand_over(capture, handlers, 0);
		if (code < 0)
			return code;
		count += code;
	}
	code = hand_over_ends(capture, handlers);
	if (code < 0)
		return code;
	capture->settled_until = capture->target_time;
	capture->suspicious_since = 0;
	return count + code;
}

/* The ring is empty. Are numbers missing, and have they been for a while? */
static bool has_lost_its_end(struct fwa_capture *capture)
{
	if (is_at_target(capture)) {
		capture->suspicious_since = 0;
		return false;
	}
	if (!capture->suspicious_since)
		capture->suspicious_since = capture->target_time;
	return capture->target_time - capture->suspicious_since >= SECOND;
}

int fwa_capture_drain(struct fwa_capture *capture,
		      const struct fwa_capture_handlers *handlers, size_t budget)
{
	size_t count = 0;
	bool more = true;
	int code;

	for (;;) {
		code = hand_over(capture, handlers, budget ? budget - count : 0);
		if (code < 0)
			return code;
		count += (size_t)code;
		if (budget && count >= budget)
			return (int)budget;
		if (capture->target_time && is_at_target(capture))
			capture->settled_until = capture->target_time;
		if (!more)
			break;
		aim(capture);
		more = read_ring(capture);
	}
	if (has_lost_its_end(capture)) {
		code = settle_ends(capture, handlers);
		if (code < 0)
			return code;
		count += (size_t)code;
	}
	return count > INT32_MAX ? INT32_MAX : (int)count;
}

int fwa_capture_settle(struct fwa_capture *capture,
		       const struct fwa_capture_handlers *handlers)
{
	uint64_t from = now();
	int count, code;

	count = fwa_capture_drain(capture, handlers, 0);
	if (count < 0 || capture->settled_until >= from)
		return count;
	code = settle_ends(capture, handlers);
	return code < 0 ? code : count + code;
}

uint64_t fwa_capture_settled_until(const struct fwa_capture *capture)
{
	return capture->settled_until;
}

/* Calls in flight become calls without a result, and take the number that they never got. */
static int hand_over_in_flight(struct fwa_capture *capture,
			       const struct fwa_capture_handlers *handlers)
{
	uint32_t cpu;
	int size, code, count = 0;

	for (;;) {
		size = fwa_programs_take_in_flight(capture->programs, capture->in_flight);
		if (size <= 0)
			return size < 0 ? size : count;
		cpu = fwa_le32(capture->in_flight + offsetof(struct fwa_event_call, cpu));
		fwa_put_le64(capture->in_flight + FWA_EVENT_NUMBER_OFFSET,
			     fwa_sequence_last(capture->sequence, cpu) + 1);
		fwa_stage_put(capture->stage, capture->in_flight, (size_t)size);
		capture->taken_over++;
		code = hand_over(capture, handlers, 0);
		if (code < 0)
			return code;
		count += code;
	}
}

int fwa_capture_stop(struct fwa_capture *capture,
		     const struct fwa_capture_handlers *handlers)
{
	int count = 0, code;

	code = hand_over(capture, handlers, 0);
	if (code < 0)
		return code;
	count += code;
	if (!capture->stopping) {
		code = fwa_programs_detach(capture->programs);
		if (code)
			return code;
		code = settle_ends(capture, handlers);
		if (code < 0)
			return code;
		count += code;
		capture->stopping = true;
	}
	code = hand_over_in_flight(capture, handlers);
	return code < 0 ? code : count + code;
}

void fwa_capture_counters(const struct fwa_capture *capture,
			  struct fwa_capture_counters *ret_counters)
{
	struct fwa_capture_counters counters = {0};
	struct fwa_event_counters one;
	uint32_t cpu;

	for (cpu = 0; cpu < fwa_programs_cpu_count(capture->programs); cpu++) {
		one = fwa_programs_counters(capture->programs, cpu);
		counters.entered += one.entered;
		counters.kernel_issued += one.issued;
		counters.kernel_lost += one.lost;
	}
	counters.kernel_issued += capture->taken_over;
	/* A call moves from one CPU to another, and the counters are not read in one moment. */
	if (counters.entered > counters.kernel_issued)
		counters.in_flight =
			(uint32_t)(counters.entered - counters.kernel_issued);
	counters.issued = fwa_sequence_issued(capture->sequence);
	counters.recorded = fwa_sequence_recorded(capture->sequence);
	counters.lost = fwa_sequence_lost(capture->sequence);
	counters.payloads_given_up = fwa_assembly_given_up(capture->assembly);
	counters.skipped = fwa_programs_skipped(capture->programs);
	*ret_counters = counters;
}

uint32_t fwa_capture_cpu_count(const struct fwa_capture *capture)
{
	return fwa_programs_cpu_count(capture->programs);
}

uint64_t fwa_capture_last_number(const struct fwa_capture *capture, uint32_t cpu)
{
	return fwa_sequence_last(capture->sequence, cpu);
}
