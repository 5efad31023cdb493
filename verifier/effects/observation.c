/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/effects/observation.h"

#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"

#define IMMEDIATE (FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE)

static const struct {
	const char *name; /* the key itself, or what stands before a further dot in it */
	enum fwa_key_family family;
	uint32_t classes; /* 0: what the record says */
} fixed_keys[] = {
	{"cxl.identify", FWA_KEY_CONFIGURATION, FWA_EFFECT_CONFIG_IMMEDIATE},
	/* What a reset will bring; by the record's word, which knows if it is there already. */
	{"cxl.partition_info.next", FWA_KEY_CONFIGURATION, 0},
	{"cxl.partition_info", FWA_KEY_CONFIGURATION, FWA_EFFECT_CONFIG_IMMEDIATE},
	{"cxl.firmware_info", FWA_KEY_FIRMWARE, FWA_EFFECT_FIRMWARE},
	{"cxl.lsa", FWA_KEY_DATA, FWA_EFFECT_DATA_IMMEDIATE},
	{"cxl.alert_config", FWA_KEY_POLICY, FWA_EFFECT_POLICY_IMMEDIATE},
	{"cxl.shutdown_state", FWA_KEY_POLICY, FWA_EFFECT_POLICY_IMMEDIATE},
	{"cxl.cel", FWA_KEY_LOG, FWA_EFFECT_LOG_IMMEDIATE},
	{"cxl.supported_logs", FWA_KEY_LOG, FWA_EFFECT_LOG_IMMEDIATE},
};

static const struct {
	const char *name;
	enum fwa_key_family family;
	uint32_t classes;
} selections[] = {
	{"current", FWA_KEY_FEATURE_CURRENT, FWA_EFFECT_CONFIG_IMMEDIATE},
	{"default", FWA_KEY_FEATURE_DEFAULT, FWA_EFFECT_CONFIG_IMMEDIATE},
	{"saved", FWA_KEY_FEATURE_SAVED, FWA_EFFECTS_DEFERRED},
	{"entry", FWA_KEY_FEATURE_ENTRY, FWA_EFFECT_CAPABILITY},
};

#define FEATURE_PREFIX "cxl.feature."

static bool starts_with(struct fwa_bytes key, const char *prefix)
{
	size_t length = strlen(prefix);

	return key.size >= length && memcmp(key.data, prefix, length) == 0;
}

static bool parse_feature(struct fwa_bytes key, struct fwa_key *ret_key)
{
	const size_t at = sizeof(FEATURE_PREFIX) - 1;
	const size_t rest = at + FWA_UUID_TEXT_SIZE - 1;
	const char *text = (const char *)key.data;
	size_t i;

	if (!starts_with(key, FEATURE_PREFIX) || key.size < rest + 1 ||
	    text[rest] != '.' ||
	    fwa_uuid_parse(text + at, FWA_UUID_TEXT_SIZE - 1, ret_key->feature) != 0)
		return false;
	for (i = 0; i < sizeof(selections) / sizeof(selections[0]); i++) {
		size_t length = strlen(selections[i].name);

		if (key.size == rest + 1 + length &&
		    memcmp(text + rest + 1, selections[i].name, length) == 0) {
			ret_key->family = selections[i].family;
			ret_key->classes = selections[i].classes;
			return true;
		}
	}
	return false;
}

void fwa_key_parse(struct fwa_bytes key, uint32_t effects, struct fwa_key *ret_key)
{
	size_t i;

	memset(ret_key, 0, sizeof(*ret_key));
	if (parse_feature(key, ret_key))
		return;
	for (i = 0; i < sizeof(fixed_keys) / sizeof(fixed_keys[0]); i++) {
		size_t length = strlen(fixed_keys[i].name);

		if (starts_with(key, fixed_keys[i].name) &&
		    (key.size == length || key.data[length] == '.')) {
			ret_key->family = fixed_keys[i].family;
			ret_key->classes = fixed_keys[i].classes
						   ? fixed_keys[i].classes
						   : effects & FWA_EFFECT_ALL;
			return;
		}
	}
	ret_key->family = FWA_KEY_OTHER;
	ret_key->classes = effects & FWA_EFFECT_ALL;
}

bool fwa_key_of_feature(const struct fwa_key *key)
{
	switch (key->family) {
	case FWA_KEY_FEATURE_CURRENT:
	case FWA_KEY_FEATURE_DEFAULT:
	case FWA_KEY_FEATURE_SAVED:
	case FWA_KEY_FEATURE_ENTRY:
		return true;
	default:
		return false;
	}
}

bool fwa_value_equal(const struct fwa_value *a, const struct fwa_value *b)
{
	return a->status == FWA_ITEM_VALUE && b->status == FWA_ITEM_VALUE &&
	       memcmp(a->digest, b->digest, FWA_DIGEST_SIZE) == 0;
}

/* The classes any one of which, declared, makes the change a declared one. */
static uint32_t covering(const struct fwa_change *change,
			 const struct fwa_command *command)
{
	switch (change->key.family) {
	case FWA_KEY_FEATURE_CURRENT:
	case FWA_KEY_FEATURE_DEFAULT:
		return IMMEDIATE;
	case FWA_KEY_FEATURE_SAVED:
		return FWA_EFFECTS_DEFERRED | (change->saved_is_current ? IMMEDIATE : 0);
	case FWA_KEY_FIRMWARE:
		/* The firmware update commands (02xxh) have no class but configuration to
		 * declare that they change firmware. */
		if (command->has_opcode && command->opcode >> 8 == 0x02)
			return FWA_EFFECT_FIRMWARE | FWA_EFFECT_CONFIG_IMMEDIATE |
			       FWA_EFFECTS_DEFERRED;
		return FWA_EFFECT_FIRMWARE;
	default:
		return change->key.classes;
	}
}

bool fwa_change_covered(const struct fwa_change *change,
			const struct fwa_command *command,
			const struct fwa_declared_effects *declared)
{
	uint32_t classes = covering(change, command);

	if (declared->basis == FWA_BASIS_FEATURE && fwa_key_of_feature(&change->key)) {
		if (memcmp(change->key.feature, command->feature, FWA_UUID_SIZE) != 0)
			return false;
		/* Whether what a feature holds is configuration, policy, or a setting of logs or
		 * of data, only its vendor knows: any immediate class says that it changes at
		 * once. So Linux's gate reads it, too. */
		if (classes & IMMEDIATE)
			classes |= FWA_EFFECT_DATA_IMMEDIATE | FWA_EFFECT_LOG_IMMEDIATE;
	}
	return (declared->classes & classes) != 0;
}
