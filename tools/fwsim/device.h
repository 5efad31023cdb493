/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One simulated device: its state, and what it really does.
 *
 * The model is pure: no file, clock or environment. Time comes in with every call as
 * nanoseconds of any clock that never goes back; what falls due is done when the device
 * is next looked at, which nobody outside can tell from doing it on time. Callers hold
 * the device's lock.
 */
#ifndef FWA_FWSIM_DEVICE_H
#define FWA_FWSIM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/cxl.h"
#include "schema/record.h"

#define FWSIM_NAME_SIZE   16u
#define FWSIM_NUMBER_MAX  4095u /* minors that fwctl has */
#define FWSIM_RESET_NONE  0xffu
#define FWSIM_PENDING_MAX 65536u
#define FWSIM_SCOPE_ANY   0xffu
#define FWSIM_SELECT_ANY  0xffu

/* A run of the device's state. `capacity` exceeds `size` only where the run can grow. */
struct fwsim_region {
	uint8_t *data;
	size_t size;
	size_t capacity;
};

/* When Set Feature on a feature takes hold: bits. None: never. */
#define FWSIM_APPLIES_IMMEDIATE    0x1u
#define FWSIM_APPLIES_COLD         0x2u
#define FWSIM_APPLIES_CONVENTIONAL 0x4u
#define FWSIM_APPLIES_CXL          0x8u

struct fwsim_feature {
	char *name;
	struct fwsim_region entry; /* its 48 bytes in Get Supported Features */
	uint8_t cached_entry[FWA_CXL_FEATURE_ENTRY_SIZE]; /* as the kernel read it when it
							     probed */
	struct fwsim_region values[FWA_CXL_SELECT_MAX + 1]; /* current, default, saved */
	bool applies_as_declared;
	unsigned applies; /* FWSIM_APPLIES_*, unless as declared */
};

struct fwsim_log {
	char *name;
	uint8_t uuid[16];
	struct fwsim_region content;
};

/* An opcode of the vendor's own. */
enum fwsim_response {
	FWSIM_RESPONSE_NONE,
	FWSIM_RESPONSE_ECHO,
	FWSIM_RESPONSE_BYTES,
};
#define FWSIM_RESPONSE_FILL SIZE_MAX /* as much as the caller has room for */
struct fwsim_vendor_command {
	char *name;
	uint16_t opcode;
	size_t request_min, request_max;
	enum fwsim_response response;
	uint8_t *response_bytes;
	size_t response_bytes_size;
	size_t response_size; /* bytes repeat up to it; FWSIM_RESPONSE_FILL */
	uint8_t scope;        /* least scope that is let through */
	uint16_t effects;     /* declared in the CEL */
};

enum fwsim_operation {
	FWSIM_WRITE,
	FWSIM_XOR,
	FWSIM_ADD,        /* a little endian number, modulo its width */
	FWSIM_CEL_SET,    /* opcode and effects: the entry changes, or is added */
	FWSIM_CEL_REMOVE, /* the opcode's entry goes */
	FWSIM_DISAPPEAR,  /* the device is gone: ENODEV */
};

enum fwsim_when {
	FWSIM_AT_ONCE,
	FWSIM_AFTER,
	FWSIM_ON_RESET,
};

/* One real effect, as a scenario states it. */
struct fwsim_effect {
	enum fwsim_operation operation;
	struct fwsim_region *region;
	size_t offset;
	size_t size;       /* of the range; with from_request: most bytes taken */
	uint8_t *bytes;    /* WRITE and XOR; `size` of them */
	bool from_request; /* WRITE: the bytes are the request's */
	int64_t addend;
	uint16_t opcode, cel_effects;
	enum fwsim_when when;
	uint64_t delay; /* FWSIM_AFTER, nanoseconds */
	uint8_t reset;  /* FWSIM_ON_RESET: enum fwa_reset_type */
};

enum fwsim_door {
	FWSIM_DOOR_ANY,
	FWSIM_DOOR_FWCTL,
	FWSIM_DOOR_MAILBOX,
};

