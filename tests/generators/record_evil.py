# SPDX-License-Identifier: Apache-2.0
"""Records that have to be refused: each is a good one with one fault, named by its rule."""
from record_format import Pairs, Raw, encode, head, record_pairs, sha256
from record_good import CHANGES, STATE, U64, item, records, without

GOOD = {name: fields for name, _, fields in records()}

SHORTEST = "a head is not in its shortest form"
TYPE = "a value has the wrong type"
NEVER = "it holds an item of a type that records never use"
MALFORMED = "it is not well-formed CBOR"
EARLY = "the record ends too early"
LATE = "bytes follow the record"
ORDER = "keys are not in ascending order"
MISSING = "a key is missing or out of order"
UNKNOWN = "a key is not known"
ALONE = "a key stands without the one that it goes with"
RANGE = "a number is out of its range"
SIZE = "a byte string has the wrong size"
LIMIT = "a byte string is over its limit"


def pairs(name):
    return record_pairs(GOOD[name])


def replaced(name, key, value):
    """The record with another value at a key."""
    return encode(Pairs((k, value if k == key else v) for k, v in pairs(name)))


def altered(name, **fields):
    """The record with other fields, encoded as if they were right."""
    return encode(record_pairs({**GOOD[name], **fields}))


def lacking(name, *fields):
    return encode(record_pairs(without(GOOD[name], *fields)))


def item_altered(fields, remove=(), **changes):
    """The snapshot of changes with one item in place of the one that has the same key."""
    fields = {**without(fields, *remove), **changes}
    items = [fields if i["key"] == fields["key"] else i for i in CHANGES]
    return altered("snapshot-changes", items=items)


def heads():
    long_forms = {1: b"\x18\x05", 2: b"\x19\x00\x05", 4: b"\x1a\0\0\0\x05"}
    long_forms[8] = b"\x1b\0\0\0\0\0\0\0\x05"
    for size, form in long_forms.items():
        yield f"integer-in-{size}-more", SHORTEST, replaced("shutdown", 1, Raw(form))
    yield "integer-255-in-2-more", SHORTEST, replaced("shutdown", 1, Raw(b"\x19\x00\xff"))
    yield "integer-65535-in-4-more", SHORTEST, replaced(
        "shutdown", 1, Raw(b"\x1a\0\0\xff\xff")
    )
    yield "integer-u32-in-8-more", SHORTEST, replaced(
        "shutdown", 1, Raw(b"\x1b\0\0\0\0\xff\xff\xff\xff")
    )
    yield "negative-in-1-more", SHORTEST, replaced("rpc-refused", 22, Raw(b"\x38\x00"))
    yield "negative-in-8-more", SHORTEST, replaced("rpc-refused", 22, Raw(b"\x3b" + bytes(8)))
    yield "key-in-1-more", SHORTEST, encode(
        Pairs((Raw(b"\x18\x01") if k == 1 else k, v) for k, v in pairs("shutdown"))
    )
    yield "string-size-in-1-more", SHORTEST, replaced("shutdown", 16, Raw(b"\x58\x01x"))
    yield "string-size-in-8-more", SHORTEST, replaced(
        "shutdown", 16, Raw(b"\x5b" + bytes(7) + b"\x01x")
    )
    body = encode(pairs("shutdown"))[1:]
    yield "map-size-in-1-more", SHORTEST, b"\xb8\x08" + body
    yield "array-size-in-1-more", SHORTEST, replaced("snapshot-unchanged", 26, Raw(b"\x98\0"))
    yield "indefinite-map", NEVER, b"\xbf" + body + b"\xff"
    yield "indefinite-array", NEVER, replaced("snapshot-unchanged", 26, Raw(b"\x9f\xff"))
    yield "indefinite-string", NEVER, replaced("shutdown", 16, Raw(b"\x5f\x41x\xff"))
    yield "reserved-head", MALFORMED, replaced("shutdown", 1, Raw(b"\x1c"))


