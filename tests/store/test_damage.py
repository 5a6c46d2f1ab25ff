"""Damage at every byte of the journal's last two records, before and behind the checkpoint.

An incomplete last record is repaired by the next write; everything else is refused, untouched, and
brought back by the last good snapshot with all that can still be read. `TIDEGATE_SOAK=1` tries the
recovery at every byte, too, not at some.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from driving.homes import Cli
from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.stores import apply, contents, flipped
from tidegate.config import Home
from tidegate.errors import ExitCode, StoreDamaged
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change
from tidegate.service.doctor.examine import examine
from tidegate.store import tenant_store
from tidegate.store.recovery import Recovery
from tidegate.store.snapshots import Snapshots
from tidegate.store.tenant_store import TenantStore

SOAK = bool(os.environ.get("TIDEGATE_SOAK"))
MASKS = (0x01, 0x02, 0x04, 0x07, 0x08, 0x10, 0x20, 0x40, 0x80)
"""Every bit, and what makes a carriage return of a line end."""
Rows = dict[str, Indicator | Suppression]


@dataclass
class Subject:
    """A list of five changes, each of which is remembered."""

    folder: Path
    covered: bool
    states: list[Rows] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Bytes of the journal after each change."""

    @property
    def home(self) -> Path:
        return self.folder.parents[1]

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def without(self, serial: int) -> Rows:
        """All that can be read when the record of change 4 or 5 cannot."""
        if self.covered:
            return self.states[5]
        if serial == 5:
            return self.states[4]
        # What change 5 says of its rows holds although the change before it is unknown.
        touched = (row(4), suppression(1))
        return {**self.states[3], touched[0].id: touched[0], f"not {touched[1].id}": touched[1]}

    def note(self) -> None:
        self.states.append(everything(self.folder))
        self.ends.append(self.journal.stat().st_size if self.states[1:] else 0)


def everything(folder: Path) -> Rows:
    """Rows and suppressions of a list, as a process finds them that has just started."""
    state = TenantStore(folder).state()
    return {**state.rows, **{f"not {key}": each for key, each in state.suppressions.items()}}


def replayed(store: TenantStore) -> Rows:
    """The list as its history makes it."""
    rows: Rows = {}
    for entry in store.entries():
        gone = [c.before.id for c in entry.changes if c.before is not None]
        rows = {key: each for key, each in rows.items() if key not in gone}
        rows |= {c.after.id: c.after for c in entry.changes if c.after is not None}
        rows |= {f"not {c.after.id}": c.after for c in entry.suppressions if c.after is not None}
    return rows


@pytest.fixture(name="subject", params=[True, False], ids=["covered", "behind"])
def _subject(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Subject:
    """A list whose last two records the checkpoint covers, or none but the first."""
    # Nothing here is about what reaches the disk, and syncing takes nine tenths of the time.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    if request.param:
        monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 1)
    made = Subject(tmp_path / "home" / "tenants" / "default", request.param)
    store = TenantStore(made.folder)
    made.note()
    edited = row(2, note="ü “quoted”")
    for changes in (
        create(row(1), row(2)),
        edit(row(2), note="ü “quoted”"),
        create(row(3)),
        (*remove(row(1)), *edit(edited, note="twice")),
    ):
        apply(store, *changes)
        made.note()
    state = store.state()
    kept_out = [Change(None, suppression(1), "by hand")]
    last = plan(create(row(4)), serial=4, lineage=state.lineage, suppressions=kept_out)
    store.apply(last, limit=LIMIT, now=NOW, actor="ana")
    made.note()
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", lambda _: None)
    (made.home / "config.toml").write_text('[guards]\ndocumentation = "warn"\n', "utf-8")
    return made


def refused(folder: Path) -> None:
    """The list is refused at reading and at writing, left alone, and the hint says what helps."""
    before = contents(folder)
    with pytest.raises(StoreDamaged) as caught:
        TenantStore(folder).state()
    last = Snapshots(folder / "snapshots").last_good()
    assert last is not None
    assert f"`tidegate restore {last.id}`" in caught.value.hint
    assert contents(folder) == before


def brought_back(subject: Subject, expected: Rows, dice: random.Random) -> None:
    """After a recovery there is a list again that is whole, and it is that one."""
    home = subject.home.with_name("copy")
    shutil.copytree(subject.home, home)
    folder = home / "tenants" / "default"
    damaged = contents(folder)
    last = Snapshots(folder / "snapshots").last_good()
    assert last is not None
    done = Recovery(folder).recover(last.id, NOW, "ana")
    assert everything(folder) == expected
    store = TenantStore(folder)
    assert replayed(store) == expected
    assert Recovery(folder).fault() is None
    kept = contents(done.kept)
    assert kept == {name: damaged[name] for name in kept} != {}
    if dice.random() < 0.1:  # the public suffixes are read anew each time
        assert not [found for found in examine(Home(home)).findings if found.damage]
    apply(store, *create(row(9)))
    assert everything(folder) == {**expected, row(9).id: row(9)}
    shutil.rmtree(home)


@pytest.mark.timeout(1_800)
def test_a_flip_of_any_byte_of_the_last_two_records(subject: Subject) -> None:
    dice = random.Random(5)  # noqa: S311 - which bytes are tried further
    for at in range(subject.ends[3], subject.ends[5]):
        for number, mask in enumerate(dice.sample(MASKS, len(MASKS) if SOAK else 1)):
            whole = subject.journal.stat().st_size
            with flipped(subject.journal, at, mask):
                refused(subject.folder)
                if (SOAK and not number) or dice.random() < 0.03:
                    lost = 4 if at < subject.ends[4] else 5
                    whole_but_its_end = at + 1 in subject.ends
                    left = subject.states[5] if whole_but_its_end else subject.without(lost)
                    brought_back(subject, left, dice)
            assert subject.journal.stat().st_size == whole
    assert everything(subject.folder) == subject.states[5]


