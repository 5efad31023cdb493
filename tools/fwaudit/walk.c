/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwaudit/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "verifier/evidence/payloads.h"

void fwa_walk_warn(void)
{
	fprintf(stderr, "fwaudit: authenticity was not checked; use \"fwaudit verify\" "
			"for that\n");
}

int fwa_walk_payload(struct fwa_ledger_reader *reader, uint64_t sequence, unsigned part,
		     const struct fwa_payload_ref *reference, uint8_t **ret_data,
		     struct fwa_error *error)
{
	struct fwa_payload_row row;
	uint8_t *data;
	int found;

	*ret_data = NULL;
	if (reference->captured == 0 || reference->captured > FWA_PAYLOAD_SIZE_MAX)
		return 0;
	found = fwa_ledger_reader_find_payload(reader, sequence, part, &row, error);
	if (found <= 0)
		return found;
	data = malloc(reference->captured);
	if (!data)
		return fwa_error(error, -ENOMEM, "out of memory");
	if (fwa_payload_restore(&row, reference->captured, data)) {
		free(data);
		return 0;
	}
	*ret_data = data;
	return 0;
}

static int offer(struct fwa_ledger_reader *reader, const struct fwa_leaf_row *row,
		 const struct fwa_record_consumer *consumer, struct fwa_error *error)
{
	struct fwa_evidence evidence = {.leaf = row->hash.data, .encoded = row->record};
	uint8_t *request = NULL, *response = NULL;
	struct fwa_record record;
	int result;

	if (row->hash.size != FWA_DIGEST_SIZE ||
	    fwa_record_decode(row->record.data, row->record.size, &record) != 0)
		return fwa_error(error, -EBADMSG,
				 "record %" PRId64
				 " cannot be decoded; \"fwaudit verify\" says more",
				 row->sequence);
	evidence.record = &record;
	if (record.kind == FWA_RECORD_RPC) {
		result = fwa_walk_payload(reader, record.sequence, 0, &record.rpc.request,
					  &request, error);
		if (result == 0)
			result = fwa_walk_payload(reader, record.sequence, 1,
						  &record.rpc.response, &response, error);
		if (result != 0)
			goto out;
		evidence.request = (struct fwa_bytes){
			request, request ? record.rpc.request.captured : 0};
		evidence.response = (struct fwa_bytes){
			response, response ? record.rpc.response.captured : 0};
	}
	result = consumer->record(consumer->context, &evidence);
	if (result != 0)
		fwa_error(error, result,
			  "out of memory, or standard output cannot be written");
out:
	free(request);
	free(response);
	return result;
}

int fwa_walk(const char *path, const struct fwa_record_consumer *consumer,
	     struct fwa_error *error)
{
	struct fwa_ledger_reader *reader = NULL;
	struct fwa_findings *findings = fwa_findings_new();
	struct fwa_leaf_row row;
	int result, more = 0;

	if (!findings)
		return fwa_error(error, -ENOMEM, "out of memory");
	result = fwa_ledger_reader_open(path, &reader, error);
	while (result == 0 && (more = fwa_ledger_reader_leaf(reader, &row, error)) > 0)
		result = offer(reader, &row, consumer, error);
	if (result == 0 && more < 0)
		result = more;
	if (result == 0) {
		result = consumer->finish(consumer->context, findings);
		if (result != 0)
			fwa_error(error, result, "out of memory");
	}
	fwa_ledger_reader_close(reader);
	fwa_findings_free(findings);
	return result;
}
