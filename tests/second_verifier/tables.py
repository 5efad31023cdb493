# SPDX-License-Identifier: Apache-2.0
"""The field tables of SPEC.md, read from the document itself.

A second verifier could as well write them down once more. Reading them proves more: that what the
document says of each field is all that a decoder needs.
"""

import collections
import pathlib
import re

SPEC = pathlib.Path(__file__).resolve().parents[2] / "schema" / "SPEC.md"
KINDS = ("genesis", "boot", "device", "rpc", "declaration", "snapshot", "kernel-event", "gap",
         "checkpoint", "shutdown")

# low and high bound an integer, a size or a count; `of` names the table of a map or of an array's items.
Field = collections.namedtuple("Field", "key name optional type low high of")


def _number(text):
    match = re.fullmatch(r"(-?)(?:2\^(\d+)(-1)?|(\d+))", text)
    if not match:
        raise ValueError(f"no number: {text}")
    negative, power, less_one, plain = match.groups()
    value = int(plain) if plain else 2 ** int(power) - (1 if less_one else 0)
    return -value if negative else value


def _range(text):
    """'0..128', '0 to 2^64-1' or a single number, as (low, high)."""
    ends = re.split(r"\.\.| to ", text)
    return _number(ends[0]), _number(ends[-1])


def _limits(kind, text):
    """(low, high, table)"""
    link = re.search(r"\[([a-z-]+)\]\(#\1\)", text)
    if kind == "map":
        return None, None, link[1]
    if kind == "array":
        return *_range(text.split(" of ")[0]), link[1]
    if kind == "boolean":
        return None, None, None
    if kind == "bytes":
        return *_range(text.removeprefix("size ")), None
    if text == "nanoseconds":
        return 0, 2 ** 64 - 1, None
    return *_range(text), None


def _read():
    tables = {}
    for name, body in re.findall(r"<!-- fields: ([a-z-]+) -->\n(.*?)<!-- end -->", SPEC.read_text(), re.S):
        fields = []
        for line in body.splitlines()[2:]:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            key, label, optional, kind, limits, _ = cells
            kind = kind.split(",")[0]
            fields.append(Field(int(key), label.strip("`"), optional == "optional", kind,
                                *_limits(kind, limits)))
        tables[name] = fields
    return tables


TABLES = _read()
for _kind in KINDS:
    TABLES[_kind] = TABLES["record"] + TABLES[_kind]
