/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/seal/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sqlite3.h>
#include <tss2/tss2_tctildr.h>

#include "collector/seal/checkpoint.h"
#include "collector/seal/enrolment_file.h"
#include "collector/seal/protocol.h"
#include "collector/seal/provision.h"
#include "collector/seal/tpm.h"
#include "schema/chain.h"
#include "schema/note.h"
#include "tests/lib/temporary.h"

static void succeed(const struct lab *lab, int rc)
{
	if (rc < 0)
		print_error("%s\n", lab->error.sentence);
	assert_int_equal(0, rc);
}

int lab_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	fwa_tpm_quiet();
	lab->channel = -1;
	assert_int_equal(0, fwa_swtpm_create(&lab->tpm));
	assert_int_equal(0, fwa_temporary_make(lab->parent, sizeof(lab->parent)));
	snprintf(lab->directory, sizeof(lab->directory), "%s/ledger", lab->parent);
	*state = lab;
	return 0;
}

int lab_teardown(void **state)
{
	struct lab *lab = *state;

	lab_stop_sealer(lab);
	fwa_swtpm_destroy(&lab->tpm);
	fwa_temporary_remove(lab->parent);
	free(lab);
	return 0;
}

void lab_provision(struct lab *lab)
{
	const struct fwa_provision_options options = {
		.tcti = lab->tpm.tcti,
		.directory = lab->directory,
	};

	succeed(lab, fwa_provision(&options, &lab->error));
	succeed(lab,
		fwa_enrolment_file_read(lab->directory, &lab->enrolment, &lab->error));
}

static void *run_sealer(void *context)
{
	struct lab *lab = context;

	lab->sealer_result = fwa_sealer_run(lab->sealer_end, &lab->options);
	return NULL;
}

void lab_start_sealer(struct lab *lab, const char *tcti)
{
	int ends[2];

	assert_int_equal(-1, lab->channel);
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	lab->channel = ends[0];
	lab->sealer_end = ends[1];
	lab->options.tcti = tcti ? tcti : lab->tpm.tcti;
	lab->options.enrolment = &lab->enrolment;
	assert_int_equal(0, pthread_create(&lab->thread, NULL, run_sealer, lab));
}

void lab_stop_sealer(struct lab *lab)
{
	if (lab->channel < 0)
		return;
	close(lab->channel);
	lab->channel = -1;
	assert_int_equal(0, pthread_join(lab->thread, NULL));
	close(lab->sealer_end);
	assert_int_equal(0, lab->sealer_result);
}

struct fwa_ledger *lab_open(struct lab *lab)
{
	struct fwa_ledger *ledger = NULL;

	succeed(lab, fwa_ledger_open(lab->directory, &ledger, &lab->error));
	return ledger;
}

void lab_close(struct lab *lab, struct fwa_ledger *ledger)
{
	succeed(lab, fwa_ledger_close(ledger, &lab->error));
}

static struct fwa_bytes text(const char *string)
{
	return (struct fwa_bytes){(const uint8_t *)string, strlen(string)};
}

void lab_begin(struct lab *lab, struct fwa_ledger *ledger)
{
	struct fwa_record genesis = {
		.kind = FWA_RECORD_GENESIS,
		.genesis =
			{
				.ledger_uuid = {lab->enrolment.ledger, FWA_UUID_SIZE},
				.format_version = FWA_FORMAT_VERSION,
				.collector_version = text("test"),
				.enrolment_digest = {lab->enrolment.digest,
						     FWA_DIGEST_SIZE},
			},
	};
	struct fwa_record boot = {
		.kind = FWA_RECORD_BOOT,
		.boot =
			{
				.boot_id = {lab->enrolment.digest, FWA_UUID_SIZE},
				.kernel_release = text("6.1"),
				.machine = text("x86_64"),
				.collector_version = text("test"),
				.configuration =
					{
						.capture = text("tracepoint"),
						.observe = text("off"),
						.on_loss = text("record"),
					},
				.pid = 1,
				.coverage = text("none"),
			},
	};

	succeed(lab, fwa_ledger_append(ledger, &genesis, NULL, NULL, &lab->error));
	succeed(lab, fwa_ledger_append(ledger, &boot, NULL, NULL, &lab->error));
	succeed(lab, fwa_ledger_commit(ledger, &lab->error));
}

void lab_append(struct lab *lab, struct fwa_ledger *ledger)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GAP,
		.gap = {.first_number = 1, .count = 1, .reason = text("a test")},
	};

	succeed(lab, fwa_ledger_append(ledger, &record, NULL, NULL, &lab->error));
}

void lab_append_checkpoint(struct lab *lab, struct fwa_ledger *ledger)
{
	const struct fwa_checkpoint_counters counters = {0};
	struct fwa_checkpoint_run run = {.run = 1};
	struct fwa_record record;

	memcpy(run.enrolment_digest, lab->enrolment.digest, FWA_DIGEST_SIZE);
	succeed(lab,
		fwa_checkpoint_build(fwa_ledger_state(ledger), &run, &counters,
				     FWA_CHECKPOINT_TIME, 1, 1, &record, &lab->error));
	succeed(lab, fwa_ledger_append_checkpoint(ledger, &record, &lab->error));
}

