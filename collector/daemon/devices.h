/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's map of devices: from what the capture and the observer call a device to the
 * sequence numbers that records refer to. No descriptor, no file: numbers only.
 */
#ifndef FWA_COLLECTOR_DAEMON_DEVICES_H
#define FWA_COLLECTOR_DAEMON_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/capture/call.h"
#include "schema/record.h"

enum fwa_known_stage {
	FWA_KNOWN_PENDING,  /* the observer is about to say what it is */
	FWA_KNOWN_RECORDED, /* has a device record */
	FWA_KNOWN_NAMELESS, /* nobody can say what it is; its calls have no device */
	FWA_KNOWN_GONE,     /* recorded as gone; calls of before may still come in */
};

#define FWA_DECLARATION_SOURCES 2u

struct fwa_known_device {
	uint32_t id; /* the observer's; 0: it does not know the device */
	enum fwa_known_stage stage;
	struct fwa_watch watch;
	uint64_t since;       /* when it took this stage, CLOCK_BOOTTIME */
	uint64_t gone;        /* when the observer found that it was; 0: it is there */
	uint32_t device_type; /* of FWCTL_INFO; 0: not known */
	char path[512];
	uint64_t sequence; /* of its device record */
	bool seen;         /* a call on it was captured */
	bool has_snapshot;
	uint64_t snapshot; /* sequence of its last snapshot */
	bool has_declaration[FWA_DECLARATION_SOURCES];
	uint64_t declaration[FWA_DECLARATION_SOURCES];
	/* When the observer has to look again: */
	bool ready;         /* it has looked once */
	bool asked;         /* it was asked to, and has not begun */
	uint64_t look;      /* when its last look began */
	uint64_t last_call; /* when the last call that asks for one returned */
};

/* Zeroed: empty. */
struct fwa_devices {
	struct fwa_known_device *list;
	size_t count;
};

/* Borrowed until the next add or remove; NULL if there is none. The youngest, if several. */
struct fwa_known_device *fwa_devices_by_id(const struct fwa_devices *devices,
					   uint32_t id);
struct fwa_known_device *fwa_devices_by_watch(const struct fwa_devices *devices,
					      const struct fwa_watch *watch);

/* A new device, pending. NULL when out of memory. */
struct fwa_known_device *fwa_devices_add(struct fwa_devices *devices, uint32_t id,
					 const struct fwa_watch *watch, uint64_t now);

/* Forget those that are gone since before `settled`: no call of theirs can come any more. */
void fwa_devices_forget(struct fwa_devices *devices, uint64_t settled);

void fwa_devices_clear(struct fwa_devices *devices);

/*
 * A call that returned at `returned` may have changed the device: does the observer have to be
 * asked to look? Marks it as asked.
 */
bool fwa_device_called(struct fwa_known_device *device, uint64_t returned);

/* The observer has looked, from `started` on. True if it has to be asked once more. */
bool fwa_device_looked(struct fwa_known_device *device, uint64_t started);

/*
 * May this call have written? Only the commands that are known to read are taken to do so;
 * `device_type` is the fwctl device type, 0 if it is not known. Pure.
 */
bool fwa_call_may_write(const struct fwa_call *call, uint32_t device_type);

/* The watch for a file as records and the observer name it. */
struct fwa_watch fwa_watch_of_key(bool simulated, uint64_t file_device,
				  uint64_t file_inode);

#endif
