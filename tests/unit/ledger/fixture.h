/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the ledger writer share. Everything asserts. */
#ifndef FWA_TESTS_UNIT_LEDGER_FIXTURE_H
#define FWA_TESTS_UNIT_LEDGER_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "collector/ledger/ledger.h"

struct fixture {
	char directory[64]; /* of the ledger */
	char path[96];      /* of its database */
	struct fwa_error error;
};

/* cmocka setup and teardown: a struct fixture with an empty directory. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

struct fwa_ledger *open_ledger(struct fixture *fixture);
void close_ledger(struct fixture *fixture, struct fwa_ledger *ledger);

/* Fails unless opening is refused with `code` and a sentence that holds every word given. */
void assert_refused(struct fixture *fixture, int code, const char *word,
		    const char *other_word);

/* Records whose content follows from their number, so that it can be told afterwards. */
void append_genesis(struct fixture *fixture, struct fwa_ledger *ledger);
void append_boot(struct fixture *fixture, struct fwa_ledger *ledger);
void append_gap(struct fixture *fixture, struct fwa_ledger *ledger);
void append_shutdown(struct fixture *fixture, struct fwa_ledger *ledger);
void append_checkpoint(struct fixture *fixture, struct fwa_ledger *ledger);
/* The attestation of the pending checkpoint. */
void append_attestation(struct fixture *fixture, struct fwa_ledger *ledger);
void commit(struct fixture *fixture, struct fwa_ledger *ledger);
/* From genesis to an attested checkpoint after a shutdown, committed. 4 records. */
void commit_whole_run(struct fixture *fixture, struct fwa_ledger *ledger);

/* Run SQL on the closed ledger, as an attacker with SQLite would: no trigger runs. */
void tamper(struct fixture *fixture, const char *sql);

/* Root over the records in the file, straight from RFC 9162's definition. */
void naive_root(struct fixture *fixture, uint64_t size,
		uint8_t ret_root[FWA_DIGEST_SIZE]);

/* One integer that a query of the file yields. */
int64_t query(struct fixture *fixture, const char *sql);

#endif
