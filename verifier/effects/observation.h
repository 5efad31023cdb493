/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was observed: the keys of a snapshot, which effect classes a change of each is evidence
 * of, and whether a declaration covers that change. Pure.
 */
#ifndef FWA_VERIFIER_EFFECTS_OBSERVATION_H
#define FWA_VERIFIER_EFFECTS_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"
#include "verifier/effects/command.h"
#include "verifier/effects/declaration.h"

enum fwa_key_family {
	FWA_KEY_FEATURE_CURRENT,
	FWA_KEY_FEATURE_DEFAULT,
	FWA_KEY_FEATURE_SAVED,
	FWA_KEY_FEATURE_ENTRY,
	FWA_KEY_CONFIGURATION, /* Identify, partition info */
	FWA_KEY_FIRMWARE,
	FWA_KEY_DATA,
	FWA_KEY_POLICY,
	FWA_KEY_LOG,
	FWA_KEY_OTHER, /* not known to this version: the record says what it is evidence of */
};

/* What a key stands for. */
struct fwa_key {
	enum fwa_key_family family;
	uint8_t feature[FWA_UUID_SIZE]; /* of the feature families */
	uint32_t classes;               /* what a change of it is evidence of */
};

#define FWA_KEY_SIZE_MAX 255u

/* `effects` are the record's own word for it, used for keys that are not known here. */
void fwa_key_parse(struct fwa_bytes key, uint32_t effects, struct fwa_key *ret_key);
/* True for the families that belong to one feature. */
bool fwa_key_of_feature(const struct fwa_key *key);

/* A state of a key. */
struct fwa_value {
	uint8_t status; /* enum fwa_item_status; FWA_ITEM_GONE also for one never seen */
	uint8_t digest[FWA_DIGEST_SIZE]; /* status VALUE */
};

/* A change of a key between two snapshots. */
struct fwa_change {
	char name[FWA_KEY_SIZE_MAX + 1]; /* the key, printable */
	struct fwa_key key;
	struct fwa_value before, after;
	/* A saved value that is now what its feature's current value is (or may be: the two are
	 * not read at once), so that saving it is a part of an immediate change and not a deferred
	 * one of its own. */
	bool saved_is_current;
};

/*
 * Does what `command` declares cover `change`? The rule:
 *
 * A change is covered if the declared classes meet the classes that the changed state is
 * evidence of. But a feature's value belongs to that feature, and its own entry says when
 * setting it takes effect: so a declaration by the entry of the feature that was set covers
 * that feature's values and whatever state belongs to no feature, never another feature's.
 * Any immediate class that the entry declares covers a change of that feature's own current
 * value: of which kind the value is, only its vendor knows.
 * A command that is declared by the Command Effects Log has no target that its declaration
 * would speak of; there the classes alone decide.
 */
bool fwa_change_covered(const struct fwa_change *change,
			const struct fwa_command *command,
			const struct fwa_declared_effects *declared);

/* The state of every key of a device, as last observed. */
struct fwa_state;

struct fwa_state *fwa_state_new(void); /* NULL: out of memory */
void fwa_state_free(struct fwa_state *state);
/* Forget everything. */
void fwa_state_clear(struct fwa_state *state);
/* Returns 0, -ENOMEM, or -E2BIG over FWA_STATE_KEYS_MAX keys. */
int fwa_state_put(struct fwa_state *state, struct fwa_bytes name,
		  const struct fwa_key *key, bool is_volatile,
		  const struct fwa_value *value);
#define FWA_STATE_KEYS_MAX 16384u
/* The value of that feature's key; status FWA_ITEM_GONE if there is none. */
struct fwa_value fwa_state_feature(const struct fwa_state *state,
				   const uint8_t feature[FWA_UUID_SIZE],
				   enum fwa_key_family family);
/* The last value that was ever read under this key, also if it is unreadable now. */
bool fwa_state_last_value(const struct fwa_state *state, struct fwa_bytes name,
			  uint8_t ret_digest[FWA_DIGEST_SIZE]);
/* Classes that a readable key is evidence of. */
uint32_t fwa_state_observable(const struct fwa_state *state);
/* Keys that are there and cannot be read; the names of the first `capacity` in `ret_names`. */
size_t fwa_state_unreadable(const struct fwa_state *state, const char **ret_names,
			    size_t capacity);
size_t fwa_state_count(const struct fwa_state *state);

/* True if both are values, and equal. */
bool fwa_value_equal(const struct fwa_value *a, const struct fwa_value *b);

#endif
