/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/record_fields.h"

#include "schema/effects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Describes the member `m` of the structure named by S, which is defined before each
 * table.
 */
#define MEMBER(m)                                                                        \
	.name = #m, .offset = offsetof(S, m), .width = (uint8_t)sizeof(((S *)0)->m)
#define LARGEST(m) (UINT64_MAX >> (64 - 8 * sizeof(((S *)0)->m)))
#define IF(f)      .presence = FWA_FLAGGED, .flag = offsetof(S, f)
#define ALSO_IF(f) .presence = FWA_WITH, .flag = offsetof(S, f)
#define MAYBE      .presence = FWA_OPTIONAL

#define RANGE(k, m, low, high, text, ...)                                                \
	{                                                                                \
		.key = (k), MEMBER(m), .type = FWA_FIELD_UINT, .minimum = (low),         \
		.maximum = (high), .meaning = (text), __VA_ARGS__                        \
	}
#define UINT(k, m, text, ...) RANGE(k, m, 0, LARGEST(m), text, __VA_ARGS__)
#define TIME(k, m, text, ...)                                                            \
	{                                                                                \
		.key = (k), MEMBER(m), .type = FWA_FIELD_TIME, .maximum = UINT64_MAX,    \
		.meaning = (text), __VA_ARGS__                                           \
	}
#define INT(k, m, text, ...)                                                             \
	{                                                                                \
		.key = (k), MEMBER(m), .type = FWA_FIELD_INT, .meaning = (text),         \
		__VA_ARGS__                                                              \
	}
#define BOOL(k, m, text, ...)                                                            \
	{                                                                                \
		.key = (k), MEMBER(m), .type = FWA_FIELD_BOOL, .maximum = 1,             \
		.meaning = (text), __VA_ARGS__                                           \
	}
#define BYTES(k, m, t, low, high, text, ...)                                             \
	{                                                                                \
		.key = (k), MEMBER(m), .type = (t), .minimum = (low), .maximum = (high), \
		.meaning = (text), __VA_ARGS__                                           \
	}
#define NAME(k, m, text, ...)                                                            \
	BYTES(k, m, FWA_FIELD_TEXT, 0, FWA_NAME_SIZE_MAX, text, __VA_ARGS__)
#define PATH(k, m, text, ...)                                                            \
	BYTES(k, m, FWA_FIELD_TEXT, 0, FWA_PATH_SIZE_MAX, text, __VA_ARGS__)
#define SENTENCE(k, m, text, ...)                                                        \
	BYTES(k, m, FWA_FIELD_TEXT, 0, FWA_SENTENCE_SIZE_MAX, text, __VA_ARGS__)
#define UUID(k, m, text, ...)                                                            \
	BYTES(k, m, FWA_FIELD_UUID, FWA_UUID_SIZE, FWA_UUID_SIZE, text, __VA_ARGS__)
#define DIGEST(k, m, text, ...)                                                          \
	BYTES(k, m, FWA_FIELD_BINARY, FWA_DIGEST_SIZE, FWA_DIGEST_SIZE, text, __VA_ARGS__)
#define BINARY(k, m, high, text, ...)                                                    \
	BYTES(k, m, FWA_FIELD_BINARY, 0, high, text, __VA_ARGS__)
#define MAP(k, m, table, text, ...)                                                      \
	{                                                                                \
		.key = (k), MEMBER(m), .type = FWA_FIELD_MAP, .map = &(table),           \
		.meaning = (text), __VA_ARGS__                                           \
	}

#define S struct fwa_record
static const struct fwa_field common_fields[] = {
	RANGE(0, kind, 0, FWA_RECORD_KINDS - 1, "which kind of record this is"),
	UINT(1, sequence, "leaf index in the Merkle tree, from 0, without holes"),
	TIME(2, time, "CLOCK_REALTIME when the record was made"),
	TIME(3, boot_time, "CLOCK_BOOTTIME at the same moment"),
};
#undef S
const struct fwa_map fwa_record_common = {"record", common_fields, COUNT(common_fields),
					  NULL};

