/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in observers against an honest device and against hostile ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/observe/table.h"
#include "schema/bytes.h"
#include "schema/cxl_mailbox.h"
#include "schema/effects.h"
#include "schema/fwctl.h"
#include "schema/record.h"
#include "schema/text.h"
#include "tests/unit/observe/fake.h"

#define FIRST  "cxl.feature.00000001-0000-0000-0000-000000000000"
#define SECOND "cxl.feature.00000002-0000-0000-0000-000000000000"

struct look {
	struct fwa_device_access access;
	struct fwa_observation observation;
};

static void look(struct look *look, struct fake *fake, const struct fwa_state *previous)
{
	look->access = fake_access(fake);
	look->observation =
		(struct fwa_observation){.access = &look->access, .previous = previous};
	assert_int_equal(0, fwa_observe(&look->observation, FWA_FWCTL_DEVICE_CXL));
	assert_non_null(look->observation.state);
}

static void clear(struct look *look)
{
	fwa_declared_clear(look->observation.declared);
	fwa_state_free(look->observation.state);
}

static const struct fwa_snapshot_item *item(const struct look *look, const char *key)
{
	const struct fwa_snapshot_item *found =
		fwa_state_find(look->observation.state, key);

	if (!found)
		fail_msg("no key %s", key);
	return found;
}

static void assert_value(const struct look *look, const char *key, uint32_t effects)
{
	assert_int_equal(FWA_ITEM_VALUE, item(look, key)->status);
	assert_int_equal(effects, item(look, key)->effects);
}

static void assert_unreadable(const struct look *look, const char *key, int error)
{
	assert_int_equal(FWA_ITEM_UNREADABLE, item(look, key)->status);
	assert_int_equal(error, item(look, key)->error);
}

/* Whatever a device said, the state has to make a record. */
static void assert_recordable(const struct look *look)
{
	struct fwa_snapshot_item *items;
	uint8_t digest[FWA_DIGEST_SIZE];
	size_t count, size;
	int r;

	assert_int_equal(0, fwa_state_diff(look->observation.previous,
					   look->observation.state, &items, &count));
	r = fwa_snapshot_items_encode(items, count, NULL, 0, &size);
	assert_true(r == 0 || r == -ENOSPC);
	assert_true(size < FWA_RECORD_SIZE_MAX - 1024);
	free(items);
	items = NULL;
	assert_int_equal(0, fwa_snapshot_state_digest(
				    fwa_state_items(look->observation.state, &count),
				    count, digest));
}

static void an_honest_device_is_read_whole(void **unused)
{
	const uint32_t now = FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE;
	struct fake *fake = fake_new();
	const struct fwa_declared *declared;
	struct look seen;

	(void)unused;
	look(&seen, fake, NULL);
	assert_value(&seen, FIRST ".current", now);
	assert_value(&seen, FIRST ".default", now);
	assert_value(&seen, FIRST ".saved", FWA_EFFECTS_DEFERRED | now); /* as current */
	assert_value(&seen, FIRST ".entry", FWA_EFFECT_CAPABILITY);
	assert_value(&seen, SECOND ".current", now);
	assert_null(fwa_state_find(seen.observation.state, SECOND ".default"));
	assert_null(fwa_state_find(seen.observation.state, SECOND ".saved"));
	assert_value(&seen, "cxl.features", FWA_EFFECT_CAPABILITY);
	assert_value(&seen, "cxl.identify", FWA_EFFECT_CONFIG_IMMEDIATE);
	assert_value(&seen, "cxl.firmware_info", FWA_EFFECT_FIRMWARE);
	assert_value(&seen, "cxl.partition_info", FWA_EFFECT_CONFIG_IMMEDIATE);
	assert_value(&seen, "cxl.alert_config", FWA_EFFECT_POLICY_IMMEDIATE);
	assert_value(&seen, "cxl.shutdown_state", FWA_EFFECT_POLICY_IMMEDIATE);
	assert_value(&seen, "cxl.supported_logs", FWA_EFFECT_LOG_IMMEDIATE);
	assert_value(&seen, "cxl.cel", FWA_EFFECT_LOG_IMMEDIATE);
	assert_value(&seen, "cxl.lsa", FWA_EFFECT_DATA_IMMEDIATE);
	assert_int_equal(5000, item(&seen, "cxl.lsa")->length);
	assert_int_equal(0, fwa_state_unreadable(seen.observation.state));
	declared = &seen.observation.declared[FWA_DECLARATION_CXL_CEL];
	assert_true(declared->present);
	assert_int_equal(8, declared->size);
	assert_memory_equal(fake->cel, declared->content, 8);
	declared = &seen.observation.declared[FWA_DECLARATION_CXL_FEATURES];
	assert_int_equal(2 * FWA_CXL_FEATURE_ENTRY_SIZE, declared->size);
	assert_recordable(&seen);
	clear(&seen);
	fake_free(fake);
}

