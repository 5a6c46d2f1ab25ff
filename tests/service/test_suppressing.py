"""Suppressions by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import InvalidValue, UsageError
from tidegate.service import look
from tidegate.service.apply import apply
from tidegate.service.suppressing import plan_release, plan_suppress, record, suppressions
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def test_a_suppression_keeps_a_value_out_until_its_end(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    until = watch.now + timedelta(days=3)
    apply(ws, plan_suppress(ws, "H1[.]example.com", (), "scanner", until))
    assert sync(ws).plan.counts.suppressed == 1
    watch.turn(days=3)
    assert sync(ws).plan.counts.suppressed == 0
    assert len(look.rows(ws)) == 2


def test_a_suppression_of_one_scope_leaves_the_others(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    apply(ws, plan_suppress(ws, "h1.example.com", ("servers",), "there only", None))
    assert sync(ws).plan.counts.suppressed == 0
    assert suppressions(ws)[0].groups == ("servers",)


def test_suppressing_again_replaces_the_reason(ws: Workspace) -> None:
    for reason in ("first", "second"):
        apply(ws, plan_suppress(ws, "h1.example.com", (), reason, None))
    assert [note.reason for note in suppressions(ws)] == ["second"]
    assert record(suppressions(ws)[0])["reason"] == "second"


def test_release_lifts_every_scope_of_a_value(ws: Workspace) -> None:
    for groups in ((), ("a",), ("b",)):
        apply(ws, plan_suppress(ws, "h1.example.com", groups, "x", None))
    apply(ws, plan_suppress(ws, "h2.example.com", (), "x", None))
    apply(ws, plan_release(ws, "h1[.]example[.]com"))
    assert [note.value for note in suppressions(ws)] == ["h2.example.com"]


def test_bad_values_and_unknown_ones_are_named(ws: Workspace) -> None:
    with pytest.raises(InvalidValue):
        plan_suppress(ws, "what?", (), "x", None)
    with pytest.raises(UsageError, match=r"h1\.example\.com is not suppressed"):
        plan_release(ws, "h1.example.com")
