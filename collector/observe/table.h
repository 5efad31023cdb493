/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observers: what a device can be asked about its own state. An observer is one entry of a
 * table; adding one is adding a file and a line.
 *
 * Observers read, they never write, and everything that they read is hostile: sizes and counts
 * are bounded before anything is allocated or looped over.
 */
#ifndef FWA_COLLECTOR_OBSERVE_TABLE_H
#define FWA_COLLECTOR_OBSERVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/device/access.h"
#include "collector/observe/state.h"
#include "schema/record.h"

/* Bounds on what is believed of a device. */
/* Features: with as many, and four keys of each, a snapshot still fits FWA_RECORD_SIZE_MAX. */
#define FWA_CXL_FEATURES_MAX 384u
#define FWA_CXL_LSA_MAX      (1024u * 1024u)
#define FWA_CXL_CEL_MAX      (65536u * 4u) /* one entry for each opcode that there can be */
#define FWA_CXL_LOGS_MAX                                                                 \
	(256u * 1024u) /* of all other logs together: read at each look */

/* What a device declares of its commands, as one read found it. */
struct fwa_declared {
	bool present;     /* somebody tried to read it */
	int error;        /* 0, or negative errno: there is no content */
	uint8_t *content; /* owned */
	size_t size;
};
#define FWA_DECLARED_COUNT 2u /* by enum fwa_declaration_source */

/* One look at one device. */
struct fwa_observation {
	const struct fwa_device_access *access;
	const struct fwa_state *previous; /* the look before; NULL if there was none */
	struct fwa_state *state;          /* what is seen goes here */
	struct fwa_declared declared[FWA_DECLARED_COUNT];
	/* Largest piece that this mailbox was seen to give; 0: not known yet. Kept between looks. */
	uint32_t piece;
};

/* A key that changes by itself on an honest device, and why. */
struct fwa_volatile_key {
	const char *key;
	const char *reason;
};

struct fwa_observer {
	const char *name;
	bool (*applies)(uint32_t device_type);
	/*
	 * Look at everything. What cannot be read is put as unreadable, and is no failure.
	 * Returns 0, or negative errno if the look itself failed (no memory).
	 */
	int (*snapshot)(struct fwa_observation *observation);
	const struct fwa_volatile_key
		*volatile_keys; /* ends with a NULL key; NULL: none */
};

extern const struct fwa_observer fwa_cxl_features_observer;
extern const struct fwa_observer fwa_cxl_mailbox_observer;

/* The built-in observers; NULL past the last. */
const struct fwa_observer *fwa_observer_at(size_t index);

/*
 * Look with every observer that applies to `device_type`. On success `observation->state` is the
 * new state, to be freed by the caller, as are the declarations (fwa_declared_clear).
 * `observation->access`, `previous` and `piece` are the caller's to set.
 * Returns 0 or negative errno; nothing is left to free on failure.
 */
int fwa_observe(struct fwa_observation *observation, uint32_t device_type);

/* Take over `content` (may be NULL when `error` is not 0). */
void fwa_declared_set(struct fwa_declared *declared, int error, uint8_t *content,
		      size_t size);
void fwa_declared_clear(struct fwa_declared declared[FWA_DECLARED_COUNT]);

/* Put a value, volatile if the observer says that its key is. Returns as fwa_state_put. */
int fwa_observed(struct fwa_observation *observation, const struct fwa_observer *observer,
		 const char *key, uint32_t effects, const uint8_t *value, size_t size);

/* The same for a key that could not be read. */
int fwa_unobserved(struct fwa_observation *observation,
		   const struct fwa_observer *observer, const char *key, uint32_t effects,
		   int error);

#endif
