/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts in schema/: against the kernel's own headers where there are any, and
 * bounded. */
#include <errno.h>
#include <linux/cxl_mem.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "schema/effects.h"
#include "schema/fwctl.h"
#include "tests/unit/fwsim/bench.h"

static void numbers_are_the_kernels(void **state)
{
	struct cxl_send_command command = {
		.id = CXL_MEM_COMMAND_ID_GET_LOG,
		.flags = 1,
		.retval = 2,
		.in = {.size = 3, .rsvd = 4, .payload = 0x1122334455667788},
		.out = {.size = 5, .rsvd = 6, .payload = 0x99aabbccddeeff00},
	};
	uint8_t buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE];
	struct fwa_cxl_mem_send send;

	(void)state;
	command.raw.opcode = 7;
	command.raw.rsvd = 8;
	assert_int_equal(FWA_CXL_MEM_SEND_COMMAND, CXL_MEM_SEND_COMMAND);
	assert_int_equal(FWA_CXL_MEM_QUERY_COMMANDS, CXL_MEM_QUERY_COMMANDS);
	assert_int_equal(sizeof(command), sizeof(buffer));
	assert_int_equal(FWA_CXL_MEM_GET_SHUTDOWN_STATE,
			 CXL_MEM_COMMAND_ID_GET_SHUTDOWN_STATE);
	assert_int_equal(FWA_CXL_MEM_GET_ALERT_CONFIG,
			 CXL_MEM_COMMAND_ID_GET_ALERT_CONFIG);
	memcpy(buffer, &command, sizeof(buffer));
	fwa_cxl_mem_send_decode(buffer, &send);
	assert_int_equal(send.id, CXL_MEM_COMMAND_ID_GET_LOG);
	assert_int_equal(send.raw, 8 << 16 | 7);
	assert_int_equal(send.retval, 2);
	assert_int_equal(send.in_size, 3);
	assert_int_equal(send.in_reserved, 4);
	assert_true(send.in_payload == 0x1122334455667788);
	assert_int_equal(send.out_size, 5);
	assert_int_equal(send.out_reserved, 6);
	assert_true(send.out_payload == 0x99aabbccddeeff00);
	memset(buffer, 0, sizeof(buffer));
	fwa_cxl_mem_send_encode(&send, buffer);
	assert_memory_equal(buffer, &command, sizeof(buffer));
}

static void fwctl_structures(void **state)
{
	uint8_t buffer[32], again[32];
	struct fwa_fwctl_info info;
	struct fwa_fwctl_rpc rpc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(buffer); i++)
		buffer[i] = (uint8_t)(i + 1);
	assert_int_equal(fwa_fwctl_rpc_decode(buffer, 31, &rpc), -EBADMSG);
	assert_int_equal(fwa_fwctl_rpc_decode(buffer, 32, &rpc), 0);
	assert_int_equal(rpc.scope, 0x08070605);
	assert_int_equal(rpc.request_length, 0x0c0b0a09);
	assert_true(rpc.response == 0x201f1e1d1c1b1a19);
	fwa_fwctl_rpc_encode(&rpc, again);
	assert_memory_equal(again, buffer, 32);
	assert_int_equal(fwa_fwctl_info_decode(buffer, 23, &info), -EBADMSG);
	assert_int_equal(fwa_fwctl_info_decode(buffer, 24, &info), 0);
	fwa_fwctl_info_encode(&info, again);
	assert_memory_equal(again, buffer, 24);
	assert_string_equal(fwa_fwctl_scope_name(3), "debug-write-full");
	assert_null(fwa_fwctl_scope_name(4));
	assert_null(fwa_fwctl_device_type_name(0));
}

