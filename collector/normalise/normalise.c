// SPDX-License-Identifier: Apache-2.0
#include "collector/normalise/normalise.h"

#include <string.h>

#include "schema/hash.h"

static const char gap_reason[] = "the calls were seen, but the collector had no room for "
				 "them; their content is not known";

/* Where a payload comes from; its digest is filled in later. */
static struct fwa_payload_ref describe(const struct fwa_call_payload *payload)
{
	struct fwa_payload_ref ref = {
		.length = payload->length,
		.captured = payload->captured.size,
		.source = FWA_SOURCE_USER,
		.moment = (uint8_t)payload->moment,
	};

	if (fwa_normalise_is_truncated(&ref))
		ref.source = ref.captured ? FWA_SOURCE_TRUNCATED : FWA_SOURCE_ABSENT;
	return ref;
}

static int digest(const struct fwa_call_payload *payload,
		  const uint8_t salt[FWA_SALT_SIZE], uint8_t ret_digest[FWA_DIGEST_SIZE])
{
	const struct fwa_bytes parts[] = {
		{.data = salt, .size = FWA_SALT_SIZE},
		payload->captured,
	};

	return fwa_digest(parts, 2, ret_digest);
}

/* The structure is known as the caller showed it only if it was read at entry, and whole. */
static enum fwa_source structure_source(const struct fwa_call *call)
{
	if (!call->structure_entry.data && !call->structure_exit.data)
		return FWA_SOURCE_ABSENT;
	if (call->structure_entry.size < call->structure_length)
		return FWA_SOURCE_TRUNCATED;
	return FWA_SOURCE_USER;
}

int fwa_normalise_call(const struct fwa_call *call, const uint64_t *device,
		       const uint8_t request_salt[FWA_SALT_SIZE],
		       const uint8_t response_salt[FWA_SALT_SIZE],
		       struct fwa_normalised_call *ret_normalised)
{
	uint8_t request[FWA_DIGEST_SIZE], response[FWA_DIGEST_SIZE];
	struct fwa_rpc *rpc = &ret_normalised->rpc;
	int error;

	error = digest(&call->request, request_salt, request);
	if (!error)
		error = digest(&call->response, response_salt, response);
	if (error)
		return error;
	memcpy(ret_normalised->request_digest, request, sizeof(request));
	memcpy(ret_normalised->response_digest, response, sizeof(response));
	*rpc = (struct fwa_rpc){
		.transport = FWA_TRANSPORT_FWCTL,
		.has_device = device != NULL,
		.device = device ? *device : 0,
		.command = call->command,
		.structure_entry = call->structure_entry,
		.structure_exit = call->structure_exit,
		.structure_source = (uint8_t)structure_source(call),
		.has_result = call->has_result,
		.result = call->result,
		.entered = call->entered,
		.returned = call->returned,
		.caller = call->caller,
		.has_open = true,
		.open = call->open,
		.request = describe(&call->request),
		.response = describe(&call->response),
		.own = call->own,
		.layers = FWA_LAYER_TRACEPOINT,
		.cpu = call->cpu,
		.number = call->number,
	};
	/* The clocks of two CPUs may differ by a little; a record may not. */
	if (rpc->has_result && rpc->returned < rpc->entered)
		rpc->returned = rpc->entered;
	if (rpc->request.captured)
		rpc->request.digest = (struct fwa_bytes){ret_normalised->request_digest,
							 FWA_DIGEST_SIZE};
	if (rpc->response.captured)
		rpc->response.digest = (struct fwa_bytes){ret_normalised->response_digest,
							  FWA_DIGEST_SIZE};
	return 0;
}

bool fwa_normalise_is_truncated(const struct fwa_payload_ref *payload)
{
	return payload->captured < payload->length;
}

void fwa_normalise_gap(const struct fwa_capture_gap *gap, const uint64_t *after,
		       struct fwa_gap *ret_gap)
{
	*ret_gap = (struct fwa_gap){
		.cpu = gap->cpu,
		.first_number = gap->first_number,
		.count = gap->count,
		.has_after = after != NULL,
		.after = after ? *after : 0,
		.not_before = gap->not_before,
		.not_after = gap->not_after,
		.reason = {(const uint8_t *)gap_reason, sizeof(gap_reason) - 1},
	};
}
