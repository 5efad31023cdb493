/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning a real (software) TPM: what it leaves, and what it takes back. */
#include "tests/integration/seal/lab.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/seal/enrolment_file.h"
#include "collector/seal/provision.h"
#include "collector/seal/tpm.h"

static int provision(struct lab *lab, const char *tcti, const char *directory)
{
	const struct fwa_provision_options options = {.tcti = tcti,
						      .directory = directory};

	lab->error.sentence[0] = '\0';
	return fwa_provision(&options, &lab->error);
}

static void assert_says(const struct lab *lab, const char *word)
{
	if (!strstr(lab->error.sentence, word))
		fail_msg("not about '%s': %s", word, lab->error.sentence);
}

static void enrolment_names_what_is_in_the_tpm(void **state)
{
	struct lab *lab = *state;
	struct fwa_tpm *tpm = NULL;
	struct fwa_nv_value value;
	struct stat status;
	char path[128];

	lab_provision(lab);
	assert_int_equal(FWA_ENROLMENT_SELF, lab->enrolment.kind);
	assert_true(lab->enrolment.software);
	assert_string_equal("IBM", lab->enrolment.manufacturer);
	assert_string_equal("SW   TPM", lab->enrolment.vendor);
	assert_true(strlen(lab->enrolment.firmware) > 0);
	assert_int_equal(0, lab->enrolment.endorsement_certificate_size);
	assert_int_equal('Z', lab->enrolment.created[19]);
	snprintf(path, sizeof(path), "%s/enrolment.json", lab->directory);
	assert_int_equal(0, stat(path, &status));
	assert_int_equal(0640, status.st_mode & 07777);
	assert_int_equal(0, stat(lab->directory, &status));
	assert_int_equal(0750, status.st_mode & 07777);

	assert_int_equal(1, lab_count_handles(lab, FWA_TPM_PERSISTENT));
	assert_int_equal(1, lab_count_handles(lab, FWA_TPM_NV));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_TRANSIENT));
	assert_int_equal(0, fwa_tpm_open(lab->tpm.tcti, &tpm, &lab->error));
	assert_int_equal(0, fwa_tpm_use_key(tpm, lab->enrolment.key.name, &lab->error));
	assert_int_equal(0,
			 fwa_tpm_use_index(tpm, lab->enrolment.index.name, &lab->error));
	assert_int_equal(0, fwa_tpm_read(tpm, &value, &lab->error));
	assert_false(value.written);
	/* The other one's name finds nothing. */
	assert_int_equal(-ENOENT,
			 fwa_tpm_use_key(tpm, lab->enrolment.index.name, &lab->error));
	assert_says(lab, lab->tpm.tcti);
	fwa_tpm_close(tpm);
}

static void nothing_is_overwritten(void **state)
{
	struct lab *lab = *state;
	char path[128];

	lab_provision(lab);
	assert_int_equal(-EEXIST, provision(lab, lab->tpm.tcti, lab->directory));
	assert_says(lab, "enrolment.json");
	assert_int_equal(1, lab_count_handles(lab, FWA_TPM_PERSISTENT));
	assert_int_equal(1, lab_count_handles(lab, FWA_TPM_NV));

	/* A ledger without its enrolment is evidence, too. */
	lab_close(lab, lab_open(lab));
	snprintf(path, sizeof(path), "%s/enrolment.json", lab->directory);
	assert_int_equal(0, unlink(path));
	assert_int_equal(-EEXIST, provision(lab, lab->tpm.tcti, lab->directory));
	assert_says(lab, "ledger.db");
}

static void several_ledgers_share_a_tpm(void **state)
{
	struct lab *lab = *state;
	struct fwa_enrolment first;
	char path[128];

	lab_provision(lab);
	first = lab->enrolment;
	snprintf(path, sizeof(path), "%s/second", lab->parent);
	assert_int_equal(0, provision(lab, lab->tpm.tcti, path));
	assert_int_equal(0, fwa_enrolment_file_read(path, &lab->enrolment, &lab->error));
	assert_memory_not_equal(first.ledger, lab->enrolment.ledger, FWA_UUID_SIZE);
	assert_memory_not_equal(first.key.name, lab->enrolment.key.name,
				FWA_TPM_NAME_SIZE);
	assert_int_equal(first.index.handle + 1, lab->enrolment.index.handle);
	assert_int_equal(2, lab_count_handles(lab, FWA_TPM_PERSISTENT));
}

static void unreachable_tpms_are_named(void **state)
{
	static const char *const tctis[] = {
		"swtpm:path=/nowhere/sock",
		"device:/dev/null",
		"device:/nowhere",
		"nonsense:",
		"",
	};
	struct lab *lab = *state;
	size_t i;

	for (i = 0; i < sizeof(tctis) / sizeof(tctis[0]); i++) {
		assert_true(provision(lab, tctis[i], lab->directory) < 0);
		assert_says(lab, tctis[i]);
		assert_says(lab, "--tpm");
		/* Nothing half-made. */
		assert_int_equal(-1, access(lab->directory, F_OK));
	}
}

