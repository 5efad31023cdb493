/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/completeness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/evidence/sentence_time.h"

#define DEVICES_MAX       8u
#define DEVICE_NAMES_SIZE 256u

struct device {
	char name[FWA_FINDING_TEXT_MAX];
	bool present;
};

struct fwa_completeness {
	struct fwa_findings *findings;
	/* Of this run; findings under way have a record_total above 0. */
	struct fwa_finding lost;
	struct fwa_finding partial;
	uint64_t partial_bytes;
	/* The last sign of life. */
	uint64_t last_sequence;
	uint64_t last_time;
	uint8_t last_leaf[FWA_DIGEST_SIZE];
	/* The run before a boot record. */
	bool has_run;
	bool shut_down;
	uint64_t shutdown_time;
	uint8_t boot_id[FWA_UUID_SIZE];
	/* Which devices were watched, the first few of them. */
	struct device devices[DEVICES_MAX];
	size_t device_count;
};

struct fwa_completeness *fwa_completeness_new(void)
{
	struct fwa_completeness *completeness = calloc(1, sizeof(*completeness));

	if (!completeness)
		return NULL;
	completeness->findings = fwa_findings_new();
	if (!completeness->findings) {
		free(completeness);
		return NULL;
	}
	return completeness;
}

void fwa_completeness_free(struct fwa_completeness *completeness)
{
	if (!completeness)
		return;
	fwa_findings_free(completeness->findings);
	free(completeness);
}

static void remember_device(struct fwa_completeness *completeness,
			    const struct fwa_device *device)
{
	char name[FWA_FINDING_TEXT_MAX];
	size_t i;

	fwa_finding_text(name, device->name);
	for (i = 0; i < completeness->device_count; i++) {
		if (strcmp(completeness->devices[i].name, name) == 0)
			break;
	}
	if (i == DEVICES_MAX)
		return;
	memcpy(completeness->devices[i].name, name, sizeof(name));
	completeness->devices[i].present = device->state == FWA_DEVICE_PRESENT;
	if (i == completeness->device_count)
		completeness->device_count++;
}

/* "fwctl0, fwctl1": the devices that are watched now. */
static void device_names(const struct fwa_completeness *completeness,
			 char ret_names[DEVICE_NAMES_SIZE])
{
	size_t used = 0;
	size_t i;

	snprintf(ret_names, DEVICE_NAMES_SIZE, "none known");
	for (i = 0; i < completeness->device_count; i++) {
		const struct device *device = &completeness->devices[i];

		if (!device->present || used >= DEVICE_NAMES_SIZE - 1)
			continue;
		used += (size_t)snprintf(ret_names + used, DEVICE_NAMES_SIZE - used,
					 "%s%.60s", used > 0 ? ", " : "", device->name);
	}
}

/* A moment of CLOCK_BOOTTIME as CLOCK_REALTIME, by a record of the same boot. */
static uint64_t real_time(const struct fwa_record *record, uint64_t boot_time)
{
	return record->time - record->boot_time + boot_time;
}

static void widen(struct fwa_finding *finding, uint64_t from, uint64_t to)
{
	if (!finding->has_from || from < finding->from)
		finding->from = from;
	if (!finding->has_to || to > finding->to)
		finding->to = to;
	finding->has_from = finding->has_to = true;
}

static void count_gap(struct fwa_completeness *completeness,
		      const struct fwa_evidence *evidence)
{
	const struct fwa_record *record = evidence->record;
	struct fwa_finding *lost = &completeness->lost;

	if (lost->record_total == 0)
		fwa_finding_make(lost, FWA_C01, "%s", "");
	fwa_finding_add_record(lost, record->sequence, evidence->leaf);
	lost->has_count = true;
	lost->count += record->gap.count;
	widen(lost, real_time(record, record->gap.not_before),
	      real_time(record, record->gap.not_after));
}

static void count_partial(struct fwa_completeness *completeness,
			  const struct fwa_evidence *evidence)
{
	const struct fwa_rpc *rpc = &evidence->record->rpc;
	uint64_t missing = rpc->request.length - rpc->request.captured +
			   rpc->response.length - rpc->response.captured;
	struct fwa_finding *partial = &completeness->partial;

	if (missing == 0)
		return;
	if (partial->record_total == 0) {
		fwa_finding_make(partial, FWA_C01, "%s", "");
		partial->severity = FWA_SEVERITY_MEDIUM;
		completeness->partial_bytes = 0;
	}
	fwa_finding_add_record(partial, evidence->record->sequence, evidence->leaf);
	partial->has_count = true;
	partial->count++;
	completeness->partial_bytes += missing;
	widen(partial, real_time(evidence->record, rpc->entered), evidence->record->time);
}

