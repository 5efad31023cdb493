# SPDX-License-Identifier: Apache-2.0
"""What an expert would demand of honest and of lying devices: for each scenario the commands that
are sent, the findings that must come of them, exactly, and the verdict on each command.

The expectations come from what the commands do and declare, not from what fwaudit says. Commands
are paced (each has a window of observation to itself) unless the table sends them together.

    test_scenarios.py [NAME]...      all cases, or those whose name contains one of these
"""

import collections
import dataclasses
import json
import pathlib
import subprocess
import sys
import time

from harness import FWAUDIT, FWSIM, Lab, check, need_machine, until
import ledger

HERE = pathlib.Path(__file__).resolve().parent / "scenarios"
NOBODY = ()


# --- what is done

@dataclasses.dataclass
class Command:
    """One run of `fwsim send`, that is `count` commands."""
    label: str
    opcode: str
    feature: str = ""
    arguments: tuple = ()
    refused: bool = False
    count: int = 1
    device: int = 0


def set_feature(feature, *options, data=None, label=None, **rest):
    return Command(label or feature, "0x0502", feature, ("set-feature", feature, "--data", data, *options), **rest)


def get_feature(feature, *options, label=None, **rest):
    """The length is given, so that no Get Supported Features is needed to learn it."""
    return Command(label or f"get {feature}", "0x0501", feature,
                   ("get-feature", feature, "--length", "4", *options), **rest)


def raw(opcode, *options, label=None, **rest):
    options = options if "--scope" in options else (*options, "--scope", "3")
    return Command(label or opcode, f"0x{opcode}", "", ("raw", opcode, *options), **rest)


@dataclasses.dataclass
class Together:
    """Sent by as many processes at the same time."""
    commands: tuple


@dataclasses.dataclass
class Unpaced:
    """Whatever comes next does not wait until these were observed."""
    command: Command


@dataclasses.dataclass
class Reset:
    kind: str
    device: int = 0


@dataclasses.dataclass
class Mailbox:
    """A command through the memN file."""
    what: str
    device: int = 0


@dataclasses.dataclass
class Elapse:
    """Until so long after the last step began: for what a device does by itself, and nobody sees."""
    milliseconds: int


class Look:
    """Until the devices were looked at once more."""


# --- what must come of it

@dataclasses.dataclass
class Finding:
    """`by`: the commands named, by label. `changes`: the keys, short. `about`: is in the sentence."""
    id: tuple    # one of these
    by: tuple = NOBODY
    changes: tuple = ()
    undeclared: str = ""
    about: str = ""
    device: str = "fwctl0"


def finding(identifier, by=NOBODY, changes=(), **rest):
    by = (by,) if isinstance(by, str) else by
    changes = (changes,) if isinstance(changes, str) else changes
    identifiers = (identifier,) if isinstance(identifier, str) else identifier
    return Finding(tuple(f"FWA-{i}" for i in identifiers), tuple(by), tuple(changes), **rest)


@dataclasses.dataclass
class Case:
    scenario: str
    steps: list
    findings: list
    verdicts: dict
    name: str = ""
    options: tuple = ()
    devices: tuple = (0,)
    limits: tuple = ()       # each of these is in one of the report's limits
    also: tuple = ()         # identifiers that may come besides


CONFORMS, VIOLATES, REFUSED, UNDETERMINED = "conforms", "violates", "refused", "undetermined"
OFTEN = ("--observe-interval=1",)
NEVER = ("--observe-interval=0",)

