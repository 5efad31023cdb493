/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/merkle.h"
#include "schema/note.h"
#include "schema/text.h"
#include "tests/unit/schema/trust_vectors.h"

static struct fwa_note example(void)
{
	struct fwa_note note = {.size = 5};

	for (unsigned i = 0; i < FWA_UUID_SIZE; i++)
		note.ledger[i] = (uint8_t)(0xa0 + i);
	for (unsigned i = 0; i < FWA_DIGEST_SIZE; i++)
		note.root[i] = (uint8_t)i;
	return note;
}

static void text_is_as_specified(void **state)
{
	static const char expected[] = "fwaudit/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf\n5\n"
				       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
	struct fwa_note note = example();
	char text[FWA_NOTE_SIZE_MAX];
	size_t size;

	(void)state;
	assert_int_equal(fwa_note_format(&note, text, sizeof(text), &size), 0);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(text, expected, size);
	size = 77;
	assert_int_equal(fwa_note_format(&note, text, strlen(expected) - 1, &size),
			 -ENOSPC);
	note.size = 0;
	assert_int_equal(fwa_note_format(&note, text, sizeof(text), &size), -EINVAL);
	note.size = FWA_MERKLE_SIZE_MAX + 1;
	assert_int_equal(fwa_note_format(&note, text, sizeof(text), &size), -EINVAL);
	assert_int_equal(size, 77);
	note.size = FWA_MERKLE_SIZE_MAX;
	assert_int_equal(fwa_note_format(&note, text, sizeof(text), &size), 0);
	assert_int_equal(size, FWA_NOTE_SIZE_MAX);
}

static void vectors_hold(void **state)
{
	json_t *index = trust_index("notes"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "notes"), i, entry)
	{
		struct fwa_bytes text = trust_file("notes", entry, "file");
		struct fwa_note note = {.size = 77};
		struct fwa_error error = {.sentence = ""};
		uint8_t digest[FWA_DIGEST_SIZE], expected[FWA_DIGEST_SIZE];
		char ledger[FWA_UUID_TEXT_SIZE];

		trust_expect(entry, fwa_note_parse(text.data, text.size, &note, &error),
			     &error);
		if (trust_is_good(entry)) {
			assert_int_equal(note.size, trust_number(entry, "size"));
			fwa_uuid_format(note.ledger, ledger);
			assert_string_equal(ledger, trust_text(entry, "ledger"));
			trust_digest(entry, "root", expected);
			assert_memory_equal(note.root, expected, sizeof(expected));
			assert_int_equal(fwa_note_digest(text.data, text.size, digest),
					 0);
			trust_digest(entry, "digest", expected);
			assert_memory_equal(digest, expected, sizeof(digest));
		} else {
			assert_int_equal(note.size, 77);
		}
		free((void *)text.data);
	}
	json_decref(index);
}

/* A changed byte may give another note, never another text of the same one. */
static void every_change_shows(void **state)
{
	struct fwa_note note = example(), changed;
	char text[FWA_NOTE_SIZE_MAX], again[FWA_NOTE_SIZE_MAX];
	size_t size, size_again, taken = 0;

	(void)state;
	assert_int_equal(fwa_note_format(&note, text, sizeof(text), &size), 0);
	for (size_t at = 0; at < size; at++) {
		char right = text[at];

		for (unsigned value = 0; value < 256; value++) {
			if ((char)value == right)
				continue;
			text[at] = (char)value;
			if (fwa_note_parse(text, size, &changed, NULL))
				continue;
			taken++;
			assert_memory_not_equal(&changed, &note, sizeof(note));
			assert_int_equal(fwa_note_format(&changed, again, sizeof(again),
							 &size_again),
					 0);
			assert_int_equal(size_again, size);
			assert_memory_equal(again, text, size);
		}
		text[at] = right;
	}
	/* 15 other digits in 32 places, 8 in one, 63 characters in 42 places, 15 in one. */
	assert_int_equal(taken, 15 * 32 + 8 + 63 * 42 + 15);
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(fwa_note_parse(text, cut, &changed, NULL), -EBADMSG);
}

static void signed_vectors_hold(void **state)
{
	json_t *index = trust_index("notes"), *entry;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "signed_notes"), i, entry)
	{
		struct fwa_bytes data = trust_file("notes", entry, "file");
		struct fwa_signed_note note = {.attestation_size = 77};
		struct fwa_error error = {.sentence = ""};
		struct fwa_bytes text, public_area, attestation, key_id;
		char again[FWA_SIGNED_NOTE_SIZE_MAX];
		size_t size;

		trust_expect(entry,
			     fwa_signed_note_parse(data.data, data.size, &note, &error),
			     &error);
		if (!trust_is_good(entry)) {
			assert_int_equal(note.attestation_size, 77);
			free((void *)data.data);
			continue;
		}
		text = trust_file("notes", entry, "note");
		public_area = trust_hex(trust_text(entry, "public"));
		attestation = trust_hex(trust_text(entry, "attestation"));
		key_id = trust_hex(trust_text(entry, "key_id"));
		assert_int_equal(note.text.size, text.size);
		assert_memory_equal(note.text.data, text.data, text.size);
		assert_int_equal(note.attestation_size, attestation.size);
		assert_memory_equal(note.attestation, attestation.data, attestation.size);
		assert_int_equal(key_id.size, FWA_NOTE_KEY_ID_SIZE);
		assert_memory_equal(note.key_id, key_id.data, key_id.size);
		assert_int_equal(fwa_signed_note_format(text, public_area, attestation,
							again, sizeof(again), &size),
				 0);
		assert_int_equal(size, data.size);
		assert_memory_equal(again, data.data, size);
		assert_int_equal(fwa_signed_note_format(text, public_area, attestation,
							again, size - 1, &size),
				 -ENOSPC);
		free((void *)data.data);
		free((void *)text.data);
		free((void *)public_area.data);
		free((void *)attestation.data);
		free((void *)key_id.data);
	}
	json_decref(index);
}

/* Flips in the form are refused; flips in the contents change what is read. */
static void every_change_of_a_signed_note_shows(void **state)
{
	struct fwa_bytes data = vectors_file("notes", "signed.note");
	uint8_t *bytes = (uint8_t *)data.data;
	struct fwa_signed_note good, bad;

	(void)state;
	assert_int_equal(fwa_signed_note_parse(bytes, data.size, &good, NULL), 0);
	for (size_t at = 0; at < data.size; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1u << bit);
			memset(&bad, 0, sizeof(bad));
			if (fwa_signed_note_parse(bytes, data.size, &bad, NULL) == 0)
				assert_true(bad.attestation_size !=
						    good.attestation_size ||
					    memcmp(&bad.note, &good.note,
						   sizeof(good.note)) ||
					    memcmp(bad.key_id, good.key_id,
						   sizeof(good.key_id)) ||
					    memcmp(bad.attestation, good.attestation,
						   good.attestation_size));
			bytes[at] ^= (uint8_t)(1u << bit);
		}
	}
	for (size_t cut = 0; cut < data.size; cut++)
		assert_int_equal(fwa_signed_note_parse(bytes, cut, &bad, NULL), -EBADMSG);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_specified),
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(every_change_shows),
		cmocka_unit_test(signed_vectors_hold),
		cmocka_unit_test(every_change_of_a_signed_note_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
