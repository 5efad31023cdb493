/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CXL features: Get Supported Features (0500h), Get Feature (0501h), Set Feature (0502h).
 * Layouts: CXL 3.2 section 8.2.9.6; Linux, include/uapi/cxl/features.h.
 *
 * Decoders take the mailbox payload, without the RPC's frame, and borrow from it. They
 * return 0, or -EBADMSG if the payload is too short for its fixed part.
 */
#ifndef FWA_SCHEMA_CXL_FEATURE_H
#define FWA_SCHEMA_CXL_FEATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/bytes.h"

/* Get Supported Features, in: count u32@0 (bytes), start u16@4 (index), reserved 2. */
#define FWA_CXL_SUPPORTED_FEATURES_IN_SIZE 8u
struct fwa_cxl_supported_features_in {
	uint32_t count; /* bytes of entries wanted */
	uint16_t start; /* index of the first entry wanted */
};

/* Out: entries u16@0, supported u16@2, reserved 4, then the entries. */
#define FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE 8u
struct fwa_cxl_supported_features_out {
	uint16_t count;     /* entries in this answer, as the header says */
	uint16_t supported; /* features that the device has */
	struct fwa_bytes
		entries; /* whole entries that are really there, at most `count` */
};

/* A feature entry. The 18 reserved bytes are kept so that encode(decode(x)) is x. */
#define FWA_CXL_FEATURE_ENTRY_SIZE 48u
struct fwa_cxl_feature_entry {
	uint8_t uuid[16];     /* @0 */
	uint16_t id;          /* @16 */
	uint16_t get_size;    /* @18 */
	uint16_t set_size;    /* @20 */
	uint32_t flags;       /* @22 */
	uint8_t get_version;  /* @26 */
	uint8_t set_version;  /* @27 */
	uint16_t effects;     /* @28: of Set Feature on this feature; cxl_effects.h */
	uint8_t reserved[18]; /* @30 */
};
#define FWA_CXL_FEATURE_CHANGEABLE         0x01u
#define FWA_CXL_FEATURE_PERSISTENCE_MASK   0x0eu /* deepest reset persistence */
#define FWA_CXL_FEATURE_PERSISTENCE_SHIFT  1u
#define FWA_CXL_FEATURE_PERSISTS_FW_UPDATE 0x10u
#define FWA_CXL_FEATURE_DEFAULT_READABLE   0x20u
#define FWA_CXL_FEATURE_SAVED_READABLE     0x40u

/* Get Feature, in: uuid@0, offset u16@16, count u16@18, selection u8@20. Out: the bytes.
 */
#define FWA_CXL_GET_FEATURE_IN_SIZE 21u
enum fwa_cxl_selection {
	FWA_CXL_SELECT_CURRENT = 0,
	FWA_CXL_SELECT_DEFAULT = 1,
	FWA_CXL_SELECT_SAVED = 2,
};
#define FWA_CXL_SELECT_MAX FWA_CXL_SELECT_SAVED
struct fwa_cxl_get_feature {
	uint8_t uuid[16];
	uint16_t offset;
	uint16_t count;
	uint8_t selection; /* enum fwa_cxl_selection, if the caller was honest */
};

/* Set Feature, in: uuid@0, flags u32@16, offset u16@20, version u8@22, reserved 9,
 * data@32. */
#define FWA_CXL_SET_FEATURE_HEADER_SIZE 32u
#define FWA_CXL_SET_TRANSFER_MASK       0x7u
#define FWA_CXL_SET_SAVED               0x8u /* saved across reset; Linux forces it */
enum fwa_cxl_transfer {
	FWA_CXL_TRANSFER_FULL = 0,
	FWA_CXL_TRANSFER_INITIATE = 1,
	FWA_CXL_TRANSFER_CONTINUE = 2,
	FWA_CXL_TRANSFER_FINISH = 3,
	FWA_CXL_TRANSFER_ABORT = 4,
};
struct fwa_cxl_set_feature {
	uint8_t uuid[16];
	uint32_t flags;
	uint16_t offset;
	uint8_t version;
	struct fwa_bytes data;
};

int fwa_cxl_supported_features_in_decode(const uint8_t *payload, size_t size,
					 struct fwa_cxl_supported_features_in *ret_in);
void fwa_cxl_supported_features_in_encode(
	const struct fwa_cxl_supported_features_in *in,
	uint8_t ret_payload[FWA_CXL_SUPPORTED_FEATURES_IN_SIZE]);

int fwa_cxl_supported_features_out_decode(const uint8_t *payload, size_t size,
					  struct fwa_cxl_supported_features_out *ret_out);
/* The header only; entries follow it. */
void fwa_cxl_supported_features_out_encode(
	uint16_t count, uint16_t supported,
	uint8_t ret_header[FWA_CXL_SUPPORTED_FEATURES_OUT_SIZE]);

/* `size` may exceed an entry's. */
int fwa_cxl_feature_entry_decode(const uint8_t *buffer, size_t size,
				 struct fwa_cxl_feature_entry *ret_entry);
void fwa_cxl_feature_entry_encode(const struct fwa_cxl_feature_entry *entry,
				  uint8_t ret_buffer[FWA_CXL_FEATURE_ENTRY_SIZE]);

int fwa_cxl_get_feature_decode(const uint8_t *payload, size_t size,
			       struct fwa_cxl_get_feature *ret_get);
void fwa_cxl_get_feature_encode(const struct fwa_cxl_get_feature *get,
				uint8_t ret_payload[FWA_CXL_GET_FEATURE_IN_SIZE]);

int fwa_cxl_set_feature_decode(const uint8_t *payload, size_t size,
			       struct fwa_cxl_set_feature *ret_set);
/* The header only; the data follows it. */
void fwa_cxl_set_feature_encode(const struct fwa_cxl_set_feature *set,
				uint8_t ret_header[FWA_CXL_SET_FEATURE_HEADER_SIZE]);

/* "current", "default", "saved"; "full", "initiate", ...; NULL if unknown. */
const char *fwa_cxl_selection_name(uint8_t selection);
const char *fwa_cxl_transfer_name(uint32_t flags);

/* The name of a feature that the specification defines; NULL for any other. */
const char *fwa_cxl_feature_name(const uint8_t uuid[16]);
/* True for the features that Linux keeps to itself: Set Feature gives EPERM, Get is
 * allowed. */
bool fwa_cxl_feature_exclusive(const uint8_t uuid[16]);

#endif
