/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the observer to the ledger.
 *
 * A record of the observer speaks of a moment, and the calls that came before that moment have to
 * stand before it in the ledger: it waits until the capture has handed them over. Only the first
 * record of a device goes ahead, because the calls themselves wait for it.
 */
#include "collector/daemon/recorder_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/daemon/clock.h"
#include "collector/daemon/say.h"
#include "collector/observe/protocol.h"

/* How many frames may wait; beyond it the observer has to. */
#define WAITING_MAX 64u

bool fwa_recorder_is_crowded(const struct fwa_recorder *recorder)
{
	return recorder->waiting >= WAITING_MAX && !recorder->starting;
}

static int out_of_step(struct fwa_error *error)
{
	return fwa_error(
		error, -EBADMSG,
		"the observer sent what is no message; this is a defect of fwauditd");
}

static int ended(int code, struct fwa_error *error)
{
	return fwa_error(error, code,
			 "the observer ended: out of memory, or a defect of fwauditd");
}

int fwa_recorder_watch_class(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_watch watch = {.kind = FWA_WATCH_MAJOR};
	int r;

	if (recorder->class_watched || recorder->options->path_count > 0)
		return 0;
	if (fwa_host_class_major(&watch.major) < 0)
		return 0;
	r = fwa_capture_watch(recorder->capture, &watch, error);
	recorder->class_watched = r == 0;
	return r;
}

/* A device was found: capture its calls from now on, then let the observer open it. */
static int found(struct fwa_recorder *recorder, const struct fwa_observe_message *message,
		 struct fwa_error *error)
{
	struct fwa_known_device *device;
	struct fwa_watch watch =
		fwa_watch_of_key(message->found.simulated, message->found.file_device,
				 message->found.file_inode);
	size_t length = message->found.path.size;
	int r;

	fwa_devices_forget(&recorder->devices,
			   fwa_capture_settled_until(recorder->capture));
	device = fwa_devices_by_watch(&recorder->devices, &watch);
	/* Calls may have come in before the observer found the device that they were for. */
	if (!device || device->id != 0)
		device = fwa_devices_add(&recorder->devices, message->id, &watch,
					 fwa_boot_time());
	if (!device)
		return fwa_error(error, -ENOMEM, "out of memory");
	device->id = message->id;
	device->stage = FWA_KNOWN_PENDING;
	device->since = fwa_boot_time();
	if (length >= sizeof(device->path))
		return out_of_step(error);
	if (length)
		memcpy(device->path, message->found.path.data, length);
	device->path[length] = '\0';
	recorder->found++;
	r = fwa_recorder_watch_class(recorder, error);
	if (r == 0 && !recorder->class_watched)
		r = fwa_capture_watch(recorder->capture, &watch, error);
	if (r < 0)
		return r;
	r = fwa_observe_send_watched(recorder->observer.channel, message->id);
	return r < 0 ? ended(r, error) : 0;
}

static int refused(struct fwa_recorder *recorder,
		   const struct fwa_observe_message *message)
{
	struct fwa_known_device *device =
		message->id ? fwa_devices_by_id(&recorder->devices, message->id) : NULL;
	int length = (int)message->refused.sentence.size;
	const char *sentence = (const char *)message->refused.sentence.data;

	recorder->answered += message->id != 0;
	if (device)
		device->stage = FWA_KNOWN_NAMELESS;
	/* At start a file that was named has to be a device; later, say so and go on. */
	if (recorder->starting && recorder->options->path_count > 0)
		recorder->refused = fwa_error(&recorder->refusal, message->refused.code,
					      "%.*s", length, sentence);
	else
		fwa_say("%.*s; its calls are recorded, it is not observed", length,
			sentence);
	return 0;
}

static int append_device(struct fwa_recorder *recorder, struct fwa_known_device *device,
			 struct fwa_record *record, struct fwa_error *error)
{
	bool is_gone = record->device.state == FWA_DEVICE_GONE;
	int r;

	if (is_gone && device->stage != FWA_KNOWN_RECORDED)
		goto out; /* it never had a record */
	r = fwa_recorder_append(recorder, record, NULL, NULL, error);
	if (r < 0)
		return r;
	device->sequence = record->sequence;
	if (record->device.has_device_type)
		device->device_type = record->device.device_type;
	device->stage = FWA_KNOWN_RECORDED;
	if (!recorder->starting && !is_gone && recorder->checkpoint_last)
		fwa_say("%s: found, and recorded from now on", device->path);
	if (is_gone)
		fwa_say("%s: gone", device->path);

out:
	if (is_gone) {
		device->stage = FWA_KNOWN_GONE;
		device->since = fwa_boot_time();
		if (!recorder->class_watched)
			(void)fwa_capture_unwatch(recorder->capture, &device->watch);
	}
	return 0;
}

