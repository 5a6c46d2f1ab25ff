"""What an undo leaves on a feed's row does not stop the next undo; a person's change does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from strategies.builders import row
from tidegate.errors import StalePlan
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.redo import plan_redos
from tidegate.service.residue import carried, may_differ_by_it
from tidegate.service.reversal import carry_out
from tidegate.service.sync import sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo, plan_undo_of, plan_undos
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def story(ws: Workspace, subscribe: Subscribe, watch: Watch) -> list[Indicator]:
    """A feed's row: created as A, renamed B, renamed C, removed; the rows after each step."""
    feed = subscribe("acme", [indicator(1, name="A"), indicator(2)])
    sync(ws)
    rows = [one(ws)]
    for name in ("B", "C"):
        feed.publish([indicator(1, name=name), indicator(2)], watch.now)
        sync(ws)
        rows.append(one(ws))
    feed.publish([indicator(2)], watch.now)
    sync(ws)
    assert [entry.door for entry in ws.store.entries()] == ["sync"] * 4
    return rows


def one(ws: Workspace) -> Indicator:
    (found,) = look.matching(ws, "h1.example.com")
    return found


def undo(ws: Workspace) -> None:
    apply(ws, plan_undo(ws))


def test_a_feeds_changes_go_back_one_by_one(ws: Workspace, story: list[Indicator]) -> None:
    undo(ws)
    assert (one(ws).title, one(ws).pinned, dict(one(ws).owned)) == ("C", True, {})
    undo(ws)
    assert (one(ws).title, one(ws).pinned, dict(one(ws).owned)) == ("B", True, {"title": "C"})
    undo(ws)
    # What the feed wanted last is what handing the field back would give.
    assert (one(ws).title, one(ws).pinned, dict(one(ws).owned)) == ("A", True, {"title": "C"})
    assert sync(ws).plan.empty
    undo(ws)
    assert look.rows(ws) == ()
    assert len(story) == 3


def test_at_once_is_the_same_as_one_by_one(ws: Workspace, story: list[Indicator]) -> None:
    after = dict(ws.store.state().rows)
    carry_out(ws, plan_undos(ws, 3))
    at_once = one(ws)
    carry_out(ws, plan_redos(ws, 3))
    assert dict(ws.store.state().rows) == after
    for _ in range(3):
        undo(ws)
    assert one(ws) == at_once
    assert at_once.title == story[0].title == "A"


def test_what_a_person_did_in_between_is_not_taken_for_it(
    ws: Workspace, story: list[Indicator]
) -> None:
    undo(ws)
    apply(ws, edit.plan_pin(ws, [one(ws)], pinned=False).plan)
    apply(ws, edit.plan_pin(ws, [one(ws)], pinned=True).plan)
    with pytest.raises(StalePlan, match=r"h1\.example\.com was changed again after change 3"):
        plan_undo_of(ws, Span(3, 3))
    carry_out(ws, plan_undos(ws, 2))
    assert len(plan_undo_of(ws, Span(3, 3))) == 1
    apply(ws, edit.plan_edit(ws, [one(ws)], Fields(note="seen")).plan)
    with pytest.raises(StalePlan, match="by change 10"):
        plan_undo_of(ws, Span(3, 3))
    assert story


def test_only_a_feeds_row_can_carry_it() -> None:
    fed = row(1, origin=Origin.FEED)
    marked = row(1, origin=Origin.FEED, pinned=True, owned={"title": "theirs"})
    assert may_differ_by_it(marked, fed)
    assert not may_differ_by_it(row(1, origin=Origin.FEED, pinned=True, note="x"), fed)
    assert not may_differ_by_it(row(1, pinned=True), row(1))
    assert not may_differ_by_it(None, fed)
    assert not may_differ_by_it(fed, None)
    change = carried(Change(fed, row(1, origin=Origin.FEED, title="old"), "undo"), marked)
    assert change.before == marked
    assert change.after is not None
    assert (change.after.title, change.after.pinned) == ("old", True)
    assert dict(change.after.owned) == {"title": "theirs"}
    assert carried(Change(fed, None, "undo"), marked) == Change(marked, None, "undo")
