/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's insides, for the files of this folder. */
#ifndef FWA_VERIFIER_EFFECTS_ENGINE_H
#define FWA_VERIFIER_EFFECTS_ENGINE_H

#include "verifier/effects/declaration.h"
#include "verifier/effects/effects.h"
#include "verifier/effects/observation.h"

/* Bounds on what a ledger can make the engine keep; over them windows become undetermined. */
#define BRIEFS_MAX  262144u /* calls of one device that wait for a snapshot */
#define WINDOWS_MAX 8192u   /* windows that wait for calls in flight */
#define HISTORY_MAX 1024u   /* commands of one device since its last reset */
#define RESETS_MAX  16u     /* of one device, in windows not judged yet */
#define GAPS_MAX    4096u   /* since the last checkpoint */
#define OTHER_CALLS 8192u   /* recent calls that carry no command */
#define NEVER       UINT64_MAX

/* A call, as far as attribution needs it. */
struct brief {
	uint64_t sequence;
	uint8_t leaf[FWA_DIGEST_SIZE];
	uint64_t entered, returned; /* CLOCK_BOOTTIME; NEVER if it had not returned */
	uint64_t time;              /* CLOCK_REALTIME of `entered` */
	bool own;
	struct fwa_command command;
	bool resolved; /* `declared` has been looked up */
	struct fwa_declared_effects declared;
	/* What has become of it so far. */
	bool remembered; /* in the device's history */
	bool violates;   /* by itself, whatever was observed: FWA-E04, FWA-S01, ... */
	bool blamed;     /* by a window alone: FWA-E01 */
	const char
		*doubt; /* why it cannot be said to conform; NULL: nothing against it */
	uint64_t seen_from, seen_to; /* the windows judged so far; seen_to 0: none */
};

/* A verdict that a record of lost calls may still take back. */
struct settled {
	uint64_t sequence;
	uint64_t seen_from, seen_to;
	size_t device;
	enum fwa_verdict verdict;
	bool final;   /* a record of lost calls cannot change it */
	bool pending; /* what it saved waits for a reset: FWA-E05 may still name it */
	const char *reason;
};

/* A finding of a window that a record of lost calls may still take back. */
struct provisional {
	uint64_t from, to; /* the window, CLOCK_BOOTTIME */
	size_t device;
	bool withdrawn;
	struct brief brief; /* id E01, E05: the command */
	struct fwa_finding finding;
};

/* A command of the past that may explain what happens later. */
struct past {
	struct brief brief;
	bool running; /* the device said that a background operation started */
};

struct reset {
	uint64_t sequence;
	uint8_t leaf[FWA_DIGEST_SIZE];
	uint64_t not_before, not_after;
	uint32_t realises; /* deferred classes that this kind of reset brings about */
};

struct window_item {
	char name[FWA_KEY_SIZE_MAX + 1];
	struct fwa_key key;
	bool is_volatile;
	bool has_before;
	struct fwa_value before, after;
};

/* What a snapshot says: a window if there is a previous one, and the state after it. */
struct window {
	struct window *next;
	size_t device;
	bool has_previous;
	bool broken; /* its previous snapshot is not the last one that was seen */
	bool forced; /* judged although calls are missing */
	bool waits;  /* for what the observer has to say before its next snapshot */
	uint64_t previous, previous_started;
	uint8_t previous_leaf[FWA_DIGEST_SIZE];
	uint64_t sequence, started, ended;
	uint8_t leaf[FWA_DIGEST_SIZE];
	int64_t offset; /* CLOCK_REALTIME - CLOCK_BOOTTIME */
	uint8_t reason;
	uint64_t missing; /* calls in flight at `ended` that have not been recorded yet */
	size_t item_count;
	struct window_item items[];
};

struct device {
	struct fwa_effects_device about;
	uint64_t record; /* the latest device record */
	/* Declarations by source: the one in force, and the one before it in this run. */
	struct fwa_declared *declared[2], *before[2];
	bool stale[2];        /* in force since an earlier run */
	bool unreadable[2];   /* it could not be read in this run */
	bool compared;        /* the pair of these digests has been compared already */
	const char *unjudged; /* why a command could not be judged; NULL: all could */
	struct fwa_state *state;
	bool has_snapshot; /* in this run */
	uint64_t last_snapshot, last_started;
	uint8_t last_leaf[FWA_DIGEST_SIZE];
	uint64_t
		overflow_to; /* briefs up to here were given up: windows before it are blind */
	struct brief **briefs;
	size_t brief_count, brief_capacity;
	struct past *history;
	size_t history_count;
	bool history_full;
	struct reset resets[RESETS_MAX];
	size_t reset_count;
	bool resets_lost;
	uint64_t unattended_changes;   /* between two runs */
	uint64_t undetermined_changes; /* in windows that are undetermined */
};

struct span {
	uint64_t from, to;
};

struct fwa_effects {
	struct fwa_effects_options options;
	struct fwa_effects_summary summary;
	struct fwa_effects_device *about; /* copies for the summary */

