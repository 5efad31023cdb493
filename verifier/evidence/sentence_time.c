/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/sentence_time.h"

#include <stdio.h>
#include <time.h>

void fwa_sentence_time(uint64_t time, char ret_text[FWA_SENTENCE_TIME_SIZE])
{
	time_t seconds = (time_t)(time / 1000000000u);
	struct tm tm = {0};

	/* 2^64 nanoseconds end in the year 2554: this cannot fail. */
	gmtime_r(&seconds, &tm);
	snprintf(ret_text, FWA_SENTENCE_TIME_SIZE,
		 "%04d-%02d-%02d %02d:%02d:%02d.%03u UTC", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (unsigned)(time / 1000000u % 1000u));
}
