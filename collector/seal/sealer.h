/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealer: the role that holds the TPM. It is given digests of notes and returns
 * attestations; it never sees a record.
 *
 * An ATTEST question may be asked any number of times: before it extends, the sealer reads the
 * index, and extends only if the note is not in it yet (NV_Extend cannot be repeated). So a
 * question that failed or timed out half-way is simply asked again, and a pending note found at
 * start is asked for like any other.
 */
#ifndef FWA_COLLECTOR_SEAL_SEALER_H
#define FWA_COLLECTOR_SEAL_SEALER_H

#include "schema/enrolment.h"

struct fwa_sealer_options {
	const char *tcti; /* "device:/dev/tpmrm0", "swtpm:path=..." */
	const struct fwa_enrolment *enrolment; /* borrowed; names the key and the index */
};

/*
 * Serve questions (collector/seal/protocol.h) that arrive on the stream socket `channel` until
 * it is closed. Connects to the TPM when first asked, and again after it was lost; a TPM that
 * cannot be used is answered with FAILED and ends nothing.
 *
 * Call fwa_tpm_quiet() before the first thread is started.
 *
 * Returns 0 when the other end closed the channel, or negative errno when the channel failed
 * or somebody sent what is not a question.
 */
int fwa_sealer_run(int channel, const struct fwa_sealer_options *options);

#endif
