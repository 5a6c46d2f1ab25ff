"""Changes and plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, Op, SyncPlan, between, inverted

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OLD = Indicator(
    id="a",
    type=IndicatorType.DOMAIN_NAME,
    value="c2.example.com",
    action=Action.ALERT_ONLY,
    severity=Severity.LOW,
    title="",
    created=NOW,
    updated=NOW,
    origin=Origin.FEED,
)
NEW = replace(OLD, severity=Severity.HIGH)
CREATE: Change[Indicator] = Change(None, NEW, "new")
UPDATE: Change[Indicator] = Change(OLD, NEW, "changed")
REMOVE: Change[Indicator] = Change(OLD, None, "gone")


@pytest.mark.parametrize(
    ("change", "op", "row"),
    [(CREATE, Op.CREATE, NEW), (UPDATE, Op.UPDATE, NEW), (REMOVE, Op.REMOVE, OLD)],
)
def test_the_missing_side_says_what_happens(
    change: Change[Indicator], op: Op, row: Indicator
) -> None:
    assert change.op is op
    assert change.row is row


def test_a_change_needs_a_side() -> None:
    nothing: Change[Indicator] = Change(None, None, "")
    with pytest.raises(ValueError, match="neither side"):
        _ = nothing.row


def test_the_inverse_takes_changes_back_in_reverse() -> None:
    back = inverted([CREATE, UPDATE], "undo")
    assert [change.op for change in back] == [Op.UPDATE, Op.REMOVE]
    assert (back[0].before, back[0].after, back[0].reason) == (NEW, OLD, "undo")
    assert inverted(back, "") == (replace(CREATE, reason=""), replace(UPDATE, reason=""))


def test_a_plan_counts_its_changes() -> None:
    plan = SyncPlan("l", 1, "cli", "test", changes=(CREATE, UPDATE, REMOVE, CREATE))
    assert [plan.count(op) for op in Op] == [2, 1, 1]
    assert not plan.empty
    # Held changes are shown, never applied: a plan of nothing else changes nothing.
    assert SyncPlan("l", 1, "cli", "test", held=(REMOVE,)).empty


def test_between_two_sets_of_rows_lie_removals_first_and_nothing_that_is_the_same() -> None:
    other = replace(OLD, id="b")
    arriving = replace(OLD, id="0")
    found = between({"a": OLD, "b": other, "c": OLD}, {"a": NEW, "0": arriving, "c": OLD}, "why")
    assert [(c.op, c.row.id, c.reason) for c in found] == [
        (Op.REMOVE, "b", "why"),
        (Op.CREATE, "0", "why"),
        (Op.UPDATE, "a", "why"),
    ]
