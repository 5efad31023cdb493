/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz the whole verifier through a ledger file.
 *
 * A random file is refused at its header, and one that is mutated in a record is refused by its
 * hash: neither gets anywhere. So the input is a list of edits (offset, bytes) to a valid
 * database, which the target builds once: pages, cells and the values in them are reached by
 * every input. After every run what was read is either not authentic, or has the root that the
 * valid ledger has.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/bytes.h"
#include "tests/lib/ledger_builder.h"
#include "tests/lib/temporary.h"
#include "verifier/verify.h"

#define EDIT_HEADER 5u /* le32 offset, count of bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *original;
static size_t original_size;
static uint8_t root[FWA_DIGEST_SIZE];
static uint8_t *enrolment;
static size_t enrolment_size;
static char directory[64];
static char path[80]; /* directory/ledger.db, which `file` is open on */
static int file;

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	abort();
}

static struct fwa_verify_result *verify(void)
{
	const struct fwa_verify_options options = {
		.ledger = path,
		.enrolment = {enrolment, enrolment_size},
		.enrolment_name = "enrolment.json",
	};
	struct fwa_verify_result *result = NULL;
	struct fwa_error error;

	if (fwa_verify(&options, &result, &error) < 0)
		need(strnlen(error.sentence, sizeof(error.sentence)) > 0, "a sentence");
	return result;
}

static void remove_directory(void)
{
	fwa_temporary_remove(directory);
}

/* The sample ledger, in a file and in memory. */
static void prepare(void)
{
	struct ledger_builder *builder;
	struct fwa_verify_result *result;
	ssize_t got;

	need(fwa_temporary_make(directory, sizeof(directory)) == 0, "mkdtemp");
	need(atexit(remove_directory) == 0, "atexit");
	builder = ledger_builder_new(directory);
	ledger_builder_sample(builder);
	enrolment_size = ledger_builder_enrolment(builder).size;
	enrolment = malloc(enrolment_size);
	need(enrolment != NULL, "malloc");
	memcpy(enrolment, ledger_builder_enrolment(builder).data, enrolment_size);
	ledger_builder_close(builder, true);
	snprintf(path, sizeof(path), "%s/ledger.db", directory);
	file = open(path, O_RDWR);
	need(file >= 0, "open");
	original = malloc(1 << 20);
	need(original != NULL, "malloc");
	got = pread(file, original, 1 << 20, 0);
	need(got > 0 && got < 1 << 20, "pread");
	original_size = (size_t)got;
	result = verify();
	need(result && result->authentic, "verifying the ledger as it was made");
	memcpy(root, result->root, sizeof(root));
	fwa_verify_result_free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fwa_cursor cursor = fwa_cursor(data, size);
	struct fwa_verify_result *result;

	if (!original)
		prepare();
	need(ftruncate(file, (off_t)original_size) == 0, "ftruncate");
	need(pwrite(file, original, original_size, 0) == (ssize_t)original_size,
	     "pwrite");
	while (fwa_cursor_left(&cursor) > EDIT_HEADER) {
		uint32_t offset = fwa_cursor_le32(&cursor) % (uint32_t)original_size;
		size_t count = fwa_cursor_u8(&cursor);
		const uint8_t *bytes;

		if (count > fwa_cursor_left(&cursor))
			count = fwa_cursor_left(&cursor);
		if (count > original_size - offset)
			count = original_size - offset;
		bytes = fwa_cursor_take(&cursor, count);
		need(pwrite(file, bytes, count, offset) == (ssize_t)count, "pwrite");
	}
	result = verify();
	if (result && result->authentic &&
	    memcmp(result->root, root, sizeof(root)) != 0 && result->signed_records > 0)
		abort();
	fwa_verify_result_free(result);
	return 0;
}
