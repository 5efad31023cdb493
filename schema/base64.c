/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's block functions do the work. Its decoder forgives white space, stray padding and bits
 * that carry nothing; encoding its answer again and comparing takes that back.
 */
#include "schema/base64.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#define BLOCK_BYTES 48
#define BLOCK_CHARS 64

int fwa_base64_encode(const void *data, size_t size, char *ret_text, size_t capacity)
{
	const unsigned char *bytes = data;
	unsigned char chars[BLOCK_CHARS + 1];

	if (size > (SIZE_MAX - 1) / 4 * 3 - 2 || capacity <= FWA_BASE64_LENGTH(size))
		return -ENOSPC;
	while (size > 0) {
		int count = size < BLOCK_BYTES ? (int)size : BLOCK_BYTES;
		int length = EVP_EncodeBlock(chars, bytes, count);

		memcpy(ret_text, chars, (size_t)length);
		ret_text += length;
		bytes += count;
		size -= (size_t)count;
	}
	*ret_text = '\0';
	return 0;
}

int fwa_base64_decode(const char *text, size_t length, void *ret_data, size_t capacity,
		      size_t *ret_size)
{
	unsigned char *data = ret_data;
	unsigned char bytes[BLOCK_BYTES], again[BLOCK_CHARS + 1];
	size_t size = 0;

	if (length % 4)
		return -EBADMSG;
	for (size_t done = 0, chars; done < length; done += chars) {
		const unsigned char *block = (const unsigned char *)text + done;
		int count;

		chars = length - done < BLOCK_CHARS ? length - done : BLOCK_CHARS;
		count = EVP_DecodeBlock(bytes, block, (int)chars);
		if (count < 0)
			return -EBADMSG;
		/* Padding may only close the whole text; EVP_DecodeBlock counts it as bytes. */
		if (done + chars == length)
			count -= (block[chars - 1] == '=') + (block[chars - 2] == '=');
		if (count <= 0 || (size_t)EVP_EncodeBlock(again, bytes, count) != chars ||
		    memcmp(again, block, chars))
			return -EBADMSG;
		if ((size_t)count > capacity - size)
			return -ENOSPC;
		memcpy(data + size, bytes, (size_t)count);
		size += (size_t)count;
	}
	*ret_size = size;
	return 0;
}
