"""Who floods, and what is part of the flood."""

from __future__ import annotations

import pytest

from strategies.builders import row
from tidegate.allocation.brake import FeedNumbers, Thresholds
from tidegate.allocation.flood import flooding, floods
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change


def new(count: int, *feeds: str, start: int = 0) -> tuple[Change[Indicator], ...]:
    rows = (row(start + n, origin=Origin.FEED, feeds=feeds) for n in range(count))
    return tuple(Change(None, each, "new") for each in rows)


@pytest.mark.parametrize(
    ("before", "now", "created", "flood"),
    [
        (100, 200, 201, True),
        (100, 199, 201, False),
        (100, 20_000, 200, False),
        (0, 20_000, 201, False),
        (None, 20_000, 201, False),
    ],
)
def test_a_flood_is_twice_as_much_as_before_and_more_than_pass_at_once(
    before: int | None,
    now: int,
    created: int,
    flood: bool,  # noqa: FBT001 - a parameter of the table above
) -> None:
    numbers = [FeedNumbers("loud", now, before), FeedNumbers("calm", 10, 10)]
    changes = (*new(created, "loud"), *new(300, "calm", start=1_000))
    found = floods(changes, numbers, 15_000, Thresholds())
    assert [each.feed for each in found] == ["loud"] * flood
    if flood:
        assert found[0].rows == {c.row.id for c in changes[:created]}
        assert f"proposes {now:,}, {before:,} before, and would add {created:,}" in found[0].reason


def test_on_a_small_list_fewer_rows_are_a_flood() -> None:
    numbers = [FeedNumbers("loud", 40, 10)]
    assert floods(new(6, "loud"), numbers, 50, Thresholds())
    assert not floods(new(5, "loud"), numbers, 50, Thresholds())


def test_what_a_calm_feed_asks_for_as_well_is_no_part_of_it() -> None:
    numbers = [
        FeedNumbers("loud", 9_000, 10),
        FeedNumbers("more", 9_000, 10),
        FeedNumbers("c", 1, 1),
    ]
    changes = (
        *new(150, "loud", "more"),
        *new(150, "loud", start=200),
        *new(150, "c", "loud", start=400),
    )
    found = floods(changes, numbers, 15_000, Thresholds())
    assert [each.feed for each in found] == ["loud"]
    assert len(found[0].rows) == 300
    assert flooding(("loud",), found)
    assert not flooding(("loud", "more"), found)
    assert not flooding(("c", "loud"), found)
