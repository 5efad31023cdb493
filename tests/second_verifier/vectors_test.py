# SPDX-License-Identifier: Apache-2.0
"""The second reader against schema/vectors: all that it has to accept, and all that it has to refuse."""

import json
import pathlib
import sys

import merkle
import note
import record
import rules
import tpm
from enrolment import Enrolment
from record import Refused

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "schema" / "vectors"
faults = []
count = 0


def index(name):
    return json.loads((VECTORS / name / "index.json").read_text())


def expect(condition, *what):
    global count
    count += 1
    if not condition:
        faults.append(" ".join(map(str, what)))


def outcome(function, *arguments):
    """(value, None) or (None, why it was refused)"""
    try:
        return function(*arguments), None
    except Refused as refusal:
        return None, str(refusal)


def as_expected(vector, where, function, *arguments):
    """The value if it was to be accepted and was."""
    value, refusal = outcome(function, *arguments)
    expect((refusal is None) == (vector["expect"] == "ok"), where, vector["name"],
           f"is to be {vector['expect']}: {vector.get('reason', '')} / {refusal}")
    return value if vector["expect"] == "ok" else None


def shown(value):
    """A record's fields as the index writes them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, dict):
        return {name: shown(each) for name, each in value.items()}
    return [shown(each) for each in value]


def hidden(value):
    """The reverse."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return bytes.fromhex(value[2:-1]) if value.startswith("h'") else int(value)
    if isinstance(value, dict):
        return {name: hidden(each) for name, each in value.items()}
    return [hidden(each) for each in value]


def records():
    listed = index("records")
    expect(listed["format"] == "fwaudit-record-vectors/1", "records: format")
    for vector in listed["vectors"]:
        data = (VECTORS / "records" / vector["file"]).read_bytes()
        fields = as_expected(vector, "records", rules.decode, data)
        if fields is not None:
            expect(shown(fields) == vector["fields"], vector["name"], "decodes to other fields")
            expect(record.encode(hidden(vector["fields"])) == data, vector["name"], "encodes to other bytes")
            expect(merkle.leaf(data).hex() == vector["leaf_hash"], vector["name"], "leaf hash")


def trees():
    listed = index("merkle")
    tree, leaves = merkle.Tree(), [merkle.leaf(bytes.fromhex(text)) for text in listed["records"]]
    expect([leaf.hex() for leaf in leaves] == listed["leaf_hashes"], "leaf hashes")
    expect(len(listed["roots"]) == len(leaves) + 1, "roots")
    for size, root in enumerate(listed["roots"]):
        expect(tree.root().hex() == root, "root of", size)
        if size < len(leaves):
            tree.append(leaves[size])
    for v in listed["inclusion"]:
        leaf, root, *proof = map(bytes.fromhex, (v["leaf_hash"], v["root"], *v["proof"]))
        expect(merkle.inclusion(v["index"], v["size"], leaf, proof, root) == (v["expect"] == "ok"),
               "inclusion", v["name"])
    for v in listed["consistency"]:
        old, new, *proof = map(bytes.fromhex, (v["old_root"], v["root"], *v["proof"]))
        expect(merkle.consistency(v["old_size"], v["size"], old, new, proof) == (v["expect"] == "ok"),
               "consistency", v["name"])


def notes():
    listed = index("notes")
    for v in listed["notes"]:
        data = (VECTORS / "notes" / v["file"]).read_bytes()
        parsed = as_expected(v, "notes", note.parse, data)
        if parsed:
            expect((parsed.ledger, parsed.size, parsed.root.hex(), rules.sha256(data).hex()) ==
                   (v["ledger"], v["size"], v["root"], v["digest"]), v["name"], "parses to something else")
    for v in listed["signed_notes"]:
        parsed = as_expected(v, "signed notes", note.parse_signed,
                             (VECTORS / "notes" / v["file"]).read_bytes())
        if parsed:
            text, key_id, attestation = parsed
            origin = text.split(b"\n")[0]
            expect(text == (VECTORS / "notes" / v["note"]).read_bytes(), v["name"], "note")
            expect(key_id.hex() == v["key_id"] == note.key_id(origin, bytes.fromhex(v["public"])).hex(),
                   v["name"], "key id")
            expect(attestation.hex() == v["attestation"], v["name"], "attestation")


def named(parse, data, vector):
    expect(tpm.name(data).hex() == vector["tpm_name"], vector["name"], "name")
    return parse(data) or True


def attestations():
    folder, listed = VECTORS / "attestations", index("attestations")

    def read(name):
        return (folder / name).read_bytes()

    def key(name):
        return tpm.Key(*tpm.parse_key(read(name)))

    def verified(vector, data):
        stage = "parse"
        try:
            parsed = tpm.parse_attestation(data)
            stage = "signature"
            rules.demand(key(vector["key"]).verifies(parsed.attest, parsed.r, parsed.s), "signature")
        except Refused:
            expect(stage == vector.get("stage"), vector["name"], f"refused at stage {stage}")
            raise

    for v in listed["keys"]:
        as_expected(v, "keys", named, tpm.parse_key, read(v["file"]), v)
    for v in listed["nv_indexes"]:
        as_expected(v, "NV indexes", named, tpm.parse_nv_index, read(v["file"]), v)
    for v in listed["attestations"]:
        as_expected(v, "attestations", verified, v, read(v["file"]))
    for v in listed["chains"]:
        chain, refused = tpm.Chain(key(v["key"]), tpm.name(read(v["nv_index"]))), None
        for number, link in enumerate(v["links"], 1):
            _, refusal = outcome(chain.add, bytes.fromhex(link["note_digest"]), read(link["attestation"]))
            if refusal:
                refused = number
                break
        expect(refused == (v.get("refused_link") if v["expect"] == "refuse" else None), "chain", v["name"],
               f"refused at {refused}, not at {v.get('refused_link')}")


def enrolments():
    listed = index("enrolments")
    for v in listed["enrolments"]:
        parsed = as_expected(v, "enrolments", Enrolment,
                             (VECTORS / "enrolments" / v["file"]).read_bytes())
        if parsed:
            expect(parsed.digest.hex() == v["digest"], v["name"], "digest")
            expect(parsed.ledger == listed["ledger"], v["name"], "ledger")


def main():
    for part in (records, trees, notes, attestations, enrolments):
        before = count
        part()
        print(f"{part.__name__}: {count - before} expectations")
        if count == before:
            faults.append(f"{part.__name__}: nothing was looked at")
    for fault in faults:
        print("FAULT", fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
