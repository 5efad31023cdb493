/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What genuine evidence does not hold: losses, partial payloads, times without a collector; and
 * what other consumers of the pass are given.
 */
#include "tests/unit/evidence/fixture.h"

#include <errno.h>
#include <string.h>

#define HOUR 3600000000000u

static const struct fwa_bytes request = {(const uint8_t *)"request", 7};
static const struct fwa_bytes nothing = {(const uint8_t *)"", 0};

static void begin_run(struct ledger_builder *builder, uint8_t boot)
{
	if (ledger_builder_size(builder) == 0)
		ledger_builder_genesis(builder);
	ledger_builder_boot(builder, boot);
	ledger_builder_device(builder, "fwctl0");
}

static void end_run(struct ledger_builder *builder)
{
	ledger_builder_shutdown(builder);
	ledger_builder_checkpoint(builder, FWA_CHECKPOINT_STOP);
	ledger_builder_attest(builder);
}

/* The only finding of this id. */
static const struct fwa_finding *only(const struct fwa_verify_result *result,
				      enum fwa_finding_id id)
{
	const struct fwa_finding *found = NULL;
	size_t i;

	for (i = 0; i < fwa_findings_count(result->findings); i++) {
		const struct fwa_finding *finding = fwa_findings_get(result->findings, i);

		if (finding->id != id)
			continue;
		assert_null(found);
		found = finding;
	}
	assert_non_null(found);
	return found;
}

static void losses_are_summed(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = fixture_build(fixture);
	struct fwa_verify_result *result;
	const struct fwa_finding *finding;
	uint64_t first, second;

	begin_run(builder, 1);
	ledger_builder_rpc(builder, 2, request, nothing);
	first = ledger_builder_gap(builder, 0, 3);
	ledger_builder_wait(builder, HOUR);
	second = ledger_builder_gap(builder, 4, 5);
	end_run(builder);
	ledger_builder_close(builder, true);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_int_equal(result->issued, 9);
	assert_int_equal(result->recorded, 1);
	assert_int_equal(result->lost, 8);
	finding = only(result, FWA_C01);
	assert_int_equal(finding->count, 8);
	assert_int_equal(finding->record_total, 2);
	assert_int_equal(finding->records[0].sequence, first);
	assert_int_equal(finding->records[1].sequence, second);
	assert_true(finding->to - finding->from > HOUR);
	assert_int_equal(finding->from, BUILDER_TIME + (first - 1) * BUILDER_TICK);
	assert_non_null(strstr(finding->sentence, "fwctl0"));
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_HIGH),
			 FWA_EXIT_FINDINGS);
	assert_int_equal(fwa_verify_exit_status(result, FWA_SEVERITY_CRITICAL),
			 FWA_EXIT_CLEAN);
	fwa_verify_result_free(result);
}

static void partial_payloads(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = fixture_build(fixture);
	struct fwa_verify_result *result;
	struct fwa_record record = {.kind = FWA_RECORD_RPC,
				    .rpc = {.command = 0x9a01,
					    .structure_source = FWA_SOURCE_ABSENT,
					    .has_result = true,
					    .entered = 1,
					    .returned = 2,
					    .caller = {.comm = nothing,
						       .exe_path = nothing,
						       .cgroup_path = nothing,
						       .parent_comm = nothing},
					    .request = {.length = 100},
					    .response = {.length = 50},
					    .layers = FWA_LAYER_TRACEPOINT,
					    .number = 1}};

	begin_run(builder, 1);
	ledger_builder_append(builder, &record, &request, &nothing);
	end_run(builder);
	ledger_builder_close(builder, true);
	result = fixture_verify(fixture);
	assert_true(result->authentic);
	assert_int_equal(result->truncated, 2);
	assert_int_equal(only(result, FWA_C01)->count, 1);
	assert_int_equal(only(result, FWA_C01)->records[0].sequence, 3);
	assert_non_null(strstr(only(result, FWA_C01)->sentence, "143 bytes"));
	fwa_verify_result_free(result);
}

/* Verify a ledger of two runs and return what is said of the time between them. */
static struct fwa_finding outage(struct fixture *fixture, bool clean, uint8_t second_boot)
{
	struct ledger_builder *builder = fixture_build(fixture);
	struct fwa_verify_result *result;
	struct fwa_finding finding;
	uint64_t last;

	begin_run(builder, 1);
	last = ledger_builder_rpc(builder, 2, request, nothing);
	if (clean)
		end_run(builder);
	ledger_builder_wait(builder, HOUR);
	begin_run(builder, second_boot);
	end_run(builder);
	ledger_builder_close(builder, true);
	result = fixture_verify(fixture);
	if (!result->authentic)
		fixture_show(result);
	assert_true(result->authentic);
	assert_int_equal(result->runs, 2);
	finding = *only(result, FWA_C02);
	assert_int_equal(finding.from, BUILDER_TIME + (last + clean) * BUILDER_TICK);
	assert_true(finding.to - finding.from >= HOUR);
	assert_true(finding.to - finding.from < HOUR + 5 * BUILDER_TICK);
	fwa_verify_result_free(result);
	return finding;
}

