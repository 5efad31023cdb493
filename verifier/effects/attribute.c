/* SPDX-License-Identifier: Apache-2.0 */
/* One window: what changed in it, and whether that was declared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/view.h"

static void doubt_all(struct view *view, const char *reason)
{
	size_t i;

	for (i = 0; i < view->candidate_count; i++) {
		if (!view->candidates[i]->doubt)
			view->candidates[i]->doubt = reason;
	}
}

static int collect(struct view *view)
{
	struct device *device = view->device;
	const struct window *window = view->window;
	size_t i;

	view->candidates = calloc(device->brief_count + 1, sizeof(struct brief *));
	if (!view->candidates)
		return -ENOMEM;
	for (i = 0; i < device->brief_count; i++) {
		struct brief *brief = device->briefs[i];
		int error;

		if (brief->entered > window->ended ||
		    brief->returned <= window->previous_started)
			continue;
		error = fwa_engine_resolve(view->effects, window->device, brief, true);
		if (!error)
			error = fwa_engine_remember(device, brief);
		if (error)
			return error;
		if (window->previous_started < brief->seen_from)
			brief->seen_from = window->previous_started;
		brief->seen_to = window->ended;
		view->candidates[view->candidate_count++] = brief;
	}
	return 0;
}

/* A key's value after the window. */
static struct fwa_value value_after(const struct view *view, const uint8_t *feature,
				    enum fwa_key_family family)
{
	size_t i;

	for (i = 0; i < view->window->item_count; i++) {
		const struct window_item *item = &view->window->items[i];

		if (item->key.family == family &&
		    memcmp(item->key.feature, feature, FWA_UUID_SIZE) == 0)
			return item->after;
	}
	return fwa_state_feature(view->device->state, feature, family);
}

/*
 * A saved value is not the current one. May the command that saved it have made it current all the
 * same? Yes, if it came while the observer looked, who reads one after the other; and if another
 * command may have changed the current value since.
 */
static bool may_have_been_current(const struct view *view,
				  const struct window_item *saved)
{
	bool written = false;
	size_t actors = 0, i;

	for (i = 0; i < view->candidate_count; i++) {
		const struct brief *brief = view->candidates[i];
		const struct fwa_command *command = &brief->command;

		if (!fwa_command_may_act(command) || fwa_command_reads(command))
			continue;
		actors++;
		if (!command->is_set || !command->has_feature ||
		    memcmp(command->feature, saved->key.feature, FWA_UUID_SIZE) != 0)
			continue;
		if (brief->returned >= view->window->started)
			return true;
		if (!command->has_written ||
		    (saved->after.status == FWA_ITEM_VALUE &&
		     memcmp(command->written, saved->after.digest, FWA_DIGEST_SIZE) == 0))
			written = true;
	}
	return written && actors > 1;
}

/* What the item says happened. False: nothing, or nothing that can be told. */
static bool changed(struct view *view, const struct window_item *item,
		    struct fwa_change *ret_change)
{
	struct fwa_bytes name = {(const uint8_t *)item->name, strlen(item->name)};
	struct fwa_value current;

	if (item->is_volatile || item->key.classes == 0)
		return false;
	if (item->after.status == FWA_ITEM_UNREADABLE) {
		if (item->before.status == FWA_ITEM_VALUE)
			doubt_all(view, "a part of the device's state could not be read "
					"any more");
		return false;
	}
	memset(ret_change, 0, sizeof(*ret_change));
	memcpy(ret_change->name, item->name, sizeof(ret_change->name));
	ret_change->key = item->key;
	ret_change->before = item->before;
	ret_change->after = item->after;
	if (item->before.status == FWA_ITEM_UNREADABLE) {
		/* It may have changed while nobody could look, in an earlier window. */
		if (item->after.status == FWA_ITEM_VALUE &&
		    fwa_state_last_value(view->device->state, name,
					 ret_change->before.digest) &&
		    memcmp(ret_change->before.digest, item->after.digest,
			   FWA_DIGEST_SIZE) != 0)
			doubt_all(view, "a part of the device's state could not be read "
					"for a while");
		return false;
	}
	if (item->before.status == item->after.status &&
	    (item->after.status != FWA_ITEM_VALUE ||
	     fwa_value_equal(&item->before, &item->after)))
		return false;
	/* A key that comes or goes is a thing that the device can do, or cannot any more. */
	if (item->before.status != item->after.status)
		ret_change->key.classes = FWA_EFFECT_CAPABILITY;
	if (item->key.family == FWA_KEY_FEATURE_SAVED) {
		current = value_after(view, item->key.feature, FWA_KEY_FEATURE_CURRENT);
		ret_change->saved_is_current = fwa_value_equal(&current, &item->after) ||
					       may_have_been_current(view, item);
	}
	return true;
}

