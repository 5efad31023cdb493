/* SPDX-License-Identifier: Apache-2.0 */
/* `fwsim send`: the commands. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "schema/fwctl.h"
#include "tools/fwsim/client.h"
#include "tools/fwsim/client_options.h"

static int refused(const struct fwsim_options *options, const char *what, int error)
{
	fprintf(stderr, "fwsim: %s: %s refused: %s (%s)\n", options->device, what,
		strerrorname_np(-error), strerror(-error));
	return FWSIM_EXIT_REFUSED;
}

static const char *name_of(uint16_t opcode, char *buffer, size_t size)
{
	const char *name = fwa_cxl_opcode_name(opcode);

	snprintf(buffer, size, "%s (%04xh)", name ? name : "vendor command", opcode);
	return buffer;
}

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int report_retval(const struct fwsim_options *options, const char *what,
			 uint32_t retval)
{
	const char *code = fwa_cxl_return_code_name(retval);

	/* A background operation that has begun is no refusal. */
	if (retval == FWA_CXL_RETURN_BACKGROUND) {
		printf("%s: background operation started (retval 1)\n", what);
		return FWSIM_EXIT_OK;
	}
	fprintf(stderr, "fwsim: %s: %s: the device answered %s (retval %u)\n",
		options->device, what, code ? code : "an unknown return code", retval);
	return FWSIM_EXIT_REFUSED;
}

/* Send it `count` times; stops at the first that fails. */
static int repeat(int fd, const struct fwsim_options *options,
		  struct fwsim_exchange *exchange)
{
	double began = seconds(), took;
	char what[64];
	uint64_t i;
	int r;

	name_of(exchange->opcode, what, sizeof(what));
	for (i = 0; i < options->count; i++) {
		r = fwsim_send_rpc(fd, options->scope, exchange);
		if (r < 0)
			return refused(options, what, r);
		if (exchange->response.retval != FWA_CXL_RETURN_SUCCESS) {
			r = report_retval(options, what, exchange->response.retval);
			if (r != FWSIM_EXIT_OK || i + 1 == options->count)
				return r;
		}
	}
	took = seconds() - began;
	if (options->count > 1)
		printf("%s: %llu calls, %.1f us each\n", what,
		       (unsigned long long)options->count,
		       took * 1e6 / (double)options->count);
	else
		printf("%s: ok\n", what);
	return FWSIM_EXIT_OK;
}

static int save(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	bool ok = file && fwrite(data, 1, size, file) == size;

	if (file && fclose(file) != 0)
		ok = false;
	if (!ok)
		fprintf(stderr, "fwsim: cannot write %s: %s\n", path, strerror(errno));
	return ok ? FWSIM_EXIT_OK : FWSIM_EXIT_USAGE;
}

/* Build the exchange, send it, hand the answer to `print`. */
static int converse(int fd, const struct fwsim_options *options, uint16_t opcode,
		    const uint8_t *payload, size_t size, size_t out_size,
		    void (*print)(const struct fwsim_options *, struct fwa_bytes))
{
	struct fwsim_exchange exchange;
	int code;

	if (fwsim_exchange_init(&exchange, opcode, payload, size, out_size) < 0) {
		fprintf(stderr, "fwsim: not enough memory\n");
		return FWSIM_EXIT_USAGE;
	}
	code = repeat(fd, options, &exchange);
	if (code == FWSIM_EXIT_OK && options->out)
		code = save(options->out, exchange.response.payload.data,
			    exchange.response.payload.size);
	else if (code == FWSIM_EXIT_OK && print)
		print(options, exchange.response.payload);
	fwsim_exchange_clear(&exchange);
	return code;
}

static void print_bytes(const struct fwsim_options *options, struct fwa_bytes payload)
{
	(void)options;
	printf("%zu bytes\n", payload.size);
	fwsim_print_bytes(payload.data, payload.size);
}

static void print_features(const struct fwsim_options *options, struct fwa_bytes payload)
{
	struct fwa_cxl_supported_features_out out;

	(void)options;
	if (fwa_cxl_supported_features_out_decode(payload.data, payload.size, &out) == 0)
		fwsim_print_features(out.entries.data, out.entries.size, out.supported);
}

static void print_value(const struct fwsim_options *options, struct fwa_bytes payload)
{
	const char *selection = fwa_cxl_selection_name(options->selection);

	printf("%s value, %zu bytes\n", selection ? selection : "unknown", payload.size);
	fwsim_print_bytes(payload.data, payload.size);
}

static int send_info(int fd, const struct fwsim_options *options)
{
	struct fwa_fwctl_info info = {.size = FWA_FWCTL_INFO_SIZE};
	uint8_t buffer[FWA_FWCTL_INFO_SIZE];
	const char *name;
	uint64_t i;

	for (i = 0; i < options->count; i++) {
		fwa_fwctl_info_encode(&info, buffer);
		if (ioctl(fd, FWA_FWCTL_INFO, buffer) < 0)
			return refused(options, "FWCTL_INFO", -errno);
	}
	fwa_fwctl_info_decode(buffer, sizeof(buffer), &info);
	name = fwa_fwctl_device_type_name(info.device_type);
	printf("device type %u (%s), %u bytes of device data\n", info.device_type,
	       name ? name : "unknown", info.data_length);
	return FWSIM_EXIT_OK;
}

