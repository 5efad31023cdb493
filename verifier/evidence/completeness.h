/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What authentic evidence does not hold: calls that were lost and payloads that were captured in
 * part (FWA-C01, one finding of each for a run), and the times when no collector was running
 * (FWA-C02). Pure: records in, findings out.
 */
#ifndef FWA_VERIFIER_COMPLETENESS_H
#define FWA_VERIFIER_COMPLETENESS_H

#include "verifier/verify.h"

struct fwa_completeness;

/* NULL: out of memory. */
struct fwa_completeness *fwa_completeness_new(void);
void fwa_completeness_free(struct fwa_completeness *completeness); /* NULL: no-op */
/* Its part in the pass over the records; `completeness` is borrowed. */
struct fwa_record_consumer
fwa_completeness_consumer(struct fwa_completeness *completeness);

#endif