def types():
    for name, form in {
        "text": b"\x61x",
        "half-float": b"\xf9\x3c\x00",
        "single-float": b"\xfa\x3f\x80\0\0",
        "double-float": b"\xfb\x3f\xf0\0\0\0\0\0\0",
        "null": b"\xf6",
        "undefined": b"\xf7",
        "tag": b"\xc1\x05",
        "break": b"\xff",
    }.items():
        yield name, NEVER, replaced("shutdown", 1, Raw(form))
    yield "simple-value", MALFORMED, replaced("shutdown", 1, Raw(b"\xe0"))
    yield "boolean-in-1-more", MALFORMED, replaced("rpc", 29, Raw(b"\xf8\x14"))
    yield "negative-for-unsigned", TYPE, replaced("shutdown", 1, -1)
    yield "string-for-unsigned", TYPE, replaced("shutdown", 1, b"\x05")
    yield "unsigned-for-string", TYPE, replaced("shutdown", 16, 5)
    yield "unsigned-for-boolean", TYPE, replaced("rpc", 29, 1)
    yield "boolean-for-unsigned", TYPE, replaced("rpc", 31, True)
    yield "string-for-integer", TYPE, replaced("rpc", 22, b"")
    yield "array-for-map", TYPE, replaced("boot", 20, [])
    yield "map-for-array", TYPE, replaced("snapshot-unchanged", 26, Pairs())
    yield "map-for-unsigned", TYPE, replaced("shutdown", 1, Pairs([(0, 0)]))
    yield "nested-deeply", TYPE, replaced("shutdown", 1, Raw(b"\x81" * 64 + b"\0"))
    yield "array-for-record", TYPE, encode([9, 18])
    yield "unsigned-for-record", TYPE, encode(9)
    yield "string-for-key", TYPE, encode(
        Pairs((b"\x01" if k == 1 else k, v) for k, v in pairs("shutdown"))
    )
    yield "item-is-no-map", TYPE, altered_items([Raw(b"\x00")])


def altered_items(encoded):
    return replaced("snapshot-changes", 26, encoded)


def sizes():
    whole = encode(pairs("shutdown"))
    yield "empty", EARLY, b""
    yield "cut-by-one", EARLY, whole[:-1]
    yield "cut-after-head", EARLY, whole[:1]
    yield "one-byte-more", LATE, whole + b"\0"
    yield "twice", LATE, whole + whole
    yield "map-claims-more", EARLY, b"\xa9" + whole[1:]
    yield "map-claims-2-to-64", EARLY, b"\xbb" + b"\xff" * 8 + whole[1:]
    yield "map-claims-less", MISSING, b"\xa7" + whole[1:]
    event = encode(pairs("kernel-event-reset"))
    yield "map-claims-less-optional", LATE, bytes([event[0] - 1]) + event[1:]
    yield "string-claims-2-to-64", EARLY, replaced("shutdown", 16, Raw(b"\x5b" + b"\xff" * 8))
    yield "array-claims-2-to-64", EARLY, replaced(
        "snapshot-unchanged", 26, Raw(b"\x9b" + b"\xff" * 8)
    )
    yield "array-claims-one", EARLY, replaced("snapshot-unchanged", 26, Raw(b"\x81"))


