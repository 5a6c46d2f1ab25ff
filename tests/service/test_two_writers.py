"""Several processes change one list at once, a terminal open over it: every change is there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tinydb import TinyDB

from strategies.builders import create, remove, row
from strategies.product_process import SHARED, digest, prepare, replay
from strategies.stores import apply as applied
from strategies.writers import hear, tell, writer
from tidegate.config import Home
from tidegate.errors import StoreLocked
from tidegate.indicators.indicator import Indicator
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.workspace import Workspace
from tidegate.store import journal, tenant_store
from tidegate.store.tenant_store import TenantStore
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate
from tidegate.tui.screens.indicators import IndicatorsScreen

WRITERS = 4
ADDS, EDITS = 200, 50

FOLLOWED_WITHIN = 2.5
"""Seconds: the terminal looks once a second and then draws; the rest is for a busy machine."""

READ_FOR = 30.0 if os.environ.get("TIDEGATE_SOAK") else 0.8


def shared_list(root: Path) -> Home:
    """A home whose list holds one row, with 0 in its note."""
    home = prepare(root)
    ws = Workspace.open(home)
    apply(ws, plan_add(ws, [SHARED], Fields(note="0")).plan)
    return home


async def race(home: Home) -> float:
    """Let the writers run under an open terminal; return how long that took to show the end."""
    app = TidegateApp(WorkspaceGate(Workspace.open(home)))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        with contextlib.ExitStack() as running:
            processes = [
                running.enter_context(
                    writer("share", home.root, n * 1_000, ADDS, EDITS, program="product_process")
                )
                for n in range(WRITERS)
            ]
            for process in processes:  # the barrier: all of them are ready
                tell(process, "go")
            for process in processes:
                assert await asyncio.to_thread(hear, process) == "finished"
        ended = time.monotonic()
        while len(screen.listing.rows) < WRITERS * ADDS + 1:
            assert time.monotonic() - ended < 10 * FOLLOWED_WITHIN, "the terminal does not follow"
            await pilot.pause(0.02)
        await pilot.pause()
        return time.monotonic() - ended


@pytest.mark.timeout(300)
def test_two_writers_and_two_more_lose_no_update_and_the_terminal_follows(tmp_path: Path) -> None:
    home = shared_list(tmp_path / "home")
    took = asyncio.run(race(home))
    store = TenantStore(home.tenant_dir("default"))
    rows = {held.value: held for held in store.state().rows.values()}
    added = {f"h{n * 1_000 + i}.example.com" for n in range(WRITERS) for i in range(ADDS)}
    assert rows.keys() == added | {SHARED}
    assert rows[SHARED].note == str(WRITERS * EDITS)
    entries = list(store.entries())
    assert [e.serial for e in entries] == list(range(1, WRITERS * (ADDS + EDITS) + 2))
    assert Counter(e.door for e in entries) == {
        "add": WRITERS * ADDS + 1,
        "edit": WRITERS * EDITS,
    }
    replayed: dict[str, Indicator] = {}
    for entry in entries:
        replayed = replay(replayed, entry.changes)
    assert digest(replayed.values(), ()) == digest(store.state().rows.values(), ())
    assert took < FOLLOWED_WITHIN


@pytest.mark.parametrize("fresh", [False, True], ids=["one that stays open", "opened each time"])
def test_two_writers_or_not_a_reader_never_sees_a_mixture(tmp_path: Path, *, fresh: bool) -> None:
    """Journals are put away and checkpoints renewed under the reader's eyes."""
    folder = tmp_path / "list"
    reader = TenantStore(folder)
    seen = 0
    with writer("churn", folder):
        ends = time.monotonic() + READ_FOR
        while time.monotonic() < ends or len(reader.journal.archives()) < 3:
            reader = TenantStore(folder) if fresh else reader
            state = reader.state()
            assert state.serial >= seen
            seen = state.serial
            history = [entry.serial for entry in reader.entries()]
            assert history == list(range(1, len(history) + 1))
            assert len(history) >= seen
            assert [each.fault for each in reader.snapshots.all() if each.fault] == []


@pytest.mark.parametrize("changes", [0, 1, 3], ids=["just rotated", "one since", "three since"])
def test_two_writers_one_of_which_rotates_while_the_other_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: int
) -> None:
    """What was read before the rotation does not stay for what is there after it."""
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 2)
    monkeypatch.setattr(journal, "ROTATE_AT", 1_000)
    one, two = TenantStore(tmp_path), TenantStore(tmp_path)

    def rotate() -> None:
        before = len(one.journal.archives())
        while len(one.journal.archives()) == before:
            applied(one, *create(row(one.state().serial)))

    rotate()
    real = two._storage.read

    def read() -> object:
        monkeypatch.undo()
        tables = real()
        monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 2)
        monkeypatch.setattr(journal, "ROTATE_AT", 1_000)
        rotate()
        for _ in range(changes):
            applied(one, *create(row(one.state().serial)))
        return tables

    monkeypatch.setattr(two._storage, "read", read)
    assert dict(two.state().rows) == dict(one.state().rows)
    applied(two, *create(row(-1)))
    rows = dict(one.state().rows)
    assert dict(TenantStore(tmp_path).state().rows) == dict(two.state().rows) == rows
    history = [entry.serial for entry in TenantStore(tmp_path).entries()]
    assert history == list(range(1, one.state().serial + 1))


# -- the moment at which two writers meet ----------------------------------------------------------


@pytest.fixture(name="meanwhile")
def _meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something done once, when the next write has been handed to the disk."""

    def arrange(act: Callable[[], object]) -> None:
        real = os.fsync

        def fsync(number: int) -> None:
            monkeypatch.setattr(os, "fsync", real)
            act()
            real(number)

        monkeypatch.setattr(os, "fsync", fsync)

    return arrange


def test_two_writers_corrupt_tinydb_as_it_comes(
    tmp_path: Path, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    """What our storage is there for; should this ever fail, TinyDB has mended it."""
    path = tmp_path / "db.json"
    with TinyDB(path) as one, TinyDB(path) as two:
        first = one.insert({"value": "a.example.com"})
        meanwhile(lambda: two.remove(doc_ids=[first]))
        one.insert({"value": "b.example.com"})
    with pytest.raises(json.JSONDecodeError):
        json.loads(path.read_bytes())


def test_two_writers_that_meet_so_do_nothing_to_ours(
    tmp_path: Path, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    one, two = TenantStore(tmp_path / "list"), TenantStore(tmp_path / "list", lock_wait=0.0)
    applied(one, *create(row(1)))
    refused = []

    def interfere() -> None:
        try:
            applied(two, *remove(row(1)))
        except StoreLocked as fault:
            refused.append(fault)

    meanwhile(interfere)
    applied(one, *create(row(2)))
    assert len(refused) == 1
    applied(two, *remove(row(1)))
    for store in (one, two, TenantStore(tmp_path / "list")):
        assert dict(store.state().rows) == {row(2).id: row(2)}
        assert [entry.serial for entry in store.entries()] == [1, 2, 3]
