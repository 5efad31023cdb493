/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/ledger_builder.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "schema/bytes.h"
#include "schema/hash.h"
#include "schema/ledger_sql.h"
#include "schema/merkle.h"
#include "schema/note.h"

#define CPUS              64u
#define COMPRESS_AT_LEAST 128u

struct ledger_builder {
	sqlite3 *database;
	struct test_tpm tpm;
	uint8_t uuid[FWA_UUID_SIZE];
	char *enrolment;
	size_t enrolment_size;
	uint8_t enrolment_digest[FWA_DIGEST_SIZE];
	struct fwa_merkle_range range;
	uint64_t time, boot_time;
	/* Of this run: */
	uint64_t run;
	uint8_t boot_id[FWA_UUID_SIZE];
	uint8_t configuration[FWA_DIGEST_SIZE];
	uint64_t numbers[CPUS];
	uint64_t recorded, lost, truncated;
	/* Of the chain: */
	uint64_t checkpoints;
	uint8_t note_digest[FWA_DIGEST_SIZE];
};

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "ledger builder: %s failed\n", what);
	abort();
}

static struct fwa_bytes text(const char *string)
{
	return (struct fwa_bytes){(const uint8_t *)string, strlen(string)};
}

static void run_sql(struct ledger_builder *builder, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(builder->database, sql, NULL, NULL, &message) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", sql, message);
	abort();
}

/* INSERT INTO `table` VALUES (number, blob, ...). */
static void insert(struct ledger_builder *builder, const char *table, uint64_t number,
		   const struct fwa_bytes *blobs, size_t count, const int *codec)
{
	sqlite3_stmt *statement;
	char sql[128];
	size_t i;
	int column = 1;

	snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?, ?%s)", table,
		 codec ? ", ?, ?" : (count > 1 ? ", ?" : ""));
	need(sqlite3_prepare_v2(builder->database, sql, -1, &statement, NULL) ==
		     SQLITE_OK,
	     "preparing");
	sqlite3_bind_int64(statement, column++, (sqlite3_int64)number);
	for (i = 0; i < count; i++) {
		if (i == 1 && codec)
			sqlite3_bind_int(statement, column++, *codec);
		sqlite3_bind_blob64(statement, column++, blobs[i].data, blobs[i].size,
				    SQLITE_STATIC);
	}
	need(sqlite3_step(statement) == SQLITE_DONE, "inserting");
	sqlite3_finalize(statement);
}

static void write_enrolment(struct ledger_builder *builder, const char *directory)
{
	char path[4096];
	FILE *file;

	builder->enrolment =
		test_tpm_enrol(&builder->tpm, builder->uuid, &builder->enrolment_size);
	need(fwa_enrolment_digest(builder->enrolment, builder->enrolment_size,
				  builder->enrolment_digest) == 0,
	     "hashing");
	snprintf(path, sizeof(path), "%s/enrolment.json", directory);
	file = fopen(path, "wb");
	need(file != NULL, "creating enrolment.json");
	need(fwrite(builder->enrolment, 1, builder->enrolment_size, file) ==
		     builder->enrolment_size,
	     "writing enrolment.json");
	need(fclose(file) == 0, "writing enrolment.json");
}

struct ledger_builder *ledger_builder_new(const char *directory)
{
	static const uint8_t uuid[FWA_UUID_SIZE] = {0x5d, 0x0c, 0x3a, 0x11, 0x7e, 0x42,
						    0x4f, 0x8b, 0x9c, 0x01, 0x22, 0x33,
						    0x44, 0x55, 0x66, 0x77};
	struct ledger_builder *builder = calloc(1, sizeof(*builder));
	char path[4096];

	need(builder != NULL, "allocating");
	test_tpm_init(&builder->tpm);
	memcpy(builder->uuid, uuid, sizeof(uuid));
	write_enrolment(builder, directory);
	fwa_merkle_range_init(&builder->range);
	builder->time = BUILDER_TIME;
	builder->boot_time = BUILDER_BOOT_TIME;
	snprintf(path, sizeof(path), "%s/ledger.db", directory);
	need(sqlite3_open(path, &builder->database) == SQLITE_OK, "creating ledger.db");
	run_sql(builder, "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL");
	run_sql(builder, fwa_ledger_sql);
	run_sql(builder, "BEGIN");
	return builder;
}

void ledger_builder_commit(struct ledger_builder *builder)
{
	run_sql(builder, "COMMIT; BEGIN");
}

