/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The effects engine: each command's observed effects against its declared ones.
 *
 * It is fed with the records of a ledger in order of sequence, once, and is sound: no verdict
 * says more than the evidence. Two snapshots of a device, a and b, span the window (a.started,
 * b.ended]; whatever changed between them is attributed by the commands whose call overlaps the
 * window:
 *
 *     one       the change is that command's: FWA-E01 if it does not declare it
 *     several   the change is one of theirs: FWA-E02 if none of them declares it
 *     none      a reset, a background operation or a value written before may explain it,
 *               otherwise FWA-E03
 *
 * A window is judged when the calls that were in flight at its end have been recorded. A window
 * that overlaps lost calls is undetermined: never clean, never a violation.
 *
 * The collector's own calls are not causes as long as they read by their specification; an own
 * call that does not is a cause like any other.
 *
 * Memory: calls are kept until the window that they fall into has been judged, findings and
 * verdicts until a checkpoint has shown that no record of lost calls can come any more.
 */
#ifndef FWA_VERIFIER_EFFECTS_EFFECTS_H
#define FWA_VERIFIER_EFFECTS_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verifier/effects/command.h"
#include "verifier/finding.h"
#include "verifier/verify.h"

/* Of one command. */
enum fwa_verdict {
	FWA_VERDICT_NOT_JUDGED, /* no declaration to judge it by, or no command at all */
	FWA_VERDICT_REFUSED,    /* by the kernel or the device; nothing changed */
	FWA_VERDICT_UNDETERMINED, /* ambiguous, not observed, or calls were lost */
	FWA_VERDICT_CONFORMS,     /* in every class that can be observed on this device */
	FWA_VERDICT_VIOLATES,     /* a finding names it, and it alone */
	FWA_VERDICTS,
};
/* "not judged", "refused", "undetermined", "conforms", "violates". */
const char *fwa_verdict_name(enum fwa_verdict verdict);

struct fwa_effects_options {
	/*
	 * Called once for each call of others than the collector, when its verdict is final, in
	 * no particular order. `reason` is a string constant that completes "<verdict>: ". May
	 * be NULL. Returns 0 or negative errno, which the engine returns.
	 */
	int (*verdict)(void *context, uint64_t sequence, enum fwa_verdict verdict,
		       const char *reason);
	void *context;
};

struct fwa_effects;

struct fwa_effects *
fwa_effects_new(const struct fwa_effects_options *options); /* NULL: no memory */
void fwa_effects_free(struct fwa_effects *effects);         /* NULL: no-op */
/* The engine as a consumer of a verification, or of any pass over a ledger. */
struct fwa_record_consumer fwa_effects_consumer(struct fwa_effects *effects);

#define FWA_EFFECTS_TEXT_MAX    128u
#define FWA_EFFECTS_LIMITS_MAX  16u
#define FWA_EFFECTS_LIMIT_SIZE  384u
#define FWA_EFFECTS_DEVICES_MAX 4096u /* minors of the fwctl class */

/* What can be said of one device. Texts are printable ASCII, empty if not known. */
struct fwa_effects_device {
	uint64_t sequence; /* of its first device record */
	char name[FWA_EFFECTS_TEXT_MAX];
	char path[FWA_EFFECTS_TEXT_MAX];
	char driver[FWA_EFFECTS_TEXT_MAX];
	char firmware[FWA_EFFECTS_TEXT_MAX];
	char serial[FWA_EFFECTS_TEXT_MAX];
	bool simulated;
	bool has_type;
	uint32_t type; /* FWCTL_INFO */
	uint64_t calls, own_calls;
	uint64_t verdicts[FWA_VERDICTS]; /* of `calls` */
	uint64_t snapshots;
	uint64_t undetermined_windows;
	size_t keys, unreadable_keys; /* of the last snapshot */
	uint32_t observable;          /* FWA_EFFECT_* */
	uint32_t not_observable;      /* of the classes that such a device can declare */
};

/* What can be said of all. Valid after `finish`. */
struct fwa_effects_summary {
	size_t device_count;
	const struct fwa_effects_device *devices; /* borrowed from the engine */
	char kernel[FWA_EFFECTS_TEXT_MAX];        /* of the last run */
	char machine[FWA_EFFECTS_TEXT_MAX];
	char collector[FWA_EFFECTS_TEXT_MAX];
	char coverage[FWA_SENTENCE_SIZE_MAX + 1];
	uint64_t own_calls;
	uint64_t windows, undetermined_windows;
	size_t limit_count;
	char limits[FWA_EFFECTS_LIMITS_MAX][FWA_EFFECTS_LIMIT_SIZE];
};
const struct fwa_effects_summary *fwa_effects_summary(const struct fwa_effects *effects);

#endif