static int append_snapshot(struct fwa_recorder *recorder, struct fwa_known_device *device,
			   struct fwa_record *record, uint32_t in_flight,
			   struct fwa_error *error)
{
	int r;

	record->snapshot.device = device->sequence;
	record->snapshot.in_flight = in_flight;
	if (record->snapshot.has_previous != device->has_snapshot)
		return out_of_step(error);
	record->snapshot.previous = device->snapshot;
	r = fwa_recorder_append(recorder, record, NULL, NULL, error);
	if (r < 0)
		return r;
	device->has_snapshot = true;
	device->snapshot = record->sequence;
	return 0;
}

static int append_declaration(struct fwa_recorder *recorder,
			      struct fwa_known_device *device, struct fwa_record *record,
			      struct fwa_error *error)
{
	uint8_t source = record->declaration.source;
	int r;

	if (source >= FWA_DECLARATION_SOURCES ||
	    record->declaration.has_supersedes != device->has_declaration[source])
		return out_of_step(error);
	record->declaration.device = device->sequence;
	record->declaration.supersedes = device->declaration[source];
	r = fwa_recorder_append(recorder, record, NULL, NULL, error);
	if (r < 0)
		return r;
	device->has_declaration[source] = true;
	device->declaration[source] = record->sequence;
	return 0;
}

int fwa_recorder_check_seen(const struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_capture_counters counters;

	fwa_capture_counters(recorder->capture, &counters);
	for (size_t i = 0; i < recorder->devices.count; i++) {
		const struct fwa_known_device *device = &recorder->devices.list[i];

		/* Lost calls are known of, at least: somebody saw them. */
		if (device->stage == FWA_KNOWN_RECORDED && !device->seen &&
		    counters.lost == 0)
			return fwa_error(error, -EIO,
					 "%s: calls on it escape the capture: not even "
					 "fwauditd's own "
					 "were seen, so nothing that is sent to it would "
					 "be recorded",
					 device->path);
	}
	return 0;
}

/* Append what the observer recorded, with its references resolved. */
static int append(struct fwa_recorder *recorder,
		  const struct fwa_observe_message *message, uint32_t in_flight,
		  struct fwa_error *error)
{
	struct fwa_known_device *device =
		fwa_devices_by_id(&recorder->devices, message->id);
	struct fwa_record record = message->record;

	if (!device)
		return out_of_step(error);
	/* It is made now; when things happened is said inside. */
	record.time = fwa_real_time();
	record.boot_time = fwa_boot_time();
	if (record.kind == FWA_RECORD_DEVICE)
		return append_device(recorder, device, &record, error);
	if (device->stage != FWA_KNOWN_RECORDED)
		return out_of_step(error);
	if (record.kind == FWA_RECORD_SNAPSHOT)
		return append_snapshot(recorder, device, &record, in_flight, error);
	if (record.kind == FWA_RECORD_DECLARATION)
		return append_declaration(recorder, device, &record, error);
	record.kernel_event.device = device->sequence;
	return fwa_recorder_append(recorder, &record, NULL, NULL, error);
}

/* The moment that a record speaks of. */
static uint64_t moment(const struct fwa_record *record)
{
	return record->kind == FWA_RECORD_SNAPSHOT ? record->snapshot.ended
						   : record->boot_time;
}

static bool goes_ahead(const struct fwa_recorder *recorder,
		       const struct fwa_observe_message *message)
{
	const struct fwa_known_device *device =
		fwa_devices_by_id(&recorder->devices, message->id);

	return message->record.kind == FWA_RECORD_DEVICE && device &&
	       device->stage != FWA_KNOWN_RECORDED;
}

/* One frame of those that wait. Returns 1 if it is done with, 0 if it waits on. */
static int release_one(struct fwa_recorder *recorder,
		       const struct fwa_waiting_frame *waiting, bool is_first,
		       struct fwa_error *error)
{
	struct fwa_observe_message message;
	int r;

