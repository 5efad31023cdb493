/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which recording starts and ends. */
#include "collector/daemon/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "collector/daemon/clock.h"
#include "collector/daemon/recorder_internal.h"
#include "collector/daemon/say.h"
#include "collector/observe/protocol.h"
#include "collector/seal/enrolment_file.h"
#include "collector/seal/protocol.h"
#include "collector/seal/recovery.h"
#include "collector/seal/tpm.h"

#define START_PATIENCE (60 * FWA_SECOND) /* for devices to say what they are */
#define LOOK_PATIENCE  (30 * FWA_SECOND) /* at the end, for the observer */
#define SEAL_PATIENCE  (15 * FWA_SECOND) /* at the end, for the TPM */
#define DISK_PATIENCE  (10 * FWA_SECOND) /* at the end, for room on the disk */
#define ROLE_SECONDS   5u
/* Callers on all CPUs fill the ring; a recorder that is kept waiting loses calls. */
#define NICENESS (-10)

static struct fwa_bytes text(const char *string)
{
	return (struct fwa_bytes){(const uint8_t *)string, strlen(string)};
}

static int start_observer(int channel, const void *options)
{
	return fwa_observer_run(channel, options);
}

static int start_sealer(int channel, const void *options)
{
	return fwa_sealer_run(channel, options);
}

static int open_signals(struct fwa_recorder *recorder, struct fwa_error *error)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	recorder->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (recorder->signals < 0)
		return fwa_error(error, -errno, "signals cannot be received: %s",
				 strerror(errno));
	return 0;
}

/* Is there a TPM, and does it know our key and index? */
static int check_tpm(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_seal_message message;
	int r;

	fwa_tpm_quiet();
	recorder->sealer_options = (struct fwa_sealer_options){
		.tcti = recorder->options->tcti, .enrolment = &recorder->enrolment};
	r = fwa_role_start(&recorder->sealer, "sealer", start_sealer,
			   &recorder->sealer_options);
	if (r < 0)
		return fwa_error(error, r, "the sealer cannot be started: %s",
				 strerror(-r));
	r = fwa_seal_send_read(recorder->sealer.channel);
	if (r < 0)
		return fwa_error(error, r,
				 "the sealer ended; this is a defect of fwauditd");
	return fwa_seal_receive(recorder->sealer.channel, &recorder->seal_frame, &message,
				error);
}

static int start_capture(struct fwa_recorder *recorder, struct fwa_error *error)
{
	const struct fwa_capture_options options = {.ring_size =
							    recorder->options->ring_size};
	int r = fwa_capture_open(&options, &recorder->capture, error);

	if (r < 0)
		return r;
	recorder->cpu_last = calloc(fwa_capture_cpu_count(recorder->capture),
				    sizeof(*recorder->cpu_last));
	if (!recorder->cpu_last)
		return fwa_error(error, -ENOMEM, "out of memory");
	return fwa_recorder_watch_class(recorder, error);
}

/*
 * Have the observer find and open the devices; their calls are captured by then, our own
 * included. Its records wait until there is a ledger.
 */
static int find_devices(struct fwa_recorder *recorder, struct fwa_error *error)
{
	const struct fwa_options *options = recorder->options;
	uint64_t until = fwa_boot_time() + START_PATIENCE;
	struct fwa_capture_counters counters;
	int r;

	recorder->observer_options = (struct fwa_observer_options){
		.paths = options->paths,
		.path_count = options->path_count,
		.snapshots = options->observe != FWA_OBSERVE_OFF,
		.interval = options->observe_interval,
	};
	r = fwa_role_start(&recorder->observer, "observer", start_observer,
			   &recorder->observer_options);
	if (r < 0)
		return fwa_error(error, r, "the observer cannot be started: %s",
				 strerror(-r));
	while (!recorder->scanned || recorder->answered < recorder->found) {
		r = fwa_recorder_step(recorder, FWA_SECOND, error);
		if (r < 0)
			return r;
		if (recorder->refused)
			return fwa_error(error, recorder->refused, "%s",
					 recorder->refusal.sentence);
		if (recorder->stop)
			return fwa_error(error, -EINTR,
					 "stopped by a signal before it recorded");
		if (fwa_boot_time() > until)
			return fwa_error(error, -ETIMEDOUT,
					 "the watched device does not answer; it was "
					 "waited for 60 "
					 "seconds");
	}
	fwa_capture_counters(recorder->capture, &counters);
	if (recorder->waiting > 0 && counters.kernel_issued == 0)
		return fwa_error(error, -EIO,
				 "calls on the watched devices escape the capture: not "
				 "even fwauditd's "
				 "own were seen, so nothing would be recorded");
	if (recorder->found == 0)
		fwa_say("no fwctl device on this machine%s; waiting for one to appear",
			recorder->class_watched ? "" : ", and no fwctl class");
	return 0;
}

