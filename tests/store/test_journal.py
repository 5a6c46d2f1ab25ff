"""The journal: a chain that shows every edit, and a torn end that is nobody's loss."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import resource
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import rows as any_row
from strategies.builders import NOW, create, row, suppression
from strategies.stores import flipped
from tidegate.errors import StoreDamaged
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.store.entry import GENESIS, Entry, build
from tidegate.store.journal import START, Journal, Position

LINEAGE = "ab" * 16


def entry(serial: int, changes: tuple[Change[Indicator], ...] = ()) -> Entry:
    return Entry(
        serial=serial,
        at=NOW + timedelta(seconds=serial),
        actor="ana",
        door="add",
        reason="a “reason”\nin two lines",
        changes=changes or create(row(serial)),
        suppressions=(Change(None, suppression(serial), "kept out"),) if serial == 2 else (),
        undoes=1 if serial == 3 else None,
        lineage=LINEAGE,
    )


def written(path: Path, number: int = 3) -> tuple[Journal, list[Position]]:
    """A journal of that many entries, and the position before each of them and behind the last."""
    journal, positions = Journal(path), [START]
    for serial in range(1, number + 1):
        positions.append(journal.append(entry(serial), positions[-1]).position)
    return journal, positions


def found_in(journal: Journal, start: Position = START) -> list[tuple[Entry, Position]]:
    """What the growing file holds after `start`, and the position behind each."""
    return [(build(line.record), line.position) for line in journal.read(journal.path, start)]


def unsummed(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as they were before they were written."""
    return [dataclasses.replace(each, sum="") for each in entries]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def test_entries_come_back_in_order_with_the_position_behind_each(path: Path) -> None:
    journal, positions = written(path)
    found = found_in(journal)
    assert unsummed(e for e, _ in found) == [entry(1), entry(2), entry(3)]
    assert [p for _, p in found] == positions[1:]
    assert [e.sum for e, _ in found] == [p.head for p in positions[1:]]
    assert positions[-1].offset == journal.size() == path.stat().st_size
    assert [e.serial for e, _ in found_in(journal, positions[2])] == [3]
    assert found_in(journal, positions[3]) == []
    assert list(journal.entries()) == [e for e, _ in found]
    assert {e.lineage for e, _ in found} == {LINEAGE}
    assert positions[0].head == GENESIS


@given(st.lists(st.lists(any_row.changes, max_size=2).map(tuple), min_size=1, max_size=3))
@settings(max_examples=20)
def test_any_changes_come_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Change[Indicator], ...]]
) -> None:
    journal, at = Journal(tmp_path_factory.mktemp("any") / "j"), START
    entries = [entry(n, each or create(row(n))) for n, each in enumerate(changes, 1)]
    for each in entries:
        at = journal.append(each, at).position
    assert unsummed(journal.entries()) == entries


def test_nothing_written_yet_is_no_fault(path: Path) -> None:
    journal = Journal(path)
    assert (journal.size(), journal.inode(), journal.base()) == (0, 0, GENESIS)
    assert found_in(journal) == []
    assert [*journal.entries(), *journal.naming("x")] == []
    assert (journal.since(0), journal.archives()) == ([], [])
    assert not path.exists()
    path.touch(0o600)
    assert [*journal.entries(), *journal.naming("x")] == []


def test_it_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        written(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# -- damage --------------------------------------------------------------------------------------


def refused(journal: Journal) -> bool:
    """Whether reading raises StoreDamaged, names the file and leaves it alone."""
    before = journal.path.read_bytes()
    message = ""
    try:
        found_in(journal)
    except StoreDamaged as fault:
        message = fault.message
    return str(journal.path) in message and journal.path.read_bytes() == before


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_a_flip_of_any_byte_is_refused_and_left_alone(path: Path, mask: int) -> None:
    journal, _ = written(path)
    whole = path.read_bytes()
    missed = []
    for at in range(len(whole)):
        with flipped(path, at, mask):
            if not refused(journal):
                missed.append(at)
    assert missed == []


@pytest.mark.parametrize("mask", [0x01, 0x07, 0x20, 0x80])
def test_a_flip_of_any_byte_that_the_checkpoint_covers_is_refused(path: Path, mask: int) -> None:
    """0x07 makes a carriage return of a line end."""
    journal, positions = written(path)
    whole = path.read_bytes()
    journal.verify(positions[3])
    missed = []
    for at in range(len(whole)):
        with flipped(path, at, mask), contextlib.suppress(StoreDamaged):
            journal.verify(positions[3])
            missed.append(at)
    assert missed == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _, b, c: [b, c], id="first dropped"),
        pytest.param(lambda a, _, c: [a, c], id="middle dropped"),
        pytest.param(lambda a, b, c: [b, a, c], id="first two swapped"),
        pytest.param(lambda a, b, c: [a, c, b], id="last two swapped"),
        pytest.param(lambda a, b, c: [a, a, b, c], id="first repeated"),
        pytest.param(lambda a, b, c: [a, b, c, c], id="last repeated"),
        pytest.param(lambda a, b, c: [a, b"\n", b, c], id="blank line"),
        pytest.param(lambda a, b, c: [a, b[:-20], c], id="torn in the middle"),
        pytest.param(lambda a, b, c: [a, b[:-1], b"\r\n", c], id="line end of Windows"),
        pytest.param(lambda a, b, c: [b"\xef\xbb\xbf", a, b, c], id="byte order mark"),
        pytest.param(lambda a, b, c: [a, b, b"\0" * 64, b"\n", c], id="zeros between"),
    ],
)
def test_lines_dropped_moved_or_added_are_refused_and_left_alone(
    path: Path, damage: Callable[[bytes, bytes, bytes], list[bytes]]
) -> None:
    journal, _ = written(path)
    path.write_bytes(b"".join(damage(*path.read_bytes().splitlines(keepends=True))))
    assert refused(journal)


