/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger told record by record, straight into the engine: times in whole ticks, features by a
 * small number, values by a byte.
 */
#ifndef FWA_TESTS_EFFECTS_STORY_H
#define FWA_TESTS_EFFECTS_STORY_H

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/effects.h"

struct story;

/* A boot and a CXL device "fwctl0"; the clock stands at 0. */
struct story *story_begin(void);
void story_end(struct story *story);

/* Another run of the collector; `other_boot`: the machine was started anew, too. The device is
 * recorded again, its declarations are not. */
void story_run(struct story *story, bool other_boot);
/* A second device "fwctl1": calls and snapshots go to it until story_use(story, 0). */
void story_use(struct story *story, unsigned device);

/* Declarations, recorded at `time`. Pairs of opcode and effects, ended by 0. */
uint64_t story_cel(struct story *story, uint64_t time, ...);
/* Triples of feature number, effects and flags, ended by 0. */
uint64_t story_features(struct story *story, uint64_t time, ...);
/* Any content, or NULL: it could not be read. */
uint64_t story_declare(struct story *story, uint64_t time, uint8_t source,
		       const uint8_t *content, size_t size);

/* What a call was. Zeros: executed, by somebody, with scope 0. */
struct call {
	uint16_t opcode;
	unsigned feature; /* Get Feature, Set Feature */
	uint8_t value;    /* Set Feature: four times this byte */
	uint32_t flags;   /* Set Feature */
	uint32_t scope;
	uint64_t entered, returned; /* returned 0: it had not */
	int64_t result;
	uint32_t retval;
	bool own;
	bool no_request, no_response;
	uint32_t ioctl; /* 0: FWCTL_RPC */
};
uint64_t story_call(struct story *story, struct call call);
/* Set Feature at scope 3. */
uint64_t story_set(struct story *story, unsigned feature, uint8_t value, uint64_t entered,
		   uint64_t returned);

/* The device's state: keys as in a snapshot, "f1.current" for a feature's. */
void story_state(struct story *story, const char *key, uint8_t value);
void story_unreadable(struct story *story, const char *key);
void story_gone(struct story *story, const char *key);
/* A key that changes by itself. */
void story_volatile(struct story *story, const char *key);

/* A snapshot of the state: a baseline if it is the first of the run. */
uint64_t story_look(struct story *story, uint64_t started, uint64_t ended);
uint64_t story_look_in_flight(struct story *story, uint64_t started, uint64_t ended,
			      uint32_t in_flight);

uint64_t story_reset(struct story *story, uint8_t type, uint64_t not_before,
		     uint64_t not_after);
uint64_t story_gap(struct story *story, uint64_t count, uint64_t not_before,
		   uint64_t not_after);
/* `in_flight`: calls that have entered and not returned. */
void story_checkpoint(struct story *story, uint32_t in_flight);
/* A clean stop: whatever was in flight has been recorded. */
void story_shutdown(struct story *story);

/* The end of the ledger. Ids in the order of the report, separated by spaces. */
const char *story_ids(struct story *story);
/* After story_ids. */
const struct fwa_findings *story_findings(struct story *story);
enum fwa_verdict story_verdict(struct story *story, uint64_t sequence);
const char *story_reason(struct story *story, uint64_t sequence);
const struct fwa_effects_summary *story_summary(struct story *story);

/* The key of a feature's value: "f1.current" in full. Borrowed until the next call. */
const char *story_key(const char *key);

#endif