static void other_devices_are_left_alone(void **unused)
{
	struct fake *fake = fake_new();
	struct fwa_device_access access = fake_access(fake);
	struct fwa_observation observation = {.access = &access};
	size_t count;

	(void)unused;
	assert_int_equal(0, fwa_observe(&observation, FWA_FWCTL_DEVICE_MLX5));
	fwa_state_items(observation.state, &count);
	assert_int_equal(0, count);
	assert_int_equal(0, fake->rpcs + fake->mailbox_calls);
	assert_false(observation.declared[FWA_DECLARATION_CXL_CEL].present);
	fwa_state_free(observation.state);
	fake_free(fake);
}

static void a_saved_value_is_deferred_until_it_is_current(void **unused)
{
	struct fake *fake = fake_new();
	struct look seen;

	(void)unused;
	fake->features[0].saved[0] ^= 1;
	look(&seen, fake, NULL);
	assert_value(&seen, FIRST ".saved", FWA_EFFECTS_DEFERRED);
	clear(&seen);
	fake_free(fake);
}

static void next_capacities_are_deferred(void **unused)
{
	struct fake *fake = fake_new();
	struct look before, after;
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	look(&before, fake, NULL);
	fake->partition[20] = 7;
	look(&after, fake, before.observation.state);
	assert_int_equal(0, fwa_state_diff(before.observation.state,
					   after.observation.state, &items, &count));
	assert_int_equal(1, count);
	assert_int_equal(FWA_EFFECTS_DEFERRED, items[0].effects);
	assert_memory_equal("cxl.partition_info.next", items[0].key.data,
			    items[0].key.size);
	assert_int_equal(7, items[0].value.data[20]);
	free(items);
	clear(&after);
	clear(&before);
	fake_free(fake);
}

static void health_is_split(void **unused)
{
	struct fake *fake = fake_new();
	struct look before, warmer, broken;
	struct fwa_snapshot_item *items;
	size_t count;

	(void)unused;
	look(&before, fake, NULL);
	assert_false(item(&before, "cxl.health")->is_volatile);
	assert_true(item(&before, "cxl.health.volatile")->is_volatile);
	fake->health[4] = 50;
	look(&warmer, fake, before.observation.state);
	assert_int_equal(0, fwa_state_diff(before.observation.state,
					   warmer.observation.state, &items, &count));
	assert_int_equal(1, count);
	assert_true(items[0].is_volatile);
	free(items);
	fake->health[1] = 3;
	look(&broken, fake, warmer.observation.state);
	assert_int_equal(0, fwa_state_diff(warmer.observation.state,
					   broken.observation.state, &items, &count));
	assert_int_equal(2, count);
	assert_false(items[0].is_volatile);
	free(items);
	clear(&broken);
	clear(&warmer);
	clear(&before);
	fake_free(fake);
}

