/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/recorder_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "collector/daemon/clock.h"
#include "collector/daemon/say.h"

#define RETRY_TIME     FWA_SECOND
#define HOLD_TIME      (5 * FWA_MILLISECOND) /* between looks at whether a device was named */
#define HEARTBEAT_TIME (FWA_SECOND / 2) /* losses that no later call reveals are found */

struct fwa_record fwa_recorder_record(enum fwa_record_kind kind)
{
	return (struct fwa_record){.kind = (uint8_t)kind,
				   .time = fwa_real_time(),
				   .boot_time = fwa_boot_time()};
}

int fwa_recorder_commit(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_error reason;
	int r;

	r = fwa_ledger_commit(recorder->ledger, &reason);
	if (r == -ENOSPC || r == -EDQUOT) {
		if (!recorder->full)
			fwa_say("%s; until then calls are kept in memory, and lost (and "
				"counted) "
				"when that is full",
				reason.sentence);
		recorder->full = true;
		recorder->retry_at = fwa_boot_time() + RETRY_TIME;
		return 0;
	}
	if (r < 0)
		return fwa_error(error, r, "%s", reason.sentence);
	if (recorder->full)
		fwa_say("the ledger can be written again; what was kept in memory is in "
			"it");
	recorder->full = false;
	recorder->blocked = false;
	recorder->batch_since = 0;
	return 0;
}

int fwa_recorder_append(struct fwa_recorder *recorder, struct fwa_record *record,
			struct fwa_payload *request, struct fwa_payload *response,
			struct fwa_error *error)
{
	int r = fwa_ledger_append(recorder->ledger, record, request, response, error);

	if (r == -ENOBUFS) {
		if (!recorder->full) {
			r = fwa_recorder_commit(recorder, error);
			if (r < 0)
				return r;
		}
		if (recorder->full)
			return -EAGAIN;
		r = fwa_ledger_append(recorder->ledger, record, request, response, error);
	}
	if (r == 0 && !recorder->batch_since)
		recorder->batch_since = fwa_boot_time();
	return r;
}

int fwa_recorder_drain(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_recorder_handler context = {recorder, error};
	struct fwa_capture_handlers handlers = {
		.call = fwa_recorder_call, .gap = fwa_recorder_gap, .context = &context};
	int r;

	r = fwa_capture_drain(recorder->capture, &handlers, FWA_BATCH_RECORDS);
	recorder->more = r >= (int)FWA_BATCH_RECORDS;
	recorder->blocked = r == -EAGAIN;
	if (r == -EAGAIN && !recorder->full)
		recorder->retry_at = fwa_boot_time() + HOLD_TIME;
	if (r == -EBADMSG)
		return fwa_error(
			error, r,
			"the ring buffer holds what is no event; this is a defect "
			"of fwauditd");
	return r < 0 && r != -EAGAIN ? r : 0;
}

static int drain_if_due(struct fwa_recorder *recorder, struct fwa_error *error)
{
	if (recorder->capture_stopped ||
	    (recorder->blocked && fwa_boot_time() < recorder->retry_at))
		return 0;
	return fwa_recorder_drain(recorder, error);
}

static int commit_if_due(struct fwa_recorder *recorder, struct fwa_error *error)
{
	uint64_t now = fwa_boot_time();

	if (recorder->full)
		return now < recorder->retry_at ? 0
						: fwa_recorder_commit(recorder, error);
	if (!recorder->batch_since ||
	    (now < recorder->batch_since + FWA_BATCH_TIME &&
	     fwa_ledger_staged_records(recorder->ledger) < FWA_BATCH_RECORDS &&
	     fwa_ledger_staged_bytes(recorder->ledger) < FWA_BATCH_BYTES))
		return 0;
	return fwa_recorder_commit(recorder, error);
}

static void take_signal(struct fwa_recorder *recorder)
{
	struct signalfd_siginfo signal;

	/* Another one while stopping changes nothing: the stop is under way. */
	if (read(recorder->signals, &signal, sizeof(signal)) == sizeof(signal))
		recorder->stop = true;
}

static void show_life(struct fwa_recorder *recorder)
{
	uint64_t now = fwa_boot_time();

	if (!recorder->watchdog || now < recorder->watchdog_at)
		return;
	fwa_notify("WATCHDOG=1");
	recorder->watchdog_at = now + recorder->watchdog;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Nanoseconds until something is due. */
static uint64_t patience(const struct fwa_recorder *recorder, uint64_t longest)
{
	uint64_t now = fwa_boot_time(), due = now + sooner(longest, HEARTBEAT_TIME);

	if (recorder->more)
		return 0;
	if (recorder->ledger && !recorder->full) {
		if (recorder->batch_since)
			due = sooner(due, recorder->batch_since + FWA_BATCH_TIME);
		due = sooner(due, fwa_recorder_seal_due(recorder));
	}
	if (recorder->blocked || recorder->full)
		due = sooner(due, recorder->retry_at);
	if (recorder->first && !recorder->starting)
		due = sooner(due, now + HOLD_TIME);
	if (recorder->watchdog)
		due = sooner(due, recorder->watchdog_at);
	return due > now ? due - now : 0;
}

/* What came in, from the ring to the ledger. */
static int move(struct fwa_recorder *recorder, bool observed, bool sealed,
		struct fwa_error *error)
{
	int r = 0;

	if (sealed)
		r = fwa_recorder_sealed(recorder, error);
	if (r == 0 && observed)
		r = fwa_recorder_observed(recorder, error);
	if (r == 0)
		r = fwa_recorder_watch_class(recorder, error);
	if (r < 0 || recorder->starting)
		return r;
	r = drain_if_due(recorder, error);
	if (r == 0 && !recorder->capture_stopped)
		r = fwa_recorder_release(recorder, error);
	if (r == 0)
		r = commit_if_due(recorder, error);
	if (r == 0)
		r = fwa_recorder_seal(recorder, error);
	return r;
}

int fwa_recorder_step(struct fwa_recorder *recorder, uint64_t longest,
		      struct fwa_error *error)
{
	bool listens =
		!recorder->blocked && !recorder->starting && !recorder->capture_stopped;
	/* After the run's last call nothing that was seen of a device may follow it. */
	bool looks = recorder->observer.running && !recorder->capture_stopped &&
		     !fwa_recorder_is_crowded(recorder);
	struct pollfd descriptors[4] = {
		{.fd = recorder->signals, .events = POLLIN},
		{.fd = looks ? recorder->observer.channel : -1, .events = POLLIN},
		/* At start its answers are waited for, one by one. */
		{.fd = recorder->asked ? recorder->sealer.channel : -1, .events = POLLIN},
		{.fd = listens ? fwa_capture_descriptor(recorder->capture) : -1,
		 .events = POLLIN},
	};
	uint64_t left = patience(recorder, longest);
	struct timespec timeout = {.tv_sec = (time_t)(left / FWA_SECOND),
				   .tv_nsec = (long)(left % FWA_SECOND)};

	if (ppoll(descriptors, 4, &timeout, NULL) < 0 && errno != EINTR)
		return fwa_error(error, -errno, "waiting for events failed: %s",
				 strerror(errno));
	if (descriptors[0].revents)
		take_signal(recorder);
	show_life(recorder);
	return move(recorder, descriptors[1].revents != 0, descriptors[2].revents != 0,
		    error);
}
