/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/attestation.h"
#include "schema/bytes.h"
#include "tests/unit/schema/trust_vectors.h"

static struct fwa_attestation_key key_of(const char *file)
{
	struct fwa_bytes data = vectors_file("attestations", file);
	struct fwa_attestation_key key;

	assert_int_equal(fwa_attestation_key_parse(data.data, data.size, &key, NULL), 0);
	free((void *)data.data);
	return key;
}

static struct fwa_attestation_verifier *verifier_of(const char *file)
{
	struct fwa_attestation_key key = key_of(file);
	struct fwa_attestation_verifier *verifier;

	assert_int_equal(fwa_attestation_verifier_new(&key, &verifier, NULL), 0);
	return verifier;
}

static void assert_name(const json_t *entry, const uint8_t *name)
{
	struct fwa_bytes expected = trust_hex(trust_text(entry, "tpm_name"));

	assert_int_equal(expected.size, FWA_TPM_NAME_SIZE);
	assert_memory_equal(name, expected.data, expected.size);
	free((void *)expected.data);
}

static void key_vectors_hold(void **state)
{
	json_t *index = trust_index("attestations"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "keys"), i, entry)
	{
		struct fwa_bytes data = trust_file("attestations", entry, "file");
		struct fwa_attestation_key key = {.public_size = 77};
		struct fwa_error error = {.sentence = ""};

		trust_expect(
			entry,
			fwa_attestation_key_parse(data.data, data.size, &key, &error),
			&error);
		if (trust_is_good(entry)) {
			assert_int_equal(key.public_size, data.size);
			assert_memory_equal(key.public_area, data.data, data.size);
			assert_name(entry, key.name);
		} else {
			assert_int_equal(key.public_size, 77);
		}
		free((void *)data.data);
	}
	json_decref(index);
}

static void index_vectors_hold(void **state)
{
	json_t *index = trust_index("attestations"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "nv_indexes"), i, entry)
	{
		struct fwa_bytes data = trust_file("attestations", entry, "file");
		struct fwa_nv_index nv = {.public_size = 77};
		struct fwa_error error = {.sentence = ""};

		trust_expect(entry, fwa_nv_index_parse(data.data, data.size, &nv, &error),
			     &error);
		if (trust_is_good(entry)) {
			assert_int_equal(nv.public_size, data.size);
			assert_memory_equal(nv.public_area, data.data, data.size);
			assert_int_equal(nv.handle, fwa_be32(data.data));
			assert_int_equal(nv.attributes, fwa_be32(data.data + 6));
			assert_name(entry, nv.name);
		} else {
			assert_int_equal(nv.public_size, 77);
		}
		free((void *)data.data);
	}
	json_decref(index);
}

/* Each is refused at the stage that its entry names: when it is read, or by its signature. */
static void attestation_vectors_hold(void **state)
{
	json_t *index = trust_index("attestations"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "attestations"), i, entry)
	{
		struct fwa_bytes data = trust_file("attestations", entry, "file");
		struct fwa_attestation_verifier *verifier =
			verifier_of(trust_text(entry, "key"));
		const json_t *stage = json_object_get(entry, "stage");
		struct fwa_attestation attestation;
		struct fwa_error error = {.sentence = ""};
		int result;

		result =
			fwa_attestation_parse(data.data, data.size, &attestation, &error);
		if (stage && !strcmp(json_string_value(stage), "parse")) {
			trust_expect(entry, result, &error);
		} else {
			if (result < 0)
				fail_msg("%s: %s", trust_text(entry, "name"),
					 error.sentence);
			result = fwa_attestation_verify(verifier, &attestation, &error);
			trust_expect(entry, result, &error);
		}
		fwa_attestation_verifier_free(verifier);
		free((void *)data.data);
	}
	json_decref(index);
}

