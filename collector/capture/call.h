/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the capture hands on: one call on a watched file, or a gap where calls were lost.
 *
 * A call is an ioctl, whatever its number and result. Every call takes exactly one number from
 * the CPU that it returned on; numbers count from 1 on each CPU in each run.
 *
 * Times are CLOCK_BOOTTIME nanoseconds.
 */
#ifndef FWA_COLLECTOR_CAPTURE_CALL_H
#define FWA_COLLECTOR_CAPTURE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/record.h"

struct stat;

enum fwa_watch_kind {
	FWA_WATCH_FILE = 0,      /* a file, by st_dev and st_ino */
	FWA_WATCH_CHARACTER = 1, /* a character device, by st_rdev */
	FWA_WATCH_MAJOR = 2,     /* every character device of a major: the fwctl class */
};

/* What is watched. Members that the kind does not name are 0. */
struct fwa_watch {
	enum fwa_watch_kind kind;
	uint32_t major,
		minor;  /* FILE: of st_dev; CHARACTER: of st_rdev; MAJOR: no minor */
	uint64_t inode; /* FILE: st_ino */
};

/* The watch that covers just this file: CHARACTER for a character device, else FILE. */
struct fwa_watch fwa_watch_of(const struct stat *status);

/* True if both name the same file; a MAJOR equals only the same MAJOR. */
bool fwa_watch_equal(const struct fwa_watch *a, const struct fwa_watch *b);

/* One direction of a call. */
struct fwa_call_payload {
	uint64_t length; /* bytes that the call carried, as its structure claims */
	struct fwa_bytes captured; /* a prefix of them; data NULL if there are none */
	enum fwa_moment moment; /* of the bytes: EXIT if any of them was read at exit */
};

/*
 * A call. Everything in it is borrowed, and valid until the handler that got it returns.
 *
 * The ioctl's structure was read from the caller's memory. It is the FWCTL structure, as far as
 * its own size member says, or, for ioctls of other drivers, as far as the request number says;
 * at most 128 bytes. `structure_entry.data` is NULL if it could not be read when the call
 * entered (a page that the kernel had not mapped yet); it may then have been readable at exit.
 *
 * request is FWCTL_RPC's `in`; response is FWCTL_RPC's `out` or FWCTL_INFO's `out_device_data`.
 * A call that failed, or has not returned, has no response (length 0). A request over
 * FWA_PAYLOAD_SIZE_MAX, which the fwctl core refuses unseen, has its length and no bytes.
 */
struct fwa_call {
	uint32_t cpu;            /* cpu and number are unique in a run */
	uint64_t number;         /* from 1 */
	struct fwa_watch device; /* FILE or CHARACTER, also if a MAJOR watch caught it */
	uint32_t command;        /* the ioctl request number */
	uint64_t argument;       /* the ioctl's third argument, a pointer for most */
	uint64_t entered, returned; /* returned is 0 without a result */
	bool has_result; /* false: it had not returned when the capture stopped */
	int64_t result;  /* return value, or negative errno */
	bool own;        /* made by the collector's process */
	struct fwa_caller caller;
	struct fwa_open open; /* key: the same for calls through the same open file */
	struct fwa_bytes structure_entry, structure_exit;
	uint32_t structure_length; /* what the structure's size claims; may be over 128 */
	struct fwa_call_payload request, response;
};

/* Calls that were seen and could not be handed over. */
struct fwa_capture_gap {
	uint32_t cpu;
	uint64_t first_number;
	uint64_t count; /* at least 1: numbers first_number .. first_number + count - 1 */
	/* They were lost between these two times. */
	uint64_t not_before, not_after;
};

#endif