void ledger_builder_close(struct ledger_builder *builder, bool fold)
{
	run_sql(builder, "COMMIT");
	sqlite3_db_config(builder->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !fold,
			  NULL);
	need(sqlite3_close(builder->database) == SQLITE_OK, "closing");
	test_tpm_clear(&builder->tpm);
	free(builder->enrolment);
	free(builder);
}

struct test_tpm *ledger_builder_tpm(struct ledger_builder *builder)
{
	return &builder->tpm;
}

struct fwa_bytes ledger_builder_enrolment(const struct ledger_builder *builder)
{
	return (struct fwa_bytes){(const uint8_t *)builder->enrolment,
				  builder->enrolment_size};
}

uint64_t ledger_builder_size(const struct ledger_builder *builder)
{
	return fwa_merkle_range_size(&builder->range);
}

void ledger_builder_wait(struct ledger_builder *builder, uint64_t nanoseconds)
{
	builder->time += nanoseconds;
	builder->boot_time += nanoseconds;
}

uint64_t ledger_builder_boot_time(const struct ledger_builder *builder)
{
	return builder->boot_time;
}

/* Store one payload and make the reference fit it. */
static void add_payload(struct ledger_builder *builder, uint64_t id,
			struct fwa_bytes bytes, uint8_t salt[FWA_SALT_SIZE],
			uint8_t digest[FWA_DIGEST_SIZE],
			struct fwa_payload_ref *reference)
{
	struct fwa_bytes parts[2] = {{salt, FWA_SALT_SIZE}, bytes};
	size_t capacity = ZSTD_compressBound(bytes.size);
	int codec = FWA_PAYLOAD_RAW;
	uint8_t *compressed;
	size_t size;

	reference->captured = bytes.size;
	if (reference->length < bytes.size)
		reference->length = bytes.size;
	if (bytes.size < reference->length)
		reference->source =
			bytes.size > 0 ? FWA_SOURCE_TRUNCATED : FWA_SOURCE_ABSENT;
	if (bytes.size == 0)
		return;
	/* Not random, so that a test does the same each time. */
	memset(salt, 0xa5, FWA_SALT_SIZE);
	fwa_put_be64(salt, id * 0x9e3779b97f4a7c15u);
	need(fwa_digest(parts, 2, digest) == 0, "hashing");
	reference->digest = (struct fwa_bytes){digest, FWA_DIGEST_SIZE};
	compressed = malloc(capacity);
	need(compressed != NULL, "allocating");
	size = ZSTD_compress(compressed, capacity, bytes.data, bytes.size, 3);
	need(!ZSTD_isError(size), "compressing");
	if (bytes.size >= COMPRESS_AT_LEAST && size < bytes.size) {
		codec = FWA_PAYLOAD_ZSTD;
		parts[1] = (struct fwa_bytes){compressed, size};
	}
	insert(builder, "payload", id, parts, 2, &codec);
	free(compressed);
}

static void count(struct ledger_builder *builder, const struct fwa_record *record)
{
	if (record->kind == FWA_RECORD_RPC) {
		builder->recorded++;
		builder->truncated +=
			(record->rpc.request.captured < record->rpc.request.length) +
			(record->rpc.response.captured < record->rpc.response.length);
	} else if (record->kind == FWA_RECORD_GAP) {
		builder->lost += record->gap.count;
	}
}

uint64_t ledger_builder_append(struct ledger_builder *builder, struct fwa_record *record,
			       const struct fwa_bytes *request,
			       const struct fwa_bytes *response)
{
	static const struct fwa_bytes empty;
	uint8_t salts[2][FWA_SALT_SIZE], digests[2][FWA_DIGEST_SIZE];
	uint8_t hash[FWA_DIGEST_SIZE];
	struct fwa_bytes blobs[2] = {{hash, sizeof(hash)}};
	uint8_t *buffer;
	size_t size;

	record->sequence = ledger_builder_size(builder);
	if (record->time == 0)
		record->time = builder->time;
	if (record->boot_time == 0)
		record->boot_time = builder->boot_time;
	ledger_builder_wait(builder, BUILDER_TICK);
	if (record->kind == FWA_RECORD_RPC) {
		add_payload(builder, record->sequence * 4 + FWA_PAYLOAD_REQUEST,
			    request ? *request : empty, salts[0], digests[0],
			    &record->rpc.request);
		add_payload(builder, record->sequence * 4 + FWA_PAYLOAD_RESPONSE,
			    response ? *response : empty, salts[1], digests[1],
			    &record->rpc.response);
	}
	buffer = malloc(FWA_RECORD_SIZE_MAX);
	need(buffer != NULL, "allocating");
	need(fwa_record_encode(record, buffer, FWA_RECORD_SIZE_MAX, &size) == 0,
	     "encoding a record");
	need(fwa_merkle_leaf_hash(buffer, size, hash) == 0, "hashing");
	need(fwa_merkle_range_append(&builder->range, hash) == 0, "hashing");
	blobs[1] = (struct fwa_bytes){buffer, size};
	insert(builder, "leaf", record->sequence, blobs, 2, NULL);
	free(buffer);
	count(builder, record);
	return record->sequence;
}

