/* SPDX-License-Identifier: Apache-2.0 */
/* Where devices are, in a sysfs made for the purpose; what sysfs and a reset file say. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/device/access.h"
#include "collector/device/identity.h"
#include "collector/device/location.h"
#include "schema/fwctl.h"
#include "schema/record.h"
#include "tests/lib/temporary.h"

static char root[128];

static const char *under(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

/* The file `name` and the directories above it. */
static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s", under(name));
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(0, fclose(file));
}

static void put_link(const char *target, const char *name)
{
	char resolved[512];

	snprintf(resolved, sizeof(resolved), "%s/%s", root, target);
	assert_int_equal(0, symlink(resolved, under(name)));
}

static int make_root(void **unused)
{
	(void)unused;
	return fwa_temporary_make(root, sizeof(root));
}

static int remove_root(void **unused)
{
	(void)unused;
	fwa_temporary_remove(root);
	return 0;
}

static void class_devices_are_found(void **unused)
{
	char sysfs[160], dev[160];
	struct fwa_location *locations;
	size_t count;

	(void)unused;
	snprintf(sysfs, sizeof(sysfs), "%s/sys", root);
	snprintf(dev, sizeof(dev), "%s/dev", root);
	assert_int_equal(0, fwa_locations_of_class(sysfs, dev, &locations, &count));
	assert_int_equal(0, count); /* no class */
	put("sys/devices/pci0/0000:0d:00.0/mem3/serial", "0x1f\n");
	put("sys/devices/pci0/0000:0e:00.0/vendor", "0x15b3\n");
	put("dev/cxl/mem3", "");
	put("sys/class/fwctl/fwctl10/dev", "240:10\n");
	put("sys/class/fwctl/fwctl2/dev", "240:2\n");
	put("sys/class/fwctl/fwctl3/dev", "nonsense\n");
	put("sys/class/fwctl/other/dev", "1:1\n");
	put_link("sys/devices/pci0/0000:0d:00.0/mem3", "sys/class/fwctl/fwctl2/device");
	put_link("sys/devices/pci0/0000:0e:00.0", "sys/class/fwctl/fwctl10/device");
	assert_int_equal(0, fwa_locations_of_class(sysfs, dev, &locations, &count));
	assert_int_equal(2, count);
	assert_string_equal("fwctl2", locations[0].name);
	assert_int_equal(UINT64_C(240) << 32 | 2, locations[0].file_device);
	assert_false(locations[0].simulated);
	assert_string_equal(under("dev/fwctl/fwctl2"), locations[0].path);
	assert_string_equal(under("dev/cxl/mem3"), locations[0].mailbox_path);
	assert_string_equal("fwctl10", locations[1].name);
	assert_string_equal("", locations[1].mailbox_path);
	assert_string_equal(under("sys/devices/pci0/0000:0e:00.0"),
			    locations[1].sysfs_path);
	assert_false(fwa_location_same(&locations[0], &locations[1]));
	assert_true(fwa_location_same(&locations[0], &locations[0]));
	free(locations);
}

static void simulated_devices_have_siblings(void **unused)
{
	struct fwa_location location = {.name = "untouched"};
	struct fwa_error error;
	struct stat status;

	(void)unused;
	assert_int_equal(-ENOENT,
			 fwa_location_of_path(under("fwctl7"), &location, &error));
	assert_non_null(strstr(error.sentence, "no such file"));
	assert_int_equal(-ENODEV, fwa_location_of_path(root, &location, &error));
	assert_non_null(strstr(error.sentence, "not a fwctl device"));
	assert_string_equal("untouched", location.name);
	put("fwctl7", "");
	assert_int_equal(0, fwa_location_of_path(under("fwctl7"), &location, &error));
	assert_true(location.simulated);
	assert_string_equal("", location.mailbox_path);
	assert_string_equal("", location.reset_path);
	put("mem7", "");
	put("mem17", "");
	put("fwctl7.reset", "0 none\n");
	assert_int_equal(0, fwa_location_of_path(under("fwctl7"), &location, &error));
	assert_string_equal("fwctl7", location.name);
	assert_string_equal(under("mem7"), location.mailbox_path);
	assert_string_equal(under("fwctl7.reset"), location.reset_path);
	assert_int_equal(0, stat(under("fwctl7"), &status));
	assert_int_equal(status.st_ino, location.file_inode);
}

static int answer_info(void *context, uint32_t *ret_type, uint8_t *data, size_t capacity,
		       size_t *ret_size)
{
	const int *error = context;

	if (*error)
		return *error;
	assert_true(capacity >= 3);
	*ret_type = FWA_FWCTL_DEVICE_MLX5;
	memcpy(data, "abc", 3);
	*ret_size = 3;
	return 0;
}

