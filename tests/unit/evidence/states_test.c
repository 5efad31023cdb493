/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of snapshots: each belongs to the one before it, speaks truly of it, and has the digest
 * and the counts of the state that it leads to.
 */
#include "tests/unit/evidence/fixture.h"

#include <string.h>

#include "schema/hash.h"

#define ITEMS_MAX 8u

/* A device's whole state, and the snapshot that is about to be recorded. */
struct look {
	struct fwa_snapshot_item state[ITEMS_MAX];
	size_t state_count;
	struct fwa_snapshot_item items[ITEMS_MAX];
	size_t item_count;
	uint8_t digest[FWA_DIGEST_SIZE];
	uint8_t encoded[4096];
	struct fwa_record record;
};

static uint8_t digests[ITEMS_MAX * 4][FWA_DIGEST_SIZE];
static size_t digests_used;

static struct fwa_bytes text(const char *value)
{
	return (struct fwa_bytes){(const uint8_t *)value, strlen(value)};
}

static struct fwa_bytes digest_of(const char *value)
{
	struct fwa_bytes bytes = text(value);
	uint8_t *digest = digests[digests_used++ % (ITEMS_MAX * 4)];

	assert_int_equal(fwa_digest(&bytes, 1, digest), 0);
	return (struct fwa_bytes){digest, FWA_DIGEST_SIZE};
}

static struct fwa_snapshot_item value(const char *key, const char *value)
{
	return (struct fwa_snapshot_item){.key = text(key),
					  .effects = 2,
					  .status = FWA_ITEM_VALUE,
					  .length = strlen(value),
					  .digest = digest_of(value),
					  .value = text(value)};
}

static struct fwa_snapshot_item unreadable(const char *key)
{
	return (struct fwa_snapshot_item){
		.key = text(key), .status = FWA_ITEM_UNREADABLE, .error = -5};
}

static struct fwa_snapshot_item changed(struct fwa_snapshot_item item,
					struct fwa_snapshot_item before)
{
	item.has_previous = true;
	item.previous_status = before.status;
	item.previous_digest = before.digest;
	item.previous_value = before.value;
	return item;
}

/* The snapshot of `look->state` that lists `look->items`; `previous` 0: a baseline. */
static void make(struct look *look, uint64_t device, uint64_t previous)
{
	struct fwa_snapshot *snapshot = &look->record.snapshot;
	size_t size, i;

	look->record = (struct fwa_record){.kind = FWA_RECORD_SNAPSHOT};
	assert_int_equal(
		fwa_snapshot_state_digest(look->state, look->state_count, look->digest),
		0);
	assert_int_equal(fwa_snapshot_items_encode(look->items, look->item_count,
						   look->encoded, sizeof(look->encoded),
						   &size),
			 0);
	*snapshot = (struct fwa_snapshot){
		.device = device,
		.number = 1,
		.has_previous = previous != 0,
		.previous = previous,
		.reason = previous ? FWA_SNAPSHOT_RPC : FWA_SNAPSHOT_BASELINE,
		.item_count = (uint32_t)look->state_count,
		.state_digest = {look->digest, sizeof(look->digest)},
		.items = {look->encoded, size},
	};
	for (i = 0; i < look->state_count; i++)
		snapshot->unreadable_count +=
			look->state[i].status == FWA_ITEM_UNREADABLE;
}

static uint64_t record(struct ledger_builder *builder, struct look *look, uint64_t device,
		       uint64_t previous)
{
	make(look, device, previous);
	return ledger_builder_append(builder, &look->record, NULL, NULL);
}

/* Genesis, boot, devices in records 2 and 3, and in record 4 a baseline {a, b, c}. */
static struct ledger_builder *begin(struct fixture *fixture, struct look *look)
{
	struct ledger_builder *builder = fixture_build(fixture);

	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	ledger_builder_device(builder, "fwctl0");
	ledger_builder_device(builder, "fwctl1");
	memset(look, 0, sizeof(*look));
	look->state[0] = look->items[0] = value("a", "1");
	look->state[1] = look->items[1] = value("b", "2");
	look->state[2] = look->items[2] = unreadable("c");
	look->state_count = look->item_count = 3;
	assert_int_equal(record(builder, look, 2, 0), 4);
	return builder;
}

static void end(struct ledger_builder *builder)
{
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
	ledger_builder_close(builder, true);
}

/* b changes from 2 to 3: true of the baseline. */
static void change_b(struct look *look)
{
	look->state[1] = value("b", "3");
	look->items[0] = changed(look->state[1], value("b", "2"));
	look->item_count = 1;
}

