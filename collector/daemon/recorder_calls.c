/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/recorder_internal.h"

#include <errno.h>

#include "collector/daemon/clock.h"
#include "collector/normalise/normalise.h"
#include "collector/observe/protocol.h"

/*
 * A device that is gone answers ENODEV. Another answer, and it was another device: the
 * kernel gave it the number as soon as the observer had let go of the old one.
 */
static bool is_of_a_successor(const struct fwa_known_device *device,
			      const struct fwa_call *call)
{
	return device->gone && call->entered > device->gone &&
	       !(call->has_result && call->result == -ENODEV);
}

/*
 * The device of a call. A device that was found a moment ago has no record yet: the call, and
 * with it the ring, then waits for a moment. Returns 0; -EAGAIN; -ENOMEM.
 */
static int find_device(struct fwa_recorder *recorder, const struct fwa_call *call,
		       struct fwa_known_device **ret_device)
{
	struct fwa_known_device *device;
	uint64_t now = fwa_boot_time();

	device = fwa_devices_by_watch(&recorder->devices, &call->device);
	if (!device || is_of_a_successor(device, call)) {
		device = fwa_devices_add(&recorder->devices, 0, &call->device, now);
		if (!device)
			return -ENOMEM;
		/* Nobody will come to say what was gone before. */
		if (call->has_result && call->result == -ENODEV)
			device->stage = FWA_KNOWN_NAMELESS;
	}
	if (device->stage == FWA_KNOWN_PENDING) {
		if (now < device->since + FWA_DEVICE_PATIENCE)
			return -EAGAIN;
		device->stage = FWA_KNOWN_NAMELESS;
	}
	*ret_device = device;
	return 0;
}

/* Ask the observer to look, if this call calls for it. */
static int ask(struct fwa_recorder *recorder, struct fwa_known_device *device,
	       const struct fwa_call *call)
{
	enum fwa_observe_mode mode = recorder->options->observe;

	if (call->own || device->stage != FWA_KNOWN_RECORDED ||
	    (mode != FWA_OBSERVE_ALL && mode != FWA_OBSERVE_WRITES) ||
	    (mode == FWA_OBSERVE_WRITES &&
	     !fwa_call_may_write(call, device->device_type)))
		return 0;
	if (!call->has_result || !fwa_device_called(device, call->returned))
		return 0;
	return fwa_observe_send_completed(recorder->observer.channel, device->id);
}

static int append(struct fwa_recorder *recorder, const struct fwa_call *call,
		  const uint64_t *device, struct fwa_error *error)
{
	const struct fwa_call_payload *in = &call->request, *out = &call->response;
	struct fwa_payload request = {0}, response = {0};
	struct fwa_normalised_call normalised;
	struct fwa_payload_ref reference;
	struct fwa_record record = fwa_recorder_record(FWA_RECORD_RPC);
	int r;

	r = fwa_payload_prepare(in->captured.data, in->captured.size, in->length,
				FWA_SOURCE_USER, in->moment, &request, &reference);
	if (r == 0)
		r = fwa_payload_prepare(out->captured.data, out->captured.size,
					out->length, FWA_SOURCE_USER, out->moment,
					&response, &reference);
	if (r == 0)
		r = fwa_normalise_call(call, device, request.salt, response.salt,
				       &normalised);
	if (r < 0) {
		fwa_error(error, r, "a captured call cannot be hashed: out of memory");
		goto out;
	}
	record.rpc = normalised.rpc;
	r = fwa_recorder_append(recorder, &record, &request, &response, error);
	if (r < 0)
		goto out;
	recorder->cpu_last[call->cpu] = record.sequence + 1;
	recorder->truncated += fwa_normalise_is_truncated(&normalised.rpc.request) +
			       fwa_normalise_is_truncated(&normalised.rpc.response);

out:
	fwa_payload_clear(&response);
	fwa_payload_clear(&request);
	return r;
}

int fwa_recorder_call(const struct fwa_call *call, void *context)
{
	struct fwa_recorder_handler *handler = context;
	struct fwa_recorder *recorder = handler->recorder;
	struct fwa_known_device *device;
	bool named;
	int r;

	r = find_device(recorder, call, &device);
	if (r < 0)
		return r == -EAGAIN ? r : fwa_error(handler->error, r, "out of memory");
	named = device->stage == FWA_KNOWN_RECORDED || device->stage == FWA_KNOWN_GONE;
	r = append(recorder, call, named ? &device->sequence : NULL, handler->error);
	if (r < 0)
		return r;
	device->seen = true;
	/* The call is in: a failure from here on must not have it handed over again. */
	(void)ask(recorder, device, call);
	return 0;
}

int fwa_recorder_gap(const struct fwa_capture_gap *gap, void *context)
{
	struct fwa_recorder_handler *handler = context;
	struct fwa_recorder *recorder = handler->recorder;
	struct fwa_record record = fwa_recorder_record(FWA_RECORD_GAP);
	uint64_t after = recorder->cpu_last[gap->cpu] - 1;
	int r;

	fwa_normalise_gap(gap, recorder->cpu_last[gap->cpu] ? &after : NULL, &record.gap);
	r = fwa_recorder_append(recorder, &record, NULL, NULL, handler->error);
	if (r < 0)
		return r;
	/* Nobody knows which devices the lost calls were for. */
	for (size_t i = 0; i < recorder->devices.count; i++) {
		struct fwa_known_device *device = &recorder->devices.list[i];

		if ((recorder->options->observe == FWA_OBSERVE_ALL ||
		     recorder->options->observe == FWA_OBSERVE_WRITES) &&
		    device->stage == FWA_KNOWN_RECORDED &&
		    fwa_device_called(device, gap->not_after))
			(void)fwa_observe_send_completed(recorder->observer.channel,
							 device->id);
	}
	return 0;
}
