# SPDX-License-Identifier: Apache-2.0
"""Runs one scenario in the kernel lab and checks, outside the guest, what it brought back.

    test_lab.py SCENARIO FWCTL_CALL [FOLDER]

Without FOLDER what came out is kept only if something failed.
"""

import collections
import errno
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LAB = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(LAB.parent / "integration"), str(LAB.parent / "tools")]

from harness import BIN, check, skip, verify  # noqa: E402
from kernel_answers import FWCTL_RPC, kernel_answers  # noqa: E402
import ledger  # noqa: E402

CXL_TEST_FEATURE = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def report_of(folder, expect, threshold="low", may_lose=False):
    """The report on the ledger that the guest left, and the accounts that its records give. `expect`
    is the status of a verification with that threshold."""
    code, report, text = verify(folder / "ledger.db", folder / "enrolment.json", "--threshold", threshold)
    check(report is not None, f"no report: {text}")
    check(code == expect, f"verify: exit {code}: {report['findings']}")
    accounts = ledger.counters(folder / "ledger.db")
    check(may_lose or accounts["lost"] == 0, f"{accounts['lost']} calls lost")
    # Of its boot QEMU's machine gives reason to complain.
    kernel_log = (folder / "kernel-log").read_text(errors="replace").split("lab: ", 1)[1]
    unwell = re.findall(r".*(?:WARNING:|BUG:|Oops|Call Trace|general protection|rcu: INFO).*", kernel_log)
    check(not unwell, f"the kernel log has {unwell}")
    return report, accounts


def tally(report):
    return collections.Counter(finding["id"] for finding in report["findings"])


def foreign_calls(folder):
    """The calls of others than fwauditd, in the order that they returned in."""
    calls = [r for r in ledger.records(folder / "ledger.db")
             if r[ledger.KIND] == ledger.RPC and not r[ledger.RPC_OWN]]
    return sorted(calls, key=lambda r: r[ledger.RPC_RETURNED])


def check_cxl_test_liar(folder):
    """cxl_test's vendor feature declares 0x0201, a cold reset, and changes at once; its CEL says
    0x0002 of Set Feature. One command was sent that set it, to fwctl0."""
    report, _ = report_of(folder, expect=1)
    found = tally(report)
    check(found["FWA-E01"] == 1, f"FWA-E01: {found['FWA-E01']} times")
    undeclared = next(f for f in report["findings"] if f["id"] == "FWA-E01")
    check(undeclared["device"] == "fwctl0", f"on {undeclared['device']}")
    check(undeclared["command"]["feature"] == CXL_TEST_FEATURE, f"of {undeclared['command']}")
    check(undeclared["declared"] == ["config-cold-reset"], f"declared {undeclared['declared']}")
    check(undeclared["observed"] == ["config-immediate"], f"observed {undeclared['observed']}")
    devices = {f["device"] for f in report["findings"] if f["id"] == "FWA-D01"}
    check(devices == {f"fwctl{n}" for n in range(11)}, f"FWA-D01 on {devices}")
    check(set(found) == {"FWA-E01", "FWA-D01"}, f"other findings: {found}")


