/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the mailbox: names, /dev/cxl/memN, logs, LSA. */
#include "schema/cxl_mailbox.h"

#include <errno.h>
#include <string.h>

#include "schema/bytes.h"

const uint8_t fwa_cxl_cel_uuid[16] = {0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
				      0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17};
const uint8_t fwa_cxl_vendor_log_uuid[16] = {0x5e, 0x18, 0x19, 0xd9, 0x11, 0xa9,
					     0x40, 0x0c, 0x81, 0x1f, 0xd6, 0x07,
					     0x19, 0x40, 0x3d, 0x86};

/* CXL 3.2 section 8.2.10: the opcodes that it assigns. */
static const struct {
	uint16_t opcode;
	const char *name;
} opcodes[] = {
	{0x0001, "Information and Status Identify"},
	{0x0002, "Background Operation Status"},
	{0x0003, "Get Response Message Limit"},
	{0x0004, "Set Response Message Limit"},
	{0x0005, "Request Abort Background Operation"},
	{0x0100, "Get Event Records"},
	{0x0101, "Clear Event Records"},
	{0x0102, "Get Event Interrupt Policy"},
	{0x0103, "Set Event Interrupt Policy"},
	{0x0104, "Get MCTP Event Interrupt Policy"},
	{0x0105, "Set MCTP Event Interrupt Policy"},
	{0x0106, "Event Notification"},
	{0x0200, "Get FW Info"},
	{0x0201, "Transfer FW"},
	{0x0202, "Activate FW"},
	{0x0300, "Get Timestamp"},
	{0x0301, "Set Timestamp"},
	{0x0400, "Get Supported Logs"},
	{0x0401, "Get Log"},
	{0x0402, "Get Log Capabilities"},
	{0x0403, "Clear Log"},
	{0x0404, "Populate Log"},
	{0x0405, "Get Supported Logs Sub-List"},
	{0x0500, "Get Supported Features"},
	{0x0501, "Get Feature"},
	{0x0502, "Set Feature"},
	{0x0600, "Perform Maintenance"},
	{0x4000, "Identify Memory Device"},
	{0x4100, "Get Partition Info"},
	{0x4101, "Set Partition Info"},
	{0x4102, "Get LSA"},
	{0x4103, "Set LSA"},
	{0x4200, "Get Health Info"},
	{0x4201, "Get Alert Configuration"},
	{0x4202, "Set Alert Configuration"},
	{0x4203, "Get Shutdown State"},
	{0x4204, "Set Shutdown State"},
	{0x4300, "Get Poison List"},
	{0x4301, "Inject Poison"},
	{0x4302, "Clear Poison"},
	{0x4303, "Get Scan Media Capabilities"},
	{0x4304, "Scan Media"},
	{0x4305, "Get Scan Media Results"},
	{0x4400, "Sanitize"},
	{0x4401, "Secure Erase"},
	{0x4402, "Media Operations"},
	{0x4500, "Get Security State"},
	{0x4501, "Set Passphrase"},
	{0x4502, "Disable Passphrase"},
	{0x4503, "Unlock"},
	{0x4504, "Freeze Security State"},
	{0x4505, "Passphrase Secure Erase"},
	{0x4600, "Security Send"},
	{0x4601, "Security Receive"},
	{0x4700, "Get SLD QoS Control"},
	{0x4701, "Set SLD QoS Control"},
	{0x4702, "Get SLD QoS Status"},
	{0x4800, "Get Dynamic Capacity Configuration"},
	{0x4801, "Get Dynamic Capacity Extent List"},
	{0x4802, "Add Dynamic Capacity Response"},
	{0x4803, "Release Dynamic Capacity"},
};

const char *fwa_cxl_opcode_name(uint16_t opcode)
{
	size_t i;

	for (i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		if (opcodes[i].opcode == opcode)
			return opcodes[i].name;
	}
	return NULL;
}

const char *fwa_cxl_return_code_name(uint32_t retval)
{
	static const char *const names[] = {
		"success",
		"background operation started",
		"invalid input",
		"unsupported",
		"internal error",
		"retry required",
		"busy",
		"media disabled",
		"firmware transfer in progress",
		"firmware transfer out of order",
		"firmware verification failed",
		"invalid firmware slot",
		"activation failed, firmware rolled back",
		"activation failed, cold reset required",
		"invalid handle",
		"invalid physical address",
		"inject poison limit reached",
		"permanent media failure",
		"aborted",
		"invalid security state",
		"incorrect passphrase",
		"unsupported mailbox",
		"invalid payload length",
		"invalid log",
		"interrupted",
		"unsupported feature version",
		"unsupported feature selection value",
		"feature transfer in progress",
		"feature transfer out of order",
		"resources exhausted",
		"invalid extent list",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == FWA_CXL_RETURN_MAX + 1,
		       "one name for each code");
	return retval <= FWA_CXL_RETURN_MAX ? names[retval] : NULL;
}