CASES = [
    # Immediate and deferred changes of the feature itself.
    Case("own_immediate_honest",
         [set_feature("interval"), set_feature("limit"), set_feature("interval", data="01020304", label="again"),
          set_feature("interval", data="01020304", label="same")],
         [], {"interval": CONFORMS, "limit": CONFORMS, "again": CONFORMS, "same": CONFORMS}),
    Case("own_deferred_impatient", [set_feature("impatient", "--scope", "2")],
         [finding("E01", "impatient", "impatient.current", undeclared="config-immediate")],
         {"impatient": VIOLATES}),
    Case("waits_undeclared", [set_feature("late")],
         [finding("E01", "late", "late.saved", undeclared="config-cold-reset")],
         {"late": VIOLATES}),
    # What was saved was found fault with; that the reset brings it to life is no other lie.
    Case("waits_undeclared", [set_feature("late"), Reset("cold")],
         [finding("E01", "late", "late.saved", undeclared="config-cold-reset")],
         {"late": VIOLATES}, name="waits_undeclared, then a reset"),
    Case("nothing_done", [set_feature("idle"), set_feature("ignored")],
         [], {"idle": CONFORMS, "ignored": CONFORMS}),
    Case("unsaved_honest", [set_feature("interval"), Reset("conventional"), get_feature("interval")],
         [], {"interval": CONFORMS, "get interval": CONFORMS}),

    # Other state.
    Case("other_current", [set_feature("meddler"), set_feature("selfish"), raw("c001")],
         [finding("E01", "meddler", "victim.current", undeclared="config-immediate"),
          finding("E01", "selfish", "victim.current", undeclared="config-immediate")],
         {"meddler": VIOLATES, "selfish": VIOLATES, "c001": CONFORMS}),
    Case("other_saved_undeclared", [set_feature("meddler")],
         [finding("E01", "meddler", "victim.saved", undeclared="config-cold-reset")], {"meddler": VIOLATES}),
    Case("other_saved_undeclared", [set_feature("meddler"), Reset("cold")],
         [finding("E01", "meddler", "victim.saved", undeclared="config-cold-reset")],
         {"meddler": VIOLATES}, name="other_saved_undeclared, then a reset"),
    Case("other_saved_declared", [raw("c001"), Reset("cold")], [], {"c001": "conforms|undetermined"}),
    Case("default_changed", [set_feature("meddler"), set_feature("open"), raw("c001")],
         [finding("E01", "meddler", "victim.default")],
         {"meddler": VIOLATES, "open": CONFORMS, "c001": CONFORMS}),
    Case("lsa", [set_feature("writer", data="11111111"), set_feature("open", data="22222222"),
                 raw("c001", "--in", "33333333")],
         [finding("E01", "writer", "lsa", undeclared="data-immediate")],
         {"writer": VIOLATES, "open": CONFORMS, "c001": CONFORMS}),
    Case("broad_log", [set_feature("writer")],
         [finding("E01", "writer", "lsa", undeclared="data-immediate")], {"writer": VIOLATES}),
    Case("alert_configuration", [set_feature("meddler"), set_feature("open")],
         [finding("E01", "meddler", "alert_config", undeclared="policy-immediate")],
         {"meddler": VIOLATES, "open": CONFORMS}),
    Case("shutdown_state", [set_feature("meddler"), set_feature("open")],
         [finding("E01", "meddler", "shutdown_state", undeclared="policy-immediate")],
         {"meddler": VIOLATES, "open": CONFORMS}),
    Case("vendor_log", [set_feature("meddler"), raw("c001")],
         [finding("E01", "meddler", "log.journal", undeclared="log-immediate")],
         {"meddler": VIOLATES, "c001": CONFORMS}),
    Case("identify", [set_feature("meddler"), set_feature("open")],
         [finding("E01", "meddler", "identify", undeclared="config-immediate")],
         {"meddler": VIOLATES, "open": CONFORMS}),
    Case("partition_info", [set_feature("meddler"), set_feature("open")],
         [finding("E01", "meddler", "partition_info", undeclared="config-immediate")],
         {"meddler": VIOLATES, "open": CONFORMS}),
    Case("firmware_info", [set_feature("meddler")],
         [finding("E01", "meddler", "firmware_info", undeclared="firmware")], {"meddler": VIOLATES}),
    Case("sensors", [get_feature("interval"), set_feature("interval"), get_feature("interval", label="again"), Look()],
         [], {"interval": CONFORMS, "get interval": CONFORMS, "again": CONFORMS}, options=OFTEN),
    Case("security_state", [raw("c001")], [], {"c001": UNDETERMINED}, limits=("security-state",)),
    Case("debug_log", [set_feature("interval"), Look()], [], {"interval": CONFORMS}, options=OFTEN),
    Case("large_log", [set_feature("interval")], [], {"interval": CONFORMS}, limits=("huge",)),
    Case("timer", [Elapse(2600), Look()], [finding("E03", NOBODY, "shutdown_state")], {}, options=OFTEN),

    # Resets.
    Case("deferred_honest", [set_feature("cold"), Reset("cold")], [], {"cold": CONFORMS}, name="cold, honest"),
    Case("deferred_honest", [set_feature("conventional"), Reset("conventional")], [], {"conventional": CONFORMS},
         name="conventional, honest"),
    Case("deferred_honest", [set_feature("link"), Reset("cxl")], [], {"link": CONFORMS}, name="cxl, honest"),
    Case("deferred_honest",
         [set_feature("cold"), set_feature("conventional"), set_feature("link"), Reset("cxl"), Reset("conventional"),
          Reset("cold"), set_feature("link", label="again"), Reset("cold")],
         [], {"cold": CONFORMS, "conventional": CONFORMS, "link": CONFORMS, "again": CONFORMS}),
    Case("reset_sooner", [set_feature("early"), Reset("cxl")],
         [finding("E05", "early", "early.current", undeclared="config-cxl-reset")], {"early": VIOLATES}),
    Case("deferred_two", [set_feature("early"), set_feature("hasty"), Reset("conventional")],
         [finding("E05", "early", "early.current", undeclared="config-conventional-reset"),
          finding("E05", "hasty", "hasty.current", undeclared="config-conventional-reset")],
         {"early": VIOLATES, "hasty": VIOLATES}),
    Case("deferred_partition", [raw("c001"), Reset("cxl"), Reset("conventional")], [], {"c001": CONFORMS}),
    Case("reset_later", [set_feature("lazy"), Reset("cxl"), Reset("cold")], [], {"lazy": CONFORMS}),
    Case("reset_unexplained", [Reset("cxl"), Reset("cold")],
         [finding("E03", NOBODY, ("victim.current", "victim.saved"))], {}),
    Case("reset_hidden", [set_feature("meddler"), Reset("cold")],
         [finding("E03", NOBODY, ("victim.current", "victim.saved"))], {"meddler": CONFORMS}),
    Case("reset_hidden_declared", [raw("c001"), Reset("cold")], [], {"c001": CONFORMS}),
    Case("reset_spent", [set_feature("slow"), Reset("cold"), Reset("cold")],
         [finding("E03", NOBODY, ("victim.current", "victim.saved"))], {"slow": CONFORMS}),
    Case("reset_of_another_kind", [set_feature("slow"), Reset("conventional")],
         [finding("E03", NOBODY, ("victim.current", "victim.saved"))], {"slow": CONFORMS}),
    Case("reset_heals", [set_feature("meddler"), Reset("cxl")],
         [finding("E01", "meddler", "victim.current")], {"meddler": VIOLATES}),

    # Later, and in the background.
    Case("delayed", [set_feature("meddler"), Elapse(900), Look()],
         [finding("E03", NOBODY, "victim.current")], {"meddler": CONFORMS},
         name="delayed, seen at an interval", options=OFTEN),
    Case("delayed", [set_feature("meddler"), Elapse(900)],
         [finding("E03", NOBODY, "victim.current")], {"meddler": CONFORMS},
         name="delayed, seen at the stop", options=NEVER),
    # Nothing tells this from a reading that changes the device; the window holds nothing else.
    Case("delayed", [set_feature("meddler"), Elapse(900), get_feature("victim")],
         [finding("E01", "get victim", "victim.current")], {"meddler": CONFORMS, "get victim": VIOLATES},
         name="delayed, seen after an innocent", options=NEVER),
    Case("delayed_background", [raw("c001"), Elapse(700), Look()], [], {"c001": CONFORMS}, options=OFTEN),
    Case("delayed_background", [raw("c001"), get_feature("victim"), Elapse(700), get_feature("victim", label="after")],
         [], {"c001": CONFORMS, "get victim": CONFORMS, "after": CONFORMS},
         name="delayed_background, between other commands", options=NEVER),
    Case("background_set", [set_feature("interval"), Elapse(500), Look()],
         [finding("S01", "interval", about="refusal")], {"interval": VIOLATES}, options=OFTEN),
    Case("background_undeclared", [raw("c001"), Elapse(400), Look()],
         [finding("E01", "c001", (), undeclared="background")], {"c001": VIOLATES}, options=OFTEN),
    Case("background_undeclared", [set_feature("interval", refused=None), Elapse(400), Look()],
         [finding("E01", "interval", (), undeclared="background")], {"interval": VIOLATES},
         name="background_undeclared, Set Feature", options=OFTEN),

    # Refusals.
    Case("refused",
         [set_feature("interval", "--scope", "2", refused=True, label="scope 2"),
          set_feature("interval", "--scope", "4", refused=True, label="scope 4"),
          set_feature("fixed", refused=True), set_feature("scrub", refused=True),
          set_feature("busy", refused=True), raw("c001", "--scope", "1", refused=True),
          raw("c0de", refused=True)],
         [], {name: REFUSED for name in ("scope 2", "scope 4", "fixed", "scrub", "busy", "c001", "c0de")}),
    Case("refused_and_done",
         [set_feature("busy", refused=True), set_feature("broken", refused=None), set_feature("error", refused=True)],
         [finding("E01", name, "victim.current") for name in ("busy", "broken", "error")],
         {"busy": VIOLATES, "broken": VIOLATES, "error": VIOLATES}),
    Case("refused_declared", [set_feature("half", data="0102030405060708", refused=True)],
         [finding("E01", "half", "half.current", about="refused")], {"half": VIOLATES}),
    Case("breaks_down", [set_feature("interval", refused=None)], [], {"interval": "conforms|refused|undetermined"}),

    # Declarations.
    Case("undeclared_opcode", [raw("c0de"), raw("c0df")],
         [finding("E04", "c0de", about="c0de"), finding("E04", "c0df", about="c0df"),
          finding("E01", "c0df", "alert_config")],
         {"c0de": VIOLATES, "c0df": VIOLATES}),
    Case("reserved_bits", [get_feature("interval")], [finding("D02", about="c001")], {"get interval": CONFORMS}),
    Case("reset_bits_without_valid", [get_feature("sloppy")], [finding("D02", about="sloppy")],
         {"get sloppy": CONFORMS}),
    Case("abort_without_background", [get_feature("interval")], [finding("D02", about="c001")],
         {"get interval": CONFORMS}),
    Case("contradiction", [set_feature("impatient", "--scope", "2")],
         [finding("E01", "impatient", "impatient.current", undeclared="config-immediate"),
          finding("D01", about="impatient")], {"impatient": VIOLATES}),
    Case("contradiction", [get_feature("impatient")], [finding("D01", about="impatient")],
         {"get impatient": CONFORMS}, name="contradiction, nothing set"),
    Case("cel_changed", [set_feature("interval"), set_feature("interval", label="again")],
         [finding("E01", "interval", "cel", undeclared="log-immediate"), finding("D01", about="interval")],
         {"interval": VIOLATES, "again": CONFORMS}),
    Case("entry_changed", [get_feature("interval"), Reset("cold")],
         [finding("E03", NOBODY, "turncoat.entry")],
         {"get interval": CONFORMS}),
    Case("scope",
         [set_feature("interval", "--scope", "0", label="low"), set_feature("interval", "--scope", "3"),
          set_feature("slow", "--scope", "1", "--saved", label="slow low"),
          set_feature("slow", "--scope", "2", "--saved")],
         [finding("S01", "low"), finding("S01", "slow low")],
         {"low": VIOLATES, "interval": CONFORMS, "slow low": VIOLATES, "slow": CONFORMS}),
    Case("scope_vendor", [raw("c001", "--scope", "0", label="low"), raw("c001")],
         [], {"low": CONFORMS, "c001": CONFORMS}),

    # Who did it?
    Case("concurrent", [Together((set_feature("meddler"), raw("c001")))], [],
         {"meddler": "conforms|undetermined", "c001": CONFORMS}, name="concurrent, one declares"),
    Case("concurrent", [Together((set_feature("meddler"), set_feature("victim")))], [],
         {"meddler": "conforms|undetermined", "victim": CONFORMS}, name="concurrent, the victim itself is set"),
    Case("concurrent", [Together((set_feature("meddler"), set_feature("another")))],
         [finding("E02", ("meddler", "another"), "victim.current", undeclared="config-immediate")],
         {"meddler": UNDETERMINED, "another": UNDETERMINED}, name="concurrent, none declares"),
    Case("get_changes", [get_feature("interval"), get_feature("interval", "--scope", "1", label="curious")],
         [finding("E01", "curious", "victim.current", about="0501")],
         {"get interval": CONFORMS, "curious": VIOLATES}),
    Case("get_declared", [get_feature("interval", "--scope", "3")], [], {"get interval": CONFORMS}),
    Case("every_third", [set_feature("meddler", label=str(n)) for n in range(1, 7)],
         [finding("E01", "3", "victim.current"), finding("E01", "6", "victim.current")],
         {str(n): CONFORMS if n % 3 else VIOLATES for n in range(1, 7)}),
    Case("second_device", [set_feature("interval"), Mailbox("timestamp", device=1), get_feature("interval"), Look()],
         [finding("E03", NOBODY, "victim.current", device="fwctl1")],
         {"interval": CONFORMS, "get interval": CONFORMS}, devices=(0, 1), options=OFTEN),
    Case("unreadable", [set_feature("blind"), set_feature("interval")], [],
         {"blind": UNDETERMINED, "interval": CONFORMS}, limits=("blind",)),
    Case("liar_in_the_crowd",
         [Together((get_feature("interval", count=300), set_feature("meddler")))],
         [finding(("E01", "E02"), ("...", "meddler"), "victim.current")], {}),
    # The collector's own reading is taken for one that changes nothing, as the specification says
    # of it. On such a device that is wrong, and the innocent pays; what follows shows it.
    Case("reading_changes", [set_feature("slow"), Look()],
         [finding("E01", "slow", "victim.current"), finding("E03", NOBODY, "victim.current")], {},
         options=OFTEN, also=("FWA-E03",)),
    Case("device_gone", [Unpaced(set_feature("bomb"))], [], {"bomb": UNDETERMINED}, also=("FWA-E01",)),

    # Honest, and much of it.
    Case("many_features", [set_feature("feature 1", data="11"), set_feature("feature 59", data="22" * 414),
                           set_feature("feature 58", "--scope", "2", data="33" * 407), Reset("cold")],
         [], {"feature 1": CONFORMS, "feature 59": CONFORMS, "feature 58": CONFORMS}),
    Case("partial_transfers",
         [set_feature("large", data="ab" * 2000), set_feature("slow", "--scope", "2", data="cd" * 600), Reset("cold")],
         [], {"large": CONFORMS, "slow": CONFORMS}),
    Case("own_parts",
         [set_feature("large", "--transfer", "initiate", data="11" * 32, label="initiate"),
          set_feature("large", "--transfer", "finish", "--offset", "32", data="22" * 32, label="finish"),
          set_feature("slow", "--saved", "--transfer", "initiate", data="33" * 32, label="saved initiate"),
          set_feature("slow", "--saved", "--transfer", "continue", "--offset", "32", data="44" * 16, label="continue"),
          set_feature("slow", "--saved", "--transfer", "finish", "--offset", "48", data="55" * 16, label="saved finish"),
          set_feature("large", "--transfer", "initiate", data="66" * 32, label="another"),
          set_feature("large", "--transfer", "abort", data="", label="abort"), Reset("cold")],
         [], {name: CONFORMS for name in ("initiate", "finish", "saved initiate", "continue", "saved finish",
                                          "another", "abort")}),
    Case("load",
         [Unpaced(set_feature("interval", count=200)), Unpaced(set_feature("slow", "--scope", "2", count=200)),
          Together((get_feature("interval", count=200), set_feature("limit", data="5a" * 512, count=200),
                    set_feature("interval", count=200, label="at once")))],
         [], {"interval": CONFORMS, "slow": CONFORMS, "get interval": CONFORMS, "limit": CONFORMS, "at once": CONFORMS}),
]


