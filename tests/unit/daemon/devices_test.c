/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder's map of devices, and when the observer is asked to look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "collector/daemon/devices.h"
#include "schema/cxl_mailbox.h"
#include "schema/cxl_rpc.h"
#include "schema/fwctl.h"

static void devices_are_found_by_id_and_by_file(void **unused)
{
	const struct fwa_watch file = fwa_watch_of_key(true, UINT64_C(8) << 32 | 1, 77);
	const struct fwa_watch node = fwa_watch_of_key(false, UINT64_C(240) << 32 | 3, 0);
	struct fwa_devices devices = {0};

	(void)unused;
	assert_null(fwa_devices_by_watch(&devices, &file));
	assert_non_null(fwa_devices_add(&devices, 1, &file, 10));
	assert_non_null(fwa_devices_add(&devices, 2, &node, 10));
	assert_int_equal(1, fwa_devices_by_watch(&devices, &file)->id);
	assert_int_equal(2, fwa_devices_by_watch(&devices, &node)->id);
	assert_int_equal(FWA_WATCH_CHARACTER, fwa_devices_by_id(&devices, 2)->watch.kind);
	assert_int_equal(FWA_KNOWN_PENDING, fwa_devices_by_id(&devices, 2)->stage);
	assert_null(fwa_devices_by_id(&devices, 3));
	fwa_devices_clear(&devices);
}

static void gone_devices_stay_until_their_calls_are_in(void **unused)
{
	const struct fwa_watch watch = fwa_watch_of_key(false, UINT64_C(240) << 32, 0);
	struct fwa_devices devices = {0};

	(void)unused;
	assert_non_null(fwa_devices_add(&devices, 1, &watch, 10));
	fwa_devices_by_id(&devices, 1)->stage = FWA_KNOWN_GONE;
	fwa_devices_by_id(&devices, 1)->since = 100;
	/* The same number, another device: the younger one is meant. */
	assert_non_null(fwa_devices_add(&devices, 2, &watch, 110));
	assert_int_equal(2, fwa_devices_by_watch(&devices, &watch)->id);
	fwa_devices_forget(&devices, 100);
	assert_non_null(fwa_devices_by_id(&devices, 1));
	fwa_devices_forget(&devices, 101);
	assert_null(fwa_devices_by_id(&devices, 1));
	assert_non_null(fwa_devices_by_id(&devices, 2));
	fwa_devices_clear(&devices);
}

static void looks_are_asked_for_once(void **unused)
{
	struct fwa_known_device device = {0};

	(void)unused;
	assert_false(fwa_device_called(&device, 5)); /* its first look is still to come */
	device.ready = true;
	assert_false(fwa_device_looked(&device, 10));
	assert_false(fwa_device_called(&device, 9)); /* that look has seen it */
	assert_true(fwa_device_called(&device, 11));
	assert_false(fwa_device_called(&device, 12)); /* asked already */
	/* The look began before the second call was over: once more. */
	assert_true(fwa_device_looked(&device, 12));
	assert_false(fwa_device_looked(&device, 13));
	assert_false(fwa_device_called(&device, 12));
	assert_true(fwa_device_called(&device, 14));
}

static bool may_write(uint32_t command, uint16_t opcode, uint32_t device_type)
{
	uint8_t request[FWA_CXL_REQUEST_HEADER_SIZE];
	struct fwa_call call = {
		.command = command,
		.request.captured = {request, sizeof(request)},
	};

	fwa_cxl_request_header_encode(opcode, 0, request);
	return fwa_call_may_write(&call, device_type);
}

static void only_known_reads_are_reads(void **unused)
{
	const struct fwa_call unread = {.command = FWA_FWCTL_RPC};

	(void)unused;
	assert_false(may_write(FWA_FWCTL_INFO, 0, 0));
	assert_false(may_write(FWA_FWCTL_RPC, FWA_CXL_GET_SUPPORTED_FEATURES,
			       FWA_FWCTL_DEVICE_CXL));
	assert_false(may_write(FWA_FWCTL_RPC, FWA_CXL_GET_FEATURE, FWA_FWCTL_DEVICE_CXL));
	assert_true(may_write(FWA_FWCTL_RPC, FWA_CXL_SET_FEATURE, FWA_FWCTL_DEVICE_CXL));
	assert_true(may_write(FWA_FWCTL_RPC, 0xc000, FWA_FWCTL_DEVICE_CXL));
	assert_true(may_write(FWA_FWCTL_RPC, FWA_CXL_GET_FEATURE, FWA_FWCTL_DEVICE_MLX5));
	assert_true(may_write(0x1234, FWA_CXL_GET_FEATURE, FWA_FWCTL_DEVICE_CXL));
	assert_true(fwa_call_may_write(&unread, FWA_FWCTL_DEVICE_CXL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_are_found_by_id_and_by_file),
		cmocka_unit_test(gone_devices_stay_until_their_calls_are_in),
		cmocka_unit_test(looks_are_asked_for_once),
		cmocka_unit_test(only_known_reads_are_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
