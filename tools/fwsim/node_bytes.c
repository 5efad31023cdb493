/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a scenario that stand for bytes: hexadecimal, UUIDs, opcodes, effects. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl_effects.h"
#include "schema/text.h"
#include "tools/fwsim/node.h"

/* Lower case and without blanks: the caller's to free, NULL without memory. */
static char *canonical(const char *text)
{
	char *copy = malloc(strlen(text) + 1);
	char *to = copy;

	if (!copy)
		return NULL;
	for (; *text; text++) {
		if (*text != ' ')
			*to++ = (char)tolower((unsigned char)*text);
	}
	*to = '\0';
	return copy;
}

int fwsim_node_hex(const struct fwsim_node *node, size_t most, uint8_t **ret_bytes,
		   size_t *ret_size)
{
	const char *text;
	uint8_t *bytes;
	size_t size;
	char *copy;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	copy = canonical(text);
	bytes = malloc(strlen(text) / 2 + 1);
	if (!copy || !bytes) {
		r = fwsim_node_fail(node, "not enough memory");
		goto out;
	}
	if (fwa_hex_decode(copy, strlen(copy), bytes, strlen(text) / 2 + 1, &size) < 0) {
		r = fwsim_node_fail(
			node, "this has to be bytes as pairs of hexadecimal digits");
		goto out;
	}
	if (size > most) {
		r = fwsim_node_fail(node,
				    "there is room for %zu bytes here, and this is %zu",
				    most, size);
		goto out;
	}
	*ret_bytes = bytes;
	*ret_size = size;
	bytes = NULL;
	r = 0;
out:
	free(bytes);
	free(copy);
	return r;
}

int fwsim_node_uuid(const struct fwsim_node *node, uint8_t ret_uuid[16])
{
	const char *text;
	char *copy;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	copy = canonical(text);
	if (!copy)
		return fwsim_node_fail(node, "not enough memory");
	r = fwa_uuid_parse(copy, strlen(copy), ret_uuid);
	free(copy);
	if (r < 0)
		return fwsim_node_fail(node, "\"%s\" is not a UUID", text);
	return 0;
}

int fwsim_node_opcode(const struct fwsim_node *node, uint16_t *ret_opcode)
{
	const char *text, *digits;
	char *end;
	size_t length;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	digits = strncmp(text, "0x", 2) == 0 ? text + 2 : text;
	length = strspn(digits, "0123456789abcdefABCDEF");
	end = (char *)digits + length;
	if (length != 4 || (*end != '\0' && strcmp(end, "h") != 0))
		return fwsim_node_fail(
			node,
			"\"%s\" is not an opcode; write four hexadecimal digits, "
			"as in \"0502\"",
			text);
	*ret_opcode = (uint16_t)strtoul(digits, NULL, 16);
	return 0;
}

static int effects_number(const struct fwsim_node *node, uint16_t *ret_effects)
{
	const char *text = json_string_value(node->json);
	size_t length = strlen(text);

	if (strncmp(text, "0x", 2) != 0 || length != 6 ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != 4)
		return fwsim_node_fail(
			node,
			"\"%s\" is neither a list of effects nor a field such as "
			"\"0x0201\"",
			text);
	*ret_effects = (uint16_t)strtoul(text + 2, NULL, 16);
	return 0;
}

int fwsim_node_effects(const struct fwsim_node *node, uint16_t *ret_effects)
{
	uint16_t effects = 0, bit;
	size_t count, i;
	int r;

	if (json_is_string(node->json))
		return effects_number(node, ret_effects);
	r = fwsim_node_array(node, 16, &count);
	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(node, i);
		const char *name;

		r = fwsim_node_string(&item, &name);
		if (r < 0)
			return r;
		bit = fwa_cxl_effect_bit(name);
		if (!bit)
			return fwsim_node_fail(
				&item, "\"%s\" is not an effect that is known", name);
		effects |= bit;
		if (bit == FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET ||
		    bit == FWA_CXL_EFFECT_CONFIG_CXL_RESET)
			effects |= FWA_CXL_EFFECT_RESETS_VALID;
	}
	*ret_effects = effects;
	return 0;
}
