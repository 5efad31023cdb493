/* SPDX-License-Identifier: Apache-2.0 */
/* A software TPM, a provisioned ledger and a sealer thread. Everything asserts. */
#ifndef FWA_TESTS_INTEGRATION_SEAL_LAB_H
#define FWA_TESTS_INTEGRATION_SEAL_LAB_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <tss2/tss2_esys.h>

#include "collector/ledger/ledger.h"
#include "collector/seal/sealer.h"
#include "collector/seal/tpm_internal.h"
#include "schema/enrolment.h"
#include "tests/lib/swtpm.h"

struct lab {
	struct fwa_swtpm tpm;
	char parent[64];    /* temporary; the ledger's directory is in it */
	char directory[80]; /* of the ledger */
	struct fwa_enrolment enrolment;
	struct fwa_error error;
	/* The sealer, while it runs. */
	struct fwa_sealer_options options;
	pthread_t thread;
	int channel; /* the recorder's end; -1: not running */
	int sealer_end;
	int sealer_result;
};

/* cmocka setup and teardown: a running TPM and an empty place for a ledger. */
int lab_setup(void **state);
int lab_teardown(void **state);

void lab_provision(struct lab *lab);

/* Start a sealer thread for the lab's TPM (or another TCTI), and end it. */
void lab_start_sealer(struct lab *lab, const char *tcti);
void lab_stop_sealer(struct lab *lab);

struct fwa_ledger *lab_open(struct lab *lab);
void lab_close(struct lab *lab, struct fwa_ledger *ledger);

/* Genesis and boot into a new ledger, both committed. */
void lab_begin(struct lab *lab, struct fwa_ledger *ledger);
/* Append a gap record; and a checkpoint, staged. */
void lab_append(struct lab *lab, struct fwa_ledger *ledger);
void lab_append_checkpoint(struct lab *lab, struct fwa_ledger *ledger);
/* The whole life of a checkpoint. */
void lab_checkpoint(struct lab *lab, struct fwa_ledger *ledger);
/* Ask the sealer to attest the pending checkpoint; what it answered. */
int lab_ask(struct lab *lab, struct fwa_ledger *ledger, uint8_t *ret_attestation,
	    size_t *ret_size);

/*
 * Read the closed ledger and check every attestation: its signature with OpenSSL against the
 * enrolled key, the chain of accumulators, clock and counts. Returns how many there are.
 */
unsigned lab_verify(struct lab *lab);

/* How many handles of a kind the TPM holds: FWA_TPM_NV, FWA_TPM_PERSISTENT, ... */
unsigned lab_count_handles(struct lab *lab, uint32_t first);

/* A connection of our own, for what only an attacker or an owner would do. */
struct owner {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
};
void owner_open(struct lab *lab, struct owner *owner);
void owner_close(struct owner *owner);

#endif
