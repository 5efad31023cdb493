/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/observe/observer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "collector/daemon/clock.h"
#include "collector/device/monitor.h"
#include "collector/observe/protocol.h"
#include "collector/observe/watched.h"

#define PATH_SCAN_INTERVAL  FWA_SECOND
#define CLASS_SCAN_INTERVAL (5 * FWA_SECOND)
#define RESET_INTERVAL      (FWA_SECOND / 2)

struct observer {
	int channel;
	const struct fwa_observer_options *options;
	struct fwa_monitor *monitor; /* NULL: rescans alone */
	struct fwa_watched **devices;
	size_t count;
	uint32_t last_id;
	uint64_t scanned; /* when */
	bool scan_now;
	bool first_scan;
	bool finished; /* the last look was taken: nothing is touched any more */
	struct fwa_frame frame;
};

uint64_t fwa_observer_next(uint64_t started, uint64_t ended, bool asked,
			   uint64_t interval)
{
	uint64_t rested = ended + FWA_OBSERVER_REST_FACTOR * (ended - started);
	uint64_t next = UINT64_MAX;

	if (interval > 0)
		next = ended + interval;
	if (asked && rested < next)
		next = rested;
	/* An interval shorter than the rest does not shorten the rest. */
	return next < rested ? rested : next;
}

/* A device that was not there before. */
static int found(struct observer *observer, const struct fwa_location *location)
{
	struct fwa_watched **grown, *watched;

	grown = reallocarray(observer->devices, observer->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	observer->devices = grown;
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	watched->id = ++observer->last_id;
	watched->location = *location;
	observer->devices[observer->count++] = watched;
	return fwa_observe_send_found(observer->channel, watched->id, location);
}

static int gone(struct observer *observer, size_t index)
{
	struct fwa_watched *watched = observer->devices[index];
	int r = fwa_watched_gone(watched, observer->channel);

	fwa_watched_free(watched);
	observer->devices[index] = observer->devices[--observer->count];
	return r;
}

/* What is there now. A path that cannot be looked at is told of in the first scan only. */
static int look_around(struct observer *observer, struct fwa_location **ret_locations,
		       size_t *ret_count)
{
	const struct fwa_observer_options *options = observer->options;
	struct fwa_location *locations;
	struct fwa_error error;
	size_t count = 0;
	int r;

	if (options->path_count == 0)
		return fwa_locations_of_class("/sys", "/dev", ret_locations, ret_count);
	locations = calloc(options->path_count, sizeof(*locations));
	if (!locations)
		return -ENOMEM;
	for (size_t i = 0; i < options->path_count; i++) {
		r = fwa_location_of_path(options->paths[i], &locations[count], &error);
		if (r == 0)
			count++;
		else if (observer->first_scan)
			r = fwa_observe_send_refused(observer->channel, 0, r,
						     error.sentence);
		else
			r = 0;
		if (r < 0) {
			free(locations);
			return r;
		}
	}
	*ret_locations = locations;
	*ret_count = count;
	return 0;
}

static bool is_among(const struct fwa_location *location,
		     const struct fwa_location *locations, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fwa_location_same(location, &locations[i]))
			return true;
	return false;
}

/* A class device that was unplugged answers every call with ENODEV, whatever took its name. */
static bool is_dead(const struct fwa_watched *watched)
{
	uint32_t type;
	uint8_t data[16];
	size_t size;

	return watched->stage == FWA_WATCHED_OPEN && !watched->location.simulated &&
	       watched->access.operations->info(watched->access.context, &type, data,
						sizeof(data), &size) == -ENODEV;
}

/* Look for devices that came and went. `asked` is set when the kernel said that there are some. */
static int scan(struct observer *observer, bool asked)
{
	struct fwa_location *locations = NULL;
	size_t count = 0, dead = 0;
	int r;

	r = look_around(observer, &locations, &count);
	observer->scanned = fwa_boot_time();
	observer->scan_now = false;
	if (r < 0)
		return observer->first_scan || r == -ENOMEM || r == -EPIPE ? r : 0;
	for (size_t i = observer->count; r == 0 && i > 0; i--) {
		bool is_listed =
			is_among(&observer->devices[i - 1]->location, locations, count);

		if (is_listed && !(asked && is_dead(observer->devices[i - 1])))
			continue;
		dead += is_listed;
		r = gone(observer, i - 1);
	}
	/* One that died since it was listed is not there again: list anew. */
	observer->scan_now = dead > 0;
	for (size_t i = 0; r == 0 && dead == 0 && i < count; i++) {
		bool known = is_among(&locations[i], locations, i);

		for (size_t j = 0; j < observer->count && !known; j++)
			known = fwa_location_same(&locations[i],
						  &observer->devices[j]->location);
		if (!known)
			r = found(observer, &locations[i]);
	}
	free(locations);
	if (r == 0 && observer->first_scan)
		r = fwa_observe_send_scanned(observer->channel,
					     (uint32_t)observer->count);
	observer->first_scan = false;
	return r;
}

static struct fwa_watched *find(const struct observer *observer, uint32_t id)
{
	for (size_t i = 0; i < observer->count; i++)
		if (observer->devices[i]->id == id)
			return observer->devices[i];
	return NULL;
}