def check_refused(folder):
    """The kernel's answers are those of the table; each call is recorded with its own; what was
    refused is no command that was executed, and what failed after it was executed is one."""
    report, _ = report_of(folder, expect=1)
    expected = {name: answer for name, answer, _, _ in kernel_answers()}
    answers = dict(line.split("\t") for line in (folder / "answers").read_text().splitlines())
    check(answers == expected, f"the kernel differs: {sorted(answers.items() ^ expected.items())}")
    check((folder / "undelivered").read_text() == "EFAULT\n", "an answer reached an address that is none")
    check("ab cd ab cd" in (folder / "changed").read_text(), "the device had not executed it")
    check((folder / "unbound").read_text() == "ENODEV\n", "a device that is gone answers")

    calls = foreign_calls(folder)
    sent = [*expected.values(), "EFAULT", "ok:20", "ENODEV"]
    check(len(calls) == len(sent), f"{len(calls)} calls recorded of {len(sent)}")
    verdicts = {c["record"]: c for c in json.loads((folder / "log.json").read_text())["calls"]}
    for name, answer, call in zip([*expected, "undelivered", "changed", "unbound"], sent, calls):
        result, verdict = call[ledger.RPC_RESULT], verdicts[call[ledger.SEQUENCE]]
        word = answer.split(":")[0]
        check(result == (0 if word == "ok" else -getattr(errno, word)), f"{name}: {answer}, recorded is {result}")
        # The copy of an answer fails with EFAULT too, so it does not say that nothing happened.
        refused = word not in ("ok", "EFAULT") or name == "get-too-much"
        if call[ledger.RPC_COMMAND] != FWCTL_RPC:
            check(verdict["verdict"] == "not judged", f"{name}: {verdict}")
        else:
            check((verdict["verdict"] == "refused") == refused, f"{name}: {verdict}")

    found = tally(report)
    check(set(found) == {"FWA-C01", "FWA-D01", "FWA-E01"}, f"findings: {found}")
    check(found["FWA-E01"] == 1, f"FWA-E01: {found['FWA-E01']} times")
    # Requests that are too long, or nowhere, are not captured: that is said, and that is all.
    check(found["FWA-C01"] == 1, f"FWA-C01: {found['FWA-C01']} times")
    changed = next(f for f in report["findings"] if f["id"] == "FWA-E01")
    named = {r["sequence"] for r in changed["records"]}
    check(calls[-3][ledger.SEQUENCE] in named, f"the call that failed late is not what {changed} names")


def check_hammer(folder):
    """Every call of sixteen processes over eleven devices is recorded, or is lost and accounted for.
    Linux 7 can preempt all copies of a tracepoint's program at once: ARCHITECTURE.md."""
    sent = int((folder / "sent").read_text())
    check(sent >= 3000, f"{sent} calls in ten seconds are no load")
    answers = [line for n in range(1, 17) for line in (folder / f"answers.{n}").read_text().splitlines()]
    check(set(answers) == {"ok:20"}, f"answers: {set(answers)}")
    report, accounts = report_of(folder, expect=0, threshold="critical", may_lose=True)
    issued, recorded, lost = list(accounts["checkpoints"].values())[-1]
    print(f"{sent} calls sent: issued {issued}, recorded {recorded}, lost {lost}")
    check(recorded == accounts["foreign"] + accounts["own"], f"{accounts}")
    check(lost == accounts["lost"] and issued == recorded + lost, f"{accounts}")
    # Of the lost calls some may be the collector's own.
    check(accounts["foreign"] <= sent <= accounts["foreign"] + lost, f"{accounts} for {sent} calls sent")
    found = set(tally(report))
    check("FWA-D01" in found and ("FWA-C01" in found) == (lost > 0), f"findings: {found}")
    check(found <= {"FWA-D01", "FWA-C01"}, f"findings: {found}")
    devices = {call[ledger.RPC_DEVICE] for call in foreign_calls(folder)}
    check(len(devices) == 11, f"calls on {len(devices)} devices of 11")


def check_killed(folder):
    """What was recorded until the kill stays authentic, the outage is told, and nothing else."""
    answers = (folder / "meanwhile").read_text().split()
    check(set(answers) == {"ok:20"}, f"its callers noticed that the collector died: {set(answers)}")
    report, accounts = report_of(folder, expect=1, threshold="medium", may_lose=True)
    found = tally(report)
    check(set(found) - {"FWA-C01"} == {"FWA-C02", "FWA-D01"} and found["FWA-C02"] == 1, f"findings: {found}")
    check(("FWA-C01" in found) == (accounts["lost"] > 0), f"{accounts['lost']} lost, findings: {found}")
    outage = next(f for f in report["findings"] if f["id"] == "FWA-C02")
    check("killed or crashed" in outage["sentence"], f"{outage}")
    check(accounts["runs"] == 2, f"{accounts['runs']} runs")
    # 60 calls were in the ledger before it was killed, 30 came after; of those between none is made up.
    sent = 40 + 50 * len(answers) + 30
    check(90 <= accounts["foreign"] <= sent, f"{accounts['foreign']} calls recorded of {sent}")
    between = json.loads((folder / "after-kill.json").read_text())
    check(between["exit_status"] == 1, f"after the kill: exit {between['exit_status']}")
    check(all(f["id"] in ("FWA-C01", "FWA-C06", "FWA-D01") for f in between["findings"]),
          f"after the kill: {tally(between)}")


