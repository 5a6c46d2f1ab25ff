"""Snapshots: going back on a list that is well, bringing back a damaged one, checking them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, bundle, indicator
from tidegate.config import Home
from tidegate.errors import StoreDamaged, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.importing import plan_import
from tidegate.service.snapshots import (
    damage,
    listing,
    plan_restore,
    record,
    recover,
    verified,
)
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace
from tidegate.store import tenant_store

Subscribe = Callable[..., FeedFolder]


@pytest.fixture(autouse=True)
def _every_change_is_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_store, "BULK", 1)


def add(ws: Workspace, *values: str, **fields: object) -> None:
    apply(ws, edit.plan_add(ws, values, Fields(**fields)).plan)  # type: ignore[arg-type] # Fields' own


def rows(ws: Workspace) -> dict[str, Indicator]:
    return dict(ws.store.state().rows)


def again(ws: Workspace) -> Workspace:
    """The home as another process finds it."""
    return Workspace.open(ws.home, clock=ws.clock)


def test_a_list_without_changes_has_no_snapshot(ws: Workspace) -> None:
    assert listing(ws) == ()
    with pytest.raises(UsageError, match="no snapshot is"):
        plan_restore(ws, "000001")


def test_the_newest_is_first_and_each_says_what_came_after_it(ws: Workspace) -> None:
    for number in range(3):
        add(ws, f"h{number}.example.com")
    found = listing(ws)
    assert [(s.serial, s.rows, s.fault) for s in found] == [(2, 2, ""), (1, 1, "")]
    assert found[0].reason == "before add h2.example.com"
    assert record(found[0])["at"] == "2026-06-01T12:00:00Z"
    assert record(found[0])["path"] == str(found[0].path)


def test_going_back_brings_the_list_of_then_and_undo_the_one_of_now(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    add(ws, "mine.example.com", note="keep")
    apply(ws, plan_suppress(ws, "h9.example.com", (), "noise", None))
    then, notes = rows(ws), dict(ws.store.state().suppressions)
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(severity=Severity.LOW)).plan)
    apply(ws, edit.plan_remove(ws, look.rows(ws)[:2]).plan)
    now, notes_now = rows(ws), dict(ws.store.state().suppressions)
    found = plan_restore(ws, next(s.id for s in listing(ws) if s.serial == 3))
    assert (found.serial, found.left_out, found.plan.door) == (3, (), "restore")
    apply(ws, found.plan)
    assert (rows(ws), dict(ws.store.state().suppressions)) == (then, notes)
    assert plan_restore(ws, found.id).plan.empty
    apply(ws, plan_undo(ws))
    assert rows(ws) == now
    assert notes_now.items() <= dict(ws.store.state().suppressions).items()


def test_a_snapshot_is_named_by_its_beginning_or_its_change(ws: Workspace) -> None:
    for number in range(3):
        add(ws, f"h{number}.example.com")
    whole = listing(ws)[1].id
    for name in (whole, whole[:8], "1", "000001"):
        assert plan_restore(ws, name).id == whole
    with pytest.raises(UsageError, match="2 snapshots are '00000'"):
        plan_restore(ws, "00000")


def test_rows_whose_time_is_over_stay_out_and_are_named(ws: Workspace, watch: Watch) -> None:
    add(ws, "short.example.com", expires=watch.now + timedelta(days=1))
    add(ws, "long.example.com")
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    watch.turn(days=2)
    found = plan_restore(ws, "000002")
    assert [c.row.value for c in found.plan.changes] == ["long.example.com"]
    assert found.left_out == ("short.example.com expired on 2026-06-02",)


def test_rows_that_a_guard_refuses_by_now_stay_out_and_are_named(
    home: Home, ws: Workspace, watch: Watch
) -> None:
    add(ws, "ours.example.org", "theirs.example.com", action=Action.ALERT_AND_BLOCK)
    add(ws, "late.example.com")
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    home.config_file.write_text(f'{DOCUMENTATION}[own]\ndomains = ["example.org"]\n', "utf-8")
    opened = again(ws)
    found = plan_restore(opened, "000001")
    assert [c.row.value for c in found.plan.changes] == ["theirs.example.com"]
    assert len(found.left_out) == 1
    assert "guard own refuses ours.example.org" in found.left_out[0]


def test_a_row_that_stands_is_not_taken_away_by_a_guard_that_came_later(
    home: Home, ws: Workspace
) -> None:
    add(ws, "ours.example.org", action=Action.ALERT_AND_BLOCK)
    add(ws, "late.example.com")
    home.config_file.write_text(f'{DOCUMENTATION}[own]\ndomains = ["example.org"]\n', "utf-8")
    opened = again(ws)
    found = plan_restore(opened, "000001")
    assert found.left_out == ()
    apply(opened, found.plan)
    assert [row.value for row in rows(opened).values()] == ["ours.example.org"]


def test_rows_of_others_in_the_tenant_come_back_unjudged(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    path.write_bytes(bundle([indicator(1, "[domain-name:value = 'microsoft.com']")]))
    apply(ws, plan_import(ws, path, Origin.FOREIGN).plan)
    add(ws, "late.example.com")
    before = rows(ws)
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    apply(ws, plan_restore(ws, "000002").plan)
    assert rows(ws) == before


def test_a_snapshot_of_another_list_is_taken_only_when_told(ws: Workspace, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.ensure()
    other.config_file.write_text(DOCUMENTATION, "utf-8")
    theirs = Workspace.open(other, clock=ws.clock)
    add(theirs, "theirs.example.com")
    add(ws, "mine.example.com")
    source = listing(theirs)[0]
    shutil.copy(source.path, ws.store.snapshots.folder)
    with pytest.raises(UsageError, match="of another list") as refused:
        plan_restore(ws, source.id)
    assert "--force-lineage" in refused.value.hint
    apply(ws, plan_restore(ws, source.id, force=True).plan)
    assert [row.value for row in rows(ws).values()] == ["theirs.example.com"]
    apply(ws, plan_undo(ws))
    assert [row.value for row in rows(ws).values()] == ["mine.example.com"]


def test_an_override_comes_back_on_its_own_list_and_on_no_other(
    ws: Workspace, tmp_path: Path
) -> None:
    add(ws, "8.8.8.8", action=Action.BLOCK, overrides={"public_resolver": "incident 7"})
    (mine,) = listing(ws)
    (before,) = rows(ws).values()
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    apply(ws, plan_restore(ws, mine.id).plan)
    assert list(rows(ws).values()) == [before]

    other = Home(tmp_path / "other")
    other.ensure()
    theirs = Workspace.open(other, clock=ws.clock)
    add(theirs, "theirs.evil.net")
    copy = theirs.store.snapshots.folder / mine.path.name.replace("000001", "000009")
    shutil.copy(mine.path, copy)
    found = plan_restore(theirs, copy.stem, force=True)
    assert [change.after for change in found.plan.changes] == [None]
    assert len(found.left_out) == 1
    assert "public_resolver" in found.left_out[0]


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["journal.jsonl", "tenant.json"])
@pytest.mark.parametrize("harm", [spoil, empty])
def test_a_damaged_list_comes_back_with_every_later_change_that_can_be_read(
    ws: Workspace, name: str, harm: Callable[[Path], None]
) -> None:
    for number in range(4):
        add(ws, f"h{number}.example.com")
    before = rows(ws)
    path = ws.store.folder / name
    harm(path)
    spoilt = path.read_bytes()
    opened = again(ws)
    fault = damage(opened)
    assert fault is not None
    assert name in fault.message or "journal" in fault.message
    with pytest.raises(StoreDamaged, match=r"restore 0") as refused:
        opened.store.state()
    assert listing(opened)[0].id in refused.value.hint
    done = recover(opened, listing(opened)[0].id)
    assert (done.kept / name).read_bytes() == spoilt
    assert damage(opened) is None
    assert rows(again(ws)) == before
    assert done.rows == len(before)
    add(opened, "after.example.com")
    assert [e.serial for e in opened.store.entries()][-1] == opened.store.state().serial


def test_bringing_back_is_refused_where_nothing_may_be_written(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    spoil(ws.store.folder / "journal.jsonl")
    looking = Workspace.open(ws.home, clock=ws.clock, read_only=True)
    with pytest.raises(UsageError, match="read-only"):
        recover(looking, listing(looking)[0].id)
    assert damage(looking) is not None


def test_every_snapshot_is_checked_and_a_bad_one_named(ws: Workspace) -> None:
    for number in range(4):
        add(ws, f"h{number}.example.com")
    assert [wrong for _, wrong in verified(ws)] == [(), (), ()]
    bad = listing(ws)[1]
    spoil(bad.path)
    found = {snapshot.id: wrong for snapshot, wrong in verified(ws)}
    assert [ident for ident, wrong in found.items() if wrong] == [bad.id]
    assert bad.path.name in found[bad.id][0]
    with pytest.raises(StoreDamaged):
        plan_restore(ws, bad.id)
