/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardened SQLite connection of ledger_reader.c: set up, checked to be a ledger, and its
 * failures told apart. Return values as in ledger_reader.h.
 */
#ifndef FWA_VERIFIER_CONNECTION_H
#define FWA_VERIFIER_CONNECTION_H

#include <sqlite3.h>
#include <stdint.h>

#include "schema/error.h"
#include "verifier/evidence/evidence_files.h"

/*
 * Connect through the VFS of that name, harden, begin the one read transaction, and check
 * header, application id, version and schema. Where the schema differs, but not in what the
 * tables are read by, this succeeds, and `*ret_deviation` says how; else its sentence is empty.
 */
int fwa_connection_open(const struct fwa_evidence_files *files, const char *vfs,
			sqlite3 **ret_database, struct fwa_error *ret_deviation,
			struct fwa_error *error);

/* What the connection's last error means: -EBADMSG for damage, -ENOMEM, -EIO; a sentence. */
int fwa_connection_fail(sqlite3 *database, const struct fwa_evidence_files *files,
			struct fwa_error *error);

/* The one number that `sql` yields; `*ret_number` is left as it is where that is NULL. */
int fwa_connection_number(sqlite3 *database, const struct fwa_evidence_files *files,
			  const char *sql, int64_t *ret_number, struct fwa_error *error);

/* PRAGMA quick_check. */
int fwa_connection_check(sqlite3 *database, const struct fwa_evidence_files *files,
			 struct fwa_error *error);

#endif
