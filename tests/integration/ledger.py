# SPDX-License-Identifier: Apache-2.0
"""A second reader of ledgers, written from schema/SPEC.md: it shares no code with fwaudit.

It decodes what the tests need to count and compare. It is no verifier: whether the evidence is
genuine is what fwaudit says.
"""

import hashlib
import sqlite3
import subprocess
import tempfile

GENESIS, BOOT, DEVICE, RPC, DECLARATION, SNAPSHOT, KERNEL_EVENT, GAP, CHECKPOINT, SHUTDOWN = range(10)
KIND, SEQUENCE = 0, 1

# Keys of the kinds that tests look into.
RPC_COMMAND, RPC_RESULT, RPC_CALLER, RPC_REQUEST, RPC_RESPONSE, RPC_OWN = 18, 22, 25, 27, 28, 29
DEVICE_NAME, DEVICE_STATE = 16, 18
RPC_DEVICE, RPC_RETURNED, RPC_CPU, RPC_NUMBER = 17, 24, 31, 32
PAYLOAD_LENGTH, PAYLOAD_CAPTURED, PAYLOAD_SOURCE, PAYLOAD_MOMENT, PAYLOAD_DIGEST = range(5)
GAP_CPU, GAP_FIRST, GAP_COUNT = 16, 17, 18
CHECKPOINT_NUMBER, CHECKPOINT_RUN = 16, 19
CHECKPOINT_ISSUED, CHECKPOINT_RECORDED, CHECKPOINT_LOST = 21, 22, 23


def decode(data, offset=0):
    """The CBOR item at `offset`, and the offset behind it. Only what records use."""
    major, info = data[offset] >> 5, data[offset] & 31
    offset += 1
    if major == 7:
        return {20: False, 21: True}[info], offset
    if info < 24:
        value = info
    else:
        size = {24: 1, 25: 2, 26: 4, 27: 8}[info]
        value = int.from_bytes(data[offset:offset + size], "big")
        offset += size
    if major == 0:
        return value, offset
    if major == 1:
        return -1 - value, offset
    if major in (2, 3):
        piece = bytes(data[offset:offset + value])
        return (piece if major == 2 else piece.decode()), offset + value
    if major == 4:
        items = []
        for _ in range(value):
            item, offset = decode(data, offset)
            items.append(item)
        return items, offset
    if major == 5:
        result = {}
        for _ in range(value):
            key, offset = decode(data, offset)
            result[key], offset = decode(data, offset)
        return result, offset
    raise ValueError(f"CBOR major type {major}")


def connect(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.text_factory = bytes
    return database


def records(path):
    """Every record of the ledger, decoded, in order; the stored leaf hashes are checked."""
    database = connect(path)
    try:
        for sequence, leaf, encoded in database.execute(
                "SELECT sequence, hash, record FROM leaf ORDER BY sequence"):
            if hashlib.sha256(b"\0" + encoded).digest() != leaf:
                raise ValueError(f"record {sequence}: its stored leaf hash is not its own")
            record, end = decode(encoded)
            if end != len(encoded) or record[SEQUENCE] != sequence:
                raise ValueError(f"record {sequence}: malformed")
            yield record
    finally:
        database.close()


def payload(path, sequence, part):
    """(salt, captured bytes) of a record's request (part 0) or response (part 1)."""
    database = connect(path)
    try:
        salt, codec, stored = database.execute(
            "SELECT salt, codec, bytes FROM payload WHERE id = ?", (sequence * 4 + part,)).fetchone()
    finally:
        database.close()
    if codec == 0:
        return salt, stored
    with tempfile.NamedTemporaryFile() as packed:
        packed.write(stored)
        packed.flush()
        return salt, subprocess.run(["zstd", "-dcq", packed.name], check=True, capture_output=True).stdout


def counters(path):
    """What a whole ledger holds: foreign and own rpc records, calls lost, and the last checkpoint
    record of each run."""
    result = {"foreign": 0, "own": 0, "lost": 0, "gaps": 0, "runs": 0, "checkpoints": {}, "truncated": 0}
    for record in records(path):
        kind = record[KIND]
        if kind == RPC:
            result["own" if record[RPC_OWN] else "foreign"] += 1
            for direction in (RPC_REQUEST, RPC_RESPONSE):
                payload_map = record[direction]
                if payload_map[PAYLOAD_CAPTURED] < payload_map[PAYLOAD_LENGTH]:
                    result["truncated"] += 1
        elif kind == GAP:
            result["lost"] += record[GAP_COUNT]
            result["gaps"] += 1
        elif kind == BOOT:
            result["runs"] += 1
        elif kind == CHECKPOINT:
            result["checkpoints"][record[CHECKPOINT_RUN]] = (
                record[CHECKPOINT_ISSUED], record[CHECKPOINT_RECORDED], record[CHECKPOINT_LOST])
            if record[CHECKPOINT_ISSUED] != record[CHECKPOINT_RECORDED] + record[CHECKPOINT_LOST]:
                raise ValueError(f"checkpoint {record[CHECKPOINT_NUMBER]}: issued != recorded + lost")
    return result