static void every_volatile_key_has_a_reason(void **unused)
{
	const struct fwa_observer *observer;
	size_t reasons = 0;

	(void)unused;
	for (size_t i = 0; (observer = fwa_observer_at(i)); i++)
		for (size_t j = 0;
		     observer->volatile_keys && observer->volatile_keys[j].key; j++) {
			assert_true(strlen(observer->volatile_keys[j].reason) > 20);
			reasons++;
		}
	assert_true(reasons > 0);
}

static void many_features_come_in_pages(void **unused)
{
	struct fake *fake = fake_new();
	struct look seen;

	(void)unused;
	fake_features(fake, FWA_CXL_FEATURES_MAX, 2);
	look(&seen, fake, NULL);
	assert_value(&seen, "cxl.features", FWA_EFFECT_CAPABILITY);
	assert_int_equal(FWA_CXL_FEATURES_MAX * FWA_CXL_FEATURE_ENTRY_SIZE,
			 seen.observation.declared[FWA_DECLARATION_CXL_FEATURES].size);
	assert_true(fake->rpcs >= 2 + FWA_CXL_FEATURES_MAX);
	clear(&seen);
	fake->page_entries = 1;
	look(&seen, fake, NULL);
	assert_value(&seen, "cxl.features", FWA_EFFECT_CAPABILITY);
	clear(&seen);
	fake_free(fake);
}

/* The largest state that is believed, all of it changing, still makes one record. */
static void the_largest_state_fits_a_record(void **unused)
{
	struct fake *fake = fake_new();
	struct look before, after;

	(void)unused;
	fake_features(fake, FWA_CXL_FEATURES_MAX, FWA_SNAPSHOT_VALUE_MAX);
	for (size_t i = 0; i < fake->feature_count; i++)
		fake->features[i].entry.flags =
			FWA_CXL_FEATURE_DEFAULT_READABLE | FWA_CXL_FEATURE_SAVED_READABLE;
	look(&before, fake, NULL);
	assert_recordable(&before);
	for (size_t i = 0; i < fake->feature_count; i++) {
		fake->features[i].current[9] = fake->features[i].standard[9] =
			fake->features[i].saved[9] = 9;
		fake->features[i].entry.id = 9;
	}
	look(&after, fake, before.observation.state);
	assert_recordable(&after);
	clear(&after);
	clear(&before);
	fake_free(fake);
}

static void assert_list_error(struct fake *fake, int error)
{
	struct look seen;

	look(&seen, fake, NULL);
	assert_unreadable(&seen, "cxl.features", error);
	assert_int_equal(error,
			 seen.observation.declared[FWA_DECLARATION_CXL_FEATURES].error);
	assert_null(seen.observation.declared[FWA_DECLARATION_CXL_FEATURES].content);
	assert_recordable(&seen);
	clear(&seen);
}

static void lying_lists_are_refused(void **unused)
{
	struct fake *fake = fake_new();

	(void)unused;
	fake->claimed = 3; /* one that never comes */
	assert_list_error(fake, -EBADMSG);
	fake->claimed = 1; /* more than claimed */
	assert_list_error(fake, -EBADMSG);
	fake->claimed = 0;
	fake->empty_pages = true;
	assert_list_error(fake, -EBADMSG);
	fake->empty_pages = false;
	fake->wrong_page_count = true;
	assert_list_error(fake, -EBADMSG);
	fake->wrong_page_count = false;
	fake->claimed = UINT16_MAX;
	assert_list_error(fake, -E2BIG);
	fake->claimed = 0;
	fake->list_error = -ETIMEDOUT;
	assert_list_error(fake, -ETIMEDOUT);
	fake->list_error = 0;
	memcpy(fake->features[1].entry.uuid, fake->features[0].entry.uuid, 16);
	assert_list_error(fake, -EBADMSG);
	fake_free(fake);
}

