# SPDX-License-Identifier: Apache-2.0
"""Runs one scenario in the kernel lab and checks, outside the guest, what it brought back.

    test_lab.py SCENARIO [FOLDER]

Without FOLDER what came out is kept only if something failed.
"""

import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

LAB = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(LAB.parent / "integration"))

from harness import BIN, check, skip, verify  # noqa: E402
from ledger import counters  # noqa: E402

CXL_TEST_FEATURE = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def report_of(folder, expect):
    """The report on the ledger that the guest left, and the accounts that its records give."""
    code, report, text = verify(folder / "ledger.db", folder / "enrolment.json")
    check(report is not None, f"no report: {text}")
    check(code == expect, f"verify: exit {code}: {report['findings']}")
    accounts = counters(folder / "ledger.db")
    check(accounts["lost"] == 0, f"{accounts['lost']} calls lost")
    return report, accounts


def check_cxl_test_liar(folder):
    """cxl_test's vendor feature declares 0x0201, a cold reset, and changes at once; its CEL says
    0x0002 of Set Feature. One command was sent that set it, to fwctl0."""
    report, _ = report_of(folder, expect=1)
    found = collections.Counter(finding["id"] for finding in report["findings"])
    check(found["FWA-E01"] == 1, f"FWA-E01: {found['FWA-E01']} times")
    undeclared = next(f for f in report["findings"] if f["id"] == "FWA-E01")
    check(undeclared["device"]["name"] == "fwctl0", f"on {undeclared['device']}")
    check(undeclared["command"]["feature"] == CXL_TEST_FEATURE, f"of {undeclared['command']}")
    check(undeclared["declared"] == ["config-cold-reset"], f"declared {undeclared['declared']}")
    check(undeclared["observed"] == ["config-immediate"], f"observed {undeclared['observed']}")
    devices = {f["device"]["name"] for f in report["findings"] if f["id"] == "FWA-D01"}
    check(devices == {f"fwctl{n}" for n in range(11)}, f"FWA-D01 on {devices}")
    check(set(found) == {"FWA-E01", "FWA-D01"}, f"other findings: {found}")


def main():
    scenario = sys.argv[1]
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="fwaudit-lab-out."))
    for program in ("qemu-system-x86_64", "swtpm", "busybox", "cpio"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    kernel = subprocess.run([str(LAB / "kernel.sh")], stdout=subprocess.PIPE, text=True)
    if kernel.returncode == 77:
        skip("the lab's kernel cannot be had on this machine; see above")
    check(kernel.returncode == 0, "the lab's kernel could not be built")
    with tempfile.TemporaryDirectory(prefix="fwaudit-initramfs.") as work:
        subprocess.run([str(LAB / "initramfs.sh"), kernel.stdout.strip(), str(BIN), f"{work}/initramfs"],
                       check=True)
        boot = subprocess.run([str(LAB / "boot.sh"), kernel.stdout.strip(), f"{work}/initramfs", scenario,
                               str(folder)])
    output = folder / "output"
    if output.exists():
        print(output.read_text(errors="replace"))
    check(boot.returncode == 0, f"{scenario} ended with {boot.returncode} in the guest; see {folder}")
    globals()[f"check_{scenario}"](folder)
    if len(sys.argv) <= 2:
        shutil.rmtree(folder)
    print(f"{scenario}: as it should be")


if __name__ == "__main__":
    main()
