/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test_tpm.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/chain.h"

#define INDEX_HANDLE 0x01800f0du
#define COORDINATE   FWA_P256_SIZE

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "test TPM: %s failed\n", what);
	abort();
}

/* Bytes that are put one after another. */
struct writer {
	uint8_t data[FWA_ATTESTATION_SIZE_MAX];
	size_t size;
};

static void put(struct writer *writer, const void *data, size_t size)
{
	need(size <= sizeof(writer->data) - writer->size, "writing a structure");
	memcpy(writer->data + writer->size, data, size);
	writer->size += size;
}

static void put16(struct writer *writer, uint16_t value)
{
	uint8_t bytes[2];

	fwa_put_be16(bytes, value);
	put(writer, bytes, sizeof(bytes));
}

static void put32(struct writer *writer, uint32_t value)
{
	uint8_t bytes[4];

	fwa_put_be32(bytes, value);
	put(writer, bytes, sizeof(bytes));
}

static void put64(struct writer *writer, uint64_t value)
{
	uint8_t bytes[8];

	fwa_put_be64(bytes, value);
	put(writer, bytes, sizeof(bytes));
}

static void put_sized(struct writer *writer, const void *data, size_t size)
{
	put16(writer, (uint16_t)size);
	put(writer, data, size);
}

static void coordinate(EVP_PKEY *key, const char *name, uint8_t ret_value[COORDINATE])
{
	BIGNUM *number = NULL;

	need(EVP_PKEY_get_bn_param(key, name, &number) == 1, "reading the key");
	need(BN_bn2binpad(number, ret_value, COORDINATE) == COORDINATE,
	     "reading the key");
	BN_free(number);
}

/* TPMT_PUBLIC of a restricted ECDSA P-256 signing key. */
static void make_public(struct test_tpm *tpm)
{
	struct writer writer = {.size = 0};
	uint8_t x[COORDINATE], y[COORDINATE];

	coordinate(tpm->key, OSSL_PKEY_PARAM_EC_PUB_X, x);
	coordinate(tpm->key, OSSL_PKEY_PARAM_EC_PUB_Y, y);
	put16(&writer, 0x0023); /* TPM_ALG_ECC */
	put16(&writer, 0x000b); /* TPM_ALG_SHA256 */
	put32(&writer, FWA_KEY_ATTRIBUTES);
	put16(&writer, 0);      /* no policy */
	put16(&writer, 0x0010); /* symmetric: TPM_ALG_NULL */
	put16(&writer, 0x0018); /* scheme: TPM_ALG_ECDSA */
	put16(&writer, 0x000b);
	put16(&writer, 0x0003); /* TPM_ECC_NIST_P256 */
	put16(&writer, 0x0010); /* kdf: TPM_ALG_NULL */
	put_sized(&writer, x, sizeof(x));
	put_sized(&writer, y, sizeof(y));
	need(fwa_attestation_key_parse(writer.data, writer.size, &tpm->public_key,
				       NULL) == 0,
	     "making the key's public area");
}

/* TPMS_NV_PUBLIC of a written NT_EXTEND index. */
static void make_index(struct test_tpm *tpm)
{
	struct writer writer = {.size = 0};

	put32(&writer, INDEX_HANDLE);
	put16(&writer, 0x000b);
	put32(&writer, FWA_NV_ATTRIBUTES_ALLOWED);
	put16(&writer, 0); /* no policy */
	put16(&writer, FWA_DIGEST_SIZE);
	need(fwa_nv_index_parse(writer.data, writer.size, &tpm->index, NULL) == 0,
	     "making the index's public area");
}

void test_tpm_init(struct test_tpm *tpm)
{
	memset(tpm, 0, sizeof(*tpm));
	tpm->key = EVP_EC_gen("P-256");
	need(tpm->key != NULL, "generating a key");
	make_public(tpm);
	make_index(tpm);
	need(fwa_tpm_name("signer", 6, tpm->qualified_signer) == 0, "hashing");
	tpm->clock = 1000000;
	tpm->reset_count = 0xfffffffeu; /* the offset may make it wrap round */
	tpm->restart_count = 7;
	tpm->safe = true;
}

