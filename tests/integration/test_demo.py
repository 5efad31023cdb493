# SPDX-License-Identifier: Apache-2.0
"""tools/demo, twice and interrupted: its verdict is right and it leaves nothing behind."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from harness import ROOT, check, need_machine, until

LIARS = ("b2222222-0000-4000-8000-000000000003", "b2222222-0000-4000-8000-000000000004")


def leftovers():
    """Processes and mounts of a demo, and its temporary folders."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if b"fwaudit-demo." in words:
            found.append(words.replace(b"\0", b" ").decode())
    with open("/proc/self/mounts") as mounts:
        found += [line for line in mounts if "fwaudit-demo." in line]
    return found + [name for name in os.listdir("/tmp") if name.startswith("fwaudit-demo.")]


def demo(**options):
    return subprocess.Popen([str(ROOT / "tools" / "demo")], cwd="/", stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def tracefs():
    with open("/proc/self/mounts") as mounts:
        return [line for line in mounts if " tracefs " in line]


def interrupted(after, number):
    """The demo is interrupted when it has said `after`; nothing of it may be left."""
    process = demo(start_new_session=True)
    for line in process.stdout:
        if after in line:
            break
    else:
        raise AssertionError(f"the demo never said {after!r}")
    os.killpg(process.pid, number)
    process.stdout.read()
    check(process.wait(60) == 128 + number, f"exit {process.returncode} after signal {number}")
    until(lambda: not leftovers(), f"nothing is left: {leftovers()}")


def verdict():
    """What an unprivileged user of another machine finds in the two files that are left."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("ledger.db", "enrolment.json"):
            shutil.copy(ROOT / "build" / "demo" / name, folder)
            os.chmod(f"{folder}/{name}", 0o644)
        shutil.copy(ROOT / "build" / "bin" / "fwaudit", folder)
        nobody = pwd.getpwnam("nobody")
        result = subprocess.run([f"{folder}/fwaudit", "verify", f"{folder}/ledger.db", "--enrolment",
                                 f"{folder}/enrolment.json", "--format", "json"],
                                capture_output=True, text=True, user=nobody.pw_uid, group=nobody.pw_gid,
                                extra_groups=[])
    check(result.returncode == 1, f"verify: exit {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def main():
    need_machine()
    before = tracefs()
    check(not leftovers(), f"left by an earlier demo: {leftovers()}")
    for _ in range(2):
        started = time.monotonic()
        process = demo()
        output, _ = process.communicate(timeout=600)
        check(process.returncode == 0, f"exit {process.returncode}:\n{output}")
        print(f"tools/demo: {time.monotonic() - started:.1f} s")
        check(not leftovers(), f"left behind: {leftovers()}")
        report = verdict()
        named = sorted((finding["id"], finding["command"]["feature"]) for finding in report["findings"])
        check(named == [("FWA-E01", liar) for liar in LIARS], f"the findings are {named}")
    interrupted("3. The collector", signal.SIGINT)
    interrupted("lying", signal.SIGTERM)
    check(tracefs() == before, "tracefs is not mounted as it was")


if __name__ == "__main__":
    main()
