# SPDX-License-Identifier: Apache-2.0
"""Attestations, the attestation key, the NV index: SPEC.md, "Attestation", up to "NV index"."""

import collections
import subprocess
import tempfile

from record import Reader, Refused
from rules import demand, sha256

P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ECDSA, SHA256, NULL = 0x0018, 0x000b, 0x0010

Attestation = collections.namedtuple("Attestation", "attest signer extra clock resets restarts safe index "
                                                    "contents r s")


class Fields(Reader):
    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def sized(self, *sizes):
        size = self.number(2)
        demand(size in sizes, f"a size of {size}")
        return self.take(size)

    def name(self):
        name = self.sized(34)
        demand(name[:2] == b"\0\x0b", "a name that is not of SHA-256")
        return name

    def integer(self):
        data = self.sized(*range(1, 33))
        demand(len(data) == 32 or data[0] != 0, "an integer with leading zeros")
        return int.from_bytes(data, "big")

    def same(self, size, *values):
        for value in values:
            found = self.number(size)
            demand(found == value, f"{found:#x} in place of {value:#x}")

    def end(self):
        demand(self.at == len(self.data), "bytes left over")


def parse_attestation(data):
    demand(len(data) <= 512, "too long")
    outer = Fields(data)
    attest = outer.take(outer.number(2))
    f = Fields(attest)
    f.same(4, 0xff544347)
    f.same(2, 0x8014)
    signer, extra = f.name(), f.sized(32)
    clock, resets, restarts, safe = f.number(8), f.number(4), f.number(4), f.number(1)
    demand(safe in (0, 1), "safe")
    f.number(8)
    index = f.name()
    f.same(2, 0)
    contents = f.sized(32)
    f.end()
    outer.same(2, ECDSA, SHA256)
    r, s = outer.integer(), outer.integer()
    outer.end()
    return Attestation(attest, signer, extra, clock, resets, restarts, safe, index, contents, r, s)


def parse_key(data):
    """(x, y) of a TPMT_PUBLIC."""
    demand(len(data) <= 256, "too long")
    f = Fields(data)
    f.same(2, 0x0023, SHA256)
    f.same(4, 0x00050472)
    f.sized(0, 32)
    f.same(2, NULL, ECDSA, SHA256, 0x0003, NULL)
    x, y = f.integer(), f.integer()
    f.end()
    demand(x < P and y < P and (y * y - x ** 3 + 3 * x - B) % P == 0, "not a point on the curve")
    return x, y


def parse_nv_index(data):
    demand(len(data) <= 256, "too long")
    f = Fields(data)
    demand(0x01000000 <= f.number(4) <= 0x01ffffff, "no index of an NV range")
    f.same(2, SHA256)
    demand(f.number(4) & ~0x00060000 == 0x22000044, "attributes")
    f.sized(0, 32)
    f.same(2, 32)
    f.end()


def name(public):
    return b"\0\x0b" + sha256(public)


def _der(tag, body):
    demand(len(body) < 128, "too long for DER")
    return bytes([tag, len(body)]) + body


def _der_integer(value):
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


class Key:
    """The enrolment's key; openssl verifies."""

    # SubjectPublicKeyInfo: id-ecPublicKey, prime256v1, an uncompressed point follows (RFC 5480).
    HEADER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")

    def __init__(self, x, y):
        self.file = tempfile.NamedTemporaryFile(suffix=".der")
        self.file.write(self.HEADER + x.to_bytes(32, "big") + y.to_bytes(32, "big"))
        self.file.flush()

    def verifies(self, attest, r, s):
        if not (1 <= r < N and 1 <= s < N):
            return False
        with tempfile.NamedTemporaryFile() as signature:
            signature.write(_der(0x30, _der_integer(r) + _der_integer(s)))
            signature.flush()
            result = subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify",
                                     self.file.name, "-signature", signature.name], input=attest,
                                    capture_output=True)
        if result.returncode not in (0, 1):
            raise OSError(f"openssl: exit {result.returncode}: {result.stderr.decode()}")
        return result.returncode == 0 and b"Verified OK" in result.stdout


class Chain:
    """SPEC.md, "Chain rules"."""

    def __init__(self, key, index_name):
        self.key, self.index_name = key, index_name
        self.accumulator, self.before = bytes(32), None
        self.whole = True              # all notes so far are there
        self.highest_clock = self.resets = 0

    def extend(self, note_digest):
        self.accumulator = sha256(self.accumulator + note_digest)

    def add(self, note_digest, data):
        """Refused if the next attestation breaks a rule."""
        self.extend(note_digest)
        finding = self.judge(note_digest, data)
        demand(not finding, finding)

    def judge(self, note_digest, data):
        """(id, sentence) if the attestation of the last note breaks a rule, otherwise None."""
        try:
            a = parse_attestation(data)
        except Refused as refusal:
            return "FWA-A09", str(refusal)
        if not self.key.verifies(a.attest, a.r, a.s):
            return "FWA-A09", "the signature does not hold"
        if a.index != self.index_name:
            return "FWA-A09", "of another index"
        if self.before and a.signer != self.before.signer:
            return "FWA-A09", "another signer"
        if a.extra != note_digest:
            return "FWA-A10", "of another note"
        if not self.whole:
            return None
        if a.contents != self.accumulator:
            return "FWA-A10", "of other notes"
        try:
            if self.before:
                self._follow(a, self.before)
        except Refused as refusal:
            return "FWA-A13", str(refusal)
        self.before, self.highest_clock = a, max(self.highest_clock, a.clock)
        return None

    def _follow(self, a, before):
        resets = (a.resets - before.resets) % 2 ** 32
        demand(self.resets + resets < 2 ** 31, "resetCount went back")
        if resets == 0:
            demand((a.restarts - before.restarts) % 2 ** 32 < 2 ** 31, "restartCount went back")
            demand(a.clock >= before.clock, "the clock went back without a reset")
            demand(a.safe >= before.safe, "the clock became unsafe without a reset")
        demand(a.clock >= self.highest_clock - (0 if a.safe else 2 ** 22), "the clock went back")
        self.resets += resets
