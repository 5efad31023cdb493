/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture in the running kernel, and what it handed over, kept for the test to look at.
 */
#ifndef FWA_TESTS_CAPTURE_HARNESS_H
#define FWA_TESTS_CAPTURE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>

#include "collector/capture/capture.h"

/* ctest's SKIP_RETURN_CODE */
#define FWA_TEST_SKIPPED 77

struct seen {
	struct fwa_call *calls; /* deep copies */
	size_t call_count;
	struct fwa_capture_gap *gaps;
	size_t gap_count;
	uint64_t lost;      /* sum over the gaps */
	unsigned refuse;    /* so many handlers fail before the next one succeeds */
	bool keep_payloads; /* default: yes; turn off for a storm */
};

struct watched {
	struct fwa_capture *capture;
	struct seen seen;
};

/* As the uAPI has it, in the machine's byte order. */
struct rpc {
	uint32_t size, scope, in_len, out_len;
	uint64_t in, out;
};

/* Whether BPF programs can be loaded here at all; prints why not. */
bool harness_can_capture(void);

/* Open a capture and watch these paths (NULL at the end). Fails the test otherwise. */
struct watched harness_open(const struct fwa_capture_options *options, const char *path,
			    ...);
void harness_close(struct watched *watched);

struct fwa_capture_handlers harness_handlers(struct watched *watched);

/* Settle: afterwards everything that has returned has been seen. */
void harness_settle(struct watched *watched);

/* The only call seen since the last harness_forget; fails the test if there is not just one. */
const struct fwa_call *harness_only_call(struct watched *watched);
void harness_forget(struct watched *watched);

/* Numbers on every CPU are contiguous from 1 over the calls and gaps seen so far. */
void harness_check_numbers(const struct watched *watched);

/* One FWCTL_RPC. Returns what ioctl returned, or negative errno. */
int harness_rpc(int fd, const void *in, uint32_t in_len, void *out, uint32_t *out_len);

/* Wait for a child, which has to exit with 0. */
void harness_wait(pid_t child);

/* An empty file in /tmp, made and opened; removed by harness_remove. */
int harness_file(char path[64]);

bool harness_text_is(struct fwa_bytes bytes, const char *text);

#endif
