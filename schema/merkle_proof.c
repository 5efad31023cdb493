/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs are made from the root downwards, because that is where a subtree's bounds are known,
 * and turned round at the end: RFC 9162 lists them from the leaf upwards.
 */
#include "schema/merkle.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Where leaf hashes come from. */
struct leaves {
	fwa_merkle_leaf_fn *leaf;
	void *context;
};

/* The largest power of two below `size`; size is at least 2. */
static uint64_t split(uint64_t size)
{
	return (uint64_t)1 << (63 - __builtin_clzll(size - 1));
}

/* Add the root over leaves [first, end) to the proof. */
static int push_root(struct fwa_merkle_proof *proof, const struct leaves *leaves,
		     uint64_t first, uint64_t end)
{
	struct fwa_merkle_range range;
	uint8_t hash[FWA_DIGEST_SIZE];
	int result;

	fwa_merkle_range_init(&range);
	for (uint64_t i = first; i < end; i++) {
		result = leaves->leaf(leaves->context, i, hash);
		if (result == 0)
			result = fwa_merkle_range_append(&range, hash);
		if (result)
			return result;
	}
	result = fwa_merkle_range_root(&range, proof->nodes[proof->count]);
	if (result == 0)
		proof->count++;
	return result;
}

static void finish(const struct fwa_merkle_proof *proof,
		   struct fwa_merkle_proof *ret_proof)
{
	memset(ret_proof, 0, sizeof(*ret_proof));
	for (unsigned i = 0; i < proof->count; i++)
		memcpy(ret_proof->nodes[i], proof->nodes[proof->count - 1 - i],
		       FWA_DIGEST_SIZE);
	ret_proof->count = proof->count;
}

int fwa_merkle_inclusion_prove(uint64_t index, uint64_t size, fwa_merkle_leaf_fn *leaf,
			       void *context, struct fwa_merkle_proof *ret_proof)
{
	const struct leaves leaves = {leaf, context};
	struct fwa_merkle_proof proof = {.count = 0};
	uint64_t first = 0, end = size;
	int result;

	if (index >= size || size > FWA_MERKLE_SIZE_MAX)
		return -EINVAL;
	while (end - first > 1) {
		uint64_t middle = first + split(end - first);

		if (index < middle) {
			result = push_root(&proof, &leaves, middle, end);
			end = middle;
		} else {
			result = push_root(&proof, &leaves, first, middle);
			first = middle;
		}
		if (result)
			return result;
	}
	finish(&proof, ret_proof);
	return 0;
}

int fwa_merkle_consistency_prove(uint64_t old_size, uint64_t size,
				 fwa_merkle_leaf_fn *leaf, void *context,
				 struct fwa_merkle_proof *ret_proof)
{
	const struct leaves leaves = {leaf, context};
	struct fwa_merkle_proof proof = {.count = 0};
	uint64_t first = 0, end = size;
	int result = 0;

	if (old_size > size || size > FWA_MERKLE_SIZE_MAX)
		return -EINVAL;
	while (old_size > 0 && old_size < end) {
		uint64_t middle = first + split(end - first);

		if (old_size <= middle) {
			result = push_root(&proof, &leaves, middle, end);
			end = middle;
		} else {
			result = push_root(&proof, &leaves, first, middle);
			first = middle;
		}
		if (result)
			return result;
	}
	/* The old tree's last subtree, unless it is the whole old tree: that root is known. */
	if (first > 0)
		result = push_root(&proof, &leaves, first, end);
	if (result)
		return result;
	finish(&proof, ret_proof);
	return 0;
}

static bool same(const uint8_t *one, const uint8_t *other)
{
	return memcmp(one, other, FWA_DIGEST_SIZE) == 0;
}

/*
 * The two walks of RFC 9162 2.1.3.2 and 2.1.4.2 climb alike. `node` is the position on the level
 * that the walk has reached, `last` the last position on it.
 */
struct climb {
	uint64_t node, last;
};

