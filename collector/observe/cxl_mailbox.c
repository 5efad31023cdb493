/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CXL memory device says of itself through its mailbox (CXL_MEM_SEND_COMMAND on
 * /dev/cxl/memN). The kernel's sysfs is filled once and cached: here the device is asked.
 */
#include "collector/observe/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/cxl_mailbox.h"
#include "schema/effects.h"
#include "schema/fwctl.h"
#include "schema/text.h"

#define LOG_PREFIX  "cxl.log."
#define LOGS_MAX    4096u /* of the answer to Get Supported Logs: 204 logs */
#define PIECE_FIRST 4096u /* what is tried first for long reads ... */
#define PIECE_LEAST                                                                      \
	256u /* ... down to what every mailbox has to take (CXL 3.2, 8.2.8.4.3) */
#define ANSWER_MAX    128u /* of the commands with a short answer */
#define HEALTH_STABLE 1u   /* offset of the media status */

static bool applies(uint32_t device_type)
{
	return device_type == FWA_FWCTL_DEVICE_CXL;
}

/* Bytes [from, to) of an answer. The others are put as zeros, so that offsets stay right. */
struct part {
	const char *key;
	uint32_t effects;
	uint8_t from, to;
};

struct reading {
	uint32_t id;     /* enum fwa_cxl_mem_command */
	uint16_t opcode; /* for the size of the answer */
	struct part parts[2];
};

static const struct reading readings[] = {
	{FWA_CXL_MEM_IDENTIFY,
	 FWA_CXL_IDENTIFY,
	 {{"cxl.identify", FWA_EFFECT_CONFIG_IMMEDIATE, 0, FWA_CXL_IDENTIFY_SIZE}}},
	{FWA_CXL_MEM_GET_FIRMWARE_INFO,
	 FWA_CXL_GET_FIRMWARE_INFO,
	 {{"cxl.firmware_info", FWA_EFFECT_FIRMWARE, 0, FWA_CXL_FIRMWARE_INFO_SIZE}}},
	/* Next capacities take hold with a reset: see put_part. */
	{FWA_CXL_MEM_GET_PARTITION_INFO,
	 FWA_CXL_GET_PARTITION_INFO,
	 {{"cxl.partition_info", FWA_EFFECT_CONFIG_IMMEDIATE, 0, 16},
	  {"cxl.partition_info.next", FWA_EFFECTS_DEFERRED, 16,
	   FWA_CXL_PARTITION_INFO_SIZE}}},
	{FWA_CXL_MEM_GET_HEALTH_INFO,
	 FWA_CXL_GET_HEALTH_INFO,
	 {{"cxl.health", FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_DATA_IMMEDIATE,
	   HEALTH_STABLE, HEALTH_STABLE + 1},
	  {"cxl.health.volatile", FWA_EFFECT_CONFIG_IMMEDIATE | FWA_EFFECT_DATA_IMMEDIATE,
	   0, FWA_CXL_HEALTH_INFO_SIZE}}},
	{FWA_CXL_MEM_GET_ALERT_CONFIG,
	 FWA_CXL_GET_ALERT_CONFIG,
	 {{"cxl.alert_config", FWA_EFFECT_POLICY_IMMEDIATE, 0,
	   FWA_CXL_ALERT_CONFIG_SIZE}}},
	{FWA_CXL_MEM_GET_SHUTDOWN_STATE,
	 FWA_CXL_GET_SHUTDOWN_STATE,
	 {{"cxl.shutdown_state", FWA_EFFECT_POLICY_IMMEDIATE, 0,
	   FWA_CXL_SHUTDOWN_STATE_SIZE}}},
};

static const struct fwa_volatile_key volatile_keys[] = {
	{"cxl.health.volatile",
	 "the device's judgement of its wear, its temperature, and counts "
	 "of errors and dirty shutdowns move by themselves"},
	/* fwa_cxl_vendor_log_uuid */
	{LOG_PREFIX "5e1819d9-11a9-400c-811f-d60719403d86",
	 "firmware writes its debug log as it runs"},
	{NULL, NULL},
};

static int put(struct fwa_observation *observation, const char *key, uint32_t effects,
	       int error, const uint8_t *value, size_t size)
{
	if (error < 0)
		return fwa_unobserved(observation, &fwa_cxl_mailbox_observer, key,
				      effects, error);
	return fwa_observed(observation, &fwa_cxl_mailbox_observer, key, effects, value,
			    size);
}