#define S struct fwa_genesis
static const struct fwa_field genesis_fields[] = {
	UUID(16, ledger_uuid,
	     "random, names the ledger; part of every checkpoint's origin"),
	RANGE(17, format_version, FWA_FORMAT_VERSION, FWA_FORMAT_VERSION,
	      "version of this format"),
	NAME(18, collector_version, "of the collector that created the ledger"),
	DIGEST(19, enrolment_digest, "SHA-256 of the enrolment file's bytes"),
};
#undef S
static const struct fwa_map genesis_map = {"genesis", genesis_fields,
					   COUNT(genesis_fields), NULL};

#define S struct fwa_configuration
static const struct fwa_field configuration_fields[] = {
	NAME(0, capture, "layers in use: tracepoint, trampoline or both"),
	NAME(1, observe, "when snapshots are taken: all, writes, interval or off"),
	UINT(2, observe_interval, "nanoseconds between snapshots by interval; 0: none"),
	UINT(3, ring_size, "bytes of the ring buffer"),
	UINT(4, checkpoint_records, "records after which a checkpoint is due"),
	UINT(5, checkpoint_interval, "nanoseconds after which a checkpoint is due"),
	NAME(6, on_loss, "what happens when records would be lost: record or deny"),
};
#undef S
const struct fwa_map fwa_configuration_map = {"configuration", configuration_fields,
					      COUNT(configuration_fields), NULL};

#define S struct fwa_boot
static const struct fwa_field boot_fields[] = {
	UUID(16, boot_id, "the kernel's boot id"),
	NAME(17, kernel_release, "as uname gives it"),
	NAME(18, machine, "as uname gives it"),
	NAME(19, collector_version, "of the collector that started"),
	MAP(20, configuration, fwa_configuration_map, "how the collector was set up"),
	UINT(21, pid, "of the collector, in the initial pid namespace"),
	UINT(22, kernel_taint, "the kernel's taint bits at start"),
	SENTENCE(23, coverage, "which layers see what, and why not more"),
};
#undef S
static const struct fwa_map boot_map = {"boot", boot_fields, COUNT(boot_fields), NULL};

#define S struct fwa_device
static const struct fwa_field device_fields[] = {
	NAME(16, name, "the device's name, such as fwctl0"),
	PATH(17, path, "of its device file"),
	RANGE(18, state, 0, FWA_DEVICE_GONE, "0 present, 1 gone"),
	BOOL(19, simulated, "watched by path, not a device of the fwctl class"),
	UINT(20, file_device,
	     "st_rdev of a character device, otherwise st_dev: major << 32 | minor"),
	UINT(21, file_inode, "of the file; 0 for a character device"),
	UINT(22, device_type, "FWCTL_INFO's type: 1 mlx5, 2 cxl, 3 bnxt, 4 pds",
	     IF(has_device_type)),
	BINARY(23, info, FWA_DEVICE_INFO_SIZE_MAX, "FWCTL_INFO's device data", MAYBE),
	NAME(24, driver, "of the parent device", MAYBE),
	PATH(25, sysfs_path, "of the device", MAYBE),
	NAME(26, bus_address, "such as 0000:35:00.0", MAYBE),
	UINT(27, vendor_id, "PCI vendor", IF(has_vendor_id)),
	UINT(28, device_id, "PCI device", IF(has_device_id)),
	NAME(29, firmware_version, "as the device gives it", MAYBE),
	NAME(30, serial, "serial number", MAYBE),
	PATH(31, mailbox_path, "device file for mailbox commands, such as /dev/cxl/mem0",
	     MAYBE),
};
#undef S
static const struct fwa_map device_map = {"device", device_fields, COUNT(device_fields),
					  NULL};

#define S struct fwa_payload_ref
static const struct fwa_field payload_ref_fields[] = {
	UINT(0, length, "bytes that the call carried in this direction"),
	RANGE(1, captured, 0, FWA_PAYLOAD_SIZE_MAX,
	      "bytes captured: a prefix of the whole"),
	RANGE(2, source, 0, FWA_SOURCE_ABSENT, "0 kernel, 1 user, 2 truncated, 3 absent"),
	RANGE(3, moment, 0, FWA_MOMENT_EXIT, "when it was read: 0 entry, 1 exit"),
	DIGEST(4, digest, "SHA-256(salt || captured bytes)", MAYBE),
};
#undef S
static const struct fwa_map payload_ref_map = {"payload-ref", payload_ref_fields,
					       COUNT(payload_ref_fields),
					       fwa_check_payload_ref};

