/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence that is well formed and signed, and contradicts itself, its enrolment or time.
 */
#include "tests/unit/evidence/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "schema/bytes.h"

static const struct fwa_bytes request = {(const uint8_t *)"request", 7};
static const struct fwa_bytes nothing = {(const uint8_t *)"", 0};

/* Genesis, boot, a device: ready for what a test wants to record. */
static struct ledger_builder *begin(struct fixture *fixture)
{
	struct ledger_builder *builder = fixture_build(fixture);

	ledger_builder_genesis(builder);
	ledger_builder_boot(builder, 1);
	ledger_builder_device(builder, "fwctl0"); /* record 2 */
	return builder;
}

static uint64_t seal(struct ledger_builder *builder)
{
	uint64_t sequence = ledger_builder_checkpoint(builder, FWA_CHECKPOINT_COUNT);

	ledger_builder_attest(builder);
	return sequence;
}

static void end(struct ledger_builder *builder)
{
	ledger_builder_shutdown(builder);
	seal(builder);
	ledger_builder_close(builder, true);
}

/* Everything made again under another key: only the enrolment tells. */
static void other_key(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct test_tpm other, *tpm = ledger_builder_tpm(builder);
	void *key;

	seal(builder);
	test_tpm_init(&other);
	key = tpm->key;
	tpm->key = other.key;
	other.key = key;
	end(builder);
	fixture_expect(fixture, FWA_A09, "attestation", 2);
	test_tpm_clear(&other);
}

static void other_enrolment(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct test_tpm other;
	uint8_t uuid[FWA_UUID_SIZE] = {1, 2, 3};
	struct fwa_verify_result *result;

	end(builder);
	test_tpm_init(&other);
	free(fixture->enrolment);
	fixture->enrolment =
		(uint8_t *)test_tpm_enrol(&other, uuid, &fixture->enrolment_size);
	fixture_expect(fixture, FWA_A12, "leaf", 0);
	/* One cause is one finding. */
	result = fixture_verify(fixture);
	assert_int_equal(fwa_findings_count(result->findings), 1);
	fwa_verify_result_free(result);
	test_tpm_clear(&other);
}

/* The same ledger and key, and another file: the digest of it was recorded. */
static void edited_enrolment(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *edited;

	end(begin(fixture));
	edited = realloc(fixture->enrolment, fixture->enrolment_size + 1);
	assert_non_null(edited);
	edited[fixture->enrolment_size++] = '\n';
	fixture->enrolment = edited;
	fixture_expect(fixture, FWA_A12, "leaf", 0);
}

static void malformed_enrolment(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_verify_result *result;
	struct fwa_error error;

	end(begin(fixture));
	fixture->enrolment[0] = '[';
	assert_true(fixture_verify_path(fixture, fixture->database, &result, &error) < 0);
	assert_non_null(strstr(error.sentence, "enrolment.json"));
}

/* The TPM was given a note that the ledger does not have. */
static void hidden_note(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	static const uint8_t note[FWA_DIGEST_SIZE] = {1};

	seal(builder);
	test_tpm_extend(ledger_builder_tpm(builder), note);
	end(builder);
	fixture_expect(fixture, FWA_A10, "attestation", 2);
}

static void other_index(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	seal(builder);
	ledger_builder_tpm(builder)->index.name[5] ^= 1;
	end(builder);
	fixture_expect(fixture, FWA_A09, "attestation", 2);
}

static void clock_backwards(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	seal(builder);
	ledger_builder_tpm(builder)->clock -= 100000;
	end(builder);
	fixture_expect(fixture, FWA_A13, "attestation", 2);
}

static void reset_count_backwards(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	seal(builder);
	ledger_builder_tpm(builder)->reset_count -= 1;
	end(builder);
	fixture_expect(fixture, FWA_A13, "attestation", 2);
}

