"""The look ahead: plans over plans, with the checks that applying makes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from driving.homes import DOCUMENTATION, Watch
from strategies.builders import create, edit, plan, remove, row, suppression
from tidegate.config import Home
from tidegate.errors import HeldBack, StalePlan, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change
from tidegate.service.apply import apply
from tidegate.service.draft import Draft
from tidegate.service.workspace import Workspace

ONE, TWO = row(1), row(2)


@pytest.fixture
def held(ws: Workspace) -> Workspace:
    """A list of two rows."""
    apply(ws, plan(create(ONE, TWO), serial=0))
    return ws


def test_each_plan_lies_over_the_one_before(held: Workspace) -> None:
    draft = Draft(held)
    assert draft.row(ONE.id) == ONE
    renamed = replace(ONE, title="new")
    draft.take(plan(edit(ONE, title="new"), serial=1))
    assert draft.row(ONE.id) == renamed
    draft.take(plan(remove(renamed), serial=1))
    assert draft.row(ONE.id) is None
    note = suppression(1)
    draft.take(plan(serial=1, suppressions=[Change(None, note, "")]))
    assert draft.note(note.id) == note
    draft.take(plan(serial=1, suppressions=[Change(note, None, "")]))
    assert draft.note(note.id) is None
    assert held.store.state().rows[ONE.id] == ONE
    assert (draft.serial, draft.lineage) == (1, held.store.state().lineage)


def test_a_row_past_its_expiry_is_not_there(held: Workspace, watch: Watch) -> None:
    ending = row(3, expires=watch.now.replace(year=watch.now.year + 1))
    apply(held, plan(create(ending), serial=1))
    assert Draft(held).row(ending.id) == ending
    watch.turn(days=366)
    assert Draft(held).row(ending.id) is None


def test_an_identity_can_be_taken_once(held: Workspace) -> None:
    again = replace(ONE, id="another")
    draft = Draft(held)
    with pytest.raises(StalePlan, match=r"another row is h1\.example\.com"):
        draft.take(plan(create(again), serial=1))
    draft.take(plan(remove(ONE), serial=1))
    draft.take(plan(create(again), serial=1))
    with pytest.raises(StalePlan, match="another row"):
        draft.take(plan(create(ONE), serial=1))


def test_the_limit_counts_all_plans(home: Home, watch: Watch) -> None:
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    apply(ws, plan(create(ONE, TWO), serial=0))
    draft = Draft(ws)
    draft.take(plan(create(row(3)), serial=1))
    with pytest.raises(UsageError, match="would hold 4 of 3"):
        draft.take(plan(create(row(4)), serial=1))
    draft = Draft(ws)
    draft.take(plan(remove(ONE), serial=1))
    draft.take(plan(create(row(3), row(4)), serial=1))
    ws.close()


def test_guards_are_asked_about_what_a_row_does_and_not_of_foreign_rows(ws: Workspace) -> None:
    bad = row(5, value="microsoft.com")
    with pytest.raises(HeldBack, match="protected"):
        Draft(ws).take(plan(create(bad), serial=0))
    theirs: Indicator = replace(bad, origin=Origin.FOREIGN)
    Draft(ws).take(plan(create(theirs), serial=0))
    Draft(ws).take(plan(edit(bad, title="as it was"), serial=0))
