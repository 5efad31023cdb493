/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SQLite VFS that serves one database and its write-ahead log from descriptors that are open
 * already, read-only. It opens no path, creates, writes, locks and deletes nothing, and ends the
 * log at its last committed frame, so that one connection sees one state, whatever a collector
 * appends meanwhile.
 *
 * It has no shared memory: the connection has to set PRAGMA locking_mode=EXCLUSIVE before its
 * first read, which makes SQLite keep the log's index in its own memory.
 */
#ifndef FWA_VERIFIER_READONLY_VFS_H
#define FWA_VERIFIER_READONLY_VFS_H

#include "verifier/evidence/evidence_files.h"

struct fwa_readonly_vfs;

/*
 * Register a VFS over `files`, which have to stay open until fwa_readonly_vfs_free.
 * Returns 0, -ENOMEM, or -EIO if SQLite refused.
 */
int fwa_readonly_vfs_new(const struct fwa_evidence_files *files,
			 struct fwa_readonly_vfs **ret_vfs);
/* Every connection that uses it has to be closed before. NULL: no-op. */
void fwa_readonly_vfs_free(struct fwa_readonly_vfs *vfs);
/* The name to give to sqlite3_open_v2. */
const char *fwa_readonly_vfs_name(const struct fwa_readonly_vfs *vfs);

#endif
