/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/accounts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/evidence/call_numbers.h"
#include "verifier/evidence/references.h"
#include "verifier/evidence/states.h"

#define TABLE "leaf"

enum state {
	EMPTY,   /* before the genesis */
	FOUNDED, /* after it, before the first boot record */
	RUNNING,
	STOPPED, /* after the shutdown record: only checkpoints may follow in this run */
};

struct fwa_accounts {
	const struct fwa_enrolment *enrolment;
	struct fwa_findings *findings;
	struct fwa_call_numbers *numbers;
	struct fwa_references *references;
	struct fwa_states *states;
	enum state state;
	bool lost_track;
	bool foreign;
	/* Of this run: */
	uint64_t run;
	uint8_t boot_id[FWA_UUID_SIZE];
	uint8_t configuration[FWA_DIGEST_SIZE];
	uint64_t recorded, lost, truncated;
	/* Of all: */
	uint64_t runs;
	uint64_t all_recorded, all_lost, all_truncated;
};

struct fwa_accounts *fwa_accounts_new(const struct fwa_enrolment *enrolment,
				      struct fwa_findings *findings)
{
	struct fwa_accounts *accounts = calloc(1, sizeof(*accounts));

	if (!accounts)
		return NULL;
	accounts->enrolment = enrolment;
	accounts->findings = findings;
	accounts->numbers = fwa_call_numbers_new();
	accounts->references = fwa_references_new();
	accounts->states = fwa_states_new();
	if (!accounts->numbers || !accounts->references || !accounts->states) {
		fwa_accounts_free(accounts);
		return NULL;
	}
	return accounts;
}

void fwa_accounts_free(struct fwa_accounts *accounts)
{
	if (!accounts)
		return;
	fwa_states_free(accounts->states);
	fwa_references_free(accounts->references);
	fwa_call_numbers_free(accounts->numbers);
	free(accounts);
}

void fwa_accounts_lose_track(struct fwa_accounts *accounts)
{
	accounts->lost_track = true;
	fwa_references_lose_track(accounts->references);
	fwa_states_lose_track(accounts->states);
	if (accounts->state == EMPTY)
		accounts->state = FOUNDED;
}

struct fwa_account_totals fwa_accounts_totals(const struct fwa_accounts *accounts)
{
	return (struct fwa_account_totals){
		.runs = accounts->runs,
		.recorded = accounts->all_recorded,
		.lost = accounts->all_lost,
		.truncated = accounts->all_truncated,
		.running = accounts->state == RUNNING,
		.last_run = accounts->run,
		.foreign = accounts->foreign,
	};
}

/* Complete a finding about this record and add it. */
static int report(struct fwa_accounts *accounts, struct fwa_finding *finding,
		  const struct fwa_record *record, const uint8_t *leaf)
{
	fwa_finding_place(finding, TABLE, (int64_t)record->sequence);
	fwa_finding_add_record(finding, record->sequence, leaf);
	return fwa_findings_add(accounts->findings, finding);
}

static bool bytes_are(struct fwa_bytes bytes, const uint8_t *expected, size_t size)
{
	return bytes.data && bytes.size == size &&
	       memcmp(bytes.data, expected, size) == 0;
}

/* May a record of this kind stand here? NULL, or why not. */
static const char *misplaced(const struct fwa_accounts *accounts,
			     const struct fwa_record *record)
{
	if (record->kind == FWA_RECORD_GENESIS)
		return record->sequence == 0 ? NULL : "only record 0 may be the genesis";
	if (record->sequence == 0)
		return "record 0 has to be the genesis";
	if (record->kind == FWA_RECORD_BOOT || accounts->lost_track)
		return NULL;
	if (accounts->state == FOUNDED)
		return "no run of the collector has begun";
	if (accounts->state == STOPPED && record->kind != FWA_RECORD_CHECKPOINT)
		return "the collector had stopped, and only a checkpoint may follow";
	return NULL;
}

static int check_place(struct fwa_accounts *accounts, const struct fwa_record *record,
		       const uint8_t *leaf)
{
	const char *why = misplaced(accounts, record);
	struct fwa_finding finding;

	if (!why)
		return 0;
	fwa_finding_make(&finding, FWA_A04, "Record %" PRIu64 " is a %s record, and %s.",
			 record->sequence, fwa_record_kind_name(record->kind), why);
	return report(accounts, &finding, record, leaf);
}

