/* SPDX-License-Identifier: Apache-2.0 */
/* What the printers print, byte for byte, and that hostile evidence does nothing to a terminal. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/effects.h"
#include "verifier/report/report.h"

#define START UINT64_C(1800000000000000000)

struct setting {
	struct fwa_verify_result result;
	struct fwa_effects_summary effects;
	struct fwa_effects_device device;
	struct fwa_report report;
};

static void add_undeclared(struct fwa_findings *findings)
{
	struct fwa_finding_change change = {
		.key = "cxl.feature."
		       "02020202-0202-0202-0202-020202020202.current",
		.effects = FWA_EFFECT_CONFIG_IMMEDIATE,
		.snapshot = 13,
		.has_before = true,
		.has_after = true};
	uint8_t leaf[FWA_DIGEST_SIZE];
	struct fwa_finding finding;

	memset(leaf, 0xab, sizeof(leaf));
	memset(change.after, 0xcd, sizeof(change.after));
	fwa_finding_make(&finding, FWA_E01,
			 "Set Feature changed what it does not declare.");
	finding.has_device = true;
	finding.device = 2;
	snprintf(finding.device_name, sizeof(finding.device_name), "fwctl0");
	snprintf(finding.command, sizeof(finding.command), "Set Feature (0502h)");
	snprintf(finding.target, sizeof(finding.target),
		 "02020202-0202-0202-0202-020202020202");
	finding.has_opcode = finding.has_scope = true;
	finding.opcode = 0x0502;
	finding.scope = 2;
	fwa_finding_add_record(&finding, 12, leaf);
	fwa_finding_add_record(&finding, 13, NULL);
	finding.has_effects = true;
	finding.declared = FWA_EFFECT_CONFIG_COLD_RESET;
	finding.observed = finding.undeclared = FWA_EFFECT_CONFIG_IMMEDIATE;
	fwa_finding_add_change(&finding, &change);
	finding.has_declaration = true;
	finding.declaration = 4;
	finding.has_from = finding.has_to = true;
	finding.from = START + 1;
	finding.to = START + 2000000000;
	assert_int_equal(fwa_findings_add(findings, &finding), 0);
}

static void add_lost(struct fwa_findings *findings)
{
	struct fwa_finding finding;

	fwa_finding_make(&finding, FWA_C02, "The collector was not running.");
	fwa_finding_add_record(&finding, 9, NULL);
	fwa_finding_place(&finding, "leaf", 9);
	finding.has_count = true;
	finding.count = 3;
	assert_int_equal(fwa_findings_add(findings, &finding), 0);
}

static int set_up(void **state)
{
	struct setting *setting = calloc(1, sizeof(*setting));
	struct fwa_verify_result *result = &setting->result;
	struct fwa_effects_device *device = &setting->device;

	assert_non_null(setting);
	*result = (struct fwa_verify_result){.authentic = true,
					     .assessed = true,
					     .findings = fwa_findings_new(),
					     .self_enrolled = true,
					     .software_tpm = true,
					     .records = 20,
					     .payloads = 8,
					     .checkpoints = 2,
					     .attestations = 2,
					     .signed_records = 20,
					     .runs = 1,
					     .issued = 6,
					     .recorded = 5,
					     .lost = 1,
					     .has_times = true,
					     .first_time = START,
					     .last_time = START + 5000000000,
					     .limit_count = 1};
	snprintf(result->limits[0], sizeof(result->limits[0]),
		 "No head proof was given.");
	add_lost(result->findings);
	add_undeclared(result->findings);
	*device =
		(struct fwa_effects_device){.sequence = 2,
					    .name = "fwctl0",
					    .path = "/dev/fwctl/fwctl0",
					    .firmware = "1.0",
					    .simulated = true,
					    .has_type = true,
					    .type = 2,
					    .calls = 4,
					    .own_calls = 1,
					    .snapshots = 3,
					    .keys = 10,
					    .observable = FWA_EFFECT_CONFIG_IMMEDIATE,
					    .not_observable = FWA_EFFECT_SECURITY_STATE};
	device->verdicts[FWA_VERDICT_CONFORMS] = 2;
	device->verdicts[FWA_VERDICT_VIOLATES] = 1;
	device->verdicts[FWA_VERDICT_REFUSED] = 1;
	setting->effects = (struct fwa_effects_summary){.device_count = 1,
							.devices = device,
							.kernel = "6.1",
							.machine = "x86_64",
							.collector = "0.1",
							.coverage = "all of it",
							.own_calls = 1,
							.windows = 2,
							.limit_count = 1};
	snprintf(setting->effects.limits[0], FWA_EFFECTS_LIMIT_SIZE,
		 "fwctl0: not observable: security-state.");
	setting->report = (struct fwa_report){.ledger = "ledger.db",
					      .enrolment = "enrolment.json",
					      .result = result,
					      .effects = &setting->effects,
					      .threshold = FWA_SEVERITY_INFO,
					      .exit_status = 1};
	*state = setting;
	return 0;
}

static int tear_down(void **state)
{
	struct setting *setting = *state;

	fwa_findings_free(setting->result.findings);
	free(setting);
	return 0;
}

static char *print(const struct fwa_report *report, const char *format, bool colour)
{
	struct fwa_report_style style = {colour, 80};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	assert_int_equal(fwa_report_printer_find(format)->print(report, &style, stream),
			 0);
	fclose(stream);
	return text;
}

static char *golden(const char *name)
{
	char path[512], *text, *version;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), FWA_GOLDEN "/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	text = calloc(1, 65536);
	assert_non_null(text);
	size = fread(text, 1, 65535 - sizeof(FWA_VERSION), file);
	fclose(file);
	text[size] = '\0';
	version = strstr(text, "@VERSION@");
	if (version) {
		memmove(version + strlen(FWA_VERSION), version + strlen("@VERSION@"),
			strlen(version + strlen("@VERSION@")) + 1);
		memcpy(version, FWA_VERSION, strlen(FWA_VERSION));
	}
	return text;
}

static void compare(const struct fwa_report *report, const char *format, const char *name)
{
	char *printed = print(report, format, false), *expected = golden(name);

	assert_string_equal(printed, expected);
	free(printed);
	free(expected);
}

static void text_report(void **state)
{
	struct setting *setting = *state;

	compare(&setting->report, "text", "report.txt");
}

static void json_report(void **state)
{
	struct setting *setting = *state;

	compare(&setting->report, "json", "report.json");
}

static void threshold_hides_in_text_and_not_in_json(void **state)
{
	struct setting *setting = *state;
	char *text;

	setting->report.threshold = FWA_SEVERITY_HIGH;
	text = print(&setting->report, "text", false);
	assert_null(strstr(text, "FWA-C02"));
	assert_non_null(strstr(text, "1 findings below the threshold"));
	free(text);
	text = print(&setting->report, "json", false);
	assert_non_null(strstr(text, "FWA-C02"));
	free(text);
}

static void not_authentic(void **state)
{
	struct setting *setting = *state;
	char *text;

	setting->result.authentic = setting->result.assessed = false;
	setting->report.effects = NULL;
	setting->report.exit_status = 2;
	text = print(&setting->report, "text", false);
	assert_non_null(strstr(text, "NOT AUTHENTIC"));
	assert_non_null(strstr(text, "The evidence is not authentic"));
	assert_null(strstr(text, "fwctl0 (cxl"));
	free(text);
	text = print(&setting->report, "json", false);
	assert_non_null(strstr(text, "\"verdict\": \"not authentic\""));
	assert_null(strstr(text, "\"devices\""));
	free(text);
}

static void clean(void **state)
{
	struct setting *setting = *state;
	char *text;

	fwa_findings_free(setting->result.findings);
	setting->result.findings = fwa_findings_new();
	setting->report.exit_status = 0;
	text = print(&setting->report, "text", false);
	assert_non_null(strstr(text, "No finding at or above \"info\"."));
	free(text);
}

static void colour_only_on_request(void **state)
{
	struct setting *setting = *state;
	char *plain = print(&setting->report, "text", false);
	char *coloured = print(&setting->report, "text", true);

	assert_null(strchr(plain, '\x1b'));
	assert_non_null(strstr(coloured, "\x1b[31m"));
	free(plain);
	free(coloured);
}

static void hostile_strings(void **state)
{
	struct setting *setting = *state;
	static const char evil[] = "x\x1b]0;owned\x07\xff\xe2\x80\xae";
	const unsigned char *p;
	json_t *parsed;
	char *text;

	snprintf(setting->device.name, sizeof(setting->device.name), "%s", evil);
	snprintf(setting->effects.kernel, sizeof(setting->effects.kernel), "%s", evil);
	snprintf(setting->effects.limits[0], FWA_EFFECTS_LIMIT_SIZE, "%s", evil);
	setting->report.ledger = evil;
	text = print(&setting->report, "text", false);
	for (p = (const unsigned char *)text; *p; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	free(text);
	text = print(&setting->report, "json", false);
	for (p = (const unsigned char *)text; *p; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	parsed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(parsed);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(parsed, "ledger"), "path")),
			    "x\\x1b]0;owned\\x07\\xff\\xe2\\x80\\xae");
	json_decref(parsed);
	free(text);
}

static void order_is_by_weight(void **state)
{
	struct fwa_findings *findings = fwa_findings_new();
	static const enum fwa_finding_id ids[] = {FWA_D04, FWA_E01, FWA_C02, FWA_A02,
						  FWA_E01};
	static const char *const expected[] = {"FWA-A02", "FWA-E01", "FWA-E01", "FWA-C02",
					       "FWA-D04"};
	const struct fwa_finding **order;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		struct fwa_finding finding;

		fwa_finding_make(&finding, ids[i], "x");
		fwa_finding_add_record(&finding, 10 - i, NULL);
		assert_int_equal(fwa_findings_add(findings, &finding), 0);
	}
	order = fwa_report_order(findings);
	for (i = 0; i < 5; i++)
		assert_string_equal(fwa_finding_kind(order[i]->id)->id, expected[i]);
	assert_true(order[1]->records[0].sequence < order[2]->records[0].sequence);
	assert_int_equal(fwa_report_count(findings, FWA_SEVERITY_HIGH), 2);
	free(order);
	fwa_findings_free(findings);
}

static void times(void **state)
{
	char text[FWA_TIME_TEXT_SIZE];

	(void)state;
	fwa_time_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
	fwa_time_format(UINT64_C(1732291445123456789), text);
	assert_string_equal(text, "2024-11-22T16:04:05.123456789Z");
	fwa_time_format(UINT64_MAX, text);
	assert_true(strlen(text) < sizeof(text));
}

static void full_stream_is_an_error(void **state)
{
	struct setting *setting = *state;
	struct fwa_report_style style = {false, 80};
	const char *const formats[] = {"text", "json"};
	size_t i;

	for (i = 0; i < 2; i++) {
		FILE *stream = fopen("/dev/full", "w");

		assert_non_null(stream);
		assert_int_not_equal(fwa_report_printer_find(formats[i])
					     ->print(&setting->report, &style, stream),
				     0);
		fclose(stream);
	}
	assert_null(fwa_report_printer_find("yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_report, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_report, set_up, tear_down),
		cmocka_unit_test_setup_teardown(threshold_hides_in_text_and_not_in_json,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_authentic, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clean, set_up, tear_down),
		cmocka_unit_test_setup_teardown(colour_only_on_request, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(hostile_strings, set_up, tear_down),
		cmocka_unit_test(order_is_by_weight),
		cmocka_unit_test(times),
		cmocka_unit_test_setup_teardown(full_stream_is_an_error, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