/* A ledger that is there already is opened first: another fwauditd may have it. */
static int open_existing(struct fwa_recorder *recorder, struct fwa_error *error)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", recorder->options->ledger,
		     FWA_LEDGER_DATABASE) >= (int)sizeof(path))
		return fwa_error(error, -ENAMETOOLONG, "%s: the path is too long",
				 recorder->options->ledger);
	if (access(path, F_OK) < 0)
		return 0;
	return fwa_ledger_open(recorder->options->ledger, &recorder->ledger, error);
}

/* The ledger, its genesis, and what the TPM says of it. */
static int open_ledger(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_record record = fwa_recorder_record(FWA_RECORD_GENESIS);
	const struct fwa_ledger_state *state;
	int r = 0;

	if (!recorder->ledger)
		r = fwa_ledger_open(recorder->options->ledger, &recorder->ledger, error);
	if (r < 0)
		return r;
	state = fwa_ledger_state(recorder->ledger);
	if (state->has_genesis &&
	    (memcmp(state->ledger_uuid, recorder->enrolment.ledger, FWA_UUID_SIZE) != 0 ||
	     memcmp(state->enrolment_digest, recorder->enrolment.digest,
		    FWA_DIGEST_SIZE) != 0))
		return fwa_error(error, -EUCLEAN,
				 "%s: ledger and enrolment do not belong together; put "
				 "the enrolment "
				 "back that the ledger began with",
				 recorder->options->ledger);
	r = fwa_recovery_run(recorder->ledger, recorder->sealer.channel, error);
	if (r < 0 || state->has_genesis)
		return r;
	record.genesis = (struct fwa_genesis){
		.ledger_uuid = {recorder->enrolment.ledger, FWA_UUID_SIZE},
		.format_version = FWA_FORMAT_VERSION,
		.collector_version = text(FWA_VERSION),
		.enrolment_digest = {recorder->enrolment.digest, FWA_DIGEST_SIZE},
	};
	return fwa_ledger_append(recorder->ledger, &record, NULL, NULL, error);
}

static void describe_coverage(struct fwa_recorder *recorder)
{
	char what[64];

	if (recorder->options->path_count > 0)
		snprintf(what, sizeof(what), "the %zu watched device%s",
			 recorder->options->path_count,
			 recorder->options->path_count > 1 ? "s" : "");
	else
		snprintf(what, sizeof(what), "devices of the fwctl class");
	snprintf(recorder->coverage, sizeof(recorder->coverage),
		 "ioctl calls on %s are seen by the system call tracepoints, their "
		 "payloads as they "
		 "stood in the caller's memory; not seen are the kernel's own copy of a "
		 "payload, "
		 "mailbox commands sent through other files, and calls that entered "
		 "before the "
		 "start",
		 what);
}

static int append_boot(struct fwa_recorder *recorder, struct fwa_error *error)
{
	const struct fwa_options *options = recorder->options;
	struct fwa_record record = fwa_recorder_record(FWA_RECORD_BOOT);
	int r;

	describe_coverage(recorder);
	record.boot = (struct fwa_boot){
		.boot_id = {recorder->host.boot_id, FWA_UUID_SIZE},
		.kernel_release = text(recorder->host.name.release),
		.machine = text(recorder->host.name.machine),
		.collector_version = text(FWA_VERSION),
		.configuration =
			{
				.capture = text("tracepoint"),
				.observe = text(fwa_observe_mode_name(options->observe)),
				.observe_interval = options->observe_interval,
				.ring_size = options->ring_size,
				.checkpoint_records = options->checkpoint_records,
				.checkpoint_interval = options->checkpoint_interval,
				.on_loss = text("record"),
			},
		.pid = (uint32_t)getpid(),
		.kernel_taint = recorder->host.kernel_taint,
		.coverage = text(recorder->coverage),
	};
	r = fwa_configuration_digest(&record.boot.configuration,
				     recorder->run.configuration_digest);
	if (r < 0)
		return fwa_error(error, r, "the configuration cannot be hashed");
	r = fwa_ledger_append(recorder->ledger, &record, NULL, NULL, error);
	if (r < 0)
		return r;
	recorder->run.run = record.sequence;
	memcpy(recorder->run.boot_id, recorder->host.boot_id, FWA_UUID_SIZE);
	memcpy(recorder->run.enrolment_digest, recorder->enrolment.digest,
	       FWA_DIGEST_SIZE);
	recorder->policy =
		(struct fwa_checkpoint_policy){.records = options->checkpoint_records,
					       .interval = options->checkpoint_interval};
	return 0;
}