static void features_of_a_lost_list_do_not_vanish(void **unused)
{
	struct fake *fake = fake_new();
	struct look before, after;

	(void)unused;
	fake_features(fake, 200, 4);
	look(&before, fake, NULL);
	fake->list_error = -EIO;
	fake->list_error_from = 64; /* the first page still comes */
	look(&after, fake, before.observation.state);
	assert_unreadable(&after, "cxl.features", -EIO);
	assert_value(&after, FIRST ".current",
		     FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE);
	assert_unreadable(
		&after, "cxl.feature.000000c8-0000-0000-0000-000000000000.current", -EIO);
	clear(&after);
	clear(&before);
	fake_free(fake);
}

static void assert_feature_error(struct fake *fake, int error)
{
	struct look seen;

	look(&seen, fake, NULL);
	assert_unreadable(&seen, FIRST ".current", error);
	assert_unreadable(&seen, FIRST ".saved", error);
	assert_value(&seen, FIRST ".entry", FWA_EFFECT_CAPABILITY);
	assert_recordable(&seen);
	clear(&seen);
}

static void lying_values_are_refused(void **unused)
{
	struct fake *fake = fake_new();

	(void)unused;
	fake->features[0].get_error = -EPERM;
	assert_feature_error(fake, -EPERM);
	fake->features[0].get_error = 0;
	fake->retval = FWA_CXL_RETURN_INVALID_INPUT;
	assert_feature_error(fake, -EREMOTEIO);
	fake->retval = 0;
	fake->size_error = 1; /* claims more than was asked for */
	assert_feature_error(fake, -EBADMSG);
	fake->size_error = INT32_MAX - 16;
	assert_feature_error(fake, -EBADMSG);
	fake->size_error = -4; /* nothing, and no error: the transport failed */
	fake->features[1].entry.get_size = 4;
	assert_feature_error(fake, -EIO);
	fake->size_error = 0;
	fake->cut = 1; /* less than it claims */
	assert_feature_error(fake, -EBADMSG);
	fake->cut = 11; /* not even a header */
	assert_feature_error(fake, -EBADMSG);
	fake_free(fake);
}

static void sizes_of_the_mailbox_are_bounded(void **unused)
{
	struct fake *fake = fake_new();
	struct look seen;

	(void)unused;
	fake->lsa_size = UINT32_MAX;
	fake->cel_size = UINT32_MAX;
	look(&seen, fake, NULL);
	assert_unreadable(&seen, "cxl.lsa", -E2BIG);
	assert_unreadable(&seen, "cxl.cel", -E2BIG);
	assert_int_equal(-E2BIG,
			 seen.observation.declared[FWA_DECLARATION_CXL_CEL].error);
	assert_recordable(&seen);
	clear(&seen);
	fake->cel_size = 8;
	fake->no_cel = true;
	look(&seen, fake, NULL);
	assert_unreadable(&seen, "cxl.cel", -ENOENT);
	clear(&seen);
	fake_free(fake);
}

static void other_logs_are_read_too(void **unused)
{
	static const uint8_t uuid[16] = {1};
	const char *key = "cxl.log.01000000-0000-0000-0000-000000000000";
	const char *debug = "cxl.log.5e1819d9-11a9-400c-811f-d60719403d86";
	struct fake *fake = fake_new();
	struct look first, second;

	(void)unused;
	memcpy(fake->log_uuid, uuid, sizeof(uuid));
	fake->log_size = 64;
	look(&first, fake, NULL);
	assert_value(&first, key, FWA_EFFECT_LOG_IMMEDIATE);
	assert_false(item(&first, key)->is_volatile);
	fake->log[63] = 1;
	look(&second, fake, first.observation.state);
	assert_memory_not_equal(item(&first, key)->digest.data,
				item(&second, key)->digest.data, FWA_DIGEST_SIZE);
	clear(&second);
	/* A list that cannot be read does not make logs go away. */
	fake->failing_id = FWA_CXL_MEM_GET_SUPPORTED_LOGS;
	look(&second, fake, first.observation.state);
	assert_unreadable(&second, key, -EREMOTEIO);
	clear(&second);
	fake->failing_id = 0;
	fake->log_size = FWA_CXL_LOGS_MAX + 1;
	look(&second, fake, first.observation.state);
	assert_unreadable(&second, key, -E2BIG);
	assert_recordable(&second);
	clear(&second);
	/* This one tells what firmware does, all the time. */
	memcpy(fake->log_uuid, fwa_cxl_vendor_log_uuid, sizeof(uuid));
	fake->log_size = 64;
	look(&second, fake, NULL);
	assert_true(item(&second, debug)->is_volatile);
	clear(&second);
	/* The Command Effects Log twice: the first stands. */
	memcpy(fake->log_uuid, fwa_cxl_cel_uuid, sizeof(uuid));
	look(&second, fake, NULL);
	assert_value(&second, "cxl.cel", FWA_EFFECT_LOG_IMMEDIATE);
	clear(&second);
	clear(&first);
	fake_free(fake);
}

