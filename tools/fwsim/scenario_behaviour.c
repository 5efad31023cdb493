/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario's behaviours: what sets them off and what they say. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fwctl.h"
#include "tools/fwsim/scenario.h"

/* The keys of a trigger that stands for a command. */
static int load_command_trigger(const struct fwsim_node *node,
				struct fwsim_device *device,
				struct fwsim_trigger *trigger)
{
	static const char *const selections[] = {"current", "default", "saved", NULL};
	static const char *const doors[] = {"any", "fwctl", "mailbox", NULL};
	struct fwsim_feature *feature = NULL;
	struct fwsim_node child;
	int64_t number;
	size_t index;
	int r = 0;

	if (fwsim_node_get(node, "opcode", &child)) {
		trigger->has_opcode = true;
		r = fwsim_node_opcode(&child, &trigger->opcode);
		if (r == 0 && trigger->opcode == FWA_CXL_GET_SUPPORTED_FEATURES &&
		    device->gate == FWSIM_GATE_KERNEL)
			r = fwsim_node_fail(
				&child, "the kernel answers 0500h itself, so that the "
					"device never sees it (gate \"none\" lets it "
					"through)");
	}
	if (r == 0 && fwsim_node_get(node, "feature", &child)) {
		r = fwsim_find_feature(&child, device, &feature);
		trigger->feature = feature;
	}
	if (r == 0 && fwsim_node_get(node, "selection", &child)) {
		r = fwsim_node_choice(&child, selections, &index);
		trigger->selection = r == 0 ? (uint8_t)index : FWSIM_SELECT_ANY;
	}
	if (r == 0 && fwsim_node_get(node, "scope", &child)) {
		r = fwsim_node_number(&child, 0, FWA_FWCTL_SCOPE_MAX, &number);
		trigger->scope = r == 0 ? (uint8_t)number : FWSIM_SCOPE_ANY;
	}
	if (r == 0 && fwsim_node_get(node, "door", &child)) {
		r = fwsim_node_choice(&child, doors, &index);
		trigger->door = r == 0 ? (enum fwsim_door)index : FWSIM_DOOR_ANY;
	}
	if (r == 0 && fwsim_node_get(node, "data", &child))
		r = fwsim_node_hex(&child, FWA_FWCTL_PAYLOAD_MAX, &trigger->data,
				   &trigger->data_size);
	return r;
}

static int load_turn(const struct fwsim_node *node, const char *key, uint64_t *ret_turn)
{
	struct fwsim_node child;
	int64_t number;
	int r;

	if (!fwsim_node_get(node, key, &child))
		return 0;
	r = fwsim_node_number(&child, 1, INT64_MAX, &number);
	if (r == 0)
		*ret_turn = (uint64_t)number;
	return r;
}

int fwsim_load_trigger(const struct fwsim_node *node, struct fwsim_device *device,
		       struct fwsim_trigger *trigger)
{
	static const char *const command_keys[] = {"opcode", "feature", "selection",
						   "scope",  "door",    "data",
						   "nth",    "every",   NULL};
	static const char *const reset_keys[] = {"reset", "nth", "every", NULL};
	static const char *const timer_keys[] = {"timer_ms", NULL};
	static const char *const resets[] = {"cold", "conventional", "cxl", "any", NULL};
	struct fwsim_node child;
	size_t index;
	int r;

	*trigger = (struct fwsim_trigger){
		.selection = FWSIM_SELECT_ANY,
		.scope = FWSIM_SCOPE_ANY,
		.reset = FWSIM_RESET_NONE,
	};
	trigger->on_reset = fwsim_node_get(node, "reset", &child);
	trigger->on_timer =
		!trigger->on_reset && fwsim_node_get(node, "timer_ms", &child);
	r = fwsim_node_object(node, trigger->on_reset   ? reset_keys
				    : trigger->on_timer ? timer_keys
							: command_keys);
	if (r < 0)
		return r;
	if (trigger->on_timer)
		return fwsim_node_milliseconds(&child, &trigger->timer);
	if (trigger->on_reset) {
		r = fwsim_node_choice(&child, resets, &index);
		if (r == 0 && index <= FWA_RESET_CXL)
			trigger->reset = (uint8_t)index;
	} else {
		if (json_object_size(node->json) == 0)
			return fwsim_node_fail(node, "say what sets this behaviour off");
		r = load_command_trigger(node, device, trigger);
	}
	if (r == 0)
		r = load_turn(node, "nth", &trigger->nth);
	if (r == 0)
		r = load_turn(node, "every", &trigger->every);
	return r;
}

