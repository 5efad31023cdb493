/* SPDX-License-Identifier: Apache-2.0 */
/* Behaviours: triggers, values, moments, failures. */
#include "tests/unit/fwsim/bench.h"

#include <errno.h>
#include <string.h>

#define FEATURES                                                                         \
	"\"features\": ["                                                                \
	"{\"name\": \"a\", \"uuid\": \"00000000-0000-4000-8000-000000000001\", "         \
	"\"size\": 4,"                                                                   \
	" \"effects\": [\"config-immediate\"]},"                                         \
	"{\"name\": \"b\", \"uuid\": \"00000000-0000-4000-8000-000000000002\", "         \
	"\"size\": 4,"                                                                   \
	" \"effects\": [\"config-immediate\"]}]"
#define WITH(behaviours) FEATURES ", \"behaviours\": [" behaviours "]"
#define ON_SET_A         "\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\"}"
#define ON_B             "\"target\": \"feature\", \"feature\": \"b\""

static void values(void **state)
{
	struct bench *bench = bench_new(WITH(
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"data\": "
		"\"00000001\"},"
		" \"effects\": [{" ON_B ", \"hex\": \"1122\", \"offset\": 1}]},"
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"data\": "
		"\"00000002\"},"
		" \"effects\": [{" ON_B ", \"xor\": \"ff00ff00\"}]},"
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"data\": "
		"\"00000003\"},"
		" \"effects\": [{" ON_B ", \"add\": -1}]},"
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"data\": "
		"\"00000004\"},"
		" \"effects\": [{" ON_B ", \"number\": 513, \"size\": 2}]},"
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"data\": "
		"\"70717273\"},"
		" \"effects\": [{" ON_B ", \"from_request\": true, \"offset\": 2}]}"));
	static const struct {
		const char *set, *expected;
	} steps[] = {
		{"\0\0\0\1", "\0\x11\x22\0"},
		{"\0\0\0\2", "\xff\x11\xdd\0"},
		{"\0\0\0\3", "\xfe\x11\xdd\0"},
		{"\0\0\0\4", "\1\2\xdd\0"},
		{"pqrs", "\1\2pq"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(bench_set(bench, "a", steps[i].set, 4), 0);
		bench_expect(bench, "a", 0, steps[i].set);
		bench_expect(bench, "b", 0, steps[i].expected);
	}
	bench_free(bench);
}

static void counting_down_borrows(void **state)
{
	struct bench *bench =
		bench_new(WITH("{" ON_SET_A ", \"effects\": [{" ON_B ", \"add\": -1}]}"));

	(void)state;
	bench_set(bench, "a", "abcd", 4);
	bench_expect(bench, "b", 0, "\xff\xff\xff\xff");
	bench_set(bench, "a", "abcd", 4);
	bench_expect(bench, "b", 0, "\xfe\xff\xff\xff");
	bench_free(bench);
}

static void moments(void **state)
{
	struct bench *bench = bench_new(
		WITH("{" ON_SET_A ", \"effects\": ["
		     " {" ON_B ", \"hex\": \"01\", \"when\": {\"after_ms\": 20}},"
		     " {" ON_B ", \"hex\": \"02\", \"when\": {\"after_ms\": 10}},"
		     " {" ON_B ", \"offset\": 1, \"hex\": \"03\", \"when\": {\"reset\": "
		     "\"conventional\"}}]}"));

	(void)state;
	bench_set(bench, "a", "abcd", 4);
	bench_expect(bench, "b", 0, "\0\0\0\0");
	bench->now += 10 * MS - 1;
	bench_expect(bench, "b", 0, "\0\0\0\0");
	bench->now += 1;
	bench_expect(bench, "b", 0, "\2\0\0\0");
	/* Later than both: in the order of their times, not of the file. */
	bench->now += 100 * MS;
	bench_expect(bench, "b", 0, "\1\0\0\0");
	fwsim_device_reset(bench->device, FWA_RESET_CXL, bench->now);
	bench_expect(bench, "b", 0, "\0\0\0\0"); /* what was not saved is gone */
	fwsim_device_reset(bench->device, FWA_RESET_COLD, bench->now);
	bench_expect(bench, "b", 0, "\0\3\0\0");
	fwsim_device_reset(bench->device, FWA_RESET_COLD, bench->now);
	bench_expect(bench, "b", 0, "\0\0\0\0"); /* once only */
	bench_free(bench);
}

static void turns(void **state)
{
	struct bench *bench = bench_new(WITH(
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"nth\": 2},"
		" \"effects\": [{" ON_B ", \"add\": 1}]},"
		"{\"trigger\": {\"opcode\": \"0502\", \"feature\": \"a\", \"every\": 3},"
		" \"effects\": [{" ON_B ", \"offset\": 1, \"add\": 1}]}"));
	int i;

	(void)state;
	for (i = 0; i < 7; i++)
		bench_set(bench, "a", "abcd", 4);
	bench_expect(bench, "b", 0, "\1\2\0\0");
	bench_free(bench);
}

static void resets_and_timers(void **state)
{
	struct bench *bench = bench_new(
		WITH("{\"trigger\": {\"reset\": \"cxl\"}, \"effects\": [{" ON_B
		     ", \"add\": 1}]},"
		     "{\"trigger\": {\"reset\": \"any\"},"
		     " \"effects\": [{" ON_B ", \"offset\": 1, \"hex\": \"07\"}]},"
		     "{\"trigger\": {\"timer_ms\": 50},"
		     " \"effects\": [{" ON_B ", \"offset\": 2, \"hex\": \"09\"}]}"));

	(void)state;
	bench_expect(bench, "b", 0, "\0\0\0\0");
	bench->now += 50 * MS;
	bench_expect(bench, "b", 0, "\0\0\x09\0");
	fwsim_device_reset(bench->device, FWA_RESET_COLD, bench->now);
	bench_expect(bench, "b", 0, "\0\7\0\0");
	fwsim_device_reset(bench->device, FWA_RESET_CXL, bench->now);
	bench_expect(bench, "b", 0, "\1\7\0\0");
	bench_free(bench);
}

static void failures(void **state)
{
	struct bench *bench =
		bench_new(WITH("{\"trigger\": {\"opcode\": \"0502\", \"data\": \"01\"}, "
			       "\"fail\": {\"retval\": 6},"
			       " \"effects\": [{" ON_B ", \"add\": 1}]},"
			       "{\"trigger\": {\"opcode\": \"0502\", \"data\": \"02\"}, "
			       "\"fail\": {\"errno\": \"EBUSY\"}},"
			       "{\"trigger\": {\"opcode\": \"0502\", \"data\": \"03\"}, "
			       "\"fail\": {\"transport\": true}},"
			       "{\"trigger\": {\"opcode\": \"0502\", \"data\": \"04\"}, "
			       "\"suppress\": true},"
			       "{\"trigger\": {\"opcode\": \"0502\", \"data\": \"05\"}, "
			       "\"background_ms\": 30,"
			       " \"latency_ms\": 5}"));

	(void)state;
	assert_int_equal(bench_set(bench, "a", "\1", 1), 0);
	assert_int_equal(bench->retval, 6);
	bench_expect(bench, "b", 0, "\1\0\0\0");
	assert_int_equal(bench_set(bench, "a", "\2", 1), -EBUSY);
	assert_int_equal(bench_set(bench, "a", "\3", 1), 0);
	assert_int_equal(bench->retval, 0); /* as the driver shows it */
	assert_int_equal(bench_set(bench, "a", "\4", 1), 0);
	assert_int_equal(bench->retval, 0);
	bench_expect(bench, "a", 0, "\0\0\0\0");
	assert_int_equal(bench_set(bench, "a", "\5", 1), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_BACKGROUND);
	assert_int_equal(bench->latency, 5 * MS);
	bench_expect(bench, "a", 0, "\0\0\0\0");
	bench->now += 30 * MS;
	bench_expect(bench, "a", 0, "\5\0\0\0");
	bench_free(bench);
}

static void every_kind_of_state(void **state)
{
	struct bench *bench = bench_new(WITH(
		"{" ON_SET_A ", \"effects\": ["
		" {\"target\": \"lsa\", \"offset\": 16, \"hex\": \"aabb\"},"
		" {\"target\": \"identify\", \"field\": \"total_capacity\", \"add\": 1},"
		" {\"target\": \"identify\", \"field\": \"firmware_revision\", \"text\": "
		"\"evil\"},"
		" {\"target\": \"firmware_info\", \"field\": \"slot_info\", \"number\": "
		"17},"
		" {\"target\": \"partition_info\", \"field\": "
		"\"next_volatile_capacity\", \"number\": 3},"
		" {\"target\": \"health\", \"field\": \"media_status\", \"number\": 2},"
		" {\"target\": \"alert_configuration\", \"offset\": 8, \"hex\": "
		"\"4b00\"},"
		" {\"target\": \"shutdown_state\", \"field\": \"state\", \"number\": 1},"
		" {\"target\": \"cel\", \"opcode\": \"0502\", \"effects\": []},"
		" {\"target\": \"cel\", \"opcode\": \"c0de\", \"effects\": "
		"[\"log-immediate\"]},"
		" {\"target\": \"cel\", \"opcode\": \"4200\", \"removed\": true},"
		" {\"target\": \"log\", \"log\": \"vendor\", \"add\": 1},"
		" {\"target\": \"feature_entry\", \"feature\": \"b\", \"effects\": "
		"[\"data-immediate\"]}"
		"]}") ", \"logs\": [{\"name\": \"vendor\", \"size\": 4,"
		      " \"uuid\": \"5e1819d9-11a9-400c-811f-d60719403d86\"}]");
	static const uint8_t in_lsa[8] = {16, 0, 0, 0, 2, 0, 0, 0};
	struct fwa_cxl_get_log get = {.length = 4};
	uint8_t in_log[FWA_CXL_GET_LOG_IN_SIZE];
	uint16_t effects;
	size_t size;

	(void)state;
	bench_set(bench, "a", "abcd", 4);
	assert_int_equal(bench_mailbox(bench, FWA_CXL_GET_LSA, in_lsa, 8, &size), 0);
	assert_memory_equal(bench->out, "\xaa\xbb", 2);
	assert_int_equal(bench_mailbox(bench, FWA_CXL_IDENTIFY, NULL, 0, &size), 0);
	assert_int_equal(size, FWA_CXL_IDENTIFY_SIZE);
	assert_memory_equal(bench->out, "evil\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(fwa_le64(bench->out + 16), 9);
	bench_mailbox(bench, FWA_CXL_GET_FIRMWARE_INFO, NULL, 0, &size);
	assert_int_equal(bench->out[1], 17);
	bench_mailbox(bench, FWA_CXL_GET_PARTITION_INFO, NULL, 0, &size);
	assert_int_equal(fwa_le64(bench->out + 16), 3);
	bench_mailbox(bench, FWA_CXL_GET_HEALTH_INFO, NULL, 0, &size);
	assert_int_equal(bench->out[1], 2);
	bench_mailbox(bench, FWA_CXL_GET_ALERT_CONFIG, NULL, 0, &size);
	assert_int_equal(bench->out[8], 0x4b);
	bench_mailbox(bench, FWA_CXL_GET_SHUTDOWN_STATE, NULL, 0, &size);
	assert_int_equal(bench->out[0], 1);
	memcpy(get.uuid, fwa_cxl_vendor_log_uuid, 16);
	fwa_cxl_get_log_encode(&get, in_log);
	assert_int_equal(
		bench_mailbox(bench, FWA_CXL_GET_LOG, in_log, sizeof(in_log), &size), 0);
	assert_memory_equal(bench->out, "\1\0\0\0", 4);
	memcpy(get.uuid, fwa_cxl_cel_uuid, 16);
	get.length = 13 * 4; /* one more and one less than at the start */
	fwa_cxl_get_log_encode(&get, in_log);
	assert_int_equal(
		bench_mailbox(bench, FWA_CXL_GET_LOG, in_log, sizeof(in_log), &size), 0);
	assert_int_equal(fwa_cxl_cel_find(bench->out, size, 0x0502, &effects), 0);
	assert_int_equal(effects, 0);
	assert_int_equal(fwa_cxl_cel_find(bench->out, size, 0xc0de, &effects), 0);
	assert_int_equal(effects, FWA_CXL_EFFECT_LOG_IMMEDIATE);
	assert_int_equal(fwa_cxl_cel_find(bench->out, size, 0x4200, &effects), -ENOENT);
	/* The kernel shows the entry that it cached, until it probes again. */
	assert_int_equal(fwa_le16(bench->device->features[1].cached_entry + 28), 2);
	fwsim_device_reset(bench->device, FWA_RESET_CXL, bench->now);
	assert_int_equal(fwa_le16(bench->device->features[1].cached_entry + 28), 4);
	bench_free(bench);
}

static void a_reading_that_changes_shows_next_time(void **state)
{
	struct bench *bench =
		bench_new(WITH("{\"trigger\": {\"opcode\": \"4200\"}, \"effects\": ["
			       "{\"target\": \"health\", \"field\": "
			       "\"device_temperature\", \"xor\": \"01\"}]}"));
	static const uint8_t expected[] = {40, 41, 40, 41};
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(expected); i++) {
		bench_mailbox(bench, FWA_CXL_GET_HEALTH_INFO, NULL, 0, &size);
		assert_int_equal(bench->out[4], expected[i]);
	}
	bench_free(bench);
}

static void a_device_can_go(void **state)
{
	struct bench *bench = bench_new(
		WITH("{" ON_SET_A ", \"effects\": [{\"target\": \"device\"}]}"));

	(void)state;
	assert_int_equal(bench_set(bench, "a", "abcd", 4), 0);
	assert_int_equal(bench_set(bench, "a", "abcd", 4), -ENODEV);
	bench_free(bench);
}

static void vendor_commands(void **state)
{
	struct bench *bench = bench_new("\"commands\": ["
					"{\"opcode\": \"c001\", \"response\": \"echo\", "
					"\"request_size\": [2, 4]},"
					"{\"opcode\": \"c002\", \"response\": \"echo\", "
					"\"response_size\": \"fill\"},"
					"{\"opcode\": \"c003\", \"response\": {\"hex\": "
					"\"0102\"}, \"response_size\": 5,"
					" \"scope\": 2}]");

	(void)state;
	assert_int_equal(bench_rpc(bench, 0, 0xc001, "abc", 3, 64), 0);
	assert_int_equal(fwa_le32(bench->out), 3);
	assert_memory_equal(bench->out + 8, "abc\0", 4);
	assert_int_equal(bench_rpc(bench, 0, 0xc001, "abcde", 5, 64), 0);
	assert_int_equal(bench->retval, FWA_CXL_RETURN_INVALID_LENGTH);
	assert_int_equal(bench_rpc(bench, 0, 0xc002, "abc", 3, 16), 0);
	assert_int_equal(fwa_le32(bench->out), 8);
	assert_memory_equal(bench->out + 8, "abcabcab", 8);
	assert_int_equal(bench_rpc(bench, 1, 0xc003, NULL, 0, 64), -EINVAL);
	assert_int_equal(bench_rpc(bench, 2, 0xc003, NULL, 0, 64), 0);
	assert_memory_equal(bench->out + 8, "\1\2\1\2\1\0", 6);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(counting_down_borrows),
		cmocka_unit_test(moments),
		cmocka_unit_test(turns),
		cmocka_unit_test(resets_and_timers),
		cmocka_unit_test(failures),
		cmocka_unit_test(every_kind_of_state),
		cmocka_unit_test(a_reading_that_changes_shows_next_time),
		cmocka_unit_test(a_device_can_go),
		cmocka_unit_test(vendor_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