static void small_mailboxes_are_read_in_small_pieces(void **unused)
{
	struct fake *fake = fake_new();
	struct look whole, pieces;

	(void)unused;
	look(&whole, fake, NULL);
	fake->piece_max = 256;
	look(&pieces, fake, whole.observation.state);
	assert_memory_equal(item(&whole, "cxl.lsa")->digest.data,
			    item(&pieces, "cxl.lsa")->digest.data, FWA_DIGEST_SIZE);
	assert_int_equal(256, pieces.observation.piece);
	clear(&pieces);
	fake->piece_max = 255; /* less than any mailbox may */
	look(&pieces, fake, whole.observation.state);
	assert_unreadable(&pieces, "cxl.lsa", -EREMOTEIO);
	clear(&pieces);
	clear(&whole);
	fake_free(fake);
}

static void a_device_without_mailbox_says_so(void **unused)
{
	static const char *const keys[] = {
		"cxl.identify",
		"cxl.firmware_info",
		"cxl.partition_info",
		"cxl.partition_info.next",
		"cxl.health",
		"cxl.health.volatile",
		"cxl.alert_config",
		"cxl.shutdown_state",
		"cxl.lsa",
		"cxl.supported_logs",
		"cxl.cel",
	};
	struct fake *fake = fake_new();
	struct look seen;

	(void)unused;
	fake->mailbox_error = -EOPNOTSUPP;
	look(&seen, fake, NULL);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(FWA_ITEM_UNREADABLE, item(&seen, keys[i])->status);
	assert_int_equal(sizeof(keys) / sizeof(keys[0]),
			 fwa_state_unreadable(seen.observation.state));
	assert_int_equal(-EOPNOTSUPP,
			 seen.observation.declared[FWA_DECLARATION_CXL_CEL].error);
	clear(&seen);
	fake->mailbox_error = 0;
	fake->failing_id = FWA_CXL_MEM_GET_HEALTH_INFO;
	look(&seen, fake, NULL);
	assert_unreadable(&seen, "cxl.health", -EREMOTEIO);
	assert_int_equal(2, fwa_state_unreadable(seen.observation.state));
	clear(&seen);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_device_is_read_whole),
		cmocka_unit_test(other_devices_are_left_alone),
		cmocka_unit_test(a_saved_value_is_deferred_until_it_is_current),
		cmocka_unit_test(next_capacities_are_deferred),
		cmocka_unit_test(health_is_split),
		cmocka_unit_test(every_volatile_key_has_a_reason),
		cmocka_unit_test(many_features_come_in_pages),
		cmocka_unit_test(the_largest_state_fits_a_record),
		cmocka_unit_test(lying_lists_are_refused),
		cmocka_unit_test(features_of_a_lost_list_do_not_vanish),
		cmocka_unit_test(lying_values_are_refused),
		cmocka_unit_test(sizes_of_the_mailbox_are_bounded),
		cmocka_unit_test(other_logs_are_read_too),
		cmocka_unit_test(small_mailboxes_are_read_in_small_pieces),
		cmocka_unit_test(a_device_without_mailbox_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
