/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/cxl_feature.h"

#include <errno.h>
#include <string.h>

int fwa_cxl_supported_features_in_decode(const uint8_t *payload, size_t size,
					 struct fwa_cxl_supported_features_in *ret_in)
{
	if (size < FWA_CXL_SUPPORTED_FEATURES_IN_SIZE)
		return -EBADMSG;
	*ret_in = (struct fwa_cxl_supported_features_in){
		.count = fwa_le32(payload),
		.start = fwa_le16(payload + 4),
	};
	return 0;
}

void fwa_cxl_supported_features_in_encode(
	const struct fwa_cxl_supported_features_in *in,
	uint8_t ret_payload[FWA_CXL_SUPPORTED_FEATURES_IN_SIZE])
{
	fwa_put_le32(ret_payload, in->count);
	fwa_put_le16(ret_payload + 4, in->start);
	fwa_put_le16(ret_payload + 6, 0);
}

int fwa_cxl_supported_features_out_decode(const uint8_t *payload, size_t size,
					  struct fwa_cxl_supported_features_out *ret_out)
{
	size_t present, count;

	if (size < FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE)
		return -EBADMSG;
	count = fwa_le16(payload);
	present =
		(size - FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE) / FWA_CXL_FEATURE_ENTRY_SIZE;
	*ret_out = (struct fwa_cxl_supported_features_out){
		.count = fwa_le16(payload),
		.supported = fwa_le16(payload + 2),
		.entries =
			{
				.data = payload + FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE,
				.size = (count < present ? count : present) *
					FWA_CXL_FEATURE_ENTRY_SIZE,
			},
	};
	return 0;
}

void fwa_cxl_supported_features_out_encode(
	uint16_t count, uint16_t supported,
	uint8_t ret_header[FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE])
{
	fwa_put_le16(ret_header, count);
	fwa_put_le16(ret_header + 2, supported);
	fwa_put_le32(ret_header + 4, 0);
}

int fwa_cxl_feature_entry_decode(const uint8_t *buffer, size_t size,
				 struct fwa_cxl_feature_entry *ret_entry)
{
	if (size < FWA_CXL_FEATURE_ENTRY_SIZE)
		return -EBADMSG;
	*ret_entry = (struct fwa_cxl_feature_entry){
		.id = fwa_le16(buffer + 16),
		.get_size = fwa_le16(buffer + 18),
		.set_size = fwa_le16(buffer + 20),
		.flags = fwa_le32(buffer + 22),
		.get_version = buffer[26],
		.set_version = buffer[27],
		.effects = fwa_le16(buffer + 28),
	};
	memcpy(ret_entry->uuid, buffer, sizeof(ret_entry->uuid));
	memcpy(ret_entry->reserved, buffer + 30, sizeof(ret_entry->reserved));
	return 0;
}

void fwa_cxl_feature_entry_encode(const struct fwa_cxl_feature_entry *entry,
				  uint8_t ret_buffer[FWA_CXL_FEATURE_ENTRY_SIZE])
{
	memcpy(ret_buffer, entry->uuid, sizeof(entry->uuid));
	fwa_put_le16(ret_buffer + 16, entry->id);
	fwa_put_le16(ret_buffer + 18, entry->get_size);
	fwa_put_le16(ret_buffer + 20, entry->set_size);
	fwa_put_le32(ret_buffer + 22, entry->flags);
	ret_buffer[26] = entry->get_version;
	ret_buffer[27] = entry->set_version;
	fwa_put_le16(ret_buffer + 28, entry->effects);
	memcpy(ret_buffer + 30, entry->reserved, sizeof(entry->reserved));
}

int fwa_cxl_get_feature_decode(const uint8_t *payload, size_t size,
			       struct fwa_cxl_get_feature *ret_get)
{
	if (size < FWA_CXL_GET_FEATURE_IN_SIZE)
		return -EBADMSG;
	memcpy(ret_get->uuid, payload, sizeof(ret_get->uuid));
	ret_get->offset = fwa_le16(payload + 16);
	ret_get->count = fwa_le16(payload + 18);
	ret_get->selection = payload[20];
	return 0;
}

void fwa_cxl_get_feature_encode(const struct fwa_cxl_get_feature *get,
				uint8_t ret_payload[FWA_CXL_GET_FEATURE_IN_SIZE])
{
	memcpy(ret_payload, get->uuid, sizeof(get->uuid));
	fwa_put_le16(ret_payload + 16, get->offset);
	fwa_put_le16(ret_payload + 18, get->count);
	ret_payload[20] = get->selection;
}

