/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file whose ioctls succeed: a FUSE file system with one file, `device`, served by a child.
 *
 * FWCTL_RPC reads the request, answers with byte i = (request's first byte + i * 7) for all of
 * out_len and returns 0. ANSWERING_HOLD does not return until the file system goes away.
 */
#ifndef FWA_TESTS_CAPTURE_ANSWERING_FILE_H
#define FWA_TESTS_CAPTURE_ANSWERING_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#define ANSWERING_HOLD 0x9a7f

struct answering_file {
	pid_t server;
	char directory[64];
	char path[80];
};

/* False if FUSE is not to be had here; says why. */
bool answering_file_start(struct answering_file *file);

/* Unmount, end the server, remove the directory. Held ioctls return. */
void answering_file_stop(struct answering_file *file);

#endif
