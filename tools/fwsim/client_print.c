/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/fwsim/client.h"

#define SHOWN_MAX 4096u /* bytes of a dump; the rest is only counted */

void fwsim_print_bytes(const uint8_t *data, size_t size)
{
	size_t shown = size < SHOWN_MAX ? size : SHOWN_MAX;
	bool starred = false;
	size_t at, i;

	for (at = 0; at < shown; at += 16) {
		/* A line that says the same as the one before is a star, as in hexdump
		 * -C. */
		if (at >= 16 && at + 16 < shown &&
		    memcmp(data + at, data + at - 16, 16) == 0) {
			if (!starred)
				printf("  *\n");
			starred = true;
			continue;
		}
		starred = false;
		printf("  %08zx ", at);
		for (i = at; i < at + 16; i++) {
			if (i < shown)
				printf(" %02x", data[i]);
			else
				printf("   ");
		}
		printf("  |");
		for (i = at; i < at + 16 && i < shown; i++)
			putchar(isprint(data[i]) ? data[i] : '.');
		printf("|\n");
	}
	if (shown < size)
		printf("  ... and %zu bytes more\n", size - shown);
}

static void print_effects(uint16_t effects)
{
	bool first = true;
	unsigned bit;

	printf("0x%04x", effects);
	for (bit = 0; bit < 16; bit++) {
		uint16_t mask = (uint16_t)(1u << bit);
		const char *name = fwa_cxl_effect_bit_name(mask);

		if (!(effects & mask) || mask == FWA_CXL_EFFECT_RESETS_VALID)
			continue;
		printf("%s%s", first ? " " : ",", name ? name : "reserved");
		first = false;
	}
}

void fwsim_print_features(const uint8_t *entries, size_t size, unsigned supported)
{
	struct fwa_cxl_feature_entry entry;
	char uuid[FWA_UUID_TEXT_SIZE];
	const char *name;
	size_t at;

	printf("%zu of %u features\n", size / FWA_CXL_FEATURE_ENTRY_SIZE, supported);
	for (at = 0; at + FWA_CXL_FEATURE_ENTRY_SIZE <= size;
	     at += FWA_CXL_FEATURE_ENTRY_SIZE) {
		fwa_cxl_feature_entry_decode(entries + at, size - at, &entry);
		fwa_uuid_format(entry.uuid, uuid);
		printf("  %s  %5u bytes  %s%s%s  effects ", uuid, entry.get_size,
		       entry.flags & FWA_CXL_FEATURE_CHANGEABLE ? "changeable"
								: "read-only",
		       entry.flags & FWA_CXL_FEATURE_DEFAULT_READABLE ? " default" : "",
		       entry.flags & FWA_CXL_FEATURE_SAVED_READABLE ? " saved" : "");
		print_effects(entry.effects);
		name = fwa_cxl_feature_name(entry.uuid);
		printf("%s%s\n", name ? "  " : "", name ? name : "");
	}
}

void fwsim_print_cel(const uint8_t *cel, size_t size)
{
	struct fwa_cxl_cel_entry entry;
	const char *name;
	size_t i;

	for (i = 0; fwa_cxl_cel_entry(cel, size, i, &entry) == 0; i++) {
		name = fwa_cxl_opcode_name(entry.opcode);
		printf("  %04xh  %-28s  ", entry.opcode, name ? name : "vendor's own");
		print_effects(entry.effects);
		putchar('\n');
	}
}

void fwsim_print_fields(uint16_t opcode, const uint8_t *payload, size_t size)
{
	const struct fwa_cxl_field *fields;
	size_t count, i;

	fields = fwa_cxl_payload_fields(opcode, &count);
	for (i = 0; i < count; i++) {
		const struct fwa_cxl_field *field = &fields[i];

		if (field->offset + (size_t)field->size > size)
			return;
		printf("  %-46s ", field->name);
		if (field->is_text) {
			size_t j;

			for (j = 0; j < field->size && payload[field->offset + j]; j++)
				putchar(isprint(payload[field->offset + j])
						? payload[field->offset + j]
						: '?');
			putchar('\n');
		} else {
			printf("%" PRIu64 "\n",
			       fwa_cxl_field_number(field, payload, size));
		}
	}
}
