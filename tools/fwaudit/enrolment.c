/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/fwaudit/command_line.h"

#define ENROLMENT_SIZE_MAX (1024u * 1024u)

int fwa_read_enrolment(const char *path, uint8_t **ret_data, size_t *ret_size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *data = NULL;
	struct stat status;
	size_t size = 0;
	ssize_t n = 1;
	int result = 0;

	if (file < 0)
		return fwa_fail("%s: the enrolment cannot be opened: %s", path,
				strerror(errno));
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		result = fwa_fail("%s: the enrolment is not a file", path);
		goto out;
	}
	data = malloc(ENROLMENT_SIZE_MAX + 1);
	if (!data) {
		result = fwa_fail("out of memory");
		goto out;
	}
	while (n > 0 && size <= ENROLMENT_SIZE_MAX) {
		n = read(file, data + size, ENROLMENT_SIZE_MAX + 1 - size);
		if (n > 0)
			size += (size_t)n;
	}
	if (n < 0)
		result = fwa_fail("%s: the enrolment cannot be read: %s", path,
				  strerror(errno));
	else if (size > ENROLMENT_SIZE_MAX)
		result = fwa_fail("%s: too large for an enrolment", path);
	else {
		*ret_data = data;
		*ret_size = size;
		data = NULL;
	}
out:
	free(data);
	close(file);
	return result;
}