@pytest.mark.timeout(1_800)
def test_a_cut_at_any_byte_of_the_last_two_records(subject: Subject) -> None:
    dice = random.Random(6)  # noqa: S311 - which bytes are tried further
    whole = subject.journal.read_bytes()
    for size in range(len(whole) - 1, subject.ends[3] - 1, -1):
        os.truncate(subject.journal, size)
        if subject.covered:
            refused(subject.folder)
            if SOAK or dice.random() < 0.02:
                brought_back(subject, subject.states[5], dice)
            continue
        reached = 4 if size >= subject.ends[4] else 3
        store, remains = TenantStore(subject.folder), size - subject.ends[reached]
        assert everything(subject.folder) == subject.states[reached]
        assert (store.state().serial, store.journal.remains) == (reached, remains)
        assert subject.journal.stat().st_size == size, "readers repair nothing"
        if SOAK or dice.random() < 0.1:
            repaired(subject, store, subject.states[reached], remains)
            # The next cut starts from the same journal again.
            subject.journal.write_bytes(whole[:size])


def repaired(subject: Subject, store: TenantStore, before: Rows, remains: int) -> None:
    """The next write cuts off the remains and says how many bytes they were."""
    entry = apply(store, *create(row(9)))
    assert store.repaired == remains
    assert store.journal.remains == 0
    assert everything(subject.folder) == {**before, row(9).id: row(9)} == replayed(store)
    assert [e.serial for e in store.entries()] == list(range(1, entry.serial + 1))
    assert TenantStore(subject.folder).repaired == 0


@pytest.mark.parametrize("subject", [False], indirect=True, ids=["behind"])
@pytest.mark.parametrize("zeroed", ["whole", "no whole sector"])
def test_a_last_record_whose_sectors_never_arrived_is_incomplete(
    subject: Subject, zeroed: str
) -> None:
    """Power may fail so; a zero among other bytes is damage like any other."""
    store = TenantStore(subject.folder)
    before, begin = everything(subject.folder), subject.ends[5]
    apply(store, *create(row(8, description="x" * 2048)))
    sector = (begin // 512 + 2) * 512
    size = 512 if zeroed == "whole" else 511
    with subject.journal.open("r+b") as file:
        file.seek(sector)
        file.write(b"\0" * size)
    if zeroed == "whole":
        assert everything(subject.folder) == before
        store = TenantStore(subject.folder)
        remains = subject.journal.stat().st_size - begin
        assert list(store.journal.naming(row(8).value)) == []
        repaired(subject, store, before, remains)
    else:
        refused(subject.folder)


# -- coarser damage ------------------------------------------------------------------------------


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / "journal.jsonl"
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    return act


def emptied(name: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, 0)


def both_emptied(folder: Path) -> None:
    emptied("tenant.json")(folder)
    emptied("journal.jsonl")(folder)


def both_gone(folder: Path) -> None:
    (folder / "tenant.json").unlink()
    (folder / "journal.jsonl").unlink()


COARSE = {
    "journal emptied": (emptied("journal.jsonl"), 5, 1),
    "journal removed": (lambda f: (f / "journal.jsonl").unlink(), 5, 1),
    "list emptied": (emptied("tenant.json"), 5, 5),
    "both emptied": (both_emptied, 1, 1),
    "both removed": (both_gone, 1, 1),
    "second line dropped": (lines(lambda x: [x[0], *x[2:]]), 5, 5),
    "last lines swapped": (lines(lambda x: [*x[:3], x[4], x[3]]), 5, 5),
    "last line twice": (lines(lambda x: [*x, x[-1]]), 5, 5),
    "first line dropped": (lines(lambda x: x[1:]), 5, 5),
    "torn in the middle": (lines(lambda x: [*x[:3], x[3][:-9], x[4]]), 5, None),
    "a line of nothing": (lines(lambda x: [*x[:4], b"\n", x[4]]), 5, 5),
}
"""Damage, and the change that is reached when the checkpoint covers all, or the first alone.

None: all of the last, but change 4.
"""


@pytest.mark.parametrize("name", COARSE)
def test_the_command_line_exits_4_and_restore_brings_the_list_back(
    subject: Subject, name: str
) -> None:
    damage, covered, behind = COARSE[name]
    damage(subject.folder)
    refused(subject.folder)
    before = contents(subject.folder)
    cli = Cli(subject.home)
    ident = ""
    for words in (["list"], ["history"], ["add", "h9.example.com", "--yes"], ["quota"]):
        ran = cli(*words)
        if words == ["history"] and name == "list emptied":
            assert (ran.code, len(ran.out.splitlines())) == (0, 6), "the journal is well"
            continue
        assert ran.code == ExitCode.DAMAGED, words
        ident = ran.err.partition("`tidegate restore ")[2].partition("`")[0]
        assert ident, "the hint names the last good snapshot"
    assert contents(subject.folder) == before
    assert cli("doctor").code == ExitCode.DAMAGED
    assert contents(subject.folder) == before
    ran = cli("restore", ident, "--yes")
    assert ran.code == 0, ran.err
    reached = covered if subject.covered else behind
    left = subject.without(4) if reached is None else subject.states[reached]
    assert everything(subject.folder) == left
    assert not [found for found in examine(Home(subject.home)).findings if found.damage]
    assert cli("history").code == 0
