/* SPDX-License-Identifier: Apache-2.0 */
/* Trees and proofs, against known values and against the definition itself, spelt out naively. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/hash.h"
#include "schema/merkle.h"
#include "schema/text.h"
#include "tests/unit/schema/trust_vectors.h"

#define SIZES 131u

/* Leaf i is the single byte i. */
static uint8_t leaves[SIZES][FWA_DIGEST_SIZE];

static int make_leaves(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIZES; i++) {
		uint8_t record = (uint8_t)i;

		if (fwa_merkle_leaf_hash(&record, 1, leaves[i]))
			return -1;
	}
	return 0;
}

/* MTH(D[first:end]) of RFC 9162 2.1.1, as the definition reads. */
static void naive_root(unsigned first, unsigned end, uint8_t *ret_root)
{
	uint8_t nodes[1 + 2 * FWA_DIGEST_SIZE] = {0x01};
	const struct fwa_bytes part = {nodes, sizeof(nodes)};
	unsigned k = 1;

	if (first == end) {
		assert_int_equal(fwa_digest(NULL, 0, ret_root), 0);
		return;
	}
	if (end - first == 1) {
		memcpy(ret_root, leaves[first], FWA_DIGEST_SIZE);
		return;
	}
	while (2 * k < end - first)
		k *= 2;
	naive_root(first, first + k, nodes + 1);
	naive_root(first + k, end, nodes + 1 + FWA_DIGEST_SIZE);
	assert_int_equal(fwa_digest(&part, 1, ret_root), 0);
}

/* PATH(m, D[first:end]) of 2.1.3.1; m counts from `first`. */
static void naive_path(unsigned m, unsigned first, unsigned end,
		       struct fwa_merkle_proof *proof)
{
	unsigned k = 1;

	if (end - first == 1)
		return;
	while (2 * k < end - first)
		k *= 2;
	if (m < k) {
		naive_path(m, first, first + k, proof);
		naive_root(first + k, end, proof->nodes[proof->count++]);
	} else {
		naive_path(m - k, first + k, end, proof);
		naive_root(first, first + k, proof->nodes[proof->count++]);
	}
}

/* SUBPROOF(m, D[first:end], b) of 2.1.4.1. */
static void naive_subproof(unsigned m, unsigned first, unsigned end, bool b,
			   struct fwa_merkle_proof *proof)
{
	unsigned k = 1;

	if (m == end - first) {
		if (!b)
			naive_root(first, end, proof->nodes[proof->count++]);
		return;
	}
	while (2 * k < end - first)
		k *= 2;
	if (m <= k) {
		naive_subproof(m, first, first + k, b, proof);
		naive_root(first + k, end, proof->nodes[proof->count++]);
	} else {
		naive_subproof(m - k, first + k, end, false, proof);
		naive_root(first, first + k, proof->nodes[proof->count++]);
	}
}

struct asked {
	unsigned calls;
	uint64_t stop_at; /* the leaf whose hash cannot be had */
};

static int leaf(void *context, uint64_t index, uint8_t ret_hash[FWA_DIGEST_SIZE])
{
	struct asked *asked = context;

	asked->calls++;
	if (index == asked->stop_at)
		return -ENODATA;
	assert_true(index < SIZES);
	memcpy(ret_hash, leaves[index], FWA_DIGEST_SIZE);
	return 0;
}

static void assert_same_proof(const struct fwa_merkle_proof *proof,
			      const struct fwa_merkle_proof *naive)
{
	assert_int_equal(proof->count, naive->count);
	assert_memory_equal(proof->nodes, naive->nodes, naive->count * FWA_DIGEST_SIZE);
}

