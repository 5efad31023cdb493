/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effect classes: what a command declares that it does, and what was seen to happen.
 * One vocabulary for every transport. Values are bits of a uint32_t and part of the format.
 */
#ifndef FWA_SCHEMA_EFFECTS_H
#define FWA_SCHEMA_EFFECTS_H

#include <stdint.h>

#define FWA_EFFECT_CONFIG_COLD_RESET	     0x0001u /* CEL bit 0 */
#define FWA_EFFECT_CONFIG_IMMEDIATE	     0x0002u /* CEL bit 1 */
#define FWA_EFFECT_DATA_IMMEDIATE	     0x0004u /* CEL bit 2 */
#define FWA_EFFECT_POLICY_IMMEDIATE	     0x0008u /* CEL bit 3 */
#define FWA_EFFECT_LOG_IMMEDIATE	     0x0010u /* CEL bit 4 */
#define FWA_EFFECT_SECURITY_STATE	     0x0020u /* CEL bit 5 */
#define FWA_EFFECT_BACKGROUND		     0x0040u /* CEL bit 6 */
#define FWA_EFFECT_CONFIG_CONVENTIONAL_RESET 0x0080u /* CEL bit 10, with bit 9 */
#define FWA_EFFECT_CONFIG_CXL_RESET	     0x0100u /* CEL bit 11, with bit 9 */
#define FWA_EFFECT_NAMESPACE		     0x0200u
#define FWA_EFFECT_CAPABILITY		     0x0400u
#define FWA_EFFECT_FIRMWARE		     0x0800u
#define FWA_EFFECT_RESET		     0x1000u
#define FWA_EFFECT_ALL			     0x1fffu

/* The classes that take hold only when a reset comes. */
#define FWA_EFFECTS_DEFERRED                                                                  \
	(FWA_EFFECT_CONFIG_COLD_RESET | FWA_EFFECT_CONFIG_CONVENTIONAL_RESET |                \
	 FWA_EFFECT_CONFIG_CXL_RESET)

/* "config-immediate" for exactly one class bit; NULL otherwise. */
const char *fwa_effect_name(uint32_t effect);

#endif
