/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set a TPM up for one ledger: an attestation key under the owner hierarchy, an NV index that
 * can only be extended, and the enrolment file that names both.
 *
 * The enrolment is *self-enrolled*: this machine vouches for its own TPM. A verifier that is
 * given the file out of band trusts the key that it names, and nothing else.
 */
#ifndef FWA_COLLECTOR_SEAL_PROVISION_H
#define FWA_COLLECTOR_SEAL_PROVISION_H

#include "schema/error.h"

struct fwa_provision_options {
	const char *tcti;      /* TCTI string of the TPM */
	const char *directory; /* of the ledger; made (0750) if missing */
};

/* The attestation key is kept at the first free one of as many persistent handles. */
#define FWA_AK_HANDLE_FIRST 0x81000010u
#define FWA_AK_HANDLE_COUNT 64u
/* The NV index likewise. Clear of FAPI's (0x01800000 on) and systemd's (0x01D10200-05FF). */
#define FWA_NV_INDEX_FIRST 0x01DA0100u
#define FWA_NV_INDEX_COUNT 64u

/*
 * Provision. Refuses (-EEXIST) where an enrolment or a ledger exists already. If anything fails,
 * what was made in the TPM is removed again.
 * Returns 0 or negative errno, with a sentence.
 */
int fwa_provision(const struct fwa_provision_options *options, struct fwa_error *error);

#endif
