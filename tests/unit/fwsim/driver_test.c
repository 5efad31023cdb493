/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's cxl driver lets through, and how it answers. */
#include "tests/unit/fwsim/bench.h"

#include <errno.h>
#include <string.h>

#define FEATURE(name, uuid, effects, rest)                                               \
	"{\"name\": \"" name "\", \"uuid\": \"" uuid                                     \
	"\", \"size\": 4, \"effects\": " effects rest "}"
#define UUID(number) "00000000-0000-4000-8000-00000000000" number
#define PATROL_SCRUB "96dad7d6-fde8-482b-a733-75774e06db8a"

/* One line for each feature. */
/* clang-format off */
static const char all_kinds[] = "\"features\": ["
	FEATURE("immediate", UUID("1"), "\"0x0002\"", "") ","
	FEATURE("deferred", UUID("2"), "\"0x0001\"", "") ","
	FEATURE("reserved", UUID("3"), "\"0x1002\"", "") ","
	FEATURE("background", UUID("4"), "\"0x0042\"", "") ","
	FEATURE("nothing", UUID("5"), "\"0x0000\"", "") ","
	FEATURE("security", UUID("6"), "\"0x0020\"", "") ","
	FEATURE("unmarked", UUID("7"), "\"0x0400\"", "") ","
	FEATURE("fixed", UUID("8"), "\"0x0002\"", ", \"flags\": []") ","
	FEATURE("scrub", PATROL_SCRUB, "\"0x0002\"", "") "]";
/* clang-format on */

static void set_feature_wants_the_scope_that_the_kernel_wants(void **state)
{
	static const struct {
		const char *feature;
		int results[4]; /* by scope */
	} cases[] = {
		{"immediate", {-EINVAL, -EINVAL, -EINVAL, 0}},
		{"deferred", {-EINVAL, -EINVAL, 0, 0}},
		{"reserved", {-EINVAL, -EINVAL, -EINVAL, -EINVAL}},
		{"background", {-EINVAL, -EINVAL, -EINVAL, -EINVAL}},
		{"nothing", {-EINVAL, -EINVAL, -EINVAL, -EINVAL}},
		{"security", {-EINVAL, -EINVAL, -EINVAL, -EINVAL}},
		{"unmarked", {-EINVAL, -EINVAL, 0, 0}}, /* bit 10 without bit 9 */
		{"fixed", {-EINVAL, -EINVAL, -EINVAL, -EINVAL}},
		{"scrub", {-EINVAL, -EINVAL, -EINVAL, -EPERM}},
	};
	struct bench *bench = bench_new(all_kinds);
	uint8_t scope;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (scope = 0; scope < 4; scope++) {
			assert_int_equal(bench_set_part(bench, cases[i].feature, scope, 0,
							0, 1, "abcd", 4),
					 cases[i].results[scope]);
			if (cases[i].results[scope])
				bench_expect(bench, cases[i].feature, 0,
					     scope && !cases[i].results[scope - 1]
						     ? "abcd"
						     : "\0\0\0\0");
		}
	}
	bench_free(bench);
}

static void lengths_are_reported_as_the_driver_reports_them(void **state)
{
	struct bench *bench = bench_new(all_kinds);

	(void)state;
	assert_int_equal(bench_get(bench, "immediate", 0, 0, 4), 0);
	assert_int_equal(fwa_le32(bench->out), 4);
	assert_int_equal(bench->out_length, 8 + 4 + 8);
	assert_int_equal(bench_set(bench, "immediate", "abcd", 4), 0);
	assert_int_equal(fwa_le32(bench->out), 0);
	assert_int_equal(bench->out_length, 16);
	bench_free(bench);
}

static void supported_features_are_paged(void **state)
{
	static const struct {
		uint32_t count;
		uint16_t start;
		unsigned entries;
		int result;
	} cases[] = {
		{0, 0, 0, 0},          {47, 0, 0, 0},           {48, 0, 1, 0},
		{2 * 48 + 1, 3, 2, 0}, {UINT32_MAX, 0, 9, 0},   {48 * 9, 8, 1, 0},
		{48, 9, 0, -EINVAL},   {48, 65535, 0, -EINVAL},
	};
	struct bench *bench = bench_new(all_kinds);
	struct fwa_cxl_supported_features_out out;
	struct fwa_cxl_feature_entry entry;
	uint8_t payload[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fwa_cxl_supported_features_in in = {.count = cases[i].count,
								 .start = cases[i].start};

		fwa_cxl_supported_features_in_encode(&in, payload);
		assert_int_equal(bench_rpc(bench, 0, FWA_CXL_GET_SUPPORTED_FEATURES,
					   payload, 8, 4096),
				 cases[i].result);
		if (cases[i].result)
			continue;
		assert_int_equal(fwa_le32(bench->out), 8 + 48 * cases[i].entries);
		assert_int_equal(
			fwa_cxl_supported_features_out_decode(bench->out + 8, 4088, &out),
			0);
		assert_int_equal(out.count, cases[i].entries);
		assert_int_equal(out.supported, 9);
		if (!out.count)
			continue;
		fwa_cxl_feature_entry_decode(out.entries.data, out.entries.size, &entry);
		assert_int_equal(entry.id, cases[i].start);
		/* The last one is the kernel's own. */
		assert_int_equal(entry.flags & FWA_CXL_FEATURE_CHANGEABLE,
				 cases[i].start == 8 ? 0 : FWA_CXL_FEATURE_CHANGEABLE);
	}
	bench_free(bench);
}

