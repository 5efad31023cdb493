# SPDX-License-Identifier: Apache-2.0
"""SPEC.md, "Rules within a record"."""

import hashlib

import record
from record import refuse

U64 = 2 ** 64 - 1
VALUE, UNREADABLE, GONE = range(3)


def sha256(data):
    return hashlib.sha256(data).digest()


def demand(condition, message):
    if not condition:
        refuse(message)


def is_error(value):
    return -4095 <= value <= -1


def _payload(ref):
    demand(ref["captured"] <= ref["length"], "captured more than there was")
    demand((ref["source"] == 3) == (ref["captured"] == 0 and ref["length"] != 0), "source: absent")
    demand((ref["source"] == 2) == (0 < ref["captured"] < ref["length"]), "source: truncated")
    demand(("digest" in ref) == (ref["captured"] > 0), "a payload's digest")


def _rpc(r):
    demand(("result" in r) == ("returned" in r), "result without returned, or the reverse")
    demand("returned" not in r or r["returned"] >= r["entered"], "returned before it entered")
    demand((r["structure_source"] == 3) == ("structure_entry" not in r and "structure_exit" not in r),
           "structure_source")
    _payload(r["request"])
    _payload(r["response"])


def _declaration(r):
    demand(r["error"] == 0 or is_error(r["error"]), "no errno")
    good = r["error"] == 0
    demand(("digest" in r) == good and ("content" in r) == good, "content, digest and error")
    demand(not good or sha256(r["content"]) == r["digest"], "digest of the content")


def _item(i):
    status, before = i["status"], i.get("previous_status")
    demand(all(0x21 <= byte <= 0x7e for byte in i["key"]), "a key's characters")
    demand(is_error(i["error"]) if status == UNREADABLE else i["error"] == 0, "an item's error")
    demand(("digest" in i) == (status == VALUE), "an item's digest")
    demand(status == VALUE or i["length"] == 0, "the length of no value")
    demand(("value" in i) == (status == VALUE and i["length"] <= 256), "an item's value")
    if "value" in i:
        demand(len(i["value"]) == i["length"] and sha256(i["value"]) == i["digest"], "an item's value")
    demand(status != GONE or before is not None, "gone, but never there")
    if before is None:
        demand("previous_digest" not in i and "previous_value" not in i, "a previous value from nowhere")
    demand(("previous_digest" in i) == (before == VALUE), "previous_digest")
    if "previous_value" in i:
        demand("previous_digest" in i and sha256(i["previous_value"]) == i["previous_digest"],
               "previous_value")


def _snapshot(r):
    for item in r["items"]:
        _item(item)
    keys = [item["key"] for item in r["items"]]
    demand(all(a < b for a, b in zip(keys, keys[1:])), "keys of items do not ascend")
    demand(r["ended"] >= r["started"], "ended before it started")
    demand(r["unreadable_count"] <= r["item_count"], "more unreadable than there are")
    demand(("previous" in r) == (r["reason"] != 0), "baseline and previous")
    if r["reason"] == 0:
        demand(not any("previous_status" in item for item in r["items"]), "a baseline with a past")
        demand(len(keys) == r["item_count"], "item_count of a baseline")
        unreadable = sum(item["status"] == UNREADABLE for item in r["items"])
        demand(unreadable == r["unreadable_count"], "unreadable_count of a baseline")


def _kernel_event(r):
    demand(r["not_after"] >= r["not_before"], "not_after before not_before")
    demand("reset_type" not in r or r["type"] == 0, "reset_type of no reset")


def _gap(r):
    demand(r["not_after"] >= r["not_before"], "not_after before not_before")
    demand(r["first_number"] + r["count"] - 1 <= U64, "numbers beyond 2^64-1")


def _sum(r):
    demand(r["issued"] == r["recorded"] + r["lost"], "issued is not recorded + lost")


def _checkpoint(r):
    demand(("previous_note_digest" in r) == (r["number"] != 1), "previous_note_digest")
    _sum(r)
    demand(r["truncated"] <= 2 * r["recorded"], "more payloads truncated than there were")


RULES = {3: _rpc, 4: _declaration, 5: _snapshot, 6: _kernel_event, 7: _gap, 8: _checkpoint, 9: _sum}


def decode(data):
    """A record's fields by name, or Refused."""
    fields = record.decode(data)
    RULES.get(fields["kind"], lambda r: None)(fields)
    return fields
