/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints and a real (software) TPM: the whole chain, each place to die in, each failure. */
#include "tests/integration/seal/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/seal/protocol.h"
#include "collector/seal/recovery.h"
#include "collector/seal/tpm.h"

static void assert_says(const struct lab *lab, const char *word)
{
	if (!strstr(lab->error.sentence, word))
		fail_msg("not about '%s': %s", word, lab->error.sentence);
}

static struct fwa_ledger *begin(struct lab *lab)
{
	struct fwa_ledger *ledger;

	lab_provision(lab);
	lab_start_sealer(lab, NULL);
	ledger = lab_open(lab);
	lab_begin(lab, ledger);
	return ledger;
}

/* Reopen the ledger and recover, with a sealer of its own. */
static struct fwa_ledger *recover(struct lab *lab, int expected)
{
	struct fwa_ledger *ledger = lab_open(lab);
	int rc;

	lab_start_sealer(lab, NULL);
	lab->error.sentence[0] = '\0';
	rc = fwa_recovery_run(ledger, lab->channel, &lab->error);
	if (rc != expected)
		print_error("%s\n", lab->error.sentence);
	assert_int_equal(expected, rc);
	return ledger;
}

static void twenty_checkpoints_verify(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	int i;

	assert_int_equal(0, fwa_recovery_run(ledger, lab->channel, &lab->error));
	for (i = 0; i < 20; i++)
		lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	assert_int_equal(20, lab_verify(lab));
	lab_stop_sealer(lab);
	ledger = recover(lab, 0);
	assert_int_equal(20, fwa_ledger_state(ledger)->checkpoint_number);
	assert_false(fwa_ledger_state(ledger)->pending);
	lab_close(lab, ledger);
	assert_int_equal(0, lab_count_handles(lab, FWA_TPM_TRANSIENT));
}

/* The places between two steps of a checkpoint's life. */
enum step {
	STAGED,
	COMMITTED,
	EXTENDED,
	CERTIFIED,
	ATTESTATION_STAGED,
	ATTESTATION_COMMITTED,
	STEPS
};

/* Go as far as `last` and die there. */
static void live_until(struct lab *lab, enum step last)
{
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX];
	const struct fwa_ledger_state *where;
	struct fwa_tpm *tpm = NULL;
	struct fwa_ledger *ledger;
	size_t size;

	ledger = lab_open(lab);
	where = fwa_ledger_state(ledger);
	lab_append(lab, ledger);
	lab_append_checkpoint(lab, ledger);
	if (last == STAGED)
		goto die;
	assert_int_equal(0, fwa_ledger_commit(ledger, &lab->error));
	if (last == COMMITTED)
		goto die;
	assert_int_equal(0, fwa_tpm_open(lab->tpm.tcti, &tpm, &lab->error));
	assert_int_equal(0, fwa_tpm_use_key(tpm, lab->enrolment.key.name, &lab->error));
	assert_int_equal(0,
			 fwa_tpm_use_index(tpm, lab->enrolment.index.name, &lab->error));
	assert_int_equal(0, fwa_tpm_extend(tpm, where->note_digest, &lab->error));
	if (last == EXTENDED)
		goto die;
	assert_int_equal(0, fwa_tpm_certify(tpm, where->note_digest, attestation, &size,
					    &lab->error));
	if (last == CERTIFIED)
		goto die;
	assert_int_equal(
		0, fwa_ledger_append_attestation(ledger, attestation, size, &lab->error));
	if (last == ATTESTATION_STAGED)
		goto die;
	assert_int_equal(0, fwa_ledger_commit(ledger, &lab->error));
die:
	raise(SIGKILL);
}

