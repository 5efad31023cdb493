/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/wal_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"
#include "verifier/evidence/evidence_files.h"

#define MAGIC         0x377f0682u /* its last bit: checksum words are big endian */
#define FORMAT        3007000u
#define PAGE_SIZE_MIN 512u
#define PAGE_SIZE_MAX 65536u

struct scanner {
	bool big_endian;
	uint32_t sum[2];
	uint8_t salt[8];
};

/* The running checksum of section 4.2; `size` is a multiple of 8. */
static void checksum(struct scanner *scanner, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 8) {
		uint32_t x =
			scanner->big_endian ? fwa_be32(data + i) : fwa_le32(data + i);
		uint32_t y = scanner->big_endian ? fwa_be32(data + i + 4)
						 : fwa_le32(data + i + 4);

		scanner->sum[0] += x + scanner->sum[1];
		scanner->sum[1] += y + scanner->sum[0];
	}
}

static bool sum_is(const struct scanner *scanner, const uint8_t *stored)
{
	return scanner->sum[0] == fwa_be32(stored) &&
	       scanner->sum[1] == fwa_be32(stored + 4);
}

static bool parse_header(const uint8_t *header, struct scanner *scanner,
			 uint32_t *ret_page_size)
{
	uint32_t page_size = fwa_be32(header + 8);

	if ((fwa_be32(header) & ~1u) != MAGIC || fwa_be32(header + 4) != FORMAT)
		return false;
	if (page_size < PAGE_SIZE_MIN || page_size > PAGE_SIZE_MAX ||
	    (page_size & (page_size - 1)) != 0)
		return false;
	*scanner = (struct scanner){.big_endian = fwa_be32(header) & 1};
	memcpy(scanner->salt, header + 16, sizeof(scanner->salt));
	checksum(scanner, header, 24);
	*ret_page_size = page_size;
	return sum_is(scanner, header + 24);
}

/* Is this frame the next valid one? Moves the running checksum on. */
static bool frame_follows(struct scanner *scanner, const uint8_t *frame,
			  uint32_t page_size)
{
	if (fwa_be32(frame) == 0)
		return false;
	if (memcmp(frame + 8, scanner->salt, sizeof(scanner->salt)) != 0)
		return false;
	checksum(scanner, frame, 8);
	checksum(scanner, frame + FWA_WAL_FRAME_HEADER_SIZE, page_size);
	return sum_is(scanner, frame + 16);
}

static int scan_frames(int descriptor, uint64_t size, struct scanner *scanner,
		       uint8_t *frame, struct fwa_wal_scan *scan)
{
	uint64_t frame_size = FWA_WAL_FRAME_HEADER_SIZE + scan->page_size;
	uint64_t offset, frames = 0;
	bool broken = false;

	for (offset = FWA_WAL_HEADER_SIZE; size - offset >= frame_size;
	     offset += frame_size) {
		uint64_t want = broken ? FWA_WAL_FRAME_HEADER_SIZE : frame_size;
		int64_t got = fwa_read_at(descriptor, frame, want, offset);
		bool commit;

		if (got < 0)
			return (int)got;
		if ((uint64_t)got < want)
			return 0;
		commit = fwa_be32(frame + 4) != 0;
		if (!broken && frame_follows(scanner, frame, scan->page_size)) {
			frames++;
			if (commit) {
				scan->frames = frames;
				scan->transactions++;
				scan->committed_size = offset + frame_size;
			}
			continue;
		}
		broken = true;
		if (commit &&
		    memcmp(frame + 8, scanner->salt, sizeof(scanner->salt)) == 0)
			scan->stranded++;
	}
	return 0;
}

int fwa_wal_scan(int descriptor, uint64_t size, struct fwa_wal_scan *ret_scan)
{
	struct fwa_wal_scan scan = {0};
	uint8_t header[FWA_WAL_HEADER_SIZE];
	struct scanner scanner;
	uint8_t *frame;
	int64_t got;
	int result;

	if (size < sizeof(header)) {
		*ret_scan = scan;
		return 0;
	}
	got = fwa_read_at(descriptor, header, sizeof(header), 0);
	if (got < 0)
		return (int)got;
	scan.header_valid = (size_t)got == sizeof(header) &&
			    parse_header(header, &scanner, &scan.page_size);
	if (!scan.header_valid) {
		*ret_scan = (struct fwa_wal_scan){0};
		return 0;
	}
	frame = malloc(FWA_WAL_FRAME_HEADER_SIZE + scan.page_size);
	if (!frame)
		return -ENOMEM;
	result = scan_frames(descriptor, size, &scanner, frame, &scan);
	free(frame);
	if (result == 0)
		*ret_scan = scan;
	return result;
}
