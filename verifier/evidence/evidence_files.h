/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a ledger, opened for reading only and held still.
 *
 * Verifying must not change the evidence, and must work where nothing may be written: a copied
 * ledger.db and ledger.db-wal in a directory of somebody else's. SQLite's own way of reading a
 * database with a write-ahead log wants to create and write a -shm file beside it, so it is not
 * let near them: the descriptors here are O_RDONLY, and readonly_vfs.h serves SQLite from them.
 *
 * A collector may be writing meanwhile. Shared locks, on the bytes that SQLite's file format
 * gives to readers (sqlite.org/walformat.html, section 2.3), keep it from folding the log into
 * the database or starting the log over for as long as the files are open; it goes on appending.
 * Where locks cannot be had, fwa_evidence_files_unchanged notices afterwards.
 */
#ifndef FWA_VERIFIER_EVIDENCE_FILES_H
#define FWA_VERIFIER_EVIDENCE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "schema/error.h"
#include "verifier/evidence/wal_scan.h"

struct fwa_evidence_files {
	char *path;         /* as the user named it, with /ledger.db after a directory */
	int database;       /* descriptor */
	uint64_t size;      /* of the database file when it was opened */
	struct stat status; /* of the database file when it was opened */
	int wal;            /* descriptor, -1 if there is none */
	uint64_t wal_size;  /* when it was opened */
	uint8_t wal_header[FWA_WAL_HEADER_SIZE]; /* if wal_size is as large */
	struct fwa_wal_scan scan; /* what is in it; zeroed if there is none */
	int wal_index; /* descriptor of -shm, for its locks; -1 if there is none */
	bool journal;  /* a rollback journal stands beside it */
};

/*
 * Open the ledger at `path`: the database, or the directory that holds ledger.db. Waits up to
 * ten seconds for a checkpoint that is under way.
 * Returns 0 and files to be closed with fwa_evidence_files_close; or negative errno (never
 * -EBADMSG) and a sentence: no such file, no permission, not a regular file, empty, busy.
 */
int fwa_evidence_files_open(const char *path, struct fwa_evidence_files **ret_files,
			    struct fwa_error *error);
void fwa_evidence_files_close(struct fwa_evidence_files *files); /* NULL: no-op */

/*
 * Are the bytes that were there at opening still there? Call it after the last read.
 * Returns 0; -EAGAIN and a sentence if somebody rewrote them; or negative errno.
 */
int fwa_evidence_files_unchanged(const struct fwa_evidence_files *files,
				 struct fwa_error *error);

/*
 * Read exactly `size` bytes at `offset`. Returns how many were read, fewer only at the end of
 * the file; or negative errno.
 */
int64_t fwa_read_at(int descriptor, void *buffer, uint64_t size, uint64_t offset);

#endif
