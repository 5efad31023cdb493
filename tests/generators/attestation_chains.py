# SPDX-License-Identifier: Apache-2.0
"""Chains of attestations for attestation_vectors.py: one from a TPM, others of one key's making."""
import hashlib

from fwaudit_format import attest, container, nv_public, sha256, signature, tpm_name

CLOCK_LOSS = 1 << 22


class Forge:
    """Attestations of a chain whose TPM says whatever it is told to."""

    def __init__(self, key, public_area):
        self.key = key
        self.signer = tpm_name(b"a parent" + public_area)
        self.index = tpm_name(nv_public())
        self.accumulator = b"\0" * 32
        self.number = 0

    def link(self, clock, reset_count=5, restart_count=9, safe=1, extra=None, contents=None,
             index=None, signer=None):
        self.number += 1
        digest = hashlib.sha256(b"forged note %d" % self.number).digest()
        self.accumulator = sha256(self.accumulator, digest)
        data = attest(extra or digest, index or self.index, contents or self.accumulator,
                      signer or self.signer, clock, reset_count, restart_count, safe)
        return digest, container(data, signature(*self.key.sign(data)))


def forged(key, public_area):
    """(name, links, None or (number of the link refused, reason))"""

    def chain(*clocks):
        forge = Forge(key, public_area)
        return [forge.link(*c) if isinstance(c, tuple) else forge.link(**c) for c in clocks]

    yield "same-millisecond", chain((1000,), (1000,)), None
    yield "restarted", chain((1000, 5, 9), (2000, 5, 10), (3000, 5, 12)), None
    yield "reset-in-order", chain((1000, 5, 9), (2000, 6, 7), (3000, 8, 7)), None
    yield "reset-unclean", chain((9000000, 5, 9, 1), (9000000 - CLOCK_LOSS, 6, 9, 0),
                                 (9000000 - CLOCK_LOSS + 5, 6, 9, 0), (9000001, 6, 9, 1)), None
    yield "counts-wrap", chain((1000, 2**32 - 1, 2**32 - 1), (2000, 2**32 - 1, 0),
                               (3000, 0, 2**32 - 3), (4000, 0, 1)), None
    yield "clock-back", chain((2000,), (1999,)), (2, "clock went back")
    yield "clock-back-unsafe", chain((2000, 5, 9, 0), (1999, 5, 9, 0)), (2, "clock went back")
    yield "clock-back-after-restart", chain((2000, 5, 9), (1999, 5, 10)), (2, "clock went back")
    yield "reset-back", chain((1000, 5), (2000, 4)), (2, "reset count went back")
    yield "reset-back-wrapping", chain((1000, 0), (2000, 2**32 - 1)), (2, "reset count went back")
    yield ("resets-half-way-round-in-two-steps",
           chain((1000, 0), (2000, 2**30), (3000, 2**31)), (3, "reset count went back"))
    yield "restart-back", chain((1000, 5, 9), (2000, 5, 8)), (2, "restart count went back")
    yield "unsafe-without-reset", chain((1000, 5, 9, 1), (2000, 5, 9, 0)), (2, "ceased to be safe")
    yield ("unsafe-after-restart", chain((1000, 5, 9, 1), (2000, 5, 10, 0)),
           (2, "ceased to be safe"))
    yield ("safe-but-back", chain((2000, 5, 9, 1), (1999, 6, 9, 1)), (2, "said to be safe"))
    yield ("safe-again-too-early",
           chain((9000, 5, 9, 1), (8000, 6, 9, 0), (8500, 6, 9, 1)), (3, "said to be safe"))
    yield ("fell-too-far", chain((9000000, 5, 9, 1), (9000000 - CLOCK_LOSS - 1, 6, 9, 0)),
           (2, "fell back"))
    yield ("fell-too-far-in-two-steps",
           chain((9000000, 5, 9, 1), (9000000 - CLOCK_LOSS, 6, 9, 0),
                 (9000000 - CLOCK_LOSS - 1, 7, 9, 0)), (3, "fell back"))
    other = hashlib.sha256(b"other").digest()
    yield "other-note", chain({"clock": 1000, "extra": other}), (1, "of another note")
    yield "other-contents", chain({"clock": 1000, "contents": other}), (1, "another chain")
    yield ("other-index", chain({"clock": 1000, "index": tpm_name(b"x")}), (1, "another NV index"))
    yield ("other-signer", chain({"clock": 1000}, {"clock": 2000, "signer": tpm_name(b"x")}),
           (2, "qualified signer"))
    first, second, third = chain((1000,), (2000,), (3000,))
    yield "first-missing", [second, third], (1, "another chain")
    yield "middle-missing", [first, third], (2, "another chain")
    yield "repeated", [first, first], (2, "another chain")
    yield "reordered", [first, third, second], (2, "another chain")
    yield ("attestations-swapped", [first, (second[0], third[1]), (third[0], second[1])],
           (2, "of another note"))


def chains(folder, real, key, public_area):
    def write(name, links, verdict, key_file):
        entry = {"name": name, "key": key_file, "nv_index": "index-tpm.bin", "links": []}
        for number, (digest, data) in enumerate(links, 1):
            file = folder.write(f"chain-{name}-{number}.bin", data)
            entry["links"].append({"note_digest": digest.hex(), "attestation": file})
        entry["expect"] = "refuse" if verdict else "ok"
        if verdict:
            entry["refused_link"], entry["reason"] = verdict
        return entry

    yield write("tpm", real, None, "key-tpm.bin")
    for name, links, verdict in forged(key, public_area):
        yield write(name, links, verdict, "key-software.bin")