/* The run is over, or the ledger is: say what was lost in it. */
static int end_run(struct fwa_completeness *completeness)
{
	struct fwa_finding *lost = &completeness->lost;
	struct fwa_finding *partial = &completeness->partial;
	char from[FWA_SENTENCE_TIME_SIZE], to[FWA_SENTENCE_TIME_SIZE];
	char names[DEVICE_NAMES_SIZE];
	int result = 0;

	if (lost->record_total > 0) {
		fwa_sentence_time(lost->from, from);
		fwa_sentence_time(lost->to, to);
		device_names(completeness, names);
		fwa_finding_say(lost,
				"%" PRIu64 " calls were lost between %s and %s (%" PRIu64
				" gap records); devices watched: %s. What they did is "
				"not in the ledger; give the collector a larger "
				"--ring-size.",
				lost->count, from, to, lost->record_total, names);
		result = fwa_findings_add(completeness->findings, lost);
	}
	if (result == 0 && partial->record_total > 0) {
		fwa_finding_say(
			partial,
			"%" PRIu64
			" calls were recorded without their whole payload: %" PRIu64
			" bytes were not captured.",
			partial->count, completeness->partial_bytes);
		result = fwa_findings_add(completeness->findings, partial);
	}
	lost->record_total = partial->record_total = 0;
	return result;
}

/* How it is known that the collector was not running. */
static const char *how(const struct fwa_completeness *completeness,
		       const struct fwa_boot *boot)
{
	bool same_boot =
		boot->boot_id.size == FWA_UUID_SIZE &&
		memcmp(boot->boot_id.data, completeness->boot_id, FWA_UUID_SIZE) == 0;

	if (completeness->shut_down)
		return same_boot ? "it was stopped cleanly and started again"
				 : "it was stopped cleanly, and the machine restarted "
				   "before it was started again";
	return same_boot ? "it was killed or crashed: its run has no shutdown record"
			 : "the machine restarted without stopping it: its run has no "
			   "shutdown record, and the boot id is another";
}

static int begin_run(struct fwa_completeness *completeness,
		     const struct fwa_evidence *evidence)
{
	const struct fwa_record *record = evidence->record;
	char from_text[FWA_SENTENCE_TIME_SIZE], to_text[FWA_SENTENCE_TIME_SIZE];
	struct fwa_finding finding;
	uint64_t from;
	int result = end_run(completeness);

	if (result < 0)
		return result;
	if (completeness->has_run) {
		from = completeness->shut_down ? completeness->shutdown_time
					       : completeness->last_time;
		fwa_sentence_time(from, from_text);
		fwa_sentence_time(record->time, to_text);
		fwa_finding_make(&finding, FWA_C02,
				 "No collector was running from %s to %s: %s. Calls in "
				 "that time are not in the ledger.",
				 from_text, to_text, how(completeness, &record->boot));
		finding.has_from = finding.has_to = true;
		finding.from = from;
		finding.to = record->time;
		fwa_finding_add_record(&finding, completeness->last_sequence,
				       completeness->last_leaf);
		fwa_finding_add_record(&finding, record->sequence, evidence->leaf);
		result = fwa_findings_add(completeness->findings, &finding);
	}
	completeness->has_run = true;
	completeness->shut_down = false;
	memset(completeness->boot_id, 0, sizeof(completeness->boot_id));
	if (record->boot.boot_id.size == FWA_UUID_SIZE)
		memcpy(completeness->boot_id, record->boot.boot_id.data, FWA_UUID_SIZE);
	return result;
}

static int consume(void *context, const struct fwa_evidence *evidence)
{
	struct fwa_completeness *completeness = context;
	const struct fwa_record *record = evidence->record;
	int result = 0;

	switch (record->kind) {
	case FWA_RECORD_BOOT:
		result = begin_run(completeness, evidence);
		break;
	case FWA_RECORD_DEVICE:
		remember_device(completeness, &record->device);
		break;
	case FWA_RECORD_RPC:
		count_partial(completeness, evidence);
		break;
	case FWA_RECORD_GAP:
		count_gap(completeness, evidence);
		break;
	case FWA_RECORD_SHUTDOWN:
		completeness->shut_down = true;
		completeness->shutdown_time = record->time;
		break;
	default:
		break;
	}
	completeness->last_sequence = record->sequence;
	completeness->last_time = record->time;
	memcpy(completeness->last_leaf, evidence->leaf, FWA_DIGEST_SIZE);
	return result;
}

static int finish(void *context, struct fwa_findings *findings)
{
	struct fwa_completeness *completeness = context;
	int result = end_run(completeness);

	if (result < 0)
		return result;
	return fwa_findings_append(findings, completeness->findings);
}

struct fwa_record_consumer
fwa_completeness_consumer(struct fwa_completeness *completeness)
{
	return (struct fwa_record_consumer){
		.context = completeness, .record = consume, .finish = finish};
}
