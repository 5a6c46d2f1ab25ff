"""The door for files: a STIX document or the portal's CSV, told apart by content.

Owns decoding and the choice of reader. Refuses other encodings than UTF-8 and files that are
neither; what is wrong inside a readable file is a problem beside its rows, never an error.
"""

from __future__ import annotations

import orjson

from tidegate.errors import BundleError
from tidegate.sources.import_csv import read_portal_csv
from tidegate.sources.import_row import ImportKind, ImportProblem, ImportReading, ImportRow
from tidegate.sources.import_stix import read_stix

__all__ = ["ImportKind", "ImportProblem", "ImportReading", "ImportRow", "read_import"]

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_EXPECTED = "a STIX 2.x bundle, envelope or list, or the Defender portal's CSV"


def read_import(data: bytes, name: str) -> ImportReading:
    """Read the whole file, whose `name` is only used in messages.

    Raises:
        BundleError: the file is empty, not UTF-8, not JSON, holds no STIX object, or is a CSV
            without the portal's columns.
    """
    if data.startswith(_UTF16_BOMS):
        raise BundleError(f"{name} is UTF-16", "save it as UTF-8")
    data = data.removeprefix(_UTF8_BOM)
    start = data.lstrip()[:1]
    if not start:
        raise BundleError(f"{name} is empty", f"expected {_EXPECTED}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BundleError(
            f"{name} is not UTF-8: byte 0x{data[error.start]:02x} in line {line}",
            f"save it as UTF-8; expected {_EXPECTED}",
        ) from error
    if start not in b"{[":
        return read_portal_csv(text, name)
    try:
        document: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BundleError(
            f"{name} is no readable JSON: {error.msg}, line {error.lineno} column {error.colno}",
            f"expected {_EXPECTED}",
        ) from error
    return read_stix(document, name)
