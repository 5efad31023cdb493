/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of the findings: who did what, what was declared, what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/effects.h"
#include "schema/fwctl.h"
#include "verifier/effects/engine.h"

#define CLASSES 160u

void fwa_say_about(struct fwa_finding *finding, const struct device *device,
		   const struct brief *brief)
{
	char text[FWA_COMMAND_TEXT_MAX];

	finding->has_device = true;
	finding->device = device->record;
	snprintf(finding->device_name, sizeof(finding->device_name), "%s",
		 device->about.name);
	if (!brief)
		return;
	fwa_command_name(&brief->command, text);
	snprintf(finding->command, sizeof(finding->command), "%s", text);
	finding->has_opcode = brief->command.has_opcode;
	finding->opcode = brief->command.opcode;
	fwa_command_target(&brief->command, text);
	snprintf(finding->target, sizeof(finding->target), "%s", text);
	finding->has_scope = brief->command.has_scope;
	finding->scope = brief->command.scope;
}

/* "cxl.lsa" or "cxl.lsa and 2 more" */
static void what_changed(const struct fwa_finding *finding, char *ret_text, size_t size)
{
	if (finding->change_total > 1)
		snprintf(ret_text, size, "%s and %" PRIu64 " more",
			 finding->changes[0].key, finding->change_total - 1);
	else
		snprintf(ret_text, size, "%s", finding->changes[0].key);
}

/* Does a change concern a feature that the command was not aimed at? */
static bool elsewhere(const struct fwa_finding *finding)
{
	size_t i;

	for (i = 0; finding->target[0] && i < finding->change_count; i++) {
		if (strncmp(finding->changes[i].key, "cxl.feature.", 12) == 0 &&
		    !strstr(finding->changes[i].key, finding->target))
			return true;
	}
	return false;
}

void fwa_say_e01(struct fwa_finding *finding, const struct brief *brief,
		 const char *device)
{
	char name[FWA_COMMAND_TEXT_MAX], what[FWA_FINDING_TEXT_MAX + 32];
	char declared[CLASSES], observed[CLASSES], refused[64] = "";
	const char *where = brief->declared.basis == FWA_BASIS_FEATURE
				    ? "the feature's entry"
				    : "the Command Effects Log";
	const char *own = brief->own ? "fwauditd's own " : "";

	fwa_command_name(&brief->command, name);
	what_changed(finding, what, sizeof(what));
	fwa_effects_text(finding->observed, observed, sizeof(observed));
	fwa_effects_text(finding->declared, declared, sizeof(declared));
	if (!fwa_command_may_act(&brief->command))
		snprintf(refused, sizeof(refused), " was %s, yet it",
			 fwa_outcome_name(brief->command.outcome));
	if (brief->declared.basis == FWA_BASIS_NOT_MENTIONED ||
	    brief->declared.basis == FWA_BASIS_KERNEL)
		fwa_finding_say(
			finding,
			"%s%s on %s%s changed %s (%s), and nothing declares that it "
			"changes anything. Ask the vendor why.",
			own, name, device, refused, what, observed);
	else if (refused[0])
		fwa_finding_say(
			finding,
			"%s%s on %s%s changed %s (%s). A command that is refused has "
			"no effects, whatever it declares (%s); ask the vendor why it "
			"has.",
			own, name, device, refused, what, observed, declared);
	else if (elsewhere(finding))
		fwa_finding_say(
			finding,
			"%s%s of feature %s on %s%s changed %s (%s), which is not what "
			"it "
			"sets; %s declares %s, for that feature alone. Do not rely on "
			"this declaration; ask the vendor to correct it.",
			own, name, finding->target, device, refused, what, observed,
			where, declared);
	else
		fwa_finding_say(
			finding,
			"%s%s on %s%s changed %s (%s), and %s declares %s%s. Do not "
			"rely on this declaration; ask the vendor to correct it.",
			own, name, device, refused, what, observed, where,
			finding->declared ? "only " : "", declared);
}

void fwa_say_e02(struct fwa_finding *finding, uint64_t commands, const char *device)
{
	char what[FWA_FINDING_TEXT_MAX + 32], observed[CLASSES];

	what_changed(finding, what, sizeof(what));
	fwa_effects_text(finding->observed, observed, sizeof(observed));
	fwa_finding_say(
		finding,
		"%s changed on %s (%s) while %" PRIu64
		" commands overlapped, and none of "
		"them declares it. Send them one at a time to learn which it was.",
		what, device, observed, commands);
}

void fwa_say_e03(struct fwa_finding *finding, const struct past *last, bool reset,
		 const char *device)
{
	char what[FWA_FINDING_TEXT_MAX + 32], observed[CLASSES], hint[384] = "";
	char name[FWA_COMMAND_TEXT_MAX], declared[CLASSES];

	what_changed(finding, what, sizeof(what));
	fwa_effects_text(finding->observed, observed, sizeof(observed));
	if (last) {
		fwa_command_short_name(&last->brief.command, name);
		fwa_effects_text(last->brief.declared.classes, declared,
				 sizeof(declared));
		snprintf(
			hint, sizeof(hint),
			" The last command that could change it was %s in record %" PRIu64
			", which declares %s.",
			name, last->brief.sequence, declared);
	}
	fwa_finding_say(
		finding,
		"%s changed on %s (%s) %s, and no captured command explains it.%s", what,
		device, observed,
		reset ? "across a reset" : "while no command was running", hint);
}

void fwa_say_e05(struct fwa_finding *finding, const struct past *past, uint32_t realised,
		 const char *device)
{
	char declared[CLASSES], by[CLASSES], target[FWA_COMMAND_TEXT_MAX];

	fwa_effects_text(past->brief.declared.classes, declared, sizeof(declared));
	fwa_effects_text(realised, by, sizeof(by));
	fwa_command_target(&past->brief.command, target);
	fwa_finding_say(
		finding,
		"A reset of %s (one that realises %s) made the saved value of feature %s "
		"current, although the Set Feature in record %" PRIu64
		" declares %s. Ask the vendor to correct the declaration.",
		device, by, target, past->brief.sequence, declared);
}
