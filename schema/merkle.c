/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/merkle.h"

#include <errno.h>
#include <string.h>

#include "schema/hash.h"

static const uint8_t leaf_prefix = 0x00;
static const uint8_t node_prefix = 0x01;

int fwa_merkle_leaf_hash(const void *record, size_t size,
			 uint8_t ret_hash[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes parts[] = {{&leaf_prefix, 1}, {record, size}};

	return fwa_digest(parts, 2, ret_hash);
}

int fwa_merkle_node_hash(const uint8_t left[FWA_DIGEST_SIZE],
			 const uint8_t right[FWA_DIGEST_SIZE],
			 uint8_t ret_hash[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes parts[] = {
		{&node_prefix, 1}, {left, FWA_DIGEST_SIZE}, {right, FWA_DIGEST_SIZE}};

	return fwa_digest(parts, 3, ret_hash);
}

void fwa_merkle_range_init(struct fwa_merkle_range *range)
{
	memset(range, 0, sizeof(*range));
}

int fwa_merkle_range_append(struct fwa_merkle_range *range,
			    const uint8_t leaf_hash[FWA_DIGEST_SIZE])
{
	uint8_t hash[FWA_DIGEST_SIZE];
	unsigned count = range->count;
	int result;

	if (range->size >= FWA_MERKLE_SIZE_MAX)
		return -EOVERFLOW;
	memcpy(hash, leaf_hash, sizeof(hash));
	/* Each trailing one bit is a subtree as large as the one that was just completed. */
	for (uint64_t size = range->size; size & 1; size >>= 1) {
		result = fwa_merkle_node_hash(range->nodes[count - 1], hash, hash);
		if (result < 0)
			return result;
		count--;
	}
	memcpy(range->nodes[count], hash, sizeof(hash));
	range->count = count + 1;
	range->size++;
	return 0;
}

int fwa_merkle_range_root(const struct fwa_merkle_range *range,
			  uint8_t ret_root[FWA_DIGEST_SIZE])
{
	uint8_t hash[FWA_DIGEST_SIZE];
	int result;

	if (range->count == 0)
		return fwa_digest(NULL, 0, ret_root);
	memcpy(hash, range->nodes[range->count - 1], sizeof(hash));
	for (unsigned i = range->count - 1; i > 0; i--) {
		result = fwa_merkle_node_hash(range->nodes[i - 1], hash, hash);
		if (result < 0)
			return result;
	}
	memcpy(ret_root, hash, sizeof(hash));
	return 0;
}
