# SPDX-License-Identifier: Apache-2.0
"""Checkpoint notes and signed notes."""

import base64
import binascii
import collections
import re

from record import refuse
from rules import demand, sha256

Note = collections.namedtuple("Note", "ledger size root")
UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SIGNATURE_TYPE = b"tpm2-nv-certify/v1"


def strict_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        refuse("no base64")
    demand(base64.b64encode(data) == text, "base64 with bits to spare")
    return data


def parse(data):
    match = re.fullmatch(rb"fwaudit/(" + UUID + rb")\n([1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n", data)
    demand(match, "no note")
    size, root = int(match[2]), strict_base64(match[3])
    demand(size < 2 ** 63, "the tree size")
    return Note(match[1].decode(), size, root)


def key_id(origin, public):
    return sha256(origin + b"\n\xff" + SIGNATURE_TYPE + public)[:4]


def parse_signed(data):
    """(note's bytes, key id, attestation)"""
    text, line, rest = data.partition("\n\n\u2014 ".encode())
    demand(line, "no signature")
    note = text + b"\n"
    parse(note)
    origin = note.split(b"\n")[0]
    match = re.fullmatch(re.escape(origin) + rb" ([A-Za-z0-9+/=]+)\n", rest)
    demand(match, "no single signature line of the ledger")
    blob = strict_base64(match[1])
    demand(4 < len(blob) <= 4 + 512, "size of the signature")
    return note, blob[:4], blob[4:]
