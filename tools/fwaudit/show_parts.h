/* SPDX-License-Identifier: Apache-2.0 */
/* What a record means, beyond its fields. All print on standard output. */
#ifndef FWA_TOOLS_FWAUDIT_SHOW_PARTS_H
#define FWA_TOOLS_FWAUDIT_SHOW_PARTS_H

#include "schema/record.h"

/* The command that a call carried, decoded. Returns 0 or negative errno. */
int fwa_show_command(const struct fwa_rpc *rpc, bool has_type, uint32_t type,
		     struct fwa_bytes request, struct fwa_bytes response);
/* The items of a snapshot. Returns 0 or -ENOMEM. */
int fwa_show_items(const struct fwa_snapshot *snapshot);
/* The effects that a device declares, entry by entry. */
void fwa_show_declaration(const struct fwa_declaration *declaration);

/* All of it on one line. */
void fwa_print_hex(struct fwa_bytes bytes);
/* 16 bytes a line, at most `most` bytes. */
void fwa_print_dump(struct fwa_bytes bytes, uint64_t most);

#endif
