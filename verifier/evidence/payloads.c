/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/evidence/payloads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/hash.h"
#include "schema/ledger_sql.h"
#include "verifier/evidence/payload_zstd.h"

#define TABLE "payload"
#define PARTS 2u /* request, response; two of the four ids of a record are never used */

struct fwa_payloads {
	struct fwa_ledger_reader *reader;
	struct fwa_findings *findings;
	uint8_t *buffers[PARTS];
	struct fwa_payload_row row;
	bool has_row;
	bool damaged; /* the table could not be read to its end */
	uint64_t count;
};

static const char *part_name(unsigned part)
{
	return part == FWA_PAYLOAD_REQUEST ? "request" : "response";
}

/* Move to the next row. */
static int advance(struct fwa_payloads *payloads, struct fwa_error *error)
{
	struct fwa_finding finding;
	int result = fwa_ledger_reader_payload(payloads->reader, &payloads->row, error);

	payloads->has_row = result > 0;
	if (result >= 0)
		return 0;
	if (result != -EBADMSG)
		return result;
	payloads->damaged = true;
	fwa_finding_make(&finding, FWA_A01, "%s", error->sentence);
	finding.table = TABLE;
	return fwa_findings_add(payloads->findings, &finding);
}

int fwa_payloads_new(struct fwa_ledger_reader *reader, struct fwa_findings *findings,
		     struct fwa_payloads **ret_payloads, struct fwa_error *error)
{
	struct fwa_payloads *payloads = calloc(1, sizeof(*payloads));
	unsigned part;
	int result = fwa_error(error, -ENOMEM, "Out of memory.");

	if (!payloads)
		return result;
	payloads->reader = reader;
	payloads->findings = findings;
	for (part = 0; part < PARTS; part++) {
		payloads->buffers[part] = malloc(FWA_PAYLOAD_SIZE_MAX);
		if (!payloads->buffers[part])
			goto err;
	}
	result = advance(payloads, error);
	if (result < 0)
		goto err;
	*ret_payloads = payloads;
	return 0;
err:
	fwa_payloads_free(payloads);
	return result;
}

void fwa_payloads_free(struct fwa_payloads *payloads)
{
	unsigned part;

	if (!payloads)
		return;
	for (part = 0; part < PARTS; part++)
		free(payloads->buffers[part]);
	free(payloads);
}

/* Rows up to `last` that are still here belong to no record. */
static int pass_over(struct fwa_payloads *payloads, int64_t last, struct fwa_error *error)
{
	int result = 0;

	while (result == 0 && payloads->has_row && payloads->row.id <= last) {
		struct fwa_finding finding;
		int64_t extra = payloads->row.id;

		fwa_finding_make(&finding, FWA_A06,
				 "Payload %" PRId64
				 " is in the ledger, and record %" PRId64
				 " has no such payload.",
				 extra, extra >= 0 ? extra / 4 : extra);
		fwa_finding_place(&finding, TABLE, extra);
		result = fwa_findings_add(payloads->findings, &finding);
		if (result == 0)
			result = advance(payloads, error);
	}
	return result;
}

const char *fwa_payload_restore(const struct fwa_payload_row *row, uint64_t captured,
				uint8_t *buffer)
{
	if (captured > FWA_PAYLOAD_SIZE_MAX)
		return "is larger than any payload can be";
	if (row->salt.size != FWA_SALT_SIZE)
		return "has a salt of the wrong size";
	switch (row->codec) {
	case FWA_PAYLOAD_RAW:
		if (row->bytes.size != captured)
			return "has another size than its record says";
		memcpy(buffer, row->bytes.data, row->bytes.size);
		return NULL;
	case FWA_PAYLOAD_ZSTD:
		return fwa_payload_zstd(row->bytes, captured, buffer);
	default:
		return "is stored in a way that this format does not know";
	}
}

