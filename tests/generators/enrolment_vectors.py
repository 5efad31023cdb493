#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schema/vectors/enrolments, from the keys in schema/vectors/attestations."""
import base64
import copy
import json
import os

from fwaudit_format import LEDGER, VECTORS, Folder, nv_public, sha256, tpm_name


def read_key(name):
    with open(os.path.join(VECTORS, "attestations", name), "rb") as f:
        return f.read()


def public_object(data):
    return {"public": data.hex(), "name": tpm_name(data).hex()}


def enrolment():
    return {
        "format": "fwaudit-enrolment/1",
        "kind": "self-enrolled",
        "ledger": LEDGER,
        "created": "2026-01-31T23:59:59Z",
        "attestation_key": public_object(read_key("key-tpm.bin")),
        "nv_index": public_object(nv_public()),
        "tpm": {"manufacturer": "IBM", "vendor": "SW   TPM", "firmware": "20191023.1636",
                "software": True, "reset_count": 1, "restart_count": 4294967295},
    }


def text(value):
    return (json.dumps(value, indent=2) + "\n").encode()


def changed(path, value):
    """A good enrolment with the member at `path` set to `value`."""
    result = copy.deepcopy(enrolment())
    target = result
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return text(result)


def without(path):
    result = copy.deepcopy(enrolment())
    target = result
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return text(result)


def good():
    yield "plain", text(enrolment())
    yield "compact", json.dumps(enrolment(), separators=(",", ":")).encode()
    yield "reordered", text(dict(reversed(enrolment().items())))
    yield "empty-texts", changed(["tpm", "vendor"], "")
    yield "hardware", changed(["tpm", "software"], False)
    certificate = base64.b64encode(b"\x30\x82" + b"c" * 1200).decode()
    yield "certificate", changed(["endorsement_certificate"], certificate)


def wrong_types():
    for path in (["format"], ["kind"], ["ledger"], ["created"], ["attestation_key"], ["nv_index"],
                 ["tpm"], ["attestation_key", "public"], ["attestation_key", "name"],
                 ["nv_index", "public"], ["nv_index", "name"], ["tpm", "manufacturer"],
                 ["tpm", "vendor"], ["tpm", "firmware"], ["tpm", "software"],
                 ["tpm", "reset_count"], ["tpm", "restart_count"]):
        name = "-".join(path).replace("_", "-")
        yield "without-" + name, without(path), path[-1]
        yield "null-" + name, changed(path, None), path[-1]
        yield "list-" + name, changed(path, []), path[-1]
    yield "certificate-null", changed(["endorsement_certificate"], None), "endorsement"


