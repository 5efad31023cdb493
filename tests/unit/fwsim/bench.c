/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fwsim/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse(const char *inside, struct fwsim_scenario **ret_scenario,
		 struct fwa_error *error)
{
	size_t size = strlen(inside) + 128;
	char *text = malloc(size);
	int r;

	assert_non_null(text);
	snprintf(text, size,
		 "{\"format\": \"fwsim-scenario/1\", \"devices\": [{\"name\": "
		 "\"fwctl3\"%s%s}]}",
		 *inside ? ", " : "", inside);
	r = fwsim_scenario_parse("test.json", text, strlen(text), ret_scenario, error);
	free(text);
	return r;
}

int bench_try(const char *inside, struct fwa_error *error)
{
	struct fwsim_scenario *scenario;
	int r = parse(inside, &scenario, error);

	if (r == 0)
		fwsim_scenario_free(scenario);
	return r;
}

struct bench *bench_new(const char *inside)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct fwa_error error = {""};

	assert_non_null(bench);
	if (parse(inside, &bench->scenario, &error) < 0)
		fail_msg("%s", error.sentence);
	bench->device = bench->scenario->devices[0];
	bench->now = 1000 * MS;
	assert_int_equal(fwsim_device_start(bench->device, bench->now), 0);
	return bench;
}

void bench_free(struct bench *bench)
{
	fwsim_scenario_free(bench->scenario);
	free(bench);
}

static const uint8_t *uuid_of(struct bench *bench, const char *name)
{
	size_t i;

	for (i = 0; i < bench->device->feature_count; i++) {
		if (bench->device->features[i].name &&
		    strcmp(bench->device->features[i].name, name) == 0)
			return bench->device->features[i].entry.data;
	}
	fail_msg("no feature %s", name);
	return NULL;
}

int bench_rpc(struct bench *bench, uint8_t scope, uint16_t opcode, const void *payload,
	      size_t size, size_t room)
{
	struct fwsim_call call = {.scope = scope, .out = bench->out, .out_size = room};
	struct fwa_cxl_response response;
	uint8_t *in = malloc(FWA_CXL_REQUEST_HEADER_SIZE + size);
	int r;

	assert_non_null(in);
	assert_true(room <= sizeof(bench->out));
	fwa_cxl_request_header_encode(opcode, (uint32_t)size, in);
	if (size)
		memcpy(in + FWA_CXL_REQUEST_HEADER_SIZE, payload, size);
	memset(bench->out, 0, sizeof(bench->out));
	call.in = in;
	call.in_size = FWA_CXL_REQUEST_HEADER_SIZE + size;
	call.now = bench->now;
	r = fwsim_cxl_rpc(bench->device, &call);
	free(in);
	bench->out_length = call.out_length;
	bench->latency = call.latency;
	bench->retval = 0xdead;
	if (r == 0 && fwa_cxl_response_decode(bench->out, room, &response) == 0)
		bench->retval = response.retval;
	return r;
}

int bench_get(struct bench *bench, const char *feature, uint8_t selection,
	      uint16_t offset, uint16_t count)
{
	struct fwa_cxl_get_feature get = {
		.offset = offset, .count = count, .selection = selection};
	uint8_t payload[FWA_CXL_GET_FEATURE_IN_SIZE];

	memcpy(get.uuid, uuid_of(bench, feature), 16);
	fwa_cxl_get_feature_encode(&get, payload);
	return bench_rpc(bench, 0, FWA_CXL_GET_FEATURE, payload, sizeof(payload),
			 (size_t)count + 16);
}

int bench_set_part(struct bench *bench, const char *feature, uint8_t scope,
		   uint32_t flags, uint16_t offset, uint8_t version, const void *data,
		   size_t size)
{
	struct fwa_cxl_set_feature set = {
		.flags = flags, .offset = offset, .version = version};
	uint8_t *payload = malloc(FWA_CXL_SET_FEATURE_HEADER_SIZE + size);
	int r;

	assert_non_null(payload);
	memcpy(set.uuid, uuid_of(bench, feature), 16);
	fwa_cxl_set_feature_encode(&set, payload);
	if (size)
		memcpy(payload + FWA_CXL_SET_FEATURE_HEADER_SIZE, data, size);
	r = bench_rpc(bench, scope, FWA_CXL_SET_FEATURE, payload,
		      FWA_CXL_SET_FEATURE_HEADER_SIZE + size, 16);
	free(payload);
	return r;
}

int bench_set(struct bench *bench, const char *feature, const void *data, size_t size)
{
	return bench_set_part(bench, feature, 3, 0, 0, 1, data, size);
}

void bench_expect(struct bench *bench, const char *feature, uint8_t selection,
		  const char *four_bytes)
{
	assert_int_equal(bench_get(bench, feature, selection, 0, 4), 0);
	assert_int_equal(bench->retval, 0);
	assert_memory_equal(bench->out + 8, four_bytes, 4);
}

uint32_t bench_mailbox(struct bench *bench, uint16_t opcode, const void *payload,
		       size_t size, size_t *ret_size)
{
	struct fwsim_command command = {
		.opcode = opcode,
		.payload = {.data = payload, .size = size},
		.scope = FWSIM_SCOPE_ANY,
		.door = FWSIM_DOOR_MAILBOX,
		.now = bench->now,
	};
	struct fwsim_reply reply = {.data = bench->out, .capacity = 4096};

	assert_int_equal(fwsim_device_execute(bench->device, &command, &reply), 0);
	*ret_size = reply.size;
	return reply.retval;
}
