from __future__ import annotations

import dataclasses

from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import Applied
from tidegate.service.sync import FeedReport, SyncReport
from tidegate.tui.syncing import outcome, plan_lines, plan_title, reasons, sizes
from tui.stage import make_row

ROW, OTHER = make_row(1), make_row(2)
PLAN = SyncPlan(
    "x",
    1,
    "sync",
    "sync",
    (
        Change(None, ROW, "rule c2, score 81.2"),
        Change(None, make_row(5), "rule c2, score 12.0"),
        Change(OTHER, dataclasses.replace(OTHER, action=Action.ALLOW), "rule good"),
    ),
    held=(Change(ROW, None, "gone"),),
    held_reason="40% leave",
)
NUMBERS = (
    *("fetched", "objects", "indicators", "others", "mapped", "rejected", "ended", "atoms"),
    *("candidates", "rejected_atoms"),
)


def test_a_plan_says_why_so_many_rows_change_and_what_deserves_a_look() -> None:
    assert sizes(PLAN) == "+2 ~1 -0"
    assert PLAN.allowing == 1
    assert plan_title(PLAN) == "Apply this plan? +2 ~1 -0, 1 of them become Allow"
    assert reasons(PLAN.changes)[0].split() == ["+", "2", "rule", "c2"]
    texts = [text for _, text in plan_lines(PLAN)]
    assert texts[0].split() == ["+", "2", "rule", "c2"]
    assert any("the brake holds 1 more back: 40% leave" in text for text in texts)
    assert sum(ROW.value in text for text in texts) == 1


def test_what_a_sync_came_to_is_one_line() -> None:
    done = SyncReport((), PLAN, Applied(7, 2, 1, 0), pulled=("a", "b"))
    assert outcome(done) == "synced 2 feeds: 2 added, 1 changed · u undo"
    fault = FeedReport("b", **dict.fromkeys(NUMBERS, 0), error="no answer", note="", repairs={})
    broken = dataclasses.replace(done, feeds=(fault,))
    assert outcome(broken) == "synced 1 feed (1 failed): 2 added, 1 changed · u undo"
    nobody = dataclasses.replace(broken, pulled=("b",), applied=Applied(None, 0, 0, 0))
    assert outcome(nobody) == "synced no feed (1 failed): nothing changed"
    undone = dataclasses.replace(done, applied=None, pulled=("a",))
    assert outcome(undone) == "synced 1 feed: the plan was not applied"
