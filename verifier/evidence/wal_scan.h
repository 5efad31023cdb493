/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write-ahead log holds (sqlite.org/fileformat2.html, section 4).
 *
 * SQLite takes the frames up to the last one that ends a transaction and whose running checksum
 * holds, and says nothing about what comes after. So a byte changed early in the log makes
 * committed transactions vanish without a word. This finds that out.
 */
#ifndef FWA_VERIFIER_WAL_SCAN_H
#define FWA_VERIFIER_WAL_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#define FWA_WAL_HEADER_SIZE       32u
#define FWA_WAL_FRAME_HEADER_SIZE 24u

struct fwa_wal_scan {
	bool header_valid;
	uint32_t page_size;
	uint64_t frames;         /* up to the last valid end of a transaction */
	uint64_t transactions;   /* of them, ends of a transaction */
	uint64_t committed_size; /* bytes of the log up to there; 0: nothing committed */
	/*
	 * Ends of transactions of the same generation behind the first frame that is not
	 * valid. A machine that lost power may leave one (its sync was under way); two
	 * cannot be, since the first was synced before the second was begun.
	 */
	uint64_t stranded;
};

/*
 * Scan the first `size` bytes of the log behind `descriptor`. A log that is not one gives a scan
 * with header_valid false. Returns 0; negative errno if it cannot be read; -ENOMEM.
 */
int fwa_wal_scan(int descriptor, uint64_t size, struct fwa_wal_scan *ret_scan);

#endif
