/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between recorder and observer: what is sent arrives; what is not a message does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/observe/protocol.h"
#include "schema/bytes.h"

struct channel {
	int ends[2];
	struct fwa_frame frame;
};

static int open_channel(void **state)
{
	static struct channel channel;

	channel = (struct channel){0};
	*state = &channel;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, channel.ends);
}

static int close_channel(void **state)
{
	struct channel *channel = *state;

	fwa_frame_clear(&channel->frame);
	close(channel->ends[0]);
	close(channel->ends[1]);
	return 0;
}

static struct fwa_observe_message receive(struct channel *channel)
{
	struct fwa_observe_message message;

	assert_int_equal(0, fwa_frame_receive(channel->ends[1], FWA_OBSERVE_BODY_MAX,
					      &channel->frame));
	assert_int_equal(0, fwa_observe_decode(&channel->frame, &message));
	return message;
}

static void messages_arrive(void **state)
{
	const struct fwa_location location = {.path = "/dev/fwctl/fwctl0",
					      .simulated = true,
					      .file_device = 7,
					      .file_inode = 9};
	struct channel *channel = *state;
	struct fwa_observe_message message;
	int sender = channel->ends[0];

	assert_int_equal(0, fwa_observe_send_found(sender, 3, &location));
	message = receive(channel);
	assert_int_equal(FWA_OBSERVE_FOUND, message.type);
	assert_int_equal(3, message.id);
	assert_true(message.found.simulated);
	assert_int_equal(7, message.found.file_device);
	assert_int_equal(9, message.found.file_inode);
	assert_int_equal(strlen(location.path), message.found.path.size);
	assert_int_equal(0, fwa_observe_send_refused(sender, 4, -ENODEV, "No."));
	message = receive(channel);
	assert_int_equal(-ENODEV, message.refused.code);
	assert_memory_equal("No.", message.refused.sentence.data, 3);
	assert_int_equal(0, fwa_observe_send_watched(sender, 5));
	assert_int_equal(FWA_OBSERVE_WATCHED, receive(channel).type);
	assert_int_equal(0, fwa_observe_send_completed(sender, 6));
	assert_int_equal(6, receive(channel).id);
	assert_int_equal(0, fwa_observe_send_scanned(sender, 8));
	assert_int_equal(8, receive(channel).count);
	assert_int_equal(0, fwa_observe_send_finish(sender));
	assert_int_equal(FWA_OBSERVE_FINISH, receive(channel).type);
	assert_int_equal(0, fwa_observe_send_finished(sender));
	assert_int_equal(FWA_OBSERVE_FINISHED, receive(channel).type);
	assert_int_equal(0, fwa_observe_send_ready(sender, 9));
	assert_int_equal(FWA_OBSERVE_READY, receive(channel).type);
}

static void records_arrive(void **state)
{
	const struct fwa_record record = {
		.kind = FWA_RECORD_KERNEL_EVENT,
		.time = 1,
		.boot_time = 2,
		.kernel_event = {.type = FWA_KERNEL_EVENT_DEVICE_RESET,
				 .has_device = true,
				 .has_reset_type = true,
				 .reset_type = FWA_RESET_CXL,
				 .not_before = 3,
				 .not_after = 4},
	};
	struct channel *channel = *state;
	struct fwa_observe_message message;

	assert_int_equal(0, fwa_observe_send_record(channel->ends[0], 2, &record));
	message = receive(channel);
	assert_int_equal(2, message.id);
	assert_int_equal(FWA_RECORD_KERNEL_EVENT, message.record.kind);
	assert_int_equal(FWA_RESET_CXL, message.record.kernel_event.reset_type);
}

static void other_records_are_refused(void **state)
{
	const struct fwa_record record = {
		.kind = FWA_RECORD_SHUTDOWN,
		.shutdown = {.reason = {(const uint8_t *)"Why not.", 8}},
	};
	struct channel *channel = *state;
	struct fwa_observe_message message;

	assert_int_equal(0, fwa_observe_send_record(channel->ends[0], 2, &record));
	assert_int_equal(0, fwa_frame_receive(channel->ends[1], FWA_OBSERVE_BODY_MAX,
					      &channel->frame));
	assert_int_equal(-EBADMSG, fwa_observe_decode(&channel->frame, &message));
}

/* Every message cut short or with a byte too many, and types that there are not. */
static void wrong_sizes_are_refused(void **unused)
{
	static const struct {
		uint16_t type;
		size_t size, least;
	} types[] = {
		{FWA_OBSERVE_WATCHED, 4, 4},       {FWA_OBSERVE_COMPLETED, 4, 4},
		{FWA_OBSERVE_FINISH, 0, 0},        {FWA_OBSERVE_READY, 4, 4},
		{FWA_OBSERVE_SCANNED, 4, 4},       {FWA_OBSERVE_FINISHED, 0, 0},
		{FWA_OBSERVE_FOUND, 64, 21},       {FWA_OBSERVE_REFUSED, 64, 8},
		{FWA_OBSERVE_RECORD, 64, 100},     {0, 64, 100},
		{FWA_OBSERVE_FINISH + 1, 64, 100}, {UINT16_MAX, 64, 100},
	};
	uint8_t body[65] = {0};

	(void)unused;
	body[7] = 1; /* an errno */
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		for (size_t size = 0; size <= types[i].size + 1; size++) {
			const struct fwa_frame frame = {
				.type = types[i].type, .body = body, .size = size};
			struct fwa_observe_message message;
			bool fits =
				size >= types[i].least &&
				(types[i].size == types[i].least ? size == types[i].size
								 : true);

			assert_int_equal(fits ? 0 : -EBADMSG,
					 fwa_observe_decode(&frame, &message));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(messages_arrive, open_channel,
						close_channel),
		cmocka_unit_test_setup_teardown(records_arrive, open_channel,
						close_channel),
		cmocka_unit_test_setup_teardown(other_records_are_refused, open_channel,
						close_channel),
		cmocka_unit_test(wrong_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