/* The count wraps round, which is no step back; the result says how many resets there were. */
static void resets_are_counted(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct fwa_verify_result *result;

	seal(builder);
	ledger_builder_tpm(builder)->reset_count += 3;
	ledger_builder_tpm(builder)->restart_count = 0;
	end(builder);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_int_equal(result->reset_count_changes, 3);
	assert_int_equal(result->attestations, 2);
	fwa_verify_result_free(result);
}

static void pending_checkpoint(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct fwa_verify_result *result;
	uint64_t sealed = seal(builder);

	ledger_builder_rpc(builder, 2, request, nothing);
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_close(builder, false);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_true(result->pending_checkpoint);
	assert_int_equal(result->checkpoints, 2);
	assert_int_equal(result->attestations, 1);
	assert_int_equal(result->signed_records, sealed + 1);
	assert_true(fixture_has(result, FWA_C06, "leaf", (int64_t)sealed + 1));
	assert_int_equal(fwa_findings_get(result->findings, 0)->count, 3);
	fwa_verify_result_free(result);
}

/* A ledger that was folded into one file was attested to its end before. */
static void unattested_single_file(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	seal(builder);
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_close(builder, true);
	fixture_expect(fixture, FWA_A11, "attestation", 2);
}

/* Nothing is signed: said as loudly as can be, since anybody can write such a ledger. */
static void unsigned_ledger(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct fwa_verify_result *result;

	ledger_builder_shutdown(builder);
	ledger_builder_close(builder, false);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_true(fixture_has(result, FWA_C06, "leaf", 0));
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_CRITICAL),
			 FWA_EXIT_FINDINGS);
	fwa_verify_result_free(result);
}

static void limits_are_stated(void **state)
{
	struct fixture *fixture = *state;
	struct fwa_verify_result *result;
	size_t i;
	bool head = false;

	end(begin(fixture));
	result = fixture_verify(fixture);
	assert_true(result->software_tpm);
	assert_true(result->self_enrolled);
	for (i = 0; i < result->limit_count; i++)
		head = head || strstr(result->limits[i], "head proof");
	assert_true(head);
	assert_int_equal(result->limit_count, 3);
	fwa_verify_result_free(result);
}

/* An rpc record on `cpu` with this number, in the place of the builder's own. */
static uint64_t numbered_call(struct ledger_builder *builder, uint32_t cpu,
			      uint64_t number)
{
	struct fwa_record record = {.kind = FWA_RECORD_RPC,
				    .rpc = {.has_device = true,
					    .device = 2,
					    .command = 0x9a01,
					    .structure_source = FWA_SOURCE_ABSENT,
					    .has_result = true,
					    .entered = 1,
					    .returned = 2,
					    .caller = {.comm = nothing,
						       .exe_path = nothing,
						       .cgroup_path = nothing,
						       .parent_comm = nothing},
					    .request = {.source = FWA_SOURCE_USER},
					    .response = {.source = FWA_SOURCE_USER},
					    .layers = FWA_LAYER_TRACEPOINT,
					    .cpu = cpu,
					    .number = number}};

	return ledger_builder_append(builder, &record, &nothing, &nothing);
}

static void call_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	/* As it should be, on several CPUs and with a gap. */
	numbered_call(builder, 3, 1);
	numbered_call(builder, 7, 1);
	numbered_call(builder, 3, 2);
	ledger_builder_gap(builder, 5, 4);
	numbered_call(builder, 5, 5);
	end(builder);
	fixture_expect_clean(fixture, 1); /* the loss */
}

static void call_left_out(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	numbered_call(builder, 3, 1);
	numbered_call(builder, 3, 3); /* record 4 */
	end(builder);
	fixture_expect(fixture, FWA_A15, "leaf", 4);
}

static void call_counted_twice(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);

	ledger_builder_gap(builder, 3, 4);
	numbered_call(builder, 3, 4); /* record 4 */
	end(builder);
	fixture_expect(fixture, FWA_A15, "leaf", 4);
}

