# SPDX-License-Identifier: Apache-2.0
"""SPEC.md, "Order of verification" and "Findings"."""

import merkle
import rules
from checkpoints import Checkpoints
from history import CHECKPOINT, RPC, History
from ledger import Damaged, Zstd
from record import Refused
from rules import sha256
from wal import Log

MOST_PAYLOAD = 2097152
PARTS = (("request", 0), ("response", 1))


class Verifier:
    def __init__(self, enrolment, ledger):
        self.ledger = ledger
        self.findings = []
        self.place = None
        self.history = History(enrolment, self.report_here)
        self.computed, self.stored = merkle.Tree(), merkle.Tree()
        self.expected, self.incomplete = 0, False
        self.payloads, self.damaged_payloads = {}, False
        self.zstd = Zstd()
        try:
            if not ledger.check_form():
                self.report("FWA-A01", "file", "sqlite_schema")
        except Damaged as damage:
            self.report("FWA-A01", "file", str(damage))
            self.checkpoints = None
            return
        self.checkpoints = Checkpoints(enrolment, ledger, self.report)

    def report(self, identity, place, sentence):
        self.findings.append({"id": identity, "place": place, "sentence": sentence})

    def report_here(self, identity, sentence):
        self.report(identity, self.place, sentence)

    @property
    def authentic(self):
        return not any(finding["id"].startswith("FWA-A") for finding in self.findings)

    def verify(self):
        if not self.checkpoints:
            return
        try:
            for identity, *row in self.ledger.payloads():
                self.payloads[identity] = row
        except Damaged as damage:
            self.damaged_payloads = True
            self.report("FWA-A01", "file", str(damage))
        try:
            for row in self.ledger.leaves():
                self.record(*row)
        except Damaged as damage:
            self.report("FWA-A01", "file", str(damage))
        if self.computed.size == 0:
            self.report("FWA-A03", "record 0", "there is no record")
        for identity in self.payloads:
            self.report("FWA-A06", f"payload {identity}", "no record has such a payload")
        self.checkpoints.finish()
        self.file()
        if self.authentic:
            self.completeness()

    def record(self, sequence, leaf_hash, data):
        self.place = f"record {sequence}"
        if sequence != self.expected:
            self.report_here("FWA-A03", f"record {self.expected} should come next")
            self.incomplete = True
            self.history.lose_track()
        self.expected = sequence + 1
        leaf = merkle.leaf(data)
        if leaf != leaf_hash:
            self.report_here("FWA-A02", "its hash is not the stored one")
        self.computed.append(leaf)
        self.stored.append(leaf_hash if len(leaf_hash) == 32 else leaf)
        fields = self.decode(sequence, data)
        if fields is None:
            self.history.lose_track()
            for part in range(4):
                self.payloads.pop(sequence * 4 + part, None)
            return
        self.history.add(fields)
        if fields["kind"] == RPC:
            for part, number in PARTS:
                self.payload(fields[part], sequence * 4 + number)
        if fields["kind"] == CHECKPOINT:
            self.checkpoints.record(fields, (self.computed, self.stored), self.incomplete,
                                    self.history.foreign)

    def decode(self, sequence, data):
        try:
            fields = rules.decode(data)
        except Refused as refusal:
            self.report_here("FWA-A02", str(refusal))
            return None
        if fields["sequence"] != sequence:
            self.report_here("FWA-A03", f"it calls itself {fields['sequence']}")
            return None
        return fields

    def payload(self, ref, identity):
        if ref["captured"] == 0 or self.damaged_payloads:
            return
        row = self.payloads.pop(identity, None)
        if row is None:
            self.report("FWA-A06", f"payload {identity}", "missing")
        elif not self.is_payload(ref, *row):
            self.report("FWA-A05", f"payload {identity}", "not what was recorded")

    def is_payload(self, ref, salt, codec, stored):
        if len(salt) != 16 or len(stored) > MOST_PAYLOAD or codec not in (0, 1):
            return False
        if codec == 1:
            stored = self.zstd.decompress(stored, ref["captured"])
        return (stored is not None and len(stored) == ref["captured"] and
                sha256(salt + stored) == ref["digest"])

    def file(self):
        """The file itself, its log, and whether the ledger was closed as one is."""
        log = Log(self.ledger.log)
        if self.ledger.journal:
            self.report("FWA-A01", "file", "a rollback journal stands beside it")
        if self.ledger.log and not log.header_valid:
            self.report("FWA-A14", "log", "its beginning was overwritten")
        elif log.stranded > 1:
            self.report("FWA-A14", "log", "transactions stand behind damage")
        elif self.history.running and not self.ledger.log:
            self.report("FWA-A14", "log", "there is none, and the last run has no shutdown record")
        elif not (self.history.running or self.history.foreign or self.ledger.log or
                  self.checkpoints.signed >= self.expected):
            self.report("FWA-A11", "file", "it was closed, and its last records are not signed")
        if not any(finding["id"] == "FWA-A01" for finding in self.findings):
            try:
                sound = self.ledger.is_sound()
            except Damaged:
                sound = False
            if not sound:
                self.report("FWA-A01", "file", "SQLite's quick_check")

    def completeness(self):
        for number, run in enumerate(self.history.runs):
            place = f"record {run.boot['sequence']}"
            if number > 0:
                self.report("FWA-C02", place, "no collector was running before")
            if run.lost:
                self.report("FWA-C01", place, f"{run.lost} calls lost in this run")
            if run.truncated:
                self.report("FWA-C01", place, f"{run.truncated} payloads captured in part")
        if self.checkpoints.signed < self.computed.size:
            self.report("FWA-C06", f"record {self.checkpoints.signed}", "not signed from here on")