/* The eight leaves and roots of Certificate Transparency's reference tests. */
static void known_roots(void **state)
{
	static const char *const records[] = {"",
					      "00",
					      "10",
					      "2021",
					      "3031",
					      "40414243",
					      "5051525354555657",
					      "606162636465666768696a6b6c6d6e6f"};
	static const char *const roots[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	struct fwa_merkle_range range;
	uint8_t hash[FWA_DIGEST_SIZE];
	char text[2 * FWA_DIGEST_SIZE + 1];

	(void)state;
	fwa_merkle_range_init(&range);
	for (size_t i = 0;; i++) {
		struct fwa_bytes record;

		assert_int_equal(fwa_merkle_range_root(&range, hash), 0);
		fwa_hex_encode(hash, sizeof(hash), text);
		assert_string_equal(text, roots[i]);
		if (i == 8)
			break;
		record = trust_hex(records[i]);
		assert_int_equal(fwa_merkle_leaf_hash(record.data, record.size, hash), 0);
		assert_int_equal(fwa_merkle_range_append(&range, hash), 0);
		assert_int_equal(fwa_merkle_range_size(&range), i + 1);
		free((void *)record.data);
	}
}

static void range_agrees_with_the_definition(void **state)
{
	struct fwa_merkle_range range;
	uint8_t root[FWA_DIGEST_SIZE], naive[FWA_DIGEST_SIZE];

	(void)state;
	fwa_merkle_range_init(&range);
	for (unsigned size = 0; size < SIZES; size++) {
		naive_root(0, size, naive);
		assert_int_equal(fwa_merkle_range_root(&range, root), 0);
		assert_memory_equal(root, naive, sizeof(root));
		assert_int_equal(range.count, __builtin_popcount(size));
		assert_int_equal(fwa_merkle_range_append(&range, leaves[size]), 0);
	}
}

static void range_of_the_largest_size_is_full(void **state)
{
	struct fwa_merkle_range range = {.size = FWA_MERKLE_SIZE_MAX, .count = 63},
				before = range;

	(void)state;
	assert_int_equal(fwa_merkle_range_append(&range, leaves[0]), -EOVERFLOW);
	assert_memory_equal(&range, &before, sizeof(range));
}

static void inclusion_of_every_leaf(void **state)
{
	(void)state;
	for (unsigned size = 1; size < SIZES; size++) {
		uint8_t root[FWA_DIGEST_SIZE];

		naive_root(0, size, root);
		for (unsigned index = 0; index < size; index++) {
			struct fwa_merkle_proof proof, naive = {.count = 0};
			struct asked asked = {.stop_at = index};

			assert_int_equal(fwa_merkle_inclusion_prove(index, size, leaf,
								    &asked, &proof),
					 0);
			assert_int_equal(asked.calls, size - 1);
			naive_path(index, 0, size, &naive);
			assert_same_proof(&proof, &naive);
			assert_int_equal(fwa_merkle_inclusion_verify(index, size,
								     leaves[index],
								     &proof, root),
					 0);
		}
	}
}

static void consistency_of_every_pair(void **state)
{
	static uint8_t roots[SIZES][FWA_DIGEST_SIZE];

	(void)state;
	for (unsigned size = 0; size < SIZES; size++) {
		naive_root(0, size, roots[size]);
		for (unsigned old = 0; old <= size; old++) {
			struct fwa_merkle_proof proof, naive = {.count = 0};
			struct asked asked = {.stop_at = SIZES};

			assert_int_equal(fwa_merkle_consistency_prove(old, size, leaf,
								      &asked, &proof),
					 0);
			if (old > 0)
				naive_subproof(old, 0, size, true, &naive);
			assert_same_proof(&proof, &naive);
			assert_int_equal(
				fwa_merkle_consistency_verify(old, size, roots[old],
							      roots[size], &proof),
				0);
		}
	}
}

/* Every proof fails for another index, size or root, cut, lengthened, and with any byte flipped. */
static void changed_inclusion_fails(void **state)
{
	struct fwa_merkle_proof good, bad;
	struct asked asked = {.stop_at = SIZES};
	uint8_t root[FWA_DIGEST_SIZE], hash[FWA_DIGEST_SIZE];

	(void)state;
	for (unsigned size = 1; size <= 33; size++) {
		naive_root(0, size, root);
		for (unsigned index = 0; index < size; index++) {
			assert_int_equal(fwa_merkle_inclusion_prove(index, size, leaf,
								    &asked, &good),
					 0);
			for (unsigned i = 0; i < good.count * FWA_DIGEST_SIZE; i++) {
				bad = good;
				bad.nodes[i / FWA_DIGEST_SIZE][i % FWA_DIGEST_SIZE] ^=
					0x01;
				assert_int_equal(
					fwa_merkle_inclusion_verify(
						index, size, leaves[index], &bad, root),
					-EBADMSG);
			}
			for (unsigned i = 0; i < FWA_DIGEST_SIZE; i++) {
				memcpy(hash, leaves[index], sizeof(hash));
				hash[i] ^= 0x80;
				assert_int_equal(fwa_merkle_inclusion_verify(
							 index, size, hash, &good, root),
						 -EBADMSG);
				memcpy(hash, root, sizeof(hash));
				hash[i] ^= 0x80;
				assert_int_equal(
					fwa_merkle_inclusion_verify(
						index, size, leaves[index], &good, hash),
					-EBADMSG);
			}
			for (unsigned other = 0; other < size; other++) {
				if (other != index)
					assert_int_equal(
						fwa_merkle_inclusion_verify(other, size,
									    leaves[index],
									    &good, root),
						-EBADMSG);
			}
			bad = good;
			bad.count++;
			memcpy(bad.nodes[good.count], root, FWA_DIGEST_SIZE);
			assert_int_equal(fwa_merkle_inclusion_verify(
						 index, size, leaves[index], &bad, root),
					 -EBADMSG);
			if (good.count == 0)
				continue;
			bad.count = good.count - 1;
			assert_int_equal(fwa_merkle_inclusion_verify(
						 index, size, leaves[index], &bad, root),
					 -EBADMSG);
		}
	}
}

static void changed_consistency_fails(void **state)
{
	struct fwa_merkle_proof good, bad;
	struct asked asked = {.stop_at = SIZES};
	uint8_t old_root[FWA_DIGEST_SIZE], root[FWA_DIGEST_SIZE];

	(void)state;
	for (unsigned size = 1; size <= 33; size++) {
		naive_root(0, size, root);
		for (unsigned old = 0; old <= size; old++) {
			naive_root(0, old, old_root);
			assert_int_equal(fwa_merkle_consistency_prove(old, size, leaf,
								      &asked, &good),
					 0);
			for (unsigned i = 0; i < good.count * FWA_DIGEST_SIZE; i++) {
				bad = good;
				bad.nodes[i / FWA_DIGEST_SIZE][i % FWA_DIGEST_SIZE] ^=
					0x01;
				assert_int_equal(fwa_merkle_consistency_verify(
							 old, size, old_root, root, &bad),
						 -EBADMSG);
			}
			for (unsigned i = 0; i < FWA_DIGEST_SIZE; i++) {
				old_root[i] ^= 0x01;
				assert_int_equal(
					fwa_merkle_consistency_verify(old, size, old_root,
								      root, &good),
					-EBADMSG);
				old_root[i] ^= 0x01;
				root[i] ^= 0x01;
				/* Everything is a continuation of nothing: no root shows it. */
				assert_int_equal(
					fwa_merkle_consistency_verify(old, size, old_root,
								      root, &good),
					old > 0 ? -EBADMSG : 0);
				root[i] ^= 0x01;
			}
			bad = good;
			bad.count++;
			memcpy(bad.nodes[good.count], root, FWA_DIGEST_SIZE);
			assert_int_equal(fwa_merkle_consistency_verify(
						 old, size, old_root, root, &bad),
					 -EBADMSG);
			if (good.count == 0)
				continue;
			bad.count = good.count - 1;
			assert_int_equal(fwa_merkle_consistency_verify(
						 old, size, old_root, root, &bad),
					 -EBADMSG);
		}
	}
}

static void senseless_bounds_are_refused(void **state)
{
	struct fwa_merkle_proof proof = {.count = 0}, untouched = proof;
	struct asked asked = {.stop_at = 3};

	(void)state;
	assert_int_equal(fwa_merkle_inclusion_prove(0, 0, leaf, &asked, &proof), -EINVAL);
	assert_int_equal(fwa_merkle_inclusion_prove(5, 5, leaf, &asked, &proof), -EINVAL);
	assert_int_equal(fwa_merkle_inclusion_prove(5, FWA_MERKLE_SIZE_MAX + 1, leaf,
						    &asked, &proof),
			 -EINVAL);
	assert_int_equal(fwa_merkle_consistency_prove(6, 5, leaf, &asked, &proof),
			 -EINVAL);
	assert_int_equal(fwa_merkle_inclusion_verify(5, 5, leaves[0], &proof, leaves[0]),
			 -EINVAL);
	assert_int_equal(
		fwa_merkle_consistency_verify(6, 5, leaves[0], leaves[0], &proof),
		-EINVAL);
	assert_int_equal(asked.calls, 0);
	/* What the callback says is passed on, and nothing is returned. */
	assert_int_equal(fwa_merkle_inclusion_prove(0, 5, leaf, &asked, &proof),
			 -ENODATA);
	assert_int_equal(fwa_merkle_consistency_prove(2, 5, leaf, &asked, &proof),
			 -ENODATA);
	assert_memory_equal(&proof, &untouched, sizeof(proof));
	proof.count = FWA_MERKLE_PROOF_MAX + 1;
	assert_int_equal(fwa_merkle_inclusion_verify(0, 5, leaves[0], &proof, leaves[0]),
			 -EBADMSG);
	assert_int_equal(
		fwa_merkle_consistency_verify(1, 5, leaves[0], leaves[0], &proof),
		-EBADMSG);
}

static void read_proof(const json_t *entry, struct fwa_merkle_proof *ret_proof)
{
	const json_t *nodes = json_object_get(entry, "proof");

	assert_true(json_is_array(nodes) &&
		    json_array_size(nodes) <= FWA_MERKLE_PROOF_MAX);
	ret_proof->count = (unsigned)json_array_size(nodes);
	for (unsigned i = 0; i < ret_proof->count; i++) {
		struct fwa_bytes node =
			trust_hex(json_string_value(json_array_get(nodes, i)));

		assert_int_equal(node.size, FWA_DIGEST_SIZE);
		memcpy(ret_proof->nodes[i], node.data, node.size);
		free((void *)node.data);
	}
}

static void assert_verdict(const json_t *entry, int result)
{
	bool good = trust_is_good(entry);

	if (good ? result != 0 : result != -EBADMSG && result != -EINVAL)
		fail_msg("%s: %d", trust_text(entry, "name"), result);
}

static void vectors_hold(void **state)
{
	json_t *index = trust_index("merkle"), *entry;
	uint8_t one[FWA_DIGEST_SIZE], other[FWA_DIGEST_SIZE];
	struct fwa_merkle_proof proof;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "inclusion"), i, entry)
	{
		trust_digest(entry, "leaf_hash", one);
		trust_digest(entry, "root", other);
		read_proof(entry, &proof);
		assert_verdict(entry,
			       fwa_merkle_inclusion_verify(trust_number(entry, "index"),
							   trust_number(entry, "size"),
							   one, &proof, other));
	}
	json_array_foreach(trust_list(index, "consistency"), i, entry)
	{
		trust_digest(entry, "old_root", one);
		trust_digest(entry, "root", other);
		read_proof(entry, &proof);
		assert_verdict(entry,
			       fwa_merkle_consistency_verify(
				       trust_number(entry, "old_size"),
				       trust_number(entry, "size"), one, other, &proof));
	}
	json_decref(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(range_agrees_with_the_definition),
		cmocka_unit_test(range_of_the_largest_size_is_full),
		cmocka_unit_test(inclusion_of_every_leaf),
		cmocka_unit_test(consistency_of_every_pair),
		cmocka_unit_test(changed_inclusion_fails),
		cmocka_unit_test(changed_consistency_fails),
		cmocka_unit_test(senseless_bounds_are_refused),
		cmocka_unit_test(vectors_hold),
	};

	return cmocka_run_group_tests(tests, make_leaves, NULL);
}
