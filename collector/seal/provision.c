/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/provision.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "collector/ledger/directory.h"
#include "collector/ledger/ledger.h"
#include "collector/seal/enrolment_file.h"
#include "collector/seal/tpm.h"

/* What was made so far, to be unmade if the rest fails. */
struct progress {
	const struct fwa_provision_options *options;
	struct fwa_tpm *tpm;
	struct fwa_enrolment *enrolment;
	bool made_directory;
	bool made_key;
	uint32_t key_handle;
	bool made_index;
};

static int refuse_existing(const char *directory, const char *name, const char *what,
			   struct fwa_error *error)
{
	char path[PATH_MAX];
	struct stat status;
	int rc;

	rc = fwa_directory_path(directory, name, path, sizeof(path), error);
	if (rc < 0)
		return rc;
	if (lstat(path, &status) == 0)
		return fwa_error(
			error, -EEXIST,
			"%s: there is %s already; provision another directory, or move "
			"this one away",
			path, what);
	if (errno != ENOENT)
		return fwa_error(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int prepare_directory(struct progress *progress, struct fwa_error *error)
{
	const char *directory = progress->options->directory;
	int rc;

	rc = fwa_directory_make(directory, &progress->made_directory, error);
	if (rc == 0)
		rc = refuse_existing(directory, FWA_ENROLMENT_FILE, "an enrolment",
				     error);
	if (rc == 0)
		rc = refuse_existing(directory, FWA_LEDGER_DATABASE, "a ledger", error);
	/* Known before anything is made in the TPM. */
	if (rc == 0 && access(directory, W_OK | X_OK) < 0)
		rc = fwa_error(error, -errno, "%s: cannot be written: %s", directory,
			       strerror(errno));
	return rc;
}

/* A version 4 UUID (RFC 9562 section 5.4). */
static int random_uuid(uint8_t uuid[FWA_UUID_SIZE], struct fwa_error *error)
{
	if (RAND_bytes(uuid, FWA_UUID_SIZE) != 1)
		return fwa_error(error, -EIO, "no randomness to be had from libcrypto");
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return 0;
}

static int describe_tpm(struct progress *progress, struct fwa_error *error)
{
	struct fwa_enrolment *enrolment = progress->enrolment;
	struct fwa_tpm_properties properties;
	int rc;

	rc = fwa_tpm_properties(progress->tpm, &properties, error);
	if (rc < 0)
		return rc;
	strcpy(enrolment->manufacturer, properties.manufacturer);
	strcpy(enrolment->vendor, properties.vendor);
	strcpy(enrolment->firmware, properties.firmware);
	enrolment->software = properties.software;
	enrolment->reset_count = properties.reset_count;
	enrolment->restart_count = properties.restart_count;
	rc = fwa_tpm_endorsement_certificate(
		progress->tpm, enrolment->endorsement_certificate,
		&enrolment->endorsement_certificate_size, error);
	/* Good to have, and no self-enrolment is worth less without it. */
	if (rc < 0)
		enrolment->endorsement_certificate_size = 0;
	return rc == -ENODEV ? rc : 0;
}

static int make_key_and_index(struct progress *progress, struct fwa_error *error)
{
	int rc;

	rc = fwa_tpm_create_key(progress->tpm, FWA_AK_HANDLE_FIRST, FWA_AK_HANDLE_COUNT,
				&progress->key_handle, &progress->enrolment->key, error);
	if (rc < 0)
		return rc;
	progress->made_key = true;
	rc = fwa_tpm_create_index(progress->tpm, FWA_NV_INDEX_FIRST, FWA_NV_INDEX_COUNT,
				  &progress->enrolment->index, error);
	if (rc < 0)
		return rc;
	progress->made_index = true;
	return 0;
}

static int write_enrolment(struct progress *progress, struct fwa_error *error)
{
	struct fwa_enrolment *enrolment = progress->enrolment;
	time_t now = time(NULL);
	struct tm utc;
	char *text;
	size_t size;
	int rc;

	enrolment->kind = FWA_ENROLMENT_SELF;
	rc = random_uuid(enrolment->ledger, error);
	if (rc < 0)
		return rc;
	if (!gmtime_r(&now, &utc) ||
	    strftime(enrolment->created, sizeof(enrolment->created), "%Y-%m-%dT%H:%M:%SZ",
		     &utc) == 0)
		return fwa_error(error, -EOVERFLOW,
				 "the system clock shows no usable time");
	rc = fwa_enrolment_format(enrolment, &text, &size, error);
	if (rc < 0)
		return rc;
	rc = fwa_enrolment_file_write(progress->options->directory, text, size, error);
	free(text);
	return rc;
}

/* Take back what was made. What cannot be taken back is added to the sentence. */
static void undo(struct progress *progress, int rc, struct fwa_error *error)
{
	struct fwa_error failed = {0}, before = {0};

	if (error)
		before = *error;
	if (progress->made_index &&
	    fwa_tpm_remove_index(progress->tpm, progress->enrolment->index.handle,
				 &failed) < 0)
		(void)fwa_error(
			error, rc,
			"%.450s; NV index 0x%08x was made and is still there: %.450s",
			before.sentence, progress->enrolment->index.handle,
			failed.sentence);
	if (error)
		before = *error;
	if (progress->made_key &&
	    fwa_tpm_remove_key(progress->tpm, progress->key_handle, &failed) < 0)
		(void)fwa_error(error, rc,
				"%.700s; key 0x%08x was made and is still there: %.250s",
				before.sentence, progress->key_handle, failed.sentence);
	if (progress->made_directory)
		rmdir(progress->options->directory);
}

int fwa_provision(const struct fwa_provision_options *options, struct fwa_error *error)
{
	struct progress progress = {.options = options};
	int rc;

	progress.enrolment = calloc(1, sizeof(*progress.enrolment));
	if (!progress.enrolment)
		return fwa_error(error, -ENOMEM, "out of memory");
	rc = prepare_directory(&progress, error);
	if (rc == 0)
		rc = fwa_tpm_open(options->tcti, &progress.tpm, error);
	if (rc == 0)
		rc = describe_tpm(&progress, error);
	if (rc == 0)
		rc = make_key_and_index(&progress, error);
	if (rc == 0)
		rc = write_enrolment(&progress, error);
	if (rc < 0)
		undo(&progress, rc, error);
	fwa_tpm_close(progress.tpm);
	free(progress.enrolment);
	return rc;
}
