/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/hash.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

/*
 * The algorithm is looked up once: the lookup costs more than hashing a short record. It
 * is kept until the process ends.
 */
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static void sha256_fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

int fwa_digest(const struct fwa_bytes *parts, size_t count,
	       uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	EVP_MD_CTX *context;
	int result = -EIO;

	if (pthread_once(&sha256_once, sha256_fetch) || !sha256)
		return -EIO;
	context = EVP_MD_CTX_new();
	if (!context)
		return -EIO;
	if (EVP_DigestInit_ex2(context, sha256, NULL) != 1)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (EVP_DigestUpdate(context, parts[i].data, parts[i].size) != 1)
			goto out;
	}
	if (EVP_DigestFinal_ex(context, digest, &size) != 1 || size != FWA_DIGEST_SIZE)
		goto out;
	memcpy(ret_digest, digest, FWA_DIGEST_SIZE);
	result = 0;
out:
	EVP_MD_CTX_free(context);
	return result;
}
