/* SPDX-License-Identifier: Apache-2.0 */
/* Every pair of what the ledger and the TPM can say, and when a checkpoint is due. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "collector/seal/checkpoint.h"
#include "collector/seal/recovery.h"
#include "schema/chain.h"

/* Contents of the index, by what they mean to a ledger with two attested notes. */
enum contents {
	UNWRITTEN,
	ZEROS,
	BEFORE_LAST, /* the last attested note is not in it */
	ATTESTED,    /* exactly the attested notes */
	PENDING,     /* and the pending one */
	BEYOND,      /* and one more */
	FOREIGN,
	CONTENTS
};

/* Which ledger: how many notes are attested, whether one is pending. */
enum ledger_kind {
	NEW,
	NEW_PENDING,
	TWO,
	TWO_PENDING,
	KINDS
};

#define ALARM (-1)
static const int expected[KINDS][CONTENTS] = {
	[NEW] = {FWA_RECOVERY_NOTHING, ALARM, ALARM, ALARM, ALARM, ALARM, ALARM},
	/* For an empty accumulator "attested" is zeros, which a written index cannot hold. */
	[NEW_PENDING] = {FWA_RECOVERY_EXTEND_AND_CERTIFY, ALARM, ALARM, ALARM,
			 FWA_RECOVERY_CERTIFY, ALARM, ALARM},
	[TWO] = {ALARM, ALARM, ALARM, FWA_RECOVERY_NOTHING, ALARM, ALARM, ALARM},
	[TWO_PENDING] = {ALARM, ALARM, ALARM, FWA_RECOVERY_EXTEND_AND_CERTIFY,
			 FWA_RECOVERY_CERTIFY, ALARM, ALARM},
};

static void extend(const uint8_t *from, uint8_t fill, uint8_t *to)
{
	uint8_t digest[FWA_DIGEST_SIZE];

	memset(digest, fill, sizeof(digest));
	assert_int_equal(0, fwa_accumulator_extend(from, digest, to));
}

static struct fwa_nv_value value_of(enum contents contents, bool two)
{
	uint8_t chain[5][FWA_DIGEST_SIZE] = {{0}};
	struct fwa_nv_value nv = {.written = contents != UNWRITTEN};
	int i, attested = two ? 2 : 0;

	for (i = 0; i < 4; i++)
		extend(chain[i], (uint8_t)(i + 1), chain[i + 1]);
	switch (contents) {
	case BEFORE_LAST:
		memcpy(nv.value, chain[two ? 1 : 0], FWA_DIGEST_SIZE);
		break;
	case ATTESTED:
		memcpy(nv.value, chain[attested], FWA_DIGEST_SIZE);
		break;
	case PENDING:
		memcpy(nv.value, chain[attested + 1], FWA_DIGEST_SIZE);
		break;
	case BEYOND:
		memcpy(nv.value, chain[attested + 2], FWA_DIGEST_SIZE);
		break;
	case FOREIGN:
		memset(nv.value, 0xee, FWA_DIGEST_SIZE);
		break;
	default:
		break;
	}
	return nv;
}

static void decision_table(void **state)
{
	uint8_t accumulator[FWA_DIGEST_SIZE], pending[FWA_DIGEST_SIZE];
	enum fwa_recovery_action action;
	struct fwa_error error;
	struct fwa_nv_value nv;
	bool two, has_pending;
	int kind, contents, rc;

	(void)state;
	for (kind = 0; kind < KINDS; kind++) {
		for (contents = 0; contents < CONTENTS; contents++) {
			two = kind == TWO || kind == TWO_PENDING;
			has_pending = kind == NEW_PENDING || kind == TWO_PENDING;
			memset(accumulator, 0, sizeof(accumulator));
			if (two) {
				extend(accumulator, 1, accumulator);
				extend(accumulator, 2, accumulator);
			}
			memset(pending, two ? 3 : 1, sizeof(pending));
			nv = value_of((enum contents)contents, two);
			error.sentence[0] = '\0';
			rc = fwa_recovery_decide(accumulator,
						 has_pending ? pending : NULL, &nv,
						 &action, &error);
			if (rc != (expected[kind][contents] == ALARM ? -EUCLEAN : 0) ||
			    (rc == 0 && (int)action != expected[kind][contents]))
				fail_msg("ledger %d, contents %d: %d, action %d", kind,
					 contents, rc, rc == 0 ? (int)action : -1);
			assert_int_equal(rc < 0, error.sentence[0] != '\0');
		}
	}
}

