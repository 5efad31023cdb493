/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs as 16 bytes in the order in which their text is written (RFC 9562). */
#ifndef FWA_SCHEMA_UUID_H
#define FWA_SCHEMA_UUID_H

#include <stdint.h>

#define FWA_UUID_TEXT_SIZE 37u /* 36 characters and the terminating zero */

/* Lower case, with hyphens. */
void fwa_uuid_format(const uint8_t uuid[16], char ret_text[FWA_UUID_TEXT_SIZE]);

/*
 * Read exactly "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", either case.
 * Returns 0, or -EINVAL with `ret_uuid` untouched.
 */
int fwa_uuid_parse(const char *text, uint8_t ret_uuid[16]);

#endif
