#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schema/vectors/merkle/index.json."""
from fwaudit_format import Folder, consistency, inclusion, leaf_hash, tree_root

# The leaves that Certificate Transparency's own tests use.
RECORDS = [bytes.fromhex(h) for h in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f")]


def flip(digest):
    return bytes([digest[0] ^ 0x80]) + digest[1:]


def inclusion_vector(name, index, size, leaf, proof, root, expect):
    return {"name": name, "index": index, "size": size, "leaf_hash": leaf.hex(),
            "proof": [p.hex() for p in proof], "root": root.hex(), "expect": expect}


def consistency_vector(name, old_size, size, old_root, root, proof, expect):
    return {"name": name, "old_size": old_size, "size": size, "old_root": old_root.hex(),
            "root": root.hex(), "proof": [p.hex() for p in proof], "expect": expect}


def inclusion_vectors(hashes):
    for size in range(1, len(hashes) + 1):
        root = tree_root(hashes[:size])
        for index in range(size):
            proof = inclusion(index, hashes[:size])
            yield inclusion_vector(f"leaf {index} of {size}", index, size, hashes[index], proof,
                                   root, "ok")
    proof, root, leaf = inclusion(5, hashes), tree_root(hashes), hashes[5]
    yield inclusion_vector("another leaf", 5, 8, flip(leaf), proof, root, "refuse")
    yield inclusion_vector("another root", 5, 8, leaf, proof, flip(root), "refuse")
    yield inclusion_vector("another index", 4, 8, leaf, proof, root, "refuse")
    yield inclusion_vector("another size", 5, 9, leaf, proof, root, "refuse")
    yield inclusion_vector("index is the size", 8, 8, leaf, proof, root, "refuse")
    yield inclusion_vector("too short", 5, 8, leaf, proof[:-1], root, "refuse")
    yield inclusion_vector("too long", 5, 8, leaf, proof + [proof[0]], root, "refuse")
    yield inclusion_vector("turned round", 5, 8, leaf, proof[::-1], root, "refuse")
    yield inclusion_vector("empty for a tree of 8", 5, 8, leaf, [], root, "refuse")
    yield inclusion_vector("root given as the leaf", 0, 8, root, [], root, "refuse")
    for i in range(len(proof)):
        changed = proof[:i] + [flip(proof[i])] + proof[i + 1:]
        yield inclusion_vector(f"node {i} changed", 5, 8, leaf, changed, root, "refuse")


def consistency_vectors(hashes):
    roots = [tree_root(hashes[:n]) for n in range(len(hashes) + 1)]
    for size in range(len(hashes) + 1):
        for old in range(size + 1):
            proof = consistency(old, hashes[:size]) if 0 < old < size else []
            yield consistency_vector(f"{old} to {size}", old, size, roots[old], roots[size],
                                     proof, "ok")
    proof = consistency(3, hashes[:7])
    yield consistency_vector("another old root", 3, 7, flip(roots[3]), roots[7], proof, "refuse")
    yield consistency_vector("another root", 3, 7, roots[3], flip(roots[7]), proof, "refuse")
    yield consistency_vector("another old size", 2, 7, roots[3], roots[7], proof, "refuse")
    # A proof does not commit to the size: 8 instead of 7 would pass. The note does that.
    yield consistency_vector("another size", 3, 9, roots[3], roots[7], proof, "refuse")
    yield consistency_vector("shrinking", 7, 3, roots[7], roots[3], proof, "refuse")
    yield consistency_vector("too short", 3, 7, roots[3], roots[7], proof[:-1], "refuse")
    yield consistency_vector("too long", 3, 7, roots[3], roots[7], proof + [proof[0]], "refuse")
    yield consistency_vector("empty", 3, 7, roots[3], roots[7], [], "refuse")
    yield consistency_vector("empty for a perfect old tree", 4, 7, roots[4], roots[7], [],
                             "refuse")
    yield consistency_vector("same size, other root", 7, 7, roots[7], roots[6], [], "refuse")
    yield consistency_vector("same size, with a proof", 7, 7, roots[7], roots[7], proof[:1],
                             "refuse")
    yield consistency_vector("from nothing, other root", 0, 7, roots[1], roots[7], [], "refuse")
    yield consistency_vector("from nothing, with a proof", 0, 7, roots[0], roots[7], proof[:1],
                             "refuse")
    for i in range(len(proof)):
        changed = proof[:i] + [flip(proof[i])] + proof[i + 1:]
        yield consistency_vector(f"node {i} changed", 3, 7, roots[3], roots[7], changed,
                                 "refuse")


def main():
    hashes = [leaf_hash(r) for r in RECORDS]
    Folder("merkle").index({
        "format": "fwaudit-vectors/1",
        "records": [r.hex() for r in RECORDS],
        "leaf_hashes": [h.hex() for h in hashes],
        "roots": [tree_root(hashes[:n]).hex() for n in range(len(hashes) + 1)],
        "inclusion": list(inclusion_vectors(hashes)),
        "consistency": list(consistency_vectors(hashes)),
    })


main()