void test_tpm_clear(struct test_tpm *tpm)
{
	EVP_PKEY_free(tpm->key);
	memset(tpm, 0, sizeof(*tpm));
}

void test_tpm_extend(struct test_tpm *tpm, const uint8_t digest[FWA_DIGEST_SIZE])
{
	need(fwa_accumulator_extend(tpm->contents, digest, tpm->contents) == 0,
	     "extending");
}

static void put_signature(struct writer *writer, EVP_PKEY *key, const uint8_t *data,
			  size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[128], value[COORDINATE];
	size_t der_size = sizeof(der);
	const uint8_t *cursor = der;
	const BIGNUM *r, *s;
	ECDSA_SIG *signature;

	need(context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1,
	     "signing");
	need(EVP_DigestSign(context, der, &der_size, data, size) == 1, "signing");
	EVP_MD_CTX_free(context);
	signature = d2i_ECDSA_SIG(NULL, &cursor, (long)der_size);
	need(signature != NULL, "signing");
	ECDSA_SIG_get0(signature, &r, &s);
	put16(writer, 0x0018); /* TPM_ALG_ECDSA */
	put16(writer, 0x000b);
	need(BN_bn2binpad(r, value, COORDINATE) == COORDINATE, "signing");
	put_sized(writer, value, COORDINATE);
	need(BN_bn2binpad(s, value, COORDINATE) == COORDINATE, "signing");
	put_sized(writer, value, COORDINATE);
	ECDSA_SIG_free(signature);
}

size_t test_tpm_certify(struct test_tpm *tpm, const uint8_t qualifying[FWA_DIGEST_SIZE],
			uint8_t buffer[FWA_ATTESTATION_SIZE_MAX])
{
	struct writer attest = {.size = 0}, whole = {.size = 0};
	const uint8_t safe = tpm->safe;

	tpm->clock += 250;
	put32(&attest, 0xff544347u); /* TPM_GENERATED */
	put16(&attest, 0x8014);      /* TPM_ST_ATTEST_NV */
	put_sized(&attest, tpm->qualified_signer, FWA_TPM_NAME_SIZE);
	put_sized(&attest, qualifying, FWA_DIGEST_SIZE);
	put64(&attest, tpm->clock);
	put32(&attest, tpm->reset_count);
	put32(&attest, tpm->restart_count);
	put(&attest, &safe, 1);
	put64(&attest, 0x0123456789abcdefu); /* firmware version */
	put_sized(&attest, tpm->index.name, FWA_TPM_NAME_SIZE);
	put16(&attest, 0); /* offset */
	put_sized(&attest, tpm->contents, FWA_DIGEST_SIZE);
	put_sized(&whole, attest.data, attest.size);
	put_signature(&whole, tpm->key, attest.data, attest.size);
	memcpy(buffer, whole.data, whole.size);
	return whole.size;
}

char *test_tpm_enrol(const struct test_tpm *tpm, const uint8_t ledger[FWA_UUID_SIZE],
		     size_t *ret_size)
{
	struct fwa_enrolment *enrolment = calloc(1, sizeof(*enrolment));
	struct fwa_error error = {.sentence = ""};
	char *text = NULL;

	need(enrolment != NULL, "allocating");
	enrolment->kind = FWA_ENROLMENT_SELF;
	memcpy(enrolment->ledger, ledger, FWA_UUID_SIZE);
	strcpy(enrolment->created, "2025-11-22T17:39:00Z");
	enrolment->key = tpm->public_key;
	enrolment->index = tpm->index;
	strcpy(enrolment->manufacturer, "TEST");
	strcpy(enrolment->vendor, "tests/lib/test_tpm.c");
	strcpy(enrolment->firmware, "1");
	enrolment->software = true;
	if (fwa_enrolment_format(enrolment, &text, ret_size, &error) < 0) {
		fprintf(stderr, "%s\n", error.sentence);
		need(false, "enrolling");
	}
	free(enrolment);
	return text;
}
