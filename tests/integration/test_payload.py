# SPDX-License-Identifier: Apache-2.0
"""A 2 MiB request with a 2 MiB response is in the ledger byte for byte."""

import hashlib
import os
import re
import subprocess

from harness import FWAUDIT, SCENARIOS, Lab, check, need_machine
from ledger import (PAYLOAD_CAPTURED, PAYLOAD_DIGEST, PAYLOAD_LENGTH, PAYLOAD_SOURCE, RPC, RPC_OWN,
                    RPC_REQUEST, RPC_RESPONSE, KIND, SEQUENCE, payload, records)

USER = 1
WHOLE = 2 * 1024 * 1024
HEADERS = {"request": 16, "response": 8}  # what the cxl driver's frames have before the payload


def send_echo(lab, content):
    """The echo answers with the request's payload until the room is full; what came back."""
    sent, answered = lab.directory / "sent", lab.directory / "answered"
    sent.write_bytes(content)
    lab.send("raw", "c0de", "--in", f"@{sent}", "--out-len", WHOLE,
             "--out", answered)
    return answered.read_bytes()


def stored(lab, record, direction, key, part):
    """The payload bytes of one direction, checked against the record's own length and digest."""
    reference = record[key]
    check(reference[PAYLOAD_SOURCE] == USER, f"{direction}: source {reference[PAYLOAD_SOURCE]}")
    check(reference[PAYLOAD_CAPTURED] == reference[PAYLOAD_LENGTH], f"{direction}: not captured whole")
    salt, content = payload(lab.ledger, record[SEQUENCE], part)
    check(hashlib.sha256(salt + content).digest() == reference[PAYLOAD_DIGEST], f"{direction}: other digest")
    return content


def main():
    need_machine()
    for kind, content in (("random", os.urandom(WHOLE - HEADERS["request"])),
                          ("compressible", b"0123456789abcdef" * (WHOLE // 16 - 1))):
        with Lab(SCENARIOS / "echo.json") as lab:
            lab.provision()
            lab.start_daemon("--observe=off")
            answer = send_echo(lab, content)
            lab.stop_daemon()
            lab.verify(expect=None)
            calls = [r for r in records(lab.ledger) if r[KIND] == RPC and not r[RPC_OWN]]
            check(len(calls) == 1, f"{len(calls)} calls")
            request = stored(lab, calls[0], "request", RPC_REQUEST, 0)
            response = stored(lab, calls[0], "response", RPC_RESPONSE, 1)
            check(len(request) == WHOLE, f"the request has {len(request)} bytes")
            check(hashlib.sha256(request[HEADERS["request"]:]).digest() == hashlib.sha256(content).digest(),
                  "the recorded request is not what was sent")
            check(response[HEADERS["response"]:HEADERS["response"] + len(answer)] == answer,
                  "the recorded response is not what came back")
            check(answer == (content + content)[:WHOLE - HEADERS["response"]], "the device did not echo")
            check(len(response) == WHOLE, f"the response has {len(response)} bytes")
            shown = subprocess.run([str(FWAUDIT), "show", str(lab.ledger), str(calls[0][SEQUENCE])],
                                   capture_output=True, text=True, check=True).stdout
            check(re.search(rf"\b{WHOLE}\b", shown), "show does not tell the length")
            print(f"{kind}: request {len(request)} bytes, response {len(response)} bytes, as sent and received")


if __name__ == "__main__":
    main()
