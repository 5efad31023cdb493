#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schema/vectors/attestations.

The good ones come from a software TPM. The evil ones are signed, where it makes sense, by a key
outside any TPM whose public area says otherwise: so each is wrong in exactly one way.
Needs swtpm, tpm2-tools and openssl.
"""
import hashlib

from attestation_chains import chains
from fwaudit_format import (Folder, SoftwareKey, attest, container, key_public, nv_public,
                            sha256, sized, signature, tpm_name)
from software_tpm import SoftwareTpm


def digest(number):
    return hashlib.sha256(b"note %d" % number).digest()


def real_chain():
    """Two attestations, a clean restart of the TPM, one, an unclean one, two."""
    tpm = SoftwareTpm()
    tpm.start()
    try:
        public_area = tpm.provision()
        links = [(digest(n), *tpm.attest(digest(n))) for n in (1, 2)]
        tpm.stop(clean=True)
        tpm.start()
        links.append((digest(3), *tpm.attest(digest(3))))
        tpm.stop(clean=False)
        tpm.start()
        links += [(digest(n), *tpm.attest(digest(n))) for n in (4, 5)]
    finally:
        tpm.stop(clean=False)
    return public_area, links


def decrypting_key():
    """A key that a TPM made but that signs whatever it is given: not restricted."""
    tpm = SoftwareTpm()
    tpm.start()
    try:
        return tpm.provision(attributes="")
    finally:
        tpm.stop(clean=False)


def keys(x, y):
    """(name, bytes, None or the reason why it is refused)"""
    bits = (("fixedtpm", 1, "lacks the attribute fixedTPM"),
            ("fixedparent", 4, "lacks the attribute fixedParent"),
            ("sensitivedataorigin", 5, "lacks the attribute sensitiveDataOrigin"),
            ("userwithauth", 6, "lacks the attribute userWithAuth"),
            ("noda", 10, "lacks the attribute noDA"),
            ("restricted", 16, "lacks the attribute restricted"),
            ("sign", 18, "lacks the attribute sign"))
    extra = (("stclear", 2, "stClear"), ("adminwithpolicy", 7, "adminWithPolicy"),
             ("encryptedduplication", 11, "encryptedDuplication"), ("decrypt", 17, "decrypt"),
             ("x509sign", 19, "x509sign"), ("reserved-0", 0, "reserved"),
             ("reserved-31", 31, "reserved"))
    good = key_public(x, y)
    yield "software", good, None
    yield "policy", key_public(x, y, policy=b"\x55" * 32), None
    for name, bit, because in bits:
        yield "without-" + name, key_public(x, y, 0x00050472 & ~(1 << bit)), because
    for name, bit, because in extra:
        yield "with-" + name, key_public(x, y, 0x00050472 | 1 << bit), because
    yield "rsa", key_public(x, y, type_=0x0001), "type is 0x0001"
    yield "name-sha1", key_public(x, y, name_algorithm=0x0004), "name algorithm"
    yield "policy-31-bytes", key_public(x, y, policy=b"\x55" * 31), "policy has 31"
    yield "symmetric-aes", key_public(x, y, symmetric=0x0006), "symmetric algorithm"
    yield "scheme-null", key_public(x, y, scheme=0x0010), "scheme is"
    yield "scheme-ecdaa", key_public(x, y, scheme=0x001A), "scheme is"
    yield "scheme-sha384", key_public(x, y, scheme_hash=0x000C), "scheme hash"
    yield "curve-p384", key_public(x, y, curve=0x0004), "curve is"
    yield "key-derivation", key_public(x, y, kdf=0x0022), "key derivation"
    yield "off-curve", key_public(x, y[:-1] + bytes([y[-1] ^ 1])), "no point of the curve"
    yield "infinity", key_public(b"\0" * 32, b"\0" * 32), "no point of the curve"
    yield "x-over-the-field", key_public(b"\xff" * 32, y), "no point of the curve"
    yield "x-33-bytes", key_public(b"\0" + x, y), "x has 33"
    yield "y-empty", key_public(x, b""), "y has 0"
    yield "short-with-zero", key_public(b"\0" + x[:30], y), "begins with a zero"
    yield "trailing-byte", good + b"\0", "1 more bytes"
    yield "cut-off", good[:-1], "cut off"
    yield "sized", sized(good), "type is"
    yield "empty", b"", "cut off"
    yield "too-large", good + b"\0" * 256, "at most"


def nv_indexes():
    names = {0: "PPWRITE", 1: "OWNERWRITE", 3: "POLICYWRITE", 10: "POLICY_DELETE",
             11: "WRITELOCKED", 12: "WRITEALL", 13: "WRITEDEFINE", 14: "WRITE_STCLEAR",
             15: "GLOBALLOCK", 16: "PPREAD", 19: "POLICYREAD", 26: "ORDERLY",
             27: "CLEAR_STCLEAR", 28: "READLOCKED", 30: "PLATFORMCREATE", 31: "READ_STCLEAR"}
    good = 0x22060044
    yield "tpm", nv_public(), None
    yield "owner-cannot-read", nv_public(attributes=good & ~0x20000), None
    yield "policy", nv_public(policy=b"\x55" * 32), None
    for bit, name in names.items():
        yield "with-" + name.lower(), nv_public(attributes=good | 1 << bit), name
    for bit in (8, 9, 20, 24):
        yield f"with-reserved-{bit}", nv_public(attributes=good | 1 << bit), "reserved"
    for bit, name in ((2, "AUTHWRITE"), (25, "NO_DA"), (29, "WRITTEN")):
        yield "without-" + name.lower(), nv_public(attributes=good & ~(1 << bit)), "lacks"
    for kind, name in ((0, "ordinary"), (1, "counter"), (2, "bits"), (5, "unknown"),
                       (8, "pin-fail")):
        yield name, nv_public(attributes=good & ~0xF0 | kind << 4), "type %d" % kind
    yield "handle-of-a-key", nv_public(handle=0x81000010), "handle"
    yield "name-sha1", nv_public(name_algorithm=0x0004), "name algorithm"
    yield "size-64", nv_public(size=64), "data size"
    yield "policy-20-bytes", nv_public(policy=b"\x55" * 20), "policy has 20"
    yield "trailing-byte", nv_public() + b"\0", "1 more bytes"
    yield "cut-off", nv_public()[:-1], "cut off"
    yield "empty", b"", "cut off"
    yield "too-large", nv_public() + b"\0" * 256, "at most"


def attestations(key, public_area):
    """(name, bytes, None or the reason why it is refused, at which stage)"""
    name, signer = tpm_name(nv_public()), tpm_name(public_area)
    plain = (digest(1), name, sha256(b"\0" * 32, digest(1)), signer)

    def signed(**changes):
        data = attest(*plain, **changes)
        return container(data, signature(*key.sign(data)))

    def with_parts(extra=plain[0], index=plain[1], contents=plain[2], signed_by=plain[3]):
        data = attest(extra, index, contents, signed_by)
        return container(data, signature(*key.sign(data)))

    data = attest(*plain)
    r, s = key.sign(data)
    good = container(data, signature(r, s))
    yield "software", good, None, None
    yield "safe-0", signed(safe=0), None, None
    for changes, label, because in (
            ({"magic": 0xFF544348}, "magic", "magic"), ({"magic": 0}, "magic-zero", "magic"),
            ({"type_": 0x8018}, "type-quote", "type"), ({"type_": 0x8017}, "type-certify", "type"),
            ({"type_": 0x801C}, "type-nv-digest", "type"),
            ({"safe": 7}, "safe-7", "safe = 7"), ({"safe": 255}, "safe-255", "safe = 255"),
            ({"offset": 1}, "offset", "from byte 1")):
        yield label, signed(**changes), because, "parse"
    yield "extra-31", with_parts(extra=digest(1)[:31]), "qualifying data has 31", "parse"
    yield "extra-none", with_parts(extra=b""), "qualifying data has 0", "parse"
    yield "contents-31", with_parts(contents=digest(1)[:31]), "contents has 31", "parse"
    yield "contents-64", with_parts(contents=digest(1) * 2), "contents has 64", "parse"
    yield "index-handle", with_parts(index=name[:4]), "index name has 4", "parse"
    yield "index-sha1", with_parts(index=b"\0\4" + name[2:]), "index name is of", "parse"
    yield "signer-empty", with_parts(signed_by=b""), "qualified signer has 0", "parse"
    yield "signer-sha384", with_parts(signed_by=b"\0\x0c" + signer[2:]), "signer is of", "parse"
    longer = data + b"\0"
    yield ("trailing-in-attest", container(longer, signature(*key.sign(longer))),
           "TPMS_ATTEST is followed by 1", "parse")
    yield "trailing", good + b"\0", "signature is followed by 1", "parse"
    yield "cut-off", good[:-1], "cut off", "parse"
    yield "attest-only", sized(data), "cut off", "parse"
    yield "length-over-the-end", b"\xff\xff" + good[2:], "first two bytes", "parse"
    yield "length-zero", b"\0\0" + good[2:], "magic", "parse"
    yield "empty", b"", "first two bytes", "parse"
    yield "too-large", good + b"\0" * 512, "at most", "parse"
    yield "rsassa", container(data, signature(r, s, algorithm=0x0014)), "algorithm", "parse"
    yield "sha1", container(data, signature(r, s, hash_=0x0004)), "hash algorithm", "parse"
    yield "r-empty", container(data, signature(b"", s)), "r has 0", "parse"
    yield "r-33-bytes", container(data, signature(b"\0" + r, s)), "r has 33", "parse"
    yield "s-short-with-zero", container(data, signature(r, b"\0" + s[:30])), "zero", "parse"
    not_ours = "not one of the enrolled key"
    yield "bad-signature", container(data, signature(r, s[:-1] + bytes([s[-1] ^ 1]))), \
        not_ours, "signature"
    yield "swapped-signature", container(data, signature(s, r)), not_ours, "signature"
    yield "r-zero", container(data, signature(b"\0" * 32, s)), not_ours, "signature"
    yield "s-zero", container(data, signature(r, b"\0" * 32)), not_ours, "signature"
    yield "s-over-the-order", container(data, signature(r, b"\xff" * 32)), not_ours, "signature"
    other = attest(*plain, clock=1001)
    yield "other-clock", container(other, signature(r, s)), not_ours, "signature"
    other = attest(digest(1), name, digest(2), signer)
    yield "other-contents", container(other, signature(r, s)), not_ours, "signature"
    yield ("other-key", container(data, signature(*SoftwareKey().sign(data))), not_ours,
           "signature")


def verdict(entry, because, stage=None):
    entry["expect"] = "refuse" if because else "ok"
    if because:
        entry["reason"] = because
    if stage:
        entry["stage"] = stage
    return entry


def public_areas(folder, prefix, vectors):
    for name, data, because in vectors:
        entry = {"name": name, "file": folder.write(f"{prefix}-{name}.bin", data),
                 "tpm_name": tpm_name(data).hex()}
        yield verdict(entry, because)


def main():
    key = SoftwareKey()
    public_area = key_public(key.x, key.y)
    tpm_public, links = real_chain()
    folder = Folder("attestations")
    key_list = [("tpm", tpm_public, None),
                ("tpm-unrestricted", decrypting_key(), "lacks the attribute restricted"),
                *keys(key.x, key.y)]
    entries = []
    for number, (_, *parts) in enumerate(links, 1):
        file = folder.write(f"tpm-{number}.bin", container(*parts))
        entries.append({"name": f"tpm-{number}", "file": file, "key": "key-tpm.bin",
                        "expect": "ok"})
    for name, data, because, stage in attestations(key, public_area):
        entry = {"name": name, "file": folder.write(name + ".bin", data),
                 "key": "key-software.bin"}
        entries.append(verdict(entry, because, stage))
    real = [(d, container(*parts)) for d, *parts in links]
    folder.index({"format": "fwaudit-vectors/1",
                  "keys": list(public_areas(folder, "key", key_list)),
                  "nv_indexes": list(public_areas(folder, "index", nv_indexes())),
                  "attestations": entries,
                  "chains": list(chains(folder, real, key, public_area))})


main()
