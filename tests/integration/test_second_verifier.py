# SPDX-License-Identifier: Apache-2.0
"""Two verifiers have to agree, one in C, one in Python that follows schema/SPEC.md and shares no code
with it: on real ledgers, and on hundreds of copies that were tampered with at random."""

import collections
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys

from harness import SCENARIOS, ROOT, Lab, check, need_machine, until, verify
from ledger import counters
from tampering import tamper

COPIES = int(os.environ.get("FWA_SECOND_COPIES", "400"))
SEED = int(os.environ.get("FWA_SECOND_SEED", "1"))
SECOND = ROOT / "tests" / "second_verifier"
FEATURES = "get-supported-features"


def second(ledger, enrolment):
    result = subprocess.run([sys.executable, "-B", str(SECOND), str(ledger), str(enrolment)],
                            capture_output=True, text=True, timeout=120)
    check(result.returncode in (0, 1, 2, 3) and "Traceback" not in result.stderr,
          f"the second verifier ended with {result.returncode}: {result.stderr}")
    return result.returncode, json.loads(result.stdout) if result.stdout else None, result.stderr


def ids(report, letter):
    return sorted(finding["id"] for finding in report["findings"] if finding["id"][4] == letter)


def disagreement(ledger, enrolment):
    """(what both say, None), or (what the first says, why they differ)"""
    code, report, text = verify(ledger, enrolment)
    other_code, other, other_text = second(ledger, enrolment)
    if report is None or other is None:
        return f"exit {code}", None if code == other_code else f"{code} {text} / {other_code} {other_text}"
    said = f"exit {code} {' '.join(sorted(set(ids(report, 'A'))))}"
    details = f"\n{json.dumps(report['findings'], indent=1)}\n{json.dumps(other['findings'], indent=1)}"
    if report["ledger"]["authentic"] != other["authentic"]:
        return said, f"authentic {report['ledger']['authentic']} / {other['authentic']}{details}"
    if report["ledger"]["authentic"]:
        if report["ledger"]["signed_records"] != other["signed_records"]:
            return said, f"signed {report['ledger']['signed_records']} / {other['signed_records']}"
        if ids(report, "C") != ids(other, "C"):
            return said, f"completeness{details}"
        return said, None
    first_ids, other_ids = set(ids(report, "A")), set(ids(other, "A"))
    # SPEC.md, "Findings": of a damaged file the other ids may differ.
    if first_ids != other_ids and not ("FWA-A01" in first_ids and "FWA-A01" in other_ids):
        return said, f"{sorted(first_ids)} / {sorted(other_ids)}{details}"
    return said, None


def agree(ledger, enrolment, what):
    said, why = disagreement(ledger, enrolment)
    check(not why, f"{what}: {why}")
    print(f"{what}: {said}")
    return said


def kept(lab, name):
    """A copy of the ledger as it stands, in a folder of its own."""
    target = lab.directory / name
    target.mkdir()
    for file in ("ledger.db", "ledger.db-wal"):
        source = lab.ledger_directory / file
        if source.exists():
            shutil.copy(source, target / file)
    return target / "ledger.db"


def paused(lab, calls):
    """More calls than the ring holds, while nobody empties it."""
    lab.daemon.send_signal(signal.SIGSTOP)
    try:
        lab.send(FEATURES, "--count", calls)
    finally:
        lab.daemon.send_signal(signal.SIGCONT)


def tpm_away(lab):
    """The TPM is gone for a while: what is recorded in between waits."""
    before = counters(lab.ledger)["foreign"]
    lab.stop_tpm()
    lab.send(FEATURES, "--count", 12)
    until(lambda: counters(lab.ledger)["foreign"] >= before + 12, "the calls are recorded without a TPM")
    lab.start_tpm()


def make_ledgers(lab):
    """Ledgers of several runs: killed and with an unsigned tail; stopped cleanly, with losses."""
    lab.provision()
    lab.start_daemon("--checkpoint-records=15")
    lab.send(FEATURES)
    lab.send("raw", "0x4000", "--out-len", 512, "--scope", 0, expect=None)
    lab.wait_observed(2)
    lab.kill_daemon()
    killed = kept(lab, "killed")
    lab.start_daemon("--observe=off", "--ring-size=4096", "--checkpoint-records=10")
    paused(lab, 40)
    tpm_away(lab)
    lab.stop_daemon()
    lab.start_daemon("--checkpoint-records=10")
    lab.reset("conventional")
    lab.send(FEATURES, "--count", 4)
    lab.stop_daemon()
    counted = counters(lab.ledger)
    check(counted["lost"] > 0, f"no call was lost: {counted}")
    check(counted["runs"] == 3, f"three runs: {counted}")
    return killed, kept(lab, "stopped")


def tampered(lab, sources, number):
    chance = random.Random(f"{SEED}-{number}")
    folder = lab.directory / f"copy-{number}"
    done = tamper(sources[number % len(sources)], folder, chance)
    try:
        said, why = disagreement(folder / "ledger.db", lab.enrolment)
        return done, said, why and f"copy {number} ({done}): {why}"
    finally:
        shutil.rmtree(folder)


def main():
    need_machine()
    if not shutil.which("openssl"):
        print("skipped: openssl is not installed")
        sys.exit(77)
    with Lab(SCENARIOS / "honest.json") as lab:
        sources = make_ledgers(lab)
        for source in sources:
            said = agree(source, lab.enrolment, source.parent.name)
            check(said.startswith("exit 1"), f"{source.parent.name} is not authentic")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda number: tampered(lab, sources, number), range(COPIES)))
        for said, count in sorted(collections.Counter(said for _, said, _ in results).items()):
            print(f"{count:4} {said}")
        wrong = [why for _, _, why in results if why]
        check(not wrong, f"{len(wrong)} of {COPIES} copies (seed {SEED}):\n" + "\n".join(wrong[:6]))
        found = sum(said.startswith("exit 2") for _, said, _ in results)
        # Some attacks undo one another, cut a tail off, or add to one: those show nothing.
        check(found > COPIES / 2, f"only {found} of {COPIES} copies were found not authentic")
        print(f"{COPIES} copies, {found} of them not authentic")


if __name__ == "__main__":
    main()
