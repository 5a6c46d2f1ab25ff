"""Every call to the disk fails once, or fails from there on: the list is the old or the new one."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.disk import images, in_memory, quicken
from strategies.system_calls import SystemCalls
from strategies.trouble import Kind, TroubledDisk
from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.store import journal, tenant_store
from tidegate.store.tenant_store import TenantStore

ROTATE_AT = 5_000
SOAK = bool(os.environ.get("TIDEGATE_SOAK"))


@pytest.fixture(name="tmp_path")
def _tmp_path() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots, checkpoints and rotations after a few rows."""
    monkeypatch.setattr(tenant_store, "BULK", 5)
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 6)
    monkeypatch.setattr(journal, "ROTATE_AT", ROTATE_AT)
    quicken(monkeypatch)


def apply(store: TenantStore, wanted: SyncPlan, *, days: int = 0) -> None:
    """Apply a plan that changes something."""
    now = NOW + timedelta(days=days)
    assert store.apply(wanted, limit=LIMIT, now=now, actor="ana") is not None


def planned(store: TenantStore, *changes: Change[Indicator]) -> SyncPlan:
    state = store.state()
    return plan(changes, serial=state.serial, lineage=state.lineage)


def prepare(store: TenantStore) -> None:
    """A list with a checkpoint and changes after it."""
    apply(store, planned(store, *create(*(row(n) for n in range(5)))))
    apply(store, planned(store, *edit(row(0), note="one")))
    apply(store, planned(store, *create(row(5, expires=NOW + timedelta(days=1)))))


def grow(store: TenantStore) -> None:
    """A list whose next change finds a journal that is large enough to be put away."""
    prepare(store)
    while store.journal.size() < ROTATE_AT:
        held = store.state().rows[row(1).id]
        apply(store, planned(store, *edit(held, description=held.description + "more " * 100)))


def held(store: TenantStore, number: int) -> Indicator:
    return store.state().rows[row(number).id]


def first_add(store: TenantStore) -> SyncPlan:
    return planned(store, *create(row(0)))


def one_edit(store: TenantStore) -> SyncPlan:
    return planned(store, *edit(held(store, 0), note="two"))


def bulk(store: TenantStore) -> SyncPlan:
    return planned(store, *create(*(row(n) for n in range(20, 28))))


def undo(store: TenantStore) -> SyncPlan:
    last = list(store.entries())[1]
    return dataclasses.replace(planned(store, *inverted(last.changes, "undo")), undoes=2)


def sync(store: TenantStore) -> SyncPlan:
    mixed = (*create(row(30)), *remove(held(store, 3)), *edit(held(store, 4), title="said again"))
    note = suppression(2)
    return dataclasses.replace(
        planned(store, *mixed), suppressions=(Change(None, note, "kept out"),)
    )


def restore(store: TenantStore) -> SyncPlan:
    last = store.snapshots.last_good()
    assert last is not None
    then, now = dict(store.snapshots.load(last.id).rows), dict(store.state().rows)
    changed = sorted(
        ident for ident in then.keys() | now.keys() if then.get(ident) != now.get(ident)
    )
    return planned(store, *(Change(now.get(i), then.get(i), "restored") for i in changed))


def prepare_bulk(store: TenantStore) -> None:
    """A list with a snapshot, and all of it changed since."""
    prepare(store)
    rows = list(store.state().rows.values())
    apply(store, planned(store, *(edit(held, note="bulk")[0] for held in rows)))


@dataclass(frozen=True)
class Work:
    """What is done, to which list, how many days later."""

    before: Callable[[TenantStore], None]
    plan: Callable[[TenantStore], SyncPlan]
    days: int = 0


WORKS = {
    "first add": Work(lambda _: None, first_add),
    "edit": Work(prepare, one_edit),
    "bulk": Work(prepare, bulk),
    "undo": Work(prepare, undo),
    "sync": Work(prepare, sync),
    "add after an expiry": Work(prepare, bulk, days=2),
    "rotation": Work(grow, one_edit),
    "rotation by a bulk": Work(grow, bulk),
    "restore": Work(prepare_bulk, restore),
}

WITH_READS = ("edit", "rotation by a bulk")
"""What is tried on disks that fail at reading, too; `TIDEGATE_SOAK=1` tries all."""

TROUBLES = [
    pytest.param(Kind.BROKEN, False, id="one call fails"),
    pytest.param(Kind.BROKEN, True, id="the disk dies"),
    pytest.param(Kind.FULL, True, id="full"),
    pytest.param(Kind.SHORT, False, id="short write"),
    *([pytest.param(Kind.FULL, False, id="full for one call")] if SOAK else []),
]