int lab_ask(struct lab *lab, struct fwa_ledger *ledger, uint8_t *ret_attestation,
	    size_t *ret_size)
{
	const struct fwa_ledger_state *where = fwa_ledger_state(ledger);
	struct fwa_seal_message message;
	struct fwa_frame frame = {0};
	int rc;

	lab->error.sentence[0] = '\0';
	assert_int_equal(0, fwa_seal_send_attest(lab->channel, where->accumulator,
						 where->note_digest));
	rc = fwa_seal_receive(lab->channel, &frame, &message, &lab->error);
	if (rc == 0) {
		assert_int_equal(FWA_SEAL_ATTESTED, message.type);
		memcpy(ret_attestation, message.attestation.data,
		       message.attestation.size);
		*ret_size = message.attestation.size;
	}
	fwa_frame_clear(&frame);
	return rc;
}

void lab_checkpoint(struct lab *lab, struct fwa_ledger *ledger)
{
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX];
	size_t size;

	lab_append(lab, ledger);
	lab_append_checkpoint(lab, ledger);
	succeed(lab, fwa_ledger_commit(ledger, &lab->error));
	succeed(lab, lab_ask(lab, ledger, attestation, &size));
	succeed(lab,
		fwa_ledger_append_attestation(ledger, attestation, size, &lab->error));
	succeed(lab, fwa_ledger_commit(ledger, &lab->error));
}

/* The enrolled key as OpenSSL has it, by way of no code of ours. */
static EVP_PKEY *openssl_key(const struct fwa_attestation_key *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	uint8_t point[1 + 2 * FWA_P256_SIZE] = {4};
	EVP_PKEY *result = NULL;
	OSSL_PARAM *parameters;

	memcpy(point + 1, key->x, FWA_P256_SIZE);
	memcpy(point + 1 + FWA_P256_SIZE, key->y, FWA_P256_SIZE);
	assert_int_equal(1, OSSL_PARAM_BLD_push_utf8_string(
				    builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0));
	assert_int_equal(1, OSSL_PARAM_BLD_push_octet_string(builder,
							     OSSL_PKEY_PARAM_PUB_KEY,
							     point, sizeof(point)));
	parameters = OSSL_PARAM_BLD_to_param(builder);
	assert_int_equal(1, EVP_PKEY_fromdata_init(context));
	assert_int_equal(
		1, EVP_PKEY_fromdata(context, &result, EVP_PKEY_PUBLIC_KEY, parameters));
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return result;
}

static int openssl_verify(EVP_PKEY *key, const struct fwa_attestation *attestation)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int length, rc;

	assert_int_equal(1,
			 ECDSA_SIG_set0(signature,
					BN_bin2bn(attestation->r, FWA_P256_SIZE, NULL),
					BN_bin2bn(attestation->s, FWA_P256_SIZE, NULL)));
	length = i2d_ECDSA_SIG(signature, &der);
	assert_true(length > 0);
	assert_int_equal(1, EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key));
	rc = EVP_DigestVerify(context, der, (size_t)length, attestation->attest.data,
			      attestation->attest.size);
	OPENSSL_free(der);
	ECDSA_SIG_free(signature);
	EVP_MD_CTX_free(context);
	return rc;
}

unsigned lab_verify(struct lab *lab)
{
	EVP_PKEY *key = openssl_key(&lab->enrolment.key);
	struct fwa_attestation attestation;
	uint8_t digest[FWA_DIGEST_SIZE];
	sqlite3_stmt *statement = NULL;
	struct fwa_chain chain;
	sqlite3 *handle = NULL;
	char path[128];
	unsigned count = 0;

	snprintf(path, sizeof(path), "%s/ledger.db", lab->directory);
	assert_int_equal(SQLITE_OK, sqlite3_open(path, &handle));
	assert_int_equal(
		SQLITE_OK,
		sqlite3_prepare_v2(handle,
				   "SELECT note, attestation FROM checkpoint "
				   "JOIN attestation USING (number) ORDER BY number",
				   -1, &statement, NULL));
	fwa_chain_init(&chain);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		succeed(lab, fwa_note_digest(sqlite3_column_blob(statement, 0),
					     (size_t)sqlite3_column_bytes(statement, 0),
					     digest));
		succeed(lab,
			fwa_attestation_parse(sqlite3_column_blob(statement, 1),
					      (size_t)sqlite3_column_bytes(statement, 1),
					      &attestation, &lab->error));
		assert_int_equal(1, openssl_verify(key, &attestation));
		succeed(lab,
			fwa_chain_next(&chain, &attestation, lab->enrolment.index.name,
				       digest, &lab->error));
		count++;
	}
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	EVP_PKEY_free(key);
	return count;
}

void owner_open(struct lab *lab, struct owner *owner)
{
	*owner = (struct owner){0};
	assert_int_equal(0, Tss2_TctiLdr_Initialize(lab->tpm.tcti, &owner->tcti));
	assert_int_equal(0, Esys_Initialize(&owner->esys, owner->tcti, NULL));
}

void owner_close(struct owner *owner)
{
	Esys_Finalize(&owner->esys);
	Tss2_TctiLdr_Finalize(&owner->tcti);
}

unsigned lab_count_handles(struct lab *lab, uint32_t first)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	unsigned i, count = 0;
	struct owner owner;

	owner_open(lab, &owner);
	assert_int_equal(0, Esys_GetCapability(owner.esys, ESYS_TR_NONE, ESYS_TR_NONE,
					       ESYS_TR_NONE, TPM2_CAP_HANDLES, first,
					       TPM2_MAX_CAP_HANDLES, NULL, &data));
	for (i = 0; i < data->data.handles.count; i++)
		if (((data->data.handles.handle[i] ^ first) & FWA_TPM_RANGE_MASK) == 0)
			count++;
	Esys_Free(data);
	owner_close(&owner);
	return count;
}