/* Counters of a shutdown record that are not what its run's records make. */
static void wrong_counters(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct fwa_record record = {
		.kind = FWA_RECORD_SHUTDOWN,
		.shutdown = {.reason = {(const uint8_t *)"Stopped.", 8},
			     .issued = 2,
			     .recorded = 2}};

	ledger_builder_rpc(builder, 2, request, nothing);
	ledger_builder_append(builder, &record, NULL, NULL); /* record 4 */
	seal(builder);
	ledger_builder_close(builder, true);
	fixture_expect(fixture, FWA_A15, "leaf", 4);
}

static void records_out_of_place(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = fixture_build(fixture);
	struct fwa_verify_result *result;

	ledger_builder_genesis(builder);
	ledger_builder_device(builder, "fwctl0"); /* 1: no run has begun */
	ledger_builder_boot(builder, 1);
	ledger_builder_rpc(builder, 99, request, nothing); /* 3: there is no record 99 */
	ledger_builder_shutdown(builder);
	ledger_builder_device(builder, "fwctl0"); /* 5: after the end */
	ledger_builder_genesis(builder);          /* 6 */
	seal(builder);
	ledger_builder_close(builder, true);
	result = fixture_verify(fixture);
	assert_false(result->authentic);
	assert_true(fixture_has(result, FWA_A04, "leaf", 1));
	assert_true(fixture_has(result, FWA_A04, "leaf", 3));
	assert_true(fixture_has(result, FWA_A04, "leaf", 5));
	assert_true(fixture_has(result, FWA_A04, "leaf", 6));
	fwa_verify_result_free(result);
}

static void references_of_another_kind(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = begin(fixture);
	struct fwa_record gap = {.kind = FWA_RECORD_GAP,
				 .gap = {.first_number = 2,
					 .count = 1,
					 .has_after = true,
					 .reason = {(const uint8_t *)"full", 4}}};
	struct fwa_record event = {.kind = FWA_RECORD_KERNEL_EVENT,
				   .kernel_event = {.type = FWA_KERNEL_EVENT_UEVENT,
						    .has_device = true,
						    .detail = {(const uint8_t *)"x", 1}}};
	struct fwa_verify_result *result;

	ledger_builder_rpc(builder, 1, request, nothing); /* 3: record 1 is the boot */
	event.kernel_event.device = 2;
	ledger_builder_append(builder, &event, NULL, NULL); /* 4: right */
	event.sequence = event.time = event.boot_time = 0;
	event.kernel_event.device = 0;
	ledger_builder_append(builder, &event, NULL, NULL); /* 5: wrong */
	gap.gap.after = 3;
	ledger_builder_append(builder, &gap, NULL, NULL); /* 6: right */
	gap.time = gap.boot_time = 0;
	gap.gap.first_number = 3;
	gap.gap.after = 4;
	ledger_builder_append(builder, &gap, NULL, NULL); /* 7: wrong */
	end(builder);
	result = fixture_verify(fixture);
	assert_false(result->authentic);
	assert_true(fixture_has(result, FWA_A04, "leaf", 3));
	assert_true(fixture_has(result, FWA_A04, "leaf", 5));
	assert_true(fixture_has(result, FWA_A04, "leaf", 7));
	assert_int_equal(fwa_findings_count(result->findings), 3);
	fwa_verify_result_free(result);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(other_key),
		TEST(other_enrolment),
		TEST(edited_enrolment),
		TEST(malformed_enrolment),
		TEST(hidden_note),
		TEST(other_index),
		TEST(clock_backwards),
		TEST(reset_count_backwards),
		TEST(resets_are_counted),
		TEST(pending_checkpoint),
		TEST(unattested_single_file),
		TEST(unsigned_ledger),
		TEST(limits_are_stated),
		TEST(call_numbers),
		TEST(call_left_out),
		TEST(call_counted_twice),
		TEST(wrong_counters),
		TEST(records_out_of_place),
		TEST(references_of_another_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
