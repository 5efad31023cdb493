/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/observe/fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"
#include "schema/cxl_mailbox.h"
#include "schema/cxl_rpc.h"

static int list_page(struct fake *fake, const struct fwa_cxl_request *request,
		     uint8_t *payload, size_t room, size_t *ret_size)
{
	struct fwa_cxl_supported_features_in in;
	uint16_t supported, count = 0;

	if (fwa_cxl_supported_features_in_decode(request->payload.data,
						 request->payload.size, &in) < 0)
		return -EINVAL;
	if (fake->list_error && in.start >= fake->list_error_from)
		return fake->list_error;
	supported = fake->claimed ? fake->claimed : (uint16_t)fake->feature_count;
	payload += FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE;
	room -= FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE;
	while (!fake->empty_pages && in.start + count < fake->feature_count &&
	       (count + 1u) * FWA_CXL_FEATURE_ENTRY_SIZE <= room &&
	       (!fake->page_entries || count < fake->page_entries)) {
		fwa_cxl_feature_entry_encode(&fake->features[in.start + count].entry,
					     payload +
						     count * FWA_CXL_FEATURE_ENTRY_SIZE);
		count++;
	}
	fwa_cxl_supported_features_out_encode(
		(uint16_t)(count + fake->wrong_page_count), supported,
		payload - FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE);
	*ret_size =
		FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE + count * FWA_CXL_FEATURE_ENTRY_SIZE;
	return 0;
}

static int get_feature(struct fake *fake, const struct fwa_cxl_request *request,
		       uint8_t *payload, size_t *ret_size)
{
	struct fwa_cxl_get_feature get;

	if (fwa_cxl_get_feature_decode(request->payload.data, request->payload.size,
				       &get) < 0)
		return -EINVAL;
	for (size_t i = 0; i < fake->feature_count; i++) {
		struct fake_feature *feature = &fake->features[i];

		if (memcmp(feature->entry.uuid, get.uuid, sizeof(get.uuid)) != 0)
			continue;
		if (feature->get_error)
			return feature->get_error;
		memcpy(payload,
		       get.selection == FWA_CXL_SELECT_CURRENT   ? feature->current
		       : get.selection == FWA_CXL_SELECT_DEFAULT ? feature->standard
								 : feature->saved,
		       get.count);
		*ret_size = get.count;
		return 0;
	}
	return -EINVAL;
}

static int fake_rpc(void *context, uint32_t scope, const uint8_t *request,
		    size_t request_size, uint8_t *response, size_t capacity,
		    size_t *ret_size)
{
	struct fake *fake = context;
	struct fwa_cxl_request decoded;
	size_t size = 0;
	int r = -EINVAL;

	(void)scope;
	fake->rpcs++;
	if (fwa_cxl_request_decode(request, request_size, &decoded) < 0)
		return -EINVAL;
	if (decoded.opcode == FWA_CXL_GET_SUPPORTED_FEATURES)
		r = list_page(fake, &decoded, response + FWA_CXL_RESPONSE_HEADER_SIZE,
			      capacity - FWA_CXL_RESPONSE_COUNTED_HEADER_SIZE, &size);
	else if (decoded.opcode == FWA_CXL_GET_FEATURE)
		r = get_feature(fake, &decoded, response + FWA_CXL_RESPONSE_HEADER_SIZE,
				&size);
	if (r < 0)
		return r;
	if (decoded.opcode == FWA_CXL_GET_FEATURE)
		fwa_cxl_response_header_encode((uint32_t)((int)size + fake->size_error),
					       fake->retval, response);
	else
		fwa_cxl_response_header_encode((uint32_t)size, 0, response);
	size += FWA_CXL_RESPONSE_HEADER_SIZE;
	*ret_size = decoded.opcode == FWA_CXL_GET_FEATURE && fake->cut < size
			    ? size - fake->cut
			    : size;
	return 0;
}

static int answer(uint8_t *response, size_t capacity, size_t *ret_size, const void *bytes,
		  size_t size)
{
	*ret_size = size < capacity ? size : capacity;
	memcpy(response, bytes, *ret_size);
	return 0;
}

static int piece(struct fake *fake, uint32_t offset, uint32_t length, uint32_t whole,
		 const uint8_t *bytes, uint8_t *response, size_t capacity,
		 size_t *ret_size)
{
	if (length > fake->piece_max || length > capacity || offset > whole ||
	    length > whole - offset)
		return -EREMOTEIO;
	for (uint32_t i = 0; i < length; i++)
		response[i] = bytes ? bytes[(offset + i) % 64] : (uint8_t)(offset + i);
	*ret_size = length;
	return 0;
}

