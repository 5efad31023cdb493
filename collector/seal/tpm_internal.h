/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind tpm.h share. */
#ifndef FWA_COLLECTOR_SEAL_TPM_INTERNAL_H
#define FWA_COLLECTOR_SEAL_TPM_INTERNAL_H

#include <stdint.h>

#include <tss2/tss2_esys.h>

#include "schema/error.h"

/*
 * Handle ranges (TPM 2.0 Library, Part 2, 7.4). tpm2-tss has them too, but shifts into the sign
 * bit to make them.
 */
#define FWA_TPM_RANGE_MASK 0xff000000u
#define FWA_TPM_NV         0x01000000u
#define FWA_TPM_TRANSIENT  0x80000000u
#define FWA_TPM_PERSISTENT 0x81000000u

struct fwa_tpm {
	char *tcti_name;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR key;   /* ESYS_TR_NONE: none in use */
	ESYS_TR index; /* likewise */
};

/*
 * Turn a TSS return code into errno and a sentence: "TPM '<tcti>': cannot <what>: <why>; <what
 * to do>". `rc` is not TSS2_RC_SUCCESS.
 */
int fwa_tpm_fail(const struct fwa_tpm *tpm, TSS2_RC rc, const char *what,
		 struct fwa_error *error);

/* The TPM's own code without what says which handle or parameter it is about; 0 for others. */
TSS2_RC fwa_tpm_code(TSS2_RC rc);

/*
 * Call `visit` with every handle of the range that starts at `first` (the same top byte). It
 * returns 0 to go on; anything else stops and is returned.
 */
int fwa_tpm_handles(struct fwa_tpm *tpm, uint32_t first,
		    int (*visit)(struct fwa_tpm *tpm, uint32_t handle, void *context),
		    void *context, struct fwa_error *error);

#endif