# --- doing it

class Run:
    def __init__(self, lab, case):
        self.lab, self.case = lab, case
        self.commands = []
        self.last = time.monotonic()
        scenario = json.loads((HERE / f"{case.scenario}.json").read_text())
        self.uuids, self.names = {}, {}
        for device in scenario["devices"]:
            for thing in device.get("features", []) + device.get("logs", []):
                self.uuids[thing["name"]] = thing["uuid"]
                self.names[thing["uuid"]] = thing["name"]

    def arguments(self, command):
        for argument in command.arguments:
            if argument is None:    # data of its own for every command, so that something changes
                argument = f"{len(self.commands) + 1:08x}"
            yield self.uuids.get(argument, argument)
        if command.count > 1:
            yield from ("--count", str(command.count))

    def start(self, command):
        arguments = list(self.arguments(command))
        self.commands += [command] * command.count
        return subprocess.Popen([str(FWSIM), "send", str(self.lab.device(command.device)), *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, command, client):
        output, _ = client.communicate()
        check(command.refused is None or client.returncode == (1 if command.refused else 0),
              f"{command.label}: exit {client.returncode}: {output}")

    def look(self):
        """Until every device has a snapshot that began after now."""
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        wanted = len(self.case.devices)
        device, started = 16, 20

        def looked():
            return len({record[device] for record in ledger.records(self.lab.ledger)
                        if record[ledger.KIND] == ledger.SNAPSHOT and record[started] > now}) == wanted
        until(looked, "a snapshot of every device")

    def step(self, step):
        if isinstance(step, Elapse):
            until(lambda: time.monotonic() >= self.last + step.milliseconds / 1000, "the time is over")
            return
        self.last = time.monotonic()
        if isinstance(step, Look):
            self.look()
        elif isinstance(step, Reset):
            self.lab.reset(step.kind, step.device)
            self.look()
        elif isinstance(step, Mailbox):
            subprocess.run([str(FWSIM), "send", str(self.lab.mount / f"mem{step.device}"), step.what],
                           check=True, stdout=subprocess.DEVNULL)
        else:
            commands = step.commands if isinstance(step, Together) else \
                (step.command if isinstance(step, Unpaced) else step,)
            clients = [self.start(command) for command in commands]
            for command, client in zip(commands, clients):
                self.finish(command, client)
            if not isinstance(step, Unpaced):
                self.lab.wait_observed(len(self.commands))

    # --- what came of it

    def log(self):
        """Record number -> label, and label -> the set of verdicts."""
        result = subprocess.run([str(FWAUDIT), "log", str(self.lab.ledger), "--format", "json"],
                                check=True, capture_output=True, text=True)
        calls = json.loads(result.stdout)["calls"]
        check(len(calls) == len(self.commands), f"{len(self.commands)} commands sent, {len(calls)} in the log")
        waiting = list(self.commands)
        labels, verdicts = {}, collections.defaultdict(set)
        for call in calls:
            feature = self.names.get(call.get("feature", ""), "")
            command = next((c for c in waiting if c.opcode == call["opcode"] and c.feature == feature), None)
            check(command, f"the log has {call}, which was not sent")
            waiting.remove(command)
            labels[call["record"]] = command.label
            verdicts[command.label].add(call["verdict"])
        return labels, verdicts

    def short(self, key):
        key = key.removeprefix("cxl.").removeprefix("feature.")
        for uuid, name in self.names.items():
            key = key.replace(uuid, name)
        return key

    def matches(self, wanted, found, labels):
        named = {labels[record["sequence"]] for record in found["records"] if record["sequence"] in labels}
        if found["id"][4] == "D" or found["id"] == "FWA-E03" and "command" not in found:
            named = set()    # of declarations; or only the last command there was, as a hint
        changes = {self.short(change["key"]) for change in found.get("changes", [])}
        by = set(wanted.by)
        return (found["id"] in wanted.id and found["device"] == wanted.device and
                (named == by or ("..." in by and by - {"..."} <= named)) and
                (changes == set(wanted.changes) or not wanted.by and not wanted.changes) and
                (not wanted.undeclared or wanted.undeclared in found.get("undeclared", ())) and
                self.uuids.get(wanted.about, wanted.about).lower() in found["sentence"].lower())

    def judge(self):
        """What is wrong, as lines of text; nothing if all is as it must be."""
        labels, verdicts = self.log()
        report, _ = self.lab.verify()
        wrong, wanted = [], list(self.case.findings)
        for found in report["findings"]:
            match = next((w for w in wanted if self.matches(w, found, labels)), None)
            if match:
                wanted.remove(match)
            elif found["id"] not in self.case.also:
                by = sorted({labels[r["sequence"]] for r in found["records"] if r["sequence"] in labels})
                wrong.append(f"not expected: {found['id']} by {by}: {found['sentence']} "
                             f"(undeclared {found.get('undeclared')})")
        wrong += [f"missing: {w}" for w in wanted]
        for label, expected in self.case.verdicts.items():
            if not verdicts[label] <= set(expected.split("|")):
                wrong.append(f"verdict on {label}: {sorted(verdicts[label])}, expected {expected}")
        for limit in self.case.limits:
            if not any(self.uuids.get(limit, limit) in text for text in report["limits"]):
                wrong.append(f"the limits do not mention {limit}: {report['limits']}")
        return wrong


def run(case):
    with Lab(HERE / f"{case.scenario}.json") as lab:
        lab.provision()
        lab.start_daemon(*case.options, devices=case.devices)
        this = Run(lab, case)
        for step in case.steps:
            this.step(step)
        lab.stop_daemon()
        return this.judge()


def main():
    need_machine()
    wanted = sys.argv[1:]
    failed = []
    for case in CASES:
        name = case.name or case.scenario
        if wanted and not any(w in name for w in wanted):
            continue
        begun = time.monotonic()
        try:
            wrong = run(case)
        except (AssertionError, subprocess.CalledProcessError) as error:
            wrong = [f"{type(error).__name__}: {error}"]
        print(f"{'FAILED' if wrong else 'ok':7}{time.monotonic() - begun:5.1f} s  {name}", *wrong, sep="\n        ",
              flush=True)
        failed += [name] if wrong else []
    check(not failed, f"{len(failed)} of {len(CASES)} cases failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
