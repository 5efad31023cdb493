/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's rooms: recorder.c (order of start and stop), recorder_loop.c (waiting, batches),
 * recorder_calls.c (capture to ledger), recorder_devices.c (observer to ledger),
 * recorder_seal.c (checkpoints).
 */
#ifndef FWA_COLLECTOR_DAEMON_RECORDER_INTERNAL_H
#define FWA_COLLECTOR_DAEMON_RECORDER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/capture/capture.h"
#include "collector/daemon/devices.h"
#include "collector/daemon/frame.h"
#include "collector/daemon/host.h"
#include "collector/daemon/options.h"
#include "collector/daemon/role.h"
#include "collector/ledger/ledger.h"
#include "collector/observe/observer.h"
#include "collector/seal/checkpoint.h"
#include "collector/seal/sealer.h"
#include "schema/enrolment.h"
#include "schema/error.h"

#define FWA_BATCH_RECORDS 512u
#define FWA_BATCH_BYTES   (16u << 20)
/* How long a staged record may wait for company, nanoseconds. */
#define FWA_BATCH_TIME (20 * FWA_MILLISECOND)
/* How long a call waits for its device's record; then it is recorded without one. */
#define FWA_DEVICE_PATIENCE (3 * FWA_SECOND)

/* A frame from the observer that waits for calls that came before it. */
struct fwa_waiting_frame {
	struct fwa_waiting_frame *next;
	struct fwa_frame frame;
	uint32_t in_flight; /* when it came in */
};

struct fwa_recorder {
	const struct fwa_options *options;
	struct fwa_host host;
	struct fwa_enrolment enrolment;
	char coverage[FWA_SENTENCE_SIZE_MAX];

	struct fwa_capture *capture;
	bool capture_stopped;
	bool class_watched;
	struct fwa_ledger *ledger;
	struct fwa_observer_options observer_options;
	struct fwa_role observer;
	struct fwa_sealer_options sealer_options;
	struct fwa_role sealer;
	int signals; /* signalfd */
	bool stop;   /* a signal came */

	/* Calls */
	uint64_t
		*cpu_last; /* of each CPU: 1 + sequence of its last rpc record; 0: none */
	uint64_t truncated;
	bool more;    /* the last drain left something in the ring */
	bool blocked; /* a call could not be taken: leave the ring alone until retry_at */
	uint64_t retry_at;

	/* Devices */
	struct fwa_devices devices;
	struct fwa_waiting_frame *first, **last;
	size_t waiting;
	uint32_t found, answered; /* devices that were found; that are ready or refused */
	bool scanned, finished;
	bool starting;            /* the ledger is not open yet: every frame waits */
	struct fwa_error refusal; /* of a file named with --watch */
	int refused;              /* its errno; 0: none */

	/* Ledger */
	struct fwa_checkpoint_run run;
	struct fwa_checkpoint_policy policy;
	uint64_t batch_since; /* when the oldest staged record was; 0: nothing staged */
	bool full;            /* the last commit failed for want of room */

	/* Checkpoints */
	uint64_t checkpoint_last; /* when the last one of this run was taken */
	bool asked;               /* the sealer has a question */
	bool seal_failed;         /* and said so */
	bool seal_alarm;          /* TPM and ledger disagree: never ask again */
	unsigned attempts;
	uint64_t ask_at;
	struct fwa_frame seal_frame;
	uint64_t watchdog; /* nanoseconds between signs of life; 0: none */
	uint64_t watchdog_at;
};

/* ---- recorder_loop.c */

/*
 * Wait for something to do, at most `longest` nanoseconds, and do it. Returns 0; negative errno
 * with a sentence when recording has to end.
 */
int fwa_recorder_step(struct fwa_recorder *recorder, uint64_t longest,
		      struct fwa_error *error);

/* Hand what the ring holds to the ledger. Returns as fwa_recorder_step. */
int fwa_recorder_drain(struct fwa_recorder *recorder, struct fwa_error *error);

/*
 * Commit what is staged. A full disk is not a failure: it is said once, and tried again later;
 * everything stays staged. Returns as fwa_recorder_step.
 */
int fwa_recorder_commit(struct fwa_recorder *recorder, struct fwa_error *error);

/*
 * Append a record and payloads, which are NULL or become the ledger's. Commits if there is no
 * room for it. Returns 0; -EAGAIN if it cannot be taken now (a full disk); otherwise negative
 * errno with a sentence.
 */
int fwa_recorder_append(struct fwa_recorder *recorder, struct fwa_record *record,
			struct fwa_payload *request, struct fwa_payload *response,
			struct fwa_error *error);

/* A record of this kind with the present time; the rest is zero. */
struct fwa_record fwa_recorder_record(enum fwa_record_kind kind);

/* ---- recorder_calls.c */

struct fwa_recorder_handler {
	struct fwa_recorder *recorder;
	struct fwa_error *error;
};
/* For struct fwa_capture_handlers; the context is a struct fwa_recorder_handler. */
int fwa_recorder_call(const struct fwa_call *call, void *context);
int fwa_recorder_gap(const struct fwa_capture_gap *gap, void *context);

/* ---- recorder_devices.c */

/* Take one frame from the observer's channel, which is readable. */
int fwa_recorder_observed(struct fwa_recorder *recorder, struct fwa_error *error);

/* Append what waited long enough. */
int fwa_recorder_release(struct fwa_recorder *recorder, struct fwa_error *error);

/* True while the recorder wants no more frames. */
bool fwa_recorder_is_crowded(const struct fwa_recorder *recorder);

/*
 * The observer has opened every device that has a record, so calls on each must have been captured.
 * Returns 0; -EIO with a sentence if there is a device whose calls escape the capture.
 */
int fwa_recorder_check_seen(const struct fwa_recorder *recorder, struct fwa_error *error);

/* Watch the fwctl class's major once there is one. */
int fwa_recorder_watch_class(struct fwa_recorder *recorder, struct fwa_error *error);

void fwa_recorder_forget_frames(struct fwa_recorder *recorder);

/* ---- recorder_seal.c */

/* Take a checkpoint now: append, commit, ask the sealer. -EAGAIN on a full disk. */
int fwa_recorder_checkpoint(struct fwa_recorder *recorder,
			    enum fwa_checkpoint_reason reason, struct fwa_error *error);

/* Take one if one is due; ask the sealer again if that is due. */
int fwa_recorder_seal(struct fwa_recorder *recorder, struct fwa_error *error);

/* The sealer answered. */
int fwa_recorder_sealed(struct fwa_recorder *recorder, struct fwa_error *error);

/* When fwa_recorder_seal has something to do, UINT64_MAX: never. */
uint64_t fwa_recorder_seal_due(const struct fwa_recorder *recorder);

#endif
