/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/enrolment.h"
#include "schema/text.h"
#include "tests/unit/schema/trust_vectors.h"

static struct fwa_enrolment parsed(const char *file)
{
	struct fwa_bytes data = vectors_file("enrolments", file);
	struct fwa_enrolment enrolment;

	assert_int_equal(fwa_enrolment_parse(data.data, data.size, &enrolment, NULL), 0);
	free((void *)data.data);
	return enrolment;
}

/* Sentences quote the file; what a terminal would obey is not among it. */
static void assert_printable(const char *sentence)
{
	for (; *sentence; sentence++)
		assert_in_range(*sentence, ' ', '~');
}

static void vectors_hold(void **state)
{
	json_t *index = trust_index("enrolments"), *entry;
	struct fwa_enrolment enrolment;
	size_t i;

	(void)state;
	json_array_foreach(trust_list(index, "enrolments"), i, entry)
	{
		struct fwa_bytes data = trust_file("enrolments", entry, "file");
		struct fwa_error error = {.sentence = ""};
		uint8_t digest[FWA_DIGEST_SIZE];
		char ledger[FWA_UUID_TEXT_SIZE];

		enrolment.reset_count = 77;
		trust_expect(
			entry,
			fwa_enrolment_parse(data.data, data.size, &enrolment, &error),
			&error);
		if (trust_is_good(entry)) {
			trust_digest(entry, "digest", digest);
			assert_memory_equal(enrolment.digest, digest, sizeof(digest));
			fwa_uuid_format(enrolment.ledger, ledger);
			assert_string_equal(ledger, trust_text(index, "ledger"));
			assert_int_equal(enrolment.reset_count, 1);
		} else {
			assert_printable(error.sentence);
			assert_int_equal(enrolment.reset_count, 77);
		}
		free((void *)data.data);
	}
	json_decref(index);
}

static void members_are_read(void **state)
{
	struct fwa_enrolment enrolment = parsed("plain.json");

	(void)state;
	assert_int_equal(enrolment.kind, FWA_ENROLMENT_SELF);
	assert_string_equal(enrolment.created, "2026-01-31T23:59:59Z");
	assert_string_equal(enrolment.manufacturer, "IBM");
	assert_string_equal(enrolment.vendor, "SW   TPM");
	assert_string_equal(enrolment.firmware, "20191023.1636");
	assert_true(enrolment.software);
	assert_int_equal(enrolment.reset_count, 1);
	assert_int_equal(enrolment.restart_count, UINT32_MAX);
	assert_int_equal(enrolment.index.handle, 0x01DA0100);
	assert_int_equal(enrolment.endorsement_certificate_size, 0);
	assert_false(parsed("hardware.json").software);
	enrolment = parsed("certificate.json");
	assert_int_equal(enrolment.endorsement_certificate_size, 1202);
	assert_int_equal(enrolment.endorsement_certificate[0], 0x30);
	assert_int_equal(enrolment.endorsement_certificate[1201], 'c');
}

/* A text that does not depend on how the file was laid out, nor on its digest. */
static char *formatted(const struct fwa_enrolment *enrolment)
{
	struct fwa_error error;
	char *text;
	size_t size;

	if (fwa_enrolment_format(enrolment, &text, &size, &error))
		fail_msg("%s", error.sentence);
	assert_int_equal(strlen(text), size);
	return text;
}

static void what_is_written_is_read(void **state)
{
	static const char *const files[] = {"plain.json", "hardware.json",
					    "certificate.json", "empty-texts.json"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct fwa_enrolment enrolment = parsed(files[i]), again;
		char *text = formatted(&enrolment), *text_again;

		assert_int_equal(fwa_enrolment_parse(text, strlen(text), &again, NULL),
				 0);
		text_again = formatted(&again);
		assert_string_equal(text, text_again);
		assert_memory_equal(again.key.name, enrolment.key.name,
				    FWA_TPM_NAME_SIZE);
		assert_memory_equal(again.index.name, enrolment.index.name,
				    FWA_TPM_NAME_SIZE);
		free(text);
		free(text_again);
	}
}

static void layout_does_not_matter(void **state)
{
	static const char *const files[] = {"compact.json", "reordered.json"};
	struct fwa_enrolment plain = parsed("plain.json");
	char *text = formatted(&plain);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fwa_enrolment other = parsed(files[i]);
		char *text_other = formatted(&other);

		assert_string_equal(text, text_other);
		assert_memory_not_equal(plain.digest, other.digest, FWA_DIGEST_SIZE);
		free(text_other);
	}
	free(text);
}

static void what_would_not_be_read_is_not_written(void **state)
{
	struct fwa_enrolment enrolment = parsed("plain.json"), bad;
	char *text = NULL;
	size_t size;

	(void)state;
	bad = enrolment;
	strcpy(bad.created, "yesterday");
	assert_int_equal(fwa_enrolment_format(&bad, &text, &size, NULL), -EBADMSG);
	bad = enrolment;
	strcpy(bad.vendor, "\x1b[2J");
	assert_int_equal(fwa_enrolment_format(&bad, &text, &size, NULL), -EBADMSG);
	bad = enrolment;
	strcpy(bad.vendor, "\xff");
	assert_int_equal(fwa_enrolment_format(&bad, &text, &size, NULL), -EBADMSG);
	bad = enrolment;
	bad.key.public_area[7] ^= 0x02; /* no restricted key any more */
	assert_int_equal(fwa_enrolment_format(&bad, &text, &size, NULL), -EBADMSG);
	bad = enrolment;
	bad.endorsement_certificate_size = FWA_CERTIFICATE_SIZE_MAX + 1;
	assert_int_equal(fwa_enrolment_format(&bad, &text, &size, NULL), -EBADMSG);
	assert_null(text);
}

/* Every flip is refused or read as something else; none changes the key or the index. */
static void every_change_shows(void **state)
{
	struct fwa_enrolment good = parsed("plain.json"), bad;
	struct fwa_bytes data = vectors_file("enrolments", "plain.json");
	uint8_t *bytes = (uint8_t *)data.data;
	char *text = formatted(&good);

	(void)state;
	for (size_t at = 0; at < data.size; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1u << bit);
			if (fwa_enrolment_parse(bytes, data.size, &bad, NULL) == 0) {
				char *text_bad = formatted(&bad);

				assert_string_not_equal(text, text_bad);
				free(text_bad);
				assert_memory_not_equal(good.digest, bad.digest,
							FWA_DIGEST_SIZE);
				assert_memory_equal(good.key.name, bad.key.name,
						    FWA_TPM_NAME_SIZE);
				assert_memory_equal(good.index.name, bad.index.name,
						    FWA_TPM_NAME_SIZE);
			}
			bytes[at] ^= (uint8_t)(1u << bit);
		}
	}
	for (size_t cut = 0; cut < data.size - 1; cut++)
		assert_int_equal(fwa_enrolment_parse(bytes, cut, &bad, NULL), -EBADMSG);
	free(text);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(members_are_read),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(layout_does_not_matter),
		cmocka_unit_test(what_would_not_be_read_is_not_written),
		cmocka_unit_test(every_change_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