/* The row is there: is it what the record says? */
static const char *compare(struct fwa_payloads *payloads,
			   const struct fwa_payload_ref *reference, unsigned part,
			   int *ret_error)
{
	const struct fwa_payload_row *row = &payloads->row;
	uint8_t digest[FWA_DIGEST_SIZE];
	struct fwa_bytes parts[2];
	const char *wrong =
		fwa_payload_restore(row, reference->captured, payloads->buffers[part]);

	*ret_error = 0;
	if (wrong)
		return wrong;
	parts[0] = row->salt;
	parts[1] = (struct fwa_bytes){payloads->buffers[part], reference->captured};
	*ret_error = fwa_digest(parts, 2, digest);
	if (*ret_error < 0)
		return NULL;
	if (reference->digest.size != sizeof(digest) ||
	    memcmp(digest, reference->digest.data, sizeof(digest)) != 0)
		return "has another digest than its record says: the bytes or their salt "
		       "were changed";
	return NULL;
}

static int check_part(struct fwa_payloads *payloads, const struct fwa_record *record,
		      const uint8_t *leaf, unsigned part, struct fwa_bytes *ret_bytes,
		      struct fwa_error *error)
{
	const struct fwa_payload_ref *reference = part == FWA_PAYLOAD_REQUEST
							  ? &record->rpc.request
							  : &record->rpc.response;
	int64_t id = (int64_t)(record->sequence * 4 + part);
	struct fwa_finding finding;
	const char *wrong;
	int result;

	result = pass_over(payloads, id - 1, error);
	if (result < 0 || reference->captured == 0 || payloads->damaged)
		return result;
	if (!payloads->has_row || payloads->row.id != id) {
		fwa_finding_make(&finding, FWA_A06,
				 "The %s of record %" PRIu64 " (%" PRIu64
				 " bytes, payload %" PRId64 ") is missing.",
				 part_name(part), record->sequence, reference->captured,
				 id);
	} else {
		wrong = compare(payloads, reference, part, &result);
		if (result < 0)
			return fwa_error(error, result, "SHA-256 cannot be computed.");
		if (!wrong) {
			*ret_bytes = (struct fwa_bytes){payloads->buffers[part],
							reference->captured};
			payloads->count++;
			return advance(payloads, error);
		}
		fwa_finding_make(&finding, FWA_A05,
				 "The %s of record %" PRIu64 " (payload %" PRId64
				 ") is not what was recorded: it %s.",
				 part_name(part), record->sequence, id, wrong);
		result = advance(payloads, error);
		if (result < 0)
			return result;
	}
	fwa_finding_place(&finding, TABLE, id);
	fwa_finding_add_record(&finding, record->sequence, leaf);
	return fwa_findings_add(payloads->findings, &finding);
}

int fwa_payloads_record(struct fwa_payloads *payloads, const struct fwa_record *record,
			const uint8_t *leaf, struct fwa_bytes *ret_request,
			struct fwa_bytes *ret_response, struct fwa_error *error)
{
	int result;

	*ret_request = *ret_response = (struct fwa_bytes){0};
	if (record->kind != FWA_RECORD_RPC || record->sequence > INT64_MAX / 4)
		return 0;
	result = check_part(payloads, record, leaf, FWA_PAYLOAD_REQUEST, ret_request,
			    error);
	if (result < 0)
		return result;
	return check_part(payloads, record, leaf, FWA_PAYLOAD_RESPONSE, ret_response,
			  error);
}

int fwa_payloads_skip(struct fwa_payloads *payloads, uint64_t sequence,
		      struct fwa_error *error)
{
	int64_t first;
	int result;

	if (sequence > INT64_MAX / 4)
		return 0;
	first = (int64_t)(sequence * 4);
	result = pass_over(payloads, first - 1, error);
	while (result == 0 && payloads->has_row && payloads->row.id - first < 4)
		result = advance(payloads, error);
	return result;
}

int fwa_payloads_finish(struct fwa_payloads *payloads, struct fwa_error *error)
{
	return pass_over(payloads, INT64_MAX, error);
}

uint64_t fwa_payloads_count(const struct fwa_payloads *payloads)
{
	return payloads->count;
}
