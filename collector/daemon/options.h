/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. A subcommand and an option are table rows; help is made from the tables. */
#ifndef FWA_COLLECTOR_DAEMON_OPTIONS_H
#define FWA_COLLECTOR_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "schema/error.h"

#define FWA_WATCH_PATHS_MAX 256u

enum fwa_action {
	FWA_ACTION_RUN,
	FWA_ACTION_PROVISION,
	FWA_ACTION_HELP,
	FWA_ACTION_VERSION,
};

/* How eagerly devices are looked at. */
enum fwa_observe_mode {
	FWA_OBSERVE_ALL,      /* after every call */
	FWA_OBSERVE_WRITES,   /* after every call that may write */
	FWA_OBSERVE_INTERVAL, /* at intervals only */
	FWA_OBSERVE_OFF,
};

/* Texts are borrowed from argv. */
struct fwa_options {
	enum fwa_action action;
	const char *tcti;
	const char *ledger;
	const char *paths[FWA_WATCH_PATHS_MAX];
	size_t path_count;
	enum fwa_observe_mode observe;
	uint64_t observe_interval; /* nanoseconds; 0: none */
	uint64_t ring_size;        /* bytes */
	uint64_t checkpoint_records;
	uint64_t checkpoint_interval; /* nanoseconds */
};

/*
 * Read the command line. Returns 0, or -EINVAL with a sentence; `*ret_options` is then
 * untouched.
 */
int fwa_options_parse(int argc, char *const argv[], struct fwa_options *ret_options,
		      struct fwa_error *error);

/* What --help says. */
void fwa_options_help(FILE *stream);

/* "all", "writes", "interval", "off". */
const char *fwa_observe_mode_name(enum fwa_observe_mode mode);

#endif
