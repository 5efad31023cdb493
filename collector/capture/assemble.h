/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting calls together: the chunks of a payload come before the call that they belong to.
 * Pure, with bounded memory: what waits for a call that does not come is given up, the oldest
 * first. A call whose chunks were lost or given up is still a call, with less of its payload.
 */
#ifndef FWA_COLLECTOR_CAPTURE_ASSEMBLE_H
#define FWA_COLLECTOR_CAPTURE_ASSEMBLE_H

#include "collector/capture/decode.h"

struct fwa_assembly;

#define FWA_ASSEMBLY_SECRET_SIZE 32u

/*
 * `bytes_max` bounds the payload bytes that wait, but for those of the newest call. `secret`
 * hides the kernel's addresses in fwa_open.key: random, new in each run.
 * Returns NULL without memory.
 */
struct fwa_assembly *fwa_assembly_new(size_t bytes_max,
				      const uint8_t secret[FWA_ASSEMBLY_SECRET_SIZE]);

/* NULL is a no-op. */
void fwa_assembly_free(struct fwa_assembly *assembly);

/*
 * Keep a chunk of call `id` for its call. Cannot fail: a chunk for which there is no memory, or
 * that contradicts the chunks before it, is missing from its payload.
 */
void fwa_assembly_chunk(struct fwa_assembly *assembly, uint64_t id,
			const struct fwa_decoded_chunk *chunk);

/*
 * The whole call: paths, key and payloads. It borrows from `decoded` and from the assembly, until
 * the next call of any function here but this one. May be asked for again until it is released.
 * Returns 0; -EIO if libcrypto cannot compute the key. `*ret_call` is untouched on failure.
 */
int fwa_assembly_call(struct fwa_assembly *assembly, uint64_t id,
		      const struct fwa_decoded_call *decoded, struct fwa_call *ret_call);

/* Let go of what is kept for call `id`, if anything is. */
void fwa_assembly_release(struct fwa_assembly *assembly, uint64_t id);

/* Bytes that wait, and payloads given up so far for lack of room or memory. */
size_t fwa_assembly_pending_bytes(const struct fwa_assembly *assembly);
uint64_t fwa_assembly_given_up(const struct fwa_assembly *assembly);

#endif
