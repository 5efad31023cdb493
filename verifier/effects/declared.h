/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed declaration, for the files of this folder that read one. */
#ifndef FWA_VERIFIER_EFFECTS_DECLARED_H
#define FWA_VERIFIER_EFFECTS_DECLARED_H

#include "verifier/effects/declaration.h"

struct fwa_declared_opcode {
	uint16_t opcode;
	uint16_t effects;
	uint32_t index; /* in the log, so that of duplicates the first counts */
};

struct fwa_declared_feature {
	uint8_t uuid[FWA_UUID_SIZE];
	uint16_t effects;
	uint32_t flags;
	uint32_t index;
};

struct fwa_declared {
	uint64_t sequence;
	uint8_t leaf[FWA_DIGEST_SIZE];
	uint64_t boot_time;
	uint8_t source;
	bool readable;
	uint8_t digest[FWA_DIGEST_SIZE];
	size_t count;     /* of the one array that is there, sorted */
	size_t left_over; /* bytes after the last whole entry */
	struct fwa_declared_opcode *opcodes;
	struct fwa_declared_feature *features;
};

/* NULL if it is not mentioned. */
const struct fwa_declared_opcode *fwa_declared_opcode(const struct fwa_declared *cel,
						      uint16_t opcode);
const struct fwa_declared_feature *
fwa_declared_feature(const struct fwa_declared *features,
		     const uint8_t uuid[FWA_UUID_SIZE]);

#endif