static void identity_comes_from_the_bus_device(void **unused)
{
	static const struct fwa_device_operations operations = {.info = answer_info};
	int failure = 0;
	const struct fwa_device_access access = {&operations, &failure};
	struct fwa_location location = {.name = "fwctl0", .path = "/dev/fwctl/fwctl0"};
	struct fwa_identity identity;
	struct fwa_device device;
	struct fwa_error error;

	(void)unused;
	put("sys/devices/pci0/0000:0d:00.0/vendor", "0x8086\n");
	put("sys/devices/pci0/0000:0d:00.0/device", "0x0d93\n");
	put("sys/devices/pci0/0000:0d:00.0/mem0/serial", "0x1f\n");
	put("sys/devices/pci0/0000:0d:00.0/mem0/firmware_version", "BWFW 00\n");
	put("sys/bus/pci/drivers/cxl_pci/bind", "");
	put_link("sys/bus/pci/drivers/cxl_pci", "sys/devices/pci0/0000:0d:00.0/driver");
	snprintf(location.sysfs_path, sizeof(location.sysfs_path), "%s",
		 under("sys/devices/pci0/0000:0d:00.0/mem0"));
	assert_int_equal(0, fwa_identity_read(&location, &access, &identity, &error));
	device = fwa_identity_device(&location, &identity, FWA_DEVICE_PRESENT);
	assert_int_equal(0x8086, device.vendor_id);
	assert_int_equal(0x0d93, device.device_id);
	assert_memory_equal("cxl_pci", device.driver.data, device.driver.size);
	assert_memory_equal("0000:0d:00.0", device.bus_address.data,
			    device.bus_address.size);
	assert_memory_equal("0x1f", device.serial.data, device.serial.size);
	assert_memory_equal("BWFW 00", device.firmware_version.data,
			    device.firmware_version.size);
	assert_int_equal(3, device.info.size);
	assert_null(device.mailbox_path.data);
	/* Without sysfs: absent, not empty. */
	location.sysfs_path[0] = '\0';
	assert_int_equal(0, fwa_identity_read(&location, &access, &identity, &error));
	device = fwa_identity_device(&location, &identity, FWA_DEVICE_PRESENT);
	assert_false(device.has_vendor_id);
	assert_null(device.driver.data);
	assert_null(device.serial.data);
	failure = -ENOTTY;
	assert_int_equal(-ENODEV,
			 fwa_identity_read(&location, &access, &identity, &error));
	assert_non_null(strstr(error.sentence, "not a fwctl device"));
}

static void class_major_is_read_from_proc(void **unused)
{
	uint32_t number = 0;

	(void)unused;
	assert_int_equal(0, fwa_class_major("Character devices:\n  1 mem\n236 fwctl\n\n"
					    "Block devices:\n  8 sd\n",
					    &number));
	assert_int_equal(236, number);
	assert_int_equal(-ENOENT,
			 fwa_class_major("Character devices:\n  1 mem\n237 fwctlx\n\n"
					 "Block devices:\n  8 fwctl\n",
					 &number));
	assert_int_equal(-ENOENT, fwa_class_major("", &number));
	assert_int_equal(236, number);
}

static void reset_files_are_read_strictly(void **unused)
{
	static const char *const wrong[] = {
		"",           "\n",        "0",
		"0\n",        "0 none",    " 0 none\n",
		"0 none\n\n", "-1 none\n", "1  cold\n",
		"1 warm\n",   "1 coldx\n", "1 col\n",
		"cold\n",     "1\tcold\n", "99999999999999999999 cold\n",
	};
	struct fwa_reset_state state;

	(void)unused;
	assert_int_equal(0, fwa_reset_parse("0 none\n", 7, &state));
	assert_int_equal(0, state.count);
	assert_false(state.has_type);
	assert_int_equal(0, fwa_reset_parse("12 conventional\n", 16, &state));
	assert_int_equal(12, state.count);
	assert_true(state.has_type);
	assert_int_equal(FWA_RESET_CONVENTIONAL, state.type);
	assert_int_equal(0, fwa_reset_parse("3 cxl\n", 6, &state));
	assert_int_equal(FWA_RESET_CXL, state.type);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(-EBADMSG,
				 fwa_reset_parse(wrong[i], strlen(wrong[i]), &state));
	assert_int_equal(3, state.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(class_devices_are_found, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(simulated_devices_have_siblings,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(identity_comes_from_the_bus_device,
						make_root, remove_root),
		cmocka_unit_test(class_major_is_read_from_proc),
		cmocka_unit_test(reset_files_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