uint64_t ledger_builder_genesis(struct ledger_builder *builder)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GENESIS,
		.genesis = {
			.ledger_uuid = {builder->uuid, sizeof(builder->uuid)},
			.format_version = FWA_FORMAT_VERSION,
			.collector_version = text("0.1.0"),
			.enrolment_digest = {builder->enrolment_digest, FWA_DIGEST_SIZE},
		}};

	return ledger_builder_append(builder, &record, NULL, NULL);
}

uint64_t ledger_builder_boot(struct ledger_builder *builder, uint8_t boot)
{
	struct fwa_record record = {.kind = FWA_RECORD_BOOT};

	memset(builder->boot_id, boot, sizeof(builder->boot_id));
	memset(builder->numbers, 0, sizeof(builder->numbers));
	builder->recorded = builder->lost = builder->truncated = 0;
	record.boot = (struct fwa_boot){
		.boot_id = {builder->boot_id, sizeof(builder->boot_id)},
		.kernel_release = text("6.1.0-test"),
		.machine = text("x86_64"),
		.collector_version = text("0.1.0"),
		.configuration =
			{
				.capture = text("tracepoint"),
				.observe = text("all"),
				.observe_interval = 30000000000u,
				.ring_size = 67108864,
				.checkpoint_records = 65536,
				.checkpoint_interval = 300000000000u,
				.on_loss = text("record"),
			},
		.pid = 4711,
		.coverage = text("Tracepoints see every call."),
	};
	need(fwa_configuration_digest(&record.boot.configuration,
				      builder->configuration) == 0,
	     "hashing");
	builder->run = ledger_builder_append(builder, &record, NULL, NULL);
	return builder->run;
}

uint64_t ledger_builder_device(struct ledger_builder *builder, const char *name)
{
	char path[128];
	struct fwa_record record = {.kind = FWA_RECORD_DEVICE};

	snprintf(path, sizeof(path), "/dev/fwctl/%s", name);
	record.device = (struct fwa_device){
		.name = text(name),
		.path = text(path),
		.state = FWA_DEVICE_PRESENT,
		.file_device = (uint64_t)240 << 32 | ledger_builder_size(builder),
		.has_device_type = true,
		.device_type = 2,
		.driver = text("cxl_core"),
		.firmware_version = text("1.0"),
	};
	return ledger_builder_append(builder, &record, NULL, NULL);
}

uint64_t ledger_builder_rpc(struct ledger_builder *builder, uint64_t device,
			    struct fwa_bytes request, struct fwa_bytes response)
{
	uint8_t structure[32] = {32};
	struct fwa_record record = {.kind = FWA_RECORD_RPC};

	fwa_put_le32(structure + 8, (uint32_t)request.size);
	fwa_put_le32(structure + 12, (uint32_t)response.size);
	record.rpc = (struct fwa_rpc){
		.has_device = true,
		.device = device,
		.command = 0x9a01, /* FWCTL_RPC */
		.structure_entry = {structure, sizeof(structure)},
		.structure_exit = {structure, sizeof(structure)},
		.structure_source = FWA_SOURCE_USER,
		.has_result = true,
		.entered = builder->boot_time - BUILDER_TICK / 2,
		.returned = builder->boot_time - BUILDER_TICK / 4,
		.caller = {.pid = 1234,
			   .tid = 1234,
			   .start_time = 4000000000u,
			   .loginuid = UINT32_MAX,
			   .session_id = UINT32_MAX,
			   .comm = text("client"),
			   .exe_path = text("/usr/bin/client"),
			   .cgroup_path = text("/user.slice"),
			   .parent_comm = text("sh")},
		.request = {.source = FWA_SOURCE_USER, .moment = FWA_MOMENT_ENTRY},
		.response = {.source = FWA_SOURCE_USER, .moment = FWA_MOMENT_EXIT},
		.layers = FWA_LAYER_TRACEPOINT,
		.number = ++builder->numbers[0],
	};
	return ledger_builder_append(builder, &record, &request, &response);
}

