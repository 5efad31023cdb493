/* SPDX-License-Identifier: Apache-2.0 */
/* A device on the bench: made from a piece of a scenario, spoken to without a mount. */
#ifndef FWA_TESTS_FWSIM_BENCH_H
#define FWA_TESTS_FWSIM_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/fwsim/cxl_driver.h"
#include "tools/fwsim/scenario.h"

#define MS 1000000ull /* nanoseconds */

struct bench {
	struct fwsim_scenario *scenario;
	struct fwsim_device *device;
	uint64_t now; /* tests move it */
	uint32_t retval;
	size_t out_length;
	uint64_t latency;
	uint8_t out[65536 + 64]; /* of the last RPC; its payload is at +8 */
};

/* `inside` is what stands in the device's braces after its name. Fails the test if
 * refused. */
struct bench *bench_new(const char *inside);
void bench_free(struct bench *bench);
/* 0 if `inside` is accepted; otherwise the sentence is in `error`. */
int bench_try(const char *inside, struct fwa_error *error);

/* An RPC with `size` bytes of payload and `room` bytes for the answer: 0 or -errno. */
int bench_rpc(struct bench *bench, uint8_t scope, uint16_t opcode, const void *payload,
	      size_t size, size_t room);
int bench_get(struct bench *bench, const char *feature, uint8_t selection,
	      uint16_t offset, uint16_t count);
int bench_set_part(struct bench *bench, const char *feature, uint8_t scope,
		   uint32_t flags, uint16_t offset, uint8_t version, const void *data,
		   size_t size);
/* Version 1, offset 0, scope 3. */
int bench_set(struct bench *bench, const char *feature, const void *data, size_t size);

/* Assert the first 4 bytes of a value, as they stand in memory. */
void bench_expect(struct bench *bench, const char *feature, uint8_t selection,
		  const char *four_bytes);

/* A mailbox command through memN's door: the return code; the answer is in bench->out. */
uint32_t bench_mailbox(struct bench *bench, uint16_t opcode, const void *payload,
		       size_t size, size_t *ret_size);

#endif