/* The recorder says that calls on the device are captured: it may be touched. */
static int begin(struct observer *observer, struct fwa_watched *watched)
{
	struct fwa_error error;
	int r = fwa_watched_open(watched, observer->channel, &error);

	if (r == -EPIPE)
		return r;
	if (r < 0) {
		watched->stage = FWA_WATCHED_REFUSED;
		return fwa_observe_send_refused(observer->channel, watched->id, r,
						error.sentence);
	}
	r = fwa_watched_look(watched, observer->channel, observer->options->snapshots,
			     FWA_SNAPSHOT_BASELINE);
	if (r < 0)
		return r;
	return fwa_observe_send_ready(observer->channel, watched->id);
}

static int finish(struct observer *observer)
{
	int r = 0;

	for (size_t i = 0; r == 0 && observer->options->snapshots && i < observer->count;
	     i++)
		if (observer->devices[i]->stage == FWA_WATCHED_OPEN)
			r = fwa_watched_look(observer->devices[i], observer->channel,
					     true, FWA_SNAPSHOT_STOP);
	observer->finished = true;
	return r < 0 ? r : fwa_observe_send_finished(observer->channel);
}

static int serve(struct observer *observer)
{
	struct fwa_observe_message message;
	struct fwa_watched *watched;
	int r;

	r = fwa_frame_receive(observer->channel, FWA_OBSERVE_BODY_MAX, &observer->frame);
	if (r == 0)
		r = fwa_observe_decode(&observer->frame, &message);
	if (r < 0)
		return r;
	if (message.type == FWA_OBSERVE_FINISH)
		return finish(observer);
	/* A device may have gone while the message was on its way. */
	watched = find(observer, message.id);
	if (message.type == FWA_OBSERVE_COMPLETED) {
		if (watched)
			watched->asked = true;
		return 0;
	}
	if (message.type != FWA_OBSERVE_WATCHED)
		return -EBADMSG;
	return watched && watched->stage == FWA_WATCHED_FOUND ? begin(observer, watched)
							      : 0;
}

static uint64_t next_look(const struct observer *observer,
			  const struct fwa_watched *watched)
{
	if (watched->stage != FWA_WATCHED_OPEN || !observer->options->snapshots)
		return UINT64_MAX;
	if (watched->reset_pending)
		return 0;
	return fwa_observer_next(watched->started, watched->ended, watched->asked,
				 observer->options->interval);
}

static uint64_t next_scan(const struct observer *observer)
{
	if (observer->scan_now)
		return 0;
	return observer->scanned +
	       (observer->options->path_count ? PATH_SCAN_INTERVAL : CLASS_SCAN_INTERVAL);
}

/* Do what is due; `*ret_next` is when something will be. */
static int do_due(struct observer *observer, uint64_t *ret_next)
{
	uint64_t now = fwa_boot_time(), next;
	int r = 0;

	*ret_next = UINT64_MAX;
	if (observer->finished)
		return 0;
	if (next_scan(observer) <= now)
		r = scan(observer, observer->scan_now);
	next = next_scan(observer);
	for (size_t i = 0; r == 0 && i < observer->count; i++) {
		struct fwa_watched *watched = observer->devices[i];
		uint64_t due = next_look(observer, watched);

		if (due <= now)
			r = fwa_watched_look(watched, observer->channel, true,
					     watched->reset_pending ? FWA_SNAPSHOT_RESET
					     : watched->asked       ? FWA_SNAPSHOT_RPC
							      : FWA_SNAPSHOT_INTERVAL);
		else if (watched->has_reset &&
			 watched->reset_seen + RESET_INTERVAL <= now)
			r = fwa_watched_poll_reset(watched, observer->channel);
		due = next_look(observer, watched);
		if (watched->has_reset && watched->reset_seen + RESET_INTERVAL < due)
			due = watched->reset_seen + RESET_INTERVAL;
		if (due < next)
			next = due;
	}
	*ret_next = next;
	return r;
}

/* Wait for the channel, the monitor or the time `next`. */
static int wait_for(struct observer *observer, uint64_t next)
{
	struct pollfd descriptors[2] = {
		{.fd = observer->channel, .events = POLLIN},
		{.fd = observer->monitor ? fwa_monitor_descriptor(observer->monitor) : -1,
		 .events = POLLIN},
	};
	uint64_t now = fwa_boot_time();
	uint64_t left = next > now ? next - now : 0;
	struct timespec timeout = {.tv_sec = (time_t)(left / FWA_SECOND),
				   .tv_nsec = (long)(left % FWA_SECOND)};

	if (ppoll(descriptors, 2, &timeout, NULL) < 0 && errno != EINTR)
		return -errno;
	if (descriptors[1].revents && fwa_monitor_drain(observer->monitor))
		observer->scan_now = true;
	return descriptors[0].revents ? serve(observer) : 0;
}

int fwa_observer_run(int channel, const struct fwa_observer_options *options)
{
	struct observer observer = {.channel = channel,
				    .options = options,
				    .first_scan = true,
				    .scan_now = true};
	uint64_t next;
	int r = 0;

	/* Without the kernel's events devices are still found, a little later. */
	if (options->path_count == 0 && fwa_monitor_new(&observer.monitor) < 0)
		observer.monitor = NULL;
	while (r == 0) {
		r = do_due(&observer, &next);
		if (r == 0)
			r = wait_for(&observer, next);
	}
	for (size_t i = 0; i < observer.count; i++)
		fwa_watched_free(observer.devices[i]);
	free(observer.devices);
	fwa_monitor_free(observer.monitor);
	fwa_frame_clear(&observer.frame);
	return r == -EPIPE ? 0 : r;
}
