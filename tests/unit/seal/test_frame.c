/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: whole or not at all, whatever stands in their headers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/daemon/frame.h"

struct channel {
	int ends[2];
	struct fwa_frame frame;
};

static int setup(void **state)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	assert_non_null(channel);
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, channel->ends));
	*state = channel;
	return 0;
}

static void close_end(struct channel *channel, int end)
{
	if (channel->ends[end] >= 0)
		close(channel->ends[end]);
	channel->ends[end] = -1;
}

static int teardown(void **state)
{
	struct channel *channel = *state;

	close_end(channel, 0);
	close_end(channel, 1);
	fwa_frame_clear(&channel->frame);
	free(channel);
	return 0;
}

static void header_is_as_documented(void **state)
{
	static const uint8_t expected[8] = {0, 1, 2, 3, 0xab, 0xcd, 0, 0};
	uint8_t header[FWA_FRAME_HEADER_SIZE];
	uint16_t type;
	size_t size;

	(void)state;
	assert_int_equal(0, fwa_frame_header_encode(0xabcd, 0x010203, header));
	assert_memory_equal(expected, header, sizeof(header));
	assert_int_equal(
		0, fwa_frame_header_decode(header, FWA_FRAME_BODY_MAX, &type, &size));
	assert_int_equal(0xabcd, type);
	assert_int_equal(0x010203, size);
}

static void hostile_headers_are_refused(void **state)
{
	static const struct {
		uint8_t header[8];
		size_t limit;
		int expected;
	} table[] = {
		{{0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0}, FWA_FRAME_BODY_MAX, -EMSGSIZE},
		{{0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0}, SIZE_MAX, -EMSGSIZE},
		{{0x80, 0, 0, 0, 0, 1, 0, 0}, FWA_FRAME_BODY_MAX, -EMSGSIZE},
		{{0, 0x20, 0, 1, 0, 1, 0, 0}, SIZE_MAX, -EMSGSIZE},
		{{0, 0x20, 0, 0, 0, 1, 0, 0}, SIZE_MAX, 0},
		{{0, 0, 0, 5, 0, 1, 0, 0}, 4, -EMSGSIZE},
		{{0, 0, 0, 4, 0, 1, 0, 0}, 4, 0},
		{{0, 0, 0, 0, 0, 1, 0, 0}, 0, 0},
		{{0, 0, 0, 4, 0, 1, 0, 1}, 4, -EBADMSG},
		{{0, 0, 0, 4, 0, 1, 1, 0}, 4, -EBADMSG},
	};
	uint16_t type;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(table[i].expected,
				 fwa_frame_header_decode(table[i].header, table[i].limit,
							 &type, &size));
}

static void frames_keep_their_bounds(void **state)
{
	struct channel *channel = *state;

	assert_int_equal(0, fwa_frame_send(channel->ends[0], 1, "first", 5));
	assert_int_equal(0, fwa_frame_send(channel->ends[0], 2, NULL, 0));
	assert_int_equal(0, fwa_frame_send(channel->ends[0], 3, "x", 1));
	assert_int_equal(0, fwa_frame_receive(channel->ends[1], 100, &channel->frame));
	assert_int_equal(1, channel->frame.type);
	assert_int_equal(5, channel->frame.size);
	assert_memory_equal("first", channel->frame.body, 5);
	assert_int_equal(0, fwa_frame_receive(channel->ends[1], 100, &channel->frame));
	assert_int_equal(2, channel->frame.type);
	assert_int_equal(0, channel->frame.size);
	assert_int_equal(0, fwa_frame_receive(channel->ends[1], 100, &channel->frame));
	assert_int_equal(3, channel->frame.type);
	assert_memory_equal("x", channel->frame.body, 1);
}

static void *send_largest(void *context)
{
	struct channel *channel = context;
	uint8_t *body = malloc(FWA_FRAME_BODY_MAX);
	size_t i;
	int rc;

	if (!body)
		return NULL;
	for (i = 0; i < FWA_FRAME_BODY_MAX; i++)
		body[i] = (uint8_t)(i * 7);
	rc = fwa_frame_send(channel->ends[0], 9, body, FWA_FRAME_BODY_MAX);
	free(body);
	return rc == 0 ? channel : NULL;
}

/* Far more than a socket holds: both ends have to come back for more. */
static void largest_frame_passes(void **state)
{
	struct channel *channel = *state;
	pthread_t thread;
	void *result;
	size_t i;

	assert_int_equal(0, pthread_create(&thread, NULL, send_largest, channel));
	assert_int_equal(0, fwa_frame_receive(channel->ends[1], FWA_FRAME_BODY_MAX,
					      &channel->frame));
	assert_int_equal(0, pthread_join(thread, &result));
	assert_ptr_equal(channel, result);
	assert_int_equal(FWA_FRAME_BODY_MAX, channel->frame.size);
	for (i = 0; i < FWA_FRAME_BODY_MAX; i++)
		if (channel->frame.body[i] != (uint8_t)(i * 7))
			fail_msg("byte %zu differs", i);
}

static void closed_channels_are_told_apart(void **state)
{
	struct channel *channel = *state;
	uint8_t header[FWA_FRAME_HEADER_SIZE];

	assert_int_equal(0, fwa_frame_header_encode(1, 10, header));
	assert_int_equal(8, write(channel->ends[0], header, 8));
	assert_int_equal(3, write(channel->ends[0], "abc", 3));
	close_end(channel, 0);
	assert_int_equal(-ECONNRESET,
			 fwa_frame_receive(channel->ends[1], 100, &channel->frame));
	assert_int_equal(-EPIPE,
			 fwa_frame_receive(channel->ends[1], 100, &channel->frame));
	/* No SIGPIPE, which would end the test. */
	assert_int_equal(-EPIPE, fwa_frame_send(channel->ends[1], 1, "x", 1));
}

static void part_of_a_header_is_no_frame(void **state)
{
	struct channel *channel = *state;

	assert_int_equal(3, write(channel->ends[0], "\0\0\0", 3));
	close_end(channel, 0);
	assert_int_equal(-ECONNRESET,
			 fwa_frame_receive(channel->ends[1], 100, &channel->frame));
}

/* Nothing is allocated for a size that only a header claims. */
static void large_claims_allocate_nothing(void **state)
{
	static const uint8_t header[8] = {0x7f, 0xff, 0xff, 0xff, 0, 1, 0, 0};
	struct channel *channel = *state;

	assert_int_equal(8, write(channel->ends[0], header, 8));
	assert_int_equal(
		-EMSGSIZE,
		fwa_frame_receive(channel->ends[1], FWA_FRAME_BODY_MAX, &channel->frame));
	assert_null(channel->frame.body);
	assert_int_equal(-EMSGSIZE, fwa_frame_send(channel->ends[0], 1, header,
						   (size_t)FWA_FRAME_BODY_MAX + 1));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_as_documented),
		cmocka_unit_test(hostile_headers_are_refused),
		TEST(frames_keep_their_bounds),
		TEST(largest_frame_passes),
		TEST(closed_channels_are_told_apart),
		TEST(part_of_a_header_is_no_frame),
		TEST(large_claims_allocate_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
