#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schema/vectors/notes: notes, and notes with a signature line."""
import base64
import json
import os

from fwaudit_format import (LEDGER, VECTORS, Folder, key_id, leaf_hash, note, sha256,
                            signed_note, tree_root)

ROOT = tree_root([leaf_hash(bytes([n])) for n in range(5)])
DASH = "\u2014 ".encode()


def good_notes():
    yield "size-5", note(LEDGER, 5, ROOT), 5
    yield "size-1", note(LEDGER, 1, ROOT), 1
    yield "size-largest", note(LEDGER, 2**63 - 1, ROOT), 2**63 - 1


def evil_notes():
    good = note(LEDGER, 5, ROOT)
    first, second, third = good.split(b"\n")[:3]
    line = b"\n".join
    yield "empty", b"", "three lines"
    yield "cut-off", good[:-1], "three lines"
    yield "two-lines", line([first, second, b""]), "three lines"
    yield "extension-line", good + b"extension\n", "third line"
    yield "trailing-line-feed", good + b"\n", "third line"
    yield "trailing-nul", good + b"\0", "third line"
    yield "too-long", good + b"x" * 200, "at most"
    yield "carriage-returns", good.replace(b"\n", b"\r\n"), "first line"
    yield "leading-space", b" " + good, "first line"
    yield "other-origin", good.replace(b"fwaudit", b"fwaudis"), "first line"
    yield "origin-in-capitals", line([first.upper(), second, third, b""]), "first line"
    yield "uuid-in-capitals", good.replace(b"6f1c", b"6F1C"), "first line"
    yield "uuid-without-dashes", good.replace(b"-", b""), "first line"
    yield "uuid-too-short", line([first[:-1], second, third, b""]), "first line"
    for name, size in (("zero", b"0"), ("leading-zero", b"05"), ("negative", b"-5"),
                       ("plus", b"+5"), ("hexadecimal", b"0x5"), ("fraction", b"5.0"),
                       ("space", b"5 "), ("nothing", b""), ("too-large", b"9223372036854775808"),
                       ("letters", b"five")):
        yield "size-" + name, line([first, size, third, b""]), "second line"
    yield "size-overflow", line([first, b"18446744073709551621", third, b""]), "at most"
    # The last character of 32 bytes in base64 carries two bits that mean nothing.
    other = third[:-2] + bytes([third[-2] + 1]) + b"="
    for name, root in (("unused-bits", other), ("unpadded", third[:-1]),
                       ("padded-twice", third + b"="), ("spaced", third[:-1] + b" "),
                       ("url-alphabet", base64.urlsafe_b64encode(b"\xff" * 32)),
                       ("31-bytes", base64.b64encode(ROOT[:31])),
                       ("33-bytes", base64.b64encode(ROOT + b"x")),
                       ("nothing", b""), ("hexadecimal", ROOT.hex().encode()[:44])):
        yield "root-" + name, line([first, second, root, b""]), "third line"


def evil_signed(good, text, public_area, attestation):
    encoded = good.rstrip(b"\n").rsplit(b" ", 1)[1]
    name = f"fwaudit/{LEDGER}".encode()
    key = key_id(LEDGER, public_area)
    yield "signed-without-empty-line", text + good[len(text) + 1:], "empty line"
    yield "signed-without-signature", text + b"\n", "signature line"
    yield "signed-twice", good + good[len(text) + 1:], "exactly one"
    yield "signed-cut-off", good[:-1], "exactly one"
    yield "signed-hyphen", text + b"\n- " + name + b" " + encoded + b"\n", "dash"
    yield "signed-no-dash", text + b"\n" + name + b" " + encoded + b"\n", "dash"
    yield ("signed-other-name", good.replace(DASH + name, DASH + name[:-1] + b"c"),
           "note's ledger")
    yield "signed-two-spaces", good.replace(name + b" ", name + b"  "), "strict base64"
    yield "signed-trailing-space", good[:-1] + b" \n", "strict base64"
    yield "signed-key-only", (text + b"\n" + DASH + name + b" " + base64.b64encode(key)
                              + b"\n"), "no signature"
    yield "signed-nothing", text + b"\n" + DASH + name + b" \n", "no signature"
    yield "signed-too-long", (text + b"\n" + DASH + name + b" "
                              + base64.b64encode(key + attestation * 3) + b"\n"), "at most"
    yield "signed-evil-note", good.replace(b"\n5\n", b"\n05\n"), "second line"


def main():
    with open(os.path.join(VECTORS, "attestations", "index.json"), encoding="ascii") as f:
        attestations = json.load(f)
    link = attestations["chains"][0]["links"][0]
    read = lambda file: open(os.path.join(VECTORS, "attestations", file), "rb").read()
    public_area, attestation = read("key-tpm.bin"), read(link["attestation"])
    folder = Folder("notes")
    notes, signed = [], []
    for name, text, size in good_notes():
        notes.append({"name": name, "file": folder.write(name + ".note", text),
                      "expect": "ok", "ledger": LEDGER, "size": size, "root": ROOT.hex(),
                      "digest": sha256(text).hex()})
    for name, text, because in evil_notes():
        notes.append({"name": name, "file": folder.write(name + ".note", text),
                      "expect": "refuse", "reason": because})
    # The signature line is right in form; the attestation in it is of another note.
    text = note(LEDGER, 5, ROOT)
    good = signed_note(text, LEDGER, public_area, attestation)
    signed.append({"name": "signed", "file": folder.write("signed.note", good),
                   "expect": "ok", "note": "size-5.note",
                   "key_id": key_id(LEDGER, public_area).hex(),
                   "public": public_area.hex(), "attestation": attestation.hex()})
    for name, data, because in evil_signed(good, text, public_area, attestation):
        signed.append({"name": name, "file": folder.write(name + ".note", data),
                       "expect": "refuse", "reason": because})
    folder.index({"format": "fwaudit-vectors/1", "notes": notes, "signed_notes": signed})


main()
