/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ledger/payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <zstd.h>

#include "schema/hash.h"
#include "schema/ledger_sql.h"

/* Below this zstd's own overhead eats what it saves. */
#define COMPRESS_MIN 128u
/* The fastest: payloads are compressed on the way to a commit. */
#define COMPRESS_LEVEL 1

static bool compress(const uint8_t *data, size_t size, struct fwa_payload *payload)
{
	/* Kept: making one costs several times what compressing a small payload does. */
	static _Thread_local ZSTD_CCtx *context;
	size_t bound, packed;
	uint8_t *buffer, *fitted;

	if (size < COMPRESS_MIN)
		return false;
	if (!context)
		context = ZSTD_createCCtx();
	if (!context)
		return false;
	bound = ZSTD_compressBound(size);
	buffer = malloc(bound);
	if (!buffer)
		return false; /* stored raw, then */
	packed = ZSTD_compressCCtx(context, buffer, bound, data, size, COMPRESS_LEVEL);
	if (ZSTD_isError(packed) || packed >= size) {
		free(buffer);
		return false;
	}
	fitted = realloc(buffer, packed);
	payload->bytes = fitted ? fitted : buffer;
	payload->size = packed;
	payload->codec = FWA_PAYLOAD_ZSTD;
	return true;
}

static int store_raw(const uint8_t *data, size_t size, struct fwa_payload *payload)
{
	payload->bytes = malloc(size);
	if (!payload->bytes)
		return -ENOMEM;
	memcpy(payload->bytes, data, size);
	payload->size = size;
	payload->codec = FWA_PAYLOAD_RAW;
	return 0;
}

int fwa_payload_prepare(const uint8_t *captured, size_t captured_size, uint64_t length,
			enum fwa_source source, enum fwa_moment moment,
			struct fwa_payload *ret_payload,
			struct fwa_payload_ref *ret_reference)
{
	struct fwa_payload_ref reference = {
		.length = length,
		.captured = captured_size,
		.source = (uint8_t)source,
		.moment = (uint8_t)moment,
	};
	struct fwa_payload payload = {0};
	struct fwa_bytes parts[2];
	int rc;

	if (captured_size > length)
		return -EINVAL;
	if (captured_size == length && source != FWA_SOURCE_KERNEL &&
	    source != FWA_SOURCE_USER)
		return -EINVAL;
	if (captured_size > FWA_PAYLOAD_SIZE_MAX)
		return -E2BIG;
	if (captured_size < length)
		reference.source =
			captured_size > 0 ? FWA_SOURCE_TRUNCATED : FWA_SOURCE_ABSENT;
	if (captured_size > 0) {
		if (RAND_bytes(payload.salt, sizeof(payload.salt)) != 1)
			return -EIO;
		parts[0] = (struct fwa_bytes){payload.salt, sizeof(payload.salt)};
		parts[1] = (struct fwa_bytes){captured, captured_size};
		rc = fwa_digest(parts, 2, payload.digest);
		if (rc < 0)
			return rc;
		if (!compress(captured, captured_size, &payload)) {
			rc = store_raw(captured, captured_size, &payload);
			if (rc < 0)
				return rc;
		}
		reference.digest =
			(struct fwa_bytes){ret_payload->digest, FWA_DIGEST_SIZE};
	}
	*ret_payload = payload;
	*ret_reference = reference;
	return 0;
}

void fwa_payload_clear(struct fwa_payload *payload)
{
	free(payload->bytes);
	*payload = (struct fwa_payload){0};
}
