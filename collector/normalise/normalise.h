/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what the capture saw to what the ledger says. Pure: the caller gives the device and the
 * salts, nothing is looked up.
 */
#ifndef FWA_COLLECTOR_NORMALISE_NORMALISE_H
#define FWA_COLLECTOR_NORMALISE_NORMALISE_H

#include "collector/capture/call.h"
#include "schema/record.h"

/* A record's body and the digests that it points to: do not copy, do not move. */
struct fwa_normalised_call {
	struct fwa_rpc rpc; /* borrows from the call, and from the digests below */
	uint8_t request_digest[FWA_DIGEST_SIZE];
	uint8_t response_digest[FWA_DIGEST_SIZE];
};

/*
 * The rpc record of a call. `device` is the sequence of the device's record, NULL if it is not
 * known. The salts go before the captured bytes in the payload digests; store each beside its
 * bytes, which are call->request.captured and call->response.captured.
 *
 * A structure that could be read only after the call has returned is structure_exit alone, with
 * the source `truncated`: what the kernel was shown is then known in part.
 * Returns 0; -EIO if the digests cannot be computed. `*ret_normalised` is untouched on failure.
 */
int fwa_normalise_call(const struct fwa_call *call, const uint64_t *device,
		       const uint8_t request_salt[FWA_SALT_SIZE],
		       const uint8_t response_salt[FWA_SALT_SIZE],
		       struct fwa_normalised_call *ret_normalised);

/*
 * True if a direction of the call carried bytes of which not all were captured: what a
 * checkpoint counts as `truncated`.
 */
bool fwa_normalise_is_truncated(const struct fwa_payload_ref *payload);

/*
 * The gap record. `after` is the sequence of the last rpc record from this CPU before the gap,
 * NULL if there is none in this run.
 */
void fwa_normalise_gap(const struct fwa_capture_gap *gap, const uint64_t *after,
		       struct fwa_gap *ret_gap);

#endif
