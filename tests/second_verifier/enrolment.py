# SPDX-License-Identifier: Apache-2.0
"""The enrolment file."""

import json
import re

import note
import tpm
from record import refuse
from rules import demand, sha256


CREATED = "(?:19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


def _object(pairs):
    result = dict(pairs)
    demand(len(result) == len(pairs), "a member twice")
    return result


def _no_number(text):
    refuse(f"no integer: {text}")


def _members(value, *names, optional=()):
    demand(isinstance(value, dict), "no object")
    demand(set(value) - set(optional) == set(names), f"members {sorted(value)}")
    return value


def _text(value, pattern):
    demand(isinstance(value, str) and re.fullmatch(pattern, value, re.S), "a string of another form")
    return value


def _hexadecimal(value):
    return bytes.fromhex(_text(value, "(?:[0-9a-f]{2})*"))


def _public_and_name(value, parse):
    _members(value, "public", "name")
    public = _hexadecimal(value["public"])
    result = parse(public)
    demand(_hexadecimal(value["name"]) == tpm.name(public), "a name that is not the public area's")
    return public, result


class Enrolment:
    def __init__(self, data):
        try:
            self._read(data)
        except RecursionError:
            refuse("nested too deeply")

    def _read(self, data):
        demand(len(data) <= 65536, "too large")
        demand(not data.startswith(b"\xef\xbb\xbf"), "a byte order mark")
        try:
            value = json.loads(data.decode(), object_pairs_hook=_object, parse_float=_no_number,
                               parse_constant=_no_number)
        except ValueError as error:
            refuse(f"no JSON: {error}")
        _members(value, "format", "kind", "ledger", "created", "attestation_key", "nv_index", "tpm",
                 optional=("endorsement_certificate",))
        _text(value["format"], "fwaudit-enrolment/1")
        _text(value["kind"], "self-enrolled")
        self.ledger = _text(value["ledger"], note.UUID.decode())
        self._created(_text(value["created"], CREATED))
        self.public, point = _public_and_name(value["attestation_key"], tpm.parse_key)
        self.point = point
        index, _ = _public_and_name(value["nv_index"], tpm.parse_nv_index)
        self.index_name = tpm.name(index)
        self._tpm(value["tpm"])
        if "endorsement_certificate" in value:
            text = value["endorsement_certificate"]
            demand(isinstance(text, str) and text.isascii(), "the certificate")
            demand(1 <= len(note.strict_base64(text.encode())) <= 16384, "size of the certificate")
        self.digest = sha256(data)

    @staticmethod
    def _created(text):
        month, day, hour, minute, second = (int(text[at:at + 2]) for at in (5, 8, 11, 14, 17))
        demand(1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60, "no date")

    @staticmethod
    def _tpm(value):
        _members(value, "manufacturer", "vendor", "firmware", "software", "reset_count", "restart_count")
        for member in ("manufacturer", "vendor", "firmware"):
            _text(value[member], "[ -~]{0,127}")
        demand(isinstance(value["software"], bool), "software")
        for member in ("reset_count", "restart_count"):
            count = value[member]
            demand(type(count) is int and 0 <= count < 2 ** 32, member)
