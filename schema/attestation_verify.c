/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/attestation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "schema/hash.h"

#define POINT_SIZE (1 + 2 * FWA_P256_SIZE)
#define DER_MAX    80 /* SEQUENCE of two INTEGERs of up to 33 bytes: 72 */

struct fwa_attestation_verifier {
	EVP_PKEY_CTX *context; /* holds the key */
};

/* Whether libcrypto refused the point itself, and did not fail for another reason. */
static bool point_was_refused(void)
{
	unsigned long code;
	bool refused = false;

	while ((code = ERR_get_error())) {
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			return false;
		if (ERR_GET_LIB(code) == ERR_LIB_EC)
			refused = true;
	}
	return refused;
}

/* A public key from its uncompressed point; NULL on failure. */
static EVP_PKEY *make_key(uint8_t point[POINT_SIZE])
{
	char group[] = "prime256v1";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
						  POINT_SIZE),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (context && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

int fwa_attestation_verifier_new(const struct fwa_attestation_key *key,
				 struct fwa_attestation_verifier **ret_verifier,
				 struct fwa_error *error)
{
	struct fwa_attestation_verifier *verifier;
	uint8_t point[POINT_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
	EVP_PKEY *public_key;
	int result = -EIO;

	memcpy(point + 1, key->x, FWA_P256_SIZE);
	memcpy(point + 1 + FWA_P256_SIZE, key->y, FWA_P256_SIZE);
	verifier = calloc(1, sizeof(*verifier));
	if (!verifier)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	ERR_clear_error();
	public_key = make_key(point);
	if (!public_key) {
		if (point_was_refused())
			result = -EBADMSG;
		goto err_verifier;
	}
	verifier->context = EVP_PKEY_CTX_new_from_pkey(NULL, public_key, NULL);
	if (!verifier->context)
		goto err_key;
	if (EVP_PKEY_public_check(verifier->context) != 1) {
		if (point_was_refused())
			result = -EBADMSG;
		goto err_context;
	}
	if (EVP_PKEY_verify_init(verifier->context) != 1)
		goto err_context;
	EVP_PKEY_free(public_key);
	*ret_verifier = verifier;
	return 0;
err_context:
	EVP_PKEY_CTX_free(verifier->context);
err_key:
	EVP_PKEY_free(public_key);
err_verifier:
	ERR_clear_error();
	free(verifier);
	if (result == -EBADMSG)
		return fwa_error(error, result,
				 "The attestation key is no point of the curve P-256.");
	return fwa_error(error, result, "libcrypto cannot use the attestation key.");
}

void fwa_attestation_verifier_free(struct fwa_attestation_verifier *verifier)
{
	if (!verifier)
		return;
	EVP_PKEY_CTX_free(verifier->context);
	free(verifier);
}

/* The signature as libcrypto wants it: a DER SEQUENCE of two INTEGERs. Returns its size or -EIO. */
static int encode_signature(const uint8_t *r, const uint8_t *s, uint8_t ret_der[DER_MAX])
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *first = BN_bin2bn(r, FWA_P256_SIZE, NULL);
	BIGNUM *second = BN_bin2bn(s, FWA_P256_SIZE, NULL);
	uint8_t *der = ret_der;
	int size = -EIO;

	if (!signature || !first || !second ||
	    ECDSA_SIG_set0(signature, first, second) != 1) {
		BN_free(first);
		BN_free(second);
		goto out;
	}
	size = i2d_ECDSA_SIG(signature, NULL);
	if (size <= 0 || size > DER_MAX || i2d_ECDSA_SIG(signature, &der) != size)
		size = -EIO;
out:
	ECDSA_SIG_free(signature);
	return size;
}

int fwa_attestation_verify(struct fwa_attestation_verifier *verifier,
			   const struct fwa_attestation *attestation,
			   struct fwa_error *error)
{
	uint8_t digest[FWA_DIGEST_SIZE], der[DER_MAX];
	int size, result;

	result = fwa_digest(&attestation->attest, 1, digest);
	if (result < 0)
		return fwa_error(error, result,
				 "The attestation's digest cannot be computed.");
	size = encode_signature(attestation->r, attestation->s, der);
	if (size < 0)
		return fwa_error(error, size, "libcrypto cannot encode the signature.");
	result = EVP_PKEY_verify(verifier->context, der, (size_t)size, digest,
				 sizeof(digest));
	ERR_clear_error();
	if (result == 1)
		return 0;
	if (result < 0)
		return fwa_error(error, -EIO, "libcrypto cannot check the signature.");
	return fwa_error(error, -EBADMSG,
			 "The attestation's signature is not one of the enrolled key.");
}
