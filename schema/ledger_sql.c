/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/ledger_sql.h"

_Static_assert(FWA_LEDGER_USER_VERSION == FWA_FORMAT_VERSION, "one version for both");

/*
 * SQLite keeps a statement's text from the object's name on, so line breaks and indentation are
 * part of the format. The spelling here is what a reader compares with.
 */
#define LEAF                                                                             \
	"CREATE TABLE leaf(\n"                                                           \
	"  sequence INTEGER PRIMARY KEY CHECK (sequence >= 0),\n"                        \
	"  hash BLOB NOT NULL CHECK (length(hash) = 32),\n"                              \
	"  record BLOB NOT NULL CHECK (length(record) BETWEEN 1 AND 1048576)\n"          \
	") STRICT"

#define PAYLOAD                                                                          \
	"CREATE TABLE payload(\n"                                                        \
	"  id INTEGER PRIMARY KEY CHECK (id >= 0 AND id % 4 IN (0, 1)),\n"               \
	"  salt BLOB NOT NULL CHECK (length(salt) = 16),\n"                              \
	"  codec INTEGER NOT NULL CHECK (codec IN (0, 1)),\n"                            \
	"  bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 2097152)\n"            \
	") STRICT"

#define CHECKPOINT                                                                       \
	"CREATE TABLE checkpoint(\n"                                                     \
	"  number INTEGER PRIMARY KEY CHECK (number >= 1),\n"                            \
	"  note BLOB NOT NULL CHECK (length(note) BETWEEN 1 AND 110)\n"                  \
	") STRICT"

#define ATTESTATION                                                                      \
	"CREATE TABLE attestation(\n"                                                    \
	"  number INTEGER PRIMARY KEY CHECK (number >= 1),\n"                            \
	"  attestation BLOB NOT NULL CHECK (length(attestation) BETWEEN 1 AND 512)\n"    \
	") STRICT"

/* Against mistakes, not against attackers: those the signatures are for. */
#define KEEP(table, event, verb)                                                         \
	"CREATE TRIGGER " table "_" event " BEFORE " verb " ON " table "\n"              \
	"BEGIN\n"                                                                        \
	"  SELECT RAISE(ABORT, 'the ledger is append-only');\n"                          \
	"END"
#define NO_UPDATE(table) KEEP(table, "no_update", "UPDATE")
#define NO_DELETE(table) KEEP(table, "no_delete", "DELETE")

const struct fwa_ledger_object fwa_ledger_objects[FWA_LEDGER_OBJECT_COUNT] = {
	{"table", "leaf", "leaf", LEAF},
	{"table", "payload", "payload", PAYLOAD},
	{"table", "checkpoint", "checkpoint", CHECKPOINT},
	{"table", "attestation", "attestation", ATTESTATION},
	{"trigger", "leaf_no_update", "leaf", NO_UPDATE("leaf")},
	{"trigger", "leaf_no_delete", "leaf", NO_DELETE("leaf")},
	{"trigger", "payload_no_update", "payload", NO_UPDATE("payload")},
	{"trigger", "payload_no_delete", "payload", NO_DELETE("payload")},
	{"trigger", "checkpoint_no_update", "checkpoint", NO_UPDATE("checkpoint")},
	{"trigger", "checkpoint_no_delete", "checkpoint", NO_DELETE("checkpoint")},
	{"trigger", "attestation_no_update", "attestation", NO_UPDATE("attestation")},
	{"trigger", "attestation_no_delete", "attestation", NO_DELETE("attestation")},
};

const char fwa_ledger_sql
	[] = "PRAGMA application_id = 1180123477;\n"
	     "PRAGMA user_version = 1;\n" LEAF ";\n" PAYLOAD ";\n" CHECKPOINT
	     ";\n" ATTESTATION
	     ";\n" NO_UPDATE("leaf") ";\n" NO_DELETE("leaf") ";\n" NO_UPDATE("payload") ";\n" NO_DELETE("payload") ";\n" NO_UPDATE(
		     "checkpoint") ";\n" NO_DELETE("checkpoint") ";\n" NO_UPDATE("attesta"
										 "tion") ";\n" NO_DELETE("attestation") ";\n";