/* True if the next proof node stands to the left; the climb then goes on to where it joins. */
static bool joins_left(struct climb *climb)
{
	if (!(climb->node & 1) && climb->node != climb->last)
		return false;
	while (!(climb->node & 1) && climb->node != 0) {
		climb->node >>= 1;
		climb->last >>= 1;
	}
	return true;
}

static void rise(struct climb *climb)
{
	climb->node >>= 1;
	climb->last >>= 1;
}

int fwa_merkle_inclusion_verify(uint64_t index, uint64_t size,
				const uint8_t leaf_hash[FWA_DIGEST_SIZE],
				const struct fwa_merkle_proof *proof,
				const uint8_t root[FWA_DIGEST_SIZE])
{
	struct climb climb = {index, size - 1};
	uint8_t hash[FWA_DIGEST_SIZE];
	int result;

	if (index >= size || size > FWA_MERKLE_SIZE_MAX)
		return -EINVAL;
	if (proof->count > FWA_MERKLE_PROOF_MAX)
		return -EBADMSG;
	memcpy(hash, leaf_hash, sizeof(hash));
	for (unsigned i = 0; i < proof->count; i++) {
		if (climb.last == 0)
			return -EBADMSG;
		if (joins_left(&climb))
			result = fwa_merkle_node_hash(proof->nodes[i], hash, hash);
		else
			result = fwa_merkle_node_hash(hash, proof->nodes[i], hash);
		if (result < 0)
			return result;
		rise(&climb);
	}
	return climb.last == 0 && same(hash, root) ? 0 : -EBADMSG;
}

/* Both roots at once, over a proof that begins with a subtree of the old tree. */
static int climb_both(struct climb climb, const uint8_t *start,
		      const uint8_t (*nodes)[FWA_DIGEST_SIZE], unsigned count,
		      const uint8_t *old_root, const uint8_t *root)
{
	uint8_t old_hash[FWA_DIGEST_SIZE], hash[FWA_DIGEST_SIZE];
	int result;

	memcpy(old_hash, start, sizeof(old_hash));
	memcpy(hash, start, sizeof(hash));
	for (unsigned i = 0; i < count; i++) {
		if (climb.last == 0)
			return -EBADMSG;
		if (joins_left(&climb)) {
			result = fwa_merkle_node_hash(nodes[i], old_hash, old_hash);
			if (result == 0)
				result = fwa_merkle_node_hash(nodes[i], hash, hash);
		} else {
			result = fwa_merkle_node_hash(hash, nodes[i], hash);
		}
		if (result < 0)
			return result;
		rise(&climb);
	}
	return climb.last == 0 && same(old_hash, old_root) && same(hash, root) ? 0
									       : -EBADMSG;
}

int fwa_merkle_consistency_verify(uint64_t old_size, uint64_t size,
				  const uint8_t old_root[FWA_DIGEST_SIZE],
				  const uint8_t root[FWA_DIGEST_SIZE],
				  const struct fwa_merkle_proof *proof)
{
	struct climb climb = {old_size - 1, size - 1};
	struct fwa_merkle_range empty;
	uint8_t empty_root[FWA_DIGEST_SIZE];
	int result;

	if (old_size > size || size > FWA_MERKLE_SIZE_MAX)
		return -EINVAL;
	if (proof->count > FWA_MERKLE_PROOF_MAX)
		return -EBADMSG;
	if (old_size == size)
		return proof->count == 0 && same(old_root, root) ? 0 : -EBADMSG;
	if (old_size == 0) {
		fwa_merkle_range_init(&empty);
		result = fwa_merkle_range_root(&empty, empty_root);
		if (result < 0)
			return result;
		return proof->count == 0 && same(old_root, empty_root) ? 0 : -EBADMSG;
	}
	if (proof->count == 0)
		return -EBADMSG;
	while (climb.node & 1)
		rise(&climb);
	/* A perfect old tree is a subtree of the new one; the proof leaves its root out. */
	if ((old_size & (old_size - 1)) == 0)
		return climb_both(climb, old_root, proof->nodes, proof->count, old_root,
				  root);
	return climb_both(climb, proof->nodes[0], proof->nodes + 1, proof->count - 1,
			  old_root, root);
}