	struct device **devices;
	size_t device_count;
	struct {
		uint64_t sequence;
		size_t device;
	} * device_records;
	size_t device_record_count, device_record_capacity;

	uint8_t boot_id[FWA_UUID_SIZE];
	bool has_boot_id;
	bool other_boot; /* this run's boot id is not the previous run's */

	struct window *first_window, **last_window;
	size_t window_count;

	struct span gaps[GAPS_MAX];
	size_t gap_count;
	struct span other_calls[OTHER_CALLS];
	size_t other_call_next;
	bool observing; /* as the last run was set up */

	struct settled *settled;
	size_t settled_count, settled_capacity;
	struct provisional **provisional;
	size_t provisional_count, provisional_capacity;
	struct fwa_findings *findings; /* final */
};

/* array.c: room for one more in an array; 0 or -ENOMEM. */
int fwa_array_room(void *array_pointer, size_t count, size_t *capacity, size_t item_size);

/* devices.c */
int fwa_engine_device(struct fwa_effects *effects, const struct fwa_record *record);
/* -1: no such device */
int64_t fwa_engine_device_find(const struct fwa_effects *effects, uint64_t sequence);
void fwa_engine_device_free(struct device *device);
int fwa_engine_declaration(struct fwa_effects *effects, const struct fwa_record *record,
			   const uint8_t *leaf);
/* Look up what the brief's command declares, if that was not done, and judge what needs no
 * observation: FWA-E04, FWA-S01, an undeclared background operation. `final`: do not wait for a
 * declaration of this run. */
int fwa_engine_resolve(struct fwa_effects *effects, size_t device, struct brief *brief,
		       bool final);

/* windows.c */
int fwa_engine_snapshot(struct fwa_effects *effects, const struct fwa_record *record,
			const uint8_t *leaf);
/* A call was recorded: windows that waited for it. */
void fwa_engine_call_seen(struct fwa_effects *effects, uint64_t entered,
			  uint64_t returned);
/* The ledger holds every call that has entered so far, or a record of its loss: what windows still
 * wait for is not to come, unless it was lost. */
void fwa_engine_complete(struct fwa_effects *effects);
/* Judge the windows that wait for nothing; all of them if `force`. */
int fwa_engine_judge_windows(struct fwa_effects *effects, bool force);
bool fwa_engine_gap_overlaps(const struct fwa_effects *effects, uint64_t from,
			     uint64_t to);

/* attribute.c: compare the items of a window, and blame whom there is to blame. */
int fwa_engine_attribute(struct fwa_effects *effects, struct window *window);

/* explain.c: does something other than an overlapping command explain the change? */
enum explanation {
	EXPLAINED,
	NOT_EXPLAINED,
	REALISED_UNDECLARED, /* by a reset that its declaration does not name: `*ret_past` */
	CANNOT_TELL,
};
/* The resets in the window: bits of FWA_EFFECTS_DEFERRED that they realise; 0: no reset. */
uint32_t fwa_engine_resets(const struct device *device, const struct window *window);
enum explanation fwa_engine_explain_reset(const struct device *device,
					  const struct fwa_change *change,
					  uint32_t realises,
					  const struct past **ret_past);
enum explanation fwa_engine_explain_past(struct device *device,
					 const struct fwa_change *change,
					 const struct window *window);
/* May a reset still show that the command declared less than it does (FWA-E05)? */
bool fwa_engine_may_realise(const struct device *device, uint64_t sequence);
/* The background operation that may still be running, NULL if none. */
const struct past *fwa_engine_running(const struct device *device,
				      const struct window *window);
/*
 * Remember a command that may have been executed and does not just read, once. To be called in
 * the order of windows, so that the history of a window holds nothing that came after it.
 */
int fwa_engine_remember(struct device *device, struct brief *brief);

/* settle.c */
/* A brief's last window was judged, or there will be none (`reason`). Frees it. */
int fwa_engine_settle(struct fwa_effects *effects, size_t device, struct brief *brief,
		      const char *reason);
int fwa_engine_provisional(struct fwa_effects *effects,
			   const struct provisional *provisional);
int fwa_engine_gap(struct fwa_effects *effects, const struct fwa_gap *gap);
/* No record of lost calls can come any more for what was judged so far. `last`: nor anything
 * else. */
int fwa_engine_flush(struct fwa_effects *effects, bool last);

/* say.c: the sentences. */
void fwa_say_e01(struct fwa_finding *finding, const struct brief *brief,
		 const char *device);
void fwa_say_e02(struct fwa_finding *finding, uint64_t commands, const char *device);
void fwa_say_e03(struct fwa_finding *finding, const struct past *last, bool reset,
		 const char *device);
void fwa_say_e05(struct fwa_finding *finding, const struct past *past, uint32_t realised,
		 const char *device);
void fwa_say_about(struct fwa_finding *finding, const struct device *device,
		   const struct brief *brief);

/* summary.c */
void fwa_engine_summarise(struct fwa_effects *effects);
void fwa_engine_limit(struct fwa_effects *effects, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
