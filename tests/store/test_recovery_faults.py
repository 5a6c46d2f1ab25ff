"""A damaged list is brought back while the disk fails, or the power: it comes back later, then.

`TIDEGATE_SOAK=1` lets the disk fail at every read, too.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from strategies.builders import NOW, create, edit, row
from strategies.disk import Disk, images, in_memory, quicken
from strategies.stores import apply
from strategies.system_calls import SystemCalls
from strategies.trouble import Kind, TroubledDisk
from tidegate.errors import StoreDamaged, TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.store import journal, tenant_store
from tidegate.store.recovery import Recovery
from tidegate.store.tenant_store import TenantStore

Rows = dict[str, Indicator]
Damage = Callable[[Path], None]


def flip(path: Path, at: float) -> None:
    """Damage one byte, so far along the file."""
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    path.write_bytes(data)


def spoil_checkpoint(folder: Path) -> None:
    flip(folder / "tenant.json", 0.5)


def spoil_journal(folder: Path) -> None:
    flip(folder / "journal.jsonl", 0.5)


def spoil_archive(folder: Path) -> None:
    flip(min(folder.glob("journal-*.jsonl")), 0.5)


def empty_both(folder: Path) -> None:
    (folder / "tenant.json").write_bytes(b"")
    (folder / "journal.jsonl").write_bytes(b"")


SOAK = bool(os.environ.get("TIDEGATE_SOAK"))
TROUBLES = [(Kind.BROKEN, True), *([(Kind.BROKEN, False), (Kind.FULL, True)] if SOAK else [])]
DAMAGES = [spoil_checkpoint, spoil_journal, spoil_archive, empty_both]


@pytest.fixture(name="tmp_path")
def _tmp_path() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


@pytest.fixture(name="base")
def _base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose list has snapshots, two journals put away and changes after the checkpoint."""
    monkeypatch.setattr(tenant_store, "BULK", 5)
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 6)
    monkeypatch.setattr(journal, "ROTATE_AT", 9_000)
    quicken(monkeypatch)
    store = TenantStore(tmp_path / "home" / "tenants" / "default")
    apply(store, *create(*(row(n) for n in range(6))))
    while len(store.journal.archives()) < 2:
        rows = list(store.state().rows.values())
        apply(store, *(edit(held, note=held.note + "x")[0] for held in rows))
    for number in range(4):
        apply(store, *edit(store.state().rows[row(0).id], description="after " * number))
    return tmp_path / "home"


def tenant(home: Path) -> Path:
    return home / "tenants" / "default"


def recover(folder: Path, ident: str = "") -> None:
    """Bring the list back, as its hint says."""
    Recovery(folder, lock_wait=0.2).recover(ident or last_snapshot(folder), NOW, "ana")


def last_snapshot(folder: Path) -> str:
    last = Recovery(folder).snapshots.last_good()
    assert last is not None
    return last.id


def rows(folder: Path) -> Rows:
    return dict(TenantStore(folder).state().rows)


def damaged(base: Path, damage: Damage) -> Rows:
    """Damage the list; return what there is once it was brought back without disturbance."""
    damage(tenant(base))
    finished = base.with_name("finished")
    shutil.copytree(base, finished)
    assert Recovery(tenant(finished)).fault() is not None
    recover(tenant(finished))
    return whole(tenant(finished))


def whole(folder: Path) -> Rows:
    """The rows of a list on which nothing is wrong, and which can be written to."""
    assert Recovery(folder).fault() is None
    found = rows(folder)
    apply(TenantStore(folder), *create(row(-1)))
    assert rows(folder) == {**found, row(-1).id: row(-1)}
    return found


def brought_back(folder: Path) -> Rows:
    """The rows after a recovery that was cut off: at once, or when it is done again."""
    if Recovery(folder).fault() is None:
        return whole(folder)
    with contextlib.suppress(StoreDamaged):
        rows(folder)
    recover(folder)
    return whole(folder)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("kind", "for_ever"), TROUBLES)
@pytest.mark.parametrize("damage", DAMAGES if SOAK else [spoil_journal, spoil_archive])
def test_iofault_at_any_call_of_a_recovery_leaves_it_to_be_done_again(
    base: Path, damage: Damage, kind: Kind, *, for_ever: bool
) -> None:
    wanted, ident = damaged(base, damage), last_snapshot(tenant(base))
    for number in count(1):
        home = base.with_name("tried")
        shutil.copytree(base, home)
        disk = TroubledDisk(home, kind=kind, number=number, for_ever=for_ever, reads=SOAK)
        with contextlib.suppress(TidegateError, OSError), SystemCalls(disk.root, disk)():
            recover(tenant(home), ident)
        assert brought_back(tenant(home)) == wanted, f"call {number}: {disk.struck}"
        shutil.rmtree(home)
        if not disk.struck:
            break


@pytest.mark.parametrize("damage", DAMAGES)
def test_power_loss_at_any_call_of_a_recovery_leaves_it_to_be_done_again(
    base: Path, damage: Damage
) -> None:
    wanted = damaged(base, damage)
    home, image_folder = base.with_name("tried"), base.with_name("image")
    shutil.copytree(base, home)
    disk = Disk(home)
    with disk.watching():
        recover(tenant(home))
    assert disk.missed() == []
    dice = random.Random(1)  # noqa: S311 - a choice of images, no secret
    seen = set()
    for point in (*disk.points, disk.point("the end")):
        for image in images(point, dice):
            if image.key in seen:
                continue
            seen.add(image.key)
            image_folder.mkdir()
            image.lay_out(image_folder)
            assert brought_back(tenant(image_folder)) == wanted, f"{point.call}, {image.fate}"
            shutil.rmtree(image_folder)
    assert rows(tenant(home)) == wanted
