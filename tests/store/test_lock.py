"""The lock: one writer at a time, a dead one never in the way, a live one called by its name."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from driving.homes import Cli
from strategies.builders import create, row
from strategies.stores import apply
from strategies.writers import hear, tell, writer
from tidegate.errors import ExitCode, StoreDamaged, StoreLocked
from tidegate.service import workspace
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import TenantStore


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
        with (
            pytest.raises(StoreLocked, match="list is in use by another program"),
            exclusive(folder, wait=0.05),
        ):
            pytest.fail("two held it")


def test_a_holder_that_signed_and_is_gone_is_not_blamed_for_another_programs_lock(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "list"
    with writer("hold", folder) as holder:
        (folder / "lock.holder").write_text(f"process {2**22 + 1} (tidegate)")
        with pytest.raises(StoreLocked, match="another program"), exclusive(folder, wait=0.05):
            pytest.fail("two held it")
        (folder / "lock.holder").write_text(f"process {holder.pid} (tidegate)")
        with (
            pytest.raises(StoreLocked, match=f"in use by process {holder.pid} "),
            exclusive(folder, wait=0.05),
        ):
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


# -- a holder that stops in the middle of a write --------------------------------------------------

stops = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")


@contextlib.contextmanager
def stopped(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that stopped while it wrote change 2; change 1 is there before."""
    apply(TenantStore(folder), *create(row(-1)))
    with writer("stall", folder) as holder:
        tell(holder, "go")
        _, status = os.waitpid(holder.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        yield holder


def resumed(holder: subprocess.Popen[str]) -> int:
    """Let it go on to its end; return the serial of its change."""
    holder.send_signal(signal.SIGCONT)
    serial = int(hear(holder))
    assert holder.wait(30) == 0
    return serial


@stops
def test_a_stopped_lock_holder_is_named_and_after_it_goes_on_nothing_is_written_twice(
    tmp_path: Path,
) -> None:
    with stopped(tmp_path) as holder:
        ours = TenantStore(tmp_path, lock_wait=0.1)
        with pytest.raises(StoreLocked, match=f"process {holder.pid} \\(writer_process.py\\)"):
            apply(ours, *create(row(1)))
        assert resumed(holder) == 2
    apply(ours, *create(row(1)))
    entries = list(TenantStore(tmp_path).entries())
    assert [(entry.serial, entry.actor) for entry in entries[1:]] == [(2, "stalled"), (3, "ana")]
    assert set(TenantStore(tmp_path).state().rows) == {row(n).id for n in (-1, 0, 1)}


@stops
def test_who_waits_for_a_stopped_lock_holder_gets_its_turn(tmp_path: Path) -> None:
    with stopped(tmp_path) as holder, writer("adds", tmp_path, 10, 3) as waiting:
        tell(waiting, "go")
        time.sleep(0.1)
        assert waiting.poll() is None
        assert len(TenantStore(tmp_path).state().rows) < 3, "it went past the lock"
        assert resumed(holder) == 2
        assert waiting.wait(30) == 0
    entries = list(TenantStore(tmp_path).entries())
    assert [entry.actor for entry in entries] == ["ana", "stalled", *["writer 10"] * 3]
    assert [entry.serial for entry in entries] == [1, 2, 3, 4, 5]


@stops
def test_a_lock_holder_that_dies_in_the_middle_of_a_write_never_blocks(tmp_path: Path) -> None:
    with stopped(tmp_path) as holder:
        holder.kill()
        holder.wait()
        ours = TenantStore(tmp_path, lock_wait=0.0)
        found = ours.state().serial
        apply(ours, *create(row(1)))
    assert [entry.serial for entry in ours.entries()] == list(range(1, found + 2))


@stops
def test_the_command_line_names_the_lock_holder_and_leaves_with_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "TenantStore", functools.partial(TenantStore, lock_wait=0.1))
    cli = Cli(tmp_path / "home")
    assert cli("add", "--yes", "h1.example.com").code == ExitCode.DONE
    with writer("hold", cli.home / "tenants" / "default") as holder:
        ran = cli("add", "--yes", "h2.example.com")
        assert ran.code == ExitCode.BUSY
        assert f"process {holder.pid} (writer_process.py)" in ran.err
        assert cli.values() == {"h1.example.com"}, "reading needs no lock"
    assert cli("add", "--yes", "h2.example.com").code == ExitCode.DONE
    assert cli.values() == {"h1.example.com", "h2.example.com"}


def test_who_makes_the_folder_a_moment_too_late_is_told_of_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "list"
    others = contextlib.ExitStack()

    def another_was_quicker(made: Path) -> None:
        monkeypatch.undo()
        made.mkdir()
        others.enter_context(exclusive(made))

    monkeypatch.setattr("tidegate.store.lock.private_folder", another_was_quicker)
    with others, pytest.raises(StoreLocked, match="is in use"), exclusive(folder, wait=0):
        pytest.fail("two held it")
