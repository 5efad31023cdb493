/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each call: who sent what, with which result, and what the verdict is. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/fwctl.h"
#include "tools/fwaudit/command_line.h"
#include "tools/fwaudit/log_line.h"
#include "tools/fwaudit/walk.h"
#include "verifier/effects/effects.h"
#include "verifier/report/escape.h"
#include "verifier/report/report.h"

struct verdict {
	uint64_t sequence;
	enum fwa_verdict verdict;
	const char *reason;
};

struct verdicts {
	struct verdict *items;
	size_t count, capacity;
};

/* Device records, by their sequence. */
struct device {
	uint64_t sequence;
	char *name; /* escaped */
	bool has_type;
	uint32_t type;
};

struct log {
	struct verdicts verdicts;
	struct device *devices;
	size_t device_count, device_capacity;
	bool all;
	const struct fwa_log_form *form;
	void *form_context;
};

static int room(void *array_pointer, size_t count, size_t *capacity, size_t size)
{
	size_t more = *capacity ? *capacity * 2 : 64;
	void *array;

	if (count < *capacity)
		return 0;
	memcpy(&array, array_pointer, sizeof(array));
	array = reallocarray(array, more, size);
	if (!array)
		return -ENOMEM;
	memcpy(array_pointer, &array, sizeof(array));
	*capacity = more;
	return 0;
}

static int keep_verdict(void *context, uint64_t sequence, enum fwa_verdict verdict,
			const char *reason)
{
	struct verdicts *verdicts = context;
	int error = room(&verdicts->items, verdicts->count, &verdicts->capacity,
			 sizeof(*verdicts->items));

	if (error)
		return error;
	verdicts->items[verdicts->count++] = (struct verdict){sequence, verdict, reason};
	return 0;
}