/* Die at every place, twice: once with the TPM living on, once with the power gone. */
static void every_place_to_die_is_recovered_from(void **state)
{
	struct lab *lab = *state;
	uint64_t expected = 0;
	struct fwa_ledger *ledger;
	int round, step, status;
	pid_t pid;

	ledger = begin(lab);
	lab_close(lab, ledger);
	lab_stop_sealer(lab);
	for (round = 0; round < 2; round++) {
		for (step = STAGED; step < STEPS; step++) {
			pid = fork();
			assert_true(pid >= 0);
			if (pid == 0) {
				live_until(lab, (enum step)step);
				_exit(1);
			}
			assert_int_equal(pid, waitpid(pid, &status, 0));
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
			if (round == 1) {
				fwa_swtpm_kill(&lab->tpm);
				assert_int_equal(0, fwa_swtpm_start(&lab->tpm));
			}
			expected += step == STAGED ? 0 : 1;
			ledger = recover(lab, 0);
			assert_int_equal(expected,
					 fwa_ledger_state(ledger)->checkpoint_number);
			assert_false(fwa_ledger_state(ledger)->pending);
			lab_checkpoint(lab, ledger); /* and it goes on from there */
			expected++;
			lab_close(lab, ledger);
			lab_stop_sealer(lab);
			assert_int_equal(expected, lab_verify(lab));
		}
	}
}

/* The TPM goes away and comes back: the question is asked again, and nothing is lost. */
static void lost_tpm_is_asked_again(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX];
	size_t size;
	int i;

	lab_checkpoint(lab, ledger);
	for (i = 0; i < 3; i++) {
		lab_append_checkpoint(lab, ledger);
		assert_int_equal(0, fwa_ledger_commit(ledger, &lab->error));
		fwa_swtpm_kill(&lab->tpm);
		assert_int_equal(-ENODEV, lab_ask(lab, ledger, attestation, &size));
		assert_says(lab, lab->tpm.tcti);
		assert_int_equal(-ENODEV, lab_ask(lab, ledger, attestation, &size));
		assert_says(lab, "running");
		assert_int_equal(0, fwa_swtpm_start(&lab->tpm));
		assert_int_equal(0, lab_ask(lab, ledger, attestation, &size));
		/* An answer that got lost is asked for again, too. */
		assert_int_equal(0, lab_ask(lab, ledger, attestation, &size));
		assert_int_equal(0, fwa_ledger_append_attestation(ledger, attestation,
								  size, &lab->error));
		assert_int_equal(0, fwa_ledger_commit(ledger, &lab->error));
	}
	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	assert_int_equal(5, lab_verify(lab));
}

static void another_tpm_is_told_apart(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	struct fwa_swtpm other;

	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	lab_stop_sealer(lab);
	other = lab->tpm;
	assert_int_equal(0, fwa_swtpm_create(&lab->tpm));
	ledger = recover(lab, -ENOENT);
	assert_says(lab, "does not hold the attestation key");
	assert_says(lab, lab->tpm.tcti);
	lab_close(lab, ledger);
	fwa_swtpm_destroy(&other);
}

static void lost_ledger_is_an_alarm(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	char path[128];

	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	lab_stop_sealer(lab);
	snprintf(path, sizeof(path), "%s/ledger.db", lab->directory);
	assert_int_equal(0, unlink(path));
	ledger = recover(lab, -EUCLEAN);
	assert_says(lab, "lost or removed");
	lab_close(lab, ledger);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	char buffer[65536];
	ssize_t count;

	assert_true(in >= 0 && out >= 0);
	while ((count = read(in, buffer, sizeof(buffer))) > 0)
		assert_int_equal(count, write(out, buffer, (size_t)count));
	assert_int_equal(0, count);
	close(in);
	close(out);
}

/* The database and its log, which a run that has not ended keeps beside it. */
static void copy_ledger(const char *from, const char *to)
{
	char from_log[160], to_log[160];

	snprintf(from_log, sizeof(from_log), "%s-wal", from);
	snprintf(to_log, sizeof(to_log), "%s-wal", to);
	copy_file(from, to);
	copy_file(from_log, to_log);
}

static void older_copy_is_an_alarm(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	char path[128], copy[128];

	snprintf(path, sizeof(path), "%s/ledger.db", lab->directory);
	snprintf(copy, sizeof(copy), "%s/copy", lab->parent);
	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	copy_ledger(path, copy);
	ledger = lab_open(lab);
	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	lab_stop_sealer(lab);
	copy_ledger(copy, path);
	ledger = recover(lab, -EUCLEAN);
	assert_says(lab, "older copy");
	lab_close(lab, ledger);
}