#define S struct fwa_caller
static const struct fwa_field caller_fields[] = {
	UINT(0, pid, "thread group, in the initial pid namespace"),
	UINT(1, tid, "thread, in the initial pid namespace"),
	TIME(2, start_time, "of the thread group leader, CLOCK_BOOTTIME"),
	UINT(3, uid, "real user"),
	UINT(4, gid, "real group"),
	UINT(5, euid, "effective user"),
	UINT(6, egid, "effective group"),
	UINT(7, loginuid, "audit login user; 4294967295: not set"),
	UINT(8, session_id, "audit session; 4294967295: not set"),
	NAME(9, comm, "name of the thread"),
	PATH(10, exe_path, "of the executable, in the caller's mount namespace", MAYBE),
	UINT(11, exe_device, "of the executable's file system: major << 32 | minor"),
	UINT(12, exe_inode, "of the executable"),
	UINT(13, cgroup_id, "in the unified hierarchy"),
	PATH(14, cgroup_path, "in the unified hierarchy", MAYBE),
	UINT(15, mount_namespace, "inode number"),
	UINT(16, pid_namespace, "inode number"),
	UINT(17, namespace_pid, "thread group, in its own pid namespace"),
	UINT(18, effective_capabilities, "bit n: capability n"),
	UINT(19, parent_pid, "thread group of the parent, in the initial pid namespace"),
	TIME(20, parent_start_time, "of the parent, CLOCK_BOOTTIME"),
	NAME(21, parent_comm, "name of the parent", MAYBE),
	RANGE(22, flags, 0, FWA_CALLER_EXE_TRUNCATED | FWA_CALLER_CGROUP_TRUNCATED,
	      "bit 0: exe_path is truncated; bit 1: cgroup_path is truncated"),
};
#undef S
static const struct fwa_map caller_map = {"caller", caller_fields, COUNT(caller_fields),
					  NULL};

#define S struct fwa_open
static const struct fwa_field open_fields[] = {
	UINT(0, key, "the same for every call through one open file, in one run"),
	UINT(1, descriptor, "in the caller's table"),
	UINT(2, flags, "O_* of the open file"),
	UINT(3, opener_uid, "of the credentials that opened the file"),
	UINT(4, opener_gid, "of the credentials that opened the file"),
};
#undef S
static const struct fwa_map open_map = {"open", open_fields, COUNT(open_fields), NULL};

#define S struct fwa_rpc
static const struct fwa_field rpc_fields[] = {
	RANGE(16, transport, 0, FWA_TRANSPORT_FWCTL, "0 fwctl"),
	UINT(17, device, "sequence of the device record", IF(has_device)),
	UINT(18, command, "ioctl request number"),
	BINARY(19, structure_entry, FWA_STRUCTURE_SIZE_MAX,
	       "the ioctl's structure at entry", MAYBE),
	BINARY(20, structure_exit, FWA_STRUCTURE_SIZE_MAX,
	       "the ioctl's structure at exit", MAYBE),
	RANGE(21, structure_source, 0, FWA_SOURCE_ABSENT,
	      "of the structure: 0 kernel, 1 user, 2 truncated, 3 absent"),
	INT(22, result, "return value, or negative errno", IF(has_result)),
	TIME(23, entered, "CLOCK_BOOTTIME when the call entered the kernel"),
	TIME(24, returned, "CLOCK_BOOTTIME when the call returned", ALSO_IF(has_result)),
	MAP(25, caller, caller_map, "the calling process"),
	MAP(26, open, open_map, "the open file that the call came through", IF(has_open)),
	MAP(27, request, payload_ref_map, "what the caller sent"),
	MAP(28, response, payload_ref_map, "what the device answered"),
	BOOL(29, own, "the collector's own call"),
	RANGE(30, layers, 1, FWA_LAYER_TRACEPOINT | FWA_LAYER_TRAMPOLINE,
	      "that saw the call: bit 0 tracepoint, bit 1 trampoline"),
	UINT(31, cpu, "on which the call returned"),
	RANGE(32, number, 1, UINT64_MAX, "of the call on this cpu in this run, from 1"),
};
#undef S
static const struct fwa_map rpc_map = {"rpc", rpc_fields, COUNT(rpc_fields),
				       fwa_check_rpc};

