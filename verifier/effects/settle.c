/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts and findings on their way out. A record of lost calls may come after the window that
 * it overlaps was judged, so both wait for a checkpoint, where issued = recorded + lost shows
 * that there is no more to come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/effects/engine.h"

static const char lost_reason[] =
	"calls that overlap its window were lost or not recorded";

static const char named_reason[] = "a finding names this command";

static const char *why_not_judged(const struct device *device, const struct brief *brief)
{
	if (!device->about.has_type)
		return "the type of its device is not known";
	if (!brief->command.has_opcode)
		return "its request was not captured, or nothing declares the commands "
		       "of this "
		       "type of device";
	return "what its device declares could not be read";
}

static void decide(struct device *device, const struct brief *brief, const char *reason,
		   struct settled *settled)
{
	const char *observed = reason;

	settled->final = true;
	if (brief->violates || brief->blamed) {
		settled->verdict = FWA_VERDICT_VIOLATES;
		settled->final = brief->violates;
		settled->reason = named_reason;
	} else if (!fwa_command_may_act(&brief->command)) {
		settled->verdict = FWA_VERDICT_REFUSED;
		settled->reason = fwa_outcome_name(brief->command.outcome);
	} else if (brief->declared.basis == FWA_BASIS_NONE) {
		settled->verdict = FWA_VERDICT_NOT_JUDGED;
		settled->reason = why_not_judged(device, brief);
		device->unjudged = settled->reason;
	} else if (brief->doubt || brief->returned == NEVER ||
		   brief->seen_to < brief->returned ||
		   brief->seen_from > brief->entered) {
		if (brief->returned == NEVER)
			observed = "it had not returned when the collector stopped";
		settled->verdict = FWA_VERDICT_UNDETERMINED;
		settled->reason = brief->doubt ? brief->doubt : observed;
	} else {
		settled->verdict = FWA_VERDICT_CONFORMS;
		settled->final = false;
		settled->reason = "nothing changed that it does not declare";
	}
}

int fwa_engine_settle(struct fwa_effects *effects, size_t index, struct brief *brief,
		      const char *reason)
{
	struct settled settled = {.sequence = brief->sequence,
				  .device = index,
				  .seen_from = brief->seen_from,
				  .seen_to = brief->seen_to};
	int error = fwa_engine_resolve(effects, index, brief, true);

	if (!error)
		error = fwa_engine_remember(effects->devices[index], brief);
	if (!error && !brief->own) {
		decide(effects->devices[index], brief, reason, &settled);
		error = fwa_array_room(&effects->settled, effects->settled_count,
				       &effects->settled_capacity, sizeof(settled));
		if (!error)
			settled.pending = settled.verdict == FWA_VERDICT_CONFORMS &&
					  fwa_engine_may_realise(effects->devices[index],
								 brief->sequence);
		effects->settled[effects->settled_count++] = settled;
	}
	free(brief);
	return error;
}

int fwa_engine_provisional(struct fwa_effects *effects,
			   const struct provisional *provisional)
{
	struct provisional *copy;
	int error = fwa_array_room(&effects->provisional, effects->provisional_count,
				   &effects->provisional_capacity,
				   sizeof(struct provisional *));

	if (error)
		return error;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *provisional;
	effects->provisional[effects->provisional_count++] = copy;
	return 0;
}

static void add_gap(struct fwa_effects *effects, uint64_t from, uint64_t to)
{
	struct span *last;

	if (effects->gap_count < GAPS_MAX) {
		effects->gaps[effects->gap_count++] = (struct span){from, to};
		return;
	}
	/* Too many to tell apart: one that spans what they span. */
	last = &effects->gaps[GAPS_MAX - 1];
	if (from < last->from)
		last->from = from;
	if (to > last->to)
		last->to = to;
}

static void withdraw(struct fwa_effects *effects, struct provisional *provisional)
{
	struct device *device = effects->devices[provisional->device];
	size_t i;

	provisional->withdrawn = true;
	effects->summary.undetermined_windows++;
	device->about.undetermined_windows++;
	device->undetermined_changes += provisional->finding.change_total;
	for (i = 0; i < device->brief_count; i++) {
		if (device->briefs[i]->sequence == provisional->brief.sequence)
			device->briefs[i]->blamed = false;
	}
}

/* Of the findings that wait, these name one command. */
static bool names_one(const struct provisional *provisional)
{
	return provisional->finding.id == FWA_E01 || provisional->finding.id == FWA_E05;
}

/* By a window that the lost calls do not overlap. */
static bool still_blamed(const struct fwa_effects *effects, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < effects->provisional_count; i++) {
		if (!effects->provisional[i]->withdrawn &&
		    names_one(effects->provisional[i]) &&
		    effects->provisional[i]->brief.sequence == sequence)
			return true;
	}
	return false;
}

int fwa_engine_gap(struct fwa_effects *effects, const struct fwa_gap *gap)
{
	uint64_t from = gap->not_before, to = gap->not_after;
	size_t i, k;

	add_gap(effects, from, to);
	for (i = 0; i < effects->provisional_count; i++) {
		struct provisional *provisional = effects->provisional[i];

		if (!provisional->withdrawn && from <= provisional->to &&
		    to > provisional->from)
			withdraw(effects, provisional);
	}
	for (i = 0; i < effects->settled_count; i++) {
		struct settled *settled = &effects->settled[i];

		if (settled->final || from > settled->seen_to ||
		    to <= settled->seen_from || still_blamed(effects, settled->sequence))
			continue;
		settled->verdict = FWA_VERDICT_UNDETERMINED;
		settled->final = true;
		settled->reason = lost_reason;
	}
	for (i = 0; i < effects->device_count; i++) {
		struct device *device = effects->devices[i];

		for (k = 0; k < device->brief_count; k++) {
			struct brief *brief = device->briefs[k];

			if (brief->seen_to && from <= brief->seen_to &&
			    to > brief->seen_from)
				brief->doubt = lost_reason;
		}
	}
	return 0;
}