/* Somebody owns this TPM already. */
static void owned_tpm_is_left_alone(void **state)
{
	const TPM2B_AUTH secret = {.size = 4, .buffer = "abcd"};
	struct lab *lab = *state;
	struct owner owner;

	owner_open(lab, &owner);
	assert_int_equal(0, Esys_HierarchyChangeAuth(owner.esys, ESYS_TR_RH_OWNER,
						     ESYS_TR_PASSWORD, ESYS_TR_NONE,
						     ESYS_TR_NONE, &secret));
	owner_close(&owner);
	assert_int_equal(-EACCES, provision(lab, lab->tpm.tcti, lab->directory));
	assert_says(lab, "owner authorisation");
	assert_says(lab, lab->tpm.tcti);
	assert_int_equal(-1, access(lab->directory, F_OK));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_PERSISTENT));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_NV));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_TRANSIENT));
}

/* The very last step fails: the file cannot be written. */
static void failure_is_undone_in_the_tpm(void **state)
{
	struct lab *lab = *state;
	struct rlimit before, none;
	int rc;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
	none = (struct rlimit){.rlim_cur = 16, .rlim_max = before.rlim_max};
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));
	rc = provision(lab, lab->tpm.tcti, lab->directory);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
	assert_int_equal(-EFBIG, rc);
	assert_says(lab, "enrolment.json");
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_PERSISTENT));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_NV));
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_TRANSIENT));
	assert_int_equal(-1, access(lab->directory, F_OK));
	lab_provision(lab); /* and the next attempt goes through */
}

/* All indices that we may take are taken. */
static void full_range_undoes_the_key(void **state)
{
	static const TPM2B_AUTH nothing;
	struct lab *lab = *state;
	struct owner owner;
	ESYS_TR object;
	uint32_t i;
	TPM2B_NV_PUBLIC public = {
		.nvPublic = {.nameAlg = TPM2_ALG_SHA256,
			     .attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD,
			     .dataSize = 1},
	};

	owner_open(lab, &owner);
	for (i = 0; i < FWA_NV_INDEX_COUNT; i++) {
		public.nvPublic.nvIndex = FWA_NV_INDEX_FIRST + i;
		assert_int_equal(0, Esys_NV_DefineSpace(owner.esys, ESYS_TR_RH_OWNER,
							ESYS_TR_PASSWORD, ESYS_TR_NONE,
							ESYS_TR_NONE, &nothing, &public,
							&object));
		Esys_TR_Close(owner.esys, &object);
	}
	owner_close(&owner);
	assert_int_equal(-ENOSPC, provision(lab, lab->tpm.tcti, lab->directory));
	assert_says(lab, "taken");
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_PERSISTENT));
	assert_int_equal(-1, access(lab->directory, F_OK));
}

/* A certificate in an index that is larger than it, as makers of TPMs provision them. */
static void endorsement_certificate_is_kept(void **state)
{
	static const TPM2B_AUTH nothing;
	struct lab *lab = *state;
	TPM2B_MAX_NV_BUFFER piece = {.size = 300};
	TPM2B_NV_PUBLIC public = {
		.nvPublic = {.nvIndex = 0x01c00002,
			     .nameAlg = TPM2_ALG_SHA256,
			     .attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD |
					   TPMA_NV_AUTHREAD | TPMA_NV_NO_DA,
			     .dataSize = 1200},
	};
	struct owner owner;
	ESYS_TR object;
	uint16_t offset;
	size_t i;

	owner_open(lab, &owner);
	assert_int_equal(0,
			 Esys_NV_DefineSpace(owner.esys, ESYS_TR_RH_OWNER,
					     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
					     &nothing, &public, &object));
	for (offset = 0; offset < 1200; offset = (uint16_t)(offset + 300)) {
		memset(piece.buffer, offset == 900 ? 0xff : 0x5a, 300);
		if (offset == 0) /* SEQUENCE of 0x0380 bytes: 900 with its header */
			memcpy(piece.buffer, "\x30\x82\x03\x80", 4);
		assert_int_equal(0, Esys_NV_Write(owner.esys, ESYS_TR_RH_OWNER, object,
						  ESYS_TR_PASSWORD, ESYS_TR_NONE,
						  ESYS_TR_NONE, &piece, offset));
	}
	owner_close(&owner);
	lab_provision(lab);
	assert_int_equal(900, lab->enrolment.endorsement_certificate_size);
	for (i = 4; i < 900; i++)
		assert_int_equal(0x5a, lab->enrolment.endorsement_certificate[i]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(enrolment_names_what_is_in_the_tpm),
		TEST(nothing_is_overwritten),
		TEST(several_ledgers_share_a_tpm),
		TEST(unreachable_tpms_are_named),
		TEST(owned_tpm_is_left_alone),
		TEST(failure_is_undone_in_the_tpm),
		TEST(full_range_undoes_the_key),
		TEST(endorsement_certificate_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
