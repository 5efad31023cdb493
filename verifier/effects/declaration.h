/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device declares of its commands: one model, fed from declaration records.
 *
 * Two sources speak of Set Feature: the effects field of the feature's own entry, and the
 * Command Effects Log's entry of 0502h. The log's entry is one word for every feature that the
 * device has, so it can be no more than their union; the feature's entry is the specific
 * declaration, and the one that Linux gates the command by. Where there is one it is the
 * declaration, and the log's is not asked. Every other command is declared by the log.
 */
#ifndef FWA_VERIFIER_EFFECTS_DECLARATION_H
#define FWA_VERIFIER_EFFECTS_DECLARATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"
#include "verifier/effects/command.h"
#include "verifier/finding.h"

/* One declaration record, parsed into something that can be searched. */
struct fwa_declared;

/* Where the effects of a command were found. */
enum fwa_declared_basis {
	FWA_BASIS_NONE,          /* nothing readable declares this device's commands */
	FWA_BASIS_NOT_MENTIONED, /* declarations are there, and do not mention the command */
	FWA_BASIS_CEL,           /* the Command Effects Log */
	FWA_BASIS_FEATURE,       /* the feature's entry */
	FWA_BASIS_KERNEL, /* Get Supported Features: the kernel answers it by itself */
};

struct fwa_declared_effects {
	enum fwa_declared_basis basis;
	uint32_t classes; /* FWA_EFFECT_* */
	uint16_t effects; /* the field as declared; basis CEL and FEATURE */
	uint32_t flags;   /* the feature's; basis FEATURE */
	uint64_t
		sequence; /* of the declaration record; basis CEL, FEATURE, NOT_MENTIONED */
	uint8_t leaf[FWA_DIGEST_SIZE];
};

/*
 * Parse a decoded declaration record; nothing of it is borrowed. A truncated last entry is left
 * out. Returns 0 or -ENOMEM; the result is to be freed.
 */
int fwa_declared_new(const struct fwa_record *record, const uint8_t leaf[FWA_DIGEST_SIZE],
		     struct fwa_declared **ret_declared);
void fwa_declared_free(struct fwa_declared *declared); /* NULL: no-op */

uint64_t fwa_declared_sequence(const struct fwa_declared *declared);
const uint8_t *fwa_declared_leaf(const struct fwa_declared *declared);
/* CLOCK_BOOTTIME of the record, nanoseconds. */
uint64_t fwa_declared_boot_time(const struct fwa_declared *declared);
/* enum fwa_declaration_source */
uint8_t fwa_declared_source(const struct fwa_declared *declared);
/* False: the device would not show it. */
bool fwa_declared_readable(const struct fwa_declared *declared);
/* Do both say the same, byte for byte? Two unreadable ones do not. */
bool fwa_declared_same(const struct fwa_declared *a, const struct fwa_declared *b);

/*
 * What the device declares of `command`; `cel` and `features` may each be NULL or unreadable.
 */
void fwa_declared_find(const struct fwa_declared *cel,
		       const struct fwa_declared *features,
		       const struct fwa_command *command,
		       struct fwa_declared_effects *ret_effects);

/*
 * FWA-D02: what is malformed in one declaration, one finding for all of it, added to
 * `findings`. `device_name` may be empty. Returns 0 or -ENOMEM.
 */
int fwa_declared_check(const struct fwa_declared *declared, uint64_t device,
		       const char *device_name, struct fwa_findings *findings);
/*
 * FWA-D01: where the two contradict one another: a changeable feature that declares more than
 * the log's entry of Set Feature, or a log without that entry. One finding a feature. Nothing if
 * either is NULL or unreadable. Returns 0 or -ENOMEM.
 */
int fwa_declared_compare(const struct fwa_declared *cel,
			 const struct fwa_declared *features, uint64_t device,
			 const char *device_name, struct fwa_findings *findings);

/* "config-immediate, data-immediate", or "nothing". Truncated to fit. */
void fwa_effects_text(uint32_t effects, char *ret_text, size_t size);

#endif
