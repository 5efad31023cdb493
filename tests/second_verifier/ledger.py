# SPDX-License-Identifier: Apache-2.0
"""The ledger file: SPEC.md, "Ledger file". What it holds is only read after its schema was compared."""

import collections
import ctypes
import pathlib
import re
import shutil
import sqlite3
import tempfile

LEDGER_SQL = pathlib.Path(__file__).resolve().parents[2] / "schema" / "ledger.sql"
APPLICATION_ID, USER_VERSION = 0x46574155, 1


class NoLedger(Exception):
    """Nothing can be judged: no ledger, of a newer version, or not readable."""


class Damaged(Exception):
    """SQLite cannot read on, or the schema is not a ledger's."""


class Text(collections.namedtuple("Text", "data")):
    """A TEXT value: what has to be a BLOB must not be one."""


def _schema():
    """(type, name, tbl_name, sql) of ledger.sql's statements."""
    text = LEDGER_SQL.read_text()
    for statement in re.findall(r"^CREATE (?:TABLE.*?^\) STRICT|TRIGGER.*?^END);$", text, re.S | re.M):
        kind, name = re.match(r"CREATE (TABLE|TRIGGER) (\w+)", statement).groups()
        table = name if kind == "TABLE" else re.search(r" ON (\w+)", statement)[1]
        yield tuple(Text(part.encode()) for part in (kind.lower(), name, table, statement[:-1]))


SCHEMA = list(_schema())


class Ledger:
    """A copy of the file and its log is read, so that reading changes nothing beside the evidence."""

    def __init__(self, path):
        path = pathlib.Path(path)
        path = path / "ledger.db" if path.is_dir() else path
        if not path.is_file():
            raise NoLedger(f"{path}: no such file")
        self.folder = tempfile.TemporaryDirectory(prefix="second-verifier.")
        self.database = None
        copy = pathlib.Path(self.folder.name) / "ledger.db"
        shutil.copyfile(path, copy)
        log, self.journal = pathlib.Path(f"{path}-wal"), pathlib.Path(f"{path}-journal").exists()
        self.log = log.read_bytes() if log.exists() else b""
        pathlib.Path(f"{copy}-wal").write_bytes(self.log)
        if not copy.read_bytes()[:16] == b"SQLite format 3\0":
            raise NoLedger(f"{path}: no SQLite database")
        # On a read-only connection quick_check leaves CHECK constraints alone.
        self.database = sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)
        self.database.text_factory = Text

    def close(self):
        if self.database:
            self.database.close()
        self.folder.cleanup()

    def check_form(self):
        """False if the schema is another, and the tables are a ledger's all the same."""
        (application,), = self.select("PRAGMA application_id")
        (version,), = self.select("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise NoLedger("its application_id is not a ledger's")
        if version > USER_VERSION:
            raise NoLedger(f"of a newer version, {version}")
        if version < USER_VERSION:
            raise Damaged("user_version")
        rows = list(self.select("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"))
        if not set(SCHEMA[:4]) <= set(rows) or any(row[0] == Text(b"index") for row in rows):
            raise Damaged("sqlite_schema")
        return rows == SCHEMA

    def is_sound(self):
        """What SQLite itself says of the file."""
        return [row for row in self.select("PRAGMA quick_check(1)")] == [(Text(b"ok"),)]

    def select(self, statement):
        try:
            yield from self.database.execute(statement)
        except sqlite3.Error as error:
            raise Damaged(f"SQLite: {error}")

    def rows(self, table, *columns):
        """Rows in order; the first column is a number, and so is `codec`; the others are bytes."""
        for row in self.select(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1"):
            for column, value in zip(columns, row):
                number = column in (columns[0], "codec")
                if not isinstance(value, int if number else bytes):
                    raise Damaged(f"{table}: {column} is of another type")
            yield row

    def leaves(self):
        return self.rows("leaf", "sequence", "hash", "record")

    def payloads(self):
        return self.rows("payload", "id", "salt", "codec", "bytes")

    def checkpoints(self):
        return self.rows("checkpoint", "number", "note")

    def attestations(self):
        return self.rows("attestation", "number", "attestation")


class Zstd:
    """libzstd: one frame that states its content size, without dictionary."""

    MAGIC = bytes.fromhex("28b52ffd")

    def __init__(self):
        self.library = ctypes.CDLL("libzstd.so.1")
        for name in ("ZSTD_decompress", "ZSTD_findFrameCompressedSize"):
            getattr(self.library, name).restype = ctypes.c_size_t
        self.library.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong

    def decompress(self, data, size):
        """The content if it is `size` bytes long, otherwise None."""
        if len(data) < 5 or data[:4] != self.MAGIC:
            return None
        descriptor = data[4]
        # RFC 8878, 3.1.1.1.1: a content size, no dictionary, unused and reserved bits zero.
        if descriptor & 0xe0 == 0 or descriptor & 0x1b:
            return None
        length = ctypes.c_size_t(len(data))
        if (self.library.ZSTD_getFrameContentSize(data, length) != size or
                self.library.ZSTD_findFrameCompressedSize(data, length) != len(data)):
            return None
        content = ctypes.create_string_buffer(size + 1)
        if self.library.ZSTD_decompress(content, ctypes.c_size_t(size), data, length) != size:
            return None
        return content.raw[:size]
