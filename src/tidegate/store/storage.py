"""The checkpoint of the list as a TinyDB database that survives kill -9.

TinyDB's own JSON storage writes in place and truncates last, so a crash can leave neither the old
nor the new list. `CheckpointStorage` replaces the file whole, keeps an envelope of schema, lineage,
serial and checksum round TinyDB's tables, and refuses a file that is not what was written. The
checksum stands first and covers every byte after it. One row a line, so that people and diff can
read it.

Refuses to merge or to lock: `tenant_store` decides what is written, and when.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged, StoreTooNew, UsageError
from tidegate.store.entry import GENESIS, SCHEMA
from tidegate.store.files import open_private, replace
from tidegate.store.journal import START, Position

_PREFIX = b'{"sha256":"'
_SEALED_AT = len(_PREFIX) + 64 + len(b'",')
Tables = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the checkpoint says of itself: which list, up to which change, where to read on.

    `at` is when that change was made. A snapshot also says when and why it was taken.
    """

    lineage: str = ""
    serial: int = 0
    position: Position = START
    at: datetime | None = None
    taken: datetime | None = None
    reason: str = ""
    schema: int = SCHEMA


class CheckpointStorage(Storage):
    """TinyDB storage over one file; `envelope` is read with the tables and written with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.envelope = Envelope()

    def read(self) -> Tables | None:
        """Return TinyDB's tables, or None when there is no file yet. Raises StoreDamaged."""
        try:
            with open_private(self.path, os.O_RDONLY) as stream:
                data = stream.read()
        except FileNotFoundError:
            return None
        return self._parse(data)

    def _parse(self, data: bytes) -> Tables:
        try:
            document = orjson.loads(data)
            schema = document["schema"]
            sealed = data == _sealed(data[_SEALED_AT:])
            # With a seal like ours that does not fit it is damaged, whatever it says it is.
            sound = sealed or not data.startswith(_PREFIX)
            if isinstance(schema, int) and schema > SCHEMA and sound:
                raise StoreTooNew(
                    f"{self.path} was written by a newer Tidegate (schema {schema})",
                    "use that version; this one left the file as it is",
                )
            tables: Tables = document["tables"]
            if not sealed:
                raise StoreDamaged(f"{self.path}: the checksum does not fit")
            self.envelope = Envelope(
                document["lineage"],
                document["serial"],
                Position(document["journal_offset"], document["journal_head"]),
                _moment(document.get("at")),
                _moment(document.get("taken")),
                document.get("reason", ""),
                schema,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise StoreDamaged(f"{self.path} is not a list of Tidegate: {fault}") from fault
        return tables

    def write(self, data: Tables) -> None:
        """Replace the file by these tables and the current envelope."""
        replace(self.path, self.render(data))

    def render(self, data: Tables) -> bytes:
        """The file's content: one row a line, so that people and diff can read it."""
        parts = []
        for name in sorted(data):
            rows = b",\n".join(
                orjson.dumps(key) + b":" + orjson.dumps(row) for key, row in data[name].items()
            )
            parts.append(orjson.dumps(name) + b":{\n" + rows + b"\n}")
        body = b"{" + b",\n".join(parts) + b"}}\n"
        envelope = self.envelope
        head = {
            "schema": SCHEMA,
            "lineage": envelope.lineage,
            "serial": envelope.serial,
            "at": None if envelope.at is None else stamp(envelope.at),
            "journal_offset": envelope.position.offset,
            "journal_head": envelope.position.head or GENESIS,
        }
        if envelope.taken is not None:
            head |= {"taken": stamp(envelope.taken), "reason": envelope.reason}
        return _sealed(orjson.dumps(head)[1:-1] + b',\n"tables":' + body)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_stamp(text)


def _sealed(content: bytes) -> bytes:
    return _PREFIX + hashlib.sha256(content).hexdigest().encode() + b'",' + content


class RowTable(Table):
    """A TinyDB table that answers questions; its document ids are our row ids.

    TinyDB's own tables write the whole database at every change, and past the journal. Here every
    change is a plan: `tenant_store` journals it and hands whole tables to the storage now and then.
    """

    # TinyDB declares int, and documents that a subclass may use another class.
    document_id_class = str  # type: ignore[assignment]

    def _update_table(self, updater: object) -> NoReturn:  # noqa: ARG002 - refused whatever it is
        raise UsageError("the list is changed by applying plans", "a table of it only answers")

    def _get_next_id(self) -> str:
        """No row gets an id here; insert asks for one before it is refused."""
        return ""


class TenantDB(TinyDB):
    """The tenant's checkpoint as a TinyDB database.

    `storage` is our CheckpointStorage. Everything that changes tables raises UsageError.
    """

    table_class = RowTable

    def __init__(self, path: Path) -> None:
        super().__init__(path, storage=CheckpointStorage)

    @property
    def checkpoint(self) -> CheckpointStorage:
        """The storage, by its type."""
        storage = self.storage
        if not isinstance(storage, CheckpointStorage):
            raise TypeError(f"not ours: {storage!r}")
        return storage

    def drop_tables(self) -> NoReturn:
        """Refuse."""
        raise UsageError("the list is changed by applying plans", "this database only answers")

    def drop_table(self, name: str) -> NoReturn:  # noqa: ARG002 - refused whatever it is
        """Refuse."""
        self.drop_tables()
