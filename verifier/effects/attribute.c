/* SPDX-License-Identifier: Apache-2.0 */
/* One window: what changed in it, whom it is attributed to, and whether that was declared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/engine.h"

/* A window while it is judged. */
struct view {
	struct fwa_effects *effects;
	struct device *device;
	struct window *window;
	bool blind;                /* it cannot be said which calls overlap the window */
	uint32_t realises;         /* by the resets in it */
	struct brief **candidates; /* commands that overlap it, in order of recording */
	size_t candidate_count;
	size_t undeclared_count;       /* changes that nobody declares */
	struct fwa_finding undeclared; /* carries them */
	struct fwa_finding by_reset;   /* FWA-E05 */
};

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
		ret_change->saved_is_current = fwa_value_equal(&current, &item->after);
	}
	return true;
}

static void add_change(const struct view *view, struct fwa_finding *finding,
		       const struct fwa_change *change)
{
	struct fwa_finding_change copy = {
		.effects = change->key.classes,
		.snapshot = view->window->sequence,
		.has_before = change->before.status == FWA_ITEM_VALUE,
		.has_after = change->after.status == FWA_ITEM_VALUE};

	memcpy(copy.key, change->name, sizeof(copy.key) - 1);
	memcpy(copy.before, change->before.digest, FWA_DIGEST_SIZE);
	memcpy(copy.after, change->after.digest, FWA_DIGEST_SIZE);
	finding->has_effects = true;
	finding->observed |= change->key.classes;
	fwa_finding_add_change(finding, &copy);
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

static void judge_item(struct view *view, const struct window_item *item)
{
	struct fwa_change change;
	const struct past *past;

	if (!changed(view, item, &change))
		return;
	if (view->blind)
		return;
	switch (explain(view, &change, &past)) {
	case EXPLAINED:
		return;
	case CANNOT_TELL:
		doubt_all(view, "what changed may have been another command's, which "
				"could not be "
				"judged");
		return;
	case REALISED_UNDECLARED:
		if (view->by_reset.change_total == 0) {
			fwa_say_e05(&view->by_reset, past, view->realises,
				    view->device->about.name);
			fwa_say_about(&view->by_reset, view->device, &past->brief);
			fwa_finding_add_record(&view->by_reset, past->brief.sequence,
					       past->brief.leaf);
		}
		add_change(view, &view->by_reset, &change);
		return;
	case NOT_EXPLAINED:
		add_change(view, &view->undeclared, &change);
		view->undeclared_count++;
		return;
	}
}

/* The records of the window itself, and when it was. */
static void add_window(const struct view *view, struct fwa_finding *finding)
{
	const struct window *window = view->window;
	size_t i;

	fwa_finding_add_record(finding, window->sequence, window->leaf);
	fwa_finding_add_record(finding, window->previous, window->previous_leaf);
	for (i = 0; view->realises && i < view->device->reset_count; i++) {
		const struct reset *reset = &view->device->resets[i];

		if (reset->not_before <= window->ended &&
		    reset->not_after > window->previous_started)
			fwa_finding_add_record(finding, reset->sequence, reset->leaf);
	}
	finding->has_from = finding->has_to = true;
	finding->from = window->previous_started + (uint64_t)window->offset;
	finding->to = window->ended + (uint64_t)window->offset;
}

static void weigh(struct fwa_finding *finding)
{
	const uint32_t grave = FWA_EFFECT_DATA_IMMEDIATE | FWA_EFFECT_SECURITY_STATE |
			       FWA_EFFECT_FIRMWARE;

	/* Declared, but for another target: undeclared all the same. */
	finding->undeclared = finding->observed & ~finding->declared;
	if (!finding->undeclared)
		finding->undeclared = finding->observed;
	if (finding->undeclared & grave && finding->severity < FWA_SEVERITY_CRITICAL)
		finding->severity++;
}

static int give(struct view *view, const struct fwa_finding *finding,
		const struct brief *brief)
{
	struct provisional provisional = {.from = view->window->previous_started,
					  .to = view->window->ended,
					  .device = view->window->device,
					  .finding = *finding};

	if (brief)
		provisional.brief = *brief;
	return fwa_engine_provisional(view->effects, &provisional);
}

static void add_declaration(struct fwa_finding *finding, const struct brief *brief)
{
	finding->declared |= brief->declared.classes;
	if (brief->declared.basis == FWA_BASIS_KERNEL ||
	    brief->declared.basis == FWA_BASIS_NONE)
		return;
	finding->has_declaration = true;
	finding->declaration = brief->declared.sequence;
	fwa_finding_add_record(finding, brief->declared.sequence, brief->declared.leaf);
}

static int blame_one(struct view *view, struct brief *brief)
{
	struct fwa_finding *finding = &view->undeclared;

	finding->id = FWA_E01;
	finding->severity = fwa_finding_kind(FWA_E01)->severity;
	fwa_say_about(finding, view->device, brief);
	fwa_finding_add_record(finding, brief->sequence, brief->leaf);
	add_window(view, finding);
	add_declaration(finding, brief);
	weigh(finding);
	fwa_say_e01(finding, brief, view->device->about.name);
	brief->blamed = true;
	return give(view, finding, brief);
}

static int blame_set(struct view *view, struct brief **causes, size_t count,
		     const struct past *running)
{
	struct fwa_finding *finding = &view->undeclared;
	const size_t room = FWA_FINDING_RECORDS_MAX - 4; /* for the window's records */
	size_t i;

	finding->id = FWA_E02;
	finding->severity = fwa_finding_kind(FWA_E02)->severity;
	fwa_say_about(finding, view->device, NULL);
	if (running) {
		fwa_finding_add_record(finding, running->brief.sequence,
				       running->brief.leaf);
		finding->declared |= running->brief.declared.classes;
	}
	for (i = 0; i < count && i < room; i++)
		fwa_finding_add_record(finding, causes[i]->sequence, causes[i]->leaf);
	add_window(view, finding);
	for (; i < count; i++)
		fwa_finding_add_record(finding, causes[i]->sequence, causes[i]->leaf);
	for (i = 0; i < count; i++) {
		finding->declared |= causes[i]->declared.classes;
		if (!causes[i]->doubt)
			causes[i]->doubt =
				"one of several commands changed what none of them "
				"declares (FWA-E02)";
	}
	finding->has_count = true;
	finding->count = count + (running ? 1 : 0);
	weigh(finding);
	fwa_say_e02(finding, finding->count, view->device->about.name);
	return give(view, finding, NULL);
}

static int blame_nobody(struct view *view, struct brief **causes, size_t count)
{
	const struct past *last = NULL;
	struct fwa_finding *finding = &view->undeclared;
	size_t i;

	for (i = 0; i < view->device->history_count; i++) {
		const struct past *past = &view->device->history[i];

		if (past->brief.entered <= view->window->ended &&
		    (!last || past->brief.entered > last->brief.entered))
			last = past;
	}
	finding->id = FWA_E03;
	finding->severity = fwa_finding_kind(FWA_E03)->severity;
	fwa_say_about(finding, view->device, NULL);
	add_window(view, finding);
	for (i = 0; i < count; i++) {
		fwa_finding_add_record(finding, causes[i]->sequence, causes[i]->leaf);
		if (!causes[i]->doubt)
			causes[i]->doubt =
				"the device was reset in the same window, and something "
				"changed that nobody declares (FWA-E03)";
	}
	if (last && count == 0)
		fwa_finding_add_record(finding, last->brief.sequence, last->brief.leaf);
	weigh(finding);
	fwa_say_e03(finding, last, view->realises != 0, view->device->about.name);
	return give(view, finding, NULL);
}

static int blame(struct view *view)
{
	const struct past *running = fwa_engine_running(view->device, view->window);
	struct brief **causes = view->candidates;
	size_t count = 0, i;
	struct brief *swap;

	/* What the kernel refused never reached the device: it is a cause only if there is no
	 * other. The causes are moved to the front. */
	for (i = 0; i < view->candidate_count; i++) {
		if (causes[i]->command.outcome == FWA_OUTCOME_REFUSED_BY_KERNEL)
			continue;
		swap = causes[count];
		causes[count++] = causes[i];
		causes[i] = swap;
	}
	if (count == 0)
		count = view->candidate_count;
	for (i = 0; running && i < count; i++) {
		if (causes[i]->sequence == running->brief.sequence)
			running = NULL;
	}
	if (view->realises || (count == 0 && !running))
		return blame_nobody(view, causes, count);
	if (count == 0)
		return blame_nobody(view, causes, 0);
	if (count == 1 && !running)
		return blame_one(view, causes[0]);
	return blame_set(view, causes, count, running);
}

/* Every brief whose last window this was gets its verdict. */
static int settle(struct view *view)
{
	struct device *device = view->device;
	uint32_t observable = fwa_state_observable(device->state) | FWA_EFFECT_BACKGROUND;
	size_t i, kept = 0;
	int error = 0;

	for (i = 0; i < device->brief_count; i++) {
		struct brief *brief = device->briefs[i];
		struct fwa_value current;

		if (error || brief->returned > view->window->started) {
			device->briefs[kept++] = brief;
			continue;
		}
		if (brief->command.is_set && brief->command.has_feature &&
		    !brief->doubt) {
			current = fwa_state_feature(device->state, brief->command.feature,
						    FWA_KEY_FEATURE_CURRENT);
			if (current.status != FWA_ITEM_VALUE)
				brief->doubt =
					"the feature that it sets cannot be read back";
		}
		if (brief->declared.classes & ~observable && !brief->doubt)
			brief->doubt =
				"it declares an effect that no observer of this device "
				"can see";
		error = fwa_engine_settle(view->effects, view->window->device, brief,
					  "the device was not observed before it");
	}
	device->brief_count = kept;
	return error;
}

static int apply(struct view *view)
{
	const struct window *window = view->window;
	size_t i;

	for (i = 0; i < window->item_count; i++) {
		const struct window_item *item = &window->items[i];
		struct fwa_bytes name = {(const uint8_t *)item->name, strlen(item->name)};
		int error = fwa_state_put(view->device->state, name, &item->key,
					  item->is_volatile, &item->after);

		/* Over the bound there is no state to compare: the key stays unknown. */
		if (error && error != -E2BIG)
			return error;
	}
	return 0;
}

/* What resets that are over have realised is not pending any more. */
static void forget(struct view *view)
{
	struct device *device = view->device;
	const struct window *window = view->window;
	uint64_t before = window->previous_started;
	uint32_t realised = device->reset_count ? 0 : view->realises;
	size_t i, kept = 0;

	for (i = 0; i < device->reset_count; i++) {
		const struct reset *reset = &device->resets[i];

		if (reset->not_after <= window->ended) {
			realised |= reset->realises;
			before = reset->not_before;
		}
		/* It may as well have come after this window. */
		if (reset->not_after > window->started)
			device->resets[kept++] = *reset;
	}
	device->reset_count = kept;
	device->resets_lost = false;
	for (i = kept = 0; realised && i < device->history_count; i++) {
		struct past *past = &device->history[i];
		uint32_t deferred = past->brief.declared.classes & FWA_EFFECTS_DEFERRED;

		/* What waits for a deeper reset goes on waiting. */
		past->running = false;
		if (past->brief.entered > before || deferred & ~realised)
			device->history[kept++] = *past;
	}
	if (realised)
		device->history_count = kept;
	if (realised == FWA_EFFECTS_DEFERRED)
		device->history_full = false;
}

/* The first snapshot of a run: what changed while nobody watched is nobody's. */
static int baseline(struct view *view)
{
	struct device *device = view->device;
	size_t i;

	for (i = 0; i < view->window->item_count; i++) {
		const struct window_item *item = &view->window->items[i];
		struct fwa_bytes name = {(const uint8_t *)item->name, strlen(item->name)};
		uint8_t last[FWA_DIGEST_SIZE];

		if (!item->is_volatile && item->after.status == FWA_ITEM_VALUE &&
		    fwa_state_last_value(device->state, name, last) &&
		    memcmp(last, item->after.digest, FWA_DIGEST_SIZE) != 0)
			device->unattended_changes++;
	}
	fwa_state_clear(device->state);
	if (view->effects->other_boot) {
		device->history_count = 0;
		device->history_full = false;
	}
	return apply(view);
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
	fwa_finding_make(&view->by_reset, FWA_E05, "%s", "");
	for (i = 0; i < window->item_count; i++)
		judge_item(view, &window->items[i]);
	if (view->undeclared_count)
		error = blame(view);
	if (!error && view->by_reset.change_total) {
		add_window(view, &view->by_reset);
		weigh(&view->by_reset);
		error = give(view, &view->by_reset, NULL);
	}
	if (!error)
		error = apply(view);
	if (!error)
		forget(view);
	return error;
}

int fwa_engine_attribute(struct fwa_effects *effects, struct window *window)
{
	struct view view = {.effects = effects,
			    .device = effects->devices[window->device],
			    .window = window};
	int error = window->has_previous ? judge(&view) : baseline(&view);

	if (!error)
		error = settle(&view);
	free(view.candidates);
	return error;
}
