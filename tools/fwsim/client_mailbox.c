/* SPDX-License-Identifier: Apache-2.0 */
/* `fwsim send .../memN ...`: the commands of the mailbox that only read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tools/fwsim/client.h"

#define ANSWER_MAX (1024u * 1024u)

enum shape {
	SHAPE_FIELDS,
	SHAPE_LOGS,
	SHAPE_CEL,
	SHAPE_BYTES,
};
static const struct {
	const char *name;
	uint32_t id;
	enum shape shape;
} commands[] = {
	{"identify", FWA_CXL_MEM_IDENTIFY, SHAPE_FIELDS},
	{"firmware-info", FWA_CXL_MEM_GET_FIRMWARE_INFO, SHAPE_FIELDS},
	{"partition-info", FWA_CXL_MEM_GET_PARTITION_INFO, SHAPE_FIELDS},
	{"health", FWA_CXL_MEM_GET_HEALTH_INFO, SHAPE_FIELDS},
	{"alert-configuration", FWA_CXL_MEM_GET_ALERT_CONFIG, SHAPE_FIELDS},
	{"shutdown-state", FWA_CXL_MEM_GET_SHUTDOWN_STATE, SHAPE_FIELDS},
	{"supported-logs", FWA_CXL_MEM_GET_SUPPORTED_LOGS, SHAPE_LOGS},
	{"cel", FWA_CXL_MEM_GET_LOG, SHAPE_CEL},
	{"lsa", FWA_CXL_MEM_GET_LSA, SHAPE_BYTES},
	{"timestamp", FWA_CXL_MEM_GET_TIMESTAMP, SHAPE_BYTES},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* `*size` is the room at `out`, then the answer's size. Returns the return code or
 * -errno. */
static int64_t send_command(int fd, uint32_t id, const uint8_t *in, size_t in_size,
			    uint8_t *out, size_t *size)
{
	struct fwa_cxl_mem_send send = {
		.id = id,
		.in_size = (uint32_t)in_size,
		.in_payload = (uintptr_t)in,
		.out_size = (uint32_t)*size,
		.out_payload = (uintptr_t)out,
	};
	uint8_t buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE];

	fwa_cxl_mem_send_encode(&send, buffer);
	if (ioctl(fd, FWA_CXL_MEM_SEND_COMMAND, buffer) < 0)
		return -errno;
	fwa_cxl_mem_send_decode(buffer, &send);
	*size = send.out_size < *size ? send.out_size : *size;
	return send.retval;
}

/* The CEL's size stands in the list of logs; the label storage area's in Identify. */
static int64_t ask_size(int fd, uint32_t id, uint8_t *buffer, size_t *ret_size)
{
	struct fwa_cxl_log_entry entry;
	size_t size = ANSWER_MAX, i;
	int64_t r;

	if (id == FWA_CXL_MEM_GET_LSA) {
		r = send_command(fd, FWA_CXL_MEM_IDENTIFY, NULL, 0, buffer, &size);
		if (r == 0 && size < FWA_CXL_IDENTIFY_SIZE)
			return -EBADMSG;
		*ret_size =
			r == 0 ? fwa_le32(buffer + FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET) : 0;
		return r;
	}
	r = send_command(fd, FWA_CXL_MEM_GET_SUPPORTED_LOGS, NULL, 0, buffer, &size);
	if (r != 0)
		return r;
	for (i = 0; fwa_cxl_supported_logs_entry(buffer, size, i, &entry) == 0; i++) {
		if (memcmp(entry.uuid, fwa_cxl_cel_uuid, sizeof(entry.uuid)) == 0) {
			*ret_size = entry.size;
			return 0;
		}
	}
	return -ENOENT;
}

/* Read a log or the label storage area in pieces that any mailbox can carry. */
static int64_t read_long(int fd, uint32_t id, uint8_t *out, size_t *ret_size)
{
	size_t total, at = 0, part;
	uint8_t in[FWA_CXL_GET_LOG_IN_SIZE];
	int64_t r;

	r = ask_size(fd, id, out, &total);
	if (r == 0 && total > ANSWER_MAX)
		r = -EFBIG;
	while (r == 0 && at < total) {
		struct fwa_cxl_get_log log = {.offset = (uint32_t)at};
		struct fwa_cxl_get_lsa lsa = {.offset = (uint32_t)at};

		part = total - at < 256 ? total - at : 256;
		log.length = lsa.length = (uint32_t)part;
		memcpy(log.uuid, fwa_cxl_cel_uuid, sizeof(log.uuid));
		if (id == FWA_CXL_MEM_GET_LSA)
			fwa_cxl_get_lsa_encode(&lsa, in);
		else
			fwa_cxl_get_log_encode(&log, in);
		r = send_command(fd, id, in,
				 id == FWA_CXL_MEM_GET_LSA ? FWA_CXL_GET_LSA_IN_SIZE
							   : FWA_CXL_GET_LOG_IN_SIZE,
				 out + at, &part);
		at += part;
		if (r == 0 && part == 0)
			r = -EBADMSG;
	}
	*ret_size = at;
	return r;
}

static void print_logs(const uint8_t *payload, size_t size)
{
	struct fwa_cxl_log_entry entry;
	char uuid[FWA_UUID_TEXT_SIZE];
	size_t i;

	for (i = 0; fwa_cxl_supported_logs_entry(payload, size, i, &entry) == 0; i++) {
		fwa_uuid_format(entry.uuid, uuid);
		printf("  %s  %u bytes%s\n", uuid, entry.size,
		       memcmp(entry.uuid, fwa_cxl_cel_uuid, 16) == 0
			       ? "  Command Effects Log"
			       : "");
	}
}

bool fwsim_mailbox_has(const char *name)
{
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return true;
	}
	return false;
}

static void print(size_t index, const uint8_t *out, size_t size)
{
	printf("%s, %zu bytes\n", commands[index].name, size);
	switch (commands[index].shape) {
	case SHAPE_FIELDS:
		fwsim_print_fields(fwa_cxl_mem_command_find(commands[index].id)->opcode,
				   out, size);
		break;
	case SHAPE_LOGS:
		print_logs(out, size);
		break;
	case SHAPE_CEL:
		fwsim_print_cel(out, size);
		break;
	case SHAPE_BYTES:
		fwsim_print_bytes(out, size);
		break;
	}
}

int fwsim_mailbox_main(int fd, const char *name, const struct fwsim_options *options)
{
	size_t index = 0, size = ANSWER_MAX;
	uint8_t *out;
	int64_t r;

	while (strcmp(commands[index].name, name) != 0)
		index++;
	out = calloc(1, ANSWER_MAX);
	if (!out) {
		fprintf(stderr, "fwsim: not enough memory\n");
		return FWSIM_EXIT_USAGE;
	}
	if (commands[index].shape == SHAPE_CEL ||
	    commands[index].id == FWA_CXL_MEM_GET_LSA)
		r = read_long(fd, commands[index].id, out, &size);
	else
		r = send_command(fd, commands[index].id, NULL, 0, out, &size);
	if (r == 0) {
		print(index, out, size);
	} else if (r < 0) {
		fprintf(stderr, "fwsim: %s: %s refused: %s (%s)\n", options->device, name,
			strerrorname_np((int)-r), strerror((int)-r));
	} else {
		const char *code = fwa_cxl_return_code_name((uint32_t)r);

		fprintf(stderr, "fwsim: %s: %s: the device answered %s (retval %d)\n",
			options->device, name, code ? code : "an unknown return code",
			(int)r);
	}
	free(out);
	return r == 0 ? FWSIM_EXIT_OK : FWSIM_EXIT_REFUSED;
}
