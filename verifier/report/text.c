/* SPDX-License-Identifier: Apache-2.0 */
/* The report for people: what was examined, what was found, most severe first, the verdict. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "schema/fwctl.h"
#include "schema/text.h"
#include "verifier/effects/declaration.h"
#include "verifier/report/escape.h"
#include "verifier/report/report.h"

#define LABEL 12u /* columns of the left margin of the summary */

struct page {
	const struct fwa_report *report;
	FILE *stream;
	bool colour;
	unsigned width;
};

static const char *paint(const struct page *page, const char *code)
{
	return page->colour ? code : "";
}

#define BOLD   "\x1b[1m"
#define RED    "\x1b[31m"
#define YELLOW "\x1b[33m"
#define GREEN  "\x1b[32m"
#define DIM    "\x1b[2m"
#define PLAIN  "\x1b[0m"

/* Words of `text`, broken at the page's width; `column` is where the first line stands. */
static void wrap(const struct page *page, const char *text, unsigned indent,
		 unsigned column)
{
	bool first = true;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (!first && column + 1 + length > page->width) {
			fprintf(page->stream, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		if (!first) {
			fputc(' ', page->stream);
			column++;
		}
		fwrite(text, 1, length, page->stream);
		column += (unsigned)length;
		first = false;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', page->stream);
}

/* One line of the summary; what the text quotes of evidence is escaped here. */
static void line(const struct page *page, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void line(const struct page *page, const char *label, const char *format, ...)
{
	char text[1024], *escaped;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	escaped = fwa_escape((struct fwa_bytes){(const uint8_t *)text, strlen(text)});
	fprintf(page->stream, "  %s%-*s%s", paint(page, DIM), (int)LABEL - 2, label,
		paint(page, PLAIN));
	wrap(page, escaped ? escaped : "(out of memory)", LABEL, LABEL);
	free(escaped);
}

static void short_time(uint64_t time, char ret_text[FWA_TIME_TEXT_SIZE])
{
	fwa_time_format(time, ret_text);
	if (strlen(ret_text) > 19) {
		ret_text[10] = ' ';
		ret_text[19] = '\0';
	}
}

static void print_ledger(const struct page *page)
{
	const struct fwa_verify_result *result = page->report->result;
	char uuid[FWA_UUID_TEXT_SIZE], first[FWA_TIME_TEXT_SIZE],
		last[FWA_TIME_TEXT_SIZE];

	fwa_uuid_format(result->ledger_uuid, uuid);
	line(page, "Ledger", "%s (%s)", page->report->ledger, uuid);
	if (result->has_times) {
		short_time(result->first_time, first);
		short_time(result->last_time, last);
		line(page, "Time", "%s to %s UTC", first, last);
	}
	if (!result->authentic)
		line(page, "Evidence",
		     "NOT AUTHENTIC: what the records say is worth nothing");
	else
		line(page, "Evidence",
		     "authentic: %" PRIu64 " of %" PRIu64 " records under %" PRIu64
		     " checkpoints that the TPM signed%s",
		     result->signed_records, result->records, result->attestations,
		     result->pending_checkpoint ? "; one checkpoint is not signed yet"
						: "");
	line(page, "Signed by", "%s, %s",
	     result->software_tpm
		     ? "a software TPM (a program, which proves nothing about hardware)"
		     : "a hardware TPM",
	     result->self_enrolled
		     ? "self-enrolled: nobody but the machine itself vouches for its key"
		     : "enrolled by an auditor");
}

static void print_machine(const struct page *page)
{
	const struct fwa_verify_result *result = page->report->result;
	const struct fwa_effects_summary *effects = page->report->effects;

	if (effects && effects->kernel[0])
		line(page, "Machine",
		     "Linux %s on %s, fwauditd %s, %" PRIu64 " run%s of the collector",
		     effects->kernel, effects->machine, effects->collector, result->runs,
		     result->runs == 1 ? "" : "s");
	if (!result->assessed)
		return;
	line(page, "Calls",
	     "%" PRIu64 " issued = %" PRIu64 " recorded + %" PRIu64 " lost; %" PRIu64
	     " with an incomplete payload; %" PRIu64 " were fwauditd's own",
	     result->issued, result->recorded, result->lost, result->truncated,
	     effects ? effects->own_calls : 0);
}

static void print_devices(const struct page *page)
{
	const struct fwa_effects_summary *effects = page->report->effects;
	size_t i;

	for (i = 0; effects && i < effects->device_count; i++) {
		const struct fwa_effects_device *device = &effects->devices[i];
		const char *type = device->has_type
					   ? fwa_fwctl_device_type_name(device->type)
					   : NULL;

		line(page, i == 0 ? "Devices" : "",
		     "%s (%s%s%s%s): %" PRIu64 " commands: %" PRIu64 " conform, %" PRIu64
		     " violate, %" PRIu64 " undetermined, %" PRIu64 " refused, %" PRIu64
		     " not judged; %" PRIu64 " snapshots of %zu keys",
		     device->name, type ? type : "unknown type",
		     device->firmware[0] ? ", firmware " : "", device->firmware,
		     device->simulated ? ", simulated" : "", device->calls,
		     device->verdicts[FWA_VERDICT_CONFORMS],
		     device->verdicts[FWA_VERDICT_VIOLATES],
		     device->verdicts[FWA_VERDICT_UNDETERMINED],
		     device->verdicts[FWA_VERDICT_REFUSED],
		     device->verdicts[FWA_VERDICT_NOT_JUDGED], device->snapshots,
		     device->keys);
	}
}

static void print_limits(const struct page *page)
{
	const struct fwa_report *report = page->report;
	const char *label = "Limits";
	size_t i;

	for (i = 0; i < report->result->limit_count; i++, label = "")
		line(page, label, "%s", report->result->limits[i]);
	for (i = 0; report->effects && i < report->effects->limit_count; i++, label = "")
		line(page, label, "%s", report->effects->limits[i]);
}

static const char *severity_colour(enum fwa_severity severity)
{
	if (severity >= FWA_SEVERITY_HIGH)
		return RED;
	return severity >= FWA_SEVERITY_MEDIUM ? YELLOW : "";
}

static void detail(const struct page *page, const char *label, const char *text)
{
	fprintf(page->stream, "      %s%-10s%s", paint(page, DIM), label,
		paint(page, PLAIN));
	wrap(page, text, 16, 16);
}

static void print_records(const struct page *page, const struct fwa_finding *finding)
{
	char text[FWA_FINDING_RECORDS_MAX * 48], leaf[2 * FWA_DIGEST_SIZE + 1];
	size_t length = 0, i;

	if (!finding->record_count)
		return;
	for (i = 0; i < finding->record_count; i++) {
		fwa_hex_encode(finding->records[i].leaf, FWA_DIGEST_SIZE, leaf);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "%s%" PRIu64, i ? ", " : "",
					   finding->records[i].sequence);
		if (finding->records[i].has_leaf)
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   " (%.8s...)", leaf);
	}
	detail(page, "records", text);
	if (finding->record_total > finding->record_count)
		fprintf(page->stream, "      %-10sand %" PRIu64 " more\n", "",
			finding->record_total - finding->record_count);
}

static void print_finding(const struct page *page, const struct fwa_finding *finding)
{
	const struct fwa_finding_kind *kind = fwa_finding_kind(finding->id);
	char text[512], from[FWA_TIME_TEXT_SIZE], to[FWA_TIME_TEXT_SIZE];
	size_t i;

	fprintf(page->stream, "\n  %s%s%s %-8s%s %s%s%s\n", paint(page, BOLD),
		paint(page, severity_colour(finding->severity)), kind->id,
		fwa_severity_name(finding->severity), paint(page, PLAIN),
		paint(page, BOLD), kind->title, paint(page, PLAIN));
	fprintf(page->stream, "      ");
	wrap(page, finding->sentence, 6, 6);
	if (finding->device_name[0]) {
		snprintf(text, sizeof(text), "%s%s%s%s%s", finding->device_name,
			 finding->command[0] ? ", " : "", finding->command,
			 finding->target[0] ? " of " : "", finding->target);
		detail(page, "device", text);
	}
	if (finding->has_effects) {
		fwa_effects_text(finding->declared, text, sizeof(text));
		if (finding->has_declaration)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 " (record %" PRIu64 ")", finding->declaration);
		detail(page, "declared", text);
		fwa_effects_text(finding->observed, text, sizeof(text));
		detail(page, "observed", text);
	}
	for (i = 0; i < finding->change_count; i++) {
		char before[2 * FWA_DIGEST_SIZE + 1] = "nothing",
						  after[sizeof(before)] = "nothing";

		if (finding->changes[i].has_before)
			fwa_hex_encode(finding->changes[i].before, FWA_DIGEST_SIZE,
				       before);
		if (finding->changes[i].has_after)
			fwa_hex_encode(finding->changes[i].after, FWA_DIGEST_SIZE, after);
		snprintf(text, sizeof(text), "%s: %.8s -> %.8s", finding->changes[i].key,
			 before, after);
		detail(page, i == 0 ? "changed" : "", text);
	}
	print_records(page, finding);
	if (finding->table) {
		snprintf(text, sizeof(text), "table %s", finding->table);
		if (finding->has_row)
			snprintf(text, sizeof(text), "table %s, row %" PRId64,
				 finding->table, finding->row);
		detail(page, "place", text);
	}
	if (finding->has_from && finding->has_to) {
		fwa_time_format(finding->from, from);
		fwa_time_format(finding->to, to);
		snprintf(text, sizeof(text), "%s to %s", from, to);
		detail(page, "when", text);
	}
}

