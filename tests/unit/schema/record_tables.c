/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the field tables of schema/record_fields.c as CDDL (RFC 8610) or as tables for
 * SPEC.md. update_tables.py puts them where they belong, and a test checks that they are there.
 *
 *     record_tables cddl | spec NAME
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/record_fields.h"

/* Nested maps that are printed by themselves, in this order, behind the kinds. */
static const struct fwa_map *nested[8];
static size_t nested_count;

static void collect(const struct fwa_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct fwa_map *inner = map->fields[i].map;
		bool known = !inner;

		for (size_t j = 0; j < nested_count; j++)
			known |= nested[j] == inner;
		if (!known)
			nested[nested_count++] = inner;
	}
}

static void cddl_range(const struct fwa_field *field)
{
	if (field->minimum == field->maximum)
		printf("%" PRIu64, field->minimum);
	else if (field->minimum == 0 && field->maximum == UINT32_MAX)
		printf("u32");
	else if (field->minimum == 0 && field->maximum == UINT64_MAX)
		printf("u64");
	else
		printf("%" PRIu64 "..%" PRIu64, field->minimum, field->maximum);
}

static void cddl_type(const struct fwa_field *field)
{
	switch ((enum fwa_field_type)field->type) {
	case FWA_FIELD_UINT:
		cddl_range(field);
		break;
	case FWA_FIELD_TIME:
		printf("nanoseconds");
		break;
	case FWA_FIELD_INT:
		printf("i64");
		break;
	case FWA_FIELD_BOOL:
		printf("bool");
		break;
	case FWA_FIELD_UUID:
		printf("uuid");
		break;
	case FWA_FIELD_TEXT:
	case FWA_FIELD_BINARY:
		if (field->minimum == field->maximum)
			printf("digest");
		else
			printf("bstr .size (%" PRIu64 "..%" PRIu64 ")", field->minimum,
			       field->maximum);
		break;
	case FWA_FIELD_MAP:
		printf("%s", field->map->name);
		break;
	case FWA_FIELD_ITEMS:
		printf("[0*%" PRIu64 " %s]", field->maximum, field->map->name);
		break;
	}
}

static void cddl_fields(const struct fwa_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct fwa_field *field = &map->fields[i];

		printf("\t%s%u: ", field->presence == FWA_REQUIRED ? "" : "? ",
		       field->key);
		cddl_type(field);
		printf(", ; %s: %s\n", field->name, field->meaning);
	}
}

static void cddl(void)
{
	printf("; SPDX-License-Identifier: Apache-2.0\n"
	       "; The record of a ledger (RFC 8610). SPEC.md says what this cannot: the\n"
	       "; deterministic encoding, and what holds between fields.\n"
	       "; Printed from the tables in record_fields.c: do not edit.\n\n"
	       "record = ");
	for (size_t kind = 0; kind < FWA_RECORD_KINDS; kind++)
		printf("%s%s", kind ? " /\n\t " : "", fwa_record_kinds[kind]->name);
	printf("\n\nu32 = 0..4294967295\n"
	       "u64 = 0..18446744073709551615\n"
	       "i64 = -9223372036854775808..9223372036854775807\n"
	       "nanoseconds = u64\n"
	       "digest = bstr .size 32\n"
	       "uuid = bstr .size 16\n");
	for (size_t kind = 0; kind < FWA_RECORD_KINDS; kind++) {
		printf("\n%s = {\n\t0: %zu, ; kind\n\tcommon,\n",
		       fwa_record_kinds[kind]->name, kind);
		cddl_fields(fwa_record_kinds[kind]);
		printf("}\n");
	}
	printf("\ncommon = (\n");
	/* Without the kind, which each of the maps above has for itself. */
	cddl_fields(&(struct fwa_map){.fields = fwa_record_common.fields + 1,
				      .count = fwa_record_common.count - 1});
	printf(")\n");
	for (size_t i = 0; i < nested_count; i++) {
		printf("\n%s = {\n", nested[i]->name);
		cddl_fields(nested[i]);
		printf("}\n");
	}
}

static void spec_type(const struct fwa_field *field)
{
	switch ((enum fwa_field_type)field->type) {
	case FWA_FIELD_UINT:
		printf("unsigned | ");
		if (field->maximum == UINT64_MAX)
			printf("%" PRIu64 " to 2^64-1", field->minimum);
		else if (field->maximum == UINT32_MAX)
			printf("%" PRIu64 " to 2^32-1", field->minimum);
		else
			cddl_range(field);
		break;
	case FWA_FIELD_TIME:
		printf("unsigned | nanoseconds");
		break;
	case FWA_FIELD_INT:
		printf("integer | -2^63 to 2^63-1");
		break;
	case FWA_FIELD_BOOL:
		printf("boolean |");
		break;
	case FWA_FIELD_TEXT:
	case FWA_FIELD_BINARY:
	case FWA_FIELD_UUID:
		printf("bytes%s | size ", field->type == FWA_FIELD_TEXT ? ", text" : "");
		cddl_range(field);
		break;
	case FWA_FIELD_MAP:
		printf("map | [%s](#%s)", field->map->name, field->map->name);
		break;
	case FWA_FIELD_ITEMS:
		printf("array | 0..%" PRIu64 " of [%s](#%s)", field->maximum,
		       field->map->name, field->map->name);
		break;
	}
}

static void spec(const struct fwa_map *map)
{
	printf("| key | name | | type | limits | meaning |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < map->count; i++) {
		const struct fwa_field *field = &map->fields[i];

		printf("| %u | `%s` | %s | ", field->key, field->name,
		       field->presence == FWA_REQUIRED ? "" : "optional");
		spec_type(field);
		/* A bar would end the cell. */
		printf(" | ");
		for (const char *p = field->meaning; *p; p++)
			printf(*p == '|' ? "\\%c" : "%c", *p);
		printf(" |\n");
	}
}

static const struct fwa_map *find(const char *name)
{
	if (strcmp(name, fwa_record_common.name) == 0)
		return &fwa_record_common;
	for (size_t kind = 0; kind < FWA_RECORD_KINDS; kind++) {
		if (strcmp(name, fwa_record_kinds[kind]->name) == 0)
			return fwa_record_kinds[kind];
	}
	for (size_t i = 0; i < nested_count; i++) {
		if (strcmp(name, nested[i]->name) == 0)
			return nested[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	for (size_t kind = 0; kind < FWA_RECORD_KINDS; kind++)
		collect(fwa_record_kinds[kind]);
	if (argc == 2 && strcmp(argv[1], "cddl") == 0) {
		cddl();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "spec") == 0 && find(argv[2])) {
		spec(find(argv[2]));
		return 0;
	}
	fprintf(stderr, "usage: record_tables cddl | spec NAME\n");
	return 3;
}
