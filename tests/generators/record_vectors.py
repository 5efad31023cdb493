#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Write the test vectors of records, or check that they are what would be written.

record_vectors.py DIRECTORY           write index.json and the files beside it
record_vectors.py --check DIRECTORY   exit 1 if a file differs, is missing or is not listed
"""
import json
import pathlib
import sys

from record_evil import records_evil
from record_format import encode, record_pairs, sha256, shown
from record_good import records


def build():
    """File name -> bytes."""
    files = {}
    vectors = []
    for name, note, fields in records():
        data = encode(record_pairs(fields))
        files[f"good/{name}.cbor"] = data
        vectors.append(
            {
                "name": name,
                "file": f"good/{name}.cbor",
                "note": note,
                "expect": "ok",
                "leaf_hash": sha256(b"\0" + data).hex(),
                "fields": shown(fields),
            }
        )
    for name, reason, data in records_evil():
        file = f"evil/{name}.cbor"
        if file in files:
            raise SystemExit(f"two vectors are named {name}")
        files[file] = data
        vectors.append({"name": name, "file": file, "expect": "refuse", "reason": reason})
    index = {"format": "fwaudit-record-vectors/1", "vectors": vectors}
    files["index.json"] = (json.dumps(index, indent=1) + "\n").encode()
    return files


def check(directory, files):
    found = {
        str(p.relative_to(directory)): p.read_bytes()
        for p in directory.rglob("*")
        if p.is_file()
    }
    wrong = sorted(n for n in files.keys() | found.keys() if files.get(n) != found.get(n))
    for name in wrong:
        print(f"{directory / name}: not what {sys.argv[0]} writes", file=sys.stderr)
    return 1 if wrong else 0


def write(directory, files):
    for sub in ("good", "evil"):
        (directory / sub).mkdir(parents=True, exist_ok=True)
        for old in (directory / sub).glob("*.cbor"):
            old.unlink()
    for name, data in files.items():
        (directory / name).write_bytes(data)
    return 0


def main():
    arguments = sys.argv[1:]
    checking = arguments[:1] == ["--check"]
    if len(arguments) != 1 + checking:
        print(__doc__, file=sys.stderr)
        return 3
    return (check if checking else write)(pathlib.Path(arguments[-1]), build())


if __name__ == "__main__":
    sys.exit(main())
