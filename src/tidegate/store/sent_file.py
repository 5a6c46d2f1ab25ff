"""The file of what a partner was given: `tenants/<name>/partners/<id>.sent.json`.

It is state, never derived: without it a partner would get everything again and no withdrawal. So it
is replaced whole, 0600, its checksum first, one object a line for people and diff. Refuses to be
read when it is not what was written, and when a newer Tidegate wrote it.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.partner.sent import Bundle, Entry, Sent
from tidegate.store.files import open_private, private_folder, replace

SCHEMA = 1
_PREFIX = b'{"sha256":"'
_SEALED_AT = len(_PREFIX) + 64 + len(b'",')


def read_sent(path: Path) -> Sent:
    """Read the file; a missing one is a partner who was given nothing.

    Raises StoreDamaged: it is not what was written. StoreTooNew: a newer Tidegate wrote it.
    """
    try:
        with open_private(path, os.O_RDONLY) as stream:
            data = stream.read()
    except FileNotFoundError:
        return Sent()
    try:
        document = orjson.loads(data)
        sealed = data == _sealed(data[_SEALED_AT:])
        if sealed and document["schema"] > SCHEMA:
            raise StoreTooNew(
                f"{path} was written by a newer Tidegate (schema {document['schema']})",
                "use that version; this one left the file as it is",
            )
        entries = {key: _entry(key, record) for key, record in document["objects"].items()}
        bundles = tuple(_bundle(record) for record in document["deliveries"])
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _damaged(path, str(fault)) from fault
    if not sealed:
        raise _damaged(path, "the checksum does not fit")
    return Sent(MappingProxyType(entries), bundles)


def _damaged(path: Path, why: str) -> StoreDamaged:
    return StoreDamaged(
        f"{path} is not what was written: {why}",
        "put its latest copy back; without it the partner gets everything again",
    )


def write_sent(path: Path, sent: Sent) -> None:
    """Replace the file. Raises OSError, which names it."""
    private_folder(path.parent)
    lines = b",\n".join(
        orjson.dumps(entry.id) + b":" + orjson.dumps(_record(entry))
        for entry in sent.entries.values()
    )
    bundles = b",\n".join(orjson.dumps(_bundle_record(bundle)) for bundle in sent.bundles)
    head = orjson.dumps({"schema": SCHEMA})[1:-1]
    content = head + b',\n"deliveries":[\n' + bundles + b'\n],\n"objects":{\n' + lines + b"\n}}\n"
    replace(path, _sealed(content))


def _sealed(content: bytes) -> bytes:
    return _PREFIX + hashlib.sha256(content).hexdigest().encode() + b'",' + content


_FLAGS = ("arrived", "known", "revoked")


def _record(entry: Entry) -> dict[str, object]:
    return {
        "key": entry.key,
        "created": entry.created,
        "modified": entry.modified,
        "digest": entry.digest,
        **{name: True for name in _FLAGS if getattr(entry, name)},
        "delivery": entry.delivery,
        "at": None if entry.at is None else stamp(entry.at),
        "tomb": dict(entry.tomb),
    }


def _entry(ident: str, record: dict[str, Any]) -> Entry:
    return Entry(
        id=ident,
        key=record["key"],
        created=record["created"],
        modified=record["modified"],
        digest=record["digest"],
        tomb=MappingProxyType(dict(record["tomb"])),
        arrived=record.get("arrived", False),
        known=record.get("known", False),
        revoked=record.get("revoked", False),
        delivery=record["delivery"],
        at=_moment(record["at"]),
    )


def _bundle_record(bundle: Bundle) -> dict[str, object]:
    return {
        "number": bundle.number,
        "id": bundle.id,
        "sha256": bundle.sha256,
        "at": stamp(bundle.at),
        "accepted": bundle.accepted,
        "failed": bundle.failed,
        "where": bundle.where,
    }


def _bundle(record: dict[str, Any]) -> Bundle:
    return Bundle(**{**record, "at": read_stamp(record["at"])})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_stamp(text)
