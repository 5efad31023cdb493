# SPDX-License-Identifier: Apache-2.0
"""Ways to tamper with a copy of a ledger, at random: what somebody would do who can write the file."""

import base64
import hashlib
import pathlib
import shutil
import sqlite3
import sys

from harness import ROOT
from ledger import CHECKPOINT, decode

sys.path.insert(0, str(ROOT / "tests" / "second_verifier"))

import merkle  # noqa: E402
import record as encoding  # noqa: E402

COLUMNS = {"leaf": ("sequence", "hash", "record"), "payload": ("id", "salt", "codec", "bytes"),
           "checkpoint": ("number", "note"), "attestation": ("number", "attestation")}
NUMBERS = {"codec"}


class Copy:
    """A copy of a ledger that can be edited against its will; its triggers come back to the letter."""

    def __init__(self, source, target):
        target.mkdir()
        self.source, self.path, self.work = source, target / "ledger.db", target / "work.db"
        self.log = pathlib.Path(f"{source}-wal")
        shutil.copy(source, self.work)
        if self.log.exists():
            shutil.copy(self.log, f"{self.work}-wal")
        self.database = sqlite3.connect(self.work, isolation_level=None)
        self.triggers = self.database.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid").fetchall()
        self.run("PRAGMA wal_autocheckpoint = 0")
        self.run("PRAGMA ignore_check_constraints = ON")
        self.run("BEGIN")
        for name, _ in self.triggers:
            self.run(f"DROP TRIGGER {name}")

    def run(self, statement, *values):
        return self.database.execute(statement, values).fetchall()

    def close(self):
        """The log stays if there was one: both files are copied while they are open."""
        for _, sql in self.triggers:
            self.run(sql)
        self.run("COMMIT")
        if self.log.exists():
            shutil.copy(self.work, self.path)
            shutil.copy(f"{self.work}-wal", f"{self.path}-wal")
        self.database.close()
        if not self.log.exists():
            self.work.rename(self.path)
        for left in self.path.parent.glob("work.db*"):
            left.unlink()

    def keys(self, table):
        return [key for key, in self.run(f"SELECT {COLUMNS[table][0]} FROM {table} ORDER BY 1")]

    def records(self):
        for sequence, data in self.run("SELECT sequence, record FROM leaf ORDER BY sequence"):
            yield sequence, data

    def rewrite(self, sequence, fields):
        """Another record in the place of one, with its hash."""
        data = encoding.encode(fields)
        self.run("UPDATE leaf SET hash = ?, record = ? WHERE sequence = ?", merkle.leaf(data), data, sequence)


def pick_row(copy, chance):
    """(table, key column, key, other columns), or None of an empty ledger."""
    tables = [table for table in COLUMNS if copy.keys(table)]
    if not tables:
        return None
    table = chance.choice(tables)
    return table, COLUMNS[table][0], chance.choice(copy.keys(table)), COLUMNS[table][1:]


def flip(copy, chance):
    row = pick_row(copy, chance)
    if row:
        table, key, number, columns = row
        column = chance.choice(columns)
        (value,), = copy.run(f"SELECT {column} FROM {table} WHERE {key} = ?", number)
        if column in NUMBERS:
            value ^= 1 << chance.randrange(3)
        elif value:
            value = bytearray(value)
            value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
        copy.run(f"UPDATE {table} SET {column} = ? WHERE {key} = ?",
                 value if column in NUMBERS else bytes(value), number)