static void killed_collector(void **state)
{
	assert_non_null(strstr(outage(*state, false, 1).sentence, "killed or crashed"));
}

static void restarted_machine(void **state)
{
	assert_non_null(strstr(outage(*state, false, 2).sentence, "machine restarted"));
}

static void stopped_collector(void **state)
{
	assert_non_null(strstr(outage(*state, true, 1).sentence, "stopped cleanly"));
}

static void first_run_is_no_outage(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_builder *builder = fixture_build(fixture);

	begin_run(builder, 1);
	end_run(builder);
	ledger_builder_close(builder, true);
	fixture_expect_clean(fixture, 0);
}

/* A consumer that notes what it is given. */
struct witness {
	uint64_t records;
	uint64_t payload_bytes;
	bool finished;
	int fail_with;
};

static int witness_record(void *context, const struct fwa_evidence *evidence)
{
	struct witness *witness = context;

	assert_int_equal(evidence->record->sequence, witness->records);
	assert_non_null(evidence->leaf);
	assert_true(evidence->encoded.size > 0);
	witness->records++;
	if (evidence->record->kind == FWA_RECORD_RPC) {
		assert_int_equal(evidence->request.size,
				 evidence->record->rpc.request.captured);
		assert_int_equal(evidence->response.size,
				 evidence->record->rpc.response.captured);
	}
	witness->payload_bytes += evidence->request.size + evidence->response.size;
	return witness->fail_with;
}

static int witness_finish(void *context, struct fwa_findings *findings)
{
	struct witness *witness = context;
	struct fwa_finding finding;

	witness->finished = true;
	fwa_finding_make(&finding, FWA_E04, "A witness was here.");
	return fwa_findings_add(findings, &finding);
}

static int verify_with(struct fixture *fixture, struct witness *witness,
		       struct fwa_verify_result **ret_result)
{
	const struct fwa_record_consumer consumer = {
		.context = witness, .record = witness_record, .finish = witness_finish};
	const struct fwa_verify_options options = {
		.ledger = fixture->database,
		.enrolment = {fixture->enrolment, fixture->enrolment_size},
		.enrolment_name = "enrolment.json",
		.consumers = &consumer,
		.consumer_count = 1,
	};
	struct fwa_error error;

	return fwa_verify(&options, ret_result, &error);
}

static void consumers_are_given_everything(void **state)
{
	struct fwa_verify_result *result;
	struct witness witness = {0};

	assert_int_equal(verify_with(*state, &witness, &result), 0);
	assert_true(result->assessed);
	assert_true(witness.finished);
	assert_int_equal(witness.records, 10);
	assert_int_equal(witness.payload_bytes, 2 * 600 + 3 * 15);
	assert_true(fixture_has(result, FWA_E04, NULL, 0));
	fwa_verify_result_free(result);
}

/* Nothing is said of effects where the evidence is not genuine, wherever it is not. */
static void consumers_do_not_judge_forgeries(void **state)
{
	struct fwa_verify_result *result;
	struct witness witness = {0};

	fixture_sql(*state,
		    "UPDATE attestation SET attestation = x'00' WHERE number = 2");
	assert_int_equal(verify_with(*state, &witness, &result), 0);
	assert_false(result->authentic);
	assert_false(result->assessed);
	assert_false(witness.finished);
	fwa_verify_result_free(result);
	witness = (struct witness){0};
	fixture_sql(*state, "UPDATE leaf SET hash = zeroblob(32) WHERE sequence = 6");
	assert_int_equal(verify_with(*state, &witness, &result), 0);
	assert_int_equal(witness.records, 6);
	assert_false(witness.finished);
	fwa_verify_result_free(result);
}

static void failing_consumer_ends_it(void **state)
{
	struct fwa_verify_result *result = NULL;
	struct witness witness = {.fail_with = -ENOMEM};

	assert_int_equal(verify_with(*state, &witness, &result), -ENOMEM);
	assert_null(result);
	assert_int_equal(witness.records, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define SAMPLE(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, fixture_setup_sample, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(losses_are_summed),
		TEST(partial_payloads),
		TEST(killed_collector),
		TEST(restarted_machine),
		TEST(stopped_collector),
		TEST(first_run_is_no_outage),
		SAMPLE(consumers_are_given_everything),
		SAMPLE(consumers_do_not_judge_forgeries),
		SAMPLE(failing_consumer_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