static int print_findings(const struct page *page)
{
	const struct fwa_findings *findings = page->report->result->findings;
	const struct fwa_finding **order = fwa_report_order(findings);
	size_t count = fwa_findings_count(findings), i, below = 0;
	int id;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (order[i]->severity < page->report->threshold)
			below++;
		else
			print_finding(page, order[i]);
	}
	free(order);
	for (id = 0; id < FWA_FINDING_IDS; id++) {
		uint64_t omitted = fwa_findings_omitted(findings, id);

		if (omitted)
			fprintf(page->stream, "\n  and %" PRIu64 " more %s: %s\n",
				omitted, fwa_finding_kind(id)->id,
				fwa_finding_kind(id)->title);
	}
	if (below)
		fprintf(page->stream,
			"\n  %zu findings below the threshold (%s) are not shown.\n",
			below, fwa_severity_name(page->report->threshold));
	return 0;
}

static void print_verdict(const struct page *page)
{
	const struct fwa_report *report = page->report;
	const char *separator = "";
	int severity;

	fprintf(page->stream, "\n%s", paint(page, BOLD));
	if (report->exit_status == FWA_EXIT_NOT_AUTHENTIC) {
		fprintf(page->stream,
			"%sThe evidence is not authentic; effects were not judged.%s\n",
			paint(page, RED), paint(page, PLAIN));
		return;
	}
	if (report->exit_status == FWA_EXIT_CLEAN) {
		fprintf(page->stream, "%sNo finding at or above \"%s\".%s\n",
			paint(page, GREEN), fwa_severity_name(report->threshold),
			paint(page, PLAIN));
		return;
	}
	fprintf(page->stream, "%sFindings: ", paint(page, RED));
	for (severity = FWA_SEVERITY_CRITICAL; severity >= FWA_SEVERITY_INFO;
	     severity--) {
		uint64_t count = fwa_report_count(report->result->findings,
						  (enum fwa_severity)severity);

		if (!count)
			continue;
		fprintf(page->stream, "%s%" PRIu64 " %s", separator, count,
			fwa_severity_name((enum fwa_severity)severity));
		separator = ", ";
	}
	fprintf(page->stream, ".%s\n", paint(page, PLAIN));
}

int fwa_report_text(const struct fwa_report *report, const struct fwa_report_style *style,
		    FILE *stream)
{
	struct page page = {report, stream, style->colour,
			    style->width < 40 ? 40 : style->width};
	int error;

	print_ledger(&page);
	print_machine(&page);
	print_devices(&page);
	print_limits(&page);
	error = print_findings(&page);
	if (error)
		return error;
	print_verdict(&page);
	return fflush(stream) == 0 && !ferror(stream) ? 0 : -EIO;
}
