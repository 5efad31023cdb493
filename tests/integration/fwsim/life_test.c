/* SPDX-License-Identifier: Apache-2.0 */
/* A server's life: resets, removal, signals, a dead mount, refusals to start; the
 * client's exit codes. */
#include "tests/integration/fwsim/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/fwctl.h"

#define IMMEDIATE "d4444444-0000-4000-8000-000000000001"
#define BUSY      "d4444444-0000-4000-8000-000000000007"

static struct server server;

static int prepare(void **state)
{
	(void)state;
	server_directory(&server);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	server_remove(&server);
	return 0;
}

static void expect_resets(const char *expected)
{
	char text[64] = "";
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/fwctl0.reset", server.directory);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_string_equal(text, expected);
}

#define RUN(...) server_run((const char *const[]){__VA_ARGS__, NULL})

static void resets_are_counted(void **state)
{
	char device[96], other[96];

	(void)state;
	server_start(&server, "honest.json");
	snprintf(device, sizeof(device), "%s/fwctl0", server.directory);
	snprintf(other, sizeof(other), "%s/fwctl1", server.directory);
	expect_resets("0 none\n");
	assert_int_equal(RUN("reset", device, "conventional"), 0);
	expect_resets("1 conventional\n");
	assert_int_equal(RUN("reset", device, "cxl"), 0);
	assert_int_equal(RUN("reset", device, "cold"), 0);
	expect_resets("3 cold\n");
	assert_int_equal(RUN("reset", device, "warm"), 3);
	assert_int_equal(RUN("reset", other, "cold"), 1);
	expect_resets("3 cold\n");
	assert_int_equal(server_stop(&server, SIGTERM), 0);
}

static void a_removed_device_is_gone(void **state)
{
	uint8_t structure[FWA_FWCTL_INFO_SIZE] = {FWA_FWCTL_INFO_SIZE};
	char device[96];
	int fd;

	(void)state;
	server_start(&server, "honest.json");
	snprintf(device, sizeof(device), "%s/fwctl0", server.directory);
	fd = server_open(&server, "fwctl0");
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, FWA_FWCTL_INFO, structure), 0);
	assert_int_equal(RUN("remove", device), 0);
	assert_int_equal(ioctl(fd, FWA_FWCTL_INFO, structure), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(server_open(&server, "fwctl0"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(RUN("remove", device), 1);
	close(fd);
	assert_int_equal(server_stop(&server, SIGINT), 0);
}

static void the_client_says_how_it_went(void **state)
{
	char device[96], memory[96];

	(void)state;
	server_start(&server, "refusals.json");
	snprintf(device, sizeof(device), "%s/fwctl0", server.directory);
	snprintf(memory, sizeof(memory), "%s/mem0", server.directory);
	assert_int_equal(RUN("send", device, "info"), 0);
	assert_int_equal(RUN("send", device, "get-supported-features"), 0);
	assert_int_equal(RUN("send", device, "get-feature", IMMEDIATE), 0);
	assert_int_equal(
		RUN("send", device, "set-feature", IMMEDIATE, "--data", "01020304"), 0);
	assert_int_equal(RUN("send", device, "set-feature", IMMEDIATE, "--data",
			     "01020304", "--scope", "2"),
			 1);
	assert_int_equal(RUN("send", device, "set-feature", BUSY, "--data", "01020304"),
			 1);
	assert_int_equal(RUN("send", device, "set-feature", IMMEDIATE), 3);
	assert_int_equal(RUN("send", device, "get-feature", "nonsense"), 3);
	assert_int_equal(RUN("send", device, "get-feature", IMMEDIATE, "--length", "4",
			     "--count", "100"),
			 0);
	assert_int_equal(RUN("send", memory, "identify"), 0);
	assert_int_equal(RUN("send", memory, "cel"), 0);
	assert_int_equal(RUN("send", memory, "lsa"), 0);
	assert_int_equal(RUN("send", memory, "info"), 1);
	assert_int_equal(RUN("send", "/nonexistent", "info"), 3);
	assert_int_equal(server_stop(&server, SIGTERM), 0);
}

static bool is_mounted(void)
{
	struct stat here, parent;

	return stat(server.directory, &here) < 0 || stat("/tmp", &parent) < 0 ||
	       here.st_dev != parent.st_dev;
}

static void signals_unmount(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		server_start(&server, "honest.json");
		assert_true(is_mounted());
		assert_int_equal(server_stop(&server, signals[i]), 0);
		assert_false(is_mounted());
	}
}

static void a_dead_mount_is_taken_over(void **state)
{
	int status;

	(void)state;
	server_start(&server, "honest.json");
	status = server_stop(&server, SIGKILL);
	assert_true(WIFSIGNALED(status));
	server_start(&server, "honest.json");
	expect_resets("0 none\n");
	assert_int_equal(server_stop(&server, SIGTERM), 0);
	assert_false(is_mounted());
}

static void what_cannot_be_served_is_refused(void **state)
{
	struct server second = server;

	(void)state;
	assert_int_equal(RUN("serve", FWSIM_SCENARIOS "/honest.json", "/nonexistent"), 1);
	assert_int_equal(RUN("serve", FWSIM_SCENARIOS "/honest.json", "/etc"), 1);
	assert_int_equal(RUN("serve", FWSIM_SCENARIOS "/honest.json", "/etc/passwd"), 1);
	assert_int_equal(RUN("serve", "/etc/passwd", server.directory), 1);
	assert_int_equal(RUN("serve", server.directory, server.directory), 1);
	assert_int_equal(RUN("serve"), 3);
	assert_int_equal(RUN("dance"), 3);
	server_start(&server, "honest.json");
	assert_int_equal(RUN("serve", FWSIM_SCENARIOS "/honest.json", second.directory),
			 1);
	expect_resets("0 none\n"); /* the first goes on */
	assert_int_equal(server_stop(&server, SIGTERM), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(resets_are_counted, prepare, clean),
		cmocka_unit_test_setup_teardown(a_removed_device_is_gone, prepare, clean),
		cmocka_unit_test_setup_teardown(the_client_says_how_it_went, prepare,
						clean),
		cmocka_unit_test_setup_teardown(signals_unmount, prepare, clean),
		cmocka_unit_test_setup_teardown(a_dead_mount_is_taken_over, prepare,
						clean),
		cmocka_unit_test_setup_teardown(what_cannot_be_served_is_refused, prepare,
						clean),
	};

	server_need_machine();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
