/* SPDX-License-Identifier: Apache-2.0 */
/* The report for programs. schema/report.schema.json says what each field means. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "schema/fwctl.h"
#include "schema/text.h"
#include "verifier/report/escape.h"
#include "verifier/report/report.h"

/*
 * Jansson's *_new functions take over what they are given and fail when that is NULL, so a failed
 * allocation anywhere shows in the result of the outermost one; `failed` gathers those.
 */
struct out {
	json_t *object;
	bool *failed;
};

static void put(struct out out, const char *name, json_t *value)
{
	if (!value || json_object_set_new(out.object, name, value) != 0)
		*out.failed = true;
}

static json_t *text_of(const char *text)
{
	char *escaped =
		fwa_escape((struct fwa_bytes){(const uint8_t *)text, strlen(text)});
	json_t *value = escaped ? json_string(escaped) : NULL;

	free(escaped);
	return value;
}

/* Absent rather than empty. */
static void put_text(struct out out, const char *name, const char *text)
{
	if (text && text[0])
		put(out, name, text_of(text));
}

static void put_number(struct out out, const char *name, uint64_t number)
{
	/* Numbers of the format are below 2^63: CBOR integers that this decoder accepts. */
	put(out, name, json_integer((json_int_t)number));
}

static void put_time(struct out out, const char *name, uint64_t time)
{
	char text[FWA_TIME_TEXT_SIZE];

	fwa_time_format(time, text);
	put(out, name, json_string(text));
}

static void put_hex(struct out out, const char *name, const uint8_t *data, size_t size)
{
	char text[2 * FWA_DIGEST_SIZE + 1];

	fwa_hex_encode(data, size, text);
	put(out, name, json_string(text));
}

static void put_effects(struct out out, const char *name, uint32_t effects)
{
	json_t *array = json_array();
	uint32_t bit;

	for (bit = 1; bit <= FWA_EFFECT_ALL; bit <<= 1) {
		if (effects & bit &&
		    json_array_append_new(array, json_string(fwa_effect_name(bit))) != 0)
			*out.failed = true;
	}
	put(out, name, array);
}

/* An object that is put under `name` at once and filled afterwards. */
static struct out begin(struct out out, const char *name)
{
	struct out inner = {json_object(), out.failed};

	put(out, name, inner.object);
	return inner;
}

static struct out append(json_t *array, bool *failed)
{
	struct out inner = {json_object(), failed};

	if (json_array_append_new(array, inner.object) != 0)
		*failed = true;
	return inner;
}

static void put_changes(struct out out, const struct fwa_finding *finding)
{
	json_t *array = json_array();
	size_t i;

	put(out, "changes", array);
	for (i = 0; i < finding->change_count; i++) {
		const struct fwa_finding_change *change = &finding->changes[i];
		struct out item = append(array, out.failed);

		put_text(item, "key", change->key);
		put_effects(item, "effects", change->effects);
		put_number(item, "snapshot", change->snapshot);
		if (change->has_before)
			put_hex(item, "before", change->before, FWA_DIGEST_SIZE);
		if (change->has_after)
			put_hex(item, "after", change->after, FWA_DIGEST_SIZE);
	}
	put_number(out, "change_total", finding->change_total);
}

static void put_records(struct out out, const struct fwa_finding *finding)
{
	json_t *array = json_array();
	size_t i;

	put(out, "records", array);
	for (i = 0; i < finding->record_count; i++) {
		struct out item = append(array, out.failed);

		put_number(item, "sequence", finding->records[i].sequence);
		if (finding->records[i].has_leaf)
			put_hex(item, "leaf", finding->records[i].leaf, FWA_DIGEST_SIZE);
	}
	put_number(out, "record_total", finding->record_total);
}

static void put_command(struct out out, const struct fwa_finding *finding)
{
	char name[FWA_FINDING_TEXT_MAX], opcode[16];
	struct out command;
	char *bracket;

	if (!finding->command[0])
		return;
	command = begin(out, "command");
	if (finding->has_opcode) {
		snprintf(opcode, sizeof(opcode), "0x%04x", finding->opcode);
		put(command, "opcode", json_string(opcode));
	}
	/* "Set Feature (0502h)": the opcode stands beside it already. */
	memcpy(name, finding->command, sizeof(name));
	bracket = finding->has_opcode ? strstr(name, " (") : NULL;
	if (bracket)
		*bracket = '\0';
	put_text(command, "name", name);
	put_text(command, "feature", finding->target);
	if (finding->has_scope)
		put_number(command, "scope", finding->scope);
}

