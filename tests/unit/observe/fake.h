/* SPDX-License-Identifier: Apache-2.0 */
/* A CXL device that answers as a test wants: honestly, wrongly, or not at all. */
#ifndef FWA_TESTS_OBSERVE_FAKE_H
#define FWA_TESTS_OBSERVE_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/device/access.h"
#include "schema/cxl_feature.h"

#define FAKE_FEATURES_MAX 2000u
#define FAKE_VALUE_MAX    512u

struct fake_feature {
	struct fwa_cxl_feature_entry entry;
	uint8_t current[FAKE_VALUE_MAX], standard[FAKE_VALUE_MAX], saved[FAKE_VALUE_MAX];
	int get_error; /* of Get Feature; 0: none */
};

struct fake {
	struct fake_feature *features;
	size_t feature_count;
	/* How the list lies: */
	int list_error; /* of every page from `list_error_from` on */
	size_t list_error_from;
	uint16_t claimed;      /* number of features, when not 0 */
	bool empty_pages;      /* pages without entries */
	bool wrong_page_count; /* the header says one more than there is */
	uint16_t page_entries; /* at most as many in a page; 0: as many as fit */
	/* How Get Feature lies: */
	uint32_t retval;
	int size_error; /* added to the size that the answer claims */
	size_t cut;     /* bytes cut from the end of the answer */
	unsigned rpcs;
	/* The mailbox: */
	int mailbox_error;   /* of every command */
	uint32_t failing_id; /* of this one */
	uint32_t lsa_size;
	uint32_t piece_max; /* larger pieces are refused */
	uint8_t cel[64];
	uint32_t cel_size; /* as the list of logs says */
	bool no_cel;
	/* Another log in the list, if it has a UUID; as long as it says, whatever it holds. */
	uint8_t log_uuid[16], log[64];
	uint32_t log_size;
	uint8_t partition[32], health[18];
	unsigned mailbox_calls;
};

/* Two features (4 bytes with all selections; 8 bytes, current only), a CEL, an LSA. */
struct fake *fake_new(void);
void fake_free(struct fake *fake);

/* Make it have this many features of `size` bytes. */
void fake_features(struct fake *fake, size_t count, uint16_t size);

/* Not to be closed. */
struct fwa_device_access fake_access(struct fake *fake);

#endif
