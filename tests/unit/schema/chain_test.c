/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/chain.h"
#include "tests/unit/schema/trust_vectors.h"

/* A chain's key and index, parsed. */
struct setting {
	struct fwa_attestation_verifier *verifier;
	struct fwa_nv_index index;
};

static struct setting setting_of(const json_t *entry)
{
	struct fwa_bytes key_data = trust_file("attestations", entry, "key");
	struct fwa_bytes index_data = trust_file("attestations", entry, "nv_index");
	struct fwa_attestation_key key;
	struct setting setting;

	assert_int_equal(
		fwa_attestation_key_parse(key_data.data, key_data.size, &key, NULL), 0);
	assert_int_equal(fwa_attestation_verifier_new(&key, &setting.verifier, NULL), 0);
	assert_int_equal(fwa_nv_index_parse(index_data.data, index_data.size,
					    &setting.index, NULL),
			 0);
	free((void *)key_data.data);
	free((void *)index_data.data);
	return setting;
}

/* One link: read, check its signature (which is always right here), and step. */
static int step(struct fwa_chain *chain, const struct setting *setting,
		const json_t *link, struct fwa_error *error)
{
	struct fwa_bytes data = trust_file("attestations", link, "attestation");
	struct fwa_attestation attestation;
	uint8_t digest[FWA_DIGEST_SIZE];
	int result;

	trust_digest(link, "note_digest", digest);
	assert_int_equal(fwa_attestation_parse(data.data, data.size, &attestation, NULL),
			 0);
	assert_int_equal(fwa_attestation_verify(setting->verifier, &attestation, NULL),
			 0);
	result = fwa_chain_next(chain, &attestation, setting->index.name, digest, error);
	free((void *)data.data);
	return result;
}

static void walk(const json_t *entry)
{
	const json_t *links = trust_list(entry, "links"), *link;
	struct setting setting = setting_of(entry);
	struct fwa_error error = {.sentence = ""};
	struct fwa_chain chain;
	size_t refused = json_array_size(links), i;
	int result;

	if (!trust_is_good(entry))
		refused = trust_number(entry, "refused_link") - 1;
	fwa_chain_init(&chain);
	json_array_foreach(links, i, link)
	{
		struct fwa_chain before = chain;

		result = step(&chain, &setting, link, &error);
		if (i == refused) {
			trust_expect(entry, result, &error);
			assert_memory_equal(&chain, &before, sizeof(chain));
			break;
		}
		if (result != 0)
			fail_msg("%s, link %zu: %s", trust_text(entry, "name"), i + 1,
				 error.sentence);
		assert_int_equal(chain.count, i + 1);
	}
	assert_int_equal(chain.count, refused);
	fwa_attestation_verifier_free(setting.verifier);
}

static void vectors_hold(void **state)
{
	json_t *index = trust_index("attestations"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "chains"), i, entry) walk(entry);
	json_decref(index);
}

/* The chain of a real TPM, which was once restarted cleanly and once not. */
static void resets_are_counted(void **state)
{
	json_t *index = trust_index("attestations");
	const json_t *entry = json_array_get(trust_list(index, "chains"), 0);
	static const unsigned resets[] = {0, 0, 1, 2, 2};
	static const bool safe[] = {true, true, true, false, false};
	struct setting setting = setting_of(entry);
	struct fwa_chain chain;

	(void)state;
	assert_string_equal(trust_text(entry, "name"), "tpm");
	fwa_chain_init(&chain);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(step(&chain, &setting,
				      json_array_get(trust_list(entry, "links"), i),
				      NULL),
				 0);
		assert_int_equal(chain.resets, resets[i]);
		assert_int_equal(chain.safe, safe[i]);
		assert_true(chain.clock_highest >= chain.clock);
	}
	fwa_attestation_verifier_free(setting.verifier);
	json_decref(index);
}

static void accumulator_may_be_extended_in_place(void **state)
{
	uint8_t accumulator[FWA_DIGEST_SIZE] = {0}, apart[FWA_DIGEST_SIZE];
	const uint8_t digest[FWA_DIGEST_SIZE] = {0x11};

	(void)state;
	assert_int_equal(fwa_accumulator_extend(accumulator, digest, apart), 0);
	assert_int_equal(fwa_accumulator_extend(accumulator, digest, accumulator), 0);
	assert_memory_equal(accumulator, apart, sizeof(apart));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(resets_are_counted),
		cmocka_unit_test(accumulator_may_be_extended_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