/* What a real TPM said, field by field. */
static void fields_are_where_they_are(void **state)
{
	struct fwa_bytes data = vectors_file("attestations", "tpm-1.bin");
	struct fwa_bytes nv = vectors_file("attestations", "index-tpm.bin");
	const uint8_t *attest = data.data + 2;
	struct fwa_attestation attestation;
	uint8_t name[FWA_TPM_NAME_SIZE];

	(void)state;
	assert_int_equal(fwa_attestation_parse(data.data, data.size, &attestation, NULL),
			 0);
	assert_ptr_equal(attestation.attest.data, attest);
	assert_int_equal(attestation.attest.size, 173);
	assert_memory_equal(attestation.qualified_signer, attest + 8, FWA_TPM_NAME_SIZE);
	assert_memory_equal(attestation.extra_data, attest + 44, FWA_DIGEST_SIZE);
	assert_int_equal(attestation.clock, fwa_be64(attest + 76));
	assert_int_equal(attestation.reset_count, fwa_be32(attest + 84));
	assert_int_equal(attestation.restart_count, fwa_be32(attest + 88));
	assert_int_equal(attestation.safe, attest[92]);
	assert_int_equal(attestation.firmware_version, fwa_be64(attest + 93));
	assert_int_equal(fwa_tpm_name(nv.data, nv.size, name), 0);
	assert_memory_equal(attestation.index_name, name, sizeof(name));
	assert_memory_equal(attestation.contents, attest + 141, FWA_DIGEST_SIZE);
	free((void *)data.data);
	free((void *)nv.data);
}

/* TPMs may leave leading zeros of r and s away; the value is the same. */
static void short_integers_are_widened(void **state)
{
	static const uint8_t signature[] = {0,    0x18, 0, 0x0b, 0,   2,
					    0x12, 0x34, 0, 1,    0x56};
	struct fwa_bytes data = vectors_file("attestations", "tpm-1.bin"), attest;
	struct fwa_attestation attestation;
	uint8_t made[FWA_ATTESTATION_SIZE_MAX];
	size_t size;

	(void)state;
	attest = (struct fwa_bytes){data.data + 2, fwa_be16(data.data)};
	assert_int_equal(fwa_attestation_format(
				 attest, (struct fwa_bytes){signature, sizeof(signature)},
				 made, sizeof(made), &size, NULL),
			 0);
	assert_int_equal(size, 2 + attest.size + sizeof(signature));
	assert_int_equal(fwa_attestation_parse(made, size, &attestation, NULL), 0);
	assert_int_equal(fwa_be32(attestation.r + 28), 0x1234);
	assert_int_equal(fwa_be32(attestation.s + 28), 0x56);
	for (unsigned i = 0; i < 28; i++)
		assert_int_equal(attestation.r[i] | attestation.s[i], 0);
	free((void *)data.data);
}

static void parts_are_put_together(void **state)
{
	struct fwa_bytes data = vectors_file("attestations", "tpm-2.bin"), attest,
			 signature;
	uint8_t made[FWA_ATTESTATION_SIZE_MAX];
	struct fwa_error error;
	size_t size = 77;

	(void)state;
	attest = (struct fwa_bytes){data.data + 2, fwa_be16(data.data)};
	signature = (struct fwa_bytes){attest.data + attest.size,
				       data.size - 2 - attest.size};
	assert_int_equal(fwa_attestation_format(attest, signature, made, data.size - 1,
						&size, &error),
			 -ENOSPC);
	assert_int_equal(
		fwa_attestation_format(attest, attest, made, sizeof(made), &size, &error),
		-EBADMSG);
	attest.size = 600;
	assert_int_equal(fwa_attestation_format(attest, signature, made, sizeof(made),
						&size, &error),
			 -EBADMSG);
	attest.size = fwa_be16(data.data);
	assert_int_equal(size, 77);
	assert_int_equal(fwa_attestation_format(attest, signature, made, sizeof(made),
						&size, &error),
			 0);
	assert_int_equal(size, data.size);
	assert_memory_equal(made, data.data, size);
	free((void *)data.data);
}

