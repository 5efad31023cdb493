# SPDX-License-Identifier: Apache-2.0
"""SPEC.md, "Rules over the whole ledger", with the ids of "Findings"."""

from record import Refused, encode_map
from rules import sha256
from state import apply

(GENESIS, BOOT, DEVICE, RPC, DECLARATION, SNAPSHOT, KERNEL_EVENT, GAP, CHECKPOINT,
 SHUTDOWN) = range(10)
KIND, REFERENCE, OTHER_ENROLMENT, CONTRADICTION = "FWA-A04", "FWA-A04", "FWA-A12", "FWA-A15"
MOST_CPUS, MOST_DEVICES, MOST_TARGETS = 16384, 4096, 2 ** 22


class Device:
    """One device of the ledger, of which there may be many device records."""

    def __init__(self):
        self.serial = b""
        self.run = None            # in which its last snapshot was taken
        self.snapshot = None       # the record of that
        self.state = None          # after it; None: not known


class Devices:
    def __init__(self):
        self.alike, self.records, self.count = {}, {}, 0

    def add(self, r):
        """The device of a device record; None if there are too many."""
        alike = self.alike.setdefault((r["name"], r["path"]), [])
        serial = r.get("serial", b"")
        device = next((device for device in alike
                       if not serial or not device.serial or serial == device.serial), None)
        if device is None:
            if self.count == MOST_DEVICES:
                return None
            device = Device()
            alike.append(device)
            self.count += 1
        device.serial = serial or device.serial
        self.records[r["sequence"]] = device
        return device


class Run:
    def __init__(self, boot=None):
        self.boot = boot
        self.configuration_digest = boot and sha256(encode_map(boot["configuration"], "configuration"))
        self.next = {}             # cpu: the number that its next call takes
        self.last_call = {}        # cpu: sequence of its last rpc record
        self.recorded = self.lost = self.truncated = 0
        self.shut_down = False


class History:
    """Takes decoded records in order. `report` is called with an id and a sentence."""

    def __init__(self, enrolment, report):
        self.enrolment, self.report = enrolment, report
        self.run, self.runs = Run(), []
        self.devices = Devices()
        self.targets = {}          # sequence of a device or declaration record: its source or None
        self.lost_track = self.lost_targets = self.foreign = False

    def lose_track(self):
        """A record is missing or cannot be read: much cannot be judged until the next boot record,
        and what later records point to may be what is missing."""
        self.lost_track = self.lost_targets = True
        for device in self.devices.records.values():
            device.run = device.state = None

    @property
    def running(self):
        return bool(self.runs) and not self.run.shut_down

    def add(self, r):
        kind = r["kind"]
        if (kind == GENESIS) != (r["sequence"] == 0):
            self.report(KIND, "record 0, and no other, is the genesis")
        elif kind not in (GENESIS, BOOT) and not self.lost_track:
            if not self.runs:
                self.report(KIND, "no run has begun")
            elif self.run.shut_down and kind != CHECKPOINT:
                self.report(KIND, "after the shutdown record of its run")
        {GENESIS: self._genesis, BOOT: self._boot, DEVICE: self._device, RPC: self._rpc,
         DECLARATION: self._declaration, SNAPSHOT: self._snapshot, KERNEL_EVENT: self._known_device,
         GAP: self._gap, CHECKPOINT: self._checkpoint, SHUTDOWN: self._shutdown}[kind](r)

    def _demand(self, condition, finding, sentence):
        """Of what cannot be judged without the records that are missing."""
        if not condition and not self.lost_track:
            self.report(finding, sentence)

    def _genesis(self, r):
        if r["sequence"] == 0:
            uuid = self.enrolment.ledger.replace("-", "")
            if r["ledger_uuid"].hex() != uuid or r["enrolment_digest"] != self.enrolment.digest:
                self.foreign = True
                self.report(OTHER_ENROLMENT, "made with another enrolment")

    def _boot(self, r):
        self.run = Run(r)
        self.runs.append(self.run)
        self.lost_track = False

    def _target(self, sequence, source=None):
        if len(self.targets) == MOST_TARGETS:
            self.report(KIND, "more devices and declarations than a ledger may have")
        else:
            self.targets[sequence] = source

    def _device(self, r):
        self._target(r["sequence"])
        if not self.devices.add(r):
            self.report(KIND, "more devices than a ledger may have")

    def _points_to(self, r, name, source):
        """Does a record point to a device record (source None) or a declaration of that source?"""
        known = r[name] in self.targets
        if self.targets[r[name]] != source if known else not self.lost_targets:
            self.report(REFERENCE, f"{name} is not the record that it should be")
            return False
        return known

    def _known_device(self, r):
        """The device that a record speaks of."""
        if "device" in r and self._points_to(r, "device", None):
            return self.devices.records.get(r["device"])
        return None

    def _take(self, cpu, first, count):
        following = self.run.next
        if cpu not in following and len(following) == MOST_CPUS:
            self._demand(False, CONTRADICTION, "more CPUs than a run may have")
            return
        self._demand(first == following.get(cpu, 1), CONTRADICTION,
                     f"call {first} of cpu {cpu} is not the next one")
        following[cpu] = first + count

    def _rpc(self, r):
        self._known_device(r)
        if r["cpu"] in self.run.last_call or len(self.run.last_call) < MOST_CPUS:
            self.run.last_call[r["cpu"]] = r["sequence"]
        else:
            self.report(KIND, "more CPUs than a run may have")
        self.run.recorded += 1
        self.run.truncated += sum(r[part]["captured"] < r[part]["length"] for part in ("request", "response"))
        self._take(r["cpu"], r["number"], 1)

    def _gap(self, r):
        self.run.lost += r["count"]
        if "after" in r and not self.lost_targets and r["after"] != self.run.last_call.get(r["cpu"]):
            self.report(REFERENCE, "after is not the last call of that cpu")
        self._take(r["cpu"], r["first_number"], r["count"])

    def _declaration(self, r):
        if self._known_device(r) or self.lost_targets:
            if "supersedes" in r:
                self._points_to(r, "supersedes", r["source"])
        self._target(r["sequence"], r["source"])

    def _snapshot(self, r):
        device = self._known_device(r)
        if not device:
            return
        baseline = r["reason"] == 0
        follows = device.run is self.run and r.get("previous") == device.snapshot
        if not baseline and not follows and not self.lost_targets:
            self.report(REFERENCE, "previous is not the last snapshot of this device in this run")
        known = baseline or follows and device.state is not None
        device.run, device.snapshot = self.run, r["sequence"]
        try:
            device.state = apply(r, device.state) if known else None
        except Refused as refusal:
            device.state = None
            self.report(CONTRADICTION, str(refusal))

    def _checkpoint(self, r):
        if not self.foreign and r["enrolment_digest"] != self.enrolment.digest:
            self.report(OTHER_ENROLMENT, "made with another enrolment")
        run = self.run
        self._demand(run.boot and (r["run"], r["boot_id"], r["configuration_digest"]) ==
                     (run.boot["sequence"], run.boot["boot_id"], run.configuration_digest),
                     CONTRADICTION, "run, boot_id or configuration_digest is not that of the last boot record")
        self._demand(r["truncated"] == run.truncated, CONTRADICTION, "truncated is not what the run holds")
        self._counts(r)

    def _counts(self, r):
        self._demand((r["recorded"], r["lost"]) == (self.run.recorded, self.run.lost), CONTRADICTION,
                     "recorded or lost is not what the run holds")

    def _shutdown(self, r):
        self._counts(r)
        self.run.shut_down = True
