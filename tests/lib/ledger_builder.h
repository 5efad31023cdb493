/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ledgers for tests: a directory with ledger.db and enrolment.json, made through the functions
 * of schema/ and a test TPM. What is built is valid unless a test makes it otherwise.
 *
 * Time passes by itself: every record is one millisecond after the one before. Calls are
 * numbered on CPU 0 unless a test sets cpu and number itself.
 *
 * Whatever fails aborts the test program.
 */
#ifndef FWA_TESTS_LEDGER_BUILDER_H
#define FWA_TESTS_LEDGER_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"
#include "tests/lib/test_tpm.h"

/* CLOCK_REALTIME and CLOCK_BOOTTIME of the first record. */
#define BUILDER_TIME      1763800000000000000u
#define BUILDER_BOOT_TIME 5000000000u
#define BUILDER_TICK      1000000u

struct ledger_builder;

/* Make the directory's ledger.db and enrolment.json; no record yet. The directory must exist. */
struct ledger_builder *ledger_builder_new(const char *directory);
/* Commit and close. `fold`: one file, as after a clean stop; else the -wal file stays. */
void ledger_builder_close(struct ledger_builder *builder, bool fold);
/* Commit what was added so far: readers see it. */
void ledger_builder_commit(struct ledger_builder *builder);

struct test_tpm *ledger_builder_tpm(struct ledger_builder *builder);
/* The enrolment file's bytes; borrowed. */
struct fwa_bytes ledger_builder_enrolment(const struct ledger_builder *builder);
/* How many records there are. */
uint64_t ledger_builder_size(const struct ledger_builder *builder);
/* Let time pass, in nanoseconds. */
void ledger_builder_wait(struct ledger_builder *builder, uint64_t nanoseconds);
/* The CLOCK_BOOTTIME that the next record will have. */
uint64_t ledger_builder_boot_time(const struct ledger_builder *builder);

/*
 * Append a record; sequence and times are filled in where they are 0. For an rpc record,
 * `request` and `response` (NULL: empty) go to the payload table, and the record's payload
 * references are made to fit (length is kept if it is larger than what is given). Counters of
 * the run move on. Returns its sequence.
 */
uint64_t ledger_builder_append(struct ledger_builder *builder, struct fwa_record *record,
			       const struct fwa_bytes *request,
			       const struct fwa_bytes *response);

/* The usual ones; each returns the record's sequence. */
uint64_t ledger_builder_genesis(struct ledger_builder *builder);
/* A new run, on the boot that `boot` stands for. */
uint64_t ledger_builder_boot(struct ledger_builder *builder, uint8_t boot);
/* A CXL device of the fwctl class. */
uint64_t ledger_builder_device(struct ledger_builder *builder, const char *name);
/* A successful FWCTL_RPC of scope 0 with these payloads. */
uint64_t ledger_builder_rpc(struct ledger_builder *builder, uint64_t device,
			    struct fwa_bytes request, struct fwa_bytes response);
/* The next `count` calls of CPU `cpu` are lost. */
uint64_t ledger_builder_gap(struct ledger_builder *builder, uint32_t cpu, uint64_t count);
/* The checkpoint record and its note; the TPM is given the note. */
uint64_t ledger_builder_checkpoint(struct ledger_builder *builder,
				   enum fwa_checkpoint_reason reason);
/* The attestation of the last note. */
void ledger_builder_attest(struct ledger_builder *builder);
uint64_t ledger_builder_shutdown(struct ledger_builder *builder);

/* Genesis, a run with two devices, three calls, two checkpoints, a clean stop: nothing wrong. */
void ledger_builder_sample(struct ledger_builder *builder);

#endif
