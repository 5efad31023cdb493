/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a recorded call was: which command, aimed at what, and whether the device executed it.
 * Pure; nothing is guessed: what cannot be decoded stays unknown.
 */
#ifndef FWA_VERIFIER_EFFECTS_COMMAND_H
#define FWA_VERIFIER_EFFECTS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/record.h"

enum fwa_outcome {
	FWA_OUTCOME_EXECUTED,   /* the ioctl returned 0 and the device said success */
	FWA_OUTCOME_BACKGROUND, /* the device said that a background operation started */
	FWA_OUTCOME_REFUSED_BY_KERNEL, /* an errno that is given before the device is asked */
	FWA_OUTCOME_REFUSED_BY_DEVICE, /* the device answered with an error */
	FWA_OUTCOME_UNKNOWN, /* it may have been executed: another errno, or no answer captured */
	FWA_OUTCOME_UNFINISHED, /* had not returned when the collector stopped */
};
/* "executed", "background", "refused by kernel", ... */
const char *fwa_outcome_name(enum fwa_outcome outcome);

/*
 * "Executed" is what was reported. Linux's CXL driver can leave the return code 0 when the
 * transport to the device failed, so an executed command may never have reached the device.
 * This makes no verdict wrong: a command that did nothing conforms to any declaration.
 */
struct fwa_command {
	bool is_rpc;    /* FWCTL_RPC; no other ioctl carries a command to the firmware */
	uint32_t ioctl; /* the request number */
	int64_t result; /* of the ioctl, if the outcome is not UNFINISHED */
	bool has_scope;
	uint32_t scope;
	bool has_opcode; /* false: not a CXL device, or the request was not captured */
	uint16_t opcode;
	bool has_feature; /* Get Feature and Set Feature whose UUID was captured */
	uint8_t feature[FWA_UUID_SIZE];
	bool is_set; /* Set Feature */
	uint32_t set_flags;
	bool has_written; /* Set Feature, full transfer from offset 0, captured whole */
	uint8_t written[FWA_DIGEST_SIZE]; /* SHA-256 of the value */
	bool has_selection;               /* Get Feature */
	uint8_t selection;
	enum fwa_outcome outcome;
	bool has_retval;
	uint32_t retval; /* CXL mailbox return code */
};

/*
 * Decode a call. `device_type` is FWCTL_INFO's if `has_device_type`. The payloads may be absent
 * or captured in part. Returns 0 or -EIO (no SHA-256); `*ret_command` is untouched on failure.
 */
int fwa_command_decode(const struct fwa_rpc *rpc, bool has_device_type,
		       uint32_t device_type, struct fwa_bytes request,
		       struct fwa_bytes response, struct fwa_command *ret_command);

/* True for commands that read by their specification: Get Supported Features, Get Feature. */
bool fwa_command_reads(const struct fwa_command *command);
/* True unless the kernel or the device refused it: it did, or may have done, what it does. */
bool fwa_command_may_act(const struct fwa_command *command);

#define FWA_COMMAND_TEXT_MAX 96u
/* "Set Feature (0502h)", "vendor command (C123h)", "FWCTL_INFO", "RPC of unknown content". */
void fwa_command_name(const struct fwa_command *command,
		      char ret_text[FWA_COMMAND_TEXT_MAX]);
/* The name alone: "Set Feature". */
void fwa_command_short_name(const struct fwa_command *command,
			    char ret_text[FWA_COMMAND_TEXT_MAX]);
/* The feature's UUID, or an empty string. */
void fwa_command_target(const struct fwa_command *command,
			char ret_text[FWA_COMMAND_TEXT_MAX]);
/* How it ended, for a person: "ok", "EPERM", "invalid input (02h)", "background started". */
void fwa_command_result(const struct fwa_command *command,
			char ret_text[FWA_COMMAND_TEXT_MAX]);

#endif
