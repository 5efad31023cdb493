/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/effects.h"

#include <stddef.h>

static const struct {
	uint32_t effect;
	const char *name;
} effect_names[] = {
	{FWA_EFFECT_CONFIG_COLD_RESET, "config-cold-reset"},
	{FWA_EFFECT_CONFIG_IMMEDIATE, "config-immediate"},
	{FWA_EFFECT_DATA_IMMEDIATE, "data-immediate"},
	{FWA_EFFECT_POLICY_IMMEDIATE, "policy-immediate"},
	{FWA_EFFECT_LOG_IMMEDIATE, "log-immediate"},
	{FWA_EFFECT_SECURITY_STATE, "security-state"},
	{FWA_EFFECT_BACKGROUND, "background"},
	{FWA_EFFECT_CONFIG_CONVENTIONAL_RESET, "config-conventional-reset"},
	{FWA_EFFECT_CONFIG_CXL_RESET, "config-cxl-reset"},
	{FWA_EFFECT_NAMESPACE, "namespace"},
	{FWA_EFFECT_CAPABILITY, "capability"},
	{FWA_EFFECT_FIRMWARE, "firmware"},
	{FWA_EFFECT_RESET, "reset"},
};

const char *fwa_effect_name(uint32_t effect)
{
	for (size_t i = 0; i < sizeof(effect_names) / sizeof(effect_names[0]); i++) {
		if (effect_names[i].effect == effect)
			return effect_names[i].name;
	}
	return NULL;
}
