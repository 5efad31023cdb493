# SPDX-License-Identifier: Apache-2.0
"""fwauditd is killed at random moments under load; every restart recovers.

After every restart the ledger verifies (never "not authentic"), and every outage is a finding
FWA-C02 that says from when to when.
"""

import os
import random
import subprocess
import time

from harness import FWSIM, SCENARIOS, Lab, check, need_machine

KILLS = int(os.environ.get("FWA_CRASH_KILLS", "12"))
SEED = int(os.environ.get("FWA_CRASH_SEED", str(int(time.time()))))


def outages(report):
    return [finding for finding in report["findings"] if finding["id"] == "FWA-C02"]


def main():
    need_machine()
    chance = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills")
    with Lab(SCENARIOS / "honest.json") as lab:
        lab.provision()
        load = subprocess.Popen([str(FWSIM), "send", str(lab.device()), "get-supported-features",
                                 "--count", "100000000"], stdout=subprocess.DEVNULL)
        try:
            for kill in range(KILLS):
                # Some kills hit the start itself, some the middle of the work.
                started = chance.random() < 0.7
                lab.start_daemon("--checkpoint-records=500", "--checkpoint-interval=1", wait=started)
                # The moment is what this test is about: a pause, not a wait for a condition.
                time.sleep(chance.uniform(0.0, 0.4))
                check(lab.daemon.poll() is None, f"ended by itself: {lab.log_text('fwauditd')[-2000:]}")
                lab.kill_daemon()
            lab.start_daemon()
            report, code = lab.verify()
            check(code == 1, f"a live ledger after {KILLS} kills: exit {code}, {report['findings']}")
            lab.stop_daemon()
        finally:
            load.kill()
            load.wait()
        report, code = lab.verify(expect=1)
        found = outages(report)
        # A run that was killed before its boot record was committed never was: the outage goes on.
        check(0 < len(found) <= KILLS, f"{len(found)} outages for {KILLS} kills")
        for outage in found:
            check(outage["from"] and outage["to"], f"an outage without from and to: {outage}")
        print(f"{KILLS} kills, {len(found)} outages, exit {code}")


if __name__ == "__main__":
    main()
