/* SPDX-License-Identifier: Apache-2.0 */
/* What remains of a window that was judged: the state after it, verdicts, what is pending. */
#include <errno.h>
#include <string.h>

#include "schema/effects.h"
#include "verifier/effects/view.h"

int fwa_view_settle(struct view *view)
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

int fwa_view_apply(struct view *view)
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

void fwa_view_forget(struct view *view)
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

int fwa_view_baseline(struct view *view)
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
	return fwa_view_apply(view);
}
