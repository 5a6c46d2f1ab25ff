"""The lock: one writer at a time, a dead one never in the way, a live one called by its name."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from strategies.writers import writer
from tidegate.errors import ExitCode, StoreDamaged, StoreLocked
from tidegate.store.lock import exclusive


def test_a_live_holder_is_named_when_the_wait_ends(tmp_path: Path) -> None:
    with writer("hold", tmp_path) as holder:
        began = time.monotonic()
        named = pytest.raises(StoreLocked, match=f"process {holder.pid} \\(writer")
        with named as caught, exclusive(tmp_path, wait=0.2):
            pytest.fail("two held it")
        assert 0.15 < time.monotonic() - began < 5
    assert caught.value.exit_code is ExitCode.BUSY
    assert caught.value.hint


def test_a_dead_holder_never_blocks(tmp_path: Path) -> None:
    with writer("hold", tmp_path) as holder:
        holder.kill()
        holder.wait()
        assert (tmp_path / "lock.holder").exists()
        with exclusive(tmp_path, wait=2):
            assert str(os.getpid()) in (tmp_path / "lock.holder").read_text("utf-8")


def test_a_holder_that_nobody_noted_is_still_reported(tmp_path: Path) -> None:
    folder = tmp_path / "list"
    with writer("hold", folder):
        (folder / "lock.holder").unlink()
        with pytest.raises(StoreLocked, match=r"list is in use \("), exclusive(folder, wait=0.05):
            pytest.fail("two held it")


def test_the_lock_is_free_after_a_failure_inside(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), exclusive(tmp_path):
        raise RuntimeError
    with exclusive(tmp_path, wait=0.1):
        pass


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    refused: list[StoreLocked] = []

    def second() -> None:
        try:
            with exclusive(tmp_path, wait=0.05):
                pass
        except StoreLocked as fault:
            refused.append(fault)

    with exclusive(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_its_files_and_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with exclusive(tmp_path / "new"):
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "new").iterdir()}
    finally:
        os.umask(before)
    assert modes == {"lock": 0o600, "lock.holder": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_holder_is_not_written_through_a_symlink(tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    target.write_bytes(b"theirs")
    folder = tmp_path / "list"
    folder.mkdir()
    (folder / "lock.holder").symlink_to(target)
    with pytest.raises(StoreDamaged, match="symbolic link"), exclusive(folder):
        pytest.fail("entered")
    assert target.read_bytes() == b"theirs"
    (folder / "lock.holder").unlink()
    with exclusive(folder, wait=0.1):
        pass
