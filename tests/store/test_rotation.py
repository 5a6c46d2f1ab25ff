"""A journal in several files: put away when it is large, and still one history and one chain."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, row
from strategies.stores import apply, contents
from strategies.writers import writer
from tidegate.errors import StoreDamaged
from tidegate.store import journal, tenant_store
from tidegate.store.entry import GENESIS
from tidegate.store.journal import Journal, Position
from tidegate.store.recovery import Recovery
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import TenantStore


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 3)
    monkeypatch.setattr(journal, "ROTATE_AT", 1_200)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


def grown(folder: Path, number: int = 14) -> TenantStore:
    store = TenantStore(folder)
    for each in range(1, number + 1):
        apply(store, *create(row(each)))
    return store


def serials(store: TenantStore) -> list[int]:
    return [entry.serial for entry in store.entries()]


def same_everywhere(store: TenantStore, values: set[str]) -> None:
    """The list has these rows for whoever had it open, for a new process, and by its history."""
    anew = TenantStore(store.folder)
    for each in (store, anew):
        assert {found.value for found in each.active(NOW)} == values
        assert each.state().serial == serials(each)[-1]
    assert {c.after.value for e in anew.entries() for c in e.changes if c.after} >= values
    assert Recovery(store.folder).fault() is None


def values(number: int) -> set[str]:
    return {row(n).value for n in range(1, number + 1)}


def test_history_goes_through_all_files_as_one_chain(folder: Path) -> None:
    store = grown(folder)
    archives = store.journal.archives()
    assert len(archives) >= 3
    assert serials(store) == list(range(1, 15))
    assert [p.name for p in archives] == sorted(p.name for p in folder.glob("journal-*.jsonl"))
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in archives)
    same_everywhere(store, values(14))
    heads = [GENESIS, *(line.position.head for line in store.journal.lines())]
    prevs = [line.record["prev"] for line in store.journal.lines()]
    assert prevs == heads[:-1]
    last_of = {int(p.stem.rpartition("-")[2]) for p in archives}
    assert all(
        (a.record["serial"] in last_of) == (b.position.offset <= a.position.offset)
        for a, b in pairwise(store.journal.lines())
    )


@pytest.mark.parametrize("serial", range(15))
def test_since_finds_exactly_what_came_after(folder: Path, serial: int) -> None:
    store = grown(folder)
    assert [r["serial"] for r in store.journal.since(serial)] == list(range(serial + 1, 15))


def test_naming_finds_a_value_in_every_file_and_its_changes_alone(folder: Path) -> None:
    store = grown(folder)
    apply(store, *edit(row(1), note="x"), *edit(row(5), note="y"))
    found = list(store.journal.naming(row(1).value))
    assert [(e.serial, len(e.changes)) for e in found] == [(15, 1), (1, 1)]
    assert list(store.journal.naming("h99.example.com")) == []
    with store.journal.path.open("ab") as file:
        file.write(b'{"sum":"00h1.example.com')
    assert [e.serial for e in store.journal.naming(row(1).value)] == [15, 1]
    (oldest, *_) = store.journal.archives()
    oldest.write_bytes(b'{"h1.example.com"}\n')
    assert next(store.journal.naming(row(1).value)).serial == 15, (
        "what is not asked for is not read"
    )


@pytest.mark.parametrize("size", [0, 1_000, 3_500, 4_000, 9_000, 70_000])
def test_the_file_that_grows_continues_a_last_line_of_any_length(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 1)
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    entry = apply(store, *create(row(2, description="x" * size)))
    assert store.journal.base() == entry.sum
    assert [p.name for p in store.journal.archives()] == [
        f"journal-{serial:012}.jsonl" for serial in (1, 2)
    ]
    apply(TenantStore(folder), *create(row(3)))
    same_everywhere(TenantStore(folder), values(3))


def test_the_sum_that_a_file_continues_is_found_wherever_a_read_begins(folder: Path) -> None:
    """The end of a file is read piece by piece: no border may matter."""
    folder.mkdir(parents=True)
    growing = Journal(folder / "journal.jsonl")
    path = folder / "journal-000000000002.jsonl"
    first, last = b'{"sum":"%s",1}\n' % (b"a" * 64), b'{"sum":"%s",' % (b"b" * 64)
    for size in (*range(4_000, 4_110), 8_191, 8_192, 8_193):
        line = last + b"0" * (size - len(last) - 2) + b"}\n"
        path.write_bytes(first + line)
        assert growing.base() == "b" * 64
        path.write_bytes(line)
        assert growing.base() == "b" * 64


def test_a_follower_keeps_up_over_rotations(folder: Path) -> None:
    store, follower = TenantStore(folder), TenantStore(folder)
    follower.state()
    for number in range(1, 15):
        apply(store, *create(row(number)))
        assert {found.value for found in follower.active(NOW)} == values(number)
    idle = TenantStore(folder)
    idle.state()
    for number in range(15, 29):  # several rotations unseen
        apply(store, *create(row(number)))
    assert {found.value for found in idle.active(NOW)} == values(28)
    apply(idle, *create(row(29)))
    apply(follower, *create(row(30)))
    same_everywhere(store, values(30))


def test_a_follower_keeps_up_with_another_process(folder: Path) -> None:
    follower = grown(folder)
    with writer("adds", folder, 1_000, 20) as process:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        for number in range(12):
            state = follower.state()
            held = state.rows[row(1).id]
            changes = edit(held, note=f"{number}")
            mine = plan(changes, serial=state.serial, lineage=state.lineage)
            follower.apply(mine, limit=LIMIT, now=NOW, actor="ana", rebase=True)
        assert process.wait(60) == 0
    same_everywhere(follower, values(14) | {row(1_000 + n).value for n in range(20)})


# -- cut off ---------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


def crash(*_: object, **__: object) -> None:
    raise Crash


def rotating(folder: Path) -> TenantStore:
    """A store whose next change puts the journal away."""
    store = TenantStore(folder)
    if not store.state().serial:
        grown(folder, 11)
    while True:
        state = TenantStore(folder).state()
        due = state.unsaved + 1 >= tenant_store.CHECKPOINT_EVERY or not state.covered
        if due and state.position.offset >= journal.ROTATE_AT - 400:
            return store
        apply(store, *create(row(len(state.rows) + 1)))


@pytest.mark.parametrize(
    ("target", "name", "wrap"),
    [
        pytest.param(Journal, "rotate", False, id="before the rename"),
        pytest.param(Journal, "rotate", True, id="after the rename"),
        pytest.param(CheckpointStorage, "write", False, id="before the checkpoint"),
        pytest.param(CheckpointStorage, "write", True, id="after the checkpoint"),
    ],
)
def test_a_crash_while_rotating_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: type, name: str, *, wrap: bool
) -> None:
    store = rotating(folder)
    number = len(store.state().rows) + 1
    real: Callable[..., object] = getattr(target, name)

    def act(*args: object) -> None:
        if wrap:
            real(*args)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(target, name, act)
        with pytest.raises(Crash):
            apply(store, *create(row(number)))
    anew = TenantStore(folder)
    assert {found.value for found in anew.active(NOW)} == values(number)
    apply(anew, *create(row(number + 1)))
    apply(store, *create(row(number + 2)))
    same_everywhere(anew, values(number + 2))


def test_a_crash_between_the_first_record_of_a_file_and_its_checkpoint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = rotating(folder)
    number = len(store.state().rows) + 1
    apply(store, *create(row(number)))
    assert store.journal.size() == 0
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointStorage, "write", crash)
        with pytest.raises(Crash):
            apply(store, *create(row(number + 1)))
    monkeypatch.setattr(journal, "ROTATE_AT", 10**6)
    apply(TenantStore(folder), *create(row(number + 2)))
    same_everywhere(TenantStore(folder), values(number + 2))
    (folder / "journal.jsonl").unlink()
    with pytest.raises(StoreDamaged, match="shorter than"):
        TenantStore(folder).state()


@pytest.mark.parametrize("failing", ["rename", "sync"])
def test_a_rotation_that_fails_costs_nothing_and_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = rotating(folder)
    number, files = len(store.state().rows) + 1, len(store.journal.archives())

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        if failing == "rename":
            patch.setattr(Journal, "rotate", broken)
        else:
            patch.setattr(journal, "sync_folder", broken)
        apply(store, *create(row(number)))
    for each in range(number + 1, number + 4):
        apply(store, *create(row(each)))
    same_everywhere(store, values(number + 3))
    assert len(store.journal.archives()) > files


# -- without a checkpoint, and while somebody rotates ----------------------------------------------


@pytest.mark.parametrize("tail", [b"", b'{"sum":"01'])
def test_all_files_make_the_list_when_the_checkpoint_is_gone(folder: Path, tail: bytes) -> None:
    store = rotating(folder)
    number = len(store.state().rows) + 1
    apply(store, *create(row(number)))
    assert store.journal.size() == 0
    (folder / "tenant.json").unlink()
    if tail:
        store.journal.path.write_bytes(tail)
    anew = TenantStore(folder)
    assert {found.value for found in anew.active(NOW)} == values(number)
    apply(anew, *create(row(number + 1)))
    assert anew.repaired == len(tail)
    same_everywhere(anew, values(number + 1))


def test_a_reader_of_the_history_does_not_notice_a_rotation(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither between two lines nor between finding the files and opening them."""
    store = rotating(folder)
    number = len(store.state().rows)
    reading = store.entries()
    first = [next(reading)]
    apply(TenantStore(folder), *create(row(number + 1)))
    seen = [entry.serial for entry in (*first, *reading)]
    assert seen[:number] == list(range(1, number + 1))

    writing, real = rotating(folder), Journal.archives
    number = len(writing.state().rows)
    looks = iter((True,))

    def archives(self: Journal) -> list[Path]:
        found = real(self)
        if next(looks, False):
            monkeypatch.setattr(Journal, "archives", real)
            apply(writing, *create(row(number + 1)))
            assert writing.journal.size() == 0
        return found

    monkeypatch.setattr(Journal, "archives", archives)
    assert serials(TenantStore(folder)) == list(range(1, number + 2))


def test_a_journal_is_never_filled_up_with_zeros(folder: Path) -> None:
    store = grown(folder, 2)
    at = store.state().position
    before = contents(folder)
    (entry, *_) = store.entries()
    with pytest.raises(StoreDamaged, match="shorter than"):
        store.journal.append(entry, Position(at.offset + 1, at.head))
    assert contents(folder) == before


def test_expired_rows_leave_in_whatever_file_is_due(folder: Path) -> None:
    store = TenantStore(folder)
    for number in range(1, 9):
        apply(store, *create(row(number, expires=NOW + timedelta(minutes=number))))
    for number in range(1, 9):
        late = NOW + timedelta(minutes=number)
        apply(store, *create(row(20 + number)), now=late)
        assert TenantStore(folder).count(late) == 8
    assert Recovery(folder).fault() is None
    assert serials(store) == list(range(1, 25))
