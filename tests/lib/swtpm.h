/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software TPM for a test: swtpm on Unix sockets in a directory of its own, so that no port
 * can be taken. It dies with the process that started it.
 */
#ifndef FWA_TESTS_LIB_SWTPM_H
#define FWA_TESTS_LIB_SWTPM_H

#include <sys/types.h>

struct fwa_swtpm {
	char directory[64];
	char tcti[96];
	pid_t pid; /* 0: not running */
};

/* Make a new TPM and start it. Returns 0 when it answers, or negative errno. */
int fwa_swtpm_create(struct fwa_swtpm *tpm);

/* Start it (again) with the state that it had. Returns 0 when it answers, or negative errno. */
int fwa_swtpm_start(struct fwa_swtpm *tpm);

/* SIGKILL: an unclean stop. It keeps its state. */
void fwa_swtpm_kill(struct fwa_swtpm *tpm);

/* Kill it and remove its directory. */
void fwa_swtpm_destroy(struct fwa_swtpm *tpm);

#endif
