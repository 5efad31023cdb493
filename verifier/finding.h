/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what the verifier has to say, each with a stable id, a severity, the place or
 * the records that prove it, and a sentence that a person can act on.
 *
 * A finding is a plain value: it owns nothing and borrows nothing that dies before the
 * program
 * (`table` points to a string constant), so it can be made on the stack and copied.
 */
#ifndef FWA_VERIFIER_FINDING_H
#define FWA_VERIFIER_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"

enum fwa_severity {
	FWA_SEVERITY_INFO,
	FWA_SEVERITY_LOW,
	FWA_SEVERITY_MEDIUM,
	FWA_SEVERITY_HIGH,
	FWA_SEVERITY_CRITICAL,
};

enum fwa_finding_category {
	FWA_CATEGORY_AUTHENTICITY, /* the evidence is not genuine: nothing else can be
				      said */
	FWA_CATEGORY_COMPLETENESS, /* the evidence is genuine, and not all of what
				      happened */
	FWA_CATEGORY_EFFECTS,      /* observed effects against declared ones */
	FWA_CATEGORY_DECLARATION,  /* declarations against one another and themselves */
	FWA_CATEGORY_SCOPE,        /* what the kernel let pass, at which scope */
};

/* In the order of the table in finding.c. The text of an id never changes its meaning. */
enum fwa_finding_id {
	FWA_A01, /* structure: the file is damaged, or its schema is not exactly the
		    ledger's */
	FWA_A02, /* a record was edited */
	FWA_A03, /* a record is missing, duplicated or in another's place */
	FWA_A04, /* a record stands where its kind cannot, or refers to one that it cannot
		  */
	FWA_A05, /* a payload differs from what its record says */
	FWA_A06, /* a payload is missing, or belongs to no record */
	FWA_A07, /* a checkpoint note is malformed, or its root is not that of the records
		  */
	FWA_A08, /* a checkpoint is missing, duplicated or reordered, or the chain is
		    broken */
	FWA_A09, /* an attestation is malformed, or not signed by the enrolled key and
		    index */
	FWA_A10, /* an attestation is genuine, but of other content */
	FWA_A11, /* an attestation is missing, or belongs to no checkpoint */
	FWA_A12, /* the enrolment is not this ledger's */
	FWA_A13, /* the TPM's clock or reset count went backwards */
	FWA_A14, /* the write-ahead log is missing or damaged: the last records may be
		    gone */
	FWA_A15, /* what the ledger says about itself contradicts its records */
	FWA_C01, /* calls were lost, or payloads captured in part */
	FWA_C02, /* the collector was not running */
	FWA_C06, /* the last records are not signed yet */
	FWA_E01, /* undeclared effect, attributed to one command */
	FWA_E02, /* undeclared effect, attributed to a set none of which declares it */
	FWA_E03, /* change that no captured command explains */
	FWA_E04, /* command executed that no declaration mentions */
	FWA_E05, /* deferred effect realised by a reset without having been declared */
	FWA_D01, /* declarations contradict one another */
	FWA_D02, /* declaration is malformed */
	FWA_D03, /* declaration changed while the firmware did not */
	FWA_D04, /* declared effect never seen */
	FWA_S01, /* scope lower than the declared effects demand, and the kernel let it
		    pass */
	FWA_S02, /* destructive command under a configuration or read-only scope */
	FWA_FINDING_IDS,
};

struct fwa_finding_kind {
	const char *id;    /* "FWA-E01": stable, what tools outside match on */
	const char *title; /* a few words, capitalised, without a full stop */
	enum fwa_finding_category category;
	enum fwa_severity severity; /* unless the finding says otherwise */
	size_t limit; /* findings of this id that a list keeps; the rest are counted */
};

/* Never NULL; `id` < FWA_FINDING_IDS. */
const struct fwa_finding_kind *fwa_finding_kind(enum fwa_finding_id id);
/* "info", "low", "medium", "high", "critical". */
const char *fwa_severity_name(enum fwa_severity severity);
/* The severity of that name; 0, or -EINVAL for anything else. */
int fwa_severity_parse(const char *name, enum fwa_severity *ret_severity);
/* "authenticity", "completeness", "effects", "declaration", "scope". */
const char *fwa_finding_category_name(enum fwa_finding_category category);

#define FWA_FINDING_RECORDS_MAX  16u
#define FWA_FINDING_CHANGES_MAX  8u
#define FWA_FINDING_SENTENCE_MAX 512u
#define FWA_FINDING_TEXT_MAX     128u

/* A record that proves the finding. */
struct fwa_finding_record {
	uint64_t sequence;
	bool has_leaf;
	uint8_t leaf[FWA_DIGEST_SIZE]; /* SHA-256(0x00 || record) */
};

/* An observed change that proves the finding. */
struct fwa_finding_change {
	char key[FWA_FINDING_TEXT_MAX]; /* "cxl.feature.<uuid>.current", NUL-terminated */
	uint32_t effects;               /* FWA_EFFECT_* that it is evidence of */
	uint64_t snapshot;          /* sequence of the snapshot record that shows it */
	bool has_before, has_after; /* absent: was not readable, or not there */
	uint8_t before[FWA_DIGEST_SIZE]; /* SHA-256 of the value */
	uint8_t after[FWA_DIGEST_SIZE];
};

