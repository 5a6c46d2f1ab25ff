from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.errors import BundleError
from tidegate.sources.import_file import ImportKind, read_import

CSV = b"IndicatorType,IndicatorValue,Action\nIpAddress,192.0.2.1,Block\n"
STIX = b'{"type":"bundle","id":"bundle--1","objects":[]}'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.bin is empty"),
        (b"\xef\xbb\xbf \n", "x.bin is empty"),
        (CSV.decode().encode("utf-16"), "x.bin is UTF-16"),
        (CSV + b"Url,http://\xe9,Block", "x.bin is not UTF-8: byte 0xe9 in line 3"),
        (b'{"type":"bundle",', "x.bin is no readable JSON: .*line 1 column"),
        (b"[" * 100_000, "x.bin is no readable JSON"),
        (b'{"a": NaN}', "x.bin is no readable JSON"),
        (b'{"a": 1}', "x.bin holds no STIX object"),
        (b"[1, 2]", "x.bin holds no STIX object"),
        (b"just a note\n192.0.2.1\n", "x.bin is neither JSON nor the portal's CSV"),
        (b"\x00\x01\x02", "x.bin is neither JSON nor the portal's CSV"),
    ],
)
def test_unreadable_files_are_named_with_the_fix(data: bytes, message: str) -> None:
    with pytest.raises(BundleError, match=message) as caught:
        read_import(data, "x.bin")
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_the_content_decides(before: bytes) -> None:
    assert read_import(before + CSV, "x.json").kind is ImportKind.PORTAL_CSV
    assert read_import(before + b"\n " + STIX, "x.csv").kind is ImportKind.STIX


def test_an_empty_container_has_nothing_to_import() -> None:
    for data in (STIX, b'{"objects": []}', b'{"more": false, "objects": []}'):
        reading = read_import(data, "x.json")
        assert (reading.rows, reading.problems, reading.others) == ((), (), 0)


def test_real_files_are_read_or_named(real_data: Path) -> None:
    files = [path for path in sorted(real_data.rglob("*")) if path.is_file()]
    assert files
    rows = 0
    for path in files:
        try:
            reading = read_import(path.read_bytes(), path.name)
        except BundleError as error:
            assert path.name in error.message  # noqa: PT017 - most files are readable
        else:
            rows += len(reading.rows)
            assert all(problem.code for problem in reading.problems)
    assert rows > 0
