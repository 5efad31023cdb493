-- SPDX-License-Identifier: Apache-2.0
PRAGMA application_id = 1180123477;
PRAGMA user_version = 1;
CREATE TABLE leaf(
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  record BLOB NOT NULL CHECK (length(record) BETWEEN 1 AND 1048576)
) STRICT;
CREATE TABLE payload(
  id INTEGER PRIMARY KEY CHECK (id >= 0 AND id % 4 IN (0, 1)),
  salt BLOB NOT NULL CHECK (length(salt) = 16),
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)),
  bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 2097152)
) STRICT;
CREATE TABLE checkpoint(
  number INTEGER PRIMARY KEY CHECK (number >= 1),
  note BLOB NOT NULL CHECK (length(note) BETWEEN 1 AND 110)
) STRICT;
CREATE TABLE attestation(
  number INTEGER PRIMARY KEY CHECK (number >= 1),
  attestation BLOB NOT NULL CHECK (length(attestation) BETWEEN 1 AND 512)
) STRICT;
CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER payload_no_update BEFORE UPDATE ON payload
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER payload_no_delete BEFORE DELETE ON payload
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER attestation_no_update BEFORE UPDATE ON attestation
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER attestation_no_delete BEFORE DELETE ON attestation
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