def states(folder: Path) -> dict[int, dict[str, Indicator]]:
    """The rows at each change."""
    rows: dict[str, Indicator] = {}
    found = {0: dict(rows)}
    for entry in TenantStore(folder).entries():
        for change in entry.changes:
            if change.before is not None:
                del rows[change.before.id]
            if change.after is not None:
                rows[change.after.id] = change.after
        found[entry.serial] = dict(rows)
    return found


def runs(
    base: Path, kind: Kind, *, for_ever: bool = False, reads: bool = True
) -> Iterator[tuple[TroubledDisk, Path]]:
    """Copies of the list on disks that fail at the first call, the second, and so on."""
    for number in count(1):
        root = base.with_name(f"{base.name}-{number}")
        shutil.copytree(base, root)
        disk = TroubledDisk(root, kind=kind, number=number, for_ever=for_ever, reads=reads)
        yield disk, root / "tenants" / "default"
        shutil.rmtree(root)
        if not disk.struck:
            return


@dataclass
class Trial:
    """One change, tried on a disk in trouble after another."""

    base: Path
    work: Work

    def __post_init__(self) -> None:
        self.base.mkdir()
        store = TenantStore(self.base / "tenants" / "default")
        self.work.before(store)
        self.old, self.plan = store.state().serial, self.work.plan(store)
        finished = self.base.with_name("finished")
        shutil.copytree(self.base, finished)
        store = TenantStore(finished / "tenants" / "default")
        apply(store, self.plan, days=self.work.days)
        self.new, self.known = store.state().serial, states(store.folder)

    def run(self, disk: TroubledDisk, folder: Path) -> int:
        """Do the work on this disk and return the serial that the list has then."""
        store = TenantStore(folder, lock_wait=0.2)
        calls = SystemCalls(disk.root, disk)
        acknowledged = False
        with contextlib.suppress(TidegateError, OSError), calls():
            apply(store, self.plan, days=self.work.days)
            acknowledged = True
        where = f"call {disk.number}: {disk.struck}"
        assert calls.open_files == [], where
        assert disk.missed() == [], where
        found = TenantStore(folder).state()
        assert found.serial in range(self.new if acknowledged else self.old, self.new + 1), where
        assert dict(found.rows) == self.known[found.serial], where
        seen = store.state()
        assert (seen.serial, dict(seen.rows)) == (found.serial, dict(found.rows)), where
        if acknowledged:
            left = serial_after_power_loss(disk, disk.root.with_name("image"))
            assert left == self.new, f"{where}: acknowledged, and gone with the power"
        faults = [snapshot.fault for snapshot in store.snapshots.all()]
        assert not any(faults), where
        after_that(store, where)
        return found.serial


@pytest.mark.parametrize(("kind", "for_ever"), TROUBLES)
@pytest.mark.parametrize("name", WORKS)
def test_iofault_at_any_call_leaves_the_old_list_or_the_new_one(
    tmp_path: Path, name: str, kind: Kind, *, for_ever: bool
) -> None:
    trial = Trial(tmp_path / "home", WORKS[name])
    serials = []
    reads = SOAK or name in WITH_READS
    for disk, folder in runs(trial.base, kind, for_ever=for_ever, reads=reads):
        serials.append(trial.run(disk, folder))
        left = [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]
        assert for_ever or "unlink" in disk.struck or left == [], disk.struck
    assert serials[-1] == trial.new, "without a fault the work is done"
    assert kind is Kind.SHORT or {trial.old, trial.new} <= set(serials), "both happen"


def test_iofault_shows_when_the_store_takes_no_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(tmp_path / "home", WORKS["edit"])
    enter = SystemCalls.__call__

    @contextlib.contextmanager
    def careless(self: SystemCalls) -> Iterator[None]:
        with enter(self), monkeypatch.context() as patch:
            real = os.fsync

            def fsync(number: int) -> None:
                with contextlib.suppress(OSError):
                    real(number)

            patch.setattr(os, "fsync", fsync)
            yield

    monkeypatch.setattr(SystemCalls, "__call__", careless)
    with pytest.raises(AssertionError, match="fsync"):
        collections.deque(trial.run(disk, folder) for disk, folder in runs(trial.base, Kind.BROKEN))


def after_that(store: TenantStore, where: str) -> None:
    """The next write works, and the history is whole."""
    state = store.state()
    serial, rows = state.serial, dict(state.rows)
    apply(store, planned(store, *create(row(-1))))
    again = TenantStore(store.folder)
    assert dict(again.state().rows) == {**rows, row(-1).id: row(-1)}, where
    assert [e.serial for e in again.entries()] == list(range(1, serial + 2)), where


def serial_after_power_loss(disk: TroubledDisk, scratch: Path) -> int:
    """The last change that is found when nothing but what was synced is left."""
    worst = next(images(disk.point("the end"), random.Random(1)))  # noqa: S311 - no secret
    scratch.mkdir()
    worst.lay_out(scratch)
    serial = TenantStore(scratch / "tenants" / "default").state().serial
    shutil.rmtree(scratch)
    return serial
