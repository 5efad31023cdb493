/* SPDX-License-Identifier: Apache-2.0 */
/* Devices, what they declare, and what can be said of a command by its declaration alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "schema/fwctl.h"
#include "verifier/effects/engine.h"

static void describe(struct device *device, const struct fwa_device *record)
{
	struct fwa_effects_device *about = &device->about;

	fwa_finding_text(about->name, record->name);
	fwa_finding_text(about->path, record->path);
	if (record->driver.data)
		fwa_finding_text(about->driver, record->driver);
	if (record->firmware_version.data)
		fwa_finding_text(about->firmware, record->firmware_version);
	if (record->serial.data)
		fwa_finding_text(about->serial, record->serial);
	about->simulated = record->simulated;
	if (record->has_device_type) {
		about->has_type = true;
		about->type = record->device_type;
	}
}

/* The same device as one that was seen before: the same name and path, and no other serial. */
static bool is_same(const struct device *device, const struct fwa_device *record)
{
	struct device other = {0};

	describe(&other, record);
	return strcmp(device->about.name, other.about.name) == 0 &&
	       strcmp(device->about.path, other.about.path) == 0 &&
	       (device->about.serial[0] == '\0' || other.about.serial[0] == '\0' ||
		strcmp(device->about.serial, other.about.serial) == 0);
}

static int add_device(struct fwa_effects *effects, const struct fwa_record *record)
{
	struct device **devices, *device;

	if (effects->device_count == FWA_EFFECTS_DEVICES_MAX)
		return -E2BIG;
	devices = reallocarray(effects->devices, effects->device_count + 1,
			       sizeof(*devices));
	if (!devices)
		return -ENOMEM;
	effects->devices = devices;
	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->state = fwa_state_new();
	if (!device->state) {
		free(device);
		return -ENOMEM;
	}
	device->about.sequence = record->sequence;
	devices[effects->device_count++] = device;
	return 0;
}

int fwa_engine_device(struct fwa_effects *effects, const struct fwa_record *record)
{
	size_t index, i;
	int error;

	for (index = 0; index < effects->device_count; index++) {
		if (is_same(effects->devices[index], &record->device))
			break;
	}
	if (index == effects->device_count) {
		error = add_device(effects, record);
		/* Calls to a device too many are reported as calls to one that is not known. */
		if (error)
			return error == -E2BIG ? 0 : error;
	}
	error = fwa_array_room(&effects->device_records, effects->device_record_count,
			       &effects->device_record_capacity,
			       sizeof(*effects->device_records));
	if (error)
		return error;
	i = effects->device_record_count++;
	effects->device_records[i].sequence = record->sequence;
	effects->device_records[i].device = index;
	effects->devices[index]->record = record->sequence;
	describe(effects->devices[index], &record->device);
	return 0;
}

int64_t fwa_engine_device_find(const struct fwa_effects *effects, uint64_t sequence)
{
	size_t low = 0, high = effects->device_record_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (effects->device_records[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == effects->device_record_count ||
	    effects->device_records[low].sequence != sequence)
		return -1;
	return (int64_t)effects->device_records[low].device;
}

void fwa_engine_device_free(struct device *device)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		fwa_declared_free(device->declared[i]);
		fwa_declared_free(device->before[i]);
	}
	for (i = 0; i < device->brief_count; i++)
		free(device->briefs[i]);
	free(device->briefs);
	free(device->history);
	fwa_state_free(device->state);
	free(device);
}

static int check_declaration(struct fwa_effects *effects, struct device *device,
			     size_t source, bool is_new)
{
	const char *name = device->about.name;
	int error = 0;

	if (is_new) {
		device->compared = false;
		error = fwa_declared_check(device->declared[source], device->record, name,
					   effects->findings);
	}
	if (error || device->compared || device->stale[0] || device->stale[1] ||
	    !device->declared[0] || !device->declared[1])
		return error;
	device->compared = true;
	return fwa_declared_compare(device->declared[FWA_DECLARATION_CXL_CEL],
				    device->declared[FWA_DECLARATION_CXL_FEATURES],
				    device->record, name, effects->findings);
}

int fwa_engine_declaration(struct fwa_effects *effects, const struct fwa_record *record,
			   const uint8_t *leaf)
{
	size_t source = record->declaration.source;
	int64_t index = fwa_engine_device_find(effects, record->declaration.device);
	struct fwa_declared *declared;
	struct device *device;
	bool is_new;
	int error;

	if (index < 0 || source >= 2)
		return 0;
	device = effects->devices[index];
	error = fwa_declared_new(record, leaf, &declared);
	if (error)
		return error;
	device->unreadable[source] = !fwa_declared_readable(declared);
	if (device->unreadable[source] && device->declared[source] &&
	    !device->stale[source]) {
		/* What the device declared stands until it declares something else. */
		fwa_declared_free(declared);
		return 0;
	}
	is_new = fwa_declared_readable(declared) &&
		 !(device->declared[source] &&
		   fwa_declared_same(device->declared[source], declared));
	fwa_declared_free(device->before[source]);
	device->before[source] = NULL;
	/* The first one of a run holds for all of the run, until it is replaced. */
	if (device->stale[source] || !device->declared[source])
		fwa_declared_free(device->declared[source]);
	else
		device->before[source] = device->declared[source];
	device->declared[source] = declared;
	device->stale[source] = false;
	return check_declaration(effects, device, source, is_new);
}

static const struct fwa_declared *in_force(const struct device *device, size_t source,
					   uint64_t entered)
{
	if (device->before[source] &&
	    fwa_declared_boot_time(device->declared[source]) > entered)
		return device->before[source];
	return device->declared[source];
}

