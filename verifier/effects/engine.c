/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of record means to the engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/engine.h"

const char *fwa_verdict_name(enum fwa_verdict verdict)
{
	static const char *const names[FWA_VERDICTS] = {
		[FWA_VERDICT_NOT_JUDGED] = "not judged",
		[FWA_VERDICT_REFUSED] = "refused",
		[FWA_VERDICT_UNDETERMINED] = "undetermined",
		[FWA_VERDICT_CONFORMS] = "conforms",
		[FWA_VERDICT_VIOLATES] = "violates",
	};

	return names[verdict];
}

struct fwa_effects *fwa_effects_new(const struct fwa_effects_options *options)
{
	struct fwa_effects *effects = calloc(1, sizeof(*effects));

	if (!effects)
		return NULL;
	effects->findings = fwa_findings_new();
	if (!effects->findings) {
		free(effects);
		return NULL;
	}
	if (options)
		effects->options = *options;
	effects->last_window = &effects->first_window;
	return effects;
}

void fwa_effects_free(struct fwa_effects *effects)
{
	struct window *window, *next;
	size_t i;

	if (!effects)
		return;
	for (i = 0; i < effects->device_count; i++)
		fwa_engine_device_free(effects->devices[i]);
	for (window = effects->first_window; window; window = next) {
		next = window->next;
		free(window);
	}
	for (i = 0; i < effects->provisional_count; i++)
		free(effects->provisional[i]);
	free(effects->provisional);
	free(effects->settled);
	free(effects->devices);
	free(effects->device_records);
	free(effects->about);
	fwa_findings_free(effects->findings);
	free(effects);
}

/* Nothing more of this run comes: what still waits can only be undetermined. */
static int end_run(struct fwa_effects *effects, bool last)
{
	size_t i, k;
	int error;

	error = fwa_engine_judge_windows(effects, true);
	for (i = 0; !error && i < effects->device_count; i++) {
		struct device *device = effects->devices[i];

		for (k = 0; !error && k < device->brief_count; k++) {
			error = fwa_engine_settle(effects, i, device->briefs[k],
						  "the device was not observed after it");
			device->briefs[k] = NULL;
		}
		/* After a failure the rest is freed with the device. */
		if (error)
			return error;
		device->brief_count = 0;
		device->has_snapshot = false;
		device->overflow_to = 0;
		device->reset_count = 0;
		device->resets_lost = false;
		device->stale[0] = device->stale[1] = true;
		device->unreadable[0] = device->unreadable[1] = false;
	}
	if (error)
		return error;
	error = fwa_engine_flush(effects, last);
	effects->other_call_next = 0;
	memset(effects->other_calls, 0, sizeof(effects->other_calls));
	return error;
}

/* Evidence as printable ASCII, as fwa_finding_text does, for longer texts. */
static void copy_text(char *ret_text, size_t size, struct fwa_bytes bytes)
{
	size_t length = bytes.data ? bytes.size : 0;
	size_t i;

	if (length > size - 1)
		length = size - 1;
	for (i = 0; i < length; i++)
		ret_text[i] = bytes.data[i] >= 0x20 && bytes.data[i] <= 0x7e
				      ? (char)bytes.data[i]
				      : '?';
	ret_text[length] = '\0';
}

static int on_boot(struct fwa_effects *effects, const struct fwa_boot *boot)
{
	struct fwa_effects_summary *summary = &effects->summary;
	static const char off[] = "off";
	int error = end_run(effects, false);

	if (error)
		return error;
	effects->other_boot =
		!effects->has_boot_id || boot->boot_id.size != FWA_UUID_SIZE ||
		memcmp(effects->boot_id, boot->boot_id.data, FWA_UUID_SIZE) != 0;
	if (boot->boot_id.size == FWA_UUID_SIZE) {
		memcpy(effects->boot_id, boot->boot_id.data, FWA_UUID_SIZE);
		effects->has_boot_id = true;
	}
	fwa_finding_text(summary->kernel, boot->kernel_release);
	fwa_finding_text(summary->machine, boot->machine);
	fwa_finding_text(summary->collector, boot->collector_version);
	copy_text(summary->coverage, sizeof(summary->coverage), boot->coverage);
	effects->observing =
		boot->configuration.observe.size != sizeof(off) - 1 ||
		memcmp(boot->configuration.observe.data, off, sizeof(off) - 1) != 0;
	return 0;
}

