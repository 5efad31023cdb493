# SPDX-License-Identifier: Apache-2.0
"""A small, real, signed ledger; every byte of every stored value flipped, one at a time, and rows
deleted, duplicated and swapped. Each time `fwaudit verify` exits 2 and names the place."""

import concurrent.futures
import os
import random
import re
import shutil
import sqlite3
import subprocess

from harness import SCENARIOS, Lab, check, need_machine, verify
from ledger import connect

# Every n-th byte; 1 is all of them.
STRIDE = int(os.environ.get("FWA_TAMPER_STRIDE", "1"))
SEED = int(os.environ.get("FWA_TAMPER_SEED", "1"))
VALUES = {"leaf": ("sequence", ("hash", "record")), "payload": ("id", ("salt", "bytes")),
          "checkpoint": ("number", ("note",)), "attestation": ("number", ("attestation",))}


def make_ledger(lab):
    lab.provision()
    lab.start_daemon("--observe=off")
    lab.send("get-supported-features")
    lab.send("get-supported-features")
    lab.stop_daemon()
    report, code = lab.verify()
    check(code in (0, 1), f"the untouched ledger: exit {code}: {report['findings']}")


def places(path):
    """(table, row, column, offset in the file, size) of every stored value."""
    whole = path.read_bytes()
    database = connect(path)
    for table, (key, columns) in VALUES.items():
        for row in database.execute(f"SELECT {key}, {', '.join(columns)} FROM {table} ORDER BY 1"):
            # A row's values stand one behind the other (a codec of 0 or 1 takes no room).
            offset = whole.find(b"".join(row[1:]))
            check(offset >= 0 and whole.find(b"".join(row[1:]), offset + 1) < 0,
                  f"{table} {row[0]} does not stand in the file exactly once")
            for column, value in zip(columns, row[1:]):
                yield table, row[0], column, offset, len(value)
                offset += len(value)
    database.close()


def names_the_place(report, row):
    return any(re.search(rf"\b{row}\b", finding["sentence"]) for finding in report["findings"])


def same_content(whole, evil, value):
    """Some bits of a zstd frame mean nothing: what counts as evidence is the content."""
    start, end = value
    before, after = (subprocess.run(["zstd", "-dcq"], input=data[start:end], capture_output=True).stdout
                     for data in (whole, evil))
    return before and before == after


def flip(work, whole, enrolment, table, row, column, value, position, bit):
    """None if the flip was found and named, otherwise what was said instead."""
    path = work / f"flip-{os.getpid()}-{position}.db"
    evil = bytearray(whole)
    evil[position] ^= 1 << bit
    path.write_bytes(evil)
    try:
        code, report, text = verify(path, enrolment)
    finally:
        path.unlink()
    if code in (0, 1) and column == "bytes":
        return None if same_content(whole, evil, value) else f"payload {row} byte {position}: exit {code}"
    if code != 2:
        return f"{table} {row} {column} byte {position} bit {bit}: exit {code} {text}"
    named = row // 4 if table == "payload" else row
    if report is None or not (names_the_place(report, named) or names_the_place(report, row)):
        return f"{table} {row} {column} byte {position}: not named: {text} {report}"
    return None


def flips(lab):
    chance = random.Random(SEED)
    whole = lab.ledger.read_bytes()
    jobs = [(table, row, column, (offset, offset + size), offset + i, chance.randrange(8))
            for table, row, column, offset, size in places(lab.ledger)
            for i in range(0, size, STRIDE)]
    print(f"{len(jobs)} flips")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [answer for answer in pool.map(
            lambda job: flip(lab.directory, whole, lab.enrolment, *job), jobs) if answer]
    check(not wrong, f"{len(wrong)} of {len(jobs)} flips passed or were not named:\n" + "\n".join(wrong[:5]))


def rewritten(lab, name, *statements):
    """A copy of the ledger after SQL that its triggers forbid: they are put back to the letter."""
    path = lab.directory / f"{name}.db"
    shutil.copy(lab.ledger, path)
    database = sqlite3.connect(path, isolation_level=None)
    triggers = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for trigger, _ in triggers:
        database.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        database.execute(statement)
    for _, sql in triggers:
        database.execute(sql)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def attacks(lab):
    """(name, statements) of every row deleted, duplicated, and swapped with its neighbour."""
    database = connect(lab.ledger)
    for table, (key, columns) in VALUES.items():
        rows = [row for row, in database.execute(f"SELECT {key} FROM {table} ORDER BY 1")]
        check(rows, f"no rows in {table}: nothing to attack")
        listed = ", ".join(columns) if table != "payload" else "salt, codec, bytes"
        for position, row in enumerate(rows):
            yield f"delete-{table}-{row}", (f"DELETE FROM {table} WHERE {key} = {row}",)
            # Under the next number, and under the first free one that CHECK constraints allow.
            yield (f"duplicate-{table}-{row}",
                   (f"INSERT INTO {table} ({key}, {listed}) SELECT {rows[-1] + 4 - 3 * (table != 'payload')}, "
                    f"{listed} FROM {table} WHERE {key} = {row}",))
            if position + 1 < len(rows):
                other = rows[position + 1]
                yield (f"swap-{table}-{row}-{other}",
                       (f"UPDATE {table} SET {key} = 1000000001 WHERE {key} = {row}",
                        f"UPDATE {table} SET {key} = {row} WHERE {key} = {other}",
                        f"UPDATE {table} SET {key} = {other} WHERE {key} = 1000000001"))
    database.close()


def rows(lab):
    untouched = rewritten(lab, "untouched")
    code, _, text = verify(untouched, lab.enrolment)
    check(code in (0, 1), f"the rewriting alone is seen as tampering (exit {code}): the rows below prove nothing {text}")
    count = 0
    for name, statements in attacks(lab):
        path = rewritten(lab, name, *statements)
        code, report, text = verify(path, lab.enrolment)
        path.unlink()
        check(code == 2, f"{name}: exit {code} {text}")
        check(report and report["findings"], f"{name}: exit 2 without a finding")
        count += 1
    print(f"{count} rows deleted, duplicated or swapped")


def main():
    need_machine()
    with Lab(SCENARIOS / "honest.json") as lab:
        make_ledger(lab)
        rows(lab)
        flips(lab)


if __name__ == "__main__":
    main()
