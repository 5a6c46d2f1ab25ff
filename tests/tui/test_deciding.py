from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.tui.deciding import ACCEPTED, MIXED, NOT_NOW, Decisions
from tui.stage import NOW, make_row

NEW = [Change(None, make_row(n), "rule c2") for n in range(4)]


def test_a_sign_stands_for_all_that_is_under_it() -> None:
    decisions = Decisions()
    assert (decisions.sign(NEW), len(decisions)) == ("", 0)
    decisions.decide(NEW[:2], yes=True)
    decisions.decide(NEW[2:], yes=False)
    assert [decisions.sign([change]) for change in NEW] == [ACCEPTED] * 2 + [NOT_NOW] * 2
    assert decisions.sign(NEW) == MIXED
    assert decisions.accepted == {change.name for change in NEW[:2]}
    decisions.decide(NEW, yes=None)
    assert not decisions


def test_a_decision_stays_with_what_a_change_does_whatever_its_dates() -> None:
    gone = Change(make_row(9), None, "gone")
    decisions = Decisions()
    decisions.decide([*NEW, gone], yes=True)
    later = replace(make_row(0), updated=NOW + timedelta(days=1), score=3.0)
    other = replace(make_row(1), action=Action.ALLOW)
    plan = SyncPlan(
        "x", 4, "sync", "sync",
        (Change(None, later, "rule c2"), Change(None, other, "rule c2"), NEW[2], gone),
    )  # fmt: skip
    decisions.carry(None)
    assert len(decisions) == 5
    decisions.carry(plan)
    assert decisions.accepted == {NEW[0].name, NEW[2].name, gone.name}
    decisions.carry(SyncPlan("x", 5, "sync", "sync"))
    assert not decisions