static void note_other_call(struct fwa_effects *effects, uint64_t entered,
			    uint64_t returned)
{
	effects->other_calls[effects->other_call_next++ % OTHER_CALLS] =
		(struct span){entered, returned};
}

/* A call that is no cause of anything: its verdict is final at once. */
static int settle_at_once(struct fwa_effects *effects, size_t device, uint64_t sequence,
			  const char *reason)
{
	int error = fwa_array_room(&effects->settled, effects->settled_count,
				   &effects->settled_capacity, sizeof(*effects->settled));

	if (error)
		return error;
	effects->settled[effects->settled_count++] =
		(struct settled){.sequence = sequence,
				 .device = device,
				 .verdict = FWA_VERDICT_NOT_JUDGED,
				 .final = true,
				 .reason = reason};
	return 0;
}

/* Keep the memory bounded where no snapshot ever comes. */
static int make_room(struct fwa_effects *effects, size_t index)
{
	struct device *device = effects->devices[index];
	size_t i, half = device->brief_count / 2;
	int error = 0;

	if (device->brief_count < BRIEFS_MAX)
		return fwa_array_room(&device->briefs, device->brief_count,
				      &device->brief_capacity, sizeof(*device->briefs));
	for (i = 0; i < half && !error; i++) {
		if (device->briefs[i]->returned > device->overflow_to)
			device->overflow_to = device->briefs[i]->returned;
		error = fwa_engine_settle(
			effects, index, device->briefs[i],
			"too many calls without a snapshot of the device");
	}
	memmove(device->briefs, device->briefs + i,
		(device->brief_count - i) * sizeof(*device->briefs));
	device->brief_count -= i;
	return error;
}

static int add_brief(struct fwa_effects *effects, size_t device,
		     const struct fwa_evidence *evidence,
		     const struct fwa_command *command)
{
	const struct fwa_record *record = evidence->record;
	const struct fwa_rpc *rpc = &record->rpc;
	struct brief *brief;
	int error = make_room(effects, device);

	if (error)
		return error;
	brief = calloc(1, sizeof(*brief));
	if (!brief)
		return -ENOMEM;
	brief->sequence = record->sequence;
	memcpy(brief->leaf, evidence->leaf, FWA_DIGEST_SIZE);
	brief->entered = rpc->entered;
	brief->returned = rpc->has_result ? rpc->returned : NEVER;
	brief->time = rpc->entered + (record->time - record->boot_time);
	brief->own = rpc->own;
	brief->command = *command;
	brief->seen_from = NEVER;
	effects->devices[device]->briefs[effects->devices[device]->brief_count++] = brief;
	return fwa_engine_resolve(effects, device, brief, false);
}

static int on_call(struct fwa_effects *effects, const struct fwa_evidence *evidence)
{
	const struct fwa_rpc *rpc = &evidence->record->rpc;
	uint64_t returned = rpc->has_result ? rpc->returned : NEVER;
	int64_t index =
		rpc->has_device ? fwa_engine_device_find(effects, rpc->device) : -1;
	struct fwa_effects_device *about;
	struct fwa_command command;
	int error;

	fwa_engine_call_seen(effects, rpc->entered, returned);
	if (rpc->own)
		effects->summary.own_calls++;
	if (index < 0) {
		note_other_call(effects, rpc->entered, returned);
		return rpc->own ? 0
				: settle_at_once(effects, SIZE_MAX,
						 evidence->record->sequence,
						 "its device is not known");
	}
	about = &effects->devices[index]->about;
	if (rpc->own)
		about->own_calls++;
	else
		about->calls++;
	error = fwa_command_decode(rpc, about->has_type, about->type, evidence->request,
				   evidence->response, &command);
	if (error)
		return error;
	/* Observers send commands that read by their specification, and those are not causes;
	 * an own command that is not such a one is a cause like anybody's. */
	if (command.is_rpc && !(rpc->own && fwa_command_reads(&command)))
		return add_brief(effects, (size_t)index, evidence, &command);
	note_other_call(effects, rpc->entered, returned);
	if (rpc->own)
		return 0;
	return settle_at_once(effects, (size_t)index, evidence->record->sequence,
			      "it carries no command to the firmware");
}

