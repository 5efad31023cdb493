/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record: one statement of evidence, and the leaf of the ledger's Merkle tree.
 *
 * A record is a deterministic CBOR map (RFC 8949 section 4.2.1) with small unsigned keys.
 * record.cddl defines it, SPEC.md explains it. This header is the same thing as C structures.
 *
 * Everything here is pure: buffers in, buffers out; no clock, file, environment or log.
 *
 * Ownership: a decoded record *borrows*: every struct fwa_bytes in it points into the buffer
 * that was decoded, and is valid for as long as that buffer is.
 *
 * Optional members stand beside a `has_` flag, or, where they are byte strings, are absent
 * when `data` is NULL (an empty byte string has a non-NULL `data` and size 0).
 *
 * Times: `*_time` is CLOCK_REALTIME, `*_boot_time`, `entered`, `returned`, `started`, `ended`
 * are CLOCK_BOOTTIME; both in nanoseconds.
 */
#ifndef FWA_SCHEMA_RECORD_H
#define FWA_SCHEMA_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"
#include "schema/hash.h"
#include "schema/text.h"

#define FWA_RECORD_SIZE_MAX   (1024u * 1024u) /* of one encoded record */
#define FWA_PAYLOAD_SIZE_MAX  (2u * 1024u * 1024u) /* MAX_RPC_LEN in drivers/fwctl/main.c */
#define FWA_SALT_SIZE	      16u
#define FWA_LIST_ITEMS_MAX    4096u
#define FWA_SNAPSHOT_VALUE_MAX 256u /* longer values are recorded by digest only */

/* The longest byte string of each sort, in bytes. Longer ones do not encode. */
#define FWA_NAME_SIZE_MAX	 128u /* names, versions, words */
#define FWA_PATH_SIZE_MAX	 4096u
#define FWA_SENTENCE_SIZE_MAX	 1024u
#define FWA_STRUCTURE_SIZE_MAX	 128u
#define FWA_DEVICE_INFO_SIZE_MAX 4096u
#define FWA_DECLARATION_SIZE_MAX (512u * 1024u)
#define FWA_SNAPSHOT_KEY_MAX	 128u

/* Numbers are part of the format: never reuse one. */
enum fwa_record_kind {
	FWA_RECORD_GENESIS = 0,	     /* first record of a ledger */
	FWA_RECORD_BOOT = 1,	     /* a start of the collector */
	FWA_RECORD_DEVICE = 2,	     /* a device seen, changed or gone */
	FWA_RECORD_RPC = 3,	     /* one command that a process sent */
	FWA_RECORD_DECLARATION = 4,  /* what a device declares of its commands */
	FWA_RECORD_SNAPSHOT = 5,     /* what a device's state was, or what changed in it */
	FWA_RECORD_KERNEL_EVENT = 6, /* reset, taint, uevent */
	FWA_RECORD_GAP = 7,	     /* calls that were seen and could not be recorded */
	FWA_RECORD_CHECKPOINT = 8,   /* metadata; last leaf under a checkpoint's root */
	FWA_RECORD_SHUTDOWN = 9,     /* a clean stop of the collector */
	/* 10 open, 11 close, 12 bypass, 13 denial: reserved */
};

enum fwa_transport {
	FWA_TRANSPORT_FWCTL = 0,
	/* 1 CXL_MEM_SEND_COMMAND, 2 NVMe admin, 3 NVMe I/O: reserved */
};

/* Where the bytes of a field came from. */
enum fwa_source {
	FWA_SOURCE_KERNEL = 0,	  /* the kernel's own copy */
	FWA_SOURCE_USER = 1,	  /* read from the caller's memory */
	FWA_SOURCE_TRUNCATED = 2, /* captured in part: captured < length */
	FWA_SOURCE_ABSENT = 3,	  /* nothing was captured */
};

/* When a payload was read, relative to the call. */
enum fwa_moment {
	FWA_MOMENT_ENTRY = 0,
	FWA_MOMENT_EXIT = 1,
};

/* Layers that saw a call: bits of fwa_rpc.layers. */
#define FWA_LAYER_TRACEPOINT 0x1u
#define FWA_LAYER_TRAMPOLINE 0x2u