struct fwsim_trigger {
	bool has_opcode;
	uint16_t opcode;
	const struct fwsim_feature *feature; /* NULL: any */
	uint8_t selection;                   /* FWSIM_SELECT_ANY */
	uint8_t scope;                       /* FWSIM_SCOPE_ANY */
	enum fwsim_door door;
	uint8_t *data; /* the request's data has to be this; NULL: anything */
	size_t data_size;
	uint64_t nth;   /* only the nth match; 0: not asked */
	uint64_t every; /* each nth match; 0: not asked */
	bool on_reset;
	uint8_t reset; /* enum fwa_reset_type; FWSIM_RESET_NONE: any */
	bool on_timer;
	uint64_t timer; /* nanoseconds after the start */
};

struct fwsim_behaviour {
	struct fwsim_trigger trigger;
	struct fwsim_effect *effects;
	size_t effect_count;
	bool suppress;
	bool transport_failure; /* the mailbox broke: no return code */
	bool has_retval;
	uint32_t retval;
	int error;           /* negative errno for the caller; 0 */
	uint64_t latency;    /* nanoseconds */
	uint64_t background; /* nanoseconds; the command answers "background operation
				started" */
	uint64_t matches;    /* so far */
};

enum fwsim_gate {
	FWSIM_GATE_KERNEL,
	FWSIM_GATE_NONE,
};

/* What is to happen to a run of state, with everything known but when. */
struct fwsim_change {
	enum fwsim_operation operation;
	struct fwsim_region *region;
	size_t offset;
	uint8_t *bytes; /* owned */
	size_t size;
	int64_t addend;
	uint16_t opcode, cel_effects;
};

struct fwsim_pending {
	struct fwsim_pending *next;
	struct fwsim_change change;
	bool on_reset;
	uint8_t reset;
	uint64_t due;
};

/* A Set Feature in parts. */
struct fwsim_transfer {
	struct fwsim_feature *feature; /* NULL: none is under way */
	uint16_t first, next;          /* offsets */
	uint32_t flags;
	uint8_t data[65536];
};

struct fwsim_device {
	char name[FWSIM_NAME_SIZE]; /* "fwctl0" */
	unsigned number;
	unsigned mode; /* permission bits of its files */
	enum fwsim_gate gate;
	size_t mailbox_payload;
	struct fwsim_region identify, firmware_info, partition_info, health,
		alert_configuration, shutdown_state, lsa, cel;
	struct fwsim_log *logs;
	size_t log_count;
	struct fwsim_feature *features;
	size_t feature_count;
	struct fwsim_vendor_command *commands;
	size_t command_count;
	struct fwsim_behaviour *behaviours;
	size_t behaviour_count;

	bool gone;
	uint64_t reset_count;
	uint8_t last_reset;            /* FWSIM_RESET_NONE */
	struct fwsim_pending *pending; /* in the order in which it was asked for */
	size_t pending_count;
	struct fwsim_transfer *transfer;
	/* What the kernel's driver learned from the CEL when it probed. */
	bool can_get, can_set;
};

/* An empty device with the state of a plain honest one. NULL without memory. */
struct fwsim_device *fwsim_device_new(unsigned number);
void fwsim_device_free(struct fwsim_device *device);

/* The device is powered and the kernel probes it: call once, when it is fully described.
 */
int fwsim_device_start(struct fwsim_device *device, uint64_t now);

/* A reset of the given kind; then the kernel probes the device again. 0 or -ENOMEM. */
int fwsim_device_reset(struct fwsim_device *device, uint8_t reset, uint64_t now);

/* Do what has fallen due. */
void fwsim_device_settle(struct fwsim_device *device, uint64_t now);

/* NULL if there is none. */
struct fwsim_feature *fwsim_device_feature(struct fwsim_device *device,
					   const uint8_t uuid[16]);
const struct fwsim_vendor_command *
fwsim_device_vendor_command(const struct fwsim_device *device, uint16_t opcode);

/* FWSIM_APPLIES_* as it is, declared or not. */
unsigned fwsim_feature_applies(const struct fwsim_feature *feature);

/* Zeroed. Returns 0 or -ENOMEM. */
int fwsim_region_init(struct fwsim_region *region, size_t size, size_t capacity);

/* "cold", "conventional", "cxl", "none"; and back: enum fwa_reset_type or -EINVAL. */
const char *fwsim_reset_name(uint8_t reset);
int fwsim_reset_parse(const char *name);

#endif