static uint32_t realised_by(const struct fwa_kernel_event *event)
{
	if (!event->has_reset_type)
		return FWA_EFFECTS_DEFERRED;
	switch (event->reset_type) {
	case FWA_RESET_CXL:
		return FWA_EFFECT_CONFIG_CXL_RESET;
	case FWA_RESET_CONVENTIONAL:
		/* Deeper than a CXL reset, which it includes. */
		return FWA_EFFECT_CONFIG_CONVENTIONAL_RESET | FWA_EFFECT_CONFIG_CXL_RESET;
	default:
		return FWA_EFFECTS_DEFERRED;
	}
}

static void on_kernel_event(struct fwa_effects *effects, const struct fwa_record *record,
			    const uint8_t *leaf)
{
	const struct fwa_kernel_event *event = &record->kernel_event;
	int64_t only =
		event->has_device ? fwa_engine_device_find(effects, event->device) : -1;
	size_t i;

	if (event->type != FWA_KERNEL_EVENT_DEVICE_RESET ||
	    (event->has_device && only < 0))
		return;
	for (i = 0; i < effects->device_count; i++) {
		struct device *device = effects->devices[i];
		struct reset *reset;

		if (only >= 0 && (size_t)only != i)
			continue;
		if (device->reset_count == RESETS_MAX) {
			device->resets_lost = true;
			continue;
		}
		reset = &device->resets[device->reset_count++];
		reset->sequence = record->sequence;
		memcpy(reset->leaf, leaf, FWA_DIGEST_SIZE);
		reset->not_before = event->not_before;
		reset->not_after = event->not_after;
		reset->realises = realised_by(event);
	}
}

static int on_checkpoint(struct fwa_effects *effects,
			 const struct fwa_checkpoint *checkpoint)
{
	int error;

	if (checkpoint->in_flight == 0)
		fwa_engine_complete(effects);
	error = fwa_engine_judge_windows(effects, false);
	return error ? error : fwa_engine_flush(effects, false);
}

static int on_record(void *context, const struct fwa_evidence *evidence)
{
	struct fwa_effects *effects = context;
	const struct fwa_record *record = evidence->record;
	int error = 0;

	switch (record->kind) {
	case FWA_RECORD_BOOT:
		return on_boot(effects, &record->boot);
	case FWA_RECORD_DEVICE:
		return fwa_engine_device(effects, record);
	case FWA_RECORD_RPC:
		error = on_call(effects, evidence);
		break;
	case FWA_RECORD_DECLARATION:
		return fwa_engine_declaration(effects, record, evidence->leaf);
	case FWA_RECORD_SNAPSHOT:
		error = fwa_engine_snapshot(effects, record, evidence->leaf);
		break;
	case FWA_RECORD_KERNEL_EVENT:
		on_kernel_event(effects, record, evidence->leaf);
		return 0;
	case FWA_RECORD_GAP:
		return fwa_engine_gap(effects, &record->gap);
	case FWA_RECORD_CHECKPOINT:
		return on_checkpoint(effects, &record->checkpoint);
	case FWA_RECORD_SHUTDOWN:
		/* Calls that had not returned by then are recorded, without a result. */
		fwa_engine_complete(effects);
		break;
	default:
		return 0;
	}
	if (!error)
		error = fwa_engine_judge_windows(effects, false);
	return error;
}

static int on_finish(void *context, struct fwa_findings *findings)
{
	struct fwa_effects *effects = context;
	int error = end_run(effects, true);

	if (error)
		return error;
	fwa_engine_summarise(effects);
	return fwa_findings_append(findings, effects->findings);
}

struct fwa_record_consumer fwa_effects_consumer(struct fwa_effects *effects)
{
	return (struct fwa_record_consumer){effects, on_record, on_finish};
}

const struct fwa_effects_summary *fwa_effects_summary(const struct fwa_effects *effects)
{
	return &effects->summary;
}