/* One direction of a call. The bytes themselves stand in the ledger's payload table. */
struct fwa_payload_ref {
	uint64_t length;   /* bytes that the call carried in this direction */
	uint64_t captured; /* bytes in the payload table, a prefix of the whole */
	uint8_t source;	   /* enum fwa_source */
	uint8_t moment;	   /* enum fwa_moment */
	struct fwa_bytes digest; /* SHA-256(salt || captured bytes); absent if captured is 0 */
};

/* The calling process, as the kernel saw it when the call was made. */
struct fwa_caller {
	uint32_t pid;	     /* thread group id in the initial pid namespace */
	uint32_t tid;
	uint64_t start_time; /* of the thread group leader, CLOCK_BOOTTIME nanoseconds */
	uint32_t uid, gid, euid, egid;
	uint32_t loginuid;   /* 4294967295: not set */
	uint32_t session_id; /* audit session; 4294967295: not set */
	struct fwa_bytes comm;
	struct fwa_bytes exe_path;	/* in the caller's mount namespace; may be absent */
	uint64_t exe_device;		/* major << 32 | minor */
	uint64_t exe_inode;
	uint64_t cgroup_id;		/* of the unified hierarchy */
	struct fwa_bytes cgroup_path;	/* may be absent */
	uint32_t mount_namespace;	/* inode number */
	uint32_t pid_namespace;		/* inode number */
	uint32_t namespace_pid;		/* pid in its own pid namespace */
	uint64_t effective_capabilities;
	uint32_t parent_pid;
	uint64_t parent_start_time;
	struct fwa_bytes parent_comm;	/* may be absent */
	uint32_t flags;			/* FWA_CALLER_* */
};
#define FWA_CALLER_EXE_TRUNCATED    0x1u
#define FWA_CALLER_CGROUP_TRUNCATED 0x2u

/* The open file that a call came through. */
struct fwa_open {
	uint64_t key;	       /* same for every call through one open file, in one run */
	uint32_t descriptor;
	uint32_t flags;	       /* O_* of the open file */
	uint32_t opener_uid;   /* the credentials that opened it */
	uint32_t opener_gid;
};

struct fwa_genesis {
	struct fwa_bytes ledger_uuid;	    /* 16 bytes */
	uint32_t format_version;	    /* FWA_FORMAT_VERSION */
	struct fwa_bytes collector_version; /* ASCII */
	struct fwa_bytes enrolment_digest;  /* SHA-256 of the enrolment file */
};
#define FWA_FORMAT_VERSION 1u

/* How the collector was set up; its encoded map's SHA-256 is the configuration digest. */
struct fwa_configuration {
	struct fwa_bytes capture;  /* "tracepoint", "trampoline", "both" */
	struct fwa_bytes observe;  /* "all", "writes", "interval", "off" */
	uint64_t observe_interval; /* nanoseconds; 0: none */
	uint64_t ring_size;	   /* bytes */
	uint64_t checkpoint_records;
	uint64_t checkpoint_interval; /* nanoseconds */
	struct fwa_bytes on_loss;  /* "record", "deny" */
};

struct fwa_boot {
	struct fwa_bytes boot_id; /* 16 bytes, /proc/sys/kernel/random/boot_id */
	struct fwa_bytes kernel_release;
	struct fwa_bytes machine; /* uname -m */
	struct fwa_bytes collector_version;
	struct fwa_configuration configuration;
	uint32_t pid;
	uint64_t kernel_taint;
	struct fwa_bytes coverage; /* one sentence: which layers see what, and why not more */
};

struct fwa_device {
	struct fwa_bytes name; /* "fwctl0" */
	struct fwa_bytes path; /* "/dev/fwctl/fwctl0" */
	uint8_t state;	       /* enum fwa_device_state */
	bool simulated;	       /* watched by path, not of the fwctl class */
	uint64_t file_device;  /* st_rdev of a character device, else st_dev; major << 32 | minor */
	uint64_t file_inode;   /* 0 for a character device */
	bool has_device_type;
	uint32_t device_type;  /* FWCTL_INFO: 1 mlx5, 2 cxl, 3 bnxt, 4 pds */
	struct fwa_bytes info; /* FWCTL_INFO's device data */
	/* Each absent where it cannot be had. */
	struct fwa_bytes driver;
	struct fwa_bytes sysfs_path;
	struct fwa_bytes bus_address;
	bool has_vendor_id;
	uint32_t vendor_id;
	bool has_device_id;
	uint32_t device_id;
	struct fwa_bytes firmware_version;
	struct fwa_bytes serial;
	struct fwa_bytes mailbox_path; /* "/dev/cxl/mem0" */
};
enum fwa_device_state {
	FWA_DEVICE_PRESENT = 0,
	FWA_DEVICE_GONE = 1,
};