/* At start everything has to work: a full disk or a TPM that fails ends it. */
static int insist(const struct fwa_recorder *recorder, struct fwa_error *error)
{
	if (recorder->full)
		return fwa_error(error, -ENOSPC,
				 "%s: the disk is full; make room and start again",
				 recorder->options->ledger);
	if (recorder->seal_failed || recorder->seal_alarm)
		return fwa_error(error, -EIO,
				 "the first checkpoint cannot be attested; see above");
	if (recorder->stop)
		return fwa_error(error, -EINTR, "stopped by a signal before it recorded");
	return 0;
}

/* Devices, declarations, baselines, and the checkpoint that covers them. */
static int take_baseline(struct fwa_recorder *recorder, struct fwa_error *error)
{
	int r;

	/* The other roles are started: this is for the recorder's thread alone. */
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);
	recorder->starting = false;
	r = fwa_recorder_release(recorder, error); /* devices go ahead of their calls */
	while (r == 0 && recorder->waiting > 0) {
		r = fwa_recorder_step(recorder, FWA_SECOND, error);
		if (r == 0)
			r = insist(recorder, error);
	}
	if (r == 0)
		r = fwa_recorder_check_seen(recorder, error);
	if (r == 0)
		r = fwa_recorder_checkpoint(recorder, FWA_CHECKPOINT_START, error);
	if (r == 0)
		r = insist(recorder, error);
	while (r == 0 && fwa_ledger_state(recorder->ledger)->pending) {
		r = fwa_recorder_step(recorder, FWA_SECOND, error);
		if (r == 0)
			r = insist(recorder, error);
	}
	return r;
}

/* Look at everything that can be missing before anything is made. */
static int check(struct fwa_recorder *recorder, struct fwa_error *error)
{
	int r;

	if (geteuid() != 0)
		return fwa_error(error, -EPERM,
				 "has to be run as root: it attaches BPF programs and "
				 "opens devices");
	r = fwa_enrolment_file_read(recorder->options->ledger, &recorder->enrolment,
				    error);
	if (r == 0)
		r = fwa_host_read(&recorder->host, error);
	if (r == 0)
		r = open_signals(recorder, error);
	if (r == 0)
		r = open_existing(recorder, error);
	if (r == 0)
		r = check_tpm(recorder, error);
	if (r == 0)
		r = start_capture(recorder, error);
	if (r == 0)
		r = find_devices(recorder, error);
	return r;
}

static int begin(struct fwa_recorder *recorder, struct fwa_error *error)
{
	uint64_t microseconds = 0;
	int r;

	recorder->starting = true;
	recorder->last = &recorder->first;
	recorder->signals = -1;
	r = check(recorder, error);
	if (r == 0)
		r = open_ledger(recorder, error);
	if (r == 0)
		r = append_boot(recorder, error);
	if (r == 0)
		r = take_baseline(recorder, error);
	if (r < 0)
		return r;
	if (sd_watchdog_enabled(0, &microseconds) > 0)
		recorder->watchdog = microseconds * 1000 / 2;
	fwa_say("coverage: %s", recorder->coverage);
	fwa_say("recording %u device%s into %s/%s", (unsigned)recorder->found,
		recorder->found == 1 ? "" : "s", recorder->options->ledger,
		FWA_LEDGER_DATABASE);
	fwa_notify("READY=1\nSTATUS=Recording %u devices", (unsigned)recorder->found);
	return 0;
}

/* The last look at every device. A device that hangs is not waited for without end. */
static int last_look(struct fwa_recorder *recorder, struct fwa_error *error)
{
	uint64_t until = fwa_boot_time() + LOOK_PATIENCE;
	int r;

	r = fwa_observe_send_finish(recorder->observer.channel);
	if (r < 0)
		return fwa_error(error, r,
				 "the observer ended; this is a defect of fwauditd");
	while (r == 0 && !recorder->finished && fwa_boot_time() < until &&
	       !recorder->full)
		r = fwa_recorder_step(recorder, FWA_SECOND, error);
	if (r == 0 && !recorder->finished)
		fwa_say("the last look at the devices could not be taken; stopping "
			"without it");
	return r;
}

/* Why the run ended, and what the kernel may have kept from it. */
static struct fwa_bytes farewell(const struct fwa_capture_counters *counters,
				 char *buffer, size_t size)
{
	if (counters->skipped == 0)
		return text("Stopped by a signal.");
	snprintf(buffer, size,
		 "Stopped by a signal. The kernel did not run the capture's program for "
		 "%" PRIu64
		 " ioctls of the machine; calls to a watched device may be among "
		 "them.",
		 counters->skipped);
	fwa_say("the kernel did not run the capture's program for %" PRIu64
		" ioctls of the machine; calls to a watched device may be among them",
		counters->skipped);
	return text(buffer);
}

