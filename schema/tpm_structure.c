/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/tpm_structure.h"

#include <errno.h>
#include <string.h>

static int short_read(const char *what, struct fwa_error *error)
{
	return fwa_error(error, -EBADMSG, "The %s is cut off.", what);
}

int fwa_tpm_expect16(struct fwa_cursor *cursor, uint16_t expected, const char *what,
		     const char *name, struct fwa_error *error)
{
	uint16_t value = fwa_cursor_be16(cursor);

	if (cursor->failed)
		return short_read(what, error);
	if (value != expected)
		return fwa_error(error, -EBADMSG, "The %s is 0x%04x, not 0x%04x (%s).",
				 what, value, expected, name);
	return 0;
}

int fwa_tpm_sized(struct fwa_cursor *cursor, uint16_t size, const char *what,
		  const uint8_t **ret_data, struct fwa_error *error)
{
	uint16_t actual = fwa_cursor_be16(cursor);
	const uint8_t *data;

	if (cursor->failed)
		return short_read(what, error);
	if (actual != size)
		return fwa_error(error, -EBADMSG, "The %s has %u bytes, not %u.", what,
				 actual, size);
	data = fwa_cursor_take(cursor, size);
	if (!data)
		return short_read(what, error);
	*ret_data = data;
	return 0;
}

int fwa_tpm_name_read(struct fwa_cursor *cursor, const char *what,
		      uint8_t ret_name[FWA_TPM_NAME_SIZE], struct fwa_error *error)
{
	const uint8_t *name;
	int result = fwa_tpm_sized(cursor, FWA_TPM_NAME_SIZE, what, &name, error);

	if (result < 0)
		return result;
	if (fwa_be16(name) != FWA_TPM_ALG_SHA256)
		return fwa_error(
			error, -EBADMSG,
			"The %s is of algorithm 0x%04x, not 0x%04x (TPM_ALG_SHA256).",
			what, fwa_be16(name), FWA_TPM_ALG_SHA256);
	memcpy(ret_name, name, FWA_TPM_NAME_SIZE);
	return 0;
}

int fwa_tpm_integer(struct fwa_cursor *cursor, const char *what,
		    uint8_t ret_integer[FWA_P256_SIZE], struct fwa_error *error)
{
	uint16_t size = fwa_cursor_be16(cursor);
	const uint8_t *data;

	if (cursor->failed)
		return short_read(what, error);
	if (size == 0 || size > FWA_P256_SIZE)
		return fwa_error(error, -EBADMSG, "The %s has %u bytes, not 1 to %u.",
				 what, size, FWA_P256_SIZE);
	data = fwa_cursor_take(cursor, size);
	if (!data)
		return short_read(what, error);
	if (size < FWA_P256_SIZE && data[0] == 0)
		return fwa_error(error, -EBADMSG,
				 "The %s has %u bytes and begins with a zero byte.", what,
				 size);
	memset(ret_integer, 0, FWA_P256_SIZE - size);
	memcpy(ret_integer + FWA_P256_SIZE - size, data, size);
	return 0;
}

int fwa_tpm_end(const struct fwa_cursor *cursor, const char *what,
		struct fwa_error *error)
{
	if (cursor->failed)
		return short_read(what, error);
	if (fwa_cursor_left(cursor) > 0)
		return fwa_error(error, -EBADMSG, "The %s is followed by %zu more bytes.",
				 what, fwa_cursor_left(cursor));
	return 0;
}
