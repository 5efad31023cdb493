/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the BPF programs put into the ring buffer and into their maps, for both sides.
 *
 * An event is a fixed structure and, after it, `header.length` bytes of data; an event may be
 * followed by padding. Byte order is the machine's, which has to be little endian. User space
 * decodes events byte by byte (collector/capture/decode.h) and trusts nothing in them.
 *
 * A call is one CALL event, written when the call returns. Payloads over FWA_EVENT_INLINE_MAX
 * come in CHUNK events before it, linked by `header.call`.
 */
#ifndef FWA_COLLECTOR_BPF_EVENT_H
#define FWA_COLLECTOR_BPF_EVENT_H

#include <stdint.h>

#define FWA_EVENT_STRUCTURE_MAX 128  /* bytes of an ioctl's structure */
#define FWA_EVENT_INLINE_MAX    1024 /* payload bytes inside a CALL event, each way */
#define FWA_EVENT_NAME_MAX      256  /* one path component and its NUL */
#define FWA_EVENT_EXE_MAX       4096
#define FWA_EVENT_CGROUP_MAX    2048
#define FWA_EVENT_COMM_SIZE     16

/* A payload is cut into chunks of this size; the last one may be shorter. */
#define FWA_EVENT_CHUNK_SHIFT 15
#define FWA_EVENT_CHUNK_SIZE  (1u << FWA_EVENT_CHUNK_SHIFT)
#define FWA_EVENT_CHUNKS_MAX  64u
#define FWA_EVENT_PAYLOAD_MAX (FWA_EVENT_CHUNKS_MAX * FWA_EVENT_CHUNK_SIZE) /* 2 MiB */

enum fwa_event_type {
	FWA_EVENT_CHUNK = 1,
	FWA_EVENT_CALL = 2,
};

enum fwa_event_direction {
	FWA_EVENT_REQUEST = 0,
	FWA_EVENT_RESPONSE = 1,
};

enum fwa_event_moment {
	FWA_EVENT_AT_ENTRY = 0,
	FWA_EVENT_AT_EXIT = 1,
};

struct fwa_event_header {
	uint32_t type;
	uint32_t length; /* of the data after the fixed structure */
	uint64_t call;   /* unique in a run: CPU and count of the entry */
};

struct fwa_event_chunk {
	struct fwa_event_header header;
	uint8_t direction;
	uint8_t moment;
	uint16_t index; /* begins at index * FWA_EVENT_CHUNK_SIZE */
	uint32_t total; /* length of the whole payload */
	uint8_t data[];
};

/* Numbers of enum fwa_watch_kind in collector/capture/call.h. */
#define FWA_EVENT_WATCH_FILE      0
#define FWA_EVENT_WATCH_CHARACTER 1
#define FWA_EVENT_WATCH_MAJOR     2

/* Key of the `watched` map. No padding: keys are compared as bytes. */
struct fwa_event_watch {
	uint32_t kind;
	uint32_t
		device; /* the kernel's dev_t, major << 20 | minor; MAJOR: the major alone */
	uint64_t inode; /* FILE only */
};

struct fwa_event_payload {
	uint32_t length;      /* as the structure claims */
	uint32_t inline_size; /* bytes in this event */
	uint32_t moment;      /* of the inline bytes */
	uint32_t reserved;
};

#define FWA_EVENT_HAS_RESULT       0x1u
#define FWA_EVENT_OWN              0x2u
#define FWA_EVENT_EXE_TRUNCATED    0x4u
#define FWA_EVENT_CGROUP_TRUNCATED 0x8u
#define FWA_EVENT_FLAGS_ALL        0xfu

/*
 * Data: executable's path, cgroup's path, inline request, inline response. A path is the names
 * of its components, each with its NUL, the last component first.
 */