	if (fwa_observe_decode(&waiting->frame, &message) < 0)
		return out_of_step(error);
	if (message.type == FWA_OBSERVE_FINISHED) {
		recorder->finished = is_first;
		return is_first;
	}
	if (!goes_ahead(recorder, &message) &&
	    (!is_first ||
	     fwa_capture_settled_until(recorder->capture) < moment(&message.record)))
		return 0;
	r = append(recorder, &message, waiting->in_flight, error);
	return r == -EAGAIN ? 0 : r < 0 ? r : 1;
}

int fwa_recorder_release(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_waiting_frame **link = &recorder->first, *waiting;
	int r;

	while ((waiting = *link)) {
		r = release_one(recorder, waiting, link == &recorder->first, error);
		if (r < 0)
			return r;
		if (r == 0) {
			link = &waiting->next;
			continue;
		}
		*link = waiting->next;
		if (!waiting->next)
			recorder->last = link;
		recorder->waiting--;
		fwa_frame_clear(&waiting->frame);
		free(waiting);
	}
	return 0;
}

void fwa_recorder_forget_frames(struct fwa_recorder *recorder)
{
	while (recorder->first) {
		struct fwa_waiting_frame *waiting = recorder->first;

		recorder->first = waiting->next;
		fwa_frame_clear(&waiting->frame);
		free(waiting);
	}
	recorder->last = &recorder->first;
	recorder->waiting = 0;
}

/* Put a frame behind the others; it is left empty. */
static int hold(struct fwa_recorder *recorder, struct fwa_frame *frame,
		struct fwa_error *error)
{
	struct fwa_waiting_frame *waiting = malloc(sizeof(*waiting));
	struct fwa_capture_counters counters;

	if (!waiting)
		return fwa_error(error, -ENOMEM, "out of memory");
	fwa_capture_counters(recorder->capture, &counters);
	*waiting = (struct fwa_waiting_frame){.frame = *frame,
					      .in_flight = counters.in_flight};
	*frame = (struct fwa_frame){0};
	*recorder->last = waiting;
	recorder->last = &waiting->next;
	recorder->waiting++;
	return 0;
}

/* A snapshot has come in: calls since it began need another one. */
static int looked(struct fwa_recorder *recorder,
		  const struct fwa_observe_message *message, struct fwa_error *error)
{
	struct fwa_known_device *device =
		fwa_devices_by_id(&recorder->devices, message->id);
	int r;

	if (!device)
		return 0;
	device->ready = true;
	if (!fwa_device_looked(device, message->record.snapshot.started))
		return 0;
	r = fwa_observe_send_completed(recorder->observer.channel, device->id);
	return r < 0 ? ended(r, error) : 0;
}

/* Its record waits its turn, but calls that come in before that are to know. */
static void note_gone(struct fwa_recorder *recorder,
		      const struct fwa_observe_message *message)
{
	struct fwa_known_device *device =
		fwa_devices_by_id(&recorder->devices, message->id);

	if (device && message->record.kind == FWA_RECORD_DEVICE &&
	    message->record.device.state == FWA_DEVICE_GONE)
		device->gone = message->record.boot_time;
}

int fwa_recorder_observed(struct fwa_recorder *recorder, struct fwa_error *error)
{
	struct fwa_observe_message message;
	struct fwa_frame frame = {0};
	int r;

	r = fwa_frame_receive(recorder->observer.channel, FWA_OBSERVE_BODY_MAX, &frame);
	if (r < 0)
		return ended(r, error);
	r = fwa_observe_decode(&frame, &message);
	if (r < 0) {
		fwa_frame_clear(&frame);
		return out_of_step(error);
	}
	switch (message.type) {
	case FWA_OBSERVE_FOUND:
		r = found(recorder, &message, error);
		break;
	case FWA_OBSERVE_REFUSED:
		r = refused(recorder, &message);
		break;
	case FWA_OBSERVE_SCANNED:
		recorder->scanned = true;
		break;
	case FWA_OBSERVE_READY:
		recorder->answered++;
		break;
	case FWA_OBSERVE_RECORD:
		note_gone(recorder, &message);
		r = message.record.kind == FWA_RECORD_SNAPSHOT
			    ? looked(recorder, &message, error)
			    : 0;
		if (r == 0)
			r = hold(recorder, &frame, error);
		break;
	case FWA_OBSERVE_FINISHED:
		r = hold(recorder, &frame, error);
		break;
	default:
		r = out_of_step(error);
	}
	fwa_frame_clear(&frame);
	return r;
}