def resize(copy, chance):
    """A value cut off, or made longer."""
    row = pick_row(copy, chance)
    if row:
        table, key, number, columns = row
        column = chance.choice([column for column in columns if column not in NUMBERS])
        (value,), = copy.run(f"SELECT {column} FROM {table} WHERE {key} = ?", number)
        value = value + chance.randbytes(chance.randint(1, 40)) if chance.random() < .5 else \
            value[:chance.randrange(len(value) + 1)]
        copy.run(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", value, number)


def delete(copy, chance):
    row = pick_row(copy, chance)
    if row:
        table, key, number, _ = row
        copy.run(f"DELETE FROM {table} WHERE {key} BETWEEN ? AND ?", number,
                 number + chance.choice((0, 0, 1, 5)))


def duplicate(copy, chance):
    row = pick_row(copy, chance)
    if row:
        table, key, number, columns = row
        last = copy.keys(table)[-1]
        target = last + chance.choice((1, 1, 4, 1000)) if chance.random() < .9 else -chance.randint(1, 9)
        listed = ", ".join(columns)
        copy.run(f"INSERT INTO {table} ({key}, {listed}) SELECT ?, {listed} FROM {table} WHERE {key} = ?",
                 target, number)


def swap(copy, chance):
    row = pick_row(copy, chance)
    if row:
        table, key, number, _ = row
        other = chance.choice(copy.keys(table))
        if other != number:
            for new, old in ((1 << 40, number), (number, other), (other, 1 << 40)):
                copy.run(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", new, old)


def truncate(copy, chance):
    """Back to a checkpoint: what whoever wants the rest to be forgotten would do."""
    checkpoints = [(sequence, decode(data)[0][16]) for sequence, data in copy.records()
                   if decode(data)[0][0] == CHECKPOINT]
    if not checkpoints:
        return
    sequence, number = chance.choice(checkpoints)
    copy.run("DELETE FROM leaf WHERE sequence > ?", sequence)
    copy.run("DELETE FROM payload WHERE id >= ?", (sequence + 1) * 4)
    copy.run("DELETE FROM checkpoint WHERE number > ?", number)
    copy.run("DELETE FROM attestation WHERE number > ?", number - chance.choice((0, 0, 0, 1, 2)))


def _numbers(fields, skip=("kind", "sequence")):
    """(map, name) of every number and byte string in a record, nested ones too."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _numbers(value, ())
        elif isinstance(value, list):
            for item in value:
                yield from _numbers(item, ())
        elif name not in skip:
            yield fields, name


def _change(fields, name, chance):
    value = fields[name]
    if isinstance(value, bool):
        fields[name] = not value
    elif isinstance(value, int):
        fields[name] = max(0, value + chance.choice((-1, 1, 1, 2, 100)))
    elif value:
        at = chance.randrange(len(value))
        fields[name] = value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1:]


def _pick_record(copy, chance):
    """(sequence, fields) of a record; kinds that are rare are as likely as those that are not."""
    kinds = {}
    for sequence, data in copy.records():
        try:
            fields = encoding.decode(data)
        except encoding.Refused:
            continue
        kinds.setdefault(fields["kind"], []).append((sequence, fields))
    return chance.choice(kinds[chance.choice(list(kinds))]) if kinds else (None, None)


def edit(copy, chance):
    """One field of one record, with its hash computed anew."""
    sequence, fields = _pick_record(copy, chance)
    if fields:
        _change(*chance.choice(list(_numbers(fields))), chance)
        copy.rewrite(sequence, fields)


COUNTERS = ("recorded", "lost", "truncated", "number", "first_number", "count", "run", "device", "previous",
            "after", "supersedes", "item_count", "cpu", "state_digest", "previous_note_digest",
            "configuration_digest", "enrolment_digest", "boot_id", "previous_status", "previous_digest")


def contradict(copy, chance):
    """What a record says of others: a counter, a number, a reference; sums still add up."""
    sequence, fields = _pick_record(copy, chance)
    places = [place for place in _numbers(fields or {}) if place[1] in COUNTERS]
    if places:
        where, name = chance.choice(places)
        _change(where, name, chance)
        if "issued" in fields:
            fields["issued"] = fields["recorded"] + fields["lost"]
        copy.rewrite(sequence, fields)


def drop_field(copy, chance):
    sequence, fields = _pick_record(copy, chance)
    if fields:
        names = [name for name in fields if name not in ("kind", "sequence")]
        del fields[chance.choice(names)]
        copy.rewrite(sequence, fields)


def forge(copy, chance):
    """One more record at the end, made of another: whoever can write the file can do that."""
    sequence, fields = _pick_record(copy, chance)
    if fields:
        last = copy.keys("leaf")[-1] + 1
        fields["sequence"] = last
        copy.run("INSERT INTO leaf (sequence, hash, record) VALUES (?, x'', x'')", last)
        copy.rewrite(last, fields)
        for part in (0, 1):
            copy.run("INSERT OR IGNORE INTO payload SELECT ?, salt, codec, bytes FROM payload WHERE id = ?",
                     last * 4 + part, sequence * 4 + part)


def reseal(copy, chance):
    """Notes for the tree as it now is, from some checkpoint on: everything but the TPM's part."""
    tree, digest, first = merkle.Tree(), None, chance.choice((1, 2, 4))
    for sequence, data in list(copy.records()):
        try:
            fields = encoding.decode(data)
        except encoding.Refused:
            fields = {"kind": None}
        if fields["kind"] == CHECKPOINT:
            notes = copy.run("SELECT note FROM checkpoint WHERE number = ?", fields["number"])
            if digest and "previous_note_digest" in fields:
                fields["previous_note_digest"] = digest
                copy.rewrite(sequence, fields)
                data = encoding.encode(fields)
        tree.append(merkle.leaf(data))
        if fields["kind"] == CHECKPOINT and notes and fields["number"] >= first:
            origin = notes[0][0].split(b"\n")[0]
            note = origin + b"\n%d\n%s\n" % (tree.size, base64.b64encode(tree.root()))
            copy.run("UPDATE checkpoint SET note = ? WHERE number = ?", note, fields["number"])
            digest = hashlib.sha256(note).digest()


ATTACKS = (flip, flip, resize, delete, duplicate, swap, truncate, edit, contradict, contradict, drop_field,
           forge, forge, reseal, reseal)


def tamper(source, target, chance):
    """Make a copy and attack it; what was done."""
    copy, done = Copy(source, target), []
    try:
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            attack = chance.choice(ATTACKS)
            attack(copy, chance)
            done.append(attack.__name__)
    finally:
        copy.close()
    if chance.random() < 0.1:
        scratch(copy.path, chance)
        done.append("scratch")
    return "+".join(done)


def scratch(path, chance):
    """One bit of the file, or of its log, wherever it may be: what a failing disk does."""
    files = [file for file in (path, pathlib.Path(f"{path}-wal")) if file.exists()]
    file = chance.choice(files)
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