static void put_finding(struct out out, const struct fwa_finding *finding)
{
	const struct fwa_finding_kind *kind = fwa_finding_kind(finding->id);
	struct out place;

	put(out, "id", json_string(kind->id));
	put(out, "severity", json_string(fwa_severity_name(finding->severity)));
	put(out, "category", json_string(fwa_finding_category_name(kind->category)));
	put(out, "title", json_string(kind->title));
	put_text(out, "sentence", finding->sentence);
	put_text(out, "device", finding->device_name);
	if (finding->has_device)
		put_number(out, "device_record", finding->device);
	put_command(out, finding);
	put_records(out, finding);
	if (finding->has_effects) {
		put_effects(out, "declared", finding->declared);
		put_effects(out, "observed", finding->observed);
		put_effects(out, "undeclared", finding->undeclared);
	}
	if (finding->change_total)
		put_changes(out, finding);
	if (finding->has_declaration)
		put_number(out, "declaration", finding->declaration);
	if (finding->has_other_declaration)
		put_number(out, "other_declaration", finding->other_declaration);
	if (finding->has_from)
		put_time(out, "from", finding->from);
	if (finding->has_to)
		put_time(out, "to", finding->to);
	if (finding->has_count)
		put_number(out, "count", finding->count);
	if (finding->table) {
		place = begin(out, "place");
		put_text(place, "table", finding->table);
		if (finding->has_row)
			put(place, "row", json_integer(finding->row));
	}
}

static int put_findings(struct out out, const struct fwa_findings *findings)
{
	const struct fwa_finding **order = fwa_report_order(findings);
	size_t count = fwa_findings_count(findings);
	json_t *array = json_array();
	struct out omitted, counts;
	size_t i;
	int id;

	if (!order) {
		json_decref(array);
		return -ENOMEM;
	}
	put(out, "findings", array);
	for (i = 0; i < count; i++)
		put_finding(append(array, out.failed), order[i]);
	free(order);
	omitted = begin(out, "omitted_findings");
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		if (fwa_findings_omitted(findings, id))
			put_number(omitted, fwa_finding_kind(id)->id,
				   fwa_findings_omitted(findings, id));
	}
	counts = begin(out, "finding_counts");
	for (id = FWA_SEVERITY_CRITICAL; id >= FWA_SEVERITY_INFO; id--)
		put_number(counts, fwa_severity_name((enum fwa_severity)id),
			   fwa_report_count(findings, (enum fwa_severity)id));
	return 0;
}

static void put_ledger(struct out out, const struct fwa_report *report)
{
	const struct fwa_verify_result *result = report->result;
	char uuid[FWA_UUID_TEXT_SIZE];
	struct out ledger = begin(out, "ledger");

	put_text(ledger, "path", report->ledger);
	fwa_uuid_format(result->ledger_uuid, uuid);
	put(ledger, "uuid", json_string(uuid));
	put(ledger, "authentic", json_boolean(result->authentic));
	put_number(ledger, "records", result->records);
	put_number(ledger, "signed_records", result->signed_records);
	put_number(ledger, "payloads", result->payloads);
	put_number(ledger, "checkpoints", result->checkpoints);
	put_number(ledger, "attestations", result->attestations);
	put(ledger, "pending_checkpoint", json_boolean(result->pending_checkpoint));
	put_hex(ledger, "root", result->root, FWA_DIGEST_SIZE);
	if (result->has_times) {
		put_time(ledger, "first_time", result->first_time);
		put_time(ledger, "last_time", result->last_time);
	}
}

static void put_signer(struct out out, const struct fwa_report *report)
{
	struct out signer = begin(out, "signer");

	put_text(signer, "enrolment", report->enrolment);
	put(signer, "self_enrolled", json_boolean(report->result->self_enrolled));
	put(signer, "software_tpm", json_boolean(report->result->software_tpm));
	put_number(signer, "tpm_resets", report->result->reset_count_changes);
}

static void put_calls(struct out out, const struct fwa_report *report)
{
	const struct fwa_verify_result *result = report->result;
	struct out calls = begin(out, "calls");

	put_number(calls, "runs", result->runs);
	put_number(calls, "issued", result->issued);
	put_number(calls, "recorded", result->recorded);
	put_number(calls, "lost", result->lost);
	put_number(calls, "truncated", result->truncated);
	if (report->effects)
		put_number(calls, "own", report->effects->own_calls);
}

