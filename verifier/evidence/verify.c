/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/enrolment.h"
#include "verifier/evidence/completeness.h"
#include "verifier/evidence/ledger_reader.h"
#include "verifier/evidence/pass.h"
#include "verifier/evidence/sentence_time.h"

/* See wal_scan.h: a lost power supply leaves one at most. */
#define STRANDED_AT_MOST 1u

static void limit(struct fwa_verify_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void limit(struct fwa_verify_result *result, const char *format, ...)
{
	va_list arguments;

	if (result->limit_count == FWA_VERIFY_LIMITS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(result->limits[result->limit_count++], FWA_VERIFY_LIMIT_SIZE, format,
		  arguments);
	va_end(arguments);
}

static int find_structure(struct fwa_verify_result *result, const char *sentence)
{
	struct fwa_finding finding;

	fwa_finding_make(&finding, FWA_A01, "%s", sentence);
	return fwa_findings_add(result->findings, &finding);
}

/* What stands beside the database, or does not. */
static int check_wal(const struct fwa_ledger_reader *reader, bool running,
		     struct fwa_verify_result *result)
{
	const char *path = fwa_ledger_reader_path(reader);
	struct fwa_wal_state wal = fwa_ledger_reader_wal(reader);
	struct fwa_finding finding;
	int code = 0;

	if (wal.journal) {
		fwa_finding_make(
			&finding, FWA_A01,
			"A rollback journal stands beside %s; a ledger never has "
			"one. It was not applied.",
			path);
		code = fwa_findings_add(result->findings, &finding);
	}
	if (code < 0)
		return code;
	if (wal.size > 0 && !wal.header_valid)
		fwa_finding_make(&finding, FWA_A14,
				 "%s-wal is not a write-ahead log, or its beginning was "
				 "overwritten: what had been committed to it is gone.",
				 path);
	else if (wal.stranded > STRANDED_AT_MOST)
		fwa_finding_make(&finding, FWA_A14,
				 "%s-wal is damaged: %" PRIu64
				 " committed transactions behind the damage are lost.",
				 path, wal.stranded);
	else if (running && wal.size == 0)
		fwa_finding_make(&finding, FWA_A14,
				 "%s-wal is %s, and the last run has no shutdown record, "
				 "so a write-ahead log must have been there: its records "
				 "are missing. Copy both files.",
				 path, wal.present ? "empty" : "missing");
	else
		return 0;
	return fwa_findings_add(result->findings, &finding);
}

static int check_file(struct fwa_ledger_reader *reader, struct fwa_verify_result *result,
		      struct fwa_error *error)
{
	int code;

	/* Said already, and better than SQLite's check does. */
	if (fwa_findings_total(result->findings, FWA_A01) > 0)
		return 0;
	code = fwa_ledger_reader_check(reader, error);
	return code == -EBADMSG ? find_structure(result, error->sentence) : code;
}

/*
 * A ledger is folded into one file only when its last checkpoint is attested. In one that is still
 * written, or was when the machine stopped, the last records may wait for theirs: FWA-C06.
 */
static int check_end(const struct fwa_ledger_reader *reader,
		     const struct fwa_pass_totals *totals,
		     struct fwa_verify_result *result)
{
	const struct fwa_checkpoint_totals *checkpoints = &totals->checkpoints;
	struct fwa_finding finding;

	/* Of another ledger's attestations nothing was checked, and that was said. */
	if (totals->accounts.running || totals->accounts.foreign ||
	    fwa_ledger_reader_wal(reader).size > 0 ||
	    checkpoints->attested_size >= totals->end)
		return 0;
	fwa_finding_make(
		&finding, FWA_A11,
		"The attestation of checkpoint %" PRIu64
		" is missing: the ledger was closed, so all of its %" PRIu64
		" records must be under an attested checkpoint, and those from %" PRIu64
		" on are not.",
		checkpoints->attested_number + 1, totals->end,
		checkpoints->attested_size);
	fwa_finding_place(&finding, "attestation",
			  (int64_t)checkpoints->attested_number + 1);
	return fwa_findings_add(result->findings, &finding);
}

/* The records that no attestation covers: anybody can write such records. */
static int check_tail(const struct fwa_checkpoint_totals *checkpoints,
		      struct fwa_verify_result *result)
{
	uint64_t unsigned_records = result->records - checkpoints->attested_size;
	char since[FWA_SENTENCE_TIME_SIZE];
	struct fwa_finding finding;

	if (unsigned_records == 0)
		return 0;
	fwa_sentence_time(checkpoints->attested_time, since);
	if (checkpoints->attested == 0) {
		fwa_finding_make(&finding, FWA_C06,
				 "Nothing in this ledger is signed: none of its %" PRIu64
				 " records is under an attested checkpoint%s. Anybody "
				 "could have written them.",
				 unsigned_records,
				 checkpoints->pending ? " (one is pending)" : "");
		finding.severity = FWA_SEVERITY_CRITICAL;
	} else {
		fwa_finding_make(
			&finding, FWA_C06,
			"The last %" PRIu64 " records (%" PRIu64 " to %" PRIu64
			") are not signed%s: the last attested checkpoint is "
			"%" PRIu64 ", of %s.",
			unsigned_records, checkpoints->attested_size, result->records - 1,
			checkpoints->pending ? " yet, and a checkpoint is pending"
					     : " yet",
			checkpoints->attested_number, since);
		finding.has_from = true;
		finding.from = checkpoints->attested_time;
	}
	finding.has_to = result->has_times;
	finding.to = result->last_time;
	finding.has_count = true;
	finding.count = unsigned_records;
	fwa_finding_place(&finding, "leaf", (int64_t)checkpoints->attested_size);
	return fwa_findings_add(result->findings, &finding);
}

static void state_limits(const struct fwa_pass_totals *totals,
			 struct fwa_verify_result *result)
{
	char last[FWA_SENTENCE_TIME_SIZE];

	limit(result,
	      "No head proof was given: that this is an older copy, or that everything "
	      "after checkpoint %" PRIu64 " was cut off, cannot be excluded.",
	      totals->checkpoints.attested_number);
	if (result->self_enrolled)
		limit(result, "The enrolment was made by the machine itself: nobody else "
			      "vouches that the key is a TPM's, or this machine's.");
	if (result->software_tpm)
		limit(result, "The TPM is a program: whoever controls the machine that "
			      "runs it can sign anything.");
	if (totals->accounts.running && result->has_times) {
		fwa_sentence_time(result->last_time, last);
		limit(result,
		      "The last run has no shutdown record: the collector is still "
		      "running, or was killed after %s.",
		      last);
	}
}

static void take_totals(const struct fwa_pass_totals *totals,
			struct fwa_verify_result *result)
{
	result->checkpoints = totals->checkpoints.notes;
	result->attestations = totals->checkpoints.attested;
	result->pending_checkpoint = totals->checkpoints.pending;
	result->signed_records = totals->checkpoints.attested_size;
	result->reset_count_changes = totals->checkpoints.resets;
	result->runs = totals->accounts.runs;
	result->recorded = totals->accounts.recorded;
	result->lost = totals->accounts.lost;
	result->issued = totals->accounts.recorded + totals->accounts.lost;
	result->truncated = totals->accounts.truncated;
}

static int finish_consumers(const struct fwa_record_consumer *consumers, size_t count,
			    struct fwa_verify_result *result, struct fwa_error *error)
{
	size_t i;

	for (i = 0; i < count; i++) {
		int code = consumers[i].finish(consumers[i].context, result->findings);

		if (code < 0)
			return fwa_error(error, code, "Findings cannot be made: %s.",
					 strerror(-code));
	}
	return 0;
}

static bool is_authentic(const struct fwa_verify_result *result)
{
	return !fwa_findings_have(result->findings, FWA_CATEGORY_AUTHENTICITY,
				  FWA_SEVERITY_INFO);
}

/* Everything after the ledger was opened. */
static int examine(struct fwa_ledger_reader *reader,
		   const struct fwa_enrolment *enrolment,
		   const struct fwa_record_consumer *consumers, size_t count,
		   struct fwa_verify_result *result, struct fwa_error *error)
{
	const struct fwa_pass_input input = {.reader = reader,
					     .enrolment = enrolment,
					     .consumers = consumers,
					     .consumer_count = count};
	const char *deviation = fwa_ledger_reader_deviation(reader);
	struct fwa_pass_totals totals;
	int code;

	if (deviation && find_structure(result, deviation) < 0)
		return fwa_error(error, -ENOMEM, "Out of memory.");
	code = fwa_pass_run(&input, result, &totals, error);
	if (code < 0)
		return code;
	take_totals(&totals, result);
	code = check_wal(reader, totals.accounts.running, result);
	if (code == 0)
		code = check_end(reader, &totals, result);
	if (code < 0)
		return fwa_error(error, code, "Out of memory.");
	code = check_file(reader, result, error);
	if (code == 0)
		code = fwa_ledger_reader_unchanged(reader, error);
	if (code < 0)
		return code;
	result->authentic = is_authentic(result);
	state_limits(&totals, result);
	if (!result->authentic)
		return 0;
	code = check_tail(&totals.checkpoints, result);
	if (code < 0)
		return fwa_error(error, code, "Out of memory.");
	code = finish_consumers(consumers, count, result, error);
	result->assessed = code == 0;
	return code;
}

/* Completeness first, then those of the caller. To be freed with free(). */
static struct fwa_record_consumer *all_consumers(const struct fwa_verify_options *options,
						 struct fwa_completeness *completeness)
{
	struct fwa_record_consumer *consumers =
		calloc(options->consumer_count + 1, sizeof(*consumers));

	if (!consumers)
		return NULL;
	consumers[0] = fwa_completeness_consumer(completeness);
	if (options->consumer_count > 0)
		memcpy(consumers + 1, options->consumers,
		       options->consumer_count * sizeof(*consumers));
	return consumers;
}

static int verify_ledger(const struct fwa_verify_options *options,
			 const struct fwa_enrolment *enrolment,
			 struct fwa_verify_result *result, struct fwa_error *error)
{
	struct fwa_completeness *completeness = NULL;
	struct fwa_record_consumer *consumers = NULL;
	struct fwa_ledger_reader *reader;
	int code = fwa_ledger_reader_open(options->ledger, &reader, error);

	if (code == -EBADMSG)
		return find_structure(result, error->sentence);
	if (code < 0)
		return code;
	completeness = fwa_completeness_new();
	if (completeness)
		consumers = all_consumers(options, completeness);
	if (consumers)
		code = examine(reader, enrolment, consumers, options->consumer_count + 1,
			       result, error);
	else
		code = fwa_error(error, -ENOMEM, "Out of memory.");
	free(consumers);
	fwa_completeness_free(completeness);
	fwa_ledger_reader_close(reader);
	return code;
}

static int read_enrolment(const struct fwa_verify_options *options,
			  struct fwa_enrolment *enrolment, struct fwa_error *error)
{
	struct fwa_error why;
	int code = fwa_enrolment_parse(options->enrolment.data, options->enrolment.size,
				       enrolment, &why);

	if (code < 0)
		return fwa_error(error, code, "%s: is not an enrolment: %s",
				 options->enrolment_name, why.sentence);
	return 0;
}

int fwa_verify(const struct fwa_verify_options *options,
	       struct fwa_verify_result **ret_result, struct fwa_error *error)
{
	struct fwa_verify_result *result = calloc(1, sizeof(*result));
	struct fwa_enrolment *enrolment = calloc(1, sizeof(*enrolment));
	int code;

	if (result)
		result->findings = fwa_findings_new();
	if (!enrolment || !result || !result->findings)
		code = fwa_error(error, -ENOMEM, "Out of memory.");
	else
		code = read_enrolment(options, enrolment, error);
	if (code == 0) {
		memcpy(result->ledger_uuid, enrolment->ledger, FWA_UUID_SIZE);
		result->self_enrolled = enrolment->kind == FWA_ENROLMENT_SELF;
		result->software_tpm = enrolment->software;
		code = verify_ledger(options, enrolment, result, error);
	}
	free(enrolment);
	if (code < 0) {
		fwa_verify_result_free(result);
		return code;
	}
	*ret_result = result;
	return 0;
}

void fwa_verify_result_free(struct fwa_verify_result *result)
{
	if (!result)
		return;
	fwa_findings_free(result->findings);
	free(result);
}

int fwa_verify_exit_status(const struct fwa_verify_result *result,
			   enum fwa_severity threshold)
{
	int category;

	if (!result->authentic)
		return FWA_EXIT_NOT_AUTHENTIC;
	for (category = FWA_CATEGORY_COMPLETENESS; category <= FWA_CATEGORY_SCOPE;
	     category++) {
		if (fwa_findings_have(result->findings, category, threshold))
			return FWA_EXIT_FINDINGS;
	}
	return FWA_EXIT_CLEAN;
}
