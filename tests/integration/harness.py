# SPDX-License-Identifier: Apache-2.0
"""A whole fwaudit on one machine, for tests: swtpm, fwsim, fwauditd, fwaudit.

Every part is the real program. Nothing sleeps in place of a condition: `until` polls one and
fails loudly when it does not come true in time.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("FWA_BIN", ROOT / "build" / "bin"))
FWAUDITD, FWAUDIT, FWSIM = BIN / "fwauditd", BIN / "fwaudit", BIN / "fwsim"
SCENARIOS = ROOT / "tools" / "fwsim" / "scenarios"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need_machine():
    """Skip, with the reason, where this machine cannot run the whole thing."""
    if os.geteuid() != 0:
        skip("needs root (BPF, FUSE)")
    if not os.path.exists("/dev/fuse"):
        skip("no /dev/fuse")
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        skip("the kernel has no BTF")
    for program in ("swtpm", "fusermount3"):
        if not shutil.which(program):
            skip(f"{program} is not installed")


def until(condition, what, timeout=30.0):
    """Poll until condition() is true; its value is returned."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {timeout} s still not: {what}")
        time.sleep(0.01)


def check(condition, message):
    """An assertion that python -O does not remove."""
    if not condition:
        raise AssertionError(message)


class Lab:
    """One simulated machine in a folder of its own; a context manager that cleans up."""

    def __init__(self, scenario=None):
        self.scenario = scenario
        self.processes = []
        self.daemon = None
        self.simulator = None
        self.tpm = None

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fwaudit-test."))
        self.directory.chmod(0o755)
        self.mount = self.directory / "devices"
        self.mount.mkdir()
        self.ledger_directory = self.directory / "ledger"
        self.ledger = self.ledger_directory / "ledger.db"
        self.enrolment = self.ledger_directory / "enrolment.json"
        self.tpm_socket = self.directory / "tpm"
        self.tcti = f"swtpm:path={self.tpm_socket}"
        try:
            self.start_tpm()
            if self.scenario:
                self.start_simulator(self.scenario)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            for log in sorted(self.directory.glob("*.log")):
                print(f"--- {log.name}", log.read_text(errors="replace")[-4000:], sep="\n")
        for process in (self.daemon, self.simulator, self.tpm):
            self.end(process)
        subprocess.run(["umount", "-l", str(self.mount)], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def end(process):
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def spawn(self, name, *arguments):
        log = open(self.directory / f"{name}.log", "ab")
        with log:
            return subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=subprocess.STDOUT)

    def log_text(self, name):
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- the TPM

    def start_tpm(self):
        state = self.directory / "tpm-state"
        state.mkdir(exist_ok=True)
        for leftover in (self.tpm_socket, pathlib.Path(f"{self.tpm_socket}.ctrl")):
            with contextlib.suppress(FileNotFoundError):
                leftover.unlink()
        self.tpm = self.spawn("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}",
                              "--server", f"type=unixio,path={self.tpm_socket}",
                              "--ctrl", f"type=unixio,path={self.tpm_socket}.ctrl",
                              "--flags", "not-need-init,startup-clear")
        until(lambda: self.tpm_socket.exists() and os.path.exists(f"{self.tpm_socket}.ctrl"),
              "swtpm listens")

    def stop_tpm(self):
        self.end(self.tpm)

    # --- the device

    def start_simulator(self, scenario):
        self.simulator = self.spawn("fwsim", FWSIM, "serve", scenario, self.mount)
        until(lambda: self.simulator.poll() is not None or "fwsim: serving" in self.log_text("fwsim"),
              "fwsim serves")
        check(self.simulator.poll() is None, f"fwsim ended: {self.log_text('fwsim')}")

    def device(self, number=0):
        return self.mount / f"fwctl{number}"

    def send(self, *arguments, device=0, expect=0):
        result = subprocess.run([str(FWSIM), "send", str(self.device(device)), *map(str, arguments)],
                                capture_output=True, text=True)
        check(expect is None or result.returncode == expect,
              f"fwsim send {arguments}: exit {result.returncode}, {result.stdout}{result.stderr}")
        return result

    def reset(self, kind, device=0):
        subprocess.run([str(FWSIM), "reset", str(self.device(device)), kind], check=True)

    # --- the collector

    def provision(self):
        subprocess.run([str(FWAUDITD), "provision", "--tpm", self.tcti,
                        "--ledger", str(self.ledger_directory)], check=True,
                       stdout=subprocess.DEVNULL)

    def start_daemon(self, *options, devices=(0,), wait=True):
        watches = [f"--watch={self.device(number)}" for number in devices]
        before = self.log_text("fwauditd").count("fwauditd: recording")
        self.daemon = self.spawn("fwauditd", FWAUDITD, "--tpm", self.tcti, "--ledger",
                                 self.ledger_directory, *watches, *options)
        if wait:
            until(lambda: self.daemon.poll() is not None or
                  self.log_text("fwauditd").count("fwauditd: recording") > before, "fwauditd records")
            check(self.daemon.poll() is None, f"fwauditd ended: {self.log_text('fwauditd')}")
        return self.daemon

    def stop_daemon(self):
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(60)
        check(code == 0, f"fwauditd: exit {code} at a clean stop")

    def kill_daemon(self):
        self.daemon.kill()
        self.daemon.wait()

    def wait_observed(self, calls, timeout=30):
        subprocess.run([str(FWAUDIT), "wait", str(self.ledger), "--calls", str(calls),
                        "--timeout", str(timeout)], check=True)

    # --- the verifier

    def verify(self, expect=None, ledger=None, enrolment=None):
        """The JSON report and the exit status."""
        code, report, text = verify(ledger or self.ledger, enrolment or self.enrolment)
        check(report is not None, f"no JSON report (exit {code}): {text}")
        check(expect is None or code == expect, f"verify: exit {code}, {json.dumps(report, indent=1)}")
        return report, code


def verify(ledger, enrolment, *options, timeout=120):
    result = subprocess.run([str(FWAUDIT), "verify", str(ledger), "--enrolment", str(enrolment),
                             "--format", "json", *options], capture_output=True, text=True, timeout=timeout)
    check(result.returncode in (0, 1, 2, 3), f"verify ended with {result.returncode}: {result.stderr}")
    try:
        report = json.loads(result.stdout)
    except json.JSONDecodeError:
        report = None
    return result.returncode, report, result.stderr


def ids(report):
    """The finding ids of a report, sorted, with repetitions."""
    return sorted(finding["id"] for finding in report["findings"])