static int send_features(int fd, const struct fwsim_options *options)
{
	const struct fwa_cxl_supported_features_in in = {
		.count = 64 * 1024 - FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE};
	uint8_t payload[FWA_CXL_SUPPORTED_FEATURES_IN_SIZE];

	fwa_cxl_supported_features_in_encode(&in, payload);
	return converse(fd, options, FWA_CXL_GET_SUPPORTED_FEATURES, payload,
			sizeof(payload), 65536 + FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE,
			print_features);
}

static int send_get(int fd, const struct fwsim_options *options, const uint8_t uuid[16])
{
	struct fwa_cxl_get_feature get = {.selection = options->selection,
					  .offset = options->offset};
	uint8_t payload[FWA_CXL_GET_FEATURE_IN_SIZE];
	size_t size = options->length;
	int r;

	if (size == SIZE_MAX) {
		r = fwsim_ask_feature_size(fd, uuid, &size);
		if (r == -ENOENT) {
			fprintf(stderr, "fwsim: %s: the device has no such feature\n",
				options->device);
			return FWSIM_EXIT_REFUSED;
		}
		if (r < 0)
			return refused(options, "Get Supported Features (0500h)", r);
		size = size > options->offset ? size - options->offset : 0;
	}
	memcpy(get.uuid, uuid, sizeof(get.uuid));
	get.count = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
	fwa_cxl_get_feature_encode(&get, payload);
	return converse(fd, options, FWA_CXL_GET_FEATURE, payload, sizeof(payload),
			get.count + FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE, print_value);
}

static int send_set(int fd, const struct fwsim_options *options, const uint8_t uuid[16])
{
	struct fwa_cxl_set_feature set = {.flags = options->flags,
					  .offset = options->offset,
					  .version = options->version};
	size_t size = FWA_CXL_SET_FEATURE_HEADER_SIZE + options->data_size;
	uint8_t *payload;
	int code;

	if (!options->data) {
		fprintf(stderr, "fwsim: set-feature needs --data\n");
		return FWSIM_EXIT_USAGE;
	}
	payload = malloc(size);
	if (!payload) {
		fprintf(stderr, "fwsim: not enough memory\n");
		return FWSIM_EXIT_USAGE;
	}
	memcpy(set.uuid, uuid, sizeof(set.uuid));
	fwa_cxl_set_feature_encode(&set, payload);
	memcpy(payload + FWA_CXL_SET_FEATURE_HEADER_SIZE, options->data,
	       options->data_size);
	code = converse(fd, options, FWA_CXL_SET_FEATURE, payload, size,
			FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE, NULL);
	free(payload);
	return code;
}

static int send_raw(int fd, const struct fwsim_options *options, const char *text)
{
	char *end;
	unsigned long opcode = strtoul(text, &end, 16);

	if (*text == '\0' || (*end != '\0' && strcmp(end, "h") != 0) ||
	    opcode > UINT16_MAX) {
		fprintf(stderr, "fwsim: \"%s\" is not an opcode in hexadecimal\n", text);
		return FWSIM_EXIT_USAGE;
	}
	return converse(fd, options, (uint16_t)opcode, options->data, options->data_size,
			options->out_length, print_bytes);
}

static int dispatch(int fd, struct fwsim_options *options, int argc, char **argv)
{
	const char *verb = argv[0];
	uint8_t uuid[16];

	if (argc == 1 && strcmp(verb, "info") == 0)
		return send_info(fd, options);
	if (argc == 1 && strcmp(verb, "get-supported-features") == 0)
		return send_features(fd, options);
	if (argc == 1 && fwsim_mailbox_has(verb))
		return fwsim_mailbox_main(fd, verb, options);
	if (argc == 2 && strcmp(verb, "raw") == 0)
		return send_raw(fd, options, argv[1]);
	if (argc == 2 &&
	    (strcmp(verb, "get-feature") == 0 || strcmp(verb, "set-feature") == 0)) {
		if (fwa_uuid_parse(argv[1], strlen(argv[1]), uuid) < 0) {
			fprintf(stderr, "fwsim: \"%s\" is not a UUID in lower case\n",
				argv[1]);
			return FWSIM_EXIT_USAGE;
		}
		if (verb[0] == 'g')
			return send_get(fd, options, uuid);
		if (!options->has_scope)
			options->scope = FWA_FWCTL_SCOPE_DEBUG_WRITE_FULL;
		return send_set(fd, options, uuid);
	}
	fprintf(stderr,
		"fwsim: \"%s\" with %d arguments is not something to send; see "
		"fwsim(1)\n",
		verb, argc - 1);
	return FWSIM_EXIT_USAGE;
}

int fwsim_send_main(int argc, char **argv)
{
	struct fwsim_options options;
	int fd, first, code;

	first = fwsim_options_parse(argc, argv, &options);
	if (first < 0)
		return FWSIM_EXIT_USAGE;
	if (argc - first < 2) {
		fprintf(stderr,
			"fwsim: usage: fwsim send DEVICE COMMAND [ARGUMENT] [OPTION]...; "
			"see fwsim(1)\n");
		free(options.data);
		return FWSIM_EXIT_USAGE;
	}
	options.device = argv[first];
	fd = open(options.device, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "fwsim: cannot open %s: %s\n", options.device,
			strerror(errno));
		code = FWSIM_EXIT_USAGE;
	} else {
		code = dispatch(fd, &options, argc - first - 1, argv + first + 1);
		close(fd);
	}
	free(options.data);
	return code;
}