int fwa_cxl_set_feature_decode(const uint8_t *payload, size_t size,
			       struct fwa_cxl_set_feature *ret_set)
{
	if (size < FWA_CXL_SET_FEATURE_HEADER_SIZE)
		return -EBADMSG;
	memcpy(ret_set->uuid, payload, sizeof(ret_set->uuid));
	ret_set->flags = fwa_le32(payload + 16);
	ret_set->offset = fwa_le16(payload + 20);
	ret_set->version = payload[22];
	ret_set->data = (struct fwa_bytes){
		.data = payload + FWA_CXL_SET_FEATURE_HEADER_SIZE,
		.size = size - FWA_CXL_SET_FEATURE_HEADER_SIZE,
	};
	return 0;
}

void fwa_cxl_set_feature_encode(const struct fwa_cxl_set_feature *set,
				uint8_t ret_header[FWA_CXL_SET_FEATURE_HEADER_SIZE])
{
	memset(ret_header, 0, FWA_CXL_SET_FEATURE_HEADER_SIZE);
	memcpy(ret_header, set->uuid, sizeof(set->uuid));
	fwa_put_le32(ret_header + 16, set->flags);
	fwa_put_le16(ret_header + 20, set->offset);
	ret_header[22] = set->version;
}

const char *fwa_cxl_selection_name(uint8_t selection)
{
	static const char *const names[] = {"current", "default", "saved"};

	return selection <= FWA_CXL_SELECT_MAX ? names[selection] : NULL;
}

const char *fwa_cxl_transfer_name(uint32_t flags)
{
	static const char *const names[] = {"full", "initiate", "continue", "finish",
					    "abort"};
	uint32_t transfer = flags & FWA_CXL_SET_TRANSFER_MASK;

	return transfer <= FWA_CXL_TRANSFER_ABORT ? names[transfer] : NULL;
}

/* Linux, include/cxl/features.h: all of them are kept by the kernel. */
static const struct {
	uint8_t uuid[16];
	const char *name;
} exclusive[] = {
	{{0x96, 0xda, 0xd7, 0xd6, 0xfd, 0xe8, 0x48, 0x2b, 0xa7, 0x33, 0x75, 0x77, 0x4e,
	  0x06, 0xdb, 0x8a},
	 "Device Patrol Scrub Control"},
	{{0xe5, 0xb1, 0x3f, 0x22, 0x23, 0x28, 0x4a, 0x14, 0xb8, 0xba, 0xb9, 0x69, 0x1e,
	  0x89, 0x33, 0x86},
	 "DDR5 ECS Control"},
	{{0x89, 0x2b, 0xa4, 0x75, 0xfa, 0xd8, 0x47, 0x4e, 0x9d, 0x3e, 0x69, 0x2c, 0x91,
	  0x75, 0x68, 0xbb},
	 "sPPR Maintenance"},
	{{0x80, 0xea, 0x45, 0x21, 0x78, 0x6f, 0x41, 0x27, 0xaf, 0xb1, 0xec, 0x74, 0x59,
	  0xfb, 0x0e, 0x24},
	 "hPPR Maintenance"},
	{{0x96, 0xc3, 0x33, 0x86, 0x91, 0xdd, 0x44, 0xc7, 0x9e, 0xcb, 0xfd, 0xaf, 0x65,
	  0x03, 0xba, 0xc4},
	 "Cacheline Sparing"},
	{{0x45, 0x0e, 0xbf, 0x67, 0xb1, 0x35, 0x4f, 0x97, 0xa4, 0x98, 0xc2, 0xd5, 0x7f,
	  0x27, 0x9b, 0xed},
	 "Row Sparing"},
	{{0x78, 0xb7, 0x96, 0x36, 0x90, 0xac, 0x4b, 0x64, 0xa4, 0xef, 0xfa, 0xac, 0x5d,
	  0x18, 0xa8, 0x63},
	 "Bank Sparing"},
	{{0x34, 0xdb, 0xaf, 0xf5, 0x05, 0x52, 0x42, 0x81, 0x8f, 0x76, 0xda, 0x0b, 0x5e,
	  0x7a, 0x76, 0xa7},
	 "Rank Sparing"},
};

const char *fwa_cxl_feature_name(const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < sizeof(exclusive) / sizeof(exclusive[0]); i++) {
		if (memcmp(exclusive[i].uuid, uuid, 16) == 0)
			return exclusive[i].name;
	}
	return NULL;
}

bool fwa_cxl_feature_exclusive(const uint8_t uuid[16])
{
	return fwa_cxl_feature_name(uuid) != NULL;
}
