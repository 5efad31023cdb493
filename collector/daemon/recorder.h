/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: from the ring buffer to the ledger. It is the only role that touches the ledger,
 * gives every record its sequence number, and decides when a checkpoint is taken. It opens no
 * device and no TPM.
 */
#ifndef FWA_COLLECTOR_DAEMON_RECORDER_H
#define FWA_COLLECTOR_DAEMON_RECORDER_H

#include "collector/daemon/options.h"
#include "schema/error.h"

/*
 * Record until SIGTERM or SIGINT. Checks everything (root, enrolment, kernel, TPM, devices)
 * before a ledger is made. Blocks the two signals in the calling thread, which has to be the
 * only one.
 *
 * Returns 0 after a clean stop; negative errno with a sentence otherwise.
 */
int fwa_record(const struct fwa_options *options, struct fwa_error *error);

#endif
