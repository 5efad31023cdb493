# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 9162, section 2.1."""

from rules import sha256

EMPTY = sha256(b"")


def leaf(record):
    return sha256(b"\0" + record)


def node(left, right):
    return sha256(b"\1" + left + right)


class Tree:
    """Appends leaves; knows the root at any time. One hash for each bit that is set in the size."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, leaf_hash):
        self.size += 1
        size = self.size
        while size % 2 == 0:
            leaf_hash = node(self.peaks.pop(), leaf_hash)
            size //= 2
        self.peaks.append(leaf_hash)

    def root(self):
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def inclusion(index, size, leaf_hash, proof, root):
    """RFC 9162, 2.1.3.2"""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistency(first, second, first_root, second_root, proof):
    """RFC 9162, 2.1.4.2, with the two cases that SPEC.md adds."""
    if first > second:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY
    if not proof:
        return False
    if first & (first - 1) == 0:
        proof = [first_root, *proof]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root
