/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as the BPF programs see them: walked from the file to the root, so the last component
 * comes first. Pure.
 */
#ifndef FWA_COLLECTOR_CAPTURE_PATH_H
#define FWA_COLLECTOR_CAPTURE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

/* True if `names` is a list of names, each with its NUL; an empty list is one. */
bool fwa_path_is_valid(struct fwa_bytes names);

/*
 * Join valid `names` into "/first/.../last" in `buffer`, which has to hold names.size + 1 bytes
 * (no NUL is written). No names are "/". If the walk was `truncated`, the root was not reached,
 * and the path begins without a slash, in its middle.
 * Returns the path's size.
 */
size_t fwa_path_join(struct fwa_bytes names, bool truncated, uint8_t *buffer);

#endif