/* Every call that is in the ring or under way, then what there is to say of the run. */
static int last_calls(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_recorder_handler context = {recorder, error};
	const struct fwa_capture_handlers handlers = {
		.call = fwa_recorder_call, .gap = fwa_recorder_gap, .context = &context};
	uint64_t until = fwa_boot_time() + DISK_PATIENCE;
	struct fwa_capture_counters counters;
	char reason[256];
	struct fwa_record record;
	int r;

	while ((r = fwa_capture_stop(recorder->capture, &handlers)) == -EAGAIN) {
		struct timespec pause = {.tv_nsec = 20 * 1000000};

		if (recorder->full && fwa_boot_time() > until)
			return fwa_error(error, -ENOSPC,
					 "%s: the disk is full; the last calls are not "
					 "in the ledger",
					 recorder->options->ledger);
		nanosleep(&pause, NULL);
		r = fwa_recorder_commit(recorder, error);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	r = fwa_recorder_release(recorder, error);
	if (r < 0)
		return r;
	recorder->capture_stopped = true;
	fwa_capture_counters(recorder->capture, &counters);
	record = fwa_recorder_record(FWA_RECORD_SHUTDOWN);
	record.shutdown = (struct fwa_shutdown){
		.reason = farewell(&counters, reason, sizeof(reason)),
		.issued = counters.issued,
		.recorded = counters.recorded,
		.lost = counters.lost,
	};
	return fwa_recorder_append(recorder, &record, NULL, NULL, error);
}

/* Wait for the sealer. True if no checkpoint is pending any more. */
static bool wait_sealed(struct fwa_recorder *recorder, uint64_t until)
{
	const struct fwa_ledger_state *state = fwa_ledger_state(recorder->ledger);
	struct fwa_error error;

	while (state->pending && !recorder->seal_alarm && fwa_boot_time() < until)
		if (fwa_recorder_step(recorder, FWA_SECOND / 10, &error) < 0)
			return false;
	return !state->pending;
}

static int last_checkpoint(struct fwa_recorder *recorder, struct fwa_error *error)
{
	uint64_t until = fwa_boot_time() + SEAL_PATIENCE;
	int r;

	if (wait_sealed(recorder, until)) {
		r = fwa_recorder_checkpoint(recorder, FWA_CHECKPOINT_STOP, error);
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	r = fwa_recorder_commit(recorder, error);
	if (r < 0)
		return r;
	if (recorder->full)
		return fwa_error(
			error, -ENOSPC,
			"%s: the disk is full; the last records are not in the ledger",
			recorder->options->ledger);
	if (!wait_sealed(recorder, until))
		return fwa_error(error, -EIO,
				 "the TPM did not attest the last checkpoint; the ledger "
				 "is whole, and "
				 "the next start has it attested");
	return 0;
}

static int end(struct fwa_recorder *recorder, struct fwa_error *error)
{
	int r;

	fwa_notify("STOPPING=1\nSTATUS=Stopping");
	r = last_look(recorder, error);
	if (r == 0)
		r = last_calls(recorder, error);
	if (r == 0)
		r = last_checkpoint(recorder, error);
	return r;
}

/* Let go of everything. What hangs in a device is left to the end of the process. */
static int release(struct fwa_recorder *recorder, struct fwa_error *error)
{
	int r = 0;

	if (fwa_role_stop(&recorder->observer, ROLE_SECONDS) < 0)
		fwa_say("a device does not answer; leaving it");
	fwa_recorder_forget_frames(recorder);
	fwa_capture_close(recorder->capture);
	if (recorder->ledger)
		r = fwa_ledger_close(recorder->ledger, error);
	if (fwa_role_stop(&recorder->sealer, ROLE_SECONDS) < 0)
		fwa_say("the TPM does not answer; leaving it");
	fwa_frame_clear(&recorder->seal_frame);
	fwa_devices_clear(&recorder->devices);
	free(recorder->cpu_last);
	if (recorder->signals >= 0)
		close(recorder->signals);
	return r;
}

int fwa_record(const struct fwa_options *options, struct fwa_error *error)
{
	/* Not on the stack: a role that hangs may go on reading its options. */
	static struct fwa_recorder recorder;
	struct fwa_error closing;
	int r, closed;

	recorder = (struct fwa_recorder){.options = options};
	r = begin(&recorder, error);
	while (r == 0 && !recorder.stop)
		r = fwa_recorder_step(&recorder, FWA_SECOND, error);
	if (r == 0)
		r = end(&recorder, error);
	closed = release(&recorder, &closing);
	/* A reader that keeps the log in use harms nothing. */
	if (r == 0 && closed < 0 && closed != -EBUSY)
		r = fwa_error(error, closed, "%s", closing.sentence);
	return r;
}