static void effects_become_classes(void **state)
{
	static const struct {
		uint16_t field;
		uint32_t classes;
		unsigned faults;
	} cases[] = {
		{0x0000, 0, 0},
		{0x0001, FWA_EFFECT_CONFIG_COLD_RESET, 0},
		{0x0002, FWA_EFFECT_CONFIG_IMMEDIATE, 0},
		{0x003c,
		 FWA_EFFECT_DATA_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE |
			 FWA_EFFECT_LOG_IMMEDIATE | FWA_EFFECT_SECURITY_STATE,
		 0},
		{0x0040, FWA_EFFECT_BACKGROUND, 0},
		{0x0080, 0, 0},                         /* a capability */
		{0x0100, 0, FWA_CXL_FAULT_ABORT_ALONE}, /* likewise */
		{0x0140, FWA_EFFECT_BACKGROUND, 0},
		{0x0200, 0, 0},
		{0x0400, 0, FWA_CXL_FAULT_RESETS_INVALID},
		{0x0600, FWA_EFFECT_CONFIG_CONVENTIONAL_RESET, 0},
		{0x0a00, FWA_EFFECT_CONFIG_CXL_RESET, 0},
		{0x8002, FWA_EFFECT_CONFIG_IMMEDIATE, FWA_CXL_FAULT_RESERVED},
	};
	unsigned bit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fwa_cxl_effects_classes(cases[i].field),
				 cases[i].classes);
		assert_int_equal(fwa_cxl_effects_faults(cases[i].field), cases[i].faults);
	}
	for (bit = 0; bit < 12; bit++)
		assert_int_equal(fwa_cxl_effect_bit(
					 fwa_cxl_effect_bit_name((uint16_t)(1u << bit))),
				 1u << bit);
	assert_null(fwa_cxl_effect_bit_name(0x1000));
	assert_int_equal(fwa_cxl_effect_bit("magic"), 0);
}

static void hostile_lengths_are_bounded(void **state)
{
	uint8_t buffer[64] = {0};
	struct fwa_cxl_supported_features_out out;
	struct fwa_cxl_response response;
	struct fwa_cxl_log_entry entry;
	struct fwa_cxl_request request;
	struct fwa_cxl_cel_entry cel;
	size_t count;

	(void)state;
	memset(buffer, 0xff, sizeof(buffer));
	assert_int_equal(fwa_cxl_request_decode(buffer, 15, &request), -EBADMSG);
	assert_int_equal(fwa_cxl_request_decode(buffer, 20, &request), 0);
	assert_int_equal(request.opcode, 0xffff);
	assert_int_equal(request.op_size, 0xffffffff);
	assert_int_equal(request.payload.size, 4);
	assert_int_equal(fwa_cxl_response_decode(buffer, 8, &response), 0);
	assert_int_equal(response.payload.size, 0);
	assert_int_equal(fwa_cxl_supported_features_out_decode(buffer, 8 + 48 + 7, &out),
			 0);
	assert_int_equal(out.count, 0xffff);
	assert_int_equal(out.entries.size, 48);
	assert_int_equal(fwa_cxl_supported_logs_count(buffer, 8 + 20 + 19, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(fwa_cxl_supported_logs_entry(buffer, 8 + 20 + 19, 1, &entry),
			 -ENOENT);
	assert_int_equal(fwa_cxl_cel_entry(buffer, 7, 1, &cel), -ENOENT);
	assert_int_equal(fwa_cxl_cel_entry(buffer, 8, 1, &cel), 0);
}

static void feature_entries_come_back_as_they_were(void **state)
{
	uint8_t buffer[48], again[48];
	struct fwa_cxl_feature_entry entry;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(buffer); i++)
		buffer[i] = (uint8_t)(i + 1);
	assert_int_equal(fwa_cxl_feature_entry_decode(buffer, 47, &entry), -EBADMSG);
	assert_int_equal(fwa_cxl_feature_entry_decode(buffer, 48, &entry), 0);
	assert_int_equal(entry.id, 0x1211);
	assert_int_equal(entry.flags, 0x1a191817);
	assert_int_equal(entry.set_version, 28);
	assert_int_equal(entry.effects, 0x1e1d);
	fwa_cxl_feature_entry_encode(&entry, again);
	assert_memory_equal(again, buffer, sizeof(buffer));
}

static void payload_fields_lie_within_their_payload(void **state)
{
	static const uint16_t opcodes[] = {0x4000, 0x0200, 0x4100,
					   0x4200, 0x4201, 0x4203};
	const struct fwa_cxl_field *fields;
	size_t i, j, count, end;

	(void)state;
	for (i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		fields = fwa_cxl_payload_fields(opcodes[i], &count);
		assert_non_null(fields);
		for (j = 0, end = 0; j < count; j++) {
			assert_true(fields[j].offset >= end);
			end = (size_t)fields[j].offset + fields[j].size;
		}
		assert_int_equal(end, fwa_cxl_payload_size(opcodes[i]));
	}
	assert_null(fwa_cxl_payload_fields(0x0502, &count));
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_kernels),
		cmocka_unit_test(fwctl_structures),
		cmocka_unit_test(effects_become_classes),
		cmocka_unit_test(hostile_lengths_are_bounded),
		cmocka_unit_test(feature_entries_come_back_as_they_were),
		cmocka_unit_test(payload_fields_lie_within_their_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
