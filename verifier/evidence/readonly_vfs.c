/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/readonly_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME_MAX_SIZE 64
#define PATH_MAX_SIZE 64 /* the only path is a constant of ours */
/* The Julian day of the Unix epoch, in milliseconds. */
#define UNIX_EPOCH_MS 210866760000000LL

struct fwa_readonly_vfs {
	sqlite3_vfs vfs;
	char name[NAME_MAX_SIZE];
	const struct fwa_evidence_files *files;
};

struct open_file {
	sqlite3_file base;
	int descriptor; /* -1: an empty file */
	sqlite3_int64 size;
};

static struct open_file *open_file(sqlite3_file *file)
{
	return (struct open_file *)file;
}

static int file_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
	const struct open_file *open = open_file(file);
	sqlite3_int64 left = offset < open->size ? open->size - offset : 0;
	int want = left < size ? (int)left : size;
	int64_t got = 0;

	if (want > 0)
		got = fwa_read_at(open->descriptor, buffer, (uint64_t)want,
				  (uint64_t)offset);
	if (got < 0)
		return SQLITE_IOERR_READ;
	if (got == size)
		return SQLITE_OK;
	/* SQLite demands that what is missing reads as zero. */
	memset((char *)buffer + got, 0, (size_t)(size - got));
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *buffer, int size,
		      sqlite3_int64 offset)
{
	(void)file, (void)buffer, (void)size, (void)offset;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file, (void)size;
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return SQLITE_OK; /* nothing was written */
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	*ret_size = open_file(file)->size;
	return SQLITE_OK;
}

/* The files are held by evidence_files.c, and SQLite is their only reader here. */
static int file_lock(sqlite3_file *file, int level)
{
	(void)file, (void)level;
	return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *file, int *ret_locked)
{
	(void)file;
	*ret_locked = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
	(void)file, (void)operation, (void)argument;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int file_characteristics(sqlite3_file *file)
{
	(void)file;
	return 0;
}

/* Version 1: no shared memory, no memory mapping. */
static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		    int *ret_flags)
{
	const struct fwa_evidence_files *files = vfs->pAppData;
	struct open_file *open = open_file(file);

	(void)name;
	open->base.pMethods = NULL;
	if (flags & SQLITE_OPEN_MAIN_DB) {
		open->descriptor = files->database;
		open->size = (sqlite3_int64)files->size;
	} else if (flags & SQLITE_OPEN_WAL) {
		open->descriptor = files->wal;
		open->size = (sqlite3_int64)files->scan.committed_size;
	} else {
		return SQLITE_CANTOPEN;
	}
	open->base.pMethods = &file_methods;
	if (ret_flags)
		*ret_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
			     SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)name, (void)sync;
	return SQLITE_READONLY;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t size = strlen(name), suffix_size = strlen(suffix);

	return size >= suffix_size && strcmp(name + size - suffix_size, suffix) == 0;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_result)
{
	const struct fwa_evidence_files *files = vfs->pAppData;

	*ret_result = flags == SQLITE_ACCESS_EXISTS && ends_with(name, "-wal") &&
		      files->scan.committed_size > 0;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int capacity, char *ret_path)
{
	(void)vfs;
	if (snprintf(ret_path, (size_t)capacity, "%s", name) >= capacity)
		return SQLITE_CANTOPEN;
	return SQLITE_OK;
}

/* SQLite seeds its random rowids and temporary names with this; neither is used. */
static int vfs_randomness(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
	(void)vfs;
	memset(ret_bytes, 0, (size_t)size);
	return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs, (void)microseconds;
	return 0;
}

static int vfs_current_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_time)
{
	(void)vfs;
	*ret_time = UNIX_EPOCH_MS + (sqlite3_int64)time(NULL) * 1000;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *ret_text)
{
	(void)vfs, (void)size, (void)ret_text;
	return 0;
}

int fwa_readonly_vfs_new(const struct fwa_evidence_files *files,
			 struct fwa_readonly_vfs **ret_vfs)
{
	struct fwa_readonly_vfs *vfs = calloc(1, sizeof(*vfs));

	if (!vfs)
		return -ENOMEM;
	snprintf(vfs->name, sizeof(vfs->name), "fwa-readonly-%p", (void *)vfs);
	vfs->files = files;
	vfs->vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = sizeof(struct open_file),
		.mxPathname = PATH_MAX_SIZE,
		.zName = vfs->name,
		.pAppData = (void *)files,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTimeInt64 = vfs_current_time,
		.xGetLastError = vfs_last_error,
	};
	if (sqlite3_vfs_register(&vfs->vfs, 0) != SQLITE_OK) {
		free(vfs);
		return -EIO;
	}
	*ret_vfs = vfs;
	return 0;
}

void fwa_readonly_vfs_free(struct fwa_readonly_vfs *vfs)
{
	if (!vfs)
		return;
	sqlite3_vfs_unregister(&vfs->vfs);
	free(vfs);
}

const char *fwa_readonly_vfs_name(const struct fwa_readonly_vfs *vfs)
{
	return vfs->name;
}
