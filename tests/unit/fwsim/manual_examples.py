# SPDX-License-Identifier: Apache-2.0
"""Check that every example in fwsim-scenario(5) is one that fwsim accepts.

usage: manual_examples.py FWSIM MANUAL
"""

import json
import os
import re
import subprocess
import sys
import tempfile

# What examples refer to without describing it.
FEATURES = [
    {"name": name, "uuid": f"99999999-0000-4000-8000-00000000000{number}", "size": 4,
     "effects": ["config-immediate"]}
    for number, name in enumerate(["interval", "meddler", "victim"])
]


def examples(manual):
    """The (title, text) of each example."""
    section = manual.split(".SH EXAMPLES", 1)[1]
    for part in section.split(".SS ")[1:]:
        title = part.split("\n", 1)[0]
        block = re.search(r"^\.nf\n(.*?)^\.fi", part, re.S | re.M)
        yield title, block.group(1) if block else None


def main():
    fwsim, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        found = list(examples(file.read()))
    failures = 0
    for title, text in found:
        if text is None:
            print(f"{title}: no example")
            failures += 1
            continue
        device = {"name": "fwctl0", **json.loads("{" + text + "}")}
        device.setdefault("features", FEATURES)
        scenario = {"format": "fwsim-scenario/1", "devices": [device]}
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump(scenario, file)
        result = subprocess.run([fwsim, "check", file.name], capture_output=True, text=True)
        os.unlink(file.name)
        print(f"{title}: {result.stdout}{result.stderr}", end="")
        failures += result.returncode != 0
    print(f"{len(found)} examples, {failures} refused")
    return 1 if failures or len(found) < 7 else 0


sys.exit(main())
