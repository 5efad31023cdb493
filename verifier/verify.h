/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a ledger: authenticity, then completeness, then whatever further
 * consumers of the same pass have to say (effects).
 *
 * Each record is read once, in order, whatever the size of the ledger. It is offered to
 * the consumers *before* the ledger is known to be authentic, because the signature comes
 * after the records; so a consumer keeps what it finds to itself until `finish`, which is
 * called only when the whole ledger is authentic.
 */
#ifndef FWA_VERIFIER_VERIFY_H
#define FWA_VERIFIER_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/error.h"
#include "schema/record.h"
#include "verifier/finding.h"

/* One record with what belongs to it. All of it is borrowed for the duration of the call.
 */
struct fwa_evidence {
	const struct fwa_record *record;
	const uint8_t *leaf;      /* FWA_DIGEST_SIZE bytes: its leaf hash */
	struct fwa_bytes encoded; /* the record's canonical bytes */
	/* The captured payload, uncompressed, checked against the record; absent if
	 * nothing was captured, or if the record is not of a call. */
	struct fwa_bytes request;
	struct fwa_bytes response;
};

struct fwa_record_consumer {
	void *context;
	/*
	 * Called for each record, in order of sequence, from 0, without a hole. After the
	 * first authenticity finding it is called no more. Returns 0 or negative errno,
	 * which ends the verification (out of memory, say: never because of what the
	 * record says).
	 */
	int (*record)(void *context, const struct fwa_evidence *evidence);
	/*
	 * Called once after the last record, only if the ledger is authentic: add
	 * findings. Returns 0 or negative errno.
	 */
	int (*finish)(void *context, struct fwa_findings *findings);
};

struct fwa_verify_options {
	const char *ledger; /* path of a ledger.db, or of the directory that holds it */
	struct fwa_bytes enrolment; /* the enrolment file's exact bytes */
	const char *enrolment_name; /* its path, for sentences */
	const struct fwa_record_consumer *consumers; /* in the order of their findings */
	size_t consumer_count;
};

#define FWA_VERIFY_LIMITS_MAX 8u
#define FWA_VERIFY_LIMIT_SIZE 384u

struct fwa_verify_result {
	bool authentic; /* no authenticity finding */
	bool assessed;  /* completeness and the consumers were: false if not authentic */
	struct fwa_findings *findings;

	/* What the ledger is. */
	uint8_t ledger_uuid[FWA_UUID_SIZE]; /* of the enrolment */
	bool self_enrolled; /* nobody but the machine itself vouches for the key */
	bool software_tpm;  /* the enrolment says that the TPM is a program */

	/* What was examined. */
	uint64_t records;
	uint64_t record_kinds[16]; /* by enum fwa_record_kind */
	uint64_t payloads;
	uint64_t checkpoints;    /* notes */
	uint64_t attestations;   /* valid, in an unbroken chain from the first */
	bool pending_checkpoint; /* the last note has no attestation yet */
	uint64_t signed_records; /* under the last attested root */
	uint64_t runs;           /* starts of the collector */
	uint64_t issued, recorded, lost,
		truncated; /* over all runs, counted from the records */
	bool has_times;
	uint64_t first_time, last_time; /* CLOCK_REALTIME of the first and last record */
	uint8_t root[FWA_DIGEST_SIZE];  /* over all records that were read */
	uint64_t reset_count_changes;   /* resets of the TPM between attestations */

	/* What cannot be excluded from this evidence, in sentences: limits, not findings.
	 */
	char limits[FWA_VERIFY_LIMITS_MAX][FWA_VERIFY_LIMIT_SIZE];
	size_t limit_count;
};

/*
 * Verify. Whatever is wrong with the evidence is a finding in the result. A ledger or
 * enrolment that cannot be read at all, or is none, is a failure with a sentence (exit
 * status 3). Returns 0 and a result to be freed with fwa_verify_result_free, or negative
 * errno. Never changes the ledger, nor any file beside it.
 */
int fwa_verify(const struct fwa_verify_options *options,
	       struct fwa_verify_result **ret_result, struct fwa_error *error);
void fwa_verify_result_free(struct fwa_verify_result *result); /* NULL: no-op */

/* Exit statuses of `fwaudit verify`. */
#define FWA_EXIT_CLEAN         0
#define FWA_EXIT_FINDINGS      1
#define FWA_EXIT_NOT_AUTHENTIC 2
#define FWA_EXIT_FAILURE       3

/* 2 if not authentic, whatever the threshold; 1 if a finding is at or above it; else 0.
 */
int fwa_verify_exit_status(const struct fwa_verify_result *result,
			   enum fwa_severity threshold);

#endif