static void add_once(struct fwa_finding *finding, const struct fwa_finding_record *record)
{
	size_t i;

	for (i = 0; i < finding->record_count; i++) {
		if (finding->records[i].sequence == record->sequence)
			return;
	}
	fwa_finding_add_record(finding, record->sequence, record->leaf);
}

#define MERGE_WITHIN 64u

/* Several windows may blame one command: one finding says all. */
static void merge(struct fwa_effects *effects, size_t first)
{
	struct provisional *one = effects->provisional[first];
	size_t i, k;

	/* Windows of one device follow one another, so the others are near. */
	for (i = first + 1; i < effects->provisional_count && i - first < MERGE_WITHIN;
	     i++) {
		struct provisional *other = effects->provisional[i];
		size_t kept;

		if (other->withdrawn || other->finding.id != FWA_E01 ||
		    other->brief.sequence != one->brief.sequence)
			continue;
		other->withdrawn = true;
		kept = other->finding.change_count;
		for (k = 0; k < kept; k++)
			fwa_finding_add_change(&one->finding, &other->finding.changes[k]);
		one->finding.change_total += other->finding.change_total - kept;
		for (k = 0; k < other->finding.record_count; k++)
			add_once(&one->finding, &other->finding.records[k]);
		one->finding.observed |= other->finding.observed;
		one->finding.undeclared |= other->finding.undeclared;
		one->finding.to = other->finding.to;
		if (other->finding.severity > one->finding.severity)
			one->finding.severity = other->finding.severity;
		fwa_say_e01(&one->finding, &one->brief,
			    effects->devices[one->device]->about.name);
	}
}

/* A command whose window is not over may be blamed by the next one too. */
static bool is_open(const struct fwa_effects *effects,
		    const struct provisional *provisional)
{
	const struct device *device = effects->devices[provisional->device];
	size_t i;

	for (i = 0; i < device->brief_count; i++) {
		if (provisional->finding.id == FWA_E01 &&
		    device->briefs[i]->sequence == provisional->brief.sequence)
			return true;
	}
	return false;
}

/* The command of a finding that is final; its verdict may have been waiting for this. */
static void convict(struct fwa_effects *effects, const struct provisional *provisional)
{
	size_t i;

	for (i = 0; i < effects->settled_count; i++) {
		struct settled *settled = &effects->settled[i];

		if (settled->sequence != provisional->brief.sequence)
			continue;
		settled->verdict = FWA_VERDICT_VIOLATES;
		settled->reason = named_reason;
		settled->final = true;
		settled->pending = false;
	}
}

static int flush_findings(struct fwa_effects *effects)
{
	size_t i, kept = 0;
	int error = 0;

	for (i = 0; i < effects->provisional_count; i++) {
		struct provisional *provisional = effects->provisional[i];

		if (!error && !provisional->withdrawn && !is_open(effects, provisional)) {
			if (provisional->finding.id == FWA_E01)
				merge(effects, i);
			if (provisional->finding.id == FWA_E05)
				convict(effects, provisional);
			error = fwa_findings_add(effects->findings,
						 &provisional->finding);
			provisional->withdrawn = true;
		}
		if (provisional->withdrawn)
			free(provisional);
		else
			effects->provisional[kept++] = provisional;
	}
	effects->provisional_count = kept;
	return error;
}

/* Those that no window to come can overlap. */
static void forget_gaps(struct fwa_effects *effects)
{
	const struct window *window;
	uint64_t oldest = NEVER;
	size_t i, kept = 0;

	for (i = 0; i < effects->device_count; i++) {
		if (effects->devices[i]->has_snapshot &&
		    effects->devices[i]->last_started < oldest)
			oldest = effects->devices[i]->last_started;
	}
	for (window = effects->first_window; window; window = window->next) {
		if (window->has_previous && window->previous_started < oldest)
			oldest = window->previous_started;
	}
	for (i = 0; i < effects->gap_count; i++) {
		if (effects->gaps[i].to > oldest)
			effects->gaps[kept++] = effects->gaps[i];
	}
	effects->gap_count = kept;
}

int fwa_engine_flush(struct fwa_effects *effects, bool last)
{
	int error = flush_findings(effects);
	size_t i, kept = 0;

	for (i = 0; !error && i < effects->settled_count; i++) {
		const struct settled *settled = &effects->settled[i];

		if (settled->pending && !last &&
		    fwa_engine_may_realise(effects->devices[settled->device],
					   settled->sequence)) {
			effects->settled[kept++] = *settled;
			continue;
		}
		if (settled->device < effects->device_count)
			effects->devices[settled->device]
				->about.verdicts[settled->verdict]++;
		if (effects->options.verdict)
			error = effects->options.verdict(
				effects->options.context, settled->sequence,
				settled->verdict, settled->reason);
	}
	effects->settled_count = kept;
	forget_gaps(effects);
	return error;
}
