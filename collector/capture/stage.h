/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of events in memory that was set aside beforehand, so that taking an event out of the
 * ring buffer cannot fail; what then happens to it may.
 */
#ifndef FWA_COLLECTOR_CAPTURE_STAGE_H
#define FWA_COLLECTOR_CAPTURE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

struct fwa_stage;

/* Room for at least one event of `event_max` bytes. Returns NULL without memory. */
struct fwa_stage *fwa_stage_new(size_t capacity, size_t event_max);

/* NULL is a no-op. */
void fwa_stage_free(struct fwa_stage *stage);

/* True if an event of `event_max` bytes fits, now. */
bool fwa_stage_has_room(const struct fwa_stage *stage);

/*
 * Append a copy. Needs has_room to be true. An event over `event_max` is cut to it: no program
 * writes one, and what was cut does not decode.
 */
void fwa_stage_put(struct fwa_stage *stage, const void *data, size_t size);

/* The oldest event, 8 byte aligned, until it is popped; data NULL if there is none. */
struct fwa_bytes fwa_stage_front(const struct fwa_stage *stage);

void fwa_stage_pop(struct fwa_stage *stage);

#endif
