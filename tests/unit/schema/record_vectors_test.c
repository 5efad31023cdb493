/* SPDX-License-Identifier: Apache-2.0 */
/* Runs schema/vectors/records: what is good decodes to its fields, what is evil is refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/text.h"
#include "tests/unit/schema/vectors.h"

/* Builds the JSON of an index's `fields` out of a walk. */
struct builder {
	json_t *objects[3]; /* by depth; borrowed beyond the first */
	const struct fwa_record *record;
};

static json_t *shown_bytes(struct fwa_bytes bytes)
{
	char *hex = malloc(2 * bytes.size + 1);
	json_t *text;

	assert_non_null(hex);
	fwa_hex_encode(bytes.data, bytes.size, hex);
	text = json_sprintf("h'%s'", hex);
	free(hex);
	return text;
}

static int build(const struct fwa_field_value *field, void *context);

static json_t *shown_items(const struct fwa_snapshot *snapshot)
{
	struct fwa_snapshot_iterator iterator = {.started = false};
	struct fwa_snapshot_item item;
	json_t *list = json_array();

	while (fwa_snapshot_next(snapshot, &iterator, &item)) {
		struct builder builder = {.objects = {json_object()}};

		assert_int_equal(fwa_snapshot_item_walk(&item, build, &builder), 0);
		json_array_append_new(list, builder.objects[0]);
	}
	return list;
}

static json_t *shown(const struct fwa_field_value *field, const struct builder *builder)
{
	switch (field->type) {
	case FWA_FIELD_UINT:
	case FWA_FIELD_TIME:
		return json_sprintf("%llu", (unsigned long long)field->number);
	case FWA_FIELD_INT:
		return json_sprintf("%lld", (long long)field->number);
	case FWA_FIELD_BOOL:
		return json_boolean(field->number);
	case FWA_FIELD_TEXT:
	case FWA_FIELD_BINARY:
	case FWA_FIELD_UUID:
		return shown_bytes(field->bytes);
	case FWA_FIELD_MAP:
		return json_object();
	case FWA_FIELD_ITEMS:
		return shown_items(&builder->record->snapshot);
	}
	return NULL;
}

static int build(const struct fwa_field_value *field, void *context)
{
	struct builder *builder = context;
	json_t *value = shown(field, builder);

	assert_in_range(field->depth, 0, 1);
	assert_non_null(value);
	assert_null(json_object_get(builder->objects[field->depth], field->name));
	json_object_set_new(builder->objects[field->depth], field->name, value);
	if (field->type == FWA_FIELD_MAP)
		builder->objects[field->depth + 1] = value;
	return 0;
}

static void expect_good(const char *name, struct fwa_bytes bytes, const json_t *vector)
{
	const char *leaf_hash = json_string_value(json_object_get(vector, "leaf_hash"));
	const struct fwa_bytes leaf[] = {{(const uint8_t *)"", 1}, bytes};
	char hex[2 * FWA_DIGEST_SIZE + 1];
	uint8_t digest[FWA_DIGEST_SIZE];
	struct fwa_record record;
	struct builder builder = {.objects = {json_object()}, .record = &record};
	uint8_t *again = malloc(bytes.size);
	size_t size;

	assert_int_equal(fwa_record_decode(bytes.data, bytes.size, &record), 0);
	assert_int_equal(fwa_record_walk(&record, build, &builder), 0);
	if (!json_equal(builder.objects[0], json_object_get(vector, "fields"))) {
		json_dumpf(builder.objects[0], stderr, JSON_INDENT(1));
		fail_msg("%s: decoded to other fields", name);
	}
	assert_int_equal(fwa_record_encode(&record, again, bytes.size, &size), 0);
	assert_int_equal(size, bytes.size);
	assert_memory_equal(again, bytes.data, size);
	assert_int_equal(fwa_digest(leaf, 2, digest), 0);
	fwa_hex_encode(digest, sizeof(digest), hex);
	assert_string_equal(hex, leaf_hash);
	json_decref(builder.objects[0]);
	free(again);
}

static void expect_refused(const char *name, struct fwa_bytes bytes, const json_t *vector)
{
	const char *wanted = json_string_value(json_object_get(vector, "reason"));
	const char *reason = NULL, *field = NULL;
	struct fwa_record record, untouched;

	memset(&untouched, 0xa5, sizeof(untouched));
	memcpy(&record, &untouched, sizeof(record));
	assert_non_null(wanted);
	if (fwa_record_decode_because(bytes.data, bytes.size, &record, &reason, &field) >=
	    0)
		fail_msg("%s: accepted, wanted: %s", name, wanted);
	if (!reason || strcmp(reason, wanted))
		fail_msg("%s: refused for: %s (%s); wanted: %s", name,
			 reason ? reason : "nothing", field ? field : "-", wanted);
	assert_memory_equal(&record, &untouched, sizeof(record));
	assert_true(fwa_record_decode(bytes.data, bytes.size, &record) < 0);
}

static void every_vector(void **state)
{
	json_t *index = vectors_load("records"), *vector;
	size_t i, good = 0, evil = 0;

	(void)state;
	json_array_foreach(json_object_get(index, "vectors"), i, vector)
	{
		const char *name = json_string_value(json_object_get(vector, "name"));
		const char *file = json_string_value(json_object_get(vector, "file"));
		const char *expect = json_string_value(json_object_get(vector, "expect"));
		struct fwa_bytes bytes = vectors_file("records", file);

		if (strcmp(expect, "ok") == 0) {
			expect_good(name, bytes, vector);
			good++;
		} else {
			assert_string_equal(expect, "refuse");
			expect_refused(name, bytes, vector);
			evil++;
		}
		free((void *)bytes.data);
	}
	assert_true(good >= FWA_RECORD_SHUTDOWN + 1);
	assert_true(evil >= 100);
	json_decref(index);
}

static void every_kind_has_a_vector(void **state)
{
	json_t *index = vectors_load("records");
	bool seen[FWA_RECORD_SHUTDOWN + 1] = {false};
	struct fwa_bytes bytes;
	struct fwa_record record;
	const char *name;
	size_t position = 0;

	(void)state;
	while (vectors_next_good(index, &position, &name, &bytes)) {
		assert_int_equal(fwa_record_decode(bytes.data, bytes.size, &record), 0);
		seen[record.kind] = true;
		free((void *)bytes.data);
	}
	for (uint8_t kind = 0; kind <= FWA_RECORD_SHUTDOWN; kind++) {
		assert_non_null(fwa_record_kind_name(kind));
		if (!seen[kind])
			fail_msg("no vector of kind %s", fwa_record_kind_name(kind));
	}
	assert_null(fwa_record_kind_name(FWA_RECORD_SHUTDOWN + 1));
	json_decref(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector),
		cmocka_unit_test(every_kind_has_a_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
