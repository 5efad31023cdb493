/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record's fields as tables: one table for each kind and each nested map. Encoder, decoder,
 * walk, record.cddl and the tables in SPEC.md are all made from these, so that they agree.
 * Inside schema/ only, and for the tests that print the CDDL.
 */
#ifndef FWA_SCHEMA_RECORD_FIELDS_H
#define FWA_SCHEMA_RECORD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/cbor.h"
#include "schema/record.h"

enum fwa_presence {
	FWA_REQUIRED,
	FWA_FLAGGED,  /* there if the bool at `flag` says so; decoding it sets the bool */
	FWA_WITH,     /* there exactly if an earlier field with the same `flag` is */
	FWA_OPTIONAL, /* a byte string that may be absent */
};

struct fwa_map;

struct fwa_field {
	const char *name; /* the C member's name */
	uint16_t key;
	uint8_t type; /* enum fwa_field_type: what it means, and so how it is encoded */
	uint8_t presence; /* enum fwa_presence */
	uint16_t offset;  /* of the member in its structure */
	uint16_t flag;    /* of the `has_` member, if FLAGGED or WITH */
	uint8_t width;    /* of a number, in bytes of the member */
	uint64_t minimum; /* of a number, or of a byte string's size */
	uint64_t maximum;
	const struct fwa_map *map; /* of a nested map, or of the items of a list */
	const char *meaning;       /* one line for people */
};

struct fwa_map {
	const char *name;
	const struct fwa_field *fields; /* in ascending order of their keys */
	size_t count;
	/*
	 * What holds between fields. Returns 0; or -EBADMSG and a phrase in `*ret_reason`; or
	 * -EIO if it could not be found out. May be NULL.
	 */
	int (*check)(const void *structure, const char **ret_reason);
};

#define FWA_RECORD_KINDS 10u

/* Keys 0 to 3, in every record. Structure: struct fwa_record. */
extern const struct fwa_map fwa_record_common;

/* By kind. Structure: the member of struct fwa_record that belongs to the kind. */
extern const struct fwa_map *const fwa_record_kinds[FWA_RECORD_KINDS];

extern const struct fwa_map fwa_snapshot_item_map;
extern const struct fwa_map fwa_configuration_map;

/* Checks of the maps, see struct fwa_map. Structures are named in their definitions. */
int fwa_check_payload_ref(const void *structure, const char **ret_reason);
int fwa_check_rpc(const void *structure, const char **ret_reason);
int fwa_check_declaration(const void *structure, const char **ret_reason);
int fwa_check_snapshot_item(const void *structure, const char **ret_reason);
int fwa_check_snapshot(const void *structure, const char **ret_reason);
int fwa_check_kernel_event(const void *structure, const char **ret_reason);
int fwa_check_gap(const void *structure, const char **ret_reason);
int fwa_check_checkpoint(const void *structure, const char **ret_reason);
int fwa_check_shutdown(const void *structure, const char **ret_reason);

/* The members of a structure, by a field's description. */
bool fwa_field_present(const struct fwa_field *field, const void *structure);
uint64_t fwa_field_number(const struct fwa_field *field, const void *structure);
struct fwa_bytes fwa_field_bytes(const struct fwa_field *field, const void *structure);
const void *fwa_field_nested(const struct fwa_field *field, const void *structure);

/*
 * Decode the map at the reader into a zeroed structure and check it. Returns 0, -EBADMSG,
 * -E2BIG or -EIO; `*ret_field` names the field that a failure is about, if it is about one.
 */
int fwa_map_decode(struct fwa_cbor_reader *reader, const struct fwa_map *map,
		   void *structure, const char **ret_field);

/*
 * Pass over a list of snapshot items, decoding each: strictly ascending keys, at most
 * FWA_LIST_ITEMS_MAX. Returns as fwa_map_decode.
 */
int fwa_items_decode(struct fwa_cbor_reader *reader, const char **ret_field);

#endif
