/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CXL mailbox: opcodes, return codes, what /dev/cxl/memN passes on, and the layouts
 * of what it answers. Sources: CXL 3.2 section 8.2.9; Linux, include/uapi/linux/cxl_mem.h
 * and drivers/cxl/cxlmem.h. Everything is little endian.
 */
#ifndef FWA_SCHEMA_CXL_MAILBOX_H
#define FWA_SCHEMA_CXL_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fwa_cxl_opcode {
	FWA_CXL_GET_EVENT_RECORDS = 0x0100,
	FWA_CXL_GET_FIRMWARE_INFO = 0x0200,
	FWA_CXL_GET_TIMESTAMP = 0x0300,
	FWA_CXL_GET_SUPPORTED_LOGS = 0x0400,
	FWA_CXL_GET_LOG = 0x0401,
	FWA_CXL_GET_SUPPORTED_FEATURES = 0x0500,
	FWA_CXL_GET_FEATURE = 0x0501,
	FWA_CXL_SET_FEATURE = 0x0502,
	FWA_CXL_IDENTIFY = 0x4000,
	FWA_CXL_GET_PARTITION_INFO = 0x4100,
	FWA_CXL_SET_PARTITION_INFO = 0x4101,
	FWA_CXL_GET_LSA = 0x4102,
	FWA_CXL_SET_LSA = 0x4103,
	FWA_CXL_GET_HEALTH_INFO = 0x4200,
	FWA_CXL_GET_ALERT_CONFIG = 0x4201,
	FWA_CXL_SET_ALERT_CONFIG = 0x4202,
	FWA_CXL_GET_SHUTDOWN_STATE = 0x4203,
	FWA_CXL_SET_SHUTDOWN_STATE = 0x4204,
};

/* "Set Feature", ...; NULL for one that is not in the specification (C000h and up:
 * vendors'). */
const char *fwa_cxl_opcode_name(uint16_t opcode);

/* Mailbox return codes that have a meaning to this project; the rest by name only. */
#define FWA_CXL_RETURN_SUCCESS               0x00u
#define FWA_CXL_RETURN_BACKGROUND            0x01u /* background command started */
#define FWA_CXL_RETURN_INVALID_INPUT         0x02u
#define FWA_CXL_RETURN_UNSUPPORTED           0x03u
#define FWA_CXL_RETURN_INTERNAL_ERROR        0x04u
#define FWA_CXL_RETURN_RETRY                 0x05u
#define FWA_CXL_RETURN_BUSY                  0x06u
#define FWA_CXL_RETURN_INVALID_LENGTH        0x16u
#define FWA_CXL_RETURN_INVALID_LOG           0x17u
#define FWA_CXL_RETURN_FEATURE_VERSION       0x19u
#define FWA_CXL_RETURN_FEATURE_SELECTION     0x1au
#define FWA_CXL_RETURN_TRANSFER_IN_PROGRESS  0x1bu
#define FWA_CXL_RETURN_TRANSFER_OUT_OF_ORDER 0x1cu
#define FWA_CXL_RETURN_MAX                   0x1eu
/* "success", "invalid input", ...; NULL for an unknown code. */
const char *fwa_cxl_return_code_name(uint32_t retval);

/* The Command Effects Log, 0da9c0b5-bf41-4b78-8f79-96b1623b3f17. */
extern const uint8_t fwa_cxl_cel_uuid[16];
/* The vendor debug log, 5e1819d9-11a9-400c-811f-d60719403d86. */
extern const uint8_t fwa_cxl_vendor_log_uuid[16];

/* ---- /dev/cxl/memN
 * ------------------------------------------------------------------------ */

#define FWA_CXL_MEM_QUERY_COMMANDS      0x8008ce01u /* _IOR(0xce, 1, 8 bytes) */
#define FWA_CXL_MEM_SEND_COMMAND        0xc030ce02u /* _IOWR(0xce, 2, 48 bytes) */
#define FWA_CXL_MEM_SEND_COMMAND_SIZE   48u
#define FWA_CXL_MEM_QUERY_HEADER_SIZE   8u  /* n_commands u32, reserved u32 */
#define FWA_CXL_MEM_COMMAND_INFO_SIZE   16u /* id, flags, size_in, size_out: u32 each */
#define FWA_CXL_MEM_VARIABLE            0xffffffffu /* size varies */
#define FWA_CXL_MEM_COMMAND_FLAGS_VALID 0x1u

enum fwa_cxl_mem_command {
	FWA_CXL_MEM_IDENTIFY = 1,
	FWA_CXL_MEM_RAW = 2,
	FWA_CXL_MEM_GET_SUPPORTED_LOGS = 3,
	FWA_CXL_MEM_GET_FIRMWARE_INFO = 4,
	FWA_CXL_MEM_GET_PARTITION_INFO = 5,
	FWA_CXL_MEM_GET_LSA = 6,
	FWA_CXL_MEM_GET_HEALTH_INFO = 7,
	FWA_CXL_MEM_GET_LOG = 8,
	FWA_CXL_MEM_GET_ALERT_CONFIG = 11,
	FWA_CXL_MEM_GET_SHUTDOWN_STATE = 13,
	FWA_CXL_MEM_GET_TIMESTAMP = 21,
};
#define FWA_CXL_MEM_COMMAND_END 25u /* CXL_MEM_COMMAND_ID_MAX */

