"""The file of what a partner was given."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.partner.sent import Bundle, Entry, Sent
from tidegate.store import sent_file
from tidegate.store.sent_file import read_sent, write_sent

NOW = datetime(2026, 11, 1, 12, 0, 0, 5000, tzinfo=UTC)
ENTRY = Entry(
    "indicator--1",
    "Url\nhttps://example.com/ü",
    "2026-11-01T00:00:00.000Z",
    "2026-11-01T00:00:00.001Z",
    "ab",
    MappingProxyType({"pattern": "[x]", "object_marking_refs": ["m"]}),
    arrived=True,
    known=True,
    delivery=3,
    at=NOW,
)
SENT = Sent(
    MappingProxyType({ENTRY.id: ENTRY}), (Bundle(3, "bundle--1", "cd", NOW, 1, 0, "out.json"),)
)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "partners" / "isac.sent.json"


def test_what_was_written_is_read(path: Path) -> None:
    assert read_sent(path) == Sent()
    write_sent(path, SENT)
    found = read_sent(path)
    assert {k: dict(e.tomb) for k, e in found.entries.items()} == {ENTRY.id: dict(ENTRY.tomb)}
    assert found.bundles == SENT.bundles
    assert found.live[ENTRY.key].at == NOW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    write_sent(path, Sent())
    assert read_sent(path) == Sent()


def test_every_changed_byte_is_damage(path: Path) -> None:
    write_sent(path, SENT)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(StoreDamaged):
            read_sent(path)
    for broken in (b"", data[:-3], b"[]", b"{}"):
        path.write_bytes(broken)
        with pytest.raises(StoreDamaged, match="not what was written"):
            read_sent(path)


def test_a_newer_file_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sent_file, "SCHEMA", 2)
        write_sent(path, SENT)
    with pytest.raises(StoreTooNew):
        read_sent(path)


def test_a_link_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(StoreDamaged, match="symbolic link"):
        read_sent(path)
    with pytest.raises(StoreDamaged):
        write_sent(path, SENT)