static int check_references(struct fwa_accounts *accounts,
			    const struct fwa_record *record, const uint8_t *leaf)
{
	struct fwa_bad_reference bad;
	struct fwa_finding finding;
	int result = fwa_references_record(accounts->references, record, &bad);

	if (result == -E2BIG)
		fwa_finding_make(&finding, FWA_A04,
				 "Record %" PRIu64
				 " (%s) is of more devices or CPUs than any machine has.",
				 record->sequence, fwa_record_kind_name(record->kind));
	else if (result < 0 || !bad.what)
		return result;
	else
		fwa_finding_make(&finding, FWA_A04,
				 "Record %" PRIu64 " (%s) refers to record %" PRIu64
				 ", which is not the %s that it should be.",
				 record->sequence, fwa_record_kind_name(record->kind),
				 bad.target, bad.what);
	return report(accounts, &finding, record, leaf);
}

static int check_states(struct fwa_accounts *accounts, const struct fwa_record *record,
			const uint8_t *leaf)
{
	enum fwa_states_verdict verdict;
	struct fwa_finding finding;
	int result = fwa_states_record(accounts->states, record, &verdict);

	if (result < 0)
		return result;
	switch (verdict) {
	case FWA_STATES_UNCHAINED:
		fwa_finding_make(&finding, FWA_A04,
				 "Snapshot record %" PRIu64
				 " does not follow the last snapshot of its device in "
				 "this run.",
				 record->sequence);
		break;
	case FWA_STATES_CONTRADICT:
		fwa_finding_make(
			&finding, FWA_A15,
			"Snapshot record %" PRIu64
			" says something else of its device's state than it and the "
			"snapshots before it make.",
			record->sequence);
		break;
	case FWA_STATES_DEVICES_EXCEED:
		fwa_finding_make(&finding, FWA_A04,
				 "Record %" PRIu64
				 " (device) is of more devices than any machine has.",
				 record->sequence);
		break;
	default:
		return 0;
	}
	return report(accounts, &finding, record, leaf);
}

static int genesis(struct fwa_accounts *accounts, const struct fwa_record *record,
		   const uint8_t *leaf)
{
	const struct fwa_enrolment *enrolment = accounts->enrolment;
	struct fwa_finding finding;

	accounts->state = FOUNDED;
	if (!bytes_are(record->genesis.ledger_uuid, enrolment->ledger, FWA_UUID_SIZE))
		fwa_finding_make(&finding, FWA_A12,
				 "The enrolment is of another ledger: the genesis record "
				 "names another ledger UUID. Use this ledger's own "
				 "enrolment.");
	else if (!bytes_are(record->genesis.enrolment_digest, enrolment->digest,
			    FWA_DIGEST_SIZE))
		fwa_finding_make(
			&finding, FWA_A12,
			"The enrolment is not the one that this ledger was begun "
			"with: the genesis record has another digest of it. Use "
			"the exact file.");
	else if (record->genesis.format_version != FWA_FORMAT_VERSION)
		fwa_finding_make(&finding, FWA_A15,
				 "The genesis record names format version %" PRIu32
				 ", and the file version %u.",
				 record->genesis.format_version, FWA_FORMAT_VERSION);
	else
		return 0;
	accounts->foreign = finding.id == FWA_A12;
	return report(accounts, &finding, record, leaf);
}

static int boot(struct fwa_accounts *accounts, const struct fwa_record *record)
{
	struct fwa_bytes id = record->boot.boot_id;

	accounts->state = RUNNING;
	accounts->lost_track = false;
	accounts->runs++;
	accounts->run = record->sequence;
	accounts->recorded = accounts->lost = accounts->truncated = 0;
	fwa_call_numbers_reset(accounts->numbers);
	memset(accounts->boot_id, 0, sizeof(accounts->boot_id));
	if (id.data && id.size == sizeof(accounts->boot_id))
		memcpy(accounts->boot_id, id.data, sizeof(accounts->boot_id));
	return fwa_configuration_digest(&record->boot.configuration,
					accounts->configuration);
}

/* Calls `first` to `first + count - 1` of a CPU are accounted for by this record. */
static int numbered(struct fwa_accounts *accounts, const struct fwa_record *record,
		    const uint8_t *leaf, uint32_t cpu, uint64_t first, uint64_t count)
{
	struct fwa_finding finding;
	uint64_t expected;
	int result;

	if (accounts->lost_track)
		return 0;
	result = fwa_call_numbers_take(accounts->numbers, cpu, first, count, &expected);
	if (result == 0 || result == -ENOMEM)
		return result;
	if (result == -ENOSPC)
		fwa_finding_make(&finding, FWA_A15,
				 "Record %" PRIu64 " names CPU %" PRIu32
				 ", and there are more CPUs in this run than any machine "
				 "has.",
				 record->sequence, cpu);
	else
		fwa_finding_make(&finding, FWA_A15,
				 "Record %" PRIu64 " is of call %" PRIu64
				 " on CPU %" PRIu32 ", and call %" PRIu64
				 " should have come next: calls were left out or counted "
				 "twice.",
				 record->sequence, first, cpu, expected);
	return report(accounts, &finding, record, leaf);
}