/* Does a command that overlaps the window declare the change? */
static enum explanation declared_by_candidate(const struct view *view,
					      const struct fwa_change *change)
{
	enum explanation answer = NOT_EXPLAINED;
	size_t i;

	for (i = 0; i < view->candidate_count; i++) {
		const struct brief *brief = view->candidates[i];

		if (!fwa_command_may_act(&brief->command))
			continue;
		if (brief->declared.basis == FWA_BASIS_NONE)
			answer = CANNOT_TELL;
		else if (fwa_change_covered(change, &brief->command, &brief->declared))
			return EXPLAINED;
	}
	return answer;
}

/* Is there anything that makes the change a declared one? */
static enum explanation explain(struct view *view, const struct fwa_change *change,
				const struct past **ret_past)
{
	enum explanation answer = declared_by_candidate(view, change), other;

	*ret_past = NULL;
	if (answer == EXPLAINED)
		return answer;
	other = fwa_engine_explain_past(view->device, change, view->window);
	if (other == EXPLAINED)
		return other;
	if (other == CANNOT_TELL)
		answer = other;
	if (!view->realises)
		return answer;
	other = fwa_engine_explain_reset(view->device, change, view->realises, ret_past);
	if (other == EXPLAINED || answer == NOT_EXPLAINED)
		return other;
	return answer;
}

static int judge_item(struct view *view, const struct window_item *item)
{
	struct fwa_change change;
	const struct past *past;

	if (!changed(view, item, &change))
		return 0;
	if (view->blind) {
		view->device->undetermined_changes++;
		return 0;
	}
	switch (explain(view, &change, &past)) {
	case EXPLAINED:
		break;
	case CANNOT_TELL:
		doubt_all(view, "what changed may have been another command's, which "
				"could not be "
				"judged");
		break;
	case REALISED_UNDECLARED:
		return fwa_view_blame_reset(view, past, &change);
	case NOT_EXPLAINED:
		fwa_view_add_change(view, &view->undeclared, &change);
		view->undeclared_count++;
		break;
	}
	return 0;
}

static int judge(struct view *view)
{
	struct window *window = view->window;
	struct fwa_effects *effects = view->effects;
	size_t i;
	int error;

	error = collect(view);
	if (error)
		return error;
	effects->summary.windows++;
	view->realises = fwa_engine_resets(view->device, window);
	view->blind =
		window->forced || window->broken || view->device->resets_lost ||
		view->device->overflow_to > window->previous_started ||
		fwa_engine_gap_overlaps(effects, window->previous_started, window->ended);
	if (view->blind) {
		effects->summary.undetermined_windows++;
		view->device->about.undetermined_windows++;
		doubt_all(view,
			  "calls that overlap its window were lost or not recorded");
	}
	memset(&view->undeclared, 0, sizeof(view->undeclared));
	for (i = 0; !error && i < window->item_count; i++)
		error = judge_item(view, &window->items[i]);
	if (!error && view->undeclared_count)
		error = fwa_view_blame(view);
	if (!error)
		error = fwa_view_apply(view);
	if (!error)
		fwa_view_forget(view);
	return error;
}

int fwa_engine_attribute(struct fwa_effects *effects, struct window *window)
{
	struct view view = {.effects = effects,
			    .device = effects->devices[window->device],
			    .window = window};
	int error = window->has_previous ? judge(&view) : fwa_view_baseline(&view);

	if (!error)
		error = fwa_view_settle(&view);
	free(view.candidates);
	return error;
}
