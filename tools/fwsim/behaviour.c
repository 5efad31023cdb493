/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/behaviour.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/change.h"

static bool matches(const struct fwsim_trigger *trigger,
		    const struct fwsim_command *command,
		    const struct fwsim_feature *feature, uint8_t selection,
		    struct fwa_bytes data)
{
	if (trigger->on_reset || trigger->on_timer)
		return false;
	if (trigger->has_opcode && trigger->opcode != command->opcode)
		return false;
	if (trigger->feature && trigger->feature != feature)
		return false;
	if (trigger->selection != FWSIM_SELECT_ANY && trigger->selection != selection)
		return false;
	if (trigger->scope != FWSIM_SCOPE_ANY && trigger->scope != command->scope)
		return false;
	if (trigger->door != FWSIM_DOOR_ANY && trigger->door != command->door)
		return false;
	if (trigger->data && (trigger->data_size != data.size ||
			      memcmp(trigger->data, data.data, data.size) != 0))
		return false;
	return true;
}

/* `count` is this match's number, from 1. */
static bool is_turn(const struct fwsim_trigger *trigger, uint64_t count)
{
	if (trigger->nth && count != trigger->nth)
		return false;
	if (trigger->every && count % trigger->every != 0)
		return false;
	return true;
}

static void merge(struct fwsim_outcome *outcome, const struct fwsim_behaviour *behaviour)
{
	outcome->suppress |= behaviour->suppress;
	outcome->transport_failure |= behaviour->transport_failure;
	if (behaviour->has_retval && !outcome->has_retval) {
		outcome->has_retval = true;
		outcome->retval = behaviour->retval;
	}
	if (!outcome->error)
		outcome->error = behaviour->error;
	if (!outcome->background)
		outcome->background = behaviour->background;
	outcome->latency += behaviour->latency;
	outcome->injected =
		outcome->transport_failure || outcome->has_retval || outcome->error;
}

void fwsim_behaviours_match(struct fwsim_device *device,
			    const struct fwsim_command *command,
			    const struct fwsim_feature *feature, uint8_t selection,
			    struct fwa_bytes data, bool *ret_fires,
			    struct fwsim_outcome *ret_outcome)
{
	size_t i;

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	for (i = 0; i < device->behaviour_count; i++) {
		struct fwsim_behaviour *behaviour = &device->behaviours[i];

		ret_fires[i] =
			matches(&behaviour->trigger, command, feature, selection, data) &&
			is_turn(&behaviour->trigger, ++behaviour->matches);
		if (ret_fires[i])
			merge(ret_outcome, behaviour);
	}
}

/* The effect as a change, with bytes of its own. */
static int materialise(const struct fwsim_effect *effect, struct fwa_bytes data,
		       struct fwsim_change *ret_change)
{
	const uint8_t *bytes = effect->from_request ? data.data : effect->bytes;
	struct fwsim_change change = {
		.operation = effect->operation,
		.region = effect->region,
		.offset = effect->offset,
		.size = effect->size,
		.addend = effect->addend,
		.opcode = effect->opcode,
		.cel_effects = effect->cel_effects,
	};

	if (effect->from_request && change.size > data.size)
		change.size = data.size;
	if (bytes && change.size) {
		change.bytes = malloc(change.size);
		if (!change.bytes)
			return -ENOMEM;
		memcpy(change.bytes, bytes, change.size);
	}
	*ret_change = change;
	return 0;
}

static int perform(struct fwsim_device *device, const struct fwsim_effect *effect,
		   struct fwa_bytes data, uint64_t now)
{
	struct fwsim_change change;
	int r;

	r = materialise(effect, data, &change);
	if (r < 0)
		return r;
	switch (effect->when) {
	case FWSIM_AFTER:
		r = fwsim_change_at(device, &change, now + effect->delay);
		break;
	case FWSIM_ON_RESET:
		r = fwsim_change_on_reset(device, &change, effect->reset);
		break;
	case FWSIM_AT_ONCE:
		fwsim_change_apply(device, &change);
		break;
	}
	free(change.bytes);
	return r;
}

static int perform_all(struct fwsim_device *device,
		       const struct fwsim_behaviour *behaviour, struct fwa_bytes data,
		       uint64_t now)
{
	size_t i;
	int r;

	for (i = 0; i < behaviour->effect_count; i++) {
		r = perform(device, &behaviour->effects[i], data, now);
		if (r < 0)
			return r;
	}
	return 0;
}

int fwsim_behaviours_perform(struct fwsim_device *device, const bool *fires,
			     struct fwa_bytes data, uint64_t now)
{
	size_t i;
	int r;

	for (i = 0; i < device->behaviour_count; i++) {
		if (!fires[i])
			continue;
		r = perform_all(device, &device->behaviours[i], data, now);
		if (r < 0)
			return r;
	}
	return 0;
}

int fwsim_behaviours_on_start(struct fwsim_device *device, uint64_t now)
{
	size_t i, j;
	int r;

	for (i = 0; i < device->behaviour_count; i++) {
		const struct fwsim_behaviour *behaviour = &device->behaviours[i];

		if (!behaviour->trigger.on_timer)
			continue;
		for (j = 0; j < behaviour->effect_count; j++) {
			struct fwsim_effect effect = behaviour->effects[j];

			if (effect.when != FWSIM_ON_RESET) {
				effect.delay =
					behaviour->trigger.timer +
					(effect.when == FWSIM_AFTER ? effect.delay : 0);
				effect.when = FWSIM_AFTER;
			}
			r = perform(device, &effect, (struct fwa_bytes){0}, now);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int fwsim_behaviours_on_reset(struct fwsim_device *device, uint8_t reset, uint64_t now)
{
	size_t i;
	int r;

	for (i = 0; i < device->behaviour_count; i++) {
		struct fwsim_behaviour *behaviour = &device->behaviours[i];
		const struct fwsim_trigger *trigger = &behaviour->trigger;

		if (!trigger->on_reset)
			continue;
		if (trigger->reset != FWSIM_RESET_NONE && trigger->reset != reset)
			continue;
		if (!is_turn(trigger, ++behaviour->matches))
			continue;
		r = perform_all(device, behaviour, (struct fwa_bytes){0}, now);
		if (r < 0)
			return r;
	}
	return 0;
}

void fwsim_behaviour_clear(struct fwsim_behaviour *behaviour)
{
	size_t i;

	for (i = 0; i < behaviour->effect_count; i++)
		free(behaviour->effects[i].bytes);
	free(behaviour->effects);
	free(behaviour->trigger.data);
}
