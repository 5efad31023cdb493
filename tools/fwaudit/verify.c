/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwaudit/command_line.h"
#include "verifier/effects/effects.h"
#include "verifier/report/report.h"

struct options {
	const char *ledger;
	const char *enrolment;
	const struct fwa_report_printer *printer;
	enum fwa_severity threshold;
};

static int parse(const struct fwa_subcommand *subcommand, int count, char **arguments,
		 struct options *options)
{
	static const struct option known[] = {
		{"enrolment", required_argument, NULL, 'e'},
		{"enrollment", required_argument, NULL, 'e'},
		{"format", required_argument, NULL, 'f'},
		{"threshold", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int found;

	*options = (struct options){.printer = fwa_report_printer(0)};
	while ((found = getopt_long(count, arguments, ":e:f:t:h", known, NULL)) != -1) {
		switch (found) {
		case 'e':
			options->enrolment = optarg;
			break;
		case 'f':
			options->printer = fwa_report_printer_find(optarg);
			if (!options->printer)
				return fwa_usage_error(
					subcommand,
					"there is no format \"%s\": text or json",
					optarg);
			break;
		case 't':
			if (fwa_severity_parse(optarg, &options->threshold) != 0)
				return fwa_usage_error(
					subcommand,
					"there is no severity \"%s\": info, low, "
					"medium, high or critical",
					optarg);
			break;
		case 'h':
			exit(fwa_print_usage(subcommand));
		default:
			return fwa_option_error(subcommand, found, arguments);
		}
	}
	if (optind + 1 != count)
		return fwa_usage_error(subcommand, "name one ledger");
	options->ledger = arguments[optind];
	if (!options->enrolment)
		return fwa_usage_error(
			subcommand,
			"--enrolment is missing: a ledger cannot say itself whom "
			"to trust");
	return 0;
}

static int print(const struct options *options, const struct fwa_verify_result *result,
		 const struct fwa_effects_summary *effects)
{
	struct fwa_report report = {
		.ledger = options->ledger,
		.enrolment = options->enrolment,
		.result = result,
		.effects = result->assessed ? effects : NULL,
		.threshold = options->threshold,
		.exit_status = fwa_verify_exit_status(result, options->threshold),
	};
	struct fwa_report_style style = {fwa_want_colour(), fwa_terminal_width()};
	int error = options->printer->print(&report, &style, stdout);

	if (error)
		return fwa_fail("the report cannot be written: %s", strerror(-error));
	return fwa_finish_output(report.exit_status);
}

int fwa_run_verify(const struct fwa_subcommand *subcommand, int count, char **arguments)
{
	struct fwa_verify_result *result = NULL;
	struct fwa_effects *effects = NULL;
	struct fwa_record_consumer consumers[2];
	struct fwa_progress progress;
	struct fwa_error error = {""};
	struct options options;
	uint8_t *enrolment = NULL;
	size_t size = 0;
	int status = parse(subcommand, count, arguments, &options);

	if (status)
		return status;
	status = fwa_read_enrolment(options.enrolment, &enrolment, &size);
	if (status)
		return status;
	effects = fwa_effects_new(NULL);
	if (!effects) {
		free(enrolment);
		return fwa_fail("out of memory");
	}
	fwa_progress_start(&progress);
	consumers[0] = fwa_effects_consumer(effects);
	consumers[1] = fwa_progress_consumer(&progress);
	if (fwa_verify(&(struct fwa_verify_options){.ledger = options.ledger,
						    .enrolment = {enrolment, size},
						    .enrolment_name = options.enrolment,
						    .consumers = consumers,
						    .consumer_count = 2},
		       &result, &error) != 0) {
		fwa_progress_end(&progress);
		status = fwa_fail("%s", error.sentence);
	} else {
		fwa_progress_end(&progress);
		status = print(&options, result, fwa_effects_summary(effects));
	}
	fwa_verify_result_free(result);
	fwa_effects_free(effects);
	free(enrolment);
	return status;
}
