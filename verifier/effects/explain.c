/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What explains a change when no overlapping command declares it: a reset that brings about what
 * was pending, a background operation, a value that was written before and took its time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "verifier/effects/engine.h"

/* Any of them lets a feature's own value change at once: see fwa_change_covered. */
#define IMMEDIATE                                                                        \
	(FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE |                     \
	 FWA_EFFECT_DATA_IMMEDIATE | FWA_EFFECT_LOG_IMMEDIATE)

uint32_t fwa_engine_resets(const struct device *device, const struct window *window)
{
	uint32_t realises = 0;
	size_t i;

	for (i = 0; i < device->reset_count; i++) {
		if (device->resets[i].not_before <= window->ended &&
		    device->resets[i].not_after > window->previous_started)
			realises |= device->resets[i].realises;
	}
	/* A reset that was seen and whose event is not in the ledger may have been any. */
	if (!realises && window->reason == FWA_SNAPSHOT_RESET)
		realises = FWA_EFFECTS_DEFERRED;
	return realises;
}

static bool sets_feature(const struct past *past, const uint8_t feature[FWA_UUID_SIZE])
{
	return past->brief.command.is_set && past->brief.command.has_feature &&
	       memcmp(past->brief.command.feature, feature, FWA_UUID_SIZE) == 0;
}

/* The last Set Feature of that feature since the last reset. */
static const struct past *last_set(const struct device *device,
				   const uint8_t feature[FWA_UUID_SIZE])
{
	const struct past *last = NULL;
	size_t i;

	for (i = 0; i < device->history_count; i++) {
		const struct past *past = &device->history[i];

		if (sets_feature(past, feature) &&
		    (!last || past->brief.entered > last->brief.entered))
			last = past;
	}
	return last;
}

/*
 * Did any command declare that such a reset changes configuration? A feature's entry speaks of
 * that feature alone (see fwa_change_covered): of another feature's value (`owned`) only what the
 * Command Effects Log declares counts.
 */
static bool deferred_configuration(const struct device *device, uint32_t realises,
				   bool owned)
{
	size_t i;

	for (i = 0; i < device->history_count; i++) {
		const struct fwa_declared_effects *declared =
			&device->history[i].brief.declared;

		if (declared->classes & realises &&
		    !(owned && declared->basis == FWA_BASIS_FEATURE))
			return true;
	}
	return false;
}

/* It declares nothing that happens at once: what it saves holds from some reset on. */
static bool waits(const struct past *set)
{
	return !(set->brief.declared.classes & IMMEDIATE);
}

bool fwa_engine_may_realise(const struct device *device, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < device->history_count; i++) {
		const struct past *past = &device->history[i];

		if (past->brief.sequence == sequence)
			return past->brief.command.is_set && waits(past);
	}
	return false;
}

static enum explanation explain_current(const struct device *device,
					const struct fwa_change *change,
					uint32_t realises, const struct past **ret_past)
{
	struct fwa_value saved, initial;
	const struct past *set = last_set(device, change->key.feature);

	if (set && set->brief.declared.basis == FWA_BASIS_NONE)
		return CANNOT_TELL;
	if ((set && set->brief.declared.classes & realises) ||
	    deferred_configuration(device, realises, true))
		return EXPLAINED;
	/* A reset brings a feature back to what it has saved, or to its default. */
	initial = fwa_state_feature(device->state, change->key.feature,
				    FWA_KEY_FEATURE_DEFAULT);
	if (fwa_value_equal(&initial, &change->after))
		return EXPLAINED;
	saved = fwa_state_feature(device->state, change->key.feature,
				  FWA_KEY_FEATURE_SAVED);
	if (!fwa_value_equal(&saved, &change->after))
		return NOT_EXPLAINED;
	/* The saved value; but of a command that declares to wait for a deeper reset than this
	 * one, or for none at all? */
	if (set && waits(set)) {
		*ret_past = set;
		return REALISED_UNDECLARED;
	}
	return EXPLAINED;
}

