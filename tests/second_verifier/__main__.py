# SPDX-License-Identifier: Apache-2.0
"""second_verifier LEDGER ENROLMENT: JSON on standard output; exits as fwaudit verify does."""

import json
import sys

from enrolment import Enrolment
from ledger import Ledger, NoLedger
from record import Refused
from verifier import Verifier


def judge(path, enrolment):
    """What is printed."""
    ledger = Ledger(path)
    try:
        verifier = Verifier(enrolment, ledger)
        verifier.verify()
    finally:
        ledger.close()
    signed = verifier.checkpoints.signed if verifier.checkpoints else 0
    return {"authentic": verifier.authentic, "signed_records": signed, "findings": verifier.findings}


def main():
    if len(sys.argv) != 3:
        print("usage: second_verifier LEDGER ENROLMENT", file=sys.stderr)
        return 3
    try:
        with open(sys.argv[2], "rb") as file:
            enrolment = Enrolment(file.read())
        result = judge(sys.argv[1], enrolment)
    except (OSError, NoLedger, Refused) as error:
        print(f"second_verifier: {error}", file=sys.stderr)
        return 3
    print(json.dumps(result, indent=1))
    return 2 if not result["authentic"] else 1 if result["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
