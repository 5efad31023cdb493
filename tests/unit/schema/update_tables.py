#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keep record.cddl and the tables in SPEC.md as record_tables prints them.

update_tables.py [--check] RECORD_TABLES SCHEMA_DIRECTORY

In SPEC.md a table stands between `<!-- fields: NAME -->` and `<!-- end -->`.
With --check nothing is written; exit 1 if something differs.
"""
import pathlib
import re
import subprocess
import sys


def printed(tool, *arguments):
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True).stdout


def main():
    arguments = sys.argv[1:]
    checking = arguments[:1] == ["--check"]
    if len(arguments) != 2 + checking:
        print(__doc__, file=sys.stderr)
        return 3
    tool, schema = arguments[-2], pathlib.Path(arguments[-1])
    spec = (schema / "SPEC.md").read_text()
    marks = re.compile(r"(<!-- fields: ([a-z-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
    wanted = {
        "record.cddl": printed(tool, "cddl"),
        "SPEC.md": marks.sub(lambda m: m[1] + printed(tool, "spec", m[2]) + m[3], spec),
    }
    names = set(re.findall(r"^([a-z-]+) = \{", wanted["record.cddl"], re.MULTILINE))
    missing = names - {m[2] for m in marks.finditer(spec)}
    result = 0
    for name in sorted(missing):
        print(f"SPEC.md: no table of {name}", file=sys.stderr)
        result = 1
    for name, text in wanted.items():
        path = schema / name
        if path.exists() and path.read_text() == text:
            continue
        if checking:
            print(f"{path}: not what record_tables prints; run {sys.argv[0]}", file=sys.stderr)
            result = 1
        else:
            path.write_text(text)
    return result


if __name__ == "__main__":
    sys.exit(main())