def wrong_values():
    key, index = read_key("key-tpm.bin"), nv_public()
    yield "format-2", changed(["format"], "fwaudit-enrolment/2"), "format"
    yield "kind-other", changed(["kind"], "enrolled"), "kind"
    yield "ledger-capitals", changed(["ledger"], LEDGER.upper()), "UUID"
    yield "ledger-short", changed(["ledger"], LEDGER[:-1]), "UUID"
    for name, value in (("zone", "2026-01-31T23:59:59+00:00"), ("fraction", "2026-01-31T23:59:59.0Z"),
                        ("month-13", "2026-13-31T23:59:59Z"), ("hour-24", "2026-01-31T24:00:00Z"),
                        ("space", "2026-01-31 23:59:59Z"), ("empty", "")):
        yield "created-" + name, changed(["created"], value), "created"
    for part, data in (("attestation_key", key), ("nv_index", index)):
        name = part.replace("_", "-")
        capitals = {"public": data.hex().upper(), "name": tpm_name(data).hex()}
        yield name + "-capitals", changed([part], capitals), "lower-case hex"
        odd = {"public": data.hex()[:-1], "name": tpm_name(data).hex()}
        yield name + "-odd", changed([part], odd), "lower-case hex"
        huge = {"public": "00" * 300, "name": tpm_name(data).hex()}
        yield name + "-huge", changed([part], huge), "lower-case hex"
        other = {"public": data.hex(), "name": tpm_name(b"other").hex()}
        yield name + "-other-name", changed([part], other), "not that of its public area"
        short = {"public": data.hex(), "name": tpm_name(data).hex()[:-2]}
        yield name + "-short-name", changed([part], short), "34 bytes"
    for name, because in (("off-curve", "no point"), ("without-restricted", "lacks"),
                          ("with-decrypt", "must not have"), ("trailing-byte", "more bytes")):
        data = read_key(f"key-{name}.bin")
        yield "key-" + name, changed(["attestation_key"], public_object(data)), because
    for name, data, because in (
            ("counter", nv_public(attributes=0x22060014), "type 1"),
            ("not-written", nv_public(attributes=0x02060044), "WRITTEN"),
            ("size-8", nv_public(size=8), "data size")):
        yield "index-" + name, changed(["nv_index"], public_object(data)), because
    for name, value in (("negative", -1), ("too-large", 1 << 32), ("fraction", 1.0), ("text", "1")):
        yield "count-" + name, changed(["tpm", "reset_count"], value), "reset_count"
    yield "software-1", changed(["tpm", "software"], 1), "software"
    yield "vendor-long", changed(["tpm", "vendor"], "v" * 128), "over 127"
    yield "vendor-escape", changed(["tpm", "vendor"], "\x1b[2J"), "printable"
    yield "vendor-not-ascii", changed(["tpm", "vendor"], "\u00e9"), "printable"
    for name, value in (("unpadded", "MII"), ("spaced", "MII= "), ("empty", ""),
                        ("huge", base64.b64encode(b"\0" * 16385).decode())):
        yield "certificate-" + name, changed(["endorsement_certificate"], value), "base64"
    yield "unknown", changed(["comment"], "x"), "unknown key"
    yield "unknown-in-key", changed(["attestation_key", "handle"], 1), "unknown key"
    yield "unknown-in-index", changed(["nv_index", "handle"], 1), "unknown key"
    yield "unknown-in-tpm", changed(["tpm", "model"], "x"), "unknown key"
    yield "unknown-escape", changed(["\x1b[2J"], "x"), "unknown key"


def wrong_text():
    plain = text(enrolment())
    yield "nothing", b"", "not JSON"
    yield "cut-off", plain[:-3], "not JSON"
    yield "trailing", plain + b"{}", "not JSON"
    yield "trailing-nul", plain + b"\0", "not JSON"
    yield "not-utf8", plain.replace(b"IBM", b"I\xffM"), "not JSON"
    yield "nul-in-text", plain.replace(b"IBM", b"I\\u0000M"), "not JSON"
    yield "byte-order-mark", b"\xef\xbb\xbf" + plain, "not JSON"
    yield "comment", b"// x\n" + plain, "not JSON"
    twice = plain.replace(b'"kind"', b'"ledger": "x",\n  "kind"', 1)
    yield "duplicate", twice, "not JSON"
    deep = plain.replace(b'"IBM"', b'"IBM", "vendor": "x"', 1)
    yield "duplicate-in-tpm", deep, "not JSON"
    yield "list", b"[" + plain + b"]", "not a JSON object"
    yield "nested", b"[" * 4000, "not JSON"
    yield "too-large", plain + b" " * 65536, "at most"


def main():
    folder = Folder("enrolments")
    entries = []
    for name, data in good():
        entries.append({"name": name, "file": folder.write(name + ".json", data),
                        "expect": "ok", "digest": sha256(data).hex()})
    for source in (wrong_types(), wrong_values(), wrong_text()):
        for name, data, because in source:
            entries.append({"name": name, "file": folder.write(f"evil-{name}.json", data),
                            "expect": "refuse", "reason": because})
    folder.index({"format": "fwaudit-vectors/1", "ledger": LEDGER, "enrolments": entries})


main()