/* Remove the index and make it anew: it has the same name and remembers nothing. */
static void index_made_anew_is_an_alarm(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	struct fwa_nv_index again;
	struct fwa_tpm *tpm = NULL;

	lab_checkpoint(lab, ledger);
	lab_close(lab, ledger);
	lab_stop_sealer(lab);
	assert_int_equal(0, fwa_tpm_open(lab->tpm.tcti, &tpm, &lab->error));
	assert_int_equal(
		0, fwa_tpm_remove_index(tpm, lab->enrolment.index.handle, &lab->error));
	assert_int_equal(0, fwa_tpm_create_index(tpm, lab->enrolment.index.handle, 1,
						 &again, &lab->error));
	fwa_tpm_close(tpm);
	assert_memory_equal(lab->enrolment.index.name, again.name, FWA_TPM_NAME_SIZE);
	ledger = recover(lab, -EUCLEAN);
	assert_says(lab, "made anew");
	lab_close(lab, ledger);
}

/* Somebody else extends the index while the collector runs. */
static void foreign_extend_is_an_alarm(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger = begin(lab);
	uint8_t attestation[FWA_ATTESTATION_SIZE_MAX], digest[FWA_DIGEST_SIZE] = {1};
	struct fwa_tpm *tpm = NULL;
	size_t size;

	lab_checkpoint(lab, ledger);
	lab_stop_sealer(lab); /* swtpm serves one connection at a time */
	assert_int_equal(0, fwa_tpm_open(lab->tpm.tcti, &tpm, &lab->error));
	assert_int_equal(0,
			 fwa_tpm_use_index(tpm, lab->enrolment.index.name, &lab->error));
	assert_int_equal(0, fwa_tpm_extend(tpm, digest, &lab->error));
	fwa_tpm_close(tpm);
	lab_start_sealer(lab, NULL);
	lab_append_checkpoint(lab, ledger);
	assert_int_equal(0, fwa_ledger_commit(ledger, &lab->error));
	assert_int_equal(-EUCLEAN, lab_ask(lab, ledger, attestation, &size));
	assert_says(lab, "somebody else");
	lab_close(lab, ledger);
}

static void wrong_tcti_is_a_sentence(void **state)
{
	struct lab *lab = *state;
	struct fwa_ledger *ledger;

	lab_provision(lab);
	ledger = lab_open(lab);
	lab_start_sealer(lab, "swtpm:path=/nowhere/sock");
	assert_int_equal(-ENODEV, fwa_recovery_run(ledger, lab->channel, &lab->error));
	assert_says(lab, "swtpm:path=/nowhere/sock");
	assert_says(lab, "--tpm");
	lab_stop_sealer(lab);
	lab_start_sealer(lab, "nonsense:");
	assert_true(fwa_recovery_run(ledger, lab->channel, &lab->error) < 0);
	assert_says(lab, "nonsense:");
	lab_close(lab, ledger);
}

/* A sealer that is sent what is not a question goes away rather than guess. */
static void nonsense_ends_the_sealer(void **state)
{
	struct lab *lab = *state;

	lab_provision(lab);
	lab_start_sealer(lab, NULL);
	assert_int_equal(0, fwa_frame_send(lab->channel, 77, "x", 1));
	assert_int_equal(0, pthread_join(lab->thread, NULL));
	assert_int_equal(-EBADMSG, lab->sealer_result);
	close(lab->channel);
	close(lab->sealer_end);
	lab->channel = -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(twenty_checkpoints_verify),
		TEST(every_place_to_die_is_recovered_from),
		TEST(lost_tpm_is_asked_again),
		TEST(another_tpm_is_told_apart),
		TEST(lost_ledger_is_an_alarm),
		TEST(older_copy_is_an_alarm),
		TEST(index_made_anew_is_an_alarm),
		TEST(foreign_extend_is_an_alarm),
		TEST(wrong_tcti_is_a_sentence),
		TEST(nonsense_ends_the_sealer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
