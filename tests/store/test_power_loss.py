"""Power fails before any call, and the disk keeps no more than it was told to: nothing is lost.

`TIDEGATE_SOAK=1` lets chance decide twenty times as often.
"""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.disk import Disk, Image, Point, images, in_memory, quicken
from tidegate.config import Home
from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, inverted
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.workspace import Workspace
from tidegate.store import journal, tenant_store
from tidegate.store.entry import Entry
from tidegate.store.tenant_store import TenantStore

ROUNDS = 20 if os.environ.get("TIDEGATE_SOAK") else 1
"""How often chance decides anew what reached the disk."""


@pytest.fixture(name="tmp_path")
def _tmp_path() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots, checkpoints and rotations after a few rows: a short history has several."""
    monkeypatch.setattr(tenant_store, "BULK", 5)
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 6)
    monkeypatch.setattr(journal, "ROTATE_AT", 9_000)
    quicken(monkeypatch)


def replayed(entries: list[Entry]) -> list[dict[str, Indicator]]:
    """The rows after each change, by serial."""
    states: list[dict[str, Indicator]] = [{}]
    for entry in entries:
        rows = dict(states[-1])
        for change in entry.changes:
            if change.before is not None:
                del rows[change.before.id]
            if change.after is not None:
                rows[change.after.id] = change.after
        states.append(rows)
    return states


@dataclass(frozen=True)
class Mark:
    """What was acknowledged: the last change, and the snapshots taken before it."""

    serial: int = 0
    snapshots: frozenset[str] = frozenset()


@dataclass
class Journey:
    """A list that is worked on while its disk is watched."""

    folder: Path
    disk: Disk
    store: TenantStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = TenantStore(self.folder)
        self.disk.mark = Mark()

    def step(self, *changes: Change[Indicator], later: int = 0, number: int = 0) -> Entry:
        """Apply changes; once that returned, they are acknowledged."""
        state = self.store.state()
        wanted = plan(changes, serial=state.serial, lineage=state.lineage)
        if number:
            note = suppression(number)
            wanted = dataclasses.replace(wanted, suppressions=(Change(None, note, "kept out"),))
        now = NOW + timedelta(days=later)
        entry = self.store.apply(wanted, limit=LIMIT, now=now, actor="ana")
        assert entry is not None
        kept = frozenset(path.name for path in self.store.snapshots.folder.iterdir())
        self.disk.mark = Mark(entry.serial, kept)
        return entry

    def tear(self) -> None:
        """Leave what a crash while appending leaves: less than a record, of which all is safe."""
        path = self.store.journal.path
        number = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.write(number, b'{"sum":"' + b"torn " * 600)
        os.fsync(number)
        os.close(number)

    def held(self, number: int) -> Indicator:
        return self.store.state().rows[row(number).id]

    def travel(self) -> None:
        """Add, edit, bulk with a checkpoint, undo, expiry, a sync's mixture, and a rotation."""
        self.step(*create(row(0)))
        self.step(*edit(self.held(0), note="one"))
        bulk = self.step(*create(*(row(n, expires=NOW + timedelta(days=n)) for n in range(1, 9))))
        self.step(*inverted(bulk.changes, "undo"))
        self.step(*create(row(1, expires=NOW + timedelta(days=1)), row(2)))
        self.step(*create(row(3)), later=2)  # row 1 expires
        self.step(*create(row(4)), *remove(self.held(2)), *edit(self.held(3), note="x"), number=2)
        for number in range(10):
            self.step(*edit(self.held(0), description=f"{number} " * 500))
        self.tear()
        self.step(*edit(self.held(0), description="after " * 400))
        self.step(*create(*(row(n) for n in range(20, 26))))
        self.step(*edit(self.held(20), note="last"))


def faults(point: Point, image: Image, folder: Path, states: list[dict[str, Indicator]]) -> str:
    """What is wrong with the list that is found in the image; empty when nothing is."""
    store = TenantStore(folder / "tenants" / "default", lock_wait=0.5)
    try:
        state = store.state()
        serial, rows = state.serial, dict(state.rows)
        snapshots = {found.path.name: found.fault for found in store.snapshots.all()}
        history = [entry.serial for entry in store.entries()]
        added = plan(create(row(-1)), serial=serial, lineage=state.lineage)
        entry = store.apply(added, limit=LIMIT, now=NOW, actor="survivor")
        again = TenantStore(store.folder).state()
    except (TidegateError, OSError) as fault:
        return f"refused: {fault}"
    assert isinstance(point.mark, Mark)
    wrong = {
        f"change {point.mark.serial} was acknowledged and {serial} is the last": (
            serial < point.mark.serial
        ),
        f"the rows are not those of change {serial}": (
            serial >= len(states) or rows != states[serial]
        ),
        f"the history is {history}": history != list(range(1, serial + 1)),
        f"the snapshots are {snapshots}, and not {set(point.mark.snapshots)}": (
            any(snapshots.values()) or not point.mark.snapshots <= snapshots.keys()
        ),
        "a later write is not there": (
            entry is None or dict(again.rows) != {**rows, row(-1).id: row(-1)}
        ),
    }
    return "; ".join(text for text, true in wrong.items() if true)