static unsigned truncated(const struct fwa_payload_ref *reference)
{
	return reference->captured < reference->length ? 1 : 0;
}

static int rpc(struct fwa_accounts *accounts, const struct fwa_record *record,
	       const uint8_t *leaf)
{
	unsigned partial =
		truncated(&record->rpc.request) + truncated(&record->rpc.response);

	accounts->recorded++;
	accounts->truncated += partial;
	accounts->all_recorded++;
	accounts->all_truncated += partial;
	return numbered(accounts, record, leaf, record->rpc.cpu, record->rpc.number, 1);
}

static int gap(struct fwa_accounts *accounts, const struct fwa_record *record,
	       const uint8_t *leaf)
{
	/* Sums of hostile counts may wrap round; no checkpoint then agrees by chance. */
	accounts->lost += record->gap.count;
	accounts->all_lost += record->gap.count;
	return numbered(accounts, record, leaf, record->gap.cpu, record->gap.first_number,
			record->gap.count);
}

/* Compare a record's counters with what was counted. */
static int check_counters(struct fwa_accounts *accounts, const struct fwa_record *record,
			  const uint8_t *leaf, uint64_t issued, uint64_t recorded,
			  uint64_t lost)
{
	struct fwa_finding finding;

	if (accounts->lost_track)
		return 0;
	if (recorded == accounts->recorded && lost == accounts->lost &&
	    issued == accounts->recorded + accounts->lost)
		return 0;
	fwa_finding_make(&finding, FWA_A15,
			 "Record %" PRIu64 " (%s) says that %" PRIu64
			 " calls were issued, %" PRIu64 " recorded and %" PRIu64
			 " lost in this run; its records make %" PRIu64 " and %" PRIu64
			 ".",
			 record->sequence, fwa_record_kind_name(record->kind), issued,
			 recorded, lost, accounts->recorded, accounts->lost);
	return report(accounts, &finding, record, leaf);
}

static int checkpoint(struct fwa_accounts *accounts, const struct fwa_record *record,
		      const uint8_t *leaf)
{
	const struct fwa_checkpoint *checkpoint = &record->checkpoint;
	const char *wrong = NULL;
	struct fwa_finding finding;
	int result;

	if (!accounts->foreign &&
	    !bytes_are(checkpoint->enrolment_digest, accounts->enrolment->digest,
		       FWA_DIGEST_SIZE)) {
		fwa_finding_make(&finding, FWA_A12,
				 "Checkpoint record %" PRIu64 " (checkpoint %" PRIu64
				 ") names another enrolment.",
				 record->sequence, checkpoint->number);
		result = report(accounts, &finding, record, leaf);
		if (result < 0)
			return result;
	}
	if (accounts->lost_track)
		return 0;
	if (checkpoint->run != accounts->run)
		wrong = "another run";
	else if (!bytes_are(checkpoint->boot_id, accounts->boot_id, FWA_UUID_SIZE))
		wrong = "another boot of the machine than its run's";
	else if (!bytes_are(checkpoint->configuration_digest, accounts->configuration,
			    FWA_DIGEST_SIZE))
		wrong = "another configuration than its run's";
	else if (checkpoint->truncated != accounts->truncated)
		wrong = "another number of truncated payloads than its records";
	if (wrong) {
		fwa_finding_make(&finding, FWA_A15,
				 "Checkpoint record %" PRIu64 " (checkpoint %" PRIu64
				 ") names %s.",
				 record->sequence, checkpoint->number, wrong);
		result = report(accounts, &finding, record, leaf);
		if (result < 0)
			return result;
	}
	return check_counters(accounts, record, leaf, checkpoint->issued,
			      checkpoint->recorded, checkpoint->lost);
}

int fwa_accounts_record(struct fwa_accounts *accounts, const struct fwa_record *record,
			const uint8_t *leaf)
{
	int result = check_place(accounts, record, leaf);

	if (result == 0)
		result = check_references(accounts, record, leaf);
	if (result == 0)
		result = check_states(accounts, record, leaf);
	if (result < 0)
		return result;
	switch (record->kind) {
	case FWA_RECORD_GENESIS:
		return record->sequence == 0 ? genesis(accounts, record, leaf) : 0;
	case FWA_RECORD_BOOT:
		return boot(accounts, record);
	case FWA_RECORD_RPC:
		return rpc(accounts, record, leaf);
	case FWA_RECORD_GAP:
		return gap(accounts, record, leaf);
	case FWA_RECORD_CHECKPOINT:
		return checkpoint(accounts, record, leaf);
	case FWA_RECORD_SHUTDOWN:
		accounts->state = STOPPED;
		return check_counters(accounts, record, leaf, record->shutdown.issued,
				      record->shutdown.recorded, record->shutdown.lost);
	default:
		return 0;
	}
}
