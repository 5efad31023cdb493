/* SPDX-License-Identifier: Apache-2.0 */
/* What the cxl core does with an ioctl on /dev/cxl/memN (Linux, drivers/cxl/core/mbox.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "tools/fwsim/caller.h"
#include "tools/fwsim/cxl_driver.h"
#include "tools/fwsim/served.h"

static int check(struct fwsim_served *served, const struct fwa_cxl_mem_send *send,
		 const struct fwa_cxl_mem_command_info **ret_info)
{
	int r;

	pthread_mutex_lock(&served->lock);
	fwsim_device_settle(served->device, fwsim_now());
	r = served->device->gone ? -ENXIO
				 : fwsim_cxl_mem_check(served->device, send, ret_info);
	pthread_mutex_unlock(&served->lock);
	return r;
}

static int execute(struct fwsim_served *served, struct fwsim_command *command,
		   struct fwsim_reply *reply)
{
	int r;

	command->wall_clock = fwsim_wall_clock();
	pthread_mutex_lock(&served->lock);
	command->now = fwsim_now();
	r = fwsim_device_execute(served->device, command, reply);
	pthread_mutex_unlock(&served->lock);
	fwsim_wait(reply->latency);
	return r;
}

int fwsim_mem_send(struct fwsim_served *served, pid_t tid,
		   uint8_t structure[FWA_CXL_MEM_SEND_COMMAND_SIZE])
{
	const struct fwa_cxl_mem_command_info *info;
	struct fwsim_reply reply = {0};
	struct fwsim_command command;
	struct fwa_cxl_mem_send send;
	uint8_t *in = NULL;
	int r;

	fwa_cxl_mem_send_decode(structure, &send);
	r = check(served, &send, &info);
	if (r < 0)
		return r;
	reply.capacity = info->size_out == FWA_CXL_MEM_VARIABLE
				 ? served->device->mailbox_payload
				 : info->size_out;
	in = malloc((size_t)send.in_size + 1);
	reply.data = calloc(1, reply.capacity + 1);
	r = in && reply.data ? 0 : -ENOMEM;
	if (r == 0)
		r = fwsim_caller_read(tid, send.in_payload, in, send.in_size);
	if (r == 0) {
		command = (struct fwsim_command){
			.opcode = info->opcode,
			.payload = {.data = in, .size = send.in_size},
			.scope = FWSIM_SCOPE_ANY,
			.door = FWSIM_DOOR_MAILBOX,
		};
		r = execute(served, &command, &reply);
	}
	if (r == 0 && reply.size > send.out_size)
		reply.size = send.out_size;
	if (r == 0)
		r = fwsim_caller_write(tid, send.out_payload, reply.data, reply.size);
	if (r == 0) {
		send.out_size = (uint32_t)reply.size;
		send.retval = reply.retval;
		fwa_cxl_mem_send_encode(&send, structure);
	}
	free(reply.data);
	free(in);
	return r;
}

int fwsim_mem_query(struct fwsim_served *served, pid_t tid, uint64_t argument,
		    uint8_t ret_header[FWA_CXL_MEM_QUERY_HEADER_SIZE])
{
	const struct fwa_cxl_mem_command_info *info;
	uint8_t entry[FWA_CXL_MEM_COMMAND_INFO_SIZE];
	uint32_t wanted;
	size_t count;
	int r;

	(void)served;
	r = fwsim_caller_read(tid, argument, ret_header, FWA_CXL_MEM_QUERY_HEADER_SIZE);
	if (r < 0)
		return r;
	wanted = fwa_le32(ret_header);
	if (wanted == 0) {
		for (count = 0; fwa_cxl_mem_command_at(count); count++)
			;
		fwa_put_le32(ret_header, (uint32_t)count);
		return 0;
	}
	for (count = 0; count < wanted && (info = fwa_cxl_mem_command_at(count));
	     count++) {
		fwa_put_le32(entry, info->id);
		fwa_put_le32(entry + 4, 0);
		fwa_put_le32(entry + 8, info->size_in);
		fwa_put_le32(entry + 12, info->size_out);
		r = fwsim_caller_write(tid,
				       argument + FWA_CXL_MEM_QUERY_HEADER_SIZE +
					       count * sizeof(entry),
				       entry, sizeof(entry));
		if (r < 0)
			return r;
	}
	return 0;
}