#define S struct fwa_declaration
static const struct fwa_field declaration_fields[] = {
	UINT(16, device, "sequence of the device record"),
	RANGE(17, source, 0, FWA_DECLARATION_CXL_FEATURES,
	      "0 CXL Command Effects Log, 1 CXL feature entries"),
	INT(18, error, "0, or the negative errno with which reading failed"),
	DIGEST(19, digest, "SHA-256 of the content", MAYBE),
	BINARY(20, content, FWA_DECLARATION_SIZE_MAX, "as the device gave it", MAYBE),
	NAME(21, firmware_version, "when it was read", MAYBE),
	UINT(22, supersedes, "sequence of the declaration that this one replaces",
	     IF(has_supersedes)),
};
#undef S
static const struct fwa_map declaration_map = {"declaration", declaration_fields,
					       COUNT(declaration_fields),
					       fwa_check_declaration};

#define S struct fwa_snapshot_item
static const struct fwa_field snapshot_item_fields[] = {
	BYTES(0, key, FWA_FIELD_TEXT, 1, FWA_SNAPSHOT_KEY_MAX, "what was observed"),
	RANGE(1, effects, 0, FWA_EFFECT_ALL,
	      "effect classes that a change is evidence of"),
	BOOL(2, is_volatile, "changes by itself"),
	RANGE(3, status, 0, FWA_ITEM_GONE, "0 value, 1 unreadable, 2 gone"),
	INT(4, error, "negative errno if unreadable, otherwise 0"),
	UINT(5, length, "of the value in bytes; 0 if there is none"),
	DIGEST(6, digest, "SHA-256 of the value", MAYBE),
	BINARY(7, value, FWA_SNAPSHOT_VALUE_MAX, "if it is short", MAYBE),
	RANGE(8, previous_status, 0, FWA_ITEM_GONE, "in the snapshot before",
	      IF(has_previous)),
	DIGEST(9, previous_digest, "in the snapshot before", MAYBE),
	BINARY(10, previous_value, FWA_SNAPSHOT_VALUE_MAX,
	       "in the snapshot before, if it was short", MAYBE),
};
#undef S
const struct fwa_map fwa_snapshot_item_map = {"snapshot-item", snapshot_item_fields,
					      COUNT(snapshot_item_fields),
					      fwa_check_snapshot_item};

#define S struct fwa_snapshot
static const struct fwa_field snapshot_fields[] = {
	UINT(16, device, "sequence of the device record"),
	RANGE(17, number, 1, UINT64_MAX,
	      "of the snapshot of this device in this run, from 1"),
	UINT(18, previous, "sequence of this device's previous snapshot in this run",
	     IF(has_previous)),
	RANGE(19, reason, 0, FWA_SNAPSHOT_STOP,
	      "0 baseline, 1 rpc, 2 interval, 3 reset, 4 stop"),
	TIME(20, started, "CLOCK_BOOTTIME before the first read"),
	TIME(21, ended, "CLOCK_BOOTTIME after the last read"),
	UINT(22, in_flight, "calls that had entered and not returned at the end"),
	RANGE(23, item_count, 0, FWA_LIST_ITEMS_MAX, "keys in the whole state"),
	RANGE(24, unreadable_count, 0, FWA_LIST_ITEMS_MAX, "of them, not readable"),
	DIGEST(25, state_digest, "of the whole state"),
	{.key = 26,
	 MEMBER(items),
	 .type = FWA_FIELD_ITEMS,
	 .maximum = FWA_LIST_ITEMS_MAX,
	 .map = &fwa_snapshot_item_map,
	 .meaning = "the whole state in a baseline, otherwise what changed"},
};
#undef S
static const struct fwa_map snapshot_map = {"snapshot", snapshot_fields,
					    COUNT(snapshot_fields), fwa_check_snapshot};

