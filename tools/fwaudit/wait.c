/* SPDX-License-Identifier: Apache-2.0 */
/* Wait until the collector has recorded commands and looked at the device after each of them. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "schema/fwctl.h"
#include "tools/fwaudit/command_line.h"
#include "tools/fwaudit/walk.h"

#define POLL_INTERVAL                                                                    \
	10000000u /* nanoseconds between looks at whether the file changed */

/* One device in one run of the collector. */
struct device {
	char name[FWA_FINDING_TEXT_MAX];
	uint64_t returned; /* the last command, CLOCK_BOOTTIME; 0: none */
	uint64_t observed; /* `started` of the last snapshot; UINT64_MAX: gone */
};

/* A device is recorded again when something about it changes. */
struct alias {
	uint64_t record;
	size_t device;
};

struct watch {
	uint64_t next; /* record to read next */
	uint64_t calls;
	struct device *devices;
	size_t device_count;
	struct alias *aliases;
	size_t alias_count;
};

static struct device *device_of(struct watch *watch, uint64_t record)
{
	size_t i;

	for (i = watch->alias_count; i-- > 0;) {
		if (watch->aliases[i].record == record)
			return &watch->devices[watch->aliases[i].device];
	}
	return NULL;
}

static int on_device(struct watch *watch, const struct fwa_record *record)
{
	char name[FWA_FINDING_TEXT_MAX];
	struct device *devices;
	struct alias *aliases;
	size_t i;

	aliases = reallocarray(watch->aliases, watch->alias_count + 1, sizeof(*aliases));
	if (!aliases)
		return -ENOMEM;
	watch->aliases = aliases;
	fwa_finding_text(name, record->device.name);
	for (i = 0; i < watch->device_count; i++) {
		if (strcmp(watch->devices[i].name, name) == 0)
			break;
	}
	if (i == watch->device_count) {
		devices = reallocarray(watch->devices, i + 1, sizeof(*devices));
		if (!devices)
			return -ENOMEM;
		watch->devices = devices;
		memset(&devices[i], 0, sizeof(devices[i]));
		memcpy(devices[i].name, name, sizeof(name));
		watch->device_count++;
	}
	/* One that is gone is looked at no more; what comes back under its name is another. */
	if (record->device.state == FWA_DEVICE_GONE)
		watch->devices[i].observed = UINT64_MAX;
	else if (watch->devices[i].observed == UINT64_MAX)
		watch->devices[i].observed = watch->devices[i].returned = 0;
	aliases[watch->alias_count++] = (struct alias){record->sequence, i};
	return 0;
}

static int on_record(struct watch *watch, const struct fwa_record *record)
{
	struct device *device;

	switch (record->kind) {
	case FWA_RECORD_BOOT:
		/* What an earlier run did not observe will never be. */
		watch->device_count = watch->alias_count = 0;
		return 0;
	case FWA_RECORD_DEVICE:
		return on_device(watch, record);
	case FWA_RECORD_RPC:
		if (record->rpc.own || record->rpc.command != FWA_FWCTL_RPC)
			return 0;
		watch->calls++;
		device = record->rpc.has_device ? device_of(watch, record->rpc.device)
						: NULL;
		if (device && record->rpc.has_result &&
		    record->rpc.returned > device->returned)
			device->returned = record->rpc.returned;
		return 0;
	case FWA_RECORD_SNAPSHOT:
		device = device_of(watch, record->snapshot.device);
		if (device && record->snapshot.started > device->observed)
			device->observed = record->snapshot.started;
		return 0;
	default:
		return 0;
	}
}

static bool is_over(const struct watch *watch, uint64_t calls)
{
	size_t i;

	if (watch->calls < calls)
		return false;
	for (i = 0; i < watch->device_count; i++) {
		if (watch->devices[i].returned &&
		    watch->devices[i].observed < watch->devices[i].returned)
			return false;
	}
	return true;
}

/* Read what has been added. Returns 0, or negative errno and a sentence. */
static int look(const char *path, struct watch *watch, struct fwa_error *error)
{
	struct fwa_ledger_reader *reader = NULL;
	struct fwa_record record;
	struct fwa_leaf_row row;
	int result = fwa_ledger_reader_open(path, &reader, error);

	while (result == 0) {
		int found = fwa_ledger_reader_find_leaf(reader, watch->next, &row, error);

		if (found < 0)
			result = found;
		if (found <= 0)
			break;
		if (fwa_record_decode(row.record.data, row.record.size, &record) != 0)
			result = fwa_error(error, -EBADMSG,
					   "record %" PRIu64 " cannot be decoded",
					   watch->next);
		else
			result = on_record(watch, &record);
		if (result == -ENOMEM)
			fwa_error(error, result, "out of memory");
		watch->next++;
	}
	fwa_ledger_reader_close(reader);
	return result;
}

/* What changes when somebody commits: the database or its log grows or is written. */
struct signature {
	struct stat database, log;
};

static void sign(const char *path, struct signature *signature)
{
	char log[4096 + 16];
	char database[4096];
	struct stat status;

	memset(signature, 0, sizeof(*signature));
	snprintf(database, sizeof(database), "%s", path);
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		snprintf(database, sizeof(database), "%s/ledger.db", path);
	snprintf(log, sizeof(log), "%s-wal", database);
	if (stat(database, &signature->database) != 0 || stat(log, &signature->log) != 0)
		return;
	/* Reading is not a change. */
	memset(&signature->database.st_atim, 0, sizeof(signature->database.st_atim));
	memset(&signature->log.st_atim, 0, sizeof(signature->log.st_atim));
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int run(const char *path, uint64_t calls, uint64_t timeout)
{
	const struct timespec pause = {0, POLL_INTERVAL};
	uint64_t end = now() + timeout * 1000000000u;
	struct signature before, after;
	struct watch watch = {0};
	struct fwa_error error = {""};
	int status = -1;

	while (status < 0) {
		sign(path, &before);
		if (look(path, &watch, &error) != 0)
			status = fwa_fail("%s", error.sentence);
		else if (is_over(&watch, calls))
			status = 0;
		do {
			if (status < 0 && now() >= end) {
				fwa_fail("after %" PRIu64 " s the ledger holds %" PRIu64
					 " of %" PRIu64 " commands%s",
					 timeout, watch.calls, calls,
					 watch.calls >= calls
						 ? ", and not all have been observed"
						 : "");
				status = 1;
			}
			if (status < 0)
				nanosleep(&pause, NULL);
			sign(path, &after);
		} while (status < 0 && memcmp(&before, &after, sizeof(before)) == 0);
	}
	free(watch.devices);
	free(watch.aliases);
	return status;
}

int fwa_run_wait(const struct fwa_subcommand *subcommand, int count, char **arguments)
{
	static const struct option known[] = {
		{"calls", required_argument, NULL, 'c'},
		{"timeout", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint64_t calls = 1, timeout = 30;
	int found;

	while ((found = getopt_long(count, arguments, ":c:t:h", known, NULL)) != -1) {
		if (found == 'h')
			return fwa_print_usage(subcommand);
		if (found == 'c'
			    ? !fwa_parse_number(optarg, UINT64_MAX, &calls)
			    : found == 't' && !fwa_parse_number(optarg, 86400, &timeout))
			return fwa_usage_error(
				subcommand, "\"%s\" is not a number that --%s takes",
				optarg, found == 'c' ? "calls" : "timeout");
		if (found != 'c' && found != 't')
			return fwa_option_error(subcommand, found, arguments);
	}
	if (optind + 1 != count)
		return fwa_usage_error(subcommand, "name one ledger");
	return run(arguments[optind], calls, timeout);
}
