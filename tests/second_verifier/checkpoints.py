# SPDX-License-Identifier: Apache-2.0
"""Notes and attestations: SPEC.md, "Order of verification", steps 4 to 6, with the ids of "Findings"."""

import note
import tpm
from ledger import Damaged
from record import Refused
from rules import sha256


class Checkpoints:
    def __init__(self, enrolment, ledger, report):
        self.enrolment, self.report = enrolment, report
        self.notes = self._table(ledger.checkpoints())
        self.attestations = self._table(ledger.attestations())
        self.chain = tpm.Chain(tpm.Key(*enrolment.point), enrolment.index_name)
        self.last_number, self.last_digest = 0, None
        self.tree_broken = False
        self.waiting = None            # number of a note without attestation
        self.signed = 0

    def _table(self, rows):
        result = {}
        try:
            for number, data in rows:
                result[number] = data
        except Damaged as damage:
            self.report("FWA-A01", "file", str(damage))
        return result

    def orphans(self, below=None):
        """Notes before that number, or all: they have no checkpoint record in their place."""
        for number in sorted(self.notes):
            if below is None or number < below:
                self.report("FWA-A08", f"checkpoint {number}", "a note without its checkpoint record")
                self.last_digest = sha256(self.notes.pop(number))
                # The TPM may have been given it.
                self.chain.extend(self.last_digest)
                self.attestations.pop(number, None)

    def record(self, r, trees, incomplete, foreign):
        number = r["number"]
        place = f"checkpoint {number}"
        self.orphans(number)
        if number != self.last_number + 1:
            self.report("FWA-A08", place, f"checkpoint {self.last_number + 1} should come next")
        elif number > 1 and self.last_digest and r["previous_note_digest"] != self.last_digest:
            self.report("FWA-A08", place, "previous_note_digest")
        self.last_number = number
        if number not in self.notes:
            self.report("FWA-A08", place, "the note is missing")
            self.last_digest, self.chain.whole = None, False
            return
        data = self.notes.pop(number)
        self._note(place, data, r, trees, incomplete, foreign)
        self.last_digest = sha256(data)
        self._attestation(r, foreign)

    def _note(self, place, data, r, trees, incomplete, foreign):
        try:
            parsed = note.parse(data)
        except Refused as refusal:
            self.report("FWA-A07", place, str(refusal))
            return
        if not foreign and parsed.ledger != self.enrolment.ledger:
            self.report("FWA-A12", place, "a note of another ledger")
        if parsed.size != r["sequence"] + 1:
            self.report("FWA-A07", place, "a note of another size")
        elif parsed.root not in [tree.root() for tree in trees] and not incomplete and not self.tree_broken:
            self.tree_broken = True
            self.report("FWA-A07", place, "a note of another tree")

    def _attestation(self, r, foreign):
        number = r["number"]
        if self.waiting:
            self.report("FWA-A11", f"attestation {self.waiting}", "missing, and another checkpoint follows")
            self.waiting = None
        self.chain.extend(self.last_digest)
        if number not in self.attestations:
            self.waiting = number
            return
        data = self.attestations.pop(number)
        if foreign:
            return
        finding = self.chain.judge(self.last_digest, data)
        if finding:
            self.report(finding[0], f"attestation {number}", finding[1])
        else:
            self.signed = r["sequence"] + 1

    def finish(self):
        self.orphans()
        for number in self.attestations:
            self.report("FWA-A11", f"attestation {number}", "it belongs to no checkpoint")
