// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/capture/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/fwctl.h"

bool harness_can_capture(void)
{
	struct fwa_capture *capture;
	struct fwa_error error = {{0}};
	int code = fwa_capture_open(NULL, &capture, &error);

	if (code) {
		printf("skipped: %s\n", error.sentence);
		/* Whatever else it is, it is a failure. */
		return !(code == -EPERM || code == -EACCES || code == -EOPNOTSUPP);
	}
	fwa_capture_close(capture);
	return true;
}

struct watched harness_open(const struct fwa_capture_options *options, const char *path,
			    ...)
{
	struct watched watched = {.seen.keep_payloads = true};
	struct fwa_error error = {{0}};
	struct fwa_watch watch;
	struct stat status;
	va_list more;

	if (fwa_capture_open(options, &watched.capture, &error))
		fail_msg("%s", error.sentence);
	va_start(more, path);
	for (; path; path = va_arg(more, const char *)) {
		assert_int_equal(stat(path, &status), 0);
		watch = fwa_watch_of(&status);
		if (fwa_capture_watch(watched.capture, &watch, &error))
			fail_msg("%s", error.sentence);
	}
	va_end(more);
	return watched;
}

void harness_close(struct watched *watched)
{
	harness_forget(watched);
	fwa_capture_close(watched->capture);
}

static struct fwa_bytes copy(struct fwa_bytes bytes)
{
	uint8_t *data;

	if (!bytes.data)
		return bytes;
	data = malloc(bytes.size + 1);
	assert_non_null(data);
	memcpy(data, bytes.data, bytes.size);
	return (struct fwa_bytes){.data = data, .size = bytes.size};
}

/* The byte strings of a call, for copying and freeing. */
static void strings_of(struct fwa_call *call, struct fwa_bytes *strings[8])
{
	strings[0] = &call->caller.comm;
	strings[1] = &call->caller.exe_path;
	strings[2] = &call->caller.cgroup_path;
	strings[3] = &call->caller.parent_comm;
	strings[4] = &call->structure_entry;
	strings[5] = &call->structure_exit;
	strings[6] = &call->request.captured;
	strings[7] = &call->response.captured;
}

/* Room for one more, at powers of two: reallocating for each would take a storm's time. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	assert_non_null(array);
	return array;
}

static int on_call(const struct fwa_call *call, void *context)
{
	struct seen *seen = &((struct watched *)context)->seen;
	struct fwa_bytes *strings[8];
	struct fwa_call kept = *call;
	int i;

	if (seen->refuse) {
		seen->refuse--;
		return -ENOSPC;
	}
	strings_of(&kept, strings);
	for (i = 0; i < 8; i++) {
		if (!seen->keep_payloads)
			strings[i]->data = NULL;
		*strings[i] = copy(*strings[i]);
	}
	seen->calls = grow(seen->calls, seen->call_count, sizeof(kept));
	seen->calls[seen->call_count++] = kept;
	return 0;
}

static int on_gap(const struct fwa_capture_gap *gap, void *context)
{
	struct seen *seen = &((struct watched *)context)->seen;

	if (seen->refuse) {
		seen->refuse--;
		return -ENOSPC;
	}
	seen->gaps = grow(seen->gaps, seen->gap_count, sizeof(*gap));
	seen->gaps[seen->gap_count++] = *gap;
	seen->lost += gap->count;
	return 0;
}

struct fwa_capture_handlers harness_handlers(struct watched *watched)
{
	return (struct fwa_capture_handlers){
		.call = on_call, .gap = on_gap, .context = watched};
}

void harness_settle(struct watched *watched)
{
	struct fwa_capture_handlers handlers = harness_handlers(watched);

	assert_true(fwa_capture_settle(watched->capture, &handlers) >= 0);
}

const struct fwa_call *harness_only_call(struct watched *watched)
{
	harness_settle(watched);
	assert_int_equal(watched->seen.gap_count, 0);
	assert_int_equal(watched->seen.call_count, 1);
	return &watched->seen.calls[0];
}

void harness_forget(struct watched *watched)
{
	struct fwa_bytes *strings[8];
	size_t i;
	int k;

	for (i = 0; i < watched->seen.call_count; i++) {
		strings_of(&watched->seen.calls[i], strings);
		for (k = 0; k < 8; k++)
			free((void *)strings[k]->data);
	}
	free(watched->seen.calls);
	free(watched->seen.gaps);
	watched->seen = (struct seen){.keep_payloads = watched->seen.keep_payloads};
}

/* How often `number` of `cpu` has been seen. */
static unsigned occurrences(const struct seen *seen, uint32_t cpu, uint64_t last,
			    uint8_t *counts)
{
	unsigned wrong = 0;
	uint64_t n;
	size_t i;

	for (i = 0; i < seen->call_count; i++) {
		if (seen->calls[i].cpu == cpu && seen->calls[i].number <= last)
			counts[seen->calls[i].number]++;
	}
	for (i = 0; i < seen->gap_count; i++) {
		for (n = 0; seen->gaps[i].cpu == cpu && n < seen->gaps[i].count; n++)
			counts[seen->gaps[i].first_number + n]++;
	}
	for (n = 1; n <= last; n++)
		wrong += counts[n] != 1;
	return wrong;
}

void harness_check_numbers(const struct watched *watched)
{
	uint32_t cpu, cpus = fwa_capture_cpu_count(watched->capture);
	uint64_t last, sum = 0;
	uint8_t *counts;

	for (cpu = 0; cpu < cpus; cpu++) {
		last = fwa_capture_last_number(watched->capture, cpu);
		counts = calloc(last + 1, 1);
		assert_non_null(counts);
		assert_int_equal(occurrences(&watched->seen, cpu, last, counts), 0);
		free(counts);
		sum += last;
	}
	assert_int_equal(sum, watched->seen.call_count + watched->seen.lost);
}

int harness_rpc(int fd, const void *in, uint32_t in_len, void *out, uint32_t *out_len)
{
	struct rpc rpc = {
		.size = sizeof(rpc),
		.in_len = in_len,
		.out_len = out_len ? *out_len : 0,
		.in = (uintptr_t)in,
		.out = (uintptr_t)out,
	};
	int result = ioctl(fd, FWA_FWCTL_RPC, &rpc);

	if (out_len)
		*out_len = rpc.out_len;
	return result < 0 ? -errno : result;
}

void harness_wait(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int harness_file(char path[64])
{
	int fd;

	strcpy(path, "/tmp/fwaudit-capture-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	return fd;
}

bool harness_text_is(struct fwa_bytes bytes, const char *text)
{
	return bytes.data && bytes.size == strlen(text) &&
	       memcmp(bytes.data, text, bytes.size) == 0;
}