static void put_device(struct out out, const struct fwa_effects_device *device)
{
	static const char *const names[FWA_VERDICTS] = {
		[FWA_VERDICT_NOT_JUDGED] = "not_judged",
		[FWA_VERDICT_REFUSED] = "refused",
		[FWA_VERDICT_UNDETERMINED] = "undetermined",
		[FWA_VERDICT_CONFORMS] = "conforms",
		[FWA_VERDICT_VIOLATES] = "violates",
	};
	const char *type =
		device->has_type ? fwa_fwctl_device_type_name(device->type) : NULL;
	struct out verdicts;
	int verdict;

	put_number(out, "record", device->sequence);
	put_text(out, "name", device->name);
	put_text(out, "path", device->path);
	put_text(out, "type", type ? type : "unknown");
	put_text(out, "driver", device->driver);
	put_text(out, "firmware_version", device->firmware);
	put_text(out, "serial", device->serial);
	put(out, "simulated", json_boolean(device->simulated));
	put_number(out, "calls", device->calls);
	put_number(out, "own_calls", device->own_calls);
	verdicts = begin(out, "verdicts");
	for (verdict = 0; verdict < FWA_VERDICTS; verdict++)
		put_number(verdicts, names[verdict], device->verdicts[verdict]);
	put_number(out, "snapshots", device->snapshots);
	put_number(out, "undetermined_windows", device->undetermined_windows);
	put_number(out, "keys", device->keys);
	put_number(out, "unreadable_keys", device->unreadable_keys);
	put_effects(out, "observable", device->observable);
	put_effects(out, "not_observable", device->not_observable);
}

static void put_effects_summary(struct out out, const struct fwa_effects_summary *effects)
{
	struct out machine = begin(out, "machine"), windows;
	json_t *devices = json_array();
	size_t i;

	put_text(machine, "kernel", effects->kernel);
	put_text(machine, "architecture", effects->machine);
	put_text(machine, "collector", effects->collector);
	put_text(machine, "coverage", effects->coverage);
	put(out, "devices", devices);
	for (i = 0; i < effects->device_count; i++)
		put_device(append(devices, out.failed), &effects->devices[i]);
	windows = begin(out, "windows");
	put_number(windows, "judged", effects->windows);
	put_number(windows, "undetermined", effects->undetermined_windows);
}

static void put_limits(struct out out, const struct fwa_report *report)
{
	json_t *limits = json_array();
	size_t i;

	put(out, "limits", limits);
	for (i = 0; i < report->result->limit_count; i++) {
		if (json_array_append_new(limits, text_of(report->result->limits[i])) !=
		    0)
			*out.failed = true;
	}
	for (i = 0; report->effects && i < report->effects->limit_count; i++) {
		if (json_array_append_new(limits, text_of(report->effects->limits[i])) !=
		    0)
			*out.failed = true;
	}
}

int fwa_report_json(const struct fwa_report *report, const struct fwa_report_style *style,
		    FILE *stream)
{
	static const char *const verdicts[] = {
		[FWA_EXIT_CLEAN] = "clean",
		[FWA_EXIT_FINDINGS] = "findings",
		[FWA_EXIT_NOT_AUTHENTIC] = "not authentic",
	};
	bool failed = false;
	struct out out = {json_object(), &failed};
	struct out tool;
	int error;

	(void)style;
	put(out, "format", json_string("fwaudit-report/1"));
	tool = begin(out, "tool");
	put(tool, "name", json_string("fwaudit"));
	put(tool, "version", json_string(FWA_VERSION));
	put(out, "verdict", json_string(verdicts[report->exit_status]));
	put_number(out, "exit_status", (uint64_t)report->exit_status);
	put(out, "threshold", json_string(fwa_severity_name(report->threshold)));
	put(out, "assessed", json_boolean(report->result->assessed));
	put_ledger(out, report);
	put_signer(out, report);
	put_calls(out, report);
	if (report->effects)
		put_effects_summary(out, report->effects);
	put_limits(out, report);
	error = put_findings(out, report->result->findings);
	if (!error && failed)
		error = -ENOMEM;
	if (!error && (json_dumpf(out.object, stream, JSON_INDENT(2)) != 0 ||
		       fputc('\n', stream) == EOF || fflush(stream) != 0))
		error = -EIO;
	json_decref(out.object);
	return error;
}
