"""Steps that are laid over the list, each seeing those before it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from strategies.builders import row
from tidegate.errors import StalePlan
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.decided import CannotStand, DecidedList
from tidegate.service.edit import Fields
from tidegate.service.workspace import Workspace


@pytest.fixture
def held(ws: Workspace) -> Indicator:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    return ws.store.state().rows[look.find(ws, "h1.example.com").id]


def test_steps_on_one_row_are_one_change_with_all_reasons(ws: Workspace, held: Indicator) -> None:
    draft = DecidedList(ws)
    for title in ("first", "second"):
        now = draft.row(held.id)
        assert now is not None
        draft.put(held.id, dataclasses.replace(now, title=title), f"because {title}")
    draft.keep_out(row(2), "noise")
    draft.keep_out(row(2), "noise")
    plan = draft.plan("resolve", "why")
    (change,) = plan.changes
    assert (change.before, change.reason) == (held, "because first; because second")
    assert (change.row.title, len(plan.suppressions)) == ("second", 1)
    apply(ws, plan)
    assert look.find(ws, "h1.example.com").title == "second"
    draft = DecidedList(ws)
    draft.keep_out(row(2), "noise")
    assert draft.plan("resolve", "said already").empty


def test_what_a_step_frees_the_next_may_take(ws: Workspace, held: Indicator) -> None:
    arriving = row(1, id="another", expires=ws.clock() + timedelta(days=1))
    draft = DecidedList(ws)
    assert draft.at(held.key) == held
    draft.put(held.id, None, "leaves")
    assert (draft.at(held.key), draft.row(held.id)) == (None, None)
    draft.create(arriving, "comes")
    assert draft.at(held.key) == arriving
    plan = draft.plan("resolve", "why")
    assert [change.op for change in plan.changes] == [Op.REMOVE, Op.CREATE]
    apply(ws, plan)
    assert [found.id for found in look.rows(ws)] == ["another"]


def test_what_may_not_stand_is_said(ws: Workspace, held: Indicator) -> None:
    draft = DecidedList(ws)
    draft.create(row(1, groups=("lab",)), "comes")
    for fields, words in (
        ({"groups": ("lab",)}, "another row has this value"),
        ({"expires": ws.clock()}, "expiry has passed"),
        ({"action": Action.WARN, "value": "microsoft.com"}, "guard protected"),
    ):
        with pytest.raises(CannotStand, match=words):
            draft.put(held.id, dataclasses.replace(held, **fields), "no")
    assert draft.row(held.id) == held


@pytest.mark.parametrize("asked", [True, False], ids=["asked before", "asked after"])
def test_what_another_changes_meanwhile_is_not_overwritten(
    ws: Workspace, held: Indicator, *, asked: bool
) -> None:
    draft = DecidedList(ws)
    if asked:
        assert draft.row(held.id) == held
    other = Workspace.open(ws.home, clock=ws.clock)
    apply(other, edit.plan_edit(other, look.rows(other), Fields(title="theirs")).plan)
    other.close()
    ws.store.state()  # moves on in place
    row = draft.row(held.id)
    assert row is not None
    draft.put(held.id, dataclasses.replace(row, description="ours"), "why")
    with pytest.raises(StalePlan):
        apply(ws, draft.plan("resolve", "why"))
    assert look.find(ws, "h1.example.com").title == "theirs"