static void states_that_hold(void **state)
{
	struct fixture *fixture = *state;
	struct look look;
	struct ledger_builder *builder = begin(fixture, &look);
	struct fwa_snapshot_item gone = {.key = text("a"), .status = FWA_ITEM_GONE};
	uint64_t last;

	look.item_count = 0;
	last = record(builder, &look, 2, 4); /* nothing changed */
	change_b(&look);
	/* The same device, known better since. */
	last = record(builder, &look, ledger_builder_device(builder, "fwctl0"), last);
	/* a goes, c can be read, d comes. */
	look.items[0] = changed(gone, look.state[0]);
	look.items[1] = changed(value("c", "7"), look.state[2]);
	look.items[2] = value("d", "8");
	look.item_count = 3;
	look.state[0] = look.state[1];
	look.state[1] = value("c", "7");
	look.state[2] = value("d", "8");
	record(builder, &look, 2, last);
	/* The other device, and another run, have chains of their own. */
	memcpy(look.items, look.state, sizeof(look.state));
	look.item_count = look.state_count;
	record(builder, &look, 3, 0);
	ledger_builder_boot(builder, 1);
	record(builder, &look, ledger_builder_device(builder, "fwctl0"), 0);
	end(builder);
	fixture_expect_clean(fixture, 1); /* FWA-C02: the two runs */
}

static void expect_contradiction(struct fixture *fixture, struct ledger_builder *builder,
				 struct fwa_record *evil)
{
	uint64_t sequence = ledger_builder_append(builder, evil, NULL, NULL);

	end(builder);
	fixture_expect(fixture, FWA_A15, "leaf", (int64_t)sequence);
}

static void another_digest(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	make(&look, 2, 4);
	look.digest[0] ^= 1;
	expect_contradiction(*state, builder, &look.record);
}

static void another_digest_in_a_baseline(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	make(&look, 3, 0);
	look.digest[31] ^= 1;
	expect_contradiction(*state, builder, &look.record);
}

static void another_count(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	make(&look, 2, 4);
	look.record.snapshot.item_count++;
	expect_contradiction(*state, builder, &look.record);
}

static void another_unreadable_count(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	make(&look, 2, 4);
	look.record.snapshot.unreadable_count++;
	expect_contradiction(*state, builder, &look.record);
}

static void another_value_before(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	look.items[0] = changed(look.state[1], value("b", "9"));
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

static void value_before_left_out(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	look.items[0].previous_value = (struct fwa_bytes){NULL, 0};
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

static void another_status_before(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	look.items[0] = changed(look.state[1], unreadable("b"));
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

/* It says that the key is new, and it is not; that it was there, and it was not. */
static void unknown_before(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	look.items[0] = look.state[1];
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

static void never_before(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	look.state[3] = value("d", "4");
	look.state_count = 4;
	look.items[0] = changed(look.state[3], value("d", "3"));
	look.item_count = 1;
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

static void changed_in_silence(void **state)
{
	struct look look;
	struct ledger_builder *builder = begin(*state, &look);

	change_b(&look);
	look.item_count = 0;
	make(&look, 2, 4);
	expect_contradiction(*state, builder, &look.record);
}

static void snapshot_of_another_device(void **state)
{
	struct fixture *fixture = *state;
	struct look look;
	struct ledger_builder *builder = begin(fixture, &look);
	uint64_t sequence;

	look.item_count = 0;
	sequence = record(builder, &look, 3, 4);
	end(builder);
	fixture_expect(fixture, FWA_A04, "leaf", (int64_t)sequence);
}

static void snapshot_before_the_last(void **state)
{
	struct fixture *fixture = *state;
	struct look look;
	struct ledger_builder *builder = begin(fixture, &look);
	uint64_t sequence;

	look.item_count = 0;
	record(builder, &look, 2, 4);
	sequence = record(builder, &look, 2, 4);
	end(builder);
	fixture_expect(fixture, FWA_A04, "leaf", (int64_t)sequence);
}

/* What follows a record that is missing is not held against it. */
static void missing_snapshot(void **state)
{
	struct fixture *fixture = *state;
	struct look look;
	struct ledger_builder *builder = begin(fixture, &look);
	struct fwa_verify_result *result;
	uint64_t last;

	change_b(&look);
	last = record(builder, &look, 2, 4); /* 5: will be missing */
	look.items[0] = changed(value("b", "5"), look.state[1]);
	look.state[1] = value("b", "5");
	last = record(builder, &look, 2, last);
	look.items[0] = changed(value("b", "6"), look.state[1]);
	look.state[1] = value("b", "6");
	record(builder, &look, 2, last);
	end(builder);
	fixture_sql(fixture, "DELETE FROM leaf WHERE sequence = 5");
	result = fixture_verify(fixture);
	assert_true(fixture_has(result, FWA_A03, "leaf", 5));
	assert_int_equal(fwa_findings_total(result->findings, FWA_A04), 0);
	assert_int_equal(fwa_findings_total(result->findings, FWA_A15), 0);
	fwa_verify_result_free(result);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(states_that_hold),
		TEST(another_digest),
		TEST(another_digest_in_a_baseline),
		TEST(another_count),
		TEST(another_unreadable_count),
		TEST(another_value_before),
		TEST(value_before_left_out),
		TEST(another_status_before),
		TEST(unknown_before),
		TEST(never_before),
		TEST(changed_in_silence),
		TEST(snapshot_of_another_device),
		TEST(snapshot_before_the_last),
		TEST(missing_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
