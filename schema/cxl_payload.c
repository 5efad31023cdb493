/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of what the mailbox answers: see schema/cxl_mailbox.h. */
#include "schema/cxl_mailbox.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"

/* Identify Memory Device; Linux, struct cxl_mbox_identify. */
static const struct fwa_cxl_field identify[] = {
	{"firmware_revision", 0, 16, true, false},
	/* Multiples of 256 MiB, these four. */
	{"total_capacity", 16, 8, false, false},
	{"volatile_only_capacity", 24, 8, false, false},
	{"persistent_only_capacity", 32, 8, false, false},
	{"partition_alignment", 40, 8, false, false},
	{"information_event_log_size", 48, 2, false, false},
	{"warning_event_log_size", 50, 2, false, false},
	{"failure_event_log_size", 52, 2, false, false},
	{"fatal_event_log_size", 54, 2, false, false},
	{"lsa_size", 56, 4, false, false},
	{"poison_list_maximum", 60, 3, false, false},
	{"inject_poison_limit", 63, 2, false, false},
	{"poison_handling_capabilities", 65, 1, false, false},
	{"qos_telemetry_capabilities", 66, 1, false, false},
};

/* Get FW Info; Linux, struct cxl_mbox_get_fw_info. */
static const struct fwa_cxl_field firmware_info[] = {
	{"slots", 0, 1, false, false},
	{"slot_info", 1, 1, false, false}, /* [2:0] active, [5:3] staged */
	{"activation_capabilities", 2, 1, false, false},
	{"revision_1", 16, 16, true, false},
	{"revision_2", 32, 16, true, false},
	{"revision_3", 48, 16, true, false},
	{"revision_4", 64, 16, true, false},
};

/* Get Partition Info, multiples of 256 MiB; Linux, struct cxl_mbox_get_partition_info. */
static const struct fwa_cxl_field partition_info[] = {
	{"active_volatile_capacity", 0, 8, false, false},
	{"active_persistent_capacity", 8, 8, false, false},
	{"next_volatile_capacity", 16, 8, false, false},
	{"next_persistent_capacity", 24, 8, false, false},
};

/* Get Health Info, CXL 3.2 table 8-148; Linux, struct cxl_mbox_get_health_info_out. */
static const struct fwa_cxl_field health_info[] = {
	{"health_status", 0, 1, false, false},
	{"media_status", 1, 1, false, false},
	{"additional_status", 2, 1, false, false},
	{"life_used", 3, 1, false, true},
	{"device_temperature", 4, 2, false, true},
	{"dirty_shutdown_count", 6, 4, false, true},
	{"corrected_volatile_error_count", 10, 4, false, true},
	{"corrected_persistent_error_count", 14, 4, false, true},
};

/* Get Alert Configuration. */
static const struct fwa_cxl_field alert_configuration[] = {
	{"valid_alerts", 0, 1, false, false},
	{"programmable_alerts", 1, 1, false, false},
	{"life_used_critical_threshold", 2, 1, false, false},
	{"life_used_warning_threshold", 3, 1, false, false},
	{"over_temperature_critical_threshold", 4, 2, false, false},
	{"under_temperature_critical_threshold", 6, 2, false, false},
	{"over_temperature_warning_threshold", 8, 2, false, false},
	{"under_temperature_warning_threshold", 10, 2, false, false},
	{"corrected_volatile_error_warning_threshold", 12, 2, false, false},
	{"corrected_persistent_error_warning_threshold", 14, 2, false, false},
};

/* Get Shutdown State. */
static const struct fwa_cxl_field shutdown_state[] = {
	{"state", 0, 1, false, false}, /* bit 0: dirty */
};

#define FIELDS(array) array, sizeof(array) / sizeof(array[0])
static const struct {
	uint16_t opcode;
	uint16_t size;
	const struct fwa_cxl_field *fields;
	size_t count;
} payloads[] = {
	{FWA_CXL_IDENTIFY, FWA_CXL_IDENTIFY_SIZE, FIELDS(identify)},
	{FWA_CXL_GET_FIRMWARE_INFO, FWA_CXL_FIRMWARE_INFO_SIZE, FIELDS(firmware_info)},
	{FWA_CXL_GET_PARTITION_INFO, FWA_CXL_PARTITION_INFO_SIZE, FIELDS(partition_info)},
	{FWA_CXL_GET_HEALTH_INFO, FWA_CXL_HEALTH_INFO_SIZE, FIELDS(health_info)},
	{FWA_CXL_GET_ALERT_CONFIG, FWA_CXL_ALERT_CONFIG_SIZE,
	 FIELDS(alert_configuration)},
	{FWA_CXL_GET_SHUTDOWN_STATE, FWA_CXL_SHUTDOWN_STATE_SIZE, FIELDS(shutdown_state)},
};
#define PAYLOAD_COUNT (sizeof(payloads) / sizeof(payloads[0]))

