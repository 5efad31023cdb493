# SPDX-License-Identifier: Apache-2.0
"""What cannot be done is said in one sentence, with what to do, and nothing is left half started.

The collector: without root, without BPF, without a TPM, with a TPM that answers with errors, with
something that is not a device, with a ledger in use, unprovisioned. fwsim without FUSE. The
verifier: with everything that is not a good ledger.
"""

import os
import shutil
import sqlite3
import subprocess

from harness import FWAUDIT, FWAUDITD, FWSIM, SCENARIOS, Lab, check, need_machine

NOBODY = 65534


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, **options)


def refused(result, codes, *words, program):
    """One sentence on stderr that begins with the program's name, and holds the words."""
    lines = result.stderr.strip().splitlines()
    check(result.returncode in codes, f"exit {result.returncode}, not {codes}: {result.stderr}")
    check(len(lines) == 1, f"not one line: {result.stderr!r}")
    check(lines[0].startswith(program + ": "), f"does not say who speaks: {lines[0]!r}")
    for word in words:
        check(word.lower() in lines[0].lower(), f"{word!r} is not in {lines[0]!r}")
    print("  " + lines[0])


def usage(result, word):
    """Wrong usage: a sentence that holds the word, then how it goes."""
    check(result.returncode == 3, f"exit {result.returncode}, not 3: {result.stderr}")
    first, _, rest = result.stderr.partition("\n")
    check(first.startswith("fwaudit") and word in first, f"{word!r} is not in {first!r}")
    check("usage:" in rest, f"does not say how it goes: {result.stderr!r}")
    print("  " + first)


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def without_capabilities(*arguments):
    """Root without the capabilities that BPF needs, as in a container."""
    return ["setpriv", "--bounding-set=-sys_admin,-bpf,-perfmon",
            "--inh-caps=-sys_admin,-bpf,-perfmon", "--", *map(str, arguments)]


def collector_refusals(lab):
    collect = [FWAUDITD, "--tpm", lab.tcti, "--ledger", lab.ledger_directory, "--watch", lab.device()]
    print("collector:")
    refused(run(*collect), (1,), "provision", program="fwauditd")
    check(not lab.ledger_directory.exists(), "a ledger folder was made although nothing was provisioned")

    refused(run(FWAUDITD, "provision", "--tpm", f"swtpm:path={lab.directory}/nobody-listens",
                "--ledger", lab.ledger_directory), (1,), "nobody-listens", program="fwauditd")
    check(not lab.enrolment.exists(), "an enrolment without a TPM")
    lab.provision()
    files = sorted(os.listdir(lab.ledger_directory))
    refused(run(FWAUDITD, "provision", "--tpm", lab.tcti, "--ledger", lab.ledger_directory), (1,),
            "enrolment", program="fwauditd")

    refused(run(*collect, preexec_fn=as_nobody), (1,), "root", program="fwauditd")
    refused(run(*without_capabilities(*collect)), (1,), "BPF", program="fwauditd")
    refused(run(*collect[:-1], "/dev/null"), (1,), "/dev/null", "fwctl", program="fwauditd")
    refused(run(*collect[:-1], lab.directory / "nothing"), (1,), "nothing", program="fwauditd")
    refused(run(*collect, "--ring-size", "5000"), (1, 3), "ring", program="fwauditd")
    refused(run(FWAUDITD, "--tpm", lab.tcti), (3,), "--ledger", program="fwauditd")
    refused(run(FWAUDITD, "--no-such-option"), (3,), "no-such-option", program="fwauditd")

    lab.stop_tpm()
    refused(run(*collect), (1,), "TPM", program="fwauditd")
    lab.start_tpm()
    left = sorted(set(os.listdir(lab.ledger_directory)) - set(files) - {"lock"})
    check(not left, f"refused starts left {left}")

    # A TPM that answers, but with errors: started without TPM2_Startup.
    lab.stop_tpm()
    state = lab.directory / "tpm-state"
    lab.tpm = lab.spawn("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}",
                        "--server", f"type=unixio,path={lab.tpm_socket}",
                        "--ctrl", f"type=unixio,path={lab.tpm_socket}.ctrl", "--flags", "not-need-init")
    refused(run(*collect), (1,), "TPM", program="fwauditd")
    lab.stop_tpm()
    lab.start_tpm()

    # Another TPM altogether: its key is not the enrolled one.
    shutil.move(state, lab.directory / "tpm-state.first")
    lab.stop_tpm()
    lab.start_tpm()
    refused(run(*collect), (1,), "enrol", program="fwauditd")
    lab.stop_tpm()
    shutil.rmtree(state)
    shutil.move(lab.directory / "tpm-state.first", state)
    lab.start_tpm()

    lab.start_daemon()
    refused(run(*collect), (1,), "in use", program="fwauditd")
    lab.send("get-supported-features")
    lab.wait_observed(1)


