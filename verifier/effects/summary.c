/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of all that was judged, and above all what could not be. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "schema/fwctl.h"
#include "verifier/effects/engine.h"

/* The classes that a CXL device can declare. */
#define CXL_CLASSES                                                                      \
	(FWA_EFFECT_CONFIG_COLD_RESET | FWA_EFFECT_CONFIG_IMMEDIATE |                    \
	 FWA_EFFECT_DATA_IMMEDIATE | FWA_EFFECT_POLICY_IMMEDIATE |                       \
	 FWA_EFFECT_LOG_IMMEDIATE | FWA_EFFECT_SECURITY_STATE | FWA_EFFECT_BACKGROUND |  \
	 FWA_EFFECT_CONFIG_CONVENTIONAL_RESET | FWA_EFFECT_CONFIG_CXL_RESET)

void fwa_engine_limit(struct fwa_effects *effects, const char *format, ...)
{
	struct fwa_effects_summary *summary = &effects->summary;
	va_list arguments;

	if (summary->limit_count == FWA_EFFECTS_LIMITS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(summary->limits[summary->limit_count++], FWA_EFFECTS_LIMIT_SIZE, format,
		  arguments);
	va_end(arguments);
}

static void observability(struct fwa_effects *effects, struct device *device)
{
	struct fwa_effects_device *about = &device->about;
	const char *names[3] = {NULL, NULL, NULL};
	char text[160];

	about->keys = fwa_state_count(device->state);
	about->unreadable_keys = fwa_state_unreadable(device->state, names, 3);
	if (about->has_type && about->type == FWA_FWCTL_DEVICE_CXL) {
		/* Whether a background operation was started is in the command's return code. */
		about->observable =
			fwa_state_observable(device->state) | FWA_EFFECT_BACKGROUND;
		about->not_observable = CXL_CLASSES & ~about->observable;
	} else {
		about->observable = fwa_state_observable(device->state);
		about->not_observable = FWA_EFFECT_ALL & ~about->observable;
	}
	if (!about->calls)
		return;
	if (about->not_observable) {
		fwa_effects_text(about->not_observable, text, sizeof(text));
		fwa_engine_limit(
			effects,
			"%s: not observable: %s; no command is said to conform there.",
			about->name, text);
	}
	if (about->unreadable_keys)
		fwa_engine_limit(effects,
				 "%s: %zu of %zu observed keys could not be read at the "
				 "end (%s%s%s).",
				 about->name, about->unreadable_keys, about->keys,
				 names[0], names[1] ? ", " : "",
				 names[1] ? names[1] : "");
}

static void judged(struct fwa_effects *effects, const struct device *device)
{
	const struct fwa_effects_device *about = &device->about;
	const char *type =
		about->has_type ? fwa_fwctl_device_type_name(about->type) : NULL;

	if (device->unjudged)
		fwa_engine_limit(effects,
				 "%s (device type %s): commands were not judged: %s.",
				 about->name, type ? type : "unknown", device->unjudged);
	if (device->unreadable[0] || device->unreadable[1])
		fwa_engine_limit(effects,
				 "%s: the device did not show its %s any more; what it "
				 "had declared "
				 "before was held to stand.",
				 about->name,
				 device->unreadable[0] ? "Command Effects Log"
						       : "list of features");
	if (about->undetermined_windows)
		fwa_engine_limit(effects,
				 "%s: %" PRIu64
				 " windows between snapshots are undetermined, since "
				 "calls in them were lost or not recorded; %" PRIu64
				 " observed keys changed in them.",
				 about->name, about->undetermined_windows,
				 device->undetermined_changes);
	if (device->unattended_changes)
		fwa_engine_limit(effects,
				 "%s: %" PRIu64
				 " observed keys changed between two runs of the "
				 "collector; nobody watched.",
				 about->name, device->unattended_changes);
}

void fwa_engine_summarise(struct fwa_effects *effects)
{
	struct fwa_effects_summary *summary = &effects->summary;
	size_t i;

	for (i = 0; i < effects->device_count; i++) {
		observability(effects, effects->devices[i]);
		judged(effects, effects->devices[i]);
	}
	if (!effects->observing)
		fwa_engine_limit(effects,
				 "The last run did not observe devices: what commands "
				 "changed is not known.");
	effects->about = calloc(effects->device_count + 1, sizeof(*effects->about));
	if (!effects->about)
		return;
	for (i = 0; i < effects->device_count; i++)
		effects->about[i] = effects->devices[i]->about;
	summary->devices = effects->about;
	summary->device_count = effects->device_count;
}
