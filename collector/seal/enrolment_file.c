/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/enrolment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/ledger/directory.h"

/* Read at most `capacity` bytes. Returns 0 or negative errno. */
static int read_all(int fd, uint8_t *buffer, size_t capacity, size_t *ret_size)
{
	size_t done = 0;
	ssize_t count;

	while (done < capacity) {
		count = read(fd, buffer + done, capacity - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	*ret_size = done;
	return 0;
}

static int parse_file(int fd, const char *path, struct fwa_enrolment *ret_enrolment,
		      struct fwa_error *error)
{
	struct fwa_error why = {0};
	struct stat status;
	uint8_t *text;
	size_t size = 0;
	int rc;

	if (fstat(fd, &status) < 0)
		return fwa_error(error, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fwa_error(error, -EBADMSG, "%s: not a regular file", path);
	text = malloc(FWA_ENROLMENT_SIZE_MAX + 1); /* one more, so that too large shows */
	if (!text)
		return fwa_error(error, -ENOMEM, "%s: out of memory", path);
	rc = read_all(fd, text, FWA_ENROLMENT_SIZE_MAX + 1, &size);
	if (rc < 0)
		rc = fwa_error(error, rc, "%s: cannot read it: %s", path, strerror(-rc));
	else if ((rc = fwa_enrolment_parse(text, size, ret_enrolment, &why)) < 0)
		rc = fwa_error(error, rc, "%s: %s", path, why.sentence);
	free(text);
	return rc;
}

int fwa_enrolment_file_read(const char *directory, struct fwa_enrolment *ret_enrolment,
			    struct fwa_error *error)
{
	char path[PATH_MAX];
	int fd, rc;

	rc = fwa_directory_path(directory, FWA_ENROLMENT_FILE, path, sizeof(path), error);
	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return fwa_error(
			error, -errno,
			"%s: no enrolment there; run 'fwauditd provision --tpm TCTI "
			"--ledger %s' first",
			path, directory);
	if (fd < 0)
		return fwa_error(error, -errno, "%s: cannot open it: %s", path,
				 strerror(errno));
	rc = parse_file(fd, path, ret_enrolment, error);
	close(fd);
	return rc;
}

static int write_all(int fd, const char *text, size_t size)
{
	ssize_t count;

	while (size > 0) {
		count = write(fd, text, size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		text += count;
		size -= (size_t)count;
	}
	return 0;
}

/* Give the file its name, unless the name is taken. Returns 0 or negative errno. */
static int move_into_place(const char *temporary, const char *path)
{
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system without RENAME_NOREPLACE: link(2) does not replace either. */
	if (link(temporary, path) < 0)
		return -errno;
	unlink(temporary);
	return 0;
}

int fwa_enrolment_file_write(const char *directory, const char *text, size_t size,
			     struct fwa_error *error)
{
	char path[PATH_MAX], temporary[PATH_MAX];
	int fd, rc;

	rc = fwa_directory_path(directory, FWA_ENROLMENT_FILE, path, sizeof(path), error);
	if (rc == 0)
		rc = fwa_directory_path(directory, "." FWA_ENROLMENT_FILE ".XXXXXX",
					temporary, sizeof(temporary), error);
	if (rc < 0)
		return rc;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fwa_error(error, -errno, "%s: cannot create a file in it: %s",
				 directory, strerror(errno));
	rc = write_all(fd, text, size);
	if (rc == 0 && (fchmod(fd, 0640) < 0 || fsync(fd) < 0))
		rc = -errno;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0)
		rc = move_into_place(temporary, path);
	if (rc < 0) {
		unlink(temporary);
		return fwa_error(error, rc, "%s: cannot write it: %s", path,
				 rc == -EEXIST ? "there is an enrolment already"
					       : strerror(-rc));
	}
	rc = fwa_directory_sync(directory, error);
	if (rc < 0)
		unlink(path);
	return rc;
}