def without_fuse(lab):
    print("fwsim:")
    # A private /dev without fuse, for this one process.
    refused(run("unshare", "--mount", "sh", "-c",
                'mount -t tmpfs none /dev && exec "$@"', "sh", FWSIM, "serve",
                SCENARIOS / "honest.json", lab.mount), (1,), "/dev/fuse", program="fwsim")
    refused(run(FWSIM, "serve", SCENARIOS / "honest.json", lab.directory / "no-such-folder"), (1, 3),
            "no-such-folder", program="fwsim")
    broken = lab.directory / "broken.json"
    broken.write_text('{"format": "fwsim-scenario/1", "devices": [{"nme": "fwctl0"}]}')
    refused(run(FWSIM, "check", broken), (1, 3), "broken.json", "nme", program="fwsim")


def verifier_refusals(lab):
    print("verifier, on a ledger that is being written:")
    report, _ = lab.verify()
    check(not [f for f in report["findings"] if f["id"].startswith("FWA-A")], "a live ledger is genuine")

    # A .db without its -wal, while what was written stands in the log.
    alone = lab.directory / "alone.db"
    shutil.copy(lab.ledger, alone)
    lost = run(FWAUDIT, "verify", alone, "--enrolment", lab.enrolment)
    check(lost.returncode in (2, 3), f"a ledger without its log: exit {lost.returncode}")
    lab.stop_daemon()
    print("verifier:")
    verify = [FWAUDIT, "verify", lab.ledger, "--enrolment", lab.enrolment]
    good = run(*verify)
    check(good.returncode in (0, 1), f"the good ledger: {good.stdout}{good.stderr}")

    def replaced(path):
        return [FWAUDIT, "verify", path, "--enrolment", lab.enrolment]

    empty = lab.directory / "empty.db"
    empty.write_bytes(b"")
    text = lab.directory / "text.db"
    text.write_text("This is not a ledger.\n" * 100)
    other = lab.directory / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t(x)")
    database.close()
    newer = lab.directory / "newer.db"
    shutil.copy(lab.ledger, newer)
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    os.mkdir(lab.directory / "folder")

    refused(run(*replaced(empty)), (2, 3), "empty.db", program="fwaudit")
    refused(run(*replaced(text)), (2, 3), "text.db", program="fwaudit")
    refused(run(*replaced(other)), (2, 3), "other.db", program="fwaudit")
    refused(run(*replaced(newer)), (2, 3), "newer", program="fwaudit")
    refused(run(*replaced(lab.directory / "folder")), (2, 3), "folder", program="fwaudit")
    refused(run(*replaced(lab.directory / "missing.db")), (3,), "missing.db", program="fwaudit")
    usage(run(FWAUDIT, "verify", lab.ledger), "--enrolment")
    refused(run(*verify[:-1], lab.directory / "no-enrolment"), (3,), "no-enrolment", program="fwaudit")
    refused(run(*verify[:-1], text), (2, 3), "text.db", program="fwaudit")
    refused(run(FWAUDIT, "frobnicate"), (3,), "frobnicate", program="fwaudit")

    whole = lab.ledger.read_bytes()
    for size in sorted({1, 15, 16, 99, 100, 4096, 16384, 16385, len(whole) // 2, len(whole) - 1}):
        cut = lab.directory / "cut.db"
        cut.write_bytes(whole[:size])
        result = run(*replaced(cut))
        check(result.returncode in (2, 3), f"{size} of {len(whole)} bytes: exit {result.returncode}")
        check(result.stdout or result.stderr.startswith("fwaudit: "), f"{size} bytes: nothing said")


def main():
    need_machine()
    with Lab(SCENARIOS / "honest.json") as lab:
        collector_refusals(lab)
        without_fuse(lab)
        verifier_refusals(lab)


if __name__ == "__main__":
    main()