def keys():
    good = pairs("shutdown")
    yield "keys-swapped", MISSING, encode(Pairs([good[0], good[2], good[1], *good[3:]]))
    yield "keys-swapped-optional", ORDER, swapped_optional()
    yield "key-twice", ORDER, encode(Pairs([*good[:3], good[2], *good[3:]]))
    yield "key-twice-at-the-end", ORDER, encode(Pairs([*good, good[-1]]))
    yield "key-twice-in-nested", ORDER, replaced(
        "rpc", 26, Pairs([(0, 1), (0, 1), (1, 3), (2, 2), (3, 0), (4, 0)])
    )
    yield "key-unknown-at-the-end", UNKNOWN, encode(Pairs([*good, (20, 0)]))
    yield "key-unknown-between", UNKNOWN, encode(Pairs([*good[:4], (15, 0), *good[4:]]))
    yield "key-unknown-in-nested", UNKNOWN, replaced(
        "rpc", 26, Pairs([(0, 1), (1, 3), (2, 2), (3, 0), (4, 0), (5, 0)])
    )
    yield "key-2-to-64", UNKNOWN, encode(Pairs([*good, (U64, 0)]))
    for name in ("kind", "sequence", "time", "boot_time"):
        yield "no-" + name.replace("_", "-"), MISSING, encode(
            Pairs(p for p in good if p[0] != ["kind", "sequence", "time", "boot_time"].index(name))
        )
    yield "no-required-field", MISSING, lacking("shutdown", "lost")
    yield "no-required-nested", MISSING, lacking("rpc", "caller")
    yield "no-items", MISSING, lacking("snapshot-unchanged", "items")
    yield "no-field-in-nested", MISSING, replaced(
        "rpc", 26, Pairs([(0, 1), (1, 3), (2, 2), (3, 0)])
    )
    yield "result-without-returned", MISSING, lacking("rpc", "returned")
    yield "returned-without-result", ALONE, lacking("rpc", "result")


def swapped_optional():
    """Two optional keys in the wrong order: the second one is then below the first."""
    device = pairs("device")
    device[-1], device[-2] = device[-2], device[-1]
    return encode(device)


def values():
    yield "kind-unknown", RANGE, replaced("shutdown", 0, 10)
    yield "kind-u64", RANGE, replaced("shutdown", 0, U64)
    yield "kind-of-another", TYPE, replaced("shutdown", 0, 8)
    yield "u32-over", RANGE, altered("rpc", cpu=1 << 32)
    yield "integer-over", RANGE, replaced("rpc", 22, 1 << 63)
    yield "integer-under", RANGE, replaced("rpc", 22, Raw(head(1, 1 << 63)))
    yield "format-version-0", RANGE, altered("genesis", format_version=0)
    yield "format-version-2", RANGE, altered("genesis", format_version=2)
    yield "transport-unknown", RANGE, altered("rpc", transport=1)
    yield "source-unknown", RANGE, altered("rpc", structure_source=4)
    yield "layers-none", RANGE, altered("rpc", layers=0)
    yield "layers-unknown", RANGE, altered("rpc", layers=4)
    yield "number-0", RANGE, altered("rpc", number=0)
    yield "flags-unknown", RANGE, altered(
        "rpc", caller={**GOOD["rpc"]["caller"], "flags": 4}
    )
    yield "device-state-unknown", RANGE, altered("device", state=2)
    yield "declaration-source-unknown", RANGE, altered("declaration-cel", source=2)
    yield "snapshot-reason-unknown", RANGE, altered("snapshot-changes", reason=5)
    yield "event-type-unknown", RANGE, altered("kernel-event-taint", type=3)
    yield "reset-type-unknown", RANGE, altered("kernel-event-reset", reset_type=3)
    yield "checkpoint-reason-unknown", RANGE, altered("checkpoint", reason=4)
    yield "checkpoint-number-0", RANGE, altered("checkpoint-first", number=0)
    yield "gap-of-none", RANGE, altered("gap", count=0)
    yield "gap-from-0", RANGE, altered("gap", first_number=0)
    yield "effects-unknown", RANGE, item_altered(CHANGES[0], effects=0x2000)
    yield "captured-over-limit", RANGE, altered(
        "rpc-truncated",
        request={**GOOD["rpc-truncated"]["request"], "captured": (2 << 20) + 1},
    )
    yield "uuid-short", SIZE, altered("genesis", ledger_uuid=bytes(15))
    yield "uuid-long", SIZE, altered("genesis", ledger_uuid=bytes(17))
    yield "digest-short", SIZE, altered("genesis", enrolment_digest=bytes(31))
    yield "digest-long", SIZE, altered("genesis", enrolment_digest=bytes(33))
    yield "digest-empty", SIZE, altered("checkpoint", previous_note_digest=b"")
    yield "item-key-empty", SIZE, altered(
        "snapshot-changes", items=[{**CHANGES[4], "key": b""}]
    )
    yield "name-over-limit", LIMIT, altered("genesis", collector_version=b"x" * 129)
    yield "path-over-limit", LIMIT, altered("device", path=b"x" * 4097)
    yield "sentence-over-limit", LIMIT, altered("shutdown", reason=b"x" * 1025)
    yield "structure-over-limit", LIMIT, altered("rpc", structure_entry=bytes(129))
    yield "item-key-over-limit", LIMIT, altered(
        "snapshot-changes", items=[{**CHANGES[4], "key": b"x" * 129}]
    )
    yield "item-value-over-limit", LIMIT, item_altered(
        CHANGES[4], value=bytes(257), length=257, digest=sha256(bytes(257))
    )


