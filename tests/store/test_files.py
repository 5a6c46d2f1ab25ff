"""Files of ours: private, never through a symlink, and replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.errors import StoreDamaged
from tidegate.store.files import open_private, private_folder, replace, sync_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """The modes must be ours, not the shell's."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with open_private(path, os.O_RDWR | os.O_CREAT) as stream:
        stream.write(b"x")
    assert mode(path) == 0o600


@pytest.mark.parametrize("target", ["there", "absent"])
def test_a_symlink_is_neither_read_nor_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "there").write_bytes(b"theirs")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / target)
    for flags in (os.O_RDONLY, os.O_RDWR | os.O_CREAT):
        with pytest.raises(StoreDamaged, match="symbolic link"):
            open_private(link, flags)
    with pytest.raises(StoreDamaged, match="symbolic link"):
        replace(link, b"ours")
    assert (tmp_path / "there").read_bytes() == b"theirs"
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "there"]


def test_a_file_opened_for_reading_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    with open_private(tmp_path / "f", os.O_RDONLY) as stream, pytest.raises(OSError, match="write"):
        stream.write(b"y")


def test_new_folders_are_durable_before_anything_is_put_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    private_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]
    private_folder(tmp_path / "a" / "b")
    assert len(synced) == 2, "what is there already costs nothing"


def test_new_folders_are_for_their_owner_alone_and_old_ones_stay(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    private_folder(shared / "a" / "b")
    assert (mode(shared), mode(shared / "a"), mode(shared / "a" / "b")) == (0o755, 0o700, 0o700)
    private_folder(shared / "a" / "b")


def test_replacing_leaves_the_new_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old and longer than new")
    path.chmod(0o644)
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_open_reader_of_the_old_file_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        replace(path, b"new")
        assert reader.read() == b"old"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_before_the_rename_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space"):
        replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_safe_before_the_name_and_the_name_before_we_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        size = os.fstat(descriptor).st_size
        done.append("folder" if is_folder else f"{size} bytes")
        fsync(descriptor)

    def noted_rename(source: Path, target: Path) -> None:
        done.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_rename)
    monkeypatch.setattr(os, "rename", noted_rename)
    replace(tmp_path / "f", b"12345")
    assert done == ["5 bytes", "rename", "folder"]


def test_a_folder_that_cannot_be_opened_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", denied)
    sync_folder(tmp_path)