static int put_part(struct fwa_observation *observation, const struct part *part,
		    int error, const uint8_t *answer, size_t size)
{
	uint8_t masked[ANSWER_MAX] = {0};
	uint32_t effects = part->effects;

	for (size_t i = part->from; error == 0 && i < part->to && i < size; i++)
		masked[i] = answer[i];
	/* Next capacities of zero: no change is waiting, it may have happened at once. */
	if (effects == FWA_EFFECTS_DEFERRED && error == 0) {
		static const uint8_t zeros[ANSWER_MAX];

		if (memcmp(masked, zeros, size) == 0)
			effects |= FWA_EFFECT_CONFIG_IMMEDIATE;
	}
	return put(observation, part->key, effects, error, masked, size);
}

/* One command with a short answer. `*ret_size` is 0 if it could not be read. */
static int read_short(struct fwa_observation *observation, const struct reading *reading,
		      uint8_t answer[ANSWER_MAX], size_t *ret_size)
{
	const struct fwa_device_access *access = observation->access;
	size_t size = 0;
	int error, r = 0;

	error = access->operations->mailbox(access->context, reading->id, NULL, 0, answer,
					    fwa_cxl_payload_size(reading->opcode), &size);
	if (error == 0 && size == 0)
		error = -EBADMSG;
	if (error < 0)
		size = 0;
	for (size_t i = 0; i < 2 && reading->parts[i].key && r == 0; i++)
		r = put_part(observation, &reading->parts[i], error, answer, size);
	*ret_size = size;
	return r;
}

/* A long read is told apart by what asks for one piece of it. */
struct source {
	uint32_t id;
	const uint8_t *uuid; /* of the log; NULL: the label storage area */
};

static int read_piece(const struct fwa_device_access *access, const struct source *source,
		      uint32_t offset, uint32_t length, uint8_t *ret_bytes)
{
	struct fwa_cxl_get_log log = {.offset = offset, .length = length};
	struct fwa_cxl_get_lsa lsa = {.offset = offset, .length = length};
	uint8_t request[FWA_CXL_GET_LOG_IN_SIZE];
	size_t request_size = FWA_CXL_GET_LSA_IN_SIZE, size = 0;
	int r;

	if (source->uuid) {
		memcpy(log.uuid, source->uuid, sizeof(log.uuid));
		fwa_cxl_get_log_encode(&log, request);
		request_size = FWA_CXL_GET_LOG_IN_SIZE;
	} else {
		fwa_cxl_get_lsa_encode(&lsa, request);
	}
	r = access->operations->mailbox(access->context, source->id, request,
					request_size, ret_bytes, length, &size);
	if (r < 0)
		return r;
	return size == length ? 0 : -EBADMSG;
}

/*
 * Read `size` bytes. How much a mailbox gives at a time is not told to user space: begin with
 * much, and halve until the device is content. `*ret_bytes` is to be freed.
 */
static int read_long(struct fwa_observation *observation, const struct source *source,
		     uint32_t size, uint8_t **ret_bytes)
{
	uint32_t piece = observation->piece ? observation->piece : PIECE_FIRST,
		 offset = 0;
	uint8_t *bytes = malloc(size ? size : 1);
	int r = 0;

	if (!bytes)
		return -ENOMEM;
	while (offset < size) {
		uint32_t length = size - offset < piece ? size - offset : piece;

		r = read_piece(observation->access, source, offset, length,
			       bytes + offset);
		if (r == 0) {
			offset += length;
			continue;
		}
		if (r == -EOPNOTSUPP || length <= PIECE_LEAST)
			break;
		piece = length / 2 > PIECE_LEAST ? length / 2 : PIECE_LEAST;
	}
	if (r < 0) {
		free(bytes);
		return r;
	}
	observation->piece = piece;
	*ret_bytes = bytes;
	return 0;
}

/* `identify` is the answer to Identify, which tells the size. */
static int read_lsa(struct fwa_observation *observation, const uint8_t *identify,
		    size_t size)
{
	const struct source source = {.id = FWA_CXL_MEM_GET_LSA};
	uint8_t *bytes = NULL;
	uint32_t length = 0;
	int error = 0, r;

	if (size < FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET + 4)
		error = -EBADMSG;
	else
		length = fwa_le32(identify + FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET);
	if (length > FWA_CXL_LSA_MAX)
		error = -E2BIG;
	if (error == 0)
		error = read_long(observation, &source, length, &bytes);
	if (error == -ENOMEM)
		return error;
	r = put(observation, "cxl.lsa", FWA_EFFECT_DATA_IMMEDIATE, error, bytes, length);
	free(bytes);
	return r;
}