def check_stock(folder):
    """Without the class fwauditd says so in one line and waits; without a mount of tracefs it makes
    one of its own, that nobody else sees."""
    said = (folder / "waiting").read_text().splitlines()
    check(said[0] == "fwauditd: no fwctl device on this machine, and no fwctl class; waiting for one to appear",
          f"{said}")
    check([line for line in said[1:] if "coverage:" not in line] ==
          ["fwauditd: recording 0 devices into /tmp/ledger/ledger.db"], f"{said}")
    report, accounts = report_of(folder, expect=0, threshold="info")
    check(report["findings"] == [], f"findings: {report['findings']}")
    check(accounts["foreign"] == accounts["own"] == 0, f"calls of nobody: {accounts}")


def check_late_device(folder):
    """Devices that come after fwauditd, go, and come back, the class with them: each one's first call
    is recorded, and recorded of the device that it was for."""
    said = (folder / "fwauditd.log").read_text()
    check("no fwctl device on this machine, and no fwctl class; waiting" in said, said)
    check("cannot be opened" not in said, said)
    check((folder / "first").read_text().split() == ["ok:20"] * 3, "a device did not answer")
    check((folder / "across").read_text() == "ENODEV\n", "a device that is gone answers")
    report, _ = report_of(folder, expect=0, threshold="high")
    check(set(tally(report)) <= {"FWA-D01"}, f"findings: {tally(report)}")

    devices, comings, goings = {}, collections.Counter(), collections.Counter()
    for record in ledger.records(folder / "ledger.db"):
        if record[ledger.KIND] == ledger.DEVICE:
            devices[record[ledger.SEQUENCE]] = record
            (goings if record[ledger.DEVICE_STATE] else comings)[record[ledger.DEVICE_NAME].decode()] += 1
    # Three times eleven; fwctl0 was unbound in the end, and has another number while it is held open.
    check(comings == {**{f"fwctl{n}": 3 for n in range(11)}, "fwctl11": 1}, f"devices found: {comings}")
    check(goings == {**{f"fwctl{n}": 2 for n in range(1, 11)}, "fwctl0": 3}, f"devices gone: {goings}")
    calls = foreign_calls(folder)
    check([c[ledger.RPC_RESULT] for c in calls] == [0] * 6 + [-errno.ENODEV] * 4,
          f"results: {[c[ledger.RPC_RESULT] for c in calls]}")
    for call in calls[:6]:
        device = devices[call[ledger.RPC_DEVICE]]
        check(not device[ledger.DEVICE_STATE] and device[ledger.DEVICE_NAME] == b"fwctl0", f"{device}")
    of = [c.get(ledger.RPC_DEVICE) for c in calls]
    check(len(set(of[:6])) == 3 and len(set(of[1:3])) == 1 and len(set(of[3:6])) == 1,
          f"three devices were called, the first calls belong to {of}")
    # A descriptor of a device that is gone long since: of that one, or of none; never of another.
    last_gone = max(n for n, d in devices.items() if d[ledger.DEVICE_NAME] == b"fwctl0")
    check(set(of[6:]) <= {last_gone, None}, f"calls on what was fwctl0 belong to {of[6:]}")


def main():
    scenario, fwctl_call = sys.argv[1:3]
    folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp(prefix="fwaudit-lab-out."))
    for program in ("qemu-system-x86_64", "swtpm", "busybox", "cpio"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    kernel = subprocess.run([str(LAB / "kernel.sh")], stdout=subprocess.PIPE, text=True)
    if kernel.returncode == 77:
        skip("the lab's kernel cannot be had on this machine; see above")
    check(kernel.returncode == 0, "the lab's kernel could not be built")
    with tempfile.TemporaryDirectory(prefix="fwaudit-initramfs.") as work:
        subprocess.run([str(LAB / "initramfs.sh"), kernel.stdout.strip(), str(BIN), f"{work}/initramfs",
                        fwctl_call], check=True)
        boot = subprocess.run([str(LAB / "boot.sh"), kernel.stdout.strip(), f"{work}/initramfs", scenario,
                               str(folder)])
    output = folder / "output"
    if output.exists():
        print(output.read_text(errors="replace"))
    check(boot.returncode == 0, f"{scenario} ended with {boot.returncode} in the guest; see {folder}")
    globals()[f"check_{scenario}"](folder)
    if len(sys.argv) <= 3:
        shutil.rmtree(folder)
    print(f"{scenario}: as it should be")


if __name__ == "__main__":
    main()
