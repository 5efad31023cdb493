/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's state as observers saw it: a set of items with unique keys, in the order of their
 * keys. Pure. A key that could not be read is an item that says so, never a missing one.
 */
#ifndef FWA_COLLECTOR_OBSERVE_STATE_H
#define FWA_COLLECTOR_OBSERVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"

struct fwa_state;

#define FWA_STATE_KEY_MAX 96u /* bytes of a key */

/* NULL when out of memory. Freed with fwa_state_free(); NULL is fine. */
struct fwa_state *fwa_state_new(void);
void fwa_state_free(struct fwa_state *state);

/*
 * Put an item. The value is copied if it is short enough to be recorded, and hashed in any
 * case. Returns 0; -EEXIST if the key is there already (it stays as it was); -E2BIG over
 * FWA_LIST_ITEMS_MAX items; -EINVAL for an empty or too long key; -ENOMEM; -EIO (no SHA-256).
 */
int fwa_state_put(struct fwa_state *state, const char *key, uint32_t effects,
		  bool is_volatile, const uint8_t *value, size_t size);

/* The same for a key whose value could not be read: `error` is a negative errno. */
int fwa_state_put_unreadable(struct fwa_state *state, const char *key, uint32_t effects,
			     bool is_volatile, int error);

/*
 * A list could not be read, so that nobody knows which keys under it there are: every key of
 * `previous` that begins with `prefix` and is not in `state` becomes unreadable in it, for
 * `error`. Without this a failed read would look as if keys had gone. `previous` may be NULL.
 */
int fwa_state_carry(struct fwa_state *state, const struct fwa_state *previous,
		    const char *prefix, int error);

/* The items in ascending order of their keys, borrowed. `*ret_count` may be NULL. */
const struct fwa_snapshot_item *fwa_state_items(const struct fwa_state *state,
						size_t *ret_count);

/* The item with this key, borrowed; NULL if there is none. */
const struct fwa_snapshot_item *fwa_state_find(const struct fwa_state *state,
					       const char *key);

/* Change the effects that a change of this key is evidence of. No such key: nothing done. */
void fwa_state_set_effects(struct fwa_state *state, const char *key, uint32_t effects);

/* How many items are unreadable. */
uint32_t fwa_state_unreadable(const struct fwa_state *state);

/*
 * What changed from `previous` to `current`, in ascending order of keys: items of `current` that
 * are new or whose status, error or value differ, and items of `previous` that are not there any
 * more (status gone). Each carries what it was before. With `previous` NULL: every item.
 *
 * The list is to be freed with free(); what its items point to is borrowed from both states.
 * Returns 0 or -ENOMEM.
 */
int fwa_state_diff(const struct fwa_state *previous, const struct fwa_state *current,
		   struct fwa_snapshot_item **ret_items, size_t *ret_count);

#endif