def test_a_line_of_another_journal_does_not_fit(path: Path) -> None:
    journal, positions = written(path)
    other, _ = written(path.with_name("other"), 1)
    path.write_bytes(path.read_bytes()[: positions[2].offset] + other.path.read_bytes())
    assert refused(journal)


def test_the_message_names_the_byte(path: Path) -> None:
    journal, positions = written(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: positions[1].offset] + b"#" + whole[positions[1].offset + 1 :])
    with pytest.raises(StoreDamaged, match=rf"the record at byte {positions[1].offset}:"):
        found_in(journal)


def test_a_symlink_is_neither_read_nor_appended_to(path: Path) -> None:
    real, positions = written(path.with_name("real"))
    path.symlink_to(real.path)
    before = real.path.read_bytes()
    journal = Journal(path)
    for read in (
        lambda: found_in(journal),
        lambda: list(journal.entries()),
        lambda: list(journal.naming("x")),
        lambda: journal.since(0),
        lambda: journal.verify(positions[-1]),
    ):
        with pytest.raises(StoreDamaged, match="symbolic link"):
            read()
    with pytest.raises(StoreDamaged, match="symbolic link"):
        journal.append(entry(4), positions[-1])
    assert real.path.read_bytes() == before


# -- a torn end ----------------------------------------------------------------------------------


def test_every_torn_end_is_ignored_and_repaired_by_the_next_append(path: Path) -> None:
    journal, positions = written(path)
    whole = path.read_bytes()
    for size in range(positions[3].offset - 1, positions[2].offset - 1, -1):
        os.truncate(path, size)
        found = list(journal.follow(START))
        assert [line.record["serial"] for line in found] == [1, 2]
        assert journal.remains == size - positions[2].offset
        assert path.read_bytes() == whole[:size], "readers repair nothing"
        if size % 16 and size < positions[3].offset - 2:
            continue  # an append is slow
        journal.append(entry(3), found[-1].position)
        assert path.read_bytes() == whole


def test_a_torn_first_line_is_an_empty_journal(path: Path) -> None:
    journal, positions = written(path, 1)
    whole = path.read_bytes()
    for size in range(positions[1].offset - 1, -1, -1):
        os.truncate(path, size)
        assert found_in(journal) == []
        assert list(journal.entries()) == []
    journal.append(entry(1), START)
    assert path.read_bytes() == whole


def test_a_long_torn_end_leaves_nothing_behind_a_short_entry(path: Path) -> None:
    journal, positions = written(path, 2)
    long = entry(3, create(*(row(n) for n in range(50))))
    journal.append(long, positions[2])
    os.truncate(path, path.stat().st_size - 1)
    end = journal.append(entry(3), positions[2]).position
    assert end.offset == path.stat().st_size
    assert unsummed(journal.entries()) == [entry(1), entry(2), entry(3)]


# -- a full disk ---------------------------------------------------------------------------------


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def half_then_full() -> Callable[[int, bytes], int]:
    write, calls = os.write, iter((True,))

    def call(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: len(data) // 2]) if next(calls, False) else full()

    return call


@pytest.mark.parametrize(
    ("name", "fault"), [("fsync", lambda: full), ("write", lambda: full), ("write", half_then_full)]
)
def test_an_append_that_fails_leaves_the_old_journal(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    fault: Callable[[], Callable[..., int]],
) -> None:
    journal, positions = written(path)
    whole = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, fault())
        with pytest.raises(OSError, match="No space"):
            journal.append(entry(4), positions[-1])
    assert path.read_bytes() == whole
    journal.append(entry(4), positions[-1])
    assert [e.serial for e in journal.entries()] == [1, 2, 3, 4]


@pytest.fixture(name="limited_to")
def _limited_to() -> Iterator[Callable[[int], None]]:
    """Let no file of this process grow beyond a size: the kernel then writes less than asked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_real_short_write_leaves_the_old_journal(
    path: Path, limited_to: Callable[[int], None]
) -> None:
    journal, positions = written(path)
    whole = path.read_bytes()
    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    limited_to(len(whole) + 100)
    try:
        with pytest.raises(OSError, match="too large"):
            journal.append(entry(4), positions[-1])
    finally:
        limited_to(soft)
    assert path.read_bytes() == whole


def test_writes_taken_piecemeal_still_arrive_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    journal, _ = written(path, 2)
    assert unsummed(journal.entries()) == [entry(1), entry(2)]


def test_the_entry_is_on_disk_before_append_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, int]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        found = os.fstat(descriptor)
        folder = stat.S_ISDIR(found.st_mode)
        synced.append((folder, 0 if folder else found.st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    _, positions = written(path, 2)
    assert synced == [(True, 0), (False, positions[1].offset), (False, positions[2].offset)]
