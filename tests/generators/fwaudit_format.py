# SPDX-License-Identifier: Apache-2.0
"""The formats of schema/SPEC.md, written a second time, for the vector generators.

Nothing here comes from the C sources: where both agree, the specification was enough.
"""
import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schema", "vectors")
LEDGER = "6f1c2a34-5b7d-4e8f-9a0b-1c2d3e4f5a6b"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Merkle tree ---------------------------------------------------------------------------


def leaf_hash(record):
    return sha256(b"\x00", record)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def tree_root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node_hash(tree_root(hashes[:k]), tree_root(hashes[k:]))


def inclusion(index, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return inclusion(index, hashes[:k]) + [tree_root(hashes[k:])]
    return inclusion(index - k, hashes[k:]) + [tree_root(hashes[:k])]


def consistency(old_size, hashes, complete=True):
    if old_size == len(hashes):
        return [] if complete else [tree_root(hashes)]
    k = split(len(hashes))
    if old_size <= k:
        return consistency(old_size, hashes[:k], complete) + [tree_root(hashes[k:])]
    return consistency(old_size - k, hashes[k:], False) + [tree_root(hashes[:k])]


# Notes ---------------------------------------------------------------------------------


def note(ledger, size, root):
    return f"fwaudit/{ledger}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def key_id(ledger, public_area):
    name = f"fwaudit/{ledger}".encode()
    return sha256(name, b"\n\xfftpm2-nv-certify/v1", public_area)[:4]


def signed_note(text, ledger, public_area, attestation):
    signature = base64.b64encode(key_id(ledger, public_area) + attestation).decode()
    return text + f"\n\u2014 fwaudit/{ledger} {signature}\n".encode()


# TPM structures ------------------------------------------------------------------------


def sized(data):
    return struct.pack(">H", len(data)) + data


def tpm_name(public_area):
    return b"\x00\x0b" + sha256(public_area)


def key_public(x, y, attributes=0x00050472, policy=b"", type_=0x0023, name_algorithm=0x000B,
               symmetric=0x0010, scheme=0x0018, scheme_hash=0x000B, curve=0x0003, kdf=0x0010):
    return (struct.pack(">HHI", type_, name_algorithm, attributes) + sized(policy)
            + struct.pack(">HHHHH", symmetric, scheme, scheme_hash, curve, kdf)
            + sized(x) + sized(y))


def nv_public(handle=0x01DA0100, attributes=0x22060044, policy=b"", size=32,
              name_algorithm=0x000B):
    return (struct.pack(">IHI", handle, name_algorithm, attributes) + sized(policy)
            + struct.pack(">H", size))


def attest(extra, index_name, contents, signer, clock=1000, reset_count=5, restart_count=9,
           safe=1, firmware=0x2019102300163636, magic=0xFF544347, type_=0x8014, offset=0):
    return (struct.pack(">IH", magic, type_) + sized(signer) + sized(extra)
            + struct.pack(">QIIBQ", clock, reset_count, restart_count, safe, firmware)
            + sized(index_name) + struct.pack(">H", offset) + sized(contents))


def signature(r, s, algorithm=0x0018, hash_=0x000B):
    return struct.pack(">HH", algorithm, hash_) + sized(r) + sized(s)


def container(attest_bytes, signature_bytes):
    return sized(attest_bytes) + signature_bytes


class SoftwareKey:
    """A P-256 key outside any TPM, to sign what no TPM would."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.pem = os.path.join(self.folder.name, "key.pem")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
                        "-out", self.pem], check=True)
        der = subprocess.run(["openssl", "ec", "-in", self.pem, "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        self.x, self.y = der[-64:-32], der[-32:]

    def sign(self, data):
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.pem], input=data,
                             check=True, capture_output=True).stdout
        r_size = der[3]
        r = der[4:4 + r_size]
        s = der[6 + r_size:6 + r_size + der[5 + r_size]]
        return tuple(v.lstrip(b"\0").rjust(32, b"\0") for v in (r, s))


# Files ---------------------------------------------------------------------------------


class Folder:
    """schema/vectors/<name>: made anew, with its index written last.

    With --check on the command line nothing is written; what would be has to be there already.
    """

    def __init__(self, name):
        self.path = os.path.join(VECTORS, name)
        self.check = sys.argv[1:] == ["--check"]
        self.written = set()
        if self.check:
            return
        os.makedirs(self.path, exist_ok=True)
        for old in os.listdir(self.path):
            os.unlink(os.path.join(self.path, old))

    def write(self, file, data):
        path = os.path.join(self.path, file)
        if file in self.written:
            sys.exit(f"{path}: two vectors of one name")
        self.written.add(file)
        if self.check:
            if not os.path.exists(path):
                sys.exit(f"{path}: missing")
            with open(path, "rb") as f:
                if f.read() != data:
                    sys.exit(f"{path}: not what its generator makes")
        else:
            with open(path, "wb") as f:
                f.write(data)
        return file

    def index(self, content):
        text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
        self.write("index.json", text.encode())
        left = set(os.listdir(self.path)) - self.written
        if left:
            sys.exit(f"{self.path}: not from its generator: {sorted(left)}")
