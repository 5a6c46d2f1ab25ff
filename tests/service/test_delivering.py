"""The doors that are files."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.errors import ExitCode, ExportError
from tidegate.partner import Document, Manifest, Partner, Shipment, parse_partner
from tidegate.service import delivering
from tidegate.service.delivering import FileDoor, FolderDoor, door_of
from tidegate.store.handout import write_out

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CARRIED = frozenset({"indicator--1", "indicator--2"})


def partner(kind: str, path: str) -> Partner:
    return parse_partner(
        {
            "id": "isac",
            "tlp_max": "green",
            "identity": "Example Corp",
            "delivery": {"kind": kind, "path": path},
        },
        "isac.toml",
    )


def shipment(number: int = 1, data: bytes = b"{}") -> Shipment:
    files = (Document(".json", data), Document(".manifest.json", b"[]"))
    manifest = Manifest("isac", number, "bundle--1", NOW, "ab", 2, full=False, counts={})
    return Shipment(partner("folder", "out"), [], CARRIED, manifest, files)


def unheard(_: int, __: int) -> None:
    """Hear nothing."""


def test_a_profile_means_its_door_and_relative_paths_start_beside_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    file = door_of(partner("file", "out/x.json"), tmp_path, {})
    folder = door_of(partner("folder", "out"), tmp_path, {})
    assert isinstance(file, FileDoor)
    assert isinstance(folder, FolderDoor)
    assert str(tmp_path / "out") in file.check()
    assert str(tmp_path / "out") in folder.check()


def test_a_file_always_holds_the_latest_delivery(tmp_path: Path) -> None:
    door = FileDoor(tmp_path / "out.json")
    heard: list[tuple[int, int]] = []
    done = door.deliver(shipment(1, b"one"), lambda *seen: heard.append(seen))
    assert (done.accepted, done.failed, done.done) == (CARRIED, {}, True)
    assert heard[-1] == (2, 2)
    door.deliver(shipment(2, b"two"), unheard)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.json", "out.manifest.json"]
    assert (tmp_path / "out.json").read_bytes() == b"two"
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o600


def test_a_folder_keeps_one_bundle_for_each_delivery(tmp_path: Path) -> None:
    door = FolderDoor(tmp_path)
    for number, data in ((1, b"one"), (2, b"two"), (2, b"two again")):
        done = door.deliver(shipment(number, data), unheard)
    assert done.place == str(tmp_path / "isac-000002.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("isac-000001.json", "isac-000001.manifest.json"),
        *("isac-000002.json", "isac-000002.manifest.json"),
    ]
    assert (tmp_path / "isac-000002.json").read_bytes() == b"two again"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_place_that_is_not_there_is_not_made(tmp_path: Path, kind: str) -> None:
    path = "missing" if kind == "folder" else "missing/out.json"
    door = door_of(partner(kind, path), tmp_path, {})
    for attempt in (door.check, lambda: door.deliver(shipment(), unheard)):
        with pytest.raises(ExportError, match="there is no folder") as caught:
            attempt()
        assert caught.value.exit_code == ExitCode.EXPORT_REFUSED
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        FileDoor(tmp_path / "out").check()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_into_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ExportError, match="may not be written into"):
            FolderDoor(tmp_path).check()
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_told_and_nothing_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.suffixes == [".json"]:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_out(path, data)

    monkeypatch.setattr(delivering, "write_out", full)
    with pytest.raises(ExportError, match="No space left on device") as caught:
        FolderDoor(tmp_path).deliver(shipment(), unheard)
    assert "nothing counts as sent" in caught.value.hint
    assert not (tmp_path / "isac-000001.json").exists()
