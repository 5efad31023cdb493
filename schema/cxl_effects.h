/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Declared effects of CXL commands: the Command Effects Log (CEL) and the effects field
 * of a feature entry, which share one bit layout (CXL 3.2 table 8-87).
 *
 * The Linux headers name bit 7 BGCMD_ABORT and leave bit 8 out; the specification is the
 * source of these constants.
 */
#ifndef FWA_SCHEMA_CXL_EFFECTS_H
#define FWA_SCHEMA_CXL_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FWA_CXL_EFFECT_CONFIG_COLD_RESET         0x0001u
#define FWA_CXL_EFFECT_CONFIG_IMMEDIATE          0x0002u
#define FWA_CXL_EFFECT_DATA_IMMEDIATE            0x0004u
#define FWA_CXL_EFFECT_POLICY_IMMEDIATE          0x0008u
#define FWA_CXL_EFFECT_LOG_IMMEDIATE             0x0010u
#define FWA_CXL_EFFECT_SECURITY_STATE            0x0020u
#define FWA_CXL_EFFECT_BACKGROUND                0x0040u
#define FWA_CXL_EFFECT_SECONDARY_MAILBOX         0x0080u /* a capability, not an effect */
#define FWA_CXL_EFFECT_ABORT_SUPPORTED           0x0100u /* likewise; goes with bit 6 */
#define FWA_CXL_EFFECT_RESETS_VALID              0x0200u /* bits 11:10 are valid */
#define FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET 0x0400u
#define FWA_CXL_EFFECT_CONFIG_CXL_RESET          0x0800u
#define FWA_CXL_EFFECT_RESERVED                  0xf000u

/* The classes that the field declares, as FWA_EFFECT_*. Bits 10, 11 count only with
 * bit 9. */
uint32_t fwa_cxl_effects_classes(uint16_t effects);

/*
 * What is wrong with the field itself: bits of enum fwa_cxl_effects_fault, 0 if nothing.
 */
enum fwa_cxl_effects_fault {
	FWA_CXL_FAULT_RESERVED = 0x1,       /* a bit of 15:12 is set */
	FWA_CXL_FAULT_RESETS_INVALID = 0x2, /* bit 10 or 11 without bit 9 */
	FWA_CXL_FAULT_ABORT_ALONE = 0x4,    /* bit 8 without bit 6 */
};
unsigned fwa_cxl_effects_faults(uint16_t effects);

/*
 * "config-immediate" for one bit, capabilities and bit 9 included; NULL for a reserved
 * bit or several.
 */
const char *fwa_cxl_effect_bit_name(uint16_t bit);
/* The bit for a name as above; 0 if there is none. */
uint16_t fwa_cxl_effect_bit(const char *name);

/*
 * The least FWCTL_RPC scope that Linux demands for Set Feature on a feature that declares
 * `effects` and has `flags` (drivers/cxl/core/features.c): 2 or 3; or -EINVAL if it
 * refuses at any scope: not changeable, reserved bits, background, no immediate and no
 * deferred effect.
 */
int fwa_cxl_set_feature_scope(uint16_t effects, uint32_t flags);

/* A CEL is a run of 4 byte entries {le16 opcode, le16 effects}. */
#define FWA_CXL_CEL_ENTRY_SIZE 4u
struct fwa_cxl_cel_entry {
	uint16_t opcode;
	uint16_t effects;
};
static inline size_t fwa_cxl_cel_count(size_t size)
{
	return size / FWA_CXL_CEL_ENTRY_SIZE;
}
/* The entry `index`. Returns 0; -ENOENT past the last whole entry. */
int fwa_cxl_cel_entry(const uint8_t *cel, size_t size, size_t index,
		      struct fwa_cxl_cel_entry *ret_entry);
void fwa_cxl_cel_entry_encode(const struct fwa_cxl_cel_entry *entry,
			      uint8_t ret_buffer[FWA_CXL_CEL_ENTRY_SIZE]);
/* The effects of `opcode`'s first entry. Returns 0; -ENOENT if the log does not mention
 * it. */
int fwa_cxl_cel_find(const uint8_t *cel, size_t size, uint16_t opcode,
		     uint16_t *ret_effects);

#endif
