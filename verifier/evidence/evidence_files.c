/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/evidence_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DATABASE_NAME "ledger.db"

/* Lock bytes: sqlite.org/lockingv3.html and walformat.html; the same in every SQLite 3. */
#define DATABASE_SHARED_FIRST 0x40000002
#define DATABASE_SHARED_SIZE  510
#define WAL_READ_LOCK(slot)   (123 + (slot))
/* Held shared by a reader of the database file: nothing is folded into it. */
#define NO_FOLDING WAL_READ_LOCK(0)
/* Held shared by any reader: the log is not started over. */
#define NO_RESTART WAL_READ_LOCK(4)

#define WAIT_STEPS   1000
#define WAIT_STEP_NS 10000000L /* 10 ms: ten seconds in all */

int64_t fwa_read_at(int descriptor, void *buffer, uint64_t size, uint64_t offset)
{
	uint64_t done = 0;

	while (done < size) {
		ssize_t got = pread(descriptor, (uint8_t *)buffer + done, size - done,
				    (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (uint64_t)got;
	}
	return (int64_t)done;
}

/*
 * Take a shared lock that belongs to the descriptor, so that neither another connection in
 * this process nor the closing of one interferes. Returns 0, -EBUSY after ten seconds, or
 * -ENOLCK where the file system has no such locks.
 */
static int lock_shared(int descriptor, off_t start, off_t length)
{
	const struct timespec step = {.tv_nsec = WAIT_STEP_NS};
	struct flock lock = {.l_type = F_RDLCK,
			     .l_whence = SEEK_SET,
			     .l_start = start,
			     .l_len = length};
	int i;

	for (i = 0; i < WAIT_STEPS; i++) {
		if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return -ENOLCK;
		nanosleep(&step, NULL);
	}
	return -EBUSY;
}

static int open_database(struct fwa_evidence_files *files, const char *path,
			 struct fwa_error *error)
{
	struct stat status;

	files->path = strdup(path);
	if (!files->path)
		return fwa_error(error, -ENOMEM, "%s: out of memory.", path);
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		free(files->path);
		if (asprintf(&files->path, "%s/%s", path, DATABASE_NAME) < 0) {
			files->path = NULL;
			return fwa_error(error, -ENOMEM, "%s: out of memory.", path);
		}
	}
	/* O_NONBLOCK: a pipe of that name must not hang us before it is refused. */
	files->database = open(files->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (files->database < 0 && errno == ENOENT)
		return fwa_error(error, -ENOENT,
				 "%s: there is no ledger; name a ledger.db or the "
				 "directory that holds it.",
				 files->path);
	if (files->database < 0) {
		int code = -errno;

		return fwa_error(error, code, "%s: cannot be opened for reading: %s.",
				 files->path, strerror(-code));
	}
	if (fstat(files->database, &files->status) != 0)
		return fwa_error(error, -EIO, "%s: cannot be read: %s.", files->path,
				 strerror(errno));
	if (!S_ISREG(files->status.st_mode))
		return fwa_error(error, -EINVAL,
				 "%s: is not a file; name a ledger.db or the directory "
				 "that holds it.",
				 files->path);
	return 0;
}

static int hold_database(struct fwa_evidence_files *files, struct fwa_error *error)
{
	int result =
		lock_shared(files->database, DATABASE_SHARED_FIRST, DATABASE_SHARED_SIZE);

	if (result == -EBUSY)
		return fwa_error(error, -EBUSY,
				 "%s: another process holds the ledger exclusively; try "
				 "again when it is done.",
				 files->path);
	if (fstat(files->database, &files->status) != 0)
		return fwa_error(error, -EIO, "%s: cannot be read: %s.", files->path,
				 strerror(errno));
	files->size = (uint64_t)files->status.st_size;
	if (files->size == 0)
		return fwa_error(error, -EINVAL,
				 "%s: is empty: it is no ledger, or all of it was lost.",
				 files->path);
	return 0;
}

/* A file beside the database, found where the database really is. -1 and 0 if it is not there. */
static int open_beside(const char *real, const char *suffix, int *ret_descriptor,
		       struct fwa_error *error)
{
	char *path;
	int result = 0;

	if (asprintf(&path, "%s%s", real, suffix) < 0)
		return fwa_error(error, -ENOMEM, "%s: out of memory.", real);
	*ret_descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*ret_descriptor < 0 && errno != ENOENT) {
		result = -errno;
		fwa_error(error, result, "%s: cannot be opened for reading: %s.", path,
			  strerror(-result));
	}
	free(path);
	return result;
}

static int open_wal(struct fwa_evidence_files *files, const char *real,
		    struct fwa_error *error)
{
	struct stat status;
	int64_t got;
	int result = open_beside(real, "-wal", &files->wal, error);

	if (result < 0 || files->wal < 0)
		return result;
	if (fstat(files->wal, &status) != 0 || !S_ISREG(status.st_mode))
		return fwa_error(error, -EINVAL, "%s-wal: is not a file.", files->path);
	files->wal_size = (uint64_t)status.st_size;
	got = fwa_read_at(files->wal, files->wal_header, sizeof(files->wal_header), 0);
	if (got < 0)
		return fwa_error(error, (int)got, "%s-wal: cannot be read: %s.",
				 files->path, strerror((int)-got));
	result = fwa_wal_scan(files->wal, files->wal_size, &files->scan);
	if (result < 0)
		return fwa_error(error, result, "%s-wal: cannot be read: %s.",
				 files->path, strerror(-result));
	return 0;
}

static int hold_wal(struct fwa_evidence_files *files, const char *real,
		    struct fwa_error *error)
{
	int result = 0;

	/* Without it nobody has the log open; unreadable, fwa_evidence_files_unchanged stays. */
	if (open_beside(real, "-shm", &files->wal_index, NULL) < 0 ||
	    files->wal_index < 0)
		return 0;
	if (lock_shared(files->wal_index, NO_FOLDING, 1) == -EBUSY ||
	    lock_shared(files->wal_index, NO_RESTART, 1) == -EBUSY)
		result =
			fwa_error(error, -EBUSY,
				  "%s: the collector was folding its write-ahead log for "
				  "too long; try again.",
				  files->path);
	return result;
}

int fwa_evidence_files_open(const char *path, struct fwa_evidence_files **ret_files,
			    struct fwa_error *error)
{
	struct fwa_evidence_files *files = calloc(1, sizeof(*files));
	char *real = NULL;
	int journal = -1;
	int result;

	if (!files)
		return fwa_error(error, -ENOMEM, "%s: out of memory.", path);
	files->database = files->wal = files->wal_index = -1;
	result = open_database(files, path, error);
	if (result == 0)
		result = hold_database(files, error);
	if (result < 0)
		goto out;
	/* Locked first, looked at then: a log that is not there now is not just being removed. */
	real = realpath(files->path, NULL);
	if (!real) {
		result =
			fwa_error(error, -errno, "%s: %s.", files->path, strerror(errno));
		goto out;
	}
	result = hold_wal(files, real, error);
	if (result == 0)
		result = open_wal(files, real, error);
	if (result < 0)
		goto out;
	files->journal =
		open_beside(real, "-journal", &journal, NULL) < 0 || journal >= 0;
	if (journal >= 0)
		close(journal);
	*ret_files = files;
	files = NULL;
out:
	free(real);
	fwa_evidence_files_close(files);
	return result;
}

void fwa_evidence_files_close(struct fwa_evidence_files *files)
{
	if (!files)
		return;
	if (files->wal_index >= 0)
		close(files->wal_index);
	if (files->wal >= 0)
		close(files->wal);
	if (files->database >= 0)
		close(files->database);
	free(files->path);
	free(files);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int fwa_evidence_files_unchanged(const struct fwa_evidence_files *files,
				 struct fwa_error *error)
{
	uint8_t header[FWA_WAL_HEADER_SIZE] = {0};
	struct stat status;
	bool changed;

	if (fstat(files->database, &status) != 0)
		return fwa_error(error, -EIO, "%s: %s.", files->path, strerror(errno));
	changed = status.st_size != files->status.st_size ||
		  !same_time(&status.st_mtim, &files->status.st_mtim);
	if (files->wal >= 0) {
		if (fwa_read_at(files->wal, header, sizeof(header), 0) < 0 ||
		    fstat(files->wal, &status) != 0)
			return fwa_error(error, -EIO, "%s-wal: cannot be read.",
					 files->path);
		/* A log that grew is fine: what was there is still there. */
		changed = changed || (uint64_t)status.st_size < files->wal_size ||
			  memcmp(header, files->wal_header, sizeof(header)) != 0;
	}
	if (changed)
		return fwa_error(
			error, -EAGAIN,
			"%s: was rewritten while it was being read; run it again, "
			"or verify a copy.",
			files->path);
	return 0;
}