/* A command that memN passes on and that this project uses. */
struct fwa_cxl_mem_command_info {
	uint32_t id; /* enum fwa_cxl_mem_command */
	uint16_t opcode;
	uint32_t size_in;  /* exact, or FWA_CXL_MEM_VARIABLE */
	uint32_t size_out; /* least room, or FWA_CXL_MEM_VARIABLE */
	bool always;       /* enabled even if the CEL does not mention it */
};
/* By index from 0; NULL past the last. */
const struct fwa_cxl_mem_command_info *fwa_cxl_mem_command_at(size_t index);
/* By id; NULL if this project does not use it. */
const struct fwa_cxl_mem_command_info *fwa_cxl_mem_command_find(uint32_t id);

/* struct cxl_send_command: id@0, flags@4, raw opcode or reserved@8, retval@12,
 * in {size@16, reserved@20, payload@24}, out {size@32, reserved@36, payload@40}. */
struct fwa_cxl_mem_send {
	uint32_t id;
	uint32_t flags;
	uint32_t raw; /* opcode u16, reserved u16; zero but for the raw command */
	uint32_t retval;
	uint32_t in_size;
	uint32_t in_reserved;
	uint64_t in_payload; /* addresses in the caller's memory */
	uint32_t out_size;
	uint32_t out_reserved;
	uint64_t out_payload;
};
void fwa_cxl_mem_send_decode(const uint8_t buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE],
			     struct fwa_cxl_mem_send *ret_send);
void fwa_cxl_mem_send_encode(const struct fwa_cxl_mem_send *send,
			     uint8_t ret_buffer[FWA_CXL_MEM_SEND_COMMAND_SIZE]);

/* ---- payloads
 * ----------------------------------------------------------------------------- */

#define FWA_CXL_IDENTIFY_SIZE       0x43u
#define FWA_CXL_FIRMWARE_INFO_SIZE  0x50u
#define FWA_CXL_PARTITION_INFO_SIZE 0x20u
#define FWA_CXL_HEALTH_INFO_SIZE    0x12u
#define FWA_CXL_ALERT_CONFIG_SIZE   0x10u
#define FWA_CXL_SHUTDOWN_STATE_SIZE 0x01u
#define FWA_CXL_TIMESTAMP_SIZE      0x08u

#define FWA_CXL_FIRMWARE_REVISION_SIZE                                                   \
	16u /* ASCII, zero padded; Identify@0, firmware info@16 on */
#define FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET 56u /* u32 */

/* One field of a fixed payload. */
struct fwa_cxl_field {
	const char *name; /* "total_capacity" */
	uint16_t offset;
	uint16_t size;    /* bytes */
	bool is_text;     /* ASCII, zero padded; otherwise an unsigned number */
	bool is_volatile; /* changes by itself on an honest device */
};
/*
 * The fields of what `opcode` answers (Identify, firmware info, partition info, health,
 * alert configuration, shutdown state), in ascending offset; NULL and 0 for any other
 * opcode. Bytes that no field covers are reserved.
 */
const struct fwa_cxl_field *fwa_cxl_payload_fields(uint16_t opcode, size_t *ret_count);
/* Size of that payload; 0 for any other opcode. */
size_t fwa_cxl_payload_size(uint16_t opcode);
/* A numeric field (1, 2, 3, 4 or 8 bytes); 0 if it does not lie within `size`. */
uint64_t fwa_cxl_field_number(const struct fwa_cxl_field *field, const uint8_t *payload,
			      size_t size);

/* Get Supported Logs, out: entries u16@0, reserved 6, then {uuid 16, size u32} each. */
#define FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE 8u
#define FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE  20u
struct fwa_cxl_log_entry {
	uint8_t uuid[16];
	uint32_t size; /* bytes in the log */
};
/* How many whole entries are there; at most what the header says. -EBADMSG without a
 * header. */
int fwa_cxl_supported_logs_count(const uint8_t *payload, size_t size, size_t *ret_count);
/* Returns 0; -ENOENT past the last. */
int fwa_cxl_supported_logs_entry(const uint8_t *payload, size_t size, size_t index,
				 struct fwa_cxl_log_entry *ret_entry);
void fwa_cxl_supported_logs_header_encode(
	uint16_t count, uint8_t ret_header[FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE]);
void fwa_cxl_log_entry_encode(const struct fwa_cxl_log_entry *entry,
			      uint8_t ret_buffer[FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE]);

/* Get Log, in: uuid@0, offset u32@16, length u32@20. Out: the bytes. */
#define FWA_CXL_GET_LOG_IN_SIZE 24u
struct fwa_cxl_get_log {
	uint8_t uuid[16];
	uint32_t offset;
	uint32_t length;
};
int fwa_cxl_get_log_decode(const uint8_t *payload, size_t size,
			   struct fwa_cxl_get_log *ret_get);
void fwa_cxl_get_log_encode(const struct fwa_cxl_get_log *get,
			    uint8_t ret_payload[FWA_CXL_GET_LOG_IN_SIZE]);

/* Get LSA, in: offset u32@0, length u32@4. Out: the bytes. */
#define FWA_CXL_GET_LSA_IN_SIZE 8u
struct fwa_cxl_get_lsa {
	uint32_t offset;
	uint32_t length;
};
int fwa_cxl_get_lsa_decode(const uint8_t *payload, size_t size,
			   struct fwa_cxl_get_lsa *ret_get);
void fwa_cxl_get_lsa_encode(const struct fwa_cxl_get_lsa *get,
			    uint8_t ret_payload[FWA_CXL_GET_LSA_IN_SIZE]);

#endif