struct fwa_rpc {
	uint8_t transport;    /* enum fwa_transport */
	bool has_device;
	uint64_t device;      /* sequence of the device record */
	uint32_t command;     /* the ioctl request number */
	struct fwa_bytes structure_entry; /* the ioctl's structure, as far as `size` says; <= 128 */
	struct fwa_bytes structure_exit;  /* each absent where it could not be read */
	uint8_t structure_source; /* enum fwa_source; ABSENT exactly if both are absent */
	bool has_result;      /* false: had not returned when the collector stopped */
	int64_t result;	      /* return value, or negative errno */
	uint64_t entered, returned; /* returned is 0 without a result */
	struct fwa_caller caller;
	bool has_open;
	struct fwa_open open;
	struct fwa_payload_ref request;
	struct fwa_payload_ref response;
	bool own;	      /* the collector's own call */
	uint32_t layers;      /* FWA_LAYER_* */
	uint32_t cpu;	      /* cpu and number: the loss accounting's key, unique in a run */
	uint64_t number;      /* counts from 1 on each cpu in each run */
};

enum fwa_declaration_source {
	FWA_DECLARATION_CXL_CEL = 0,	  /* content: the Command Effects Log as read */
	FWA_DECLARATION_CXL_FEATURES = 1, /* content: 48 byte feature entries, one after another */
	/* 2 NVMe effects log, 3 driver table, 4 vendor manifest: reserved */
};

struct fwa_declaration {
	uint64_t device;
	uint8_t source;		 /* enum fwa_declaration_source */
	int64_t error;		 /* 0, or negative errno: it could not be read; content absent */
	struct fwa_bytes digest; /* SHA-256 of the content */
	struct fwa_bytes content;
	struct fwa_bytes firmware_version; /* when it was read; may be absent */
	bool has_supersedes;
	uint64_t supersedes;	 /* sequence of the declaration that this one replaces */
};

enum fwa_snapshot_reason {
	FWA_SNAPSHOT_BASELINE = 0, /* carries every item; nothing to compare with */
	FWA_SNAPSHOT_RPC = 1,
	FWA_SNAPSHOT_INTERVAL = 2,
	FWA_SNAPSHOT_RESET = 3,
	FWA_SNAPSHOT_STOP = 4,
};

enum fwa_item_status {
	FWA_ITEM_VALUE = 0,
	FWA_ITEM_UNREADABLE = 1, /* the read failed: `error` */
	FWA_ITEM_GONE = 2,	 /* was there in the previous snapshot, is not listed any more */
};

/* One observed key. In a baseline: its state. Otherwise: it changed since the previous snapshot. */
struct fwa_snapshot_item {
	struct fwa_bytes key;	/* ASCII: "cxl.feature.<uuid>.current", "cxl.lsa", ... see SPEC.md */
	uint32_t effects;	/* FWA_EFFECT_* that a change of this key is evidence of */
	bool is_volatile;	/* changes by itself: counters, clocks, temperatures */
	uint8_t status;		/* enum fwa_item_status */
	int64_t error;		/* negative errno when unreadable, else 0 */
	uint64_t length;	/* of the value */
	struct fwa_bytes digest;   /* SHA-256 of the value; present when status is VALUE */
	struct fwa_bytes value;	   /* when length <= FWA_SNAPSHOT_VALUE_MAX */
	bool has_previous;
	uint8_t previous_status;
	struct fwa_bytes previous_digest;
	struct fwa_bytes previous_value;
};