uint64_t ledger_builder_gap(struct ledger_builder *builder, uint32_t cpu, uint64_t lost)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_GAP,
		.gap = {.cpu = cpu,
			.first_number = builder->numbers[cpu] + 1,
			.count = lost,
			.not_before = builder->boot_time - BUILDER_TICK,
			.not_after = builder->boot_time,
			.reason = text("The ring buffer was full.")}};

	builder->numbers[cpu] += lost;
	return ledger_builder_append(builder, &record, NULL, NULL);
}

static void add_note(struct ledger_builder *builder)
{
	struct fwa_note note = {.size = ledger_builder_size(builder)};
	char buffer[FWA_NOTE_SIZE_MAX];
	struct fwa_bytes blob = {(const uint8_t *)buffer, 0};

	memcpy(note.ledger, builder->uuid, sizeof(note.ledger));
	need(fwa_merkle_range_root(&builder->range, note.root) == 0, "hashing");
	need(fwa_note_format(&note, buffer, sizeof(buffer), &blob.size) == 0,
	     "formatting a note");
	insert(builder, "checkpoint", builder->checkpoints, &blob, 1, NULL);
	need(fwa_note_digest(buffer, blob.size, builder->note_digest) == 0, "hashing");
	test_tpm_extend(&builder->tpm, builder->note_digest);
}

uint64_t ledger_builder_checkpoint(struct ledger_builder *builder,
				   enum fwa_checkpoint_reason reason)
{
	uint8_t previous[FWA_DIGEST_SIZE];
	struct fwa_record record = {.kind = FWA_RECORD_CHECKPOINT};
	uint64_t sequence;

	memcpy(previous, builder->note_digest, sizeof(previous));
	builder->checkpoints++;
	record.checkpoint = (struct fwa_checkpoint){
		.number = builder->checkpoints,
		.reason = (uint8_t)reason,
		.run = builder->run,
		.boot_id = {builder->boot_id, sizeof(builder->boot_id)},
		.issued = builder->recorded + builder->lost,
		.recorded = builder->recorded,
		.lost = builder->lost,
		.truncated = builder->truncated,
		.configuration_digest = {builder->configuration, FWA_DIGEST_SIZE},
		.enrolment_digest = {builder->enrolment_digest, FWA_DIGEST_SIZE},
	};
	if (builder->checkpoints > 1)
		record.checkpoint.previous_note_digest =
			(struct fwa_bytes){previous, sizeof(previous)};
	sequence = ledger_builder_append(builder, &record, NULL, NULL);
	add_note(builder);
	return sequence;
}

void ledger_builder_attest(struct ledger_builder *builder)
{
	uint8_t buffer[FWA_ATTESTATION_SIZE_MAX];
	struct fwa_bytes blob = {buffer, 0};

	blob.size = test_tpm_certify(&builder->tpm, builder->note_digest, buffer);
	insert(builder, "attestation", builder->checkpoints, &blob, 1, NULL);
}

uint64_t ledger_builder_shutdown(struct ledger_builder *builder)
{
	struct fwa_record record = {
		.kind = FWA_RECORD_SHUTDOWN,
		.shutdown = {.reason = text("Stopped by signal 15."),
			     .issued = builder->recorded + builder->lost,
			     .recorded = builder->recorded,
			     .lost = builder->lost}};

	return ledger_builder_append(builder, &record, NULL, NULL);
}

void ledger_builder_sample(struct ledger_builder *builder)
{
	uint8_t pattern[600];
	struct fwa_bytes small = text("a short request");
	struct fwa_bytes large = {pattern, sizeof(pattern)};
	struct fwa_bytes none = {pattern, 0};
	uint64_t devices[2];
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i % 40 * (i / 200 + 1));
	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	devices[0] = ledger_builder_device(builder, "fwctl0");
	devices[1] = ledger_builder_device(builder, "fwctl1");
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_START);
	ledger_builder_attest(builder);
	ledger_builder_rpc(builder, devices[0], small, large);
	ledger_builder_rpc(builder, devices[1], large, small);
	ledger_builder_rpc(builder, devices[0], small, none);
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
}
