/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/schema/vectors.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void path_of(const char *set, const char *file, char ret_path[4096])
{
	int length = snprintf(ret_path, 4096, "%s/%s/%s", FWA_VECTORS, set, file);

	assert_in_range(length, 1, 4095);
}

json_t *vectors_load(const char *set)
{
	char path[4096];
	json_t *index;

	path_of(set, "index.json", path);
	index = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(index);
	assert_true(json_array_size(json_object_get(index, "vectors")) > 0);
	return index;
}

struct fwa_bytes vectors_file(const char *set, const char *file)
{
	char path[4096];
	uint8_t *data;
	FILE *stream;
	long size;

	path_of(set, file, path);
	stream = fopen(path, "rb");
	assert_non_null(stream);
	assert_int_equal(fseek(stream, 0, SEEK_END), 0);
	size = ftell(stream);
	assert_true(size >= 0);
	rewind(stream);
	/* Exactly as many bytes as there are, so that a read past the end shows. */
	data = malloc(size ? (size_t)size : 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)size, stream), size);
	fclose(stream);
	return (struct fwa_bytes){data, (size_t)size};
}

struct fwa_bytes vectors_record(const char *name)
{
	char file[256];

	snprintf(file, sizeof(file), "good/%s.cbor", name);
	return vectors_file("records", file);
}

struct fwa_record vectors_decoded(const char *name, struct fwa_bytes *ret_bytes)
{
	struct fwa_record record;

	*ret_bytes = vectors_record(name);
	assert_int_equal(fwa_record_decode(ret_bytes->data, ret_bytes->size, &record), 0);
	return record;
}

bool vectors_next_good(const json_t *index, size_t *position, const char **ret_name,
		       struct fwa_bytes *ret_bytes)
{
	const json_t *vectors = json_object_get(index, "vectors"), *vector;

	while (*position < json_array_size(vectors)) {
		vector = json_array_get(vectors, (*position)++);
		if (strcmp(json_string_value(json_object_get(vector, "expect")), "ok"))
			continue;
		*ret_name = json_string_value(json_object_get(vector, "name"));
		*ret_bytes = vectors_record(*ret_name);
		return true;
	}
	return false;
}
