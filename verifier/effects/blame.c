/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an undeclared change is attributed to: one command, several, none. */
#include <errno.h>
#include <string.h>

#include "schema/effects.h"
#include "verifier/effects/view.h"

void fwa_view_add_change(const struct view *view, struct fwa_finding *finding,
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

static void actors_first(struct brief **causes, size_t count)
{
	size_t actors = 0, i;

	for (i = 0; i < count; i++) {
		struct brief *cause = causes[i];

		if (fwa_command_reads(&cause->command))
			continue;
		causes[i] = causes[actors];
		causes[actors++] = cause;
	}
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
	/* There is not room for all: those first that do not just read. */
	actors_first(causes, count);
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

int fwa_view_blame(struct view *view)
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

int fwa_view_blame_reset(struct view *view, const struct past *past,
			 const struct fwa_change *change)
{
	struct device *device = view->device;
	struct fwa_finding finding;
	size_t i;

	fwa_finding_make(&finding, FWA_E05, "%s", "");
	fwa_say_about(&finding, device, &past->brief);
	fwa_finding_add_record(&finding, past->brief.sequence, past->brief.leaf);
	add_window(view, &finding);
	add_declaration(&finding, &past->brief);
	fwa_view_add_change(view, &finding, change);
	/* What was seen is not that the value changed, but that this reset was enough for it. */
	finding.observed = view->realises;
	weigh(&finding);
	fwa_say_e05(&finding, past, view->realises, device->about.name);
	for (i = 0; i < device->brief_count; i++) {
		if (device->briefs[i]->sequence == past->brief.sequence)
			device->briefs[i]->blamed = true;
	}
	return give(view, &finding, &past->brief);
}