static int by_sequence(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;

	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* With an enrolment: only of a ledger that is authentic. Returns an exit status. */
static int judge_verified(const char *ledger, const char *enrolment,
			  const struct fwa_record_consumer *consumer)
{
	struct fwa_verify_result *result = NULL;
	struct fwa_error error = {""};
	uint8_t *data = NULL;
	size_t size = 0;
	int status = fwa_read_enrolment(enrolment, &data, &size);

	if (status)
		return status;
	if (fwa_verify(&(struct fwa_verify_options){.ledger = ledger,
						    .enrolment = {data, size},
						    .enrolment_name = enrolment,
						    .consumers = consumer,
						    .consumer_count = 1},
		       &result, &error) != 0)
		status = fwa_fail("%s", error.sentence);
	else if (!result->authentic) {
		fwa_fail("the evidence is not authentic; \"fwaudit verify\" says where");
		status = FWA_EXIT_NOT_AUTHENTIC;
	}
	fwa_verify_result_free(result);
	free(data);
	return status;
}

/* Returns an exit status. */
static int judge(const char *ledger, const char *enrolment, struct verdicts *verdicts)
{
	struct fwa_effects_options options = {keep_verdict, verdicts};
	struct fwa_effects *effects = fwa_effects_new(&options);
	struct fwa_record_consumer consumer;
	struct fwa_error error = {""};
	int status = 0;

	if (!effects)
		return fwa_fail("out of memory");
	consumer = fwa_effects_consumer(effects);
	if (enrolment)
		status = judge_verified(ledger, enrolment, &consumer);
	else if (fwa_walk(ledger, &consumer, &error) != 0)
		status = fwa_fail("%s", error.sentence);
	else
		fwa_walk_warn();
	fwa_effects_free(effects);
	if (verdicts->count)
		qsort(verdicts->items, verdicts->count, sizeof(*verdicts->items),
		      by_sequence);
	return status;
}

static int add_device(struct log *log, const struct fwa_record *record)
{
	struct device *device;
	int error = room(&log->devices, log->device_count, &log->device_capacity,
			 sizeof(*log->devices));

	if (error)
		return error;
	device = &log->devices[log->device_count];
	*device = (struct device){.sequence = record->sequence,
				  .name = fwa_escape(record->device.name),
				  .has_type = record->device.has_device_type,
				  .type = record->device.device_type};
	if (!device->name)
		return -ENOMEM;
	log->device_count++;
	return 0;
}

static const struct device *find_device(const struct log *log, const struct fwa_rpc *rpc)
{
	size_t low = 0, high = log->device_count;

	while (rpc->has_device && low < high) {
		size_t middle = low + (high - low) / 2;

		if (log->devices[middle].sequence == rpc->device)
			return &log->devices[middle];
		if (log->devices[middle].sequence < rpc->device)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void add_verdict(const struct log *log, struct fwa_log_line *line)
{
	struct verdict key = {.sequence = line->sequence};
	const struct verdict *found =
		log->verdicts.count
			? bsearch(&key, log->verdicts.items, log->verdicts.count,
				  sizeof(key), by_sequence)
			: NULL;

	if (line->own) {
		line->verdict = "own";
		line->reason = "the collector's own";
		return;
	}
	line->verdict =
		fwa_verdict_name(found ? found->verdict : FWA_VERDICT_UNDETERMINED);
	line->reason = found ? found->reason : "recorded after the ledger was judged";
}

static int on_call(struct log *log, const struct fwa_evidence *evidence)
{
	const struct fwa_record *record = evidence->record;
	const struct fwa_rpc *rpc = &record->rpc;
	const struct device *device = find_device(log, rpc);
	struct fwa_log_line line = {.sequence = record->sequence, .own = rpc->own};
	struct fwa_command command;
	char *comm;
	int error;

	error = fwa_command_decode(rpc, device && device->has_type,
				   device ? device->type : 0, evidence->request,
				   evidence->response, &command);
	if (error)
		return error;
	comm = fwa_escape(rpc->caller.comm);
	if (!comm)
		return -ENOMEM;
	fwa_time_format(rpc->entered + (record->time - record->boot_time), line.time);
	line.device = device ? device->name : "?";
	snprintf(line.caller, sizeof(line.caller), "%s[%" PRIu32 "]", comm,
		 rpc->caller.pid);
	free(comm);
	line.uid = rpc->caller.uid;
	fwa_command_name(&command, line.command);
	line.has_opcode = command.has_opcode;
	line.opcode = command.opcode;
	fwa_command_target(&command, line.target);
	line.has_scope = command.has_scope;
	line.scope = command.scope;
	fwa_command_result(&command, line.result);
	add_verdict(log, &line);
	return log->form->line(log->form_context, &line);
}

static int on_record(void *context, const struct fwa_evidence *evidence)
{
	struct log *log = context;

	if (evidence->record->kind == FWA_RECORD_DEVICE)
		return add_device(log, evidence->record);
	if (evidence->record->kind != FWA_RECORD_RPC ||
	    (evidence->record->rpc.own && !log->all))
		return 0;
	return on_call(log, evidence);
}

static int on_finish(void *context, struct fwa_findings *findings)
{
	(void)context;
	(void)findings;
	return 0;
}

static int run(const char *ledger, const char *enrolment, struct log *log)
{
	struct fwa_record_consumer consumer = {log, on_record, on_finish};
	struct fwa_error error = {""};
	int status = judge(ledger, enrolment, &log->verdicts);
	size_t i;

	if (!status && log->form->begin(&log->form_context) != 0)
		status = fwa_fail("out of memory");
	if (!status) {
		if (fwa_walk(ledger, &consumer, &error) != 0)
			status = fwa_fail("%s", error.sentence);
		if (log->form->end(log->form_context) != 0 && !status)
			status = fwa_fail("the log cannot be written");
	}
	for (i = 0; i < log->device_count; i++)
		free(log->devices[i].name);
	free(log->devices);
	free(log->verdicts.items);
	return status ? status : fwa_finish_output(0);
}

int fwa_run_log(const struct fwa_subcommand *subcommand, int count, char **arguments)
{
	static const struct option known[] = {
		{"enrolment", required_argument, NULL, 'e'},
		{"enrollment", required_argument, NULL, 'e'},
		{"format", required_argument, NULL, 'f'},
		{"all", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct log log = {.form = isatty(STDOUT_FILENO) ? &fwa_log_table
							: &fwa_log_plain};
	const char *enrolment = NULL;
	int found;

	while ((found = getopt_long(count, arguments, ":e:f:ah", known, NULL)) != -1) {
		switch (found) {
		case 'e':
			enrolment = optarg;
			break;
		case 'f':
			if (strcmp(optarg, "json") == 0)
				log.form = &fwa_log_json;
			else if (strcmp(optarg, "text") != 0)
				return fwa_usage_error(
					subcommand,
					"there is no format \"%s\": text or json",
					optarg);
			break;
		case 'a':
			log.all = true;
			break;
		case 'h':
			return fwa_print_usage(subcommand);
		default:
			return fwa_option_error(subcommand, found, arguments);
		}
	}
	if (optind + 1 != count)
		return fwa_usage_error(subcommand, "name one ledger");
	return run(arguments[optind], enrolment, &log);
}
