# SPDX-License-Identifier: Apache-2.0
"""Many processes at once: nothing is lost at the default settings, and what is lost when the ring
is too small on purpose is accounted for to the last call."""

import os
import subprocess

from harness import FWSIM, SCENARIOS, Lab, check, ids, need_machine
from ledger import counters

PROCESSES = int(os.environ.get("FWA_LOAD_PROCESSES", "8"))
CALLS = int(os.environ.get("FWA_LOAD_CALLS", "20000"))


def hammer(lab, calls):
    """Every process sends `calls` commands; the number that were sent altogether."""
    clients = [] if not calls else [subprocess.Popen([str(FWSIM), "send", str(lab.device()), "get-supported-features",
                                 "--count", str(calls)], stdout=subprocess.DEVNULL)
               for _ in range(PROCESSES)]
    for client in clients:
        check(client.wait() == 0, "a client failed")
    return PROCESSES * calls


def one_run(sent, *options, calls):
    with Lab(SCENARIOS / "honest.json") as lab:
        lab.provision()
        lab.start_daemon(*options)
        total = hammer(lab, calls)
        lab.stop_daemon()
        found = counters(lab.ledger)
        report, code = lab.verify()
        check(code in (0, 1), f"exit {code}: {report['findings']}")
        (issued, recorded, lost), = found["checkpoints"].values()
        print(f"{sent}: {total} calls sent; issued {issued}, recorded {recorded} "
              f"({found['own']} own), lost {lost} in {found['gaps']} gap records")
        check(recorded == found["foreign"] + found["own"], "recorded is not the number of rpc records")
        check(lost == found["lost"], "lost is not the sum of the gap records")
        check(issued == recorded + lost, "issued != recorded + lost")
        return total, found, lost, ids(report)


def main():
    need_machine()
    total, found, lost, findings = one_run("default ring", calls=CALLS)
    check(lost == 0, f"{lost} calls lost at the default settings")
    check(found["foreign"] == total, f"{found['foreign']} records for {total} calls")
    check("FWA-C01" not in findings, "FWA-C01 although nothing was lost")

    # Without observation the collector's own calls are the same few in every run, so that a run
    # without load tells how many of those issued are not the clients'.
    _, quiet, _, _ = one_run("no load", "--observe=off", calls=0)
    total, found, lost, findings = one_run("ring too small", "--ring-size=4096", "--observe=off",
                                           calls=max(CALLS // 10, 100))
    check(lost > 0, "nothing was lost: the ring was not too small")
    check("FWA-C01" in findings, "no FWA-C01 although calls were lost")
    issued = found["foreign"] + found["own"] + lost
    check(issued == total + quiet["own"],
          f"{issued} issued, but {total} were sent and {quiet['own']} were the collector's own")


if __name__ == "__main__":
    main()