#define S struct fwa_kernel_event
static const struct fwa_field kernel_event_fields[] = {
	RANGE(16, type, 0, FWA_KERNEL_EVENT_UEVENT, "0 device reset, 1 taint, 2 uevent"),
	UINT(17, device, "sequence of the device record", IF(has_device)),
	RANGE(18, reset_type, 0, FWA_RESET_CXL, "0 cold, 1 conventional, 2 cxl",
	      IF(has_reset_type)),
	TIME(19, not_before, "CLOCK_BOOTTIME: it happened after this"),
	TIME(20, not_after, "CLOCK_BOOTTIME: it happened before this"),
	SENTENCE(21, detail, "for people", MAYBE),
};
#undef S
static const struct fwa_map kernel_event_map = {"kernel-event", kernel_event_fields,
						COUNT(kernel_event_fields),
						fwa_check_kernel_event};

#define S struct fwa_gap
static const struct fwa_field gap_fields[] = {
	UINT(16, cpu, "on which the calls returned"),
	RANGE(17, first_number, 1, UINT64_MAX, "of the calls lost"),
	RANGE(18, count, 1, UINT64_MAX, "of the calls lost"),
	UINT(19, after, "sequence of the last rpc record from this cpu before the gap",
	     IF(has_after)),
	TIME(20, not_before, "CLOCK_BOOTTIME: they returned after this"),
	TIME(21, not_after, "CLOCK_BOOTTIME: they returned before this"),
	SENTENCE(22, reason, "for people"),
};
#undef S
static const struct fwa_map gap_map = {"gap", gap_fields, COUNT(gap_fields),
				       fwa_check_gap};

#define S struct fwa_checkpoint
static const struct fwa_field checkpoint_fields[] = {
	RANGE(16, number, 1, UINT64_MAX, "of the checkpoint in the ledger, from 1"),
	DIGEST(17, previous_note_digest, "SHA-256 of the checkpoint note before", MAYBE),
	RANGE(18, reason, 0, FWA_CHECKPOINT_STOP, "0 start, 1 count, 2 time, 3 stop"),
	UINT(19, run, "sequence of this run's boot record"),
	UUID(20, boot_id, "the kernel's boot id"),
	UINT(21, issued, "calls that returned in this run"),
	UINT(22, recorded, "of them, in rpc records"),
	UINT(23, lost, "of them, in gap records"),
	UINT(24, in_flight, "calls that had entered and not returned"),
	UINT(25, truncated,
	     "payloads captured in part or not at all, in this run's rpc records"),
	DIGEST(26, configuration_digest, "SHA-256 of the encoded configuration map"),
	DIGEST(27, enrolment_digest, "SHA-256 of the enrolment file's bytes"),
};
#undef S
static const struct fwa_map checkpoint_map = {
	"checkpoint", checkpoint_fields, COUNT(checkpoint_fields), fwa_check_checkpoint};

#define S struct fwa_shutdown
static const struct fwa_field shutdown_fields[] = {
	SENTENCE(16, reason, "for people"),
	UINT(17, issued, "calls that returned in this run"),
	UINT(18, recorded, "of them, in rpc records"),
	UINT(19, lost, "of them, in gap records"),
};
#undef S
static const struct fwa_map shutdown_map = {"shutdown", shutdown_fields,
					    COUNT(shutdown_fields), fwa_check_shutdown};

const struct fwa_map *const fwa_record_kinds[FWA_RECORD_KINDS] = {
	[FWA_RECORD_GENESIS] = &genesis_map,
	[FWA_RECORD_BOOT] = &boot_map,
	[FWA_RECORD_DEVICE] = &device_map,
	[FWA_RECORD_RPC] = &rpc_map,
	[FWA_RECORD_DECLARATION] = &declaration_map,
	[FWA_RECORD_SNAPSHOT] = &snapshot_map,
	[FWA_RECORD_KERNEL_EVENT] = &kernel_event_map,
	[FWA_RECORD_GAP] = &gap_map,
	[FWA_RECORD_CHECKPOINT] = &checkpoint_map,
	[FWA_RECORD_SHUTDOWN] = &shutdown_map,
};
