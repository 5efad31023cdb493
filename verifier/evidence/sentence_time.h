/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment in a sentence: "2026-11-22 18:11:10.250 UTC".
 */
#ifndef FWA_VERIFIER_SENTENCE_TIME_H
#define FWA_VERIFIER_SENTENCE_TIME_H

#include <stdint.h>

#define FWA_SENTENCE_TIME_SIZE 96u

/* Write `time` (CLOCK_REALTIME, nanoseconds), with a NUL. Any value can be written. */
void fwa_sentence_time(uint64_t time, char ret_text[FWA_SENTENCE_TIME_SIZE]);

#endif
