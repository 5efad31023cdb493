# SPDX-License-Identifier: Apache-2.0
"""Real commands to simulated devices, each in a window of its own: who lied, and who did not.

Also: what log, show and wait say of the ledger, and that the report follows its schema.
"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "unit" / "report"))

from harness import FWAUDIT, ROOT, Lab, check, need_machine, until  # noqa: E402
from schema_check import follows  # noqa: E402


def uuid(number):
    return f"b2222222-0000-4000-8000-{number:012x}"


def feature(number, name, effects, **more):
    return {"name": name, "uuid": uuid(number), "size": 4, "effects": effects, **more}


FEATURES = [
    feature(1, "now", ["config-immediate"]),
    feature(2, "cold", ["config-cold-reset"]),
    feature(3, "impatient", ["config-cold-reset"], applies="immediate"),
    feature(4, "meddler", ["config-immediate"]),
    feature(5, "victim", ["config-immediate"]),
    feature(6, "scribbler", ["config-immediate"]),
    feature(7, "labeller", ["config-immediate", "data-immediate"]),
    feature(8, "logger", ["policy-immediate"]),
    feature(9, "growing", ["config-cold-reset"]),
    feature(10, "early", ["config-cold-reset"], applies="conventional-reset"),
    feature(11, "surprise", ["config-cold-reset"]),
    feature(12, "quiet", ["config-immediate"], applies="never"),
    feature(13, "policy", ["policy-immediate"]),
    feature(14, "slow", ["config-immediate"]),
]


def on(name, **effect):
    return {"trigger": {"opcode": "0502", "feature": name}, "effects": [effect]}


LOG = "c3333333-0000-4000-8000-000000000001"
SCENARIO = {
    "format": "fwsim-scenario/1",
    "devices": [{
        "name": "fwctl0",
        "lsa": {"size": 512},
        "logs": [{"uuid": LOG, "name": "vendor", "size": 64}],
        "features": FEATURES,
        "commands": [{"opcode": "c001", "effects": ["data-immediate"]}, {"opcode": "c002"}, {"opcode": "c003"}],
        "cel_overrides": [{"opcode": "c003", "omitted": True}],
        "behaviours": [
            on("meddler", target="feature", feature="victim", from_request=True),
            on("scribbler", target="lsa", hex="ff"),
            on("labeller", target="lsa", hex="ee"),
            on("logger", target="alert_configuration", hex="01"),
            on("growing", target="identify", field="total_capacity", number=77),
            on("surprise", target="feature", feature="victim", xor="0f", when={"reset": "cold"}),
            on("policy", target="alert_configuration", hex="03"),
            {"trigger": {"opcode": "c001"}, "effects": [{"target": "lsa", "hex": "aa"}]},
            {"trigger": {"opcode": "c002"}, "effects": [{"target": "lsa", "hex": "bb"}]},
            {"trigger": {"opcode": "0502", "feature": "slow"}, "suppress": True,
             "effects": [{"target": "feature", "feature": "slow", "from_request": True,
                          "when": {"after_ms": 1}}]},
        ],
    }],
}


class Story:
    def __init__(self, lab):
        self.lab = lab
        self.calls = 0

    def send(self, *arguments, expect=0):
        self.lab.send(*arguments, expect=expect)
        self.calls += 1
        self.lab.wait_observed(self.calls)

    def set(self, number, scope=3, data="01020304", expect=0):
        self.send("set-feature", uuid(number), "--data", data, "--scope", scope, expect=expect)

    def reset(self, kind):
        before = self.snapshots()
        self.lab.reset(kind)
        until(lambda: self.snapshots() > before, "the reset was observed")

    def snapshots(self):
        report, _ = self.lab.verify()
        return report["devices"][0]["snapshots"]


def tell(lab):
    story = Story(lab)
    story.send("get-supported-features")
    story.send("get-feature", uuid(1), "--length", 4)
    for number in (1, 2, 3, 4, 6, 7, 8, 9, 12, 13, 14):
        story.set(number)
    story.set(1, scope=0, expect=1)
    story.send("raw", "c001", "--scope", 3)
    story.send("raw", "c002", "--scope", 3)
    story.send("raw", "c003", "--scope", 3)
    story.set(10)
    story.set(11)
    story.reset("conventional")
    story.reset("cold")
    return story.calls


EXPECTED = {
    "FWA-E01": {("Set Feature", uuid(3)), ("Set Feature", uuid(4)), ("Set Feature", uuid(6)),
                ("Set Feature", uuid(9)), ("vendor command", None)},
    "FWA-E03": {(None, None)},  # the surprise, at the cold reset
    "FWA-E04": {("vendor command", None)},
    "FWA-E05": {("Set Feature", uuid(10))},
}


def found(report):
    kinds = {}
    for finding in report["findings"]:
        command = finding.get("command", {})
        kinds.setdefault(finding["id"], []).append((command.get("name"), command.get("feature")))
    return kinds


def check_report(report):
    schema = json.loads((ROOT / "schema" / "report.schema.json").read_text())
    faults = follows(schema, report)
    check(not faults, f"the report does not follow its schema: {faults}")
    kinds = found(report)
    for kind, commands in kinds.items():
        check(len(commands) == len(set(commands)), f"{kind}: said twice: {commands}")
    check({kind: set(commands) for kind, commands in kinds.items()} == EXPECTED,
          json.dumps(report["findings"], indent=1))
    verdicts = report["devices"][0]["verdicts"]
    check(verdicts == {"not_judged": 0, "refused": 1, "undetermined": 0, "conforms": 11, "violates": 7},
          f"verdicts: {verdicts}")


def run(*arguments):
    return subprocess.run([str(FWAUDIT), *map(str, arguments)], capture_output=True, text=True)


def check_reading(lab, report, calls):
    log = json.loads(run("log", lab.ledger, "--enrolment", lab.enrolment, "--format", "json").stdout)
    check(log["format"] == "fwaudit-log/1" and len(log["calls"]) == calls, f"log: {len(log['calls'])} of {calls}")
    liars = {finding["records"][0]["sequence"] for finding in report["findings"]
             if finding["id"] in ("FWA-E01", "FWA-E04", "FWA-E05")}
    check({call["record"] for call in log["calls"] if call["verdict"] == "violates"} == liars,
          "log and verify disagree about who violates")
    plain = run("log", lab.ledger)
    check(len(plain.stdout.splitlines()) == calls and "authenticity was not checked" in plain.stderr, plain.stderr)
    check(all(line.count("\t") == 9 for line in plain.stdout.splitlines()), "log: not ten fields")
    everything = run("log", lab.ledger, "--all").stdout.splitlines()
    check(len(everything) == report["calls"]["recorded"], "log --all is not all")

    for finding in report["findings"]:
        for record in finding["records"]:
            shown = run("show", lab.ledger, record["sequence"])
            check(shown.returncode == 0 and record["leaf"] in shown.stdout,
                  f"show {record['sequence']}: {shown.stdout}{shown.stderr}")
    shown = run("show", lab.ledger, min(liars)).stdout
    check(f"feature             {uuid(3)}" in shown and "01 02 03 04" in shown, shown)
    beyond = run("show", lab.ledger, report["ledger"]["records"])
    check(beyond.returncode == 3 and "has no record" in beyond.stderr, beyond.stderr)

    waited = run("wait", lab.ledger, "--calls", calls + 1, "--timeout", 0)
    check(waited.returncode == 1 and f"{calls} of {calls + 1}" in waited.stderr, waited.stderr)
    check(run("wait", lab.ledger, "--calls", calls, "--timeout", 0).returncode == 0, "wait")


def main():
    need_machine()
    with Lab() as lab:
        scenario = lab.directory / "scenario.json"
        scenario.write_text(json.dumps(SCENARIO))
        lab.start_simulator(scenario)
        lab.provision()
        lab.start_daemon()
        calls = tell(lab)
        lab.stop_daemon()
        report, _ = lab.verify(expect=1)
        check_report(report)
        check_reading(lab, report, calls)
        text = run("verify", lab.ledger, "--enrolment", lab.enrolment)
        check(text.returncode == 1 and "\x1b" not in text.stdout, "colour without a terminal")
        print(f"{calls} commands, {len(report['findings'])} findings, as expected")


if __name__ == "__main__":
    main()
