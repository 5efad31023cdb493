/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding what the BPF programs wrote. Pure, and distrustful: every size is checked, so that
 * nothing that stands in the ring buffer can make the collector read or write out of bounds.
 */
#ifndef FWA_COLLECTOR_CAPTURE_DECODE_H
#define FWA_COLLECTOR_CAPTURE_DECODE_H

#include "collector/bpf/event.h"
#include "collector/capture/call.h"

struct fwa_decoded_chunk {
	enum fwa_event_direction direction;
	enum fwa_moment moment;
	uint32_t index;  /* below FWA_EVENT_CHUNKS_MAX */
	uint32_t offset; /* where its bytes begin in the payload */
	uint32_t total;  /* of the payload; offset + bytes.size <= total <= 2 MiB */
	/* A whole chunk, the payload's end, or less: as much as could be read. Never empty. */
	struct fwa_bytes bytes;
};

struct fwa_decoded_call {
	/* Complete but for: caller.exe_path, caller.cgroup_path, open.key. `captured` of a
	 * payload is what came within this event. */
	struct fwa_call call;
	uint64_t file;                /* the kernel's address of the open file */
	struct fwa_bytes exe, cgroup; /* names, see path.h; valid */
	bool exe_known, cgroup_known;
};

struct fwa_event {
	enum fwa_event_type type;
	uint64_t call; /* links chunks with their call */
	union {
		struct fwa_decoded_chunk chunk;
		struct fwa_decoded_call decoded;
	};
};

/*
 * Decode one event; what it borrows, it borrows from `data`. `*ret_event` is untouched on
 * failure. Returns 0; -EBADMSG for anything that the programs never write.
 */
int fwa_event_decode(const uint8_t *data, size_t size, struct fwa_event *ret_event);

/* Where the number stands in a CALL event, for the events that user space completes. */
#define FWA_EVENT_NUMBER_OFFSET offsetof(struct fwa_event_call, number)

#endif
