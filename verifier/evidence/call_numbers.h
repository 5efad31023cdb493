/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers that each CPU gives to the calls that return on it: from 1 in each run, without a
 * hole, each accounted for once, by a record or a gap.
 */
#ifndef FWA_VERIFIER_CALL_NUMBERS_H
#define FWA_VERIFIER_CALL_NUMBERS_H

#include <stdint.h>

/* CPUs in one run: more than Linux can have (CONFIG_NR_CPUS goes to 8192). */
#define FWA_CALL_CPUS_MAX 16384u

struct fwa_call_numbers;

struct fwa_call_numbers *fwa_call_numbers_new(void);          /* NULL: out of memory */
void fwa_call_numbers_free(struct fwa_call_numbers *numbers); /* NULL: no-op */
/* A new run: every CPU counts from 1. */
void fwa_call_numbers_reset(struct fwa_call_numbers *numbers);
/*
 * Take `count` numbers of a CPU from `first` on. Goes on behind them in any case.
 * Returns 0; -EBADMSG and the number that should have come if it is not `first` (or the numbers
 * run over); -ENOSPC with too many CPUs; -ENOMEM.
 */
int fwa_call_numbers_take(struct fwa_call_numbers *numbers, uint32_t cpu, uint64_t first,
			  uint64_t count, uint64_t *ret_expected);

#endif
