/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwaudit/show_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/fwctl.h"
#include "verifier/effects/command.h"
#include "verifier/effects/declaration.h"
#include "verifier/report/escape.h"

static void show_structure(const struct fwa_rpc *rpc)
{
	struct fwa_fwctl_rpc structure;
	const char *name;

	if (rpc->command != FWA_FWCTL_RPC || !rpc->structure_entry.data ||
	    fwa_fwctl_rpc_decode(rpc->structure_entry.data, rpc->structure_entry.size,
				 &structure) != 0)
		return;
	name = fwa_fwctl_scope_name(structure.scope);
	printf("  scope               %" PRIu32 " (%s)\n", structure.scope,
	       name ? name : "unknown");
	printf("  request length      %" PRIu32 "\n", structure.request_length);
	printf("  response room       %" PRIu32 "\n", structure.response_length);
}

static void show_target(const struct fwa_command *command)
{
	char uuid[FWA_UUID_TEXT_SIZE];
	const char *name;

	if (!command->has_feature)
		return;
	fwa_uuid_format(command->feature, uuid);
	name = fwa_cxl_feature_name(command->feature);
	printf("  feature             %s%s%s%s\n", uuid, name ? " (" : "",
	       name ? name : "", name ? ")" : "");
	if (command->is_set) {
		name = fwa_cxl_transfer_name(command->set_flags);
		printf("  transfer            %s%s\n", name ? name : "unknown",
		       command->set_flags & FWA_CXL_SET_SAVED ? ", saved across reset"
							      : "");
	}
	if (command->has_selection) {
		name = fwa_cxl_selection_name(command->selection);
		printf("  selection           %s\n", name ? name : "unknown");
	}
}

int fwa_show_command(const struct fwa_rpc *rpc, bool has_type, uint32_t type,
		     struct fwa_bytes request, struct fwa_bytes response)
{
	char text[FWA_COMMAND_TEXT_MAX];
	struct fwa_command command;
	const char *name;
	int error = fwa_command_decode(rpc, has_type, type, request, response, &command);

	if (error)
		return error;
	fwa_command_name(&command, text);
	printf("\nmeaning\n  command             %s\n", text);
	if (has_type) {
		name = fwa_fwctl_device_type_name(type);
		printf("  device type         %s\n", name ? name : "unknown");
	}
	show_structure(rpc);
	show_target(&command);
	fwa_command_result(&command, text);
	printf("  result              %s (%s)\n", text,
	       fwa_outcome_name(command.outcome));
	if (command.has_retval) {
		name = fwa_cxl_return_code_name(command.retval);
		printf("  device's answer     %02" PRIx32 "h (%s)\n", command.retval,
		       name ? name : "unknown");
	}
	return 0;
}

static void show_value(const char *name, uint8_t status, int64_t error,
		       struct fwa_bytes digest, struct fwa_bytes value)
{
	printf("    %-9s ", name);
	if (status == FWA_ITEM_UNREADABLE)
		printf("unreadable (%" PRId64 ")\n", error);
	else if (status == FWA_ITEM_GONE)
		printf("gone\n");
	else if (value.data && value.size <= 64)
		fwa_print_hex(value);
	else {
		printf("sha256 ");
		fwa_print_hex(digest);
	}
}

int fwa_show_items(const struct fwa_snapshot *snapshot)
{
	struct fwa_snapshot_iterator iterator = {0};
	struct fwa_snapshot_item item;
	char effects[256], *key;

	printf("\nitems\n");
	while (fwa_snapshot_next(snapshot, &iterator, &item)) {
		key = fwa_escape(item.key);
		if (!key)
			return -ENOMEM;
		fwa_effects_text(item.effects, effects, sizeof(effects));
		printf("  %s\n    %-9s %s%s\n", key, "effects", effects,
		       item.is_volatile ? "; volatile" : "");
		free(key);
		if (item.has_previous)
			show_value("before", item.previous_status, 0,
				   item.previous_digest, item.previous_value);
		show_value(item.has_previous ? "after" : "value", item.status, item.error,
			   item.digest, item.value);
	}
	return 0;
}

static void show_effects(uint16_t field)
{
	uint32_t bit;

	for (bit = 1; bit <= 0x8000; bit <<= 1) {
		const char *name;

		if (!(field & bit))
			continue;
		name = fwa_cxl_effect_bit_name((uint16_t)bit);
		if (name)
			printf(" %s", name);
		else
			printf(" reserved-0x%04" PRIx32, bit);
	}
	printf("\n");
}

void fwa_show_declaration(const struct fwa_declaration *declaration)
{
	struct fwa_bytes content = declaration->content;
	struct fwa_cxl_cel_entry entry;
	struct fwa_cxl_feature_entry feature;
	char uuid[FWA_UUID_TEXT_SIZE];
	size_t i;

	if (!content.data)
		return;
	printf("\ndeclared\n");
	if (declaration->source == FWA_DECLARATION_CXL_CEL) {
		for (i = 0; fwa_cxl_cel_entry(content.data, content.size, i, &entry) == 0;
		     i++) {
			const char *name = fwa_cxl_opcode_name(entry.opcode);

			printf("  %04Xh %-24s 0x%04x", entry.opcode, name ? name : "",
			       entry.effects);
			show_effects(entry.effects);
		}
		return;
	}
	for (i = 0; declaration->source == FWA_DECLARATION_CXL_FEATURES &&
		    fwa_cxl_feature_entry_decode(content.data + i, content.size - i,
						 &feature) == 0;
	     i += FWA_CXL_FEATURE_ENTRY_SIZE) {
		fwa_uuid_format(feature.uuid, uuid);
		printf("  %s %s 0x%04x", uuid,
		       feature.flags & FWA_CXL_FEATURE_CHANGEABLE ? "changeable"
								  : "fixed",
		       feature.effects);
		show_effects(feature.effects);
	}
}
