"""A run in one line."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from tidegate.cli.summary import changes, summary, took
from tidegate.ledger.runs import FeedRun, Run

AT = datetime(2026, 6, 1, tzinfo=UTC)
FEEDS = tuple(FeedRun(f"f{n}", 411 + n, 1, 0, 0, "gone" if n == 1 else "", "") for n in range(3))
WHOLE = Run(
    7,
    AT,
    "sync",
    "default",
    ended=AT + timedelta(seconds=3.21),
    feeds=FEEDS,
    plan={"create": 12, "update": 3, "remove": 1, "held": 5},
    applied=True,
    change=42,
    used=14_998,
    limit=15_000,
)


def test_all_of_it() -> None:
    assert summary(WHOLE) == (
        "sync: 3 feeds (1 failed), 1,236 fetched, +12 ~3 -1, 5 held, 14,998 of 15,000 slots, "
        "change 42, 3.2s"
    )


def test_what_did_not_happen_is_left_out_or_said() -> None:
    none = dataclasses.replace(WHOLE, plan={"create": 0, "update": 0, "remove": 0}, change=None)
    one = dataclasses.replace(none, feeds=FEEDS[:1])
    assert summary(one).startswith("sync: 1 feed, 411 fetched, +0 ~0 -0, 14,998 of")
    assert ", nothing to change, " in summary(none)
    assert ", not applied, " in summary(dataclasses.replace(none, applied=False))
    assert ", dry run, " in summary(dataclasses.replace(none, applied=False, dry_run=True))
    begun = Run(8, AT, "sync", "default")
    assert (changes(begun), took(begun)) == ("", "")