/* Errors that a driver can be made to answer with. */
static int load_errno(const struct fwsim_node *node, int *ret_error)
{
	static const char *const names[] = {"EINVAL", "EPERM",     "EBUSY",      "ENODEV",
					    "ENOMEM", "ETIMEDOUT", "EAGAIN",     "ENXIO",
					    "EINTR",  "EFAULT",    "EOPNOTSUPP", NULL};
	static const int numbers[] = {EINVAL, EPERM, EBUSY, ENODEV, ENOMEM,    ETIMEDOUT,
				      EAGAIN, ENXIO, EINTR, EFAULT, EOPNOTSUPP};
	size_t index;
	int r;

	r = fwsim_node_choice(node, names, &index);
	if (r < 0)
		return r;
	*ret_error = -numbers[index];
	return 0;
}

static int load_failure(const struct fwsim_node *node, struct fwsim_behaviour *behaviour)
{
	static const char *const keys[] = {"retval", "errno", "transport", NULL};
	struct fwsim_node child;
	int64_t number;
	int r;

	r = fwsim_node_object(node, keys);
	if (r < 0)
		return r;
	if (json_object_size(node->json) != 1)
		return fwsim_node_fail(
			node, "give one of \"retval\", \"errno\", \"transport\"");
	if (fwsim_node_get(node, "retval", &child)) {
		r = fwsim_node_number(&child, 1, 0xffff, &number);
		behaviour->has_retval = r == 0;
		behaviour->retval = r == 0 ? (uint32_t)number : 0;
	} else if (fwsim_node_get(node, "errno", &child)) {
		r = load_errno(&child, &behaviour->error);
	} else if (fwsim_node_get(node, "transport", &child)) {
		r = fwsim_node_bool(&child, &behaviour->transport_failure);
	}
	return r;
}

static int load_effects(const struct fwsim_node *node, struct fwsim_device *device,
			struct fwsim_behaviour *behaviour)
{
	bool has_request = !behaviour->trigger.on_reset && !behaviour->trigger.on_timer;
	struct fwsim_node effects;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, "effects", &effects))
		return 0;
	r = fwsim_node_array(&effects, 64, &count);
	if (r < 0)
		return r;
	behaviour->effects = calloc(count + 1, sizeof(*behaviour->effects));
	if (!behaviour->effects)
		return fwsim_node_fail(&effects, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&effects, i);

		behaviour->effect_count++;
		r = fwsim_load_effect(&item, device, has_request, &behaviour->effects[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_behaviour(const struct fwsim_node *node, struct fwsim_device *device,
			  struct fwsim_behaviour *behaviour)
{
	static const char *const keys[] = {"comment",       "trigger", "effects",
					   "suppress",      "fail",    "latency_ms",
					   "background_ms", NULL};
	struct fwsim_node child;
	int r;

	r = fwsim_node_object(node, keys);
	if (r == 0)
		r = fwsim_node_require(node, "trigger", &child);
	if (r == 0)
		r = fwsim_load_trigger(&child, device, &behaviour->trigger);
	if (r == 0)
		r = load_effects(node, device, behaviour);
	if (r < 0)
		return r;
	if (behaviour->trigger.on_reset || behaviour->trigger.on_timer) {
		static const char *const command_only[] = {"suppress", "fail",
							   "latency_ms", "background_ms"};
		size_t i;

		for (i = 0; i < sizeof(command_only) / sizeof(command_only[0]); i++) {
			if (fwsim_node_get(node, command_only[i], &child))
				return fwsim_node_fail(&child,
						       "this needs a trigger that is a "
						       "command");
		}
		return 0;
	}
	if (fwsim_node_get(node, "suppress", &child))
		r = fwsim_node_bool(&child, &behaviour->suppress);
	if (r == 0 && fwsim_node_get(node, "fail", &child))
		r = load_failure(&child, behaviour);
	if (r == 0 && fwsim_node_get(node, "latency_ms", &child))
		r = fwsim_node_milliseconds(&child, &behaviour->latency);
	if (r == 0 && fwsim_node_get(node, "background_ms", &child))
		r = fwsim_node_milliseconds(&child, &behaviour->background);
	return r;
}

int fwsim_load_behaviours(const struct fwsim_node *node, struct fwsim_device *device)
{
	struct fwsim_node behaviours;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, "behaviours", &behaviours))
		return 0;
	r = fwsim_node_array(&behaviours, 256, &count);
	if (r < 0)
		return r;
	device->behaviours = calloc(count + 1, sizeof(*device->behaviours));
	if (!device->behaviours)
		return fwsim_node_fail(&behaviours, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&behaviours, i);

		device->behaviour_count++;
		r = load_behaviour(&item, device, &device->behaviours[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
