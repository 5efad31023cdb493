// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/normalise/normalise.h"
#include "schema/fwctl.h"
#include "schema/hash.h"

static const uint8_t request_salt[FWA_SALT_SIZE] = "request salt....";
static const uint8_t response_salt[FWA_SALT_SIZE] = "response salt...";
static const uint8_t structure[32] = {32};
static const uint64_t device = 7;

/* A call of the kind that one wishes for. */
static struct fwa_call good_call(void)
{
	return (struct fwa_call){
		.cpu = 2,
		.number = 9,
		.device = {.kind = FWA_WATCH_CHARACTER, .major = 240},
		.command = FWA_FWCTL_RPC,
		.entered = 1000,
		.returned = 3000,
		.has_result = true,
		.caller = {.pid = 55, .comm = {(const uint8_t *)"someone", 7}},
		.open = {.key = 77, .descriptor = 3},
		.structure_entry = {structure, 32},
		.structure_exit = {structure, 32},
		.structure_length = 32,
		.request = {.length = 4, .captured = {(const uint8_t *)"abcd", 4}},
		.response = {.length = 2,
			     .captured = {(const uint8_t *)"ok", 2},
			     .moment = FWA_MOMENT_EXIT},
	};
}

static void normalise(const struct fwa_call *call, const uint64_t *to,
		      struct fwa_normalised_call *ret_normalised)
{
	assert_int_equal(
		fwa_normalise_call(call, to, request_salt, response_salt, ret_normalised),
		0);
}

/* It is a record if it can be written and read. */
static void assert_encodes(const struct fwa_normalised_call *normalised)
{
	struct fwa_record record = {.kind = FWA_RECORD_RPC, .rpc = normalised->rpc};
	struct fwa_record decoded;
	uint8_t buffer[65536];
	size_t size;

	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size), 0);
	assert_int_equal(fwa_record_decode(buffer, size, &decoded), 0);
	assert_int_equal(decoded.rpc.number, normalised->rpc.number);
}

static void assert_digest(struct fwa_bytes digest, const uint8_t salt[FWA_SALT_SIZE],
			  const char *bytes)
{
	const struct fwa_bytes parts[] = {
		{salt, FWA_SALT_SIZE},
		{(const uint8_t *)bytes, strlen(bytes)},
	};
	uint8_t expected[FWA_DIGEST_SIZE];

	assert_int_equal(fwa_digest(parts, 2, expected), 0);
	assert_int_equal(digest.size, FWA_DIGEST_SIZE);
	assert_memory_equal(digest.data, expected, FWA_DIGEST_SIZE);
}

static void test_rpc(void **state)
{
	struct fwa_call call = good_call();
	struct fwa_normalised_call normalised;
	const struct fwa_rpc *rpc = &normalised.rpc;

	(void)state;
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->transport, FWA_TRANSPORT_FWCTL);
	assert_true(rpc->has_device);
	assert_int_equal(rpc->device, 7);
	assert_int_equal(rpc->command, FWA_FWCTL_RPC);
	assert_ptr_equal(rpc->structure_entry.data, structure);
	assert_ptr_equal(rpc->structure_exit.data, structure);
	assert_int_equal(rpc->structure_source, FWA_SOURCE_USER);
	assert_true(rpc->has_result);
	assert_int_equal(rpc->result, 0);
	assert_int_equal(rpc->entered, 1000);
	assert_int_equal(rpc->returned, 3000);
	assert_int_equal(rpc->caller.pid, 55);
	assert_true(rpc->has_open);
	assert_int_equal(rpc->open.key, 77);
	assert_false(rpc->own);
	assert_int_equal(rpc->layers, FWA_LAYER_TRACEPOINT);
	assert_int_equal(rpc->cpu, 2);
	assert_int_equal(rpc->number, 9);
	assert_int_equal(rpc->request.length, 4);
	assert_int_equal(rpc->request.captured, 4);
	assert_int_equal(rpc->request.source, FWA_SOURCE_USER);
	assert_int_equal(rpc->request.moment, FWA_MOMENT_ENTRY);
	assert_digest(rpc->request.digest, request_salt, "abcd");
	assert_int_equal(rpc->response.moment, FWA_MOMENT_EXIT);
	assert_digest(rpc->response.digest, response_salt, "ok");
	assert_false(fwa_normalise_is_truncated(&rpc->request));
	assert_encodes(&normalised);
}