/* Linux, drivers/cxl/core/mbox.c, cxl_mem_commands[]. */
static const struct fwa_cxl_mem_command_info mem_commands[] = {
	{FWA_CXL_MEM_IDENTIFY, FWA_CXL_IDENTIFY, 0, FWA_CXL_IDENTIFY_SIZE, true},
	{FWA_CXL_MEM_GET_SUPPORTED_LOGS, FWA_CXL_GET_SUPPORTED_LOGS, 0,
	 FWA_CXL_MEM_VARIABLE, true},
	{FWA_CXL_MEM_GET_FIRMWARE_INFO, FWA_CXL_GET_FIRMWARE_INFO, 0,
	 FWA_CXL_FIRMWARE_INFO_SIZE, false},
	{FWA_CXL_MEM_GET_PARTITION_INFO, FWA_CXL_GET_PARTITION_INFO, 0,
	 FWA_CXL_PARTITION_INFO_SIZE, false},
	{FWA_CXL_MEM_GET_LSA, FWA_CXL_GET_LSA, FWA_CXL_GET_LSA_IN_SIZE,
	 FWA_CXL_MEM_VARIABLE, false},
	{FWA_CXL_MEM_GET_HEALTH_INFO, FWA_CXL_GET_HEALTH_INFO, 0,
	 FWA_CXL_HEALTH_INFO_SIZE, false},
	{FWA_CXL_MEM_GET_LOG, FWA_CXL_GET_LOG, FWA_CXL_GET_LOG_IN_SIZE,
	 FWA_CXL_MEM_VARIABLE, true},
	{FWA_CXL_MEM_GET_ALERT_CONFIG, FWA_CXL_GET_ALERT_CONFIG, 0,
	 FWA_CXL_ALERT_CONFIG_SIZE, false},
	{FWA_CXL_MEM_GET_SHUTDOWN_STATE, FWA_CXL_GET_SHUTDOWN_STATE, 0,
	 FWA_CXL_SHUTDOWN_STATE_SIZE, false},
	{FWA_CXL_MEM_GET_TIMESTAMP, FWA_CXL_GET_TIMESTAMP, 0, FWA_CXL_TIMESTAMP_SIZE,
	 false},
};
#define MEM_COMMAND_COUNT (sizeof(mem_commands) / sizeof(mem_commands[0]))

const struct fwa_cxl_mem_command_info *fwa_cxl_mem_command_at(size_t index)
{
	return index < MEM_COMMAND_COUNT ? &mem_commands[index] : NULL;
}

const struct fwa_cxl_mem_command_info *fwa_cxl_mem_command_find(uint32_t id)
{
	size_t i;

	for (i = 0; i < MEM_COMMAND_COUNT; i++) {
		if (mem_commands[i].id == id)
			return &mem_commands[i];
	}
	return NULL;
}

void fwa_cxl_mem_send_decode(const uint8_t buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE],
			     struct fwa_cxl_mem_send *ret_send)
{
	*ret_send = (struct fwa_cxl_mem_send){
		.id = fwa_le32(buffer),
		.flags = fwa_le32(buffer + 4),
		.raw = fwa_le32(buffer + 8),
		.retval = fwa_le32(buffer + 12),
		.in_size = fwa_le32(buffer + 16),
		.in_reserved = fwa_le32(buffer + 20),
		.in_payload = fwa_le64(buffer + 24),
		.out_size = fwa_le32(buffer + 32),
		.out_reserved = fwa_le32(buffer + 36),
		.out_payload = fwa_le64(buffer + 40),
	};
}

void fwa_cxl_mem_send_encode(const struct fwa_cxl_mem_send *send,
			     uint8_t ret_buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE])
{
	fwa_put_le32(ret_buffer, send->id);
	fwa_put_le32(ret_buffer + 4, send->flags);
	fwa_put_le32(ret_buffer + 8, send->raw);
	fwa_put_le32(ret_buffer + 12, send->retval);
	fwa_put_le32(ret_buffer + 16, send->in_size);
	fwa_put_le32(ret_buffer + 20, send->in_reserved);
	fwa_put_le64(ret_buffer + 24, send->in_payload);
	fwa_put_le32(ret_buffer + 32, send->out_size);
	fwa_put_le32(ret_buffer + 36, send->out_reserved);
	fwa_put_le64(ret_buffer + 40, send->out_payload);
}