struct fwa_snapshot {
	uint64_t device;
	uint64_t number;	/* counts from 1 for each device in each run */
	bool has_previous;
	uint64_t previous;	/* sequence of this device's previous snapshot in this run */
	uint8_t reason;		/* enum fwa_snapshot_reason */
	uint64_t started, ended;
	uint32_t in_flight;	/* calls to any device that had entered and not returned at `ended` */
	uint32_t item_count;	/* keys in the whole state */
	uint32_t unreadable_count; /* of them, not readable */
	struct fwa_bytes state_digest; /* over the whole state: see SPEC.md */
	struct fwa_bytes items;	/* encoded CBOR array of items; walk it with fwa_snapshot_next */
};

enum fwa_kernel_event_type {
	FWA_KERNEL_EVENT_DEVICE_RESET = 0,
	FWA_KERNEL_EVENT_TAINT = 1,
	FWA_KERNEL_EVENT_UEVENT = 2,
};
enum fwa_reset_type {
	FWA_RESET_COLD = 0,
	FWA_RESET_CONVENTIONAL = 1,
	FWA_RESET_CXL = 2,
};

struct fwa_kernel_event {
	uint8_t type; /* enum fwa_kernel_event_type */
	bool has_device;
	uint64_t device;
	bool has_reset_type;
	uint8_t reset_type;	       /* enum fwa_reset_type */
	uint64_t not_before, not_after; /* CLOCK_BOOTTIME bounds of when it happened */
	struct fwa_bytes detail; /* one sentence; may be absent */
};

struct fwa_gap {
	uint32_t cpu;
	uint64_t first_number; /* of the calls lost */
	uint64_t count;
	bool has_after;
	uint64_t after;	       /* sequence of the last rpc record from this cpu before the gap */
	uint64_t not_before, not_after; /* CLOCK_BOOTTIME bounds */
	struct fwa_bytes reason;	/* one sentence */
};

enum fwa_checkpoint_reason {
	FWA_CHECKPOINT_START = 0,
	FWA_CHECKPOINT_COUNT = 1,
	FWA_CHECKPOINT_TIME = 2,
	FWA_CHECKPOINT_STOP = 3,
};

/* Counters run since the boot record `run`; issued = recorded + lost, always. */
struct fwa_checkpoint {
	uint64_t number; /* counts from 1 over the whole ledger */
	struct fwa_bytes previous_note_digest; /* SHA-256 of the previous note; absent in number 1 */
	uint8_t reason;	 /* enum fwa_checkpoint_reason */
	uint64_t run;	 /* sequence of this run's boot record */
	struct fwa_bytes boot_id;
	uint64_t issued, recorded, lost;
	uint32_t in_flight; /* entered, not returned yet; not among the issued */
	uint64_t truncated; /* payloads captured in part or not at all, among the recorded */
	struct fwa_bytes configuration_digest;
	struct fwa_bytes enrolment_digest;
};

struct fwa_shutdown {
	struct fwa_bytes reason; /* one sentence */
	uint64_t issued, recorded, lost;
};

struct fwa_record {
	uint8_t kind;	   /* enum fwa_record_kind */
	uint64_t sequence; /* leaf index */
	uint64_t time;	   /* CLOCK_REALTIME when the record was made */
	uint64_t boot_time; /* CLOCK_BOOTTIME, the same moment */
	union {
		struct fwa_genesis genesis;
		struct fwa_boot boot;
		struct fwa_device device;
		struct fwa_rpc rpc;
		struct fwa_declaration declaration;
		struct fwa_snapshot snapshot;
		struct fwa_kernel_event kernel_event;
		struct fwa_gap gap;
		struct fwa_checkpoint checkpoint;
		struct fwa_shutdown shutdown;
	};
};

/*
 * Encode `record` into `buffer`. `*ret_size` is the size of the encoding, also when it did not
 * fit, so that a caller can size a buffer with capacity 0.
 * Returns 0; -ENOSPC if it does not fit; -EINVAL if the record is not one that decodes
 * (a digest of the wrong size, an unknown kind, a counter that does not add up, ...); -E2BIG if
 * a byte string or the record is over its limit; -EIO if libcrypto cannot hash.
 * A member beside a false `has_` flag is not looked at.
 */
int fwa_record_encode(const struct fwa_record *record, uint8_t *buffer, size_t capacity,
		      size_t *ret_size);