struct fwa_event_call {
	struct fwa_event_header header;
	struct fwa_event_watch device;
	uint64_t number; /* on `cpu`, from 1 */
	uint64_t entered;
	uint64_t returned;
	int64_t result;
	uint64_t argument;
	uint64_t file; /* address of the open file */
	uint32_t cpu;
	uint32_t command;
	uint32_t flags;
	uint32_t descriptor;
	uint32_t file_flags;
	uint32_t opener_uid;
	uint32_t opener_gid;
	/* The caller. */
	uint32_t pid;
	uint32_t tid;
	uint32_t uid;
	uint32_t gid;
	uint32_t euid;
	uint32_t egid;
	uint32_t loginuid;
	uint32_t session_id;
	uint32_t exe_device;
	uint32_t mount_namespace;
	uint32_t pid_namespace;
	uint32_t namespace_pid;
	uint32_t parent_pid;
	uint64_t start_time;
	uint64_t parent_start_time;
	uint64_t exe_inode;
	uint64_t cgroup_id;
	uint64_t effective_capabilities;
	uint8_t comm[FWA_EVENT_COMM_SIZE];
	uint8_t parent_comm[FWA_EVENT_COMM_SIZE];
	/* Sizes of what is in the data and in the two arrays. */
	uint32_t exe_size;
	uint32_t cgroup_size;
	uint32_t structure_length; /* as it claims */
	uint16_t structure_entry_size;
	uint16_t structure_exit_size;
	struct fwa_event_payload request;
	struct fwa_event_payload response;
	uint8_t structure_entry[FWA_EVENT_STRUCTURE_MAX];
	uint8_t structure_exit[FWA_EVENT_STRUCTURE_MAX];
	uint8_t data[];
};

#define FWA_EVENT_CHUNK_FIXED 24u
#define FWA_EVENT_CALL_FIXED  536u
_Static_assert(sizeof(struct fwa_event_chunk) == FWA_EVENT_CHUNK_FIXED, "no padding");
_Static_assert(sizeof(struct fwa_event_call) == FWA_EVENT_CALL_FIXED, "no padding");

#define FWA_EVENT_CALL_DATA_MAX                                                          \
	(FWA_EVENT_EXE_MAX + FWA_EVENT_CGROUP_MAX + 2 * FWA_EVENT_INLINE_MAX)

/*
 * A chunk is written page by page when reading it in one go failed. The verifier wants room for
 * a whole page after every byte where one might begin.
 */
#define FWA_EVENT_PAGE     4096u
#define FWA_EVENT_SIZE_MAX (FWA_EVENT_CHUNK_FIXED + FWA_EVENT_CHUNK_SIZE + FWA_EVENT_PAGE)

/*
 * One for each CPU, in the `counters` map. Only that CPU's programs write it.
 * entered >= issued; a call in flight is entered and not issued.
 */
struct fwa_event_counters {
	uint64_t issued;  /* numbers given out, each before room was asked for */
	uint64_t lost;    /* of them, those for which there was none */
	uint64_t entered; /* calls on a watched file */
	uint64_t reserved[5];
};

/*
 * So many copies of each program are attached where the kernel can preempt a program: it then
 * skips that program, on that CPU, for everybody else until the preempted one goes on.
 */
#define FWA_EVENT_COPIES 4

/*
 * A call in flight, in the `in_flight` map under pid_tgid. User space reads it only at the end
 * of a run: `event` and `event.header.length` bytes of `data` are then a CALL event.
 */
struct fwa_event_in_flight {
	uint64_t request_address;
	uint64_t response_address;
	uint64_t retry; /* request chunks to be read again at exit, by index */
	uint32_t response_room;
	uint32_t retry_inline;
	struct fwa_event_call event; /* its flexible array is `data` */
};
#define FWA_EVENT_IN_FLIGHT_FIXED 568u
_Static_assert(sizeof(struct fwa_event_in_flight) == FWA_EVENT_IN_FLIGHT_FIXED,
	       "no padding");
#define FWA_EVENT_IN_FLIGHT_SIZE (FWA_EVENT_IN_FLIGHT_FIXED + FWA_EVENT_CALL_DATA_MAX)

#endif