/* Size of the Command Effects Log from the list of logs. */
static int find_cel(const uint8_t *logs, size_t size, uint32_t *ret_size)
{
	struct fwa_cxl_log_entry entry;
	size_t count = 0;
	int r = fwa_cxl_supported_logs_count(logs, size, &count);

	for (size_t i = 0; r == 0 && i < count; i++) {
		r = fwa_cxl_supported_logs_entry(logs, size, i, &entry);
		if (r == 0 && memcmp(entry.uuid, fwa_cxl_cel_uuid, 16) == 0) {
			*ret_size = entry.size;
			return entry.size <= FWA_CXL_CEL_MAX ? 0 : -E2BIG;
		}
	}
	return r < 0 ? r : -ENOENT;
}

/* The content of the logs beside the Command Effects Log. */
static int read_other_logs(struct fwa_observation *observation, const uint8_t *logs,
			   size_t size)
{
	char key[sizeof(LOG_PREFIX) - 1 + FWA_UUID_TEXT_SIZE] = LOG_PREFIX;
	uint32_t room = FWA_CXL_LOGS_MAX;
	struct fwa_cxl_log_entry entry;
	size_t count = 0;
	int r = fwa_cxl_supported_logs_count(logs, size, &count);

	if (r < 0)
		return fwa_state_carry(observation->state, observation->previous,
				       LOG_PREFIX, r);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		struct source source = {FWA_CXL_MEM_GET_LOG, entry.uuid};
		uint8_t *bytes = NULL;
		int error = 0;

		if (fwa_cxl_supported_logs_entry(logs, size, i, &entry) < 0)
			break;
		if (memcmp(entry.uuid, fwa_cxl_cel_uuid, sizeof(entry.uuid)) == 0)
			continue;
		fwa_uuid_format(entry.uuid, key + sizeof(LOG_PREFIX) - 1);
		if (entry.size > room)
			error = -E2BIG;
		else
			error = read_long(observation, &source, entry.size, &bytes);
		if (error == -ENOMEM)
			return error;
		if (error == 0)
			room -= entry.size;
		r = put(observation, key, FWA_EFFECT_LOG_IMMEDIATE, error, bytes,
			entry.size);
		if (r == -EEXIST)
			r = 0; /* listed twice: the first stands */
		free(bytes);
	}
	return r;
}

/* The list of logs, those, and of them the one that declares effects. */
static int read_logs(struct fwa_observation *observation)
{
	const struct fwa_device_access *access = observation->access;
	const struct source source = {FWA_CXL_MEM_GET_LOG, fwa_cxl_cel_uuid};
	uint8_t logs[LOGS_MAX], *cel = NULL;
	uint32_t cel_size = 0;
	size_t size = 0;
	int error, r;

	error = access->operations->mailbox(access->context,
					    FWA_CXL_MEM_GET_SUPPORTED_LOGS, NULL, 0, logs,
					    sizeof(logs), &size);
	if (error == 0 && size < FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE)
		error = -EBADMSG;
	r = put(observation, "cxl.supported_logs", FWA_EFFECT_LOG_IMMEDIATE, error, logs,
		size);
	if (r < 0)
		return r;
	r = error < 0 ? fwa_state_carry(observation->state, observation->previous,
					LOG_PREFIX, error)
		      : read_other_logs(observation, logs, size);
	if (r < 0)
		return r;
	if (error == 0)
		error = find_cel(logs, size, &cel_size);
	if (error == 0)
		error = read_long(observation, &source, cel_size, &cel);
	if (error == -ENOMEM)
		return error;
	r = put(observation, "cxl.cel", FWA_EFFECT_LOG_IMMEDIATE, error, cel, cel_size);
	if (r < 0) {
		free(cel);
		return r;
	}
	fwa_declared_set(&observation->declared[FWA_DECLARATION_CXL_CEL], error, cel,
			 error ? 0 : cel_size);
	return 0;
}

static int snapshot(struct fwa_observation *observation)
{
	uint8_t answer[ANSWER_MAX], identify[ANSWER_MAX] = {0};
	size_t size, identify_size = 0;
	int r = 0;

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]) && r == 0; i++) {
		r = read_short(observation, &readings[i], answer, &size);
		if (readings[i].id != FWA_CXL_MEM_IDENTIFY || r < 0)
			continue;
		memcpy(identify, answer, size);
		identify_size = size;
	}
	if (r == 0)
		r = read_lsa(observation, identify, identify_size);
	if (r == 0)
		r = read_logs(observation);
	return r;
}

const struct fwa_observer fwa_cxl_mailbox_observer = {
	.name = "cxl-mailbox",
	.applies = applies,
	.snapshot = snapshot,
	.volatile_keys = volatile_keys,
};
