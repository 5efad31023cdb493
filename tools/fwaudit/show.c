/* SPDX-License-Identifier: Apache-2.0 */
/* Everything about one record. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/fwctl.h"
#include "tools/fwaudit/command_line.h"
#include "tools/fwaudit/show_parts.h"
#include "tools/fwaudit/walk.h"
#include "verifier/report/escape.h"
#include "verifier/report/report.h"

static int print_text(struct fwa_bytes bytes)
{
	char *text = fwa_escape(bytes);

	if (!text)
		return -ENOMEM;
	printf("%s\n", text);
	free(text);
	return 0;
}

void fwa_print_hex(struct fwa_bytes bytes)
{
	size_t i;

	for (i = 0; i < bytes.size; i++)
		printf("%02x", bytes.data[i]);
	printf("\n");
}

static int print_field(const struct fwa_field_value *field, void *context)
{
	char time[FWA_TIME_TEXT_SIZE], uuid[FWA_UUID_TEXT_SIZE];
	int indent = (int)field->depth * 2;
	int width = 26 - indent;

	(void)context;
	if (field->type == FWA_FIELD_ITEMS)
		return 0; /* printed after the rest, as a table */
	printf("%*s%-*s", indent, "", width > 0 ? width : 1, field->name);
	switch (field->type) {
	case FWA_FIELD_UINT:
		printf("%" PRIu64 "\n", field->number);
		return 0;
	case FWA_FIELD_INT:
		printf("%" PRId64 "\n", (int64_t)field->number);
		return 0;
	case FWA_FIELD_BOOL:
		printf("%s\n", field->number ? "true" : "false");
		return 0;
	case FWA_FIELD_TIME:
		/* Times since boot are small numbers of nanoseconds; dates are not. */
		fwa_time_format(field->number, time);
		if (field->number < UINT64_C(1000000000) * 86400 * 365 * 20)
			printf("%" PRIu64 ".%09" PRIu64 " s since boot\n",
			       field->number / 1000000000u, field->number % 1000000000u);
		else
			printf("%s\n", time);
		return 0;
	case FWA_FIELD_TEXT:
		return print_text(field->bytes);
	case FWA_FIELD_UUID:
		if (field->bytes.size == FWA_UUID_SIZE) {
			fwa_uuid_format(field->bytes.data, uuid);
			printf("%s\n", uuid);
			return 0;
		}
		/* fall through */
	case FWA_FIELD_BINARY:
		fwa_print_hex(field->bytes);
		return 0;
	default:
		printf("\n");
		return 0;
	}
}

void fwa_print_dump(struct fwa_bytes bytes, uint64_t most)
{
	uint64_t size = bytes.size < most ? bytes.size : most;
	uint64_t at, i;

	for (at = 0; at < size; at += 16) {
		printf("  %06" PRIx64 " ", at);
		for (i = at; i < at + 16; i++) {
			if (i < size)
				printf(" %02x", bytes.data[i]);
			else
				printf("   ");
		}
		printf("  ");
		for (i = at; i < at + 16 && i < size; i++)
			putchar(bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f
					? bytes.data[i]
					: '.');
		putchar('\n');
	}
	if (size < bytes.size)
		printf("  %" PRIu64 " more bytes; --bytes all prints them\n",
		       bytes.size - size);
}

/* The device record that a call refers to. */
static void device_of(struct fwa_ledger_reader *reader, const struct fwa_rpc *rpc,
		      bool *ret_has_type, uint32_t *ret_type)
{
	struct fwa_record record;
	struct fwa_leaf_row row;

	*ret_has_type = false;
	*ret_type = 0;
	if (!rpc->has_device ||
	    fwa_ledger_reader_find_leaf(reader, rpc->device, &row, NULL) <= 0 ||
	    fwa_record_decode(row.record.data, row.record.size, &record) != 0 ||
	    record.kind != FWA_RECORD_DEVICE)
		return;
	*ret_has_type = record.device.has_device_type;
	*ret_type = record.device.device_type;
}

static int show_payloads(struct fwa_ledger_reader *reader, const struct fwa_rpc *rpc,
			 uint64_t sequence, uint64_t most, struct fwa_error *error)
{
	const struct fwa_payload_ref *references[2] = {&rpc->request, &rpc->response};
	static const char *const names[2] = {"request", "response"};
	uint8_t *data[2] = {NULL, NULL};
	struct fwa_bytes bytes[2] = {{NULL, 0}, {NULL, 0}};
	bool has_type;
	uint32_t type;
	int result = 0, i;

	for (i = 0; i < 2 && result == 0; i++) {
		result = fwa_walk_payload(reader, sequence, (unsigned)i, references[i],
					  &data[i], error);
		if (data[i])
			bytes[i] = (struct fwa_bytes){data[i], references[i]->captured};
	}
	device_of(reader, rpc, &has_type, &type);
	if (result == 0)
		result = fwa_show_command(rpc, has_type, type, bytes[0], bytes[1]);
	for (i = 0; i < 2 && result == 0; i++) {
		printf("\n%s: %" PRIu64 " bytes, %" PRIu64 " captured\n", names[i],
		       references[i]->length, references[i]->captured);
		if (references[i]->captured && !data[i])
			printf("  not in the ledger, or damaged: \"fwaudit verify\" says "
			       "more\n");
		fwa_print_dump(bytes[i], most);
	}
	free(data[0]);
	free(data[1]);
	return result;
}