static void test_payload_sources(void **state)
{
	struct fwa_call call = good_call();
	struct fwa_normalised_call normalised;
	const struct fwa_rpc *rpc = &normalised.rpc;

	(void)state;
	call.request.length = 5;
	call.response.captured = (struct fwa_bytes){NULL, 0};
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->request.source, FWA_SOURCE_TRUNCATED);
	assert_int_equal(rpc->request.length, 5);
	assert_int_equal(rpc->request.captured, 4);
	assert_digest(rpc->request.digest, request_salt, "abcd");
	assert_true(fwa_normalise_is_truncated(&rpc->request));
	assert_int_equal(rpc->response.source, FWA_SOURCE_ABSENT);
	assert_null(rpc->response.digest.data);
	assert_true(fwa_normalise_is_truncated(&rpc->response));
	assert_encodes(&normalised);

	/* Nothing was sent: nothing is missing. */
	call.request = (struct fwa_call_payload){.length = 0};
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->request.source, FWA_SOURCE_USER);
	assert_null(rpc->request.digest.data);
	assert_false(fwa_normalise_is_truncated(&rpc->request));
	assert_encodes(&normalised);

	/* A claim that the core refuses. */
	call.request.length = UINT32_MAX;
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->request.source, FWA_SOURCE_ABSENT);
	assert_encodes(&normalised);
}

static void test_structure_sources(void **state)
{
	struct fwa_call call = good_call();
	struct fwa_normalised_call normalised;
	const struct fwa_rpc *rpc = &normalised.rpc;

	(void)state;
	call.structure_length = 33;
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->structure_source, FWA_SOURCE_TRUNCATED);
	assert_encodes(&normalised);

	call.structure_length = 32;
	call.structure_exit = (struct fwa_bytes){NULL, 0};
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->structure_source, FWA_SOURCE_USER);
	assert_encodes(&normalised);

	/* Known from after the call only. */
	call.structure_exit = call.structure_entry;
	call.structure_entry = (struct fwa_bytes){NULL, 0};
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->structure_source, FWA_SOURCE_TRUNCATED);
	assert_encodes(&normalised);

	call.structure_exit = (struct fwa_bytes){NULL, 0};
	normalise(&call, &device, &normalised);
	assert_int_equal(rpc->structure_source, FWA_SOURCE_ABSENT);
	assert_encodes(&normalised);
}

static void test_unfinished_and_unknown(void **state)
{
	struct fwa_call call = good_call();
	struct fwa_normalised_call normalised;

	(void)state;
	call.has_result = false;
	call.returned = 0;
	call.own = true;
	call.response = (struct fwa_call_payload){.length = 0};
	normalise(&call, NULL, &normalised);
	assert_false(normalised.rpc.has_device);
	assert_false(normalised.rpc.has_result);
	assert_int_equal(normalised.rpc.returned, 0);
	assert_true(normalised.rpc.own);
	assert_encodes(&normalised);
}

/* Two CPUs' clocks differ by a little: the record still makes sense. */
static void test_clocks(void **state)
{
	struct fwa_call call = good_call();
	struct fwa_normalised_call normalised;

	(void)state;
	call.returned = 999;
	normalise(&call, &device, &normalised);
	assert_int_equal(normalised.rpc.returned, 1000);
	assert_encodes(&normalised);
}

static void test_gap(void **state)
{
	const struct fwa_capture_gap gap = {.cpu = 3,
					    .first_number = 10,
					    .count = 4,
					    .not_before = 50,
					    .not_after = 60};
	const uint64_t after = 12;
	struct fwa_record record = {.kind = FWA_RECORD_GAP};
	uint8_t buffer[4096];
	size_t size;

	(void)state;
	fwa_normalise_gap(&gap, &after, &record.gap);
	assert_int_equal(record.gap.cpu, 3);
	assert_int_equal(record.gap.first_number, 10);
	assert_int_equal(record.gap.count, 4);
	assert_int_equal(record.gap.not_before, 50);
	assert_int_equal(record.gap.not_after, 60);
	assert_true(record.gap.has_after);
	assert_int_equal(record.gap.after, 12);
	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size), 0);
	fwa_normalise_gap(&gap, NULL, &record.gap);
	assert_false(record.gap.has_after);
	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc),
		cmocka_unit_test(test_payload_sources),
		cmocka_unit_test(test_structure_sources),
		cmocka_unit_test(test_unfinished_and_unknown),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