def campaign(disk: Disk, states: list[dict[str, Indicator]], scratch: Path) -> Iterator[str]:
    """Lay out the images of all points; yield what is wrong."""
    dice = random.Random(20260110)  # noqa: S311 - a choice of images, no secret
    seen = set()
    points = (*disk.points, disk.point("the end"))
    for number, point in enumerate(points * ROUNDS):
        for image in images(point, dice):
            key = (point.mark, image.key)
            if key in seen:
                continue
            seen.add(key)
            scratch.mkdir()
            image.lay_out(scratch)
            fault = faults(point, image, scratch, states)
            shutil.rmtree(scratch)
            if fault:
                yield f"before call {number % len(points)} ({point.call}), {image.fate}: {fault}"


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_power_loss_before_any_call_loses_nothing_acknowledged(home: Path, tmp_path: Path) -> None:
    disk = Disk(home)
    journey = Journey(home / "tenants" / "default", disk)
    with disk.watching():
        journey.travel()
    assert disk.missed() == []
    states = replayed(list(journey.store.entries()))
    assert dict(journey.store.state().rows) == states[-1]
    assert list(campaign(disk, states, tmp_path / "image")) == []
    calls = {point.call.partition(" ")[0] for point in disk.points}
    assert {"write", "fsync", "mkdir"} <= calls
    assert {"replace", "rename"} & calls


def test_power_loss_after_the_first_add_in_a_new_home_loses_nothing(
    home: Path, tmp_path: Path
) -> None:
    disk = Disk(home)
    with disk.watching():
        ws = Workspace.open(Home(home / "of" / "tidegate"), clock=lambda: NOW)
        apply(ws, plan_add(ws, ["45.9.148.108"], Fields()).plan)
    dice = random.Random(1)  # noqa: S311 - a choice of images, no secret
    for number, image in enumerate(images(disk.point("the end"), dice)):
        folder = tmp_path / f"image-{number}"
        folder.mkdir()
        image.lay_out(folder)
        found = Workspace.open(Home(folder / "of" / "tidegate"), clock=lambda: NOW)
        assert [row.value for row in found.store.active(NOW)] == ["45.9.148.108"], image.fate


def deaf(real: Callable[[int], None], to: Callable[[int], bool]) -> Callable[[int], None]:
    """An fsync that does nothing for files of one kind."""

    def fsync(number: int) -> None:
        if not to(os.fstat(number).st_mode):
            real(number)

    return fsync


@pytest.mark.parametrize("ignored", [stat.S_ISREG, stat.S_ISDIR], ids=["files", "folders"])
def test_power_loss_shows_when_the_store_does_not_sync(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ignored: Callable[[int], bool]
) -> None:
    disk = Disk(home)
    journey = Journey(home / "tenants" / "default", disk)
    with disk.watching(), monkeypatch.context() as patch:
        patch.setattr(os, "fsync", deaf(os.fsync, ignored))
        journey.step(*create(row(0)))
        journey.step(*edit(row(0), note="one"))
    states = replayed(list(journey.store.entries()))
    found = next(campaign(disk, states, tmp_path / "image"), "")
    assert "was acknowledged" in found or "refused" in found


def left(disk: Disk) -> list[dict[str, bytes]]:
    """What may be found now; the worst comes first."""
    dice = random.Random(1)  # noqa: S311 - a choice of images, no secret
    found = images(disk.point("now"), dice)
    return [{path.name: content for path, content in image.files.items()} for image in found]


def test_power_loss_keeps_what_was_synced_and_no_more(home: Path) -> None:
    (home / "old").write_bytes(b"old")
    disk = Disk(home)
    with disk.watching():
        number = os.open(home / "new", os.O_WRONLY | os.O_CREAT)
        os.write(number, b"safe")
        os.fsync(number)
        os.write(number, b" and not")
        os.close(number)
        unnamed = left(disk)
        folder = os.open(home, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        named = left(disk)
        (home / "new").replace(home / "old")
        replaced = left(disk)
    assert disk.missed() == []
    assert unnamed[0] == {"old": b"old"}
    assert {"old": b"old", "new": b"safe"} in unnamed
    assert named[0] == {"old": b"old", "new": b"safe"}
    assert {"old": b"old", "new": b"safe and not"} in named
    assert {"old": b"old", "new": b"safe" + bytes(8)} in named
    assert {"old": b"old"} not in named
    assert replaced[0] == {"old": b"old", "new": b"safe"}
    assert {"old": b"safe"} in replaced
    assert not any({"old", "new"}.isdisjoint(names) for names in replaced)


def test_power_loss_is_not_simulated_when_a_call_goes_by_unseen(home: Path) -> None:
    disk = Disk(home)
    with disk.watching():
        (home / "seen").touch()
    (home / "unseen").touch()
    assert [Path(name).name for name in disk.missed()] == ["unseen"]