/*
 * Decode the one accepted encoding of a record; the whole buffer has to be consumed. Nested
 * lists are checked too, so that walking them cannot fail. `*ret_record` is untouched on failure.
 * What a record says of other records (that a sequence number points to a device record, say)
 * is for the reader of the whole ledger to check.
 * Returns 0; -EBADMSG for anything but the deterministic encoding of a known record; -E2BIG if
 * a byte string, a list or the record is over its limit; -EIO if libcrypto cannot hash.
 */
int fwa_record_decode(const uint8_t *buffer, size_t size, struct fwa_record *ret_record);

/*
 * The same, and on failure `*ret_reason` is a constant phrase that says what is wrong, such as
 * "keys are not in ascending order", and `*ret_field` the name of the field, or NULL where it
 * is not about one. Both are untouched on success.
 */
int fwa_record_decode_because(const uint8_t *buffer, size_t size,
			      struct fwa_record *ret_record, const char **ret_reason,
			      const char **ret_field);

/* "rpc", "snapshot", ...; NULL for an unknown kind. */
const char *fwa_record_kind_name(uint8_t kind);

/* SHA-256 of the encoded configuration map. Returns 0 or -errno as fwa_record_encode. */
int fwa_configuration_digest(const struct fwa_configuration *configuration,
			     uint8_t ret_digest[FWA_DIGEST_SIZE]);

/*
 * Encode snapshot items into a CBOR array for fwa_snapshot.items. Items have to be in strictly
 * ascending byte order of their keys. Returns as fwa_record_encode.
 */
int fwa_snapshot_items_encode(const struct fwa_snapshot_item *items, size_t count,
			      uint8_t *buffer, size_t capacity, size_t *ret_size);

/*
 * The digest of a whole state: SHA-256 over the encoded [key, status, digest or error] of every
 * item, in order. `items` is the whole state, not what changed, in strictly ascending byte order
 * of keys, with none that is gone; of each, only those members are looked at.
 * Returns 0; -EINVAL for items that are not such; -ENOMEM; -EIO if libcrypto cannot hash.
 */
int fwa_snapshot_state_digest(const struct fwa_snapshot_item *items, size_t count,
			      uint8_t ret_digest[FWA_DIGEST_SIZE]);

/* Walk the items of a decoded snapshot. Start with a zeroed iterator. */
struct fwa_snapshot_iterator {
	size_t offset;
	size_t remaining;
	bool started;
};
/* True and the next item, or false at the end. */
bool fwa_snapshot_next(const struct fwa_snapshot *snapshot,
		       struct fwa_snapshot_iterator *iterator, struct fwa_snapshot_item *ret_item);

/*
 * Generic walk over every field of a record, in encoding order, for printers (text, JSON): they
 * need not know the kinds. `depth` 0 is the record itself, 1 a nested map. Byte strings say by
 * `type` how they are meant to be shown.
 */
enum fwa_field_type {
	FWA_FIELD_UINT,
	FWA_FIELD_INT,
	FWA_FIELD_BOOL,
	FWA_FIELD_TIME,	  /* uint, nanoseconds */
	FWA_FIELD_TEXT,	  /* bytes, usually printable, never to be trusted to be */
	FWA_FIELD_BINARY, /* bytes, to be shown in hex */
	FWA_FIELD_UUID,	  /* 16 bytes */
	FWA_FIELD_MAP,	  /* begins a nested map; its fields follow at depth + 1 */
	FWA_FIELD_ITEMS,  /* a list of maps, encoded */
};
struct fwa_field_value {
	const char *name; /* "entered", "exe_path", ... as in record.cddl */
	enum fwa_field_type type;
	unsigned depth;
	uint64_t number; /* UINT, BOOL, TIME; INT as two's complement */
	struct fwa_bytes bytes;
};
/* `visit` returns 0 to go on; anything else stops the walk and is returned. */
typedef int fwa_field_visit(const struct fwa_field_value *field, void *context);
int fwa_record_walk(const struct fwa_record *record, fwa_field_visit *visit, void *context);
/* The same over one item of a snapshot, at depth 0. */
int fwa_snapshot_item_walk(const struct fwa_snapshot_item *item, fwa_field_visit *visit,
			   void *context);

#endif
