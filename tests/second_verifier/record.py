# SPDX-License-Identifier: Apache-2.0
"""Records: the one encoding of SPEC.md, "Encoding", decoded and encoded by the document's tables."""

from tables import KINDS, TABLES

MOST = 2 ** 20


class Refused(Exception):
    """Not what the document allows; the text says what."""


def refuse(message):
    raise Refused(message)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            refuse("cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def head(self):
        """(major type, argument); argument is None for false and True for true's simple value."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major in (3, 6):
            refuse(f"major type {major}")
        if major == 7:
            if info not in (20, 21):
                refuse(f"simple value {info}")
            return 7, info == 21
        if info < 24:
            return major, info
        if info > 27:
            refuse("indefinite or reserved")
        size = 1 << (info - 24)
        value = int.from_bytes(self.take(size), "big")
        if value < (24 if size == 1 else 1 << (4 * size)):
            refuse("not the shortest head")
        return major, value


def _within(field, value):
    if not field.low <= value <= field.high:
        refuse(f"{field.name} {value} is not within {field.low} to {field.high}")
    return value


def _value(reader, field):
    major, argument = reader.head()
    expected = {"unsigned": (0,), "integer": (0, 1), "boolean": (7,), "bytes": (2,), "map": (5,),
                "array": (4,)}[field.type]
    if major not in expected:
        refuse(f"{field.name} is of major type {major}")
    if field.type == "boolean":
        return argument
    if field.type == "map":
        return _map(reader, argument, field.of)
    if major == 1:
        return _within(field, -1 - argument)
    _within(field, argument)
    if field.type == "bytes":
        return reader.take(argument)
    if field.type == "array":
        items = []
        for _ in range(argument):
            head, count = reader.head()
            if head != 5:
                refuse(f"an item of {field.name} is no map")
            items.append(_map(reader, count, field.of))
        return items
    return argument


def _fields(reader, pairs, table, result, last):
    """`pairs` keys and values by `table`, after the key `last`."""
    known = {field.key: field for field in table}
    for _ in range(pairs):
        major, key = reader.head()
        if major != 0:
            refuse("a key is no unsigned integer")
        if key <= last:
            refuse("keys do not ascend")
        if key not in known:
            refuse(f"unknown key {key}")
        result[known[key].name] = _value(reader, known[key])
        last = key
    for field in table:
        if not field.optional and field.name not in result:
            refuse(f"{field.name} is missing")
    return result


def _map(reader, pairs, name):
    return _fields(reader, pairs, TABLES[name], {}, -1)


def decode(data):
    """The fields by name, before the rules within a record."""
    if len(data) > MOST:
        refuse("too long")
    reader = Reader(data)
    major, pairs = reader.head()
    if major != 5:
        refuse("no map")
    # Key 0, the kind, stands first, and says which table holds for the rest.
    if pairs < 1 or reader.head() != (0, 0):
        refuse("does not begin with its kind")
    kind = _value(reader, TABLES["record"][0])
    fields = _fields(reader, pairs - 1, TABLES[KINDS[kind]], {"kind": kind}, 0)
    if reader.at != len(data):
        refuse("bytes after the map")
    return fields


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError("too large")


def encode_value(value):
    """Of an integer, a boolean or a byte string."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    return head(2, len(value)) + value


def encode_map(values, name):
    body, count = b"", 0
    for field in TABLES[name]:
        if field.name not in values:
            continue
        value = values[field.name]
        if field.type == "map":
            piece = encode_map(value, field.of)
        elif field.type == "array":
            piece = head(4, len(value)) + b"".join(encode_map(item, field.of) for item in value)
        else:
            piece = encode_value(value)
        body, count = body + head(0, field.key) + piece, count + 1
    return head(5, count) + body


def encode(fields):
    return encode_map(fields, KINDS[fields["kind"]])