struct fwa_finding {
	enum fwa_finding_id id;
	enum fwa_severity severity; /* fwa_finding_make sets the id's own */
	char sentence[FWA_FINDING_SENTENCE_MAX];

	/* Where in the ledger file: "leaf", "payload", ...; NULL: not one place. */
	const char *table;
	bool has_row;
	int64_t row; /* rowid: record sequence, payload id, checkpoint number */

	/* The first FWA_FINDING_RECORDS_MAX of `record_total` records involved. */
	struct fwa_finding_record records[FWA_FINDING_RECORDS_MAX];
	size_t record_count;
	uint64_t record_total;

	bool has_device;
	uint64_t device;                        /* sequence of the device record */
	char device_name[FWA_FINDING_TEXT_MAX]; /* "fwctl0"; empty: not known */

	/* The command, as a person names it: "Set Feature (0502h)"; empty: not one
	 * command. */
	char command[FWA_FINDING_TEXT_MAX];
	bool has_opcode;
	uint32_t opcode;
	/* What it was aimed at: a feature's UUID, a register; empty: nothing. */
	char target[FWA_FINDING_TEXT_MAX];
	bool has_scope;
	uint32_t scope; /* of FWCTL_RPC */

	/* FWA_EFFECT_* masks. */
	bool has_effects;
	uint32_t declared;
	uint32_t observed;
	uint32_t undeclared;

	/* The declarations that were compared: sequences of declaration records. */
	bool has_declaration;
	uint64_t declaration;
	bool has_other_declaration;
	uint64_t other_declaration;

	/* Changes that prove it: the first FWA_FINDING_CHANGES_MAX of `change_total`. */
	struct fwa_finding_change changes[FWA_FINDING_CHANGES_MAX];
	size_t change_count;
	uint64_t change_total;

	/* When: it happened after `from` and not later than `to`. CLOCK_REALTIME,
	 * nanoseconds. */
	bool has_from, has_to;
	uint64_t from, to;

	/* How many of whatever the finding counts (calls lost, records not signed). */
	bool has_count;
	uint64_t count;
};

/*
 * Start a finding: everything absent, the id's own severity, and the sentence (truncated
 * to fit, always NUL-terminated, bytes outside printable ASCII replaced by '?', since
 * sentences may quote what hostile evidence says).
 */
void fwa_finding_make(struct fwa_finding *ret_finding, enum fwa_finding_id id,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Replace the sentence. */
void fwa_finding_say(struct fwa_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Name a place in the file. `table` has to be a string constant. */
void fwa_finding_place(struct fwa_finding *finding, const char *table, int64_t row);
/* Add a record; counts it only, if there is no room for more. `leaf` may be NULL. */
void fwa_finding_add_record(struct fwa_finding *finding, uint64_t sequence,
			    const uint8_t leaf[FWA_DIGEST_SIZE]);
/* Add a change; counts it only, if there is no room for more. */
void fwa_finding_add_change(struct fwa_finding *finding,
			    const struct fwa_finding_change *change);
/* Copy at most FWA_FINDING_TEXT_MAX - 1 bytes of evidence into one of the text members,
 * NUL-terminated, bytes outside printable ASCII replaced by '?'. */
void fwa_finding_text(char ret_text[FWA_FINDING_TEXT_MAX], struct fwa_bytes bytes);

/* A list that grows, in the order of adding. */
struct fwa_findings;

struct fwa_findings *fwa_findings_new(void);           /* NULL: out of memory */
void fwa_findings_free(struct fwa_findings *findings); /* NULL: no-op */
/*
 * Add a copy. When the id's limit is reached it is counted and not kept: see
 * fwa_findings_omitted. Returns 0 or -ENOMEM (nothing was added).
 */
int fwa_findings_add(struct fwa_findings *findings, const struct fwa_finding *finding);
/* Move every finding of `source` (counts too) to the end of `findings`; `source` is then
 * empty. Returns 0 or -ENOMEM (findings moved so far stay moved). */
int fwa_findings_append(struct fwa_findings *findings, struct fwa_findings *source);
size_t fwa_findings_count(const struct fwa_findings *findings);
/* `index` < fwa_findings_count; borrowed until the list changes. */
const struct fwa_finding *fwa_findings_get(const struct fwa_findings *findings,
					   size_t index);
/* How many findings of this id were counted only. */
uint64_t fwa_findings_omitted(const struct fwa_findings *findings,
			      enum fwa_finding_id id);
/* How many findings there are of this id at all, kept or counted. */
uint64_t fwa_findings_total(const struct fwa_findings *findings, enum fwa_finding_id id);
/* Is there a finding of this category with at least this severity, kept or counted? */
bool fwa_findings_have(const struct fwa_findings *findings,
		       enum fwa_finding_category category, enum fwa_severity threshold);

#endif