/* Every value of every byte but the right one, and every cut, is refused. */
static void every_change_of_an_attestation_is_refused(void **state)
{
	struct fwa_bytes data = vectors_file("attestations", "tpm-1.bin");
	struct fwa_attestation_verifier *verifier = verifier_of("key-tpm.bin");
	struct fwa_attestation attestation;
	uint8_t *bytes = (uint8_t *)data.data;
	unsigned verified = 0;

	(void)state;
	for (size_t at = 0; at < data.size; at++) {
		for (unsigned change = 1; change < 256; change += change < 8 ? 1 : 31) {
			bytes[at] ^= (uint8_t)change;
			if (fwa_attestation_parse(bytes, data.size, &attestation, NULL) ==
			    0) {
				verified++;
				assert_int_equal(fwa_attestation_verify(
							 verifier, &attestation, NULL),
						 -EBADMSG);
			}
			bytes[at] ^= (uint8_t)change;
		}
	}
	/* What is free in form is up to the signature: most of it got that far. */
	assert_true(verified > 200 * 10);
	for (size_t cut = 0; cut < data.size; cut++)
		assert_int_equal(fwa_attestation_parse(bytes, cut, &attestation, NULL),
				 -EBADMSG);
	assert_int_equal(fwa_attestation_parse(bytes, data.size, &attestation, NULL), 0);
	assert_int_equal(fwa_attestation_verify(verifier, &attestation, NULL), 0);
	fwa_attestation_verifier_free(verifier);
	free(bytes);
}

static void every_change_of_a_key_is_refused(void **state)
{
	struct fwa_bytes data = vectors_file("attestations", "key-tpm.bin");
	uint8_t *bytes = (uint8_t *)data.data;
	struct fwa_attestation_key key;

	(void)state;
	for (size_t at = 0; at < data.size; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1u << bit);
			assert_int_equal(
				fwa_attestation_key_parse(bytes, data.size, &key, NULL),
				-EBADMSG);
			bytes[at] ^= (uint8_t)(1u << bit);
		}
	}
	for (size_t cut = 0; cut < data.size; cut++)
		assert_int_equal(fwa_attestation_key_parse(bytes, cut, &key, NULL),
				 -EBADMSG);
	free(bytes);
}

/* Another handle or another reader is another index: with another name. */
static void every_change_of_an_index_is_refused_or_renames_it(void **state)
{
	struct fwa_bytes data = vectors_file("attestations", "index-tpm.bin");
	uint8_t *bytes = (uint8_t *)data.data;
	struct fwa_nv_index good, bad;
	unsigned taken = 0;

	(void)state;
	assert_int_equal(fwa_nv_index_parse(bytes, data.size, &good, NULL), 0);
	for (size_t at = 0; at < data.size; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1u << bit);
			if (fwa_nv_index_parse(bytes, data.size, &bad, NULL) == 0) {
				taken++;
				assert_memory_not_equal(bad.name, good.name,
							sizeof(good.name));
			}
			bytes[at] ^= (uint8_t)(1u << bit);
		}
	}
	assert_int_equal(taken,
			 24 + 2); /* the handle below its type; OWNERREAD and AUTHREAD */
	for (size_t cut = 0; cut < data.size; cut++)
		assert_int_equal(fwa_nv_index_parse(bytes, cut, &bad, NULL), -EBADMSG);
	free(bytes);
}

static void freeing_nothing_is_allowed(void **state)
{
	(void)state;
	fwa_attestation_verifier_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_vectors_hold),
		cmocka_unit_test(index_vectors_hold),
		cmocka_unit_test(attestation_vectors_hold),
		cmocka_unit_test(fields_are_where_they_are),
		cmocka_unit_test(short_integers_are_widened),
		cmocka_unit_test(parts_are_put_together),
		cmocka_unit_test(every_change_of_an_attestation_is_refused),
		cmocka_unit_test(every_change_of_a_key_is_refused),
		cmocka_unit_test(every_change_of_an_index_is_refused_or_renames_it),
		cmocka_unit_test(freeing_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
