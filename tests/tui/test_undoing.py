from __future__ import annotations

import dataclasses
from pathlib import Path

from driving.homes import DOCUMENTATION
from tidegate.config import Home
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.service import apply
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.tui.gate import WorkspaceGate
from tidegate.tui.undoing import question, title, turned_round
from tui.stage import NOW, make_row

ROWS = [make_row(number) for number in range(21)]


def step(changes: tuple[Change[Indicator], ...], **fields: str) -> tuple[SyncPlan, Entry]:
    known = {"actor": "ana", "door": "remove", "reason": "removed by hand", **fields}
    entry = Entry(7, NOW, known["actor"], known["door"], known["reason"], changes)
    plan = SyncPlan("x", 8, "undo", "undo", inverted(changes, "undo"), undoes=7)
    return plan, entry


def test_afterwards_it_says_which_change_and_what_became_of_the_rows() -> None:
    plan, entry = step((Change(ROWS[0], None, "remove"),))
    assert turned_round(plan, entry) == "took back change 7 (removed by hand): 1 row is back"
    edited = dataclasses.replace(ROWS[1], note="x")
    plan, entry = step((Change(None, ROWS[0], ""), Change(ROWS[1], edited, "")))
    assert turned_round(plan, entry).endswith(": 1 row is as before, 1 row is gone")


def test_redoing_is_told_in_its_own_words() -> None:
    edited = dataclasses.replace(ROWS[1], note="x")
    plan, entry = step((Change(ROWS[0], None, ""), Change(ROWS[1], edited, "")))
    assert title(plan, entry) == ("Take back change 7?", "Take back")
    undo = Entry(8, NOW, "ana", "undo", f"undo of change 7: {entry.reason}", undoes=7)
    redo = dataclasses.replace(plan, door="redo", undoes=8)
    assert title(redo, undo) == ("Redo change 7?", "Redo")
    said = turned_round(redo, undo)
    assert said.startswith("redid change 7 (removed by hand): ")
    assert said.endswith("1 row is back, 1 row is changed again")


def test_the_question_about_a_sync_tells_what_stays_away_and_what_is_pinned(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    ws = Workspace.open(home, clock=lambda: NOW)
    gate = WorkspaceGate(ws)
    feed = [
        dataclasses.replace(row, created=NOW, updated=NOW, expires=None, origin=Origin.FEED)
        for row in ROWS[:3]
    ]

    def sync(*changes: Change[Indicator]) -> None:
        state = ws.store.state()
        apply.apply(ws, SyncPlan(state.lineage, state.serial, "sync", "sync of acme", changes))

    sync(*(Change(None, row, "wanted") for row in feed))
    plan = gate.plan_undo()
    assert plan.undoes is not None
    lines = question(plan, gate.step(plan.undoes))
    assert lines[0] == f"sync of acme (sync), by {ws.actor}, 2026-06-01 12:00 UTC"
    assert lines[1:] == [
        "It was: 3 added",
        "Now: 3 rows are gone",
        "3 rows will stay away: suppressed for every feed",
    ]
    gate.apply(plan)
    redo = gate.plan_redo()
    assert redo.undoes is not None
    lines = question(redo, gate.step(redo.undoes))
    assert lines[0].startswith("undo of change 1: sync of acme (undo), by ")
    assert lines[1:] == [
        "It was: 3 removed",
        "Now: 3 rows are back",
        "3 suppressions will be lifted: feeds are heard again",
    ]
    gate.apply(redo)
    held = ws.store.state().rows
    after = dataclasses.replace(held[feed[1].id], title="other")
    sync(Change(held[feed[0].id], None, "gone"), Change(held[feed[1].id], after, "new title"))
    plan = gate.plan_undo()
    assert plan.undoes is not None
    assert question(plan, gate.step(plan.undoes))[2:] == [
        "Now: 1 row is back, 1 row is as before",
        "1 row will be pinned: every sync keeps them",
        "1 row will keep the fields put back at every sync",
    ]
    ws.close()