def payloads():
    sizes_text = "a payload's source contradicts its sizes"
    digest_text = "a payload's digest does not go with its size"
    request = GOOD["rpc"]["request"]

    def with_request(remove=(), **changes):
        return altered("rpc", request={**without(request, *remove), **changes})

    yield "payload-captured-over-length", (
        "more was captured of a payload than it holds"
    ), with_request(length=23)
    yield "payload-whole-but-truncated", sizes_text, with_request(source=2)
    yield "payload-part-but-whole", sizes_text, with_request(length=25)
    yield "payload-whole-but-absent", sizes_text, with_request(source=3)
    yield "payload-none-but-user", sizes_text, with_request(["digest"], captured=0)
    yield "payload-empty-but-absent", sizes_text, with_request(
        ["digest"], captured=0, length=0, source=3
    )
    yield "payload-without-digest", digest_text, with_request(["digest"])
    yield "payload-digest-of-none", digest_text, with_request(captured=0, source=3)


def consistency():
    counters = "issued is not recorded + lost"
    content = "a declaration's content contradicts its error"
    value = "an item's value contradicts its length"
    digest = "a digest is not that of the bytes beside it"
    structure = "structure_source contradicts what there is of it"
    yield "returned-before-entered", "a call returned before it was entered", altered(
        "rpc", returned=GOOD["rpc"]["entered"] - 1
    )
    yield "structure-but-absent", structure, altered("rpc", structure_source=3)
    yield "no-structure-but-user", structure, lacking("rpc", "structure_entry", "structure_exit")
    yield "declaration-error-positive", "error is not 0 or a negative errno", altered(
        "declaration-unreadable", error=5
    )
    yield "declaration-error-far", "error is not 0 or a negative errno", altered(
        "declaration-unreadable", error=-4096
    )
    yield "declaration-content-and-error", content, altered("declaration-cel", error=-5)
    yield "declaration-of-nothing", content, altered("declaration-unreadable", error=0)
    yield "declaration-no-digest", content, lacking("declaration-cel", "digest")
    yield "declaration-digest-wrong", digest, altered("declaration-cel", digest=bytes(32))
    yield "event-backwards", "not_after is before not_before", altered(
        "kernel-event-reset", not_after=0
    )
    yield "reset-type-of-taint", "reset_type stands in an event that is no reset", altered(
        "kernel-event-taint", reset_type=0
    )
    yield "gap-backwards", "not_after is before not_before", altered("gap", not_after=0)
    yield "gap-runs-over", "a gap's numbers run over", altered(
        "gap-largest", first_number=2
    )
    yield "checkpoint-counters", counters, altered("checkpoint", lost=6)
    yield "checkpoint-counters-wrap", counters, altered(
        "checkpoint", issued=0, recorded=U64, lost=1
    )
    yield "checkpoint-truncated", "more payloads are truncated than were recorded", altered(
        "checkpoint", truncated=9
    )
    note = "a checkpoint's number contradicts previous_note_digest"
    yield "checkpoint-first-with-previous", note, altered("checkpoint", number=1)
    yield "checkpoint-later-without-previous", note, altered("checkpoint-first", number=2)
    yield "shutdown-counters", counters, altered("shutdown", issued=12)
    yield "item-digest-wrong", digest, item_altered(CHANGES[0], digest=bytes(32))
    yield "item-previous-digest-wrong", digest, item_altered(
        CHANGES[0], previous_digest=bytes(32)
    )
    yield "item-value-missing", value, item_altered(CHANGES[0], ["value"])
    yield "item-value-too-long-to-stand", value, item_altered(CHANGES[0], length=257)
    yield "item-length-wrong", value, item_altered(CHANGES[0], length=5)


