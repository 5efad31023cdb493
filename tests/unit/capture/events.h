/* SPDX-License-Identifier: Apache-2.0 */
/* Events as the BPF programs write them, made by hand. */
#ifndef FWA_TESTS_CAPTURE_EVENTS_H
#define FWA_TESTS_CAPTURE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "collector/bpf/event.h"

/* A CALL event; its data is exe, cgroup, request and response one after another. */
union call_event {
	struct fwa_event_call fixed;
	uint8_t bytes[FWA_EVENT_CALL_FIXED + FWA_EVENT_CALL_DATA_MAX];
};

union chunk_event {
	struct fwa_event_chunk fixed;
	uint8_t bytes[FWA_EVENT_CHUNK_FIXED + FWA_EVENT_CHUNK_SIZE];
};

/* A valid call with every member another value, an exe, a cgroup and two small payloads. */
void event_call(union call_event *ret_event);

/* Its whole size. */
size_t event_call_size(const union call_event *event);

/* A valid chunk of `size` bytes, each (index + i) & 0xff. */
void event_chunk(union chunk_event *ret_event, uint64_t call, uint8_t direction,
		 uint16_t index, uint32_t size, uint32_t total);

#endif
