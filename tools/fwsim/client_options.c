/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/client_options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fwctl.h"

static int read_number(const char *option, const char *text, uint64_t most,
		       uint64_t *ret_number)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || !isdigit((unsigned char)*text) || *end || number > most) {
		fprintf(stderr, "fwsim: --%s wants a number up to %llu, not \"%s\"\n",
			option, (unsigned long long)most, text);
		return -1;
	}
	*ret_number = number;
	return 0;
}

static int read_file(const char *path, struct fwsim_options *options)
{
	FILE *file = fopen(path, "rb");
	bool ok;

	options->data = malloc(FWA_FWCTL_PAYLOAD_MAX + 1);
	if (file && options->data) {
		options->data_size =
			fread(options->data, 1, FWA_FWCTL_PAYLOAD_MAX + 1, file);
		ok = !ferror(file);
	} else {
		ok = false;
	}
	if (!ok)
		fprintf(stderr, "fwsim: cannot read %s: %s\n", path, strerror(errno));
	if (file)
		fclose(file);
	return ok ? 0 : -1;
}

/* Bytes in hexadecimal, or a file: "@PATH", or anything that is not hexadecimal. */
static int read_bytes(const char *option, const char *text, struct fwsim_options *options)
{
	size_t length = strlen(text), i;
	char *digits;

	free(options->data);
	options->data = NULL;
	if (*text == '@')
		return read_file(text + 1, options);
	if (length % 2 || strspn(text, "0123456789abcdefABCDEF") != length)
		return read_file(text, options);
	digits = strdup(text);
	options->data = malloc(length / 2 + 1);
	if (!digits || !options->data) {
		fprintf(stderr, "fwsim: not enough memory for --%s\n", option);
		free(digits);
		return -1;
	}
	for (i = 0; i < length; i++)
		digits[i] = (char)tolower((unsigned char)digits[i]);
	fwa_hex_decode(digits, length, options->data, length / 2 + 1,
		       &options->data_size);
	free(digits);
	return 0;
}

static int read_choice(const char *option, const char *text,
		       const char *(*name)(uint32_t), uint32_t most, uint32_t *ret_choice)
{
	uint32_t i;

	for (i = 0; i <= most; i++) {
		if (strcmp(name(i), text) == 0) {
			*ret_choice = i;
			return 0;
		}
	}
	fprintf(stderr, "fwsim: --%s does not know \"%s\"\n", option, text);
	return -1;
}

static const char *selection_name(uint32_t selection)
{
	return fwa_cxl_selection_name((uint8_t)selection);
}

enum {
	OPTION_SCOPE = 1,
	OPTION_SELECTION,
	OPTION_OFFSET,
	OPTION_LENGTH,
	OPTION_DATA,
	OPTION_SAVED,
	OPTION_VERSION,
	OPTION_TRANSFER,
	OPTION_OUT_LENGTH,
	OPTION_OUT,
	OPTION_COUNT,
};
static const struct option known[] = {
	{"scope", required_argument, NULL, OPTION_SCOPE},
	{"selection", required_argument, NULL, OPTION_SELECTION},
	{"offset", required_argument, NULL, OPTION_OFFSET},
	{"length", required_argument, NULL, OPTION_LENGTH},
	{"data", required_argument, NULL, OPTION_DATA},
	{"in", required_argument, NULL, OPTION_DATA},
	{"saved", no_argument, NULL, OPTION_SAVED},
	{"version", required_argument, NULL, OPTION_VERSION},
	{"transfer", required_argument, NULL, OPTION_TRANSFER},
	{"out-len", required_argument, NULL, OPTION_OUT_LENGTH},
	{"out", required_argument, NULL, OPTION_OUT},
	{"count", required_argument, NULL, OPTION_COUNT},
	{0},
};

static int take(int option, const char *name, const char *text,
		struct fwsim_options *options)
{
	uint64_t number = 0;
	uint32_t choice = 0;
	int r = 0;

	switch (option) {
	case OPTION_SCOPE:
		/* Any number can be sent: the kernel is to refuse what it does not know.
		 */
		r = read_number(name, text, UINT8_MAX, &number);
		options->scope = (uint8_t)number;
		options->has_scope = true;
		return r;
	case OPTION_SELECTION:
		r = read_choice(name, text, selection_name, FWA_CXL_SELECT_MAX, &choice);
		options->selection = (uint8_t)choice;
		return r;
	case OPTION_OFFSET:
		r = read_number(name, text, UINT16_MAX, &number);
		options->offset = (uint16_t)number;
		return r;
	case OPTION_LENGTH:
		r = read_number(name, text, UINT16_MAX, &number);
		options->length = number;
		return r;
	case OPTION_DATA:
		return read_bytes(name, text, options);
	case OPTION_SAVED:
		options->flags |= FWA_CXL_SET_SAVED;
		return 0;
	case OPTION_VERSION:
		r = read_number(name, text, UINT8_MAX, &number);
		options->version = (uint8_t)number;
		return r;
	case OPTION_TRANSFER:
		r = read_choice(name, text, fwa_cxl_transfer_name, FWA_CXL_TRANSFER_ABORT,
				&choice);
		options->flags |= choice;
		return r;
	case OPTION_OUT_LENGTH:
		r = read_number(name, text, 2 * FWA_FWCTL_PAYLOAD_MAX, &number);
		options->out_length = number;
		return r;
	case OPTION_OUT:
		options->out = text;
		return 0;
	case OPTION_COUNT:
		r = read_number(name, text, UINT32_MAX, &number);
		options->count = number;
		return r;
	default:
		return -1;
	}
}

int fwsim_options_parse(int argc, char **argv, struct fwsim_options *ret_options)
{
	int option, index = 0;

	*ret_options = (struct fwsim_options){
		.length = SIZE_MAX, .out_length = 4096, .count = 1, .version = 1};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", known, &index)) != -1) {
		if (option == '?')
			fprintf(stderr,
				"fwsim: option \"%s\" is not known, or wants a value; "
				"see "
				"fwsim(1)\n",
				argv[optind - 1]);
		if (option == '?' ||
		    take(option, known[index].name, optarg, ret_options) < 0) {
			free(ret_options->data);
			ret_options->data = NULL;
			return -1;
		}
	}
	return optind;
}