def snapshots():
    error = "an item's error contradicts its status"
    status = "an item's digest contradicts its status"
    order = "items are not in ascending order of their keys"
    unreadable = CHANGES[5]
    yield "item-error-of-value", error, item_altered(CHANGES[0], error=-5)
    yield "item-unreadable-without-error", error, item_altered(unreadable, error=0)
    yield "item-unreadable-error-positive", error, item_altered(unreadable, error=5)
    yield "item-length-of-unreadable", "an item's length contradicts its status", item_altered(
        unreadable, length=1
    )
    yield "item-digest-of-unreadable", status, item_altered(unreadable, digest=bytes(32))
    yield "item-no-digest", status, item_altered(CHANGES[0], ["digest"])
    yield "item-previous-no-digest", status, item_altered(
        CHANGES[0], ["previous_digest", "previous_value"]
    )
    yield "item-previous-value-of-unreadable", (
        "an item's value contradicts its status"
    ), item_altered(CHANGES[0], ["previous_digest"], previous_status=1)
    yield "item-previous-without-status", "an item has half a previous state", item_altered(
        CHANGES[0], ["previous_status"]
    )
    yield "item-gone-from-nowhere", "an item is gone that was not there before", item_altered(
        CHANGES[1], ["previous_status", "previous_digest", "previous_value"]
    )
    yield "item-key-not-ascii", "a key is not printable ASCII", altered(
        "snapshot-changes", items=[{**CHANGES[4], "key": b"cxl.\xe9"}]
    )
    yield "item-key-with-space", "a key is not printable ASCII", altered(
        "snapshot-changes", items=[{**CHANGES[4], "key": b"cxl lsa"}]
    )
    yield "items-swapped", order, altered(
        "snapshot-changes", items=[CHANGES[1], CHANGES[0], *CHANGES[2:]]
    )
    yield "item-twice", order, altered(
        "snapshot-changes", items=[CHANGES[0], CHANGES[0], *CHANGES[1:]]
    )
    yield "item-prefix-later", order, altered(
        "snapshot-changes", items=[item(b"cxl.lsa", b""), item(b"cxl.ls", b"")]
    )
    yield "snapshot-backwards", "a snapshot ended before it started", altered(
        "snapshot-changes", ended=0
    )
    yield "snapshot-unreadable-over-count", "more items are unreadable than there are", altered(
        "snapshot-changes", unreadable_count=6
    )
    reason = "a snapshot's reason contradicts its previous snapshot"
    yield "baseline-with-previous", reason, altered("snapshot-baseline", previous=5)
    yield "changes-without-previous", reason, lacking("snapshot-changes", "previous")
    counts = "a baseline's counts are not those of its items"
    yield "baseline-count", counts, altered("snapshot-baseline", item_count=6)
    yield "baseline-unreadable-count", counts, altered("snapshot-baseline", unreadable_count=0)
    yield "baseline-with-change", "a baseline speaks of an earlier state", altered(
        "snapshot-baseline", items=[CHANGES[0], *STATE[1:]]
    )


def records_evil():
    """(name, reason, bytes)"""
    for group in (heads, types, sizes, keys, values, payloads, consistency, snapshots):
        yield from group()