static int logs(struct fake *fake, uint8_t *response, size_t capacity, size_t *ret_size)
{
	static const uint8_t none[16];
	uint8_t list[FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE +
		     2 * FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE];
	struct fwa_cxl_log_entry entry = {.size = fake->cel_size};
	uint16_t count = memcmp(fake->log_uuid, none, sizeof(none)) ? 2 : 1;

	memcpy(entry.uuid, fake->no_cel ? fwa_cxl_vendor_log_uuid : fwa_cxl_cel_uuid, 16);
	fwa_cxl_supported_logs_header_encode(count, list);
	fwa_cxl_log_entry_encode(&entry, list + FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE);
	memcpy(entry.uuid, fake->log_uuid, sizeof(entry.uuid));
	entry.size = fake->log_size;
	fwa_cxl_log_entry_encode(&entry, list + FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE +
						 FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE);
	return answer(response, capacity, ret_size, list,
		      FWA_CXL_SUPPORTED_LOGS_HEADER_SIZE +
			      count * FWA_CXL_SUPPORTED_LOGS_ENTRY_SIZE);
}

static int fake_mailbox(void *context, uint32_t id, const uint8_t *request,
			size_t request_size, uint8_t *response, size_t capacity,
			size_t *ret_size)
{
	struct fake *fake = context;
	uint8_t bytes[128] = {0};
	struct fwa_cxl_get_lsa lsa;
	struct fwa_cxl_get_log log;

	fake->mailbox_calls++;
	if (fake->mailbox_error)
		return fake->mailbox_error;
	if (id == fake->failing_id)
		return -EREMOTEIO;
	switch (id) {
	case FWA_CXL_MEM_IDENTIFY:
		memcpy(bytes, "fake 1.0", 8);
		fwa_put_le32(bytes + FWA_CXL_IDENTIFY_LSA_SIZE_OFFSET, fake->lsa_size);
		return answer(response, capacity, ret_size, bytes, FWA_CXL_IDENTIFY_SIZE);
	case FWA_CXL_MEM_GET_PARTITION_INFO:
		return answer(response, capacity, ret_size, fake->partition,
			      sizeof(fake->partition));
	case FWA_CXL_MEM_GET_HEALTH_INFO:
		return answer(response, capacity, ret_size, fake->health,
			      sizeof(fake->health));
	case FWA_CXL_MEM_GET_SUPPORTED_LOGS:
		return logs(fake, response, capacity, ret_size);
	case FWA_CXL_MEM_GET_LSA:
		if (fwa_cxl_get_lsa_decode(request, request_size, &lsa) < 0)
			return -EINVAL;
		return piece(fake, lsa.offset, lsa.length, fake->lsa_size, NULL, response,
			     capacity, ret_size);
	case FWA_CXL_MEM_GET_LOG:
		if (fwa_cxl_get_log_decode(request, request_size, &log) < 0)
			return -EINVAL;
		if (memcmp(log.uuid, fwa_cxl_cel_uuid, 16) != 0)
			return piece(fake, log.offset, log.length, fake->log_size,
				     fake->log, response, capacity, ret_size);
		return piece(fake, log.offset, log.length, fake->cel_size, fake->cel,
			     response, capacity, ret_size);
	default:
		return answer(response, capacity, ret_size, bytes, capacity);
	}
}

void fake_features(struct fake *fake, size_t count, uint16_t size)
{
	free(fake->features);
	fake->features = calloc(count, sizeof(*fake->features));
	fake->feature_count = count;
	for (size_t i = 0; fake->features && i < count; i++) {
		fwa_put_be32(fake->features[i].entry.uuid, (uint32_t)i + 1);
		fake->features[i].entry.get_size = size;
		fake->features[i].current[0] = (uint8_t)i;
	}
}

struct fake *fake_new(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return NULL;
	fake_features(fake, 2, 4);
	fake->features[0].entry.flags = FWA_CXL_FEATURE_CHANGEABLE |
					FWA_CXL_FEATURE_DEFAULT_READABLE |
					FWA_CXL_FEATURE_SAVED_READABLE;
	fake->features[1].entry.get_size = 8;
	fake->lsa_size = 5000;
	fake->piece_max = 4096;
	fake->cel_size = 8;
	fwa_put_le16(fake->cel, FWA_CXL_SET_FEATURE);
	fwa_put_le16(fake->cel + 2, 0x0001);
	return fake;
}

void fake_free(struct fake *fake)
{
	if (fake)
		free(fake->features);
	free(fake);
}

struct fwa_device_access fake_access(struct fake *fake)
{
	static const struct fwa_device_operations operations = {.rpc = fake_rpc,
								.mailbox = fake_mailbox};

	return (struct fwa_device_access){&operations, fake};
}
