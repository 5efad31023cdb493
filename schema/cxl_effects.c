/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/cxl_effects.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/cxl_feature.h"
#include "schema/effects.h"
#include "schema/fwctl.h"

static const struct {
	uint16_t bit;
	uint32_t class; /* 0: a capability, or says only that others are valid */
	const char *name;
} bits[] = {
	{FWA_CXL_EFFECT_CONFIG_COLD_RESET, FWA_EFFECT_CONFIG_COLD_RESET,
	 "config-cold-reset"},
	{FWA_CXL_EFFECT_CONFIG_IMMEDIATE, FWA_EFFECT_CONFIG_IMMEDIATE,
	 "config-immediate"},
	{FWA_CXL_EFFECT_DATA_IMMEDIATE, FWA_EFFECT_DATA_IMMEDIATE, "data-immediate"},
	{FWA_CXL_EFFECT_POLICY_IMMEDIATE, FWA_EFFECT_POLICY_IMMEDIATE,
	 "policy-immediate"},
	{FWA_CXL_EFFECT_LOG_IMMEDIATE, FWA_EFFECT_LOG_IMMEDIATE, "log-immediate"},
	{FWA_CXL_EFFECT_SECURITY_STATE, FWA_EFFECT_SECURITY_STATE, "security-state"},
	{FWA_CXL_EFFECT_BACKGROUND, FWA_EFFECT_BACKGROUND, "background"},
	{FWA_CXL_EFFECT_SECONDARY_MAILBOX, 0, "secondary-mailbox-supported"},
	{FWA_CXL_EFFECT_ABORT_SUPPORTED, 0, "background-abort-supported"},
	{FWA_CXL_EFFECT_RESETS_VALID, 0, "reset-bits-valid"},
	{FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET, FWA_EFFECT_CONFIG_CONVENTIONAL_RESET,
	 "config-conventional-reset"},
	{FWA_CXL_EFFECT_CONFIG_CXL_RESET, FWA_EFFECT_CONFIG_CXL_RESET,
	 "config-cxl-reset"},
};
#define BIT_COUNT (sizeof(bits) / sizeof(bits[0]))

#define RESET_BITS                                                                       \
	(FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET | FWA_CXL_EFFECT_CONFIG_CXL_RESET)

uint32_t fwa_cxl_effects_classes(uint16_t effects)
{
	uint32_t classes = 0;
	size_t i;

	if (!(effects & FWA_CXL_EFFECT_RESETS_VALID))
		effects &= (uint16_t)~RESET_BITS;
	for (i = 0; i < BIT_COUNT; i++) {
		if (effects & bits[i].bit)
			classes |= bits[i].class;
	}
	return classes;
}

unsigned fwa_cxl_effects_faults(uint16_t effects)
{
	unsigned faults = 0;

	if (effects & FWA_CXL_EFFECT_RESERVED)
		faults |= FWA_CXL_FAULT_RESERVED;
	if ((effects & RESET_BITS) && !(effects & FWA_CXL_EFFECT_RESETS_VALID))
		faults |= FWA_CXL_FAULT_RESETS_INVALID;
	if ((effects & FWA_CXL_EFFECT_ABORT_SUPPORTED) &&
	    !(effects & FWA_CXL_EFFECT_BACKGROUND))
		faults |= FWA_CXL_FAULT_ABORT_ALONE;
	return faults;
}

const char *fwa_cxl_effect_bit_name(uint16_t bit)
{
	size_t i;

	for (i = 0; i < BIT_COUNT; i++) {
		if (bits[i].bit == bit)
			return bits[i].name;
	}
	return NULL;
}

uint16_t fwa_cxl_effect_bit(const char *name)
{
	size_t i;

	for (i = 0; i < BIT_COUNT; i++) {
		if (strcmp(bits[i].name, name) == 0)
			return bits[i].bit;
	}
	return 0;
}

int fwa_cxl_set_feature_scope(uint16_t effects, uint32_t flags)
{
	const uint16_t immediate =
		FWA_CXL_EFFECT_CONFIG_IMMEDIATE | FWA_CXL_EFFECT_DATA_IMMEDIATE |
		FWA_CXL_EFFECT_POLICY_IMMEDIATE | FWA_CXL_EFFECT_LOG_IMMEDIATE;
	/* Linux takes bits 10 and 11 at their word: it does not look at bit 9. */
	const uint16_t deferred = FWA_CXL_EFFECT_CONFIG_COLD_RESET | RESET_BITS;

	if (!(flags & FWA_CXL_FEATURE_CHANGEABLE))
		return -EINVAL;
	if (effects & (FWA_CXL_EFFECT_RESERVED | FWA_CXL_EFFECT_BACKGROUND))
		return -EINVAL;
	if (effects & immediate)
		return FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL;
	if (effects & deferred)
		return FWA_FWCTL_SCOPE_DEBUG_WRITE;
	return -EINVAL;
}

int fwa_cxl_cel_entry(const uint8_t *cel, size_t size, size_t index,
		      struct fwa_cxl_cel_entry *ret_entry)
{
	const uint8_t *p;

	if (index >= fwa_cxl_cel_count(size))
		return -ENOENT;
	p = cel + index * FWA_CXL_CEL_ENTRY_SIZE;
	*ret_entry = (struct fwa_cxl_cel_entry){
		.opcode = fwa_le16(p),
		.effects = fwa_le16(p + 2),
	};
	return 0;
}

void fwa_cxl_cel_entry_encode(const struct fwa_cxl_cel_entry *entry,
			      uint8_t ret_buffer[FWA_CXL_CEL_ENTRY_SIZE])
{
	fwa_put_le16(ret_buffer, entry->opcode);
	fwa_put_le16(ret_buffer + 2, entry->effects);
}

int fwa_cxl_cel_find(const uint8_t *cel, size_t size, uint16_t opcode,
		     uint16_t *ret_effects)
{
	struct fwa_cxl_cel_entry entry;
	size_t i;

	for (i = 0; fwa_cxl_cel_entry(cel, size, i, &entry) == 0; i++) {
		if (entry.opcode == opcode) {
			*ret_effects = entry.effects;
			return 0;
		}
	}
	return -ENOENT;
}