static void alarms_say_what_happened(void **state)
{
	const uint8_t zeros[FWA_DIGEST_SIZE] = {0};
	enum fwa_recovery_action action;
	struct fwa_error error;
	struct fwa_nv_value nv = value_of(FOREIGN, false);

	(void)state;
	assert_int_equal(-EUCLEAN,
			 fwa_recovery_decide(zeros, NULL, &nv, &action, &error));
	assert_non_null(strstr(error.sentence, "lost or removed"));
	assert_int_equal(-EUCLEAN,
			 fwa_recovery_decide(nv.value, NULL,
					     &(struct fwa_nv_value){.written = false},
					     &action, &error));
	assert_non_null(strstr(error.sentence, "made anew"));
	assert_int_equal(-EUCLEAN,
			 fwa_recovery_decide(nv.value, NULL,
					     &(struct fwa_nv_value){.written = true},
					     &action, &error));
	assert_non_null(strstr(error.sentence, "eeeeeeee"));
	assert_non_null(strstr(error.sentence, "older copy"));
	/* Nothing was cut off to fit. */
	assert_non_null(strstr(error.sentence, "'fwauditd provision'"));
}

static void checkpoints_fall_due(void **state)
{
	const struct fwa_checkpoint_policy policy = {.records = 10, .interval = 100};
	static const struct {
		uint64_t size, now;
		bool pending, due;
		enum fwa_checkpoint_reason reason;
	} table[] = {
		{14, 1099, false, false, FWA_CHECKPOINT_START},
		{15, 1000, false, true, FWA_CHECKPOINT_COUNT},
		{15, 1100, false, true, FWA_CHECKPOINT_COUNT},
		{5, 1100, false, true, FWA_CHECKPOINT_TIME},
		{5, 1099, false, false, FWA_CHECKPOINT_START},
		{99, 9999, true, false, FWA_CHECKPOINT_START},
		{5, 900, false, false, FWA_CHECKPOINT_START}, /* a clock that fell back */
	};
	struct fwa_ledger_state where = {.checkpoint_size = 5};
	enum fwa_checkpoint_reason reason;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		where.size = table[i].size;
		where.pending = table[i].pending;
		assert_int_equal(table[i].due, fwa_checkpoint_due(&policy, &where, 1000,
								  table[i].now, &reason));
		if (table[i].due)
			assert_int_equal(table[i].reason, reason);
	}
	where = (struct fwa_ledger_state){.size = 1000000};
	assert_false(fwa_checkpoint_due(&(struct fwa_checkpoint_policy){0}, &where, 0,
					UINT64_MAX, &reason));
}

static void books_have_to_balance(void **state)
{
	static const struct {
		struct fwa_checkpoint_counters counters;
		int expected;
	} table[] = {
		{{.issued = 0}, 0},
		{{.issued = 5, .recorded = 3, .lost = 2}, 0},
		{{.issued = 5, .recorded = 3, .lost = 1}, -EINVAL},
		{{.issued = 5, .recorded = 3, .lost = 3}, -EINVAL},
		{{.issued = 5, .recorded = 6, .lost = UINT64_MAX}, -EINVAL},
		{{.issued = UINT64_MAX, .recorded = UINT64_MAX, .lost = 0}, 0},
	};
	struct fwa_ledger_state where = {.size = 7, .checkpoint_number = 2};
	const struct fwa_checkpoint_run run = {.run = 1};
	struct fwa_record record;
	struct fwa_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(table[i].expected,
				 fwa_checkpoint_build(&where, &run, &table[i].counters,
						      FWA_CHECKPOINT_STOP, 1, 2, &record,
						      &error));
	assert_int_equal(7, record.sequence);
	assert_int_equal(3, record.checkpoint.number);
	assert_int_equal(FWA_CHECKPOINT_STOP, record.checkpoint.reason);
	assert_ptr_equal(where.note_digest, record.checkpoint.previous_note_digest.data);
	where.pending = true;
	assert_int_equal(-EBUSY, fwa_checkpoint_build(&where, &run, &table[0].counters,
						      FWA_CHECKPOINT_STOP, 1, 2, &record,
						      &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decision_table),
		cmocka_unit_test(alarms_say_what_happened),
		cmocka_unit_test(checkpoints_fall_due),
		cmocka_unit_test(books_have_to_balance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
