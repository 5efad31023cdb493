/* SPDX-License-Identifier: Apache-2.0 */
/* What recorder and sealer say to one another, and what neither accepts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/seal/protocol.h"

static void messages_arrive_as_sent(void **state)
{
	uint8_t a[FWA_DIGEST_SIZE], b[FWA_DIGEST_SIZE];
	struct fwa_nv_value nv = {.written = true};
	struct fwa_seal_message message;
	struct fwa_frame frame = {0};
	struct fwa_error error;
	int ends[2];

	(void)state;
	memset(a, 1, sizeof(a));
	memset(b, 2, sizeof(b));
	memset(nv.value, 3, sizeof(nv.value));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	assert_int_equal(0, fwa_seal_send_attest(ends[0], a, b));
	assert_int_equal(0, fwa_frame_receive(ends[1], FWA_SEAL_BODY_MAX, &frame));
	assert_int_equal(0, fwa_seal_decode(&frame, &message));
	assert_int_equal(FWA_SEAL_ATTEST, message.type);
	assert_memory_equal(a, message.attest.accumulator, FWA_DIGEST_SIZE);
	assert_memory_equal(b, message.attest.note_digest, FWA_DIGEST_SIZE);
	assert_int_equal(0, fwa_seal_send_read(ends[0]));
	assert_int_equal(0, fwa_frame_receive(ends[1], FWA_SEAL_BODY_MAX, &frame));
	assert_int_equal(0, fwa_seal_decode(&frame, &message));
	assert_int_equal(FWA_SEAL_READ, message.type);

	assert_int_equal(0, fwa_seal_send_value(ends[0], &nv));
	assert_int_equal(0, fwa_seal_receive(ends[1], &frame, &message, &error));
	assert_int_equal(FWA_SEAL_VALUE, message.type);
	assert_true(message.nv.written);
	assert_memory_equal(nv.value, message.nv.value, FWA_DIGEST_SIZE);
	assert_int_equal(0, fwa_seal_send_attested(ends[0], b, sizeof(b)));
	assert_int_equal(0, fwa_seal_receive(ends[1], &frame, &message, &error));
	assert_int_equal(FWA_SEAL_ATTESTED, message.type);
	assert_int_equal(sizeof(b), message.attestation.size);
	assert_int_equal(0, fwa_seal_send_failed(ends[0], -EUCLEAN, "so it is"));
	assert_int_equal(-EUCLEAN, fwa_seal_receive(ends[1], &frame, &message, &error));
	assert_string_equal("so it is", error.sentence);
	/* An answer has to be one. */
	assert_int_equal(0, fwa_seal_send_read(ends[0]));
	assert_int_equal(-EBADMSG, fwa_seal_receive(ends[1], &frame, &message, &error));
	close(ends[0]);
	assert_int_equal(-EPIPE, fwa_seal_receive(ends[1], &frame, &message, &error));
	close(ends[1]);
	fwa_frame_clear(&frame);
}

static void malformed_messages_are_refused(void **state)
{
	static const struct {
		uint16_t type;
		size_t size;
		uint8_t first[5];
		int expected;
	} table[] = {
		{FWA_SEAL_ATTEST, 64, {0}, 0},
		{FWA_SEAL_ATTEST, 63, {0}, -EBADMSG},
		{FWA_SEAL_ATTEST, 65, {0}, -EBADMSG},
		{FWA_SEAL_ATTEST, 0, {0}, -EBADMSG},
		{FWA_SEAL_READ, 0, {0}, 0},
		{FWA_SEAL_READ, 1, {0}, -EBADMSG},
		{FWA_SEAL_ATTESTED, 0, {0}, -EBADMSG},
		{FWA_SEAL_ATTESTED, 1, {0}, 0},
		{FWA_SEAL_VALUE, 33, {1}, 0},
		{FWA_SEAL_VALUE, 33, {2}, -EBADMSG},
		{FWA_SEAL_VALUE, 32, {1}, -EBADMSG},
		{FWA_SEAL_VALUE, 34, {1}, -EBADMSG},
		{FWA_SEAL_FAILED, 5, {0, 0, 0, 5, 'x'}, 0},
		{FWA_SEAL_FAILED, 4, {0, 0, 0, 5}, 0},
		{FWA_SEAL_FAILED, 3, {0, 0, 0}, -EBADMSG},
		{FWA_SEAL_FAILED, 5, {0, 0, 0, 0, 'x'}, -EBADMSG},
		{FWA_SEAL_FAILED, 5, {0xff, 0xff, 0xff, 0xff, 'x'}, -EBADMSG},
		{FWA_SEAL_FAILED, 5, {0, 0, 0x10, 0, 'x'}, -EBADMSG},
		{0, 0, {0}, -EBADMSG},
		{3, 0, {0}, -EBADMSG},
		{0xffff, 0, {0}, -EBADMSG},
	};
	struct fwa_seal_message message;
	struct fwa_frame frame;
	uint8_t body[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(body, 0, sizeof(body));
		memcpy(body, table[i].first, sizeof(table[i].first));
		frame = (struct fwa_frame){
			.type = table[i].type, .body = body, .size = table[i].size};
		if (fwa_seal_decode(&frame, &message) != table[i].expected)
			fail_msg("row %zu", i);
	}
}

static void backoff_grows_to_a_minute(void **state)
{
	const uint64_t second = 1000000000u;
	unsigned i;

	(void)state;
	assert_int_equal(0, fwa_seal_backoff(0));
	assert_int_equal(second, fwa_seal_backoff(1));
	for (i = 1; i < 100; i++) {
		assert_true(fwa_seal_backoff(i + 1) >= fwa_seal_backoff(i));
		assert_true(fwa_seal_backoff(i) <= 60 * second);
	}
	assert_int_equal(60 * second, fwa_seal_backoff(4000000000u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_arrive_as_sent),
		cmocka_unit_test(malformed_messages_are_refused),
		cmocka_unit_test(backoff_grows_to_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