const struct fwa_cxl_field *fwa_cxl_payload_fields(uint16_t opcode, size_t *ret_count)
{
	size_t i;

	for (i = 0; i < PAYLOAD_COUNT; i++) {
		if (payloads[i].opcode == opcode) {
			*ret_count = payloads[i].count;
			return payloads[i].fields;
		}
	}
	*ret_count = 0;
	return NULL;
}

size_t fwa_cxl_payload_size(uint16_t opcode)
{
	size_t i;

	for (i = 0; i < PAYLOAD_COUNT; i++) {
		if (payloads[i].opcode == opcode)
			return payloads[i].size;
	}
	return 0;
}

uint64_t fwa_cxl_field_number(const struct fwa_cxl_field *field, const uint8_t *payload,
			      size_t size)
{
	uint64_t number = 0;
	size_t i;

	if (field->size > 8 || field->offset > size || field->size > size - field->offset)
		return 0;
	for (i = field->size; i > 0; i--)
		number = number << 8 | payload[field->offset + i - 1];
	return number;
}

int fwa_cxl_supported_logs_count(const uint8_t *payload, size_t size, size_t *ret_count)
{
	size_t claimed, present;

	if (size < FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE)
		return -EBADMSG;
	claimed = fwa_le16(payload);
	present = (size - FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE) /
		  FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE;
	*ret_count = claimed < present ? claimed : present;
	return 0;
}

int fwa_cxl_supported_logs_entry(const uint8_t *payload, size_t size, size_t index,
				 struct fwa_cxl_log_entry *ret_entry)
{
	const uint8_t *p;
	size_t count;

	if (fwa_cxl_supported_logs_count(payload, size, &count) < 0 || index >= count)
		return -ENOENT;
	p = payload + FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE +
	    index * FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE;
	memcpy(ret_entry->uuid, p, sizeof(ret_entry->uuid));
	ret_entry->size = fwa_le32(p + 16);
	return 0;
}

void fwa_cxl_supported_logs_header_encode(
	uint16_t count, uint8_t ret_header[FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE])
{
	memset(ret_header, 0, FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE);
	fwa_put_le16(ret_header, count);
}

void fwa_cxl_log_entry_encode(const struct fwa_cxl_log_entry *entry,
			      uint8_t ret_buffer[FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE])
{
	memcpy(ret_buffer, entry->uuid, sizeof(entry->uuid));
	fwa_put_le32(ret_buffer + 16, entry->size);
}

int fwa_cxl_get_log_decode(const uint8_t *payload, size_t size,
			   struct fwa_cxl_get_log *ret_get)
{
	if (size < FWA_CXL_GET_LOG_IN_SIZE)
		return -EBADMSG;
	memcpy(ret_get->uuid, payload, sizeof(ret_get->uuid));
	ret_get->offset = fwa_le32(payload + 16);
	ret_get->length = fwa_le32(payload + 20);
	return 0;
}

void fwa_cxl_get_log_encode(const struct fwa_cxl_get_log *get,
			    uint8_t ret_payload[FWA_CXL_GET_LOG_IN_SIZE])
{
	memcpy(ret_payload, get->uuid, sizeof(get->uuid));
	fwa_put_le32(ret_payload + 16, get->offset);
	fwa_put_le32(ret_payload + 20, get->length);
}

int fwa_cxl_get_lsa_decode(const uint8_t *payload, size_t size,
			   struct fwa_cxl_get_lsa *ret_get)
{
	if (size < FWA_CXL_GET_LSA_IN_SIZE)
		return -EBADMSG;
	ret_get->offset = fwa_le32(payload);
	ret_get->length = fwa_le32(payload + 4);
	return 0;
}

void fwa_cxl_get_lsa_encode(const struct fwa_cxl_get_lsa *get,
			    uint8_t ret_payload[FWA_CXL_GET_LSA_IN_SIZE])
{
	fwa_put_le32(ret_payload, get->offset);
	fwa_put_le32(ret_payload + 4, get->length);
}
