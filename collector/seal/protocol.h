/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder and the sealer say to one another, each message one frame. The recorder
 * asks, the sealer answers, one answer to each question, in order; the recorder has at most
 * one question open.
 *
 *     ATTEST    accumulator (32) | note digest (32)
 *     READ      nothing
 *     ATTESTED  the attestation
 *     VALUE     u8 written (0 or 1) | the NV index's contents (32)
 *     FAILED    be32 errno (positive) | one sentence
 */
#ifndef FWA_COLLECTOR_SEAL_PROTOCOL_H
#define FWA_COLLECTOR_SEAL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/daemon/frame.h"
#include "schema/error.h"
#include "schema/record.h"

enum fwa_seal_message_type {
	FWA_SEAL_ATTEST = 1,
	FWA_SEAL_READ = 2,
	FWA_SEAL_ATTESTED = 129,
	FWA_SEAL_VALUE = 130,
	FWA_SEAL_FAILED = 131,
};

/* Largest body of any message. */
#define FWA_SEAL_BODY_MAX 4096u

/* What the TPM's NV index holds. Not written: no note was ever extended into it. */
struct fwa_nv_value {
	bool written;
	uint8_t value[FWA_DIGEST_SIZE]; /* zeros when not written */
};

/* A decoded message; byte strings point into the frame that it came in. */
struct fwa_seal_message {
	enum fwa_seal_message_type type;
	union {
		struct {
			const uint8_t *accumulator; /* over the notes attested so far */
			const uint8_t *note_digest;
		} attest;
		struct fwa_bytes attestation; /* ATTESTED */
		struct fwa_nv_value nv;       /* VALUE */
		struct {
			int code; /* negative errno */
			struct fwa_bytes sentence;
		} failed;
	};
};

/*
 * Decode a received frame. Returns 0, or -EBADMSG for an unknown type, a wrong size, or a code
 * that is no errno.
 */
int fwa_seal_decode(const struct fwa_frame *frame, struct fwa_seal_message *ret_message);

/* Send a message. Each returns 0 or negative errno, as fwa_frame_send. */
int fwa_seal_send_attest(int channel, const uint8_t accumulator[FWA_DIGEST_SIZE],
			 const uint8_t note_digest[FWA_DIGEST_SIZE]);
int fwa_seal_send_read(int channel);
int fwa_seal_send_attested(int channel, const uint8_t *attestation, size_t size);
int fwa_seal_send_value(int channel, const struct fwa_nv_value *value);
int fwa_seal_send_failed(int channel, int code, const char *sentence);

/*
 * The recorder's side: receive the answer to the one open question into `frame` (which starts
 * zeroed and is reused). A FAILED answer is returned as its code, its sentence in `error`.
 *
 * Returns 0 and an ATTESTED or VALUE message; -EUCLEAN for an alarm: the TPM and the ledger tell
 * different stories, a person has to look, trying again is of no use; another negative errno:
 * the TPM cannot be used now, ask again after fwa_seal_backoff(); -EPIPE: the sealer is gone.
 */
int fwa_seal_receive(int channel, struct fwa_frame *frame,
		     struct fwa_seal_message *ret_message, struct fwa_error *error);

/* Nanoseconds to wait before attempt number `attempt` (1: the first repetition): 1 s, 2 s, ... 60 s. */
uint64_t fwa_seal_backoff(unsigned attempt);

#endif