static void malformed_requests_are_refused(void **state)
{
	struct bench *bench = bench_new(all_kinds);
	struct fwsim_call call = {.out = bench->out, .out_size = 64, .now = 1};
	uint8_t frame[16 + 21] = {0};

	(void)state;
	call.in = frame;
	call.in_size = 15; /* not even a header */
	assert_int_equal(fwsim_cxl_rpc(bench->device, &call), -EINVAL);
	fwa_cxl_request_header_encode(FWA_CXL_GET_FEATURE, 21, frame);
	call.in_size = 16 + 20; /* less than the header says */
	assert_int_equal(fwsim_cxl_rpc(bench->device, &call), -EINVAL);
	assert_int_equal(bench_rpc(bench, 0, FWA_CXL_GET_FEATURE, frame, 20, 64),
			 -EINVAL);
	assert_int_equal(bench_rpc(bench, 0, FWA_CXL_GET_FEATURE, frame, 22, 64),
			 -EINVAL);
	assert_int_equal(bench_rpc(bench, 3, FWA_CXL_SET_FEATURE, frame, 32, 64),
			 -EINVAL);
	assert_int_equal(bench_get(bench, "immediate", 0, 0, 0), -EINVAL); /* count 0 */
	assert_int_equal(bench_rpc(bench, 3, FWA_CXL_IDENTIFY, NULL, 0, 256), -EINVAL);
	assert_int_equal(bench_rpc(bench, 3, 0xc000, NULL, 0, 256), -EINVAL);
	bench_free(bench);
}

static void data_is_split_to_fit_the_mailbox(void **state)
{
	struct bench *bench =
		bench_new("\"mailbox_payload_size\": 256, \"features\": ["
			  "{\"name\": \"wide\", \"uuid\": \"" UUID(
				  "1") "\", \"size\": 1000,"
				       " \"effects\": [\"config-immediate\"]}]");
	uint8_t data[1000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	/* The caller's own transfer flags count for nothing. */
	assert_int_equal(bench_set_part(bench, "wide", 3, FWA_CXL_TRANSFER_ABORT, 0, 1,
					data, sizeof(data)),
			 0);
	assert_int_equal(bench->retval, 0);
	assert_int_equal(bench_get(bench, "wide", FWA_CXL_SELECT_SAVED, 0, 1000), 0);
	assert_memory_equal(bench->out + 8, data, sizeof(data));
	assert_int_equal(bench_set_part(bench, "wide", 3, 0, 500, 1, data, 501), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_INVALID_LENGTH);
	assert_null(bench->device->transfer->feature);
	bench_free(bench);
}

static void without_a_gate_the_device_decides(void **state)
{
	struct bench *bench = bench_new("\"gate\": \"none\", \"features\": [" FEATURE(
		"reserved", UUID("3"), "\"0x1002\"",
		"") "," FEATURE("scrub", PATROL_SCRUB, "\"0x0002\"", "") "]");

	(void)state;
	assert_int_equal(bench_set_part(bench, "reserved", 0, 0, 0, 1, "abcd", 4), 0);
	bench_expect(bench, "reserved", 0, "abcd");
	assert_int_equal(bench_set_part(bench, "scrub", 0, 0, 0, 1, "abcd", 4), 0);
	assert_int_equal(bench_rpc(bench, 0, FWA_CXL_IDENTIFY, NULL, 0, 256), 0);
	assert_int_equal(fwa_le32(bench->out), FWA_CXL_IDENTIFY_SIZE);
	assert_int_equal(bench_rpc(bench, 0, 0xc000, NULL, 0, 256), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_UNSUPPORTED);
	bench_free(bench);
}

static void what_the_cel_omits_cannot_be_used(void **state)
{
	struct bench *bench = bench_new("\"features\": [" FEATURE(
		"a", UUID("1"), "\"0x0002\"",
		"") "], \"cel_overrides\": [{\"opcode\": \"0502\", \"omitted\": true},"
		    " {\"opcode\": \"4200\", \"omitted\": true}]");
	struct fwa_cxl_mem_send send = {.id = FWA_CXL_MEM_GET_HEALTH_INFO,
					.out_size = 64};
	const struct fwa_cxl_mem_command_info *info;

	(void)state;
	assert_int_equal(bench_set(bench, "a", "abcd", 4), -EINVAL);
	bench_expect(bench, "a", 0, "\0\0\0\0");
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), -ENOTTY);
	send.id = FWA_CXL_MEM_GET_ALERT_CONFIG;
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), 0);
	send.out_size = 15;
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), -ENOMEM);
	send.out_size = 16;
	send.in_size = 1;
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), -ENOMEM);
	send.in_reserved = 1;
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), -EINVAL);
	send.id = 0;
	assert_int_equal(fwsim_cxl_mem_check(bench->device, &send, &info), -ENOTTY);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_feature_wants_the_scope_that_the_kernel_wants),
		cmocka_unit_test(lengths_are_reported_as_the_driver_reports_them),
		cmocka_unit_test(supported_features_are_paged),
		cmocka_unit_test(malformed_requests_are_refused),
		cmocka_unit_test(data_is_split_to_fit_the_mailbox),
		cmocka_unit_test(without_a_gate_the_device_decides),
		cmocka_unit_test(what_the_cel_omits_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
