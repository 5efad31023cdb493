/* SPDX-License-Identifier: Apache-2.0 */
/* A record's members, reached by the description of their field. */
#include "schema/record_fields.h"

#include <string.h>

static const void *member(const struct fwa_field *field, const void *structure)
{
	return (const uint8_t *)structure + field->offset;
}

bool fwa_field_present(const struct fwa_field *field, const void *structure)
{
	switch ((enum fwa_presence)field->presence) {
	case FWA_REQUIRED:
		break;
	case FWA_FLAGGED:
	case FWA_WITH:
		return *(const bool *)((const uint8_t *)structure + field->flag);
	case FWA_OPTIONAL:
		return fwa_field_bytes(field, structure).data != NULL;
	}
	return true;
}

uint64_t fwa_field_number(const struct fwa_field *field, const void *structure)
{
	const void *p = member(field, structure);

	if (field->type == FWA_FIELD_BOOL)
		return *(const bool *)p;
	if (field->type == FWA_FIELD_INT)
		return (uint64_t) * (const int64_t *)p;
	switch (field->width) {
	case sizeof(uint8_t):
		return *(const uint8_t *)p;
	case sizeof(uint32_t):
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

struct fwa_bytes fwa_field_bytes(const struct fwa_field *field, const void *structure)
{
	struct fwa_bytes bytes;

	memcpy(&bytes, member(field, structure), sizeof(bytes));
	return bytes;
}

const void *fwa_field_nested(const struct fwa_field *field, const void *structure)
{
	return member(field, structure);
}