static int show_decoded(struct fwa_ledger_reader *reader, struct fwa_bytes encoded,
			uint64_t sequence, uint64_t most, struct fwa_error *error)
{
	struct fwa_record record;
	int result;

	if (fwa_record_decode(encoded.data, encoded.size, &record) != 0) {
		printf("\nIt cannot be decoded; its bytes:\n");
		fwa_print_dump(encoded, most);
		return fwa_error(error, -EBADMSG,
				 "record %" PRIu64
				 " cannot be decoded; \"fwaudit verify\" says more",
				 sequence);
	}
	printf("kind %s\n\n", fwa_record_kind_name(record.kind));
	result = fwa_record_walk(&record, print_field, NULL);
	if (result == 0 && record.kind == FWA_RECORD_RPC)
		return show_payloads(reader, &record.rpc, sequence, most, error);
	if (result == 0 && record.kind == FWA_RECORD_SNAPSHOT)
		result = fwa_show_items(&record.snapshot);
	if (result == 0 && record.kind == FWA_RECORD_DECLARATION)
		fwa_show_declaration(&record.declaration);
	return result ? fwa_error(error, result, "out of memory") : 0;
}

static int no_such_record(struct fwa_ledger_reader *reader, uint64_t sequence,
			  struct fwa_error *error)
{
	uint64_t size = 0;

	if (fwa_ledger_reader_size(reader, &size, error) < 0 || size == 0)
		return fwa_error(error, -ENOENT, "the ledger has no record %" PRIu64,
				 sequence);
	return fwa_error(error, -ENOENT,
			 "the ledger has no record %" PRIu64 "; its last one is %" PRIu64,
			 sequence, size - 1);
}

static int show(struct fwa_ledger_reader *reader, uint64_t sequence, uint64_t most,
		struct fwa_error *error)
{
	struct fwa_leaf_row row;
	uint8_t *encoded;
	int result = fwa_ledger_reader_find_leaf(reader, sequence, &row, error);

	if (result < 0)
		return result;
	if (result == 0)
		return no_such_record(reader, sequence, error);
	/* The row lives until the next one is looked up, and the call's device is. */
	encoded = malloc(row.record.size + 1);
	if (!encoded)
		return fwa_error(error, -ENOMEM, "out of memory");
	memcpy(encoded, row.record.data, row.record.size);
	printf("record %" PRIu64 "\nleaf ", sequence);
	fwa_print_hex(row.hash);
	result = show_decoded(reader, (struct fwa_bytes){encoded, row.record.size},
			      sequence, most, error);
	free(encoded);
	return result;
}

int fwa_run_show(const struct fwa_subcommand *subcommand, int count, char **arguments)
{
	static const struct option known[] = {
		{"bytes", required_argument, NULL, 'b'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct fwa_ledger_reader *reader = NULL;
	struct fwa_error error = {""};
	uint64_t sequence, most = 4096;
	int found, status = 0;

	while ((found = getopt_long(count, arguments, ":b:h", known, NULL)) != -1) {
		if (found == 'h')
			return fwa_print_usage(subcommand);
		if (found != 'b')
			return fwa_option_error(subcommand, found, arguments);
		if (strcmp(optarg, "all") == 0)
			most = UINT64_MAX;
		else if (!fwa_parse_number(optarg, UINT64_MAX, &most))
			return fwa_usage_error(subcommand,
					       "\"%s\" is not a number of bytes, or all",
					       optarg);
	}
	if (optind + 2 != count)
		return fwa_usage_error(subcommand, "name one ledger and one record");
	if (!fwa_parse_number(arguments[optind + 1], INT64_MAX, &sequence))
		return fwa_usage_error(subcommand, "\"%s\" is not the number of a record",
				       arguments[optind + 1]);
	if (fwa_ledger_reader_open(arguments[optind], &reader, &error) != 0)
		return fwa_fail("%s", error.sentence);
	fwa_walk_warn();
	if (show(reader, sequence, most, &error) != 0) {
		fflush(stdout);
		status = fwa_fail("%s", error.sentence);
	}
	fwa_ledger_reader_close(reader);
	return status ? status : fwa_finish_output(0);
}
