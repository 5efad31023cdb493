/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/device/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "schema/cxl_mailbox.h"
#include "schema/fwctl.h"
#include "schema/record.h"

struct opened {
	int device;
	int mailbox; /* negative: errno of the open, or -EOPNOTSUPP */
	int reset;   /* the same */
};

static int opened_info(void *context, uint32_t *ret_type, uint8_t *data, size_t capacity,
		       size_t *ret_size)
{
	const struct opened *opened = context;
	uint8_t structure[FWA_FWCTL_INFO_SIZE];
	struct fwa_fwctl_info info = {
		.size = FWA_FWCTL_INFO_SIZE,
		.data_length = (uint32_t)capacity,
		.data = (uintptr_t)data,
	};

	if (capacity > FWA_PAYLOAD_SIZE_MAX)
		return -EMSGSIZE;
	fwa_fwctl_info_encode(&info, structure);
	if (ioctl(opened->device, FWA_FWCTL_INFO, structure) < 0)
		return -errno;
	(void)fwa_fwctl_info_decode(structure, sizeof(structure), &info);
	*ret_type = info.device_type;
	/* The kernel says how much there is, not how much it copied. */
	*ret_size = info.data_length < capacity ? info.data_length : capacity;
	return 0;
}

static int opened_rpc(void *context, uint32_t scope, const uint8_t *request,
		      size_t request_size, uint8_t *response, size_t capacity,
		      size_t *ret_size)
{
	const struct opened *opened = context;
	uint8_t structure[FWA_FWCTL_RPC_SIZE];
	struct fwa_fwctl_rpc rpc = {
		.size = FWA_FWCTL_RPC_SIZE,
		.scope = scope,
		.request_length = (uint32_t)request_size,
		.response_length = (uint32_t)capacity,
		.request = (uintptr_t)request,
		.response = (uintptr_t)response,
	};

	if (request_size > FWA_FWCTL_PAYLOAD_MAX || capacity > FWA_FWCTL_PAYLOAD_MAX)
		return -EMSGSIZE;
	fwa_fwctl_rpc_encode(&rpc, structure);
	if (ioctl(opened->device, FWA_FWCTL_RPC, structure) < 0)
		return -errno;
	(void)fwa_fwctl_rpc_decode(structure, sizeof(structure), &rpc);
	*ret_size = rpc.response_length < capacity ? rpc.response_length : capacity;
	return 0;
}

static int opened_mailbox(void *context, uint32_t id, const uint8_t *request,
			  size_t request_size, uint8_t *response, size_t capacity,
			  size_t *ret_size)
{
	const struct opened *opened = context;
	uint8_t structure[FWA_CXL_MEM_SEND_COMMAND_SIZE];
	struct fwa_cxl_mem_send send = {
		.id = id,
		.in_size = (uint32_t)request_size,
		.in_payload = (uintptr_t)request,
		.out_size = (uint32_t)capacity,
		.out_payload = (uintptr_t)response,
	};

	if (opened->mailbox < 0)
		return opened->mailbox;
	if (request_size > FWA_PAYLOAD_SIZE_MAX || capacity > FWA_PAYLOAD_SIZE_MAX)
		return -EMSGSIZE;
	fwa_cxl_mem_send_encode(&send, structure);
	if (ioctl(opened->mailbox, FWA_CXL_MEM_SEND_COMMAND, structure) < 0)
		return -errno;
	fwa_cxl_mem_send_decode(structure, &send);
	if (send.retval != FWA_CXL_RETURN_SUCCESS)
		return -EREMOTEIO;
	*ret_size = send.out_size < capacity ? send.out_size : capacity;
	return 0;
}

static int opened_reset(void *context, struct fwa_reset_state *ret_state)
{
	const struct opened *opened = context;
	char text[64];
	ssize_t size;

	if (opened->reset < 0)
		return opened->reset;
	size = pread(opened->reset, text, sizeof(text), 0);
	if (size < 0)
		return -errno;
	return fwa_reset_parse(text, (size_t)size, ret_state);
}

static void opened_close(void *context)
{
	struct opened *opened = context;

	if (opened->reset >= 0)
		close(opened->reset);
	if (opened->mailbox >= 0)
		close(opened->mailbox);
	close(opened->device);
	free(opened);
}

static const struct fwa_device_operations opened_operations = {
	.info = opened_info,
	.rpc = opened_rpc,
	.mailbox = opened_mailbox,
	.reset = opened_reset,
	.close = opened_close,
};

/* A descriptor, or negative errno; -EOPNOTSUPP for no path. */
static int open_beside(const char *path)
{
	int descriptor;

	if (!*path)
		return -EOPNOTSUPP;
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? -errno : descriptor;
}

int fwa_device_open(const struct fwa_location *location, struct fwa_device_access *access,
		    struct fwa_error *error)
{
	struct opened *opened = malloc(sizeof(*opened));
	int r;

	if (!opened)
		return fwa_error(error, -ENOMEM, "out of memory");
	/* Read-only is enough for every ioctl, and all that reading should ask for. */
	opened->device = open(location->path, O_RDONLY | O_CLOEXEC);
	if (opened->device < 0) {
		r = -errno;
		free(opened);
		return fwa_error(error, r, "%s: cannot be opened: %s", location->path,
				 strerror(-r));
	}
	opened->mailbox = open_beside(location->mailbox_path);
	opened->reset = open_beside(location->reset_path);
	*access = (struct fwa_device_access){&opened_operations, opened};
	return 0;
}

void fwa_device_close(struct fwa_device_access *access)
{
	if (access->operations)
		access->operations->close(access->context);
	*access = (struct fwa_device_access){0};
}

int fwa_reset_parse(const char *text, size_t size, struct fwa_reset_state *ret_state)
{
	static const char *const names[] = {
		[FWA_RESET_COLD] = "cold",
		[FWA_RESET_CONVENTIONAL] = "conventional",
		[FWA_RESET_CXL] = "cxl",
	};
	struct fwa_reset_state state = {0};
	size_t i = 0, digits;

	for (digits = 0; i < size && text[i] >= '0' && text[i] <= '9'; i++, digits++) {
		if (digits >= 19)
			return -EBADMSG;
		state.count = state.count * 10 + (uint64_t)(text[i] - '0');
	}
	if (digits == 0 || i >= size || text[i++] != ' ' || text[size - 1] != '\n')
		return -EBADMSG;
	text += i;
	size -= i + 1; /* without the newline */
	for (uint8_t type = 0; type < sizeof(names) / sizeof(names[0]); type++)
		if (size == strlen(names[type]) && memcmp(text, names[type], size) == 0) {
			state.has_type = true;
			state.type = type;
		}
	if (!state.has_type && !(size == 4 && memcmp(text, "none", 4) == 0))
		return -EBADMSG;
	*ret_state = state;
	return 0;
}