enum explanation fwa_engine_explain_reset(const struct device *device,
					  const struct fwa_change *change,
					  uint32_t realises, const struct past **ret_past)
{
	enum explanation answer = NOT_EXPLAINED;
	const struct past *set;

	switch (change->key.family) {
	case FWA_KEY_FEATURE_CURRENT:
		answer = explain_current(device, change, realises, ret_past);
		break;
	case FWA_KEY_FEATURE_SAVED:
		set = last_set(device, change->key.feature);
		if ((set && set->brief.declared.classes & realises) ||
		    deferred_configuration(device, realises, true))
			answer = EXPLAINED;
		break;
	case FWA_KEY_FEATURE_DEFAULT:
		if (deferred_configuration(device, realises, true))
			answer = EXPLAINED;
		break;
	case FWA_KEY_CONFIGURATION:
		if (deferred_configuration(device, realises, false))
			answer = EXPLAINED;
		break;
	case FWA_KEY_FIRMWARE:
		/* Activating firmware is declared as configuration; see fwa_change_covered. */
		for (size_t i = 0; i < device->history_count; i++) {
			const struct brief *brief = &device->history[i].brief;

			if (brief->command.opcode >> 8 == 0x02 &&
			    brief->declared.classes & realises)
				answer = EXPLAINED;
		}
		break;
	default:
		break;
	}
	if (answer == NOT_EXPLAINED && device->history_full)
		return CANNOT_TELL;
	return answer;
}

/* The value that a Set Feature wrote, where its declaration lets it take effect by itself. */
static bool is_written(const struct past *past, const struct fwa_change *change)
{
	const struct fwa_command *command = &past->brief.command;

	return (change->key.family == FWA_KEY_FEATURE_CURRENT ||
		change->key.family == FWA_KEY_FEATURE_SAVED) &&
	       sets_feature(past, change->key.feature) && command->has_written &&
	       change->after.status == FWA_ITEM_VALUE &&
	       memcmp(command->written, change->after.digest, FWA_DIGEST_SIZE) == 0;
}

enum explanation fwa_engine_explain_past(struct device *device,
					 const struct fwa_change *change,
					 const struct window *window)
{
	size_t i;

	for (i = 0; i < device->history_count; i++) {
		struct past *past = &device->history[i];
		bool background = past->running ||
				  past->brief.declared.classes & FWA_EFFECT_BACKGROUND;

		if (past->brief.entered > window->ended ||
		    !(background || is_written(past, change)))
			continue;
		if (past->brief.declared.basis == FWA_BASIS_NONE)
			return CANNOT_TELL;
		if (!fwa_change_covered(change, &past->brief.command,
					&past->brief.declared))
			continue;
		/* What it declared has been seen: it need not be running any more. */
		past->running = false;
		return EXPLAINED;
	}
	return device->history_full ? CANNOT_TELL : NOT_EXPLAINED;
}

const struct past *fwa_engine_running(const struct device *device,
				      const struct window *window)
{
	size_t i;

	for (i = 0; i < device->history_count; i++) {
		if (device->history[i].running &&
		    device->history[i].brief.entered <= window->ended)
			return &device->history[i];
	}
	return NULL;
}

static bool same_selector(const struct fwa_command *a, const struct fwa_command *b)
{
	return a->has_opcode == b->has_opcode && a->opcode == b->opcode &&
	       a->has_feature == b->has_feature &&
	       memcmp(a->feature, b->feature, FWA_UUID_SIZE) == 0;
}

int fwa_engine_remember(struct device *device, struct brief *brief)
{
	bool background = brief->command.outcome == FWA_OUTCOME_BACKGROUND;
	struct past *past = NULL;
	size_t i;

	if (brief->remembered || !fwa_command_may_act(&brief->command) ||
	    fwa_command_reads(&brief->command))
		return 0;
	brief->remembered = true;
	if (!device->history) {
		device->history = calloc(HISTORY_MAX, sizeof(*device->history));
		if (!device->history)
			return -ENOMEM;
	}
	for (i = 0; i < device->history_count; i++) {
		/* A device runs one background operation at a time: the older one is over. */
		if (background)
			device->history[i].running = false;
		if (same_selector(&device->history[i].brief.command, &brief->command))
			past = &device->history[i];
	}
	if (!past && device->history_count < HISTORY_MAX)
		past = &device->history[device->history_count++];
	if (!past) {
		/* Something that was declared is forgotten: nothing later is nobody's. */
		device->history_full = true;
		past = &device->history[0];
	}
	past->brief = *brief;
	past->running = background;
	return 0;
}
