/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's clocks, in nanoseconds. */
#ifndef FWA_COLLECTOR_DAEMON_CLOCK_H
#define FWA_COLLECTOR_DAEMON_CLOCK_H

#include <stdint.h>
#include <time.h>

#define FWA_SECOND      UINT64_C(1000000000)
#define FWA_MILLISECOND UINT64_C(1000000)

static inline uint64_t fwa_clock(clockid_t clock)
{
	struct timespec now;

	/* Neither clock can fail with a valid address. */
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * FWA_SECOND + (uint64_t)now.tv_nsec;
}

/* The events' clock: goes on while the machine sleeps. */
static inline uint64_t fwa_boot_time(void)
{
	return fwa_clock(CLOCK_BOOTTIME);
}

/* The calendar's clock. */
static inline uint64_t fwa_real_time(void)
{
	return fwa_clock(CLOCK_REALTIME);
}

#endif
