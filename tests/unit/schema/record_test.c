/* SPDX-License-Identifier: Apache-2.0 */
/* One encoding for each record, one record for each encoding. */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/effects.h"
#include "schema/record_fields.h"
#include "tests/unit/schema/vectors.h"

#define TEXT(literal)                                                                    \
	((struct fwa_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

/* Decodes or not; what decodes has to encode to the very same bytes. */
static bool decodes_as_itself(struct fwa_bytes bytes)
{
	static uint8_t again[8192];
	struct fwa_record record;
	size_t size;
	int r;

	assert_in_range(bytes.size, 1, sizeof(again));
	r = fwa_record_decode(bytes.data, bytes.size, &record);
	if (r == 0) {
		assert_int_equal(fwa_record_encode(&record, again, bytes.size, &size), 0);
		assert_int_equal(size, bytes.size);
		assert_memory_equal(again, bytes.data, size);
	} else {
		assert_true(r == -EBADMSG || r == -E2BIG);
	}
	return r == 0;
}

static void every_flip_is_refused_or_is_another_record(void **state)
{
	json_t *index = vectors_load("records");
	size_t position = 0, refused = 0, accepted = 0;
	struct fwa_bytes bytes;
	const char *name;

	(void)state;
	while (vectors_next_good(index, &position, &name, &bytes)) {
		uint8_t *data = (uint8_t *)bytes.data;

		for (size_t i = 0; i < bytes.size; i++) {
			uint8_t original = data[i];

			/* Each bit by itself, and all of them. */
			for (unsigned flip = 0; flip <= 8; flip++) {
				data[i] = original ^
					  (uint8_t)(flip < 8 ? 1u << flip : 0xff);
				if (decodes_as_itself(bytes))
					accepted++;
				else
					refused++;
			}
			data[i] = original;
		}
		free(data);
	}
	/* Both have to happen, or else this test would be looking at nothing. */
	assert_true(refused > 10000);
	assert_true(accepted > 10000);
	json_decref(index);
}

static void every_truncation_is_refused(void **state)
{
	json_t *index = vectors_load("records");
	struct fwa_bytes bytes;
	struct fwa_record record;
	const char *name;
	size_t position = 0;

	(void)state;
	while (vectors_next_good(index, &position, &name, &bytes)) {
		for (size_t size = 0; size < bytes.size; size++) {
			/* A copy, so that a read past its end shows. */
			uint8_t *cut = malloc(size ? size : 1);

			assert_non_null(cut);
			memcpy(cut, bytes.data, size);
			assert_int_equal(fwa_record_decode(cut, size, &record), -EBADMSG);
			free(cut);
		}
		free((void *)bytes.data);
	}
	json_decref(index);
}

static void encoding_says_how_much_room_it_wants(void **state)
{
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("rpc", &bytes);
	uint8_t *buffer = malloc(bytes.size);
	size_t size;

	(void)state;
	assert_int_equal(fwa_record_encode(&record, NULL, 0, &size), -ENOSPC);
	assert_int_equal(size, bytes.size);
	for (size_t capacity = 1; capacity < bytes.size; capacity++) {
		uint8_t *tight = malloc(capacity);

		size = 0;
		assert_int_equal(fwa_record_encode(&record, tight, capacity, &size),
				 -ENOSPC);
		assert_int_equal(size, bytes.size);
		free(tight);
	}
	assert_int_equal(fwa_record_encode(&record, buffer, bytes.size, &size), 0);
	free(buffer);
	free((void *)bytes.data);
}

static int encoded(const struct fwa_record *record)
{
	uint8_t buffer[8192];
	size_t size = 12345;
	int r = fwa_record_encode(record, buffer, sizeof(buffer), &size);

	if (r == -EINVAL)
		assert_int_equal(size, 12345);
	return r;
}

static void what_would_not_decode_does_not_encode(void **state)
{
	struct fwa_bytes rpc_bytes, gap_bytes, checkpoint_bytes, genesis_bytes;
	const struct fwa_record rpc = vectors_decoded("rpc", &rpc_bytes);
	const struct fwa_record gap = vectors_decoded("gap", &gap_bytes);
	const struct fwa_record checkpoint =
		vectors_decoded("checkpoint", &checkpoint_bytes);
	const struct fwa_record genesis = vectors_decoded("genesis", &genesis_bytes);
	struct fwa_record record;

	(void)state;
#define REFUSED(from, change, code)                                                      \
	do {                                                                             \
		record = (from);                                                         \
		assert_int_equal(encoded(&record), 0);                                   \
		record.change;                                                           \
		assert_int_equal(encoded(&record), code);                                \
	} while (0)
	REFUSED(rpc, kind = FWA_RECORD_KINDS, -EINVAL);
	REFUSED(rpc, rpc.transport = 1, -EINVAL);
	REFUSED(rpc, rpc.layers = 0, -EINVAL);
	REFUSED(rpc, rpc.returned = 0, -EINVAL);
	REFUSED(rpc, rpc.structure_source = FWA_SOURCE_ABSENT, -EINVAL);
	REFUSED(rpc, rpc.structure_entry.size = 129, -E2BIG);
	REFUSED(rpc, rpc.caller.comm.data = NULL, -EINVAL);
	REFUSED(rpc, rpc.request.source = FWA_SOURCE_TRUNCATED, -EINVAL);
	REFUSED(rpc, rpc.request.captured++, -EINVAL);
	REFUSED(rpc, rpc.response.digest.data = NULL, -EINVAL);
	REFUSED(rpc, rpc.response.digest.size = 31, -EINVAL);
	REFUSED(rpc, rpc.response.digest.size = 33, -EINVAL);
	REFUSED(gap, gap.count = 0, -EINVAL);
	REFUSED(gap, gap.count = UINT64_MAX, -EINVAL);
	REFUSED(gap, gap.not_after = gap.gap.not_before - 1, -EINVAL);
	REFUSED(gap, gap.reason.size = FWA_SENTENCE_SIZE_MAX + 1, -E2BIG);
	REFUSED(checkpoint, checkpoint.lost++, -EINVAL);
	REFUSED(checkpoint, checkpoint.number = 1, -EINVAL);
	REFUSED(checkpoint, checkpoint.boot_id.size = 15, -EINVAL);
	REFUSED(genesis, genesis.format_version = 2, -EINVAL);
	REFUSED(genesis, genesis.ledger_uuid.data = NULL, -EINVAL);
#undef REFUSED
	free((void *)rpc_bytes.data);
	free((void *)gap_bytes.data);
	free((void *)checkpoint_bytes.data);
	free((void *)genesis_bytes.data);
}

static void a_member_beside_a_false_flag_is_not_looked_at(void **state)
{
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("rpc-unreturned", &bytes);
	uint8_t buffer[4096];
	size_t size;

	(void)state;
	record.rpc.result = 77;
	record.rpc.returned = 1;
	record.rpc.device = 99;
	record.rpc.open.key = 5;
	assert_int_equal(fwa_record_encode(&record, buffer, sizeof(buffer), &size), 0);
	assert_int_equal(size, bytes.size);
	assert_memory_equal(buffer, bytes.data, size);
	free((void *)bytes.data);
}

static void a_record_has_a_largest_size(void **state)
{
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("declaration-cel", &bytes), back;
	size_t capacity = FWA_RECORD_SIZE_MAX + 1, size;
	uint8_t *content = calloc(1, FWA_DECLARATION_SIZE_MAX + 1);
	uint8_t *buffer = calloc(1, capacity);
	uint8_t digest[FWA_DIGEST_SIZE];

	(void)state;
	record.declaration.content =
		(struct fwa_bytes){content, FWA_DECLARATION_SIZE_MAX};
	record.declaration.digest = (struct fwa_bytes){digest, sizeof(digest)};
	fwa_digest(&record.declaration.content, 1, digest);
	assert_int_equal(fwa_record_encode(&record, buffer, capacity, &size), 0);
	assert_int_equal(fwa_record_decode(buffer, size, &back), 0);
	assert_int_equal(back.declaration.content.size, FWA_DECLARATION_SIZE_MAX);
	record.declaration.content.size++;
	fwa_digest(&record.declaration.content, 1, digest);
	assert_int_equal(fwa_record_encode(&record, buffer, capacity, &size), -E2BIG);
	assert_int_equal(fwa_record_decode(buffer, capacity, &back), -E2BIG);
	free(buffer);
	free(content);
	free((void *)bytes.data);
}

static void the_configuration_digest_is_that_of_the_boot_record(void **state)
{
	struct fwa_bytes boot_bytes, checkpoint_bytes;
	struct fwa_record boot = vectors_decoded("boot", &boot_bytes);
	struct fwa_record checkpoint = vectors_decoded("checkpoint", &checkpoint_bytes);
	uint8_t digest[FWA_DIGEST_SIZE], other[FWA_DIGEST_SIZE];

	(void)state;
	/* The vector's digest was computed by another implementation. */
	assert_int_equal(fwa_configuration_digest(&boot.boot.configuration, digest), 0);
	assert_memory_equal(digest, checkpoint.checkpoint.configuration_digest.data,
			    sizeof(digest));
	boot.boot.configuration.ring_size++;
	assert_int_equal(fwa_configuration_digest(&boot.boot.configuration, other), 0);
	assert_memory_not_equal(digest, other, sizeof(digest));
	boot.boot.configuration.capture.size = FWA_NAME_SIZE_MAX + 1;
	assert_int_equal(fwa_configuration_digest(&boot.boot.configuration, other),
			 -E2BIG);
	boot.boot.configuration.capture.data = NULL;
	assert_int_equal(fwa_configuration_digest(&boot.boot.configuration, other),
			 -EINVAL);
	free((void *)boot_bytes.data);
	free((void *)checkpoint_bytes.data);
}

static int stop_at_caller(const struct fwa_field_value *field, void *context)
{
	++*(int *)context;
	return strcmp(field->name, "caller") ? 0 : 42;
}

static int last_depth(const struct fwa_field_value *field, void *context)
{
	int *depth = context;

	/* A nested map's fields come right behind it. */
	if (strcmp(field->name, "caller") == 0)
		assert_int_equal(field->type, FWA_FIELD_MAP);
	if (strcmp(field->name, "pid") == 0)
		assert_int_equal(field->depth, 1);
	if (strcmp(field->name, "number") == 0)
		assert_int_equal(field->depth, 0);
	*depth = (int)field->depth;
	return 0;
}

static void a_walk_goes_down_and_can_be_stopped(void **state)
{
	struct fwa_bytes bytes;
	struct fwa_record record = vectors_decoded("rpc", &bytes);
	int visited = 0, depth = -1;

	(void)state;
	assert_int_equal(fwa_record_walk(&record, stop_at_caller, &visited), 42);
	assert_int_equal(visited, 14);
	assert_int_equal(fwa_record_walk(&record, last_depth, &depth), 0);
	assert_int_equal(depth, 0);
	free((void *)bytes.data);
}

static void check_table(const struct fwa_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct fwa_field *field = &map->fields[i];

		assert_true(i == 0 || map->fields[i - 1].key < field->key);
		assert_true(field->minimum <= field->maximum);
		assert_non_null(field->meaning);
		assert_int_equal(field->map != NULL,
				 field->type == FWA_FIELD_MAP ||
					 field->type == FWA_FIELD_ITEMS);
		if (field->map)
			check_table(field->map);
	}
}

static void tables_are_in_order(void **state)
{
	(void)state;
	check_table(&fwa_record_common);
	for (size_t kind = 0; kind < FWA_RECORD_KINDS; kind++) {
		assert_true(fwa_record_kinds[kind]->fields[0].key >= 16);
		check_table(fwa_record_kinds[kind]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flip_is_refused_or_is_another_record),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(encoding_says_how_much_room_it_wants),
		cmocka_unit_test(what_would_not_decode_does_not_encode),
		cmocka_unit_test(a_member_beside_a_false_flag_is_not_looked_at),
		cmocka_unit_test(a_record_has_a_largest_size),
		cmocka_unit_test(the_configuration_digest_is_that_of_the_boot_record),
		cmocka_unit_test(a_walk_goes_down_and_can_be_stopped),
		cmocka_unit_test(tables_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