static void begin(struct fwa_finding *finding, const struct device *device,
		  const struct brief *brief)
{
	fwa_say_about(finding, device, brief);
	fwa_finding_add_record(finding, brief->sequence, brief->leaf);
	if (brief->declared.basis != FWA_BASIS_KERNEL) {
		fwa_finding_add_record(finding, brief->declared.sequence,
				       brief->declared.leaf);
		finding->has_declaration = true;
		finding->declaration = brief->declared.sequence;
	}
	finding->has_from = finding->has_to = true;
	finding->from = brief->time;
	finding->to = brief->returned == NEVER
			      ? brief->time
			      : brief->time + (brief->returned - brief->entered);
}

static int judge_mention(struct fwa_effects *effects, const struct device *device,
			 struct brief *brief)
{
	char name[FWA_COMMAND_TEXT_MAX];
	struct fwa_finding finding;

	if (brief->declared.basis != FWA_BASIS_NOT_MENTIONED)
		return 0;
	fwa_command_name(&brief->command, name);
	fwa_finding_make(
		&finding, FWA_E04,
		"%s was executed on %s, and the device's Command Effects Log does not "
		"mention it: what it may do is declared nowhere. Ask the vendor, and "
		"keep the command from unprivileged processes until then.",
		name, device->about.name);
	begin(&finding, device, brief);
	brief->violates = true;
	return fwa_findings_add(effects->findings, &finding);
}

static int judge_scope(struct fwa_effects *effects, const struct device *device,
		       struct brief *brief)
{
	char name[FWA_COMMAND_TEXT_MAX], declared[160], need_text[64];
	struct fwa_finding finding;
	uint32_t flags = FWA_CXL_FEATURE_CHANGEABLE;
	int need;

	if (!brief->command.is_set || !brief->command.has_scope ||
	    (brief->declared.basis != FWA_BASIS_FEATURE &&
	     brief->declared.basis != FWA_BASIS_CEL))
		return 0;
	if (brief->declared.basis == FWA_BASIS_FEATURE)
		flags = brief->declared.flags;
	need = fwa_cxl_set_feature_scope(brief->declared.effects, flags);
	/* The kernel's rule reads the feature's entry; of the log nothing can be refused. */
	if (need < 0 && brief->declared.basis != FWA_BASIS_FEATURE)
		return 0;
	if (need >= 0 && brief->command.scope >= (uint32_t)need)
		return 0;
	fwa_command_name(&brief->command, name);
	fwa_effects_text(brief->declared.classes, declared, sizeof(declared));
	if (need < 0)
		snprintf(need_text, sizeof(need_text), "refusal at any scope");
	else
		snprintf(need_text, sizeof(need_text), "scope %d (%s)", need,
			 fwa_fwctl_scope_name((uint32_t)need));
	fwa_finding_make(
		&finding, FWA_S01,
		"%s was executed on %s with scope %u, although it declares %s, for which "
		"Linux's own rule demands %s. Find out why this kernel let it pass.",
		name, device->about.name, brief->command.scope, declared, need_text);
	begin(&finding, device, brief);
	brief->violates = true;
	return fwa_findings_add(effects->findings, &finding);
}

static int judge_background(struct fwa_effects *effects, const struct device *device,
			    struct brief *brief)
{
	char name[FWA_COMMAND_TEXT_MAX], declared[160];
	struct fwa_command untargeted = brief->command;
	struct fwa_declared_effects by_log;
	struct fwa_finding finding;

	if (brief->command.outcome != FWA_OUTCOME_BACKGROUND ||
	    brief->declared.basis == FWA_BASIS_NONE ||
	    brief->declared.classes & FWA_EFFECT_BACKGROUND)
		return 0;
	/* Running in the background is a property of the command, not of the feature. */
	untargeted.has_feature = false;
	fwa_declared_find(in_force(device, FWA_DECLARATION_CXL_CEL, brief->entered), NULL,
			  &untargeted, &by_log);
	if (by_log.classes & FWA_EFFECT_BACKGROUND)
		return 0;
	fwa_command_name(&brief->command, name);
	fwa_effects_text(brief->declared.classes, declared, sizeof(declared));
	fwa_finding_make(
		&finding, FWA_E01,
		"%s on %s started a background operation, and declares %s. Effects may "
		"come after the command is over; ask the vendor to declare it.",
		name, device->about.name, declared);
	begin(&finding, device, brief);
	finding.has_effects = true;
	finding.declared = brief->declared.classes;
	finding.observed = finding.undeclared = FWA_EFFECT_BACKGROUND;
	brief->violates = true;
	return fwa_findings_add(effects->findings, &finding);
}

int fwa_engine_resolve(struct fwa_effects *effects, size_t index, struct brief *brief,
		       bool final)
{
	struct device *device = effects->devices[index];
	const struct fwa_declared *cel, *features;
	int error = 0;

	if (brief->resolved)
		return 0;
	if (!final && (!device->declared[0] || !device->declared[1] || device->stale[0] ||
		       device->stale[1]))
		return 0;
	cel = in_force(device, FWA_DECLARATION_CXL_CEL, brief->entered);
	features = in_force(device, FWA_DECLARATION_CXL_FEATURES, brief->entered);
	brief->resolved = true;
	fwa_declared_find(cel, features, &brief->command, &brief->declared);
	if (brief->command.outcome == FWA_OUTCOME_EXECUTED ||
	    brief->command.outcome == FWA_OUTCOME_BACKGROUND) {
		error = judge_mention(effects, device, brief);
		if (!error)
			error = judge_scope(effects, device, brief);
		if (!error)
			error = judge_background(effects, device, brief);
	}
	return error;
}
