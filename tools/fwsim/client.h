/* SPDX-License-Identifier: Apache-2.0 */
/* `fwsim send`: a small client that works on real fwctl devices too. */
#ifndef FWA_FWSIM_CLIENT_H
#define FWA_FWSIM_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "schema/cxl.h"
#include "schema/error.h"

/* Exit codes of fwsim. */
#define FWSIM_EXIT_OK      0
#define FWSIM_EXIT_REFUSED 1
#define FWSIM_EXIT_USAGE   3

struct fwsim_options {
	const char *device; /* path */
	uint8_t scope;
	uint8_t selection;
	uint8_t version;
	uint32_t flags; /* of Set Feature */
	uint16_t offset;
	size_t length; /* SIZE_MAX: not given */
	size_t out_length;
	uint64_t count;
	uint8_t *data; /* --data, --in */
	size_t data_size;
	const char *out; /* file for the response's payload; NULL */
	bool has_scope;
};

/* What a command wants sent, and what came back. */
struct fwsim_exchange {
	uint16_t opcode;
	uint8_t *in; /* the whole frame */
	size_t in_size;
	uint8_t *out;
	size_t out_size;
	size_t out_length; /* as the kernel reported it */
	struct fwa_cxl_response response;
};

/* One FWCTL_RPC. 0 or the negative errno of the ioctl; -EBADMSG if the answer has no
 * frame. */
int fwsim_send_rpc(int fd, uint8_t scope, struct fwsim_exchange *exchange);
/* A frame for `opcode` with `payload`, and room for `out_size` bytes of answer. 0,
 * -ENOMEM. */
int fwsim_exchange_init(struct fwsim_exchange *exchange, uint16_t opcode,
			const uint8_t *payload, size_t size, size_t out_size);
void fwsim_exchange_clear(struct fwsim_exchange *exchange);

/* The size of a feature, by Get Supported Features. 0 or a negative errno; -ENOENT. */
int fwsim_ask_feature_size(int fd, const uint8_t uuid[16], size_t *ret_size);

void fwsim_print_bytes(const uint8_t *data, size_t size);
void fwsim_print_features(const uint8_t *entries, size_t size, unsigned supported);
void fwsim_print_cel(const uint8_t *cel, size_t size);
void fwsim_print_fields(uint16_t opcode, const uint8_t *payload, size_t size);

/* `fwsim send ...` and, on a memN file, `fwsim send DEVICE identify` and so on. */
int fwsim_send_main(int argc, char **argv);
int fwsim_mailbox_main(int fd, const char *name, const struct fwsim_options *options);
/* Is `name` one of the mailbox's commands? */
bool fwsim_mailbox_has(const char *name);

#endif
