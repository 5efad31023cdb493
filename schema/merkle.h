/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree over a ledger's records, hashed as RFC 9162 section 2.1 says:
 *
 *     empty tree  SHA-256("")
 *     leaf        SHA-256(0x00 || record)
 *     node        SHA-256(0x01 || left || right)
 *
 * Nothing here stores a tree. A compact range grows a root from leaf hashes as they come, in
 * 2 KiB whatever the size; proofs are made from leaf hashes that a callback yields.
 *
 * Every hash is FWA_DIGEST_SIZE (32) bytes. Functions that hash return -EIO if libcrypto
 * failed, which means that memory ran out or that SHA-256 is not available.
 */
#ifndef FWA_SCHEMA_MERKLE_H
#define FWA_SCHEMA_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"

/* SQLite's row ids are signed: no ledger can hold more leaves. */
#define FWA_MERKLE_SIZE_MAX  ((uint64_t)INT64_MAX)
#define FWA_MERKLE_LEVELS    63u
#define FWA_MERKLE_PROOF_MAX (FWA_MERKLE_LEVELS + 1u)

/* SHA-256(0x00 || record). Returns 0 or -EIO. */
int fwa_merkle_leaf_hash(const void *record, size_t size,
			 uint8_t ret_hash[FWA_DIGEST_SIZE]);

/* SHA-256(0x01 || left || right). `ret_hash` may be either input. Returns 0 or -EIO. */
int fwa_merkle_node_hash(const uint8_t left[FWA_DIGEST_SIZE],
			 const uint8_t right[FWA_DIGEST_SIZE],
			 uint8_t ret_hash[FWA_DIGEST_SIZE]);

/*
 * The roots of the perfect subtrees that `size` leaves fall into, largest first: one for each
 * bit set in `size`. Zeroed, it is the empty tree. It may be copied by assignment (to try an
 * append and go back).
 */
struct fwa_merkle_range {
	uint64_t size;
	unsigned count;
	uint8_t nodes[FWA_MERKLE_LEVELS][FWA_DIGEST_SIZE];
};

/* Make it the empty tree. */
void fwa_merkle_range_init(struct fwa_merkle_range *range);

/*
 * Add the leaf with this leaf hash (not the record). The range is untouched on failure.
 * Returns 0; -EOVERFLOW at FWA_MERKLE_SIZE_MAX leaves; -EIO.
 */
int fwa_merkle_range_append(struct fwa_merkle_range *range,
			    const uint8_t leaf_hash[FWA_DIGEST_SIZE]);

/* The root over all leaves added so far. Returns 0 or -EIO. */
int fwa_merkle_range_root(const struct fwa_merkle_range *range,
			  uint8_t ret_root[FWA_DIGEST_SIZE]);

/* How many leaves were added so far. */
static inline uint64_t fwa_merkle_range_size(const struct fwa_merkle_range *range)
{
	return range->size;
}

/*
 * Yields the leaf hash of leaf `index`, counted from 0. Returns 0; anything else stops the proof
 * and is returned from the function that asked.
 */
typedef int fwa_merkle_leaf_fn(void *context, uint64_t index,
			       uint8_t ret_hash[FWA_DIGEST_SIZE]);

/* Proof nodes in the order of RFC 9162: from the leaf's side towards the root. */
struct fwa_merkle_proof {
	unsigned count;
	uint8_t nodes[FWA_MERKLE_PROOF_MAX][FWA_DIGEST_SIZE];
};

/*
 * The proof that leaf `index` is in the tree of the first `size` leaves (RFC 9162 2.1.3.1).
 * Asks for every leaf hash below `size` but the leaf's own, each once.
 * Returns 0; -EINVAL unless index < size <= FWA_MERKLE_SIZE_MAX; -EIO; what `leaf` returned.
 */
int fwa_merkle_inclusion_prove(uint64_t index, uint64_t size, fwa_merkle_leaf_fn *leaf,
			       void *context, struct fwa_merkle_proof *ret_proof);

/*
 * Check that proof (RFC 9162 2.1.3.2).
 * Returns 0 if it holds; -EBADMSG if not; -EINVAL unless index < size <= FWA_MERKLE_SIZE_MAX; -EIO.
 */
int fwa_merkle_inclusion_verify(uint64_t index, uint64_t size,
				const uint8_t leaf_hash[FWA_DIGEST_SIZE],
				const struct fwa_merkle_proof *proof,
				const uint8_t root[FWA_DIGEST_SIZE]);

/*
 * The proof that the tree of the first `old_size` leaves is a prefix of the tree of the first
 * `size` (RFC 9162 2.1.4.1). Empty when the sizes are equal, or when old_size is 0.
 * Returns 0; -EINVAL unless old_size <= size <= FWA_MERKLE_SIZE_MAX; -EIO; what `leaf` returned.
 */
int fwa_merkle_consistency_prove(uint64_t old_size, uint64_t size,
				 fwa_merkle_leaf_fn *leaf, void *context,
				 struct fwa_merkle_proof *ret_proof);

/*
 * Check that proof (RFC 9162 2.1.4.2). With equal sizes the roots have to be equal, with old_size 0
 * the old root has to be the empty tree's; the proof has to be empty for both.
 * Returns 0 if it holds; -EBADMSG if not; -EINVAL unless old_size <= size <= FWA_MERKLE_SIZE_MAX;
 * -EIO.
 */
int fwa_merkle_consistency_verify(uint64_t old_size, uint64_t size,
				  const uint8_t old_root[FWA_DIGEST_SIZE],
				  const uint8_t root[FWA_DIGEST_SIZE],
				  const struct fwa_merkle_proof *proof);

#endif
