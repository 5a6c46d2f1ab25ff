"""Rows in rank order, items by any name and the slot account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import AmbiguousItem, UsageError
from tidegate.indicators.kinds import Action
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.quota import quota
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def add(ws: Workspace, *values: str, **fields: object) -> None:
    preview = edit.plan_add(ws, values, Fields(**fields))  # type: ignore[arg-type] # a test's own
    assert not preview.refused
    apply(ws, preview.plan)


def test_people_and_pins_rank_before_scores(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(n, confidence=10 * n) for n in range(4)])
    sync(ws)
    add(ws, "mine.example.com")
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h0.example.com")], pinned=True).plan)
    rows = look.rows(ws)
    assert [row.rank for row in rows] == [1, 2, 3, 4, 5]
    assert [row.value.partition(".")[0] for row in rows] == ["mine", "h0", "h3", "h2", "h1"]


def test_an_item_is_an_id_a_prefix_or_a_value_in_any_spelling(ws: Workspace) -> None:
    add(ws, "http://h1.example.com/a")
    row = look.rows(ws)[0]
    for item in (row.id, row.id[:6], row.value, "hXXp://H1[.]example[.]com/a"):
        assert look.find(ws, item).id == row.id
    for item in ("", "zz", "h1.example.com"):
        with pytest.raises(UsageError, match="nothing on the list"):
            look.find(ws, item)


def test_a_value_with_several_scopes_is_ambiguous(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    add(ws, "h1.example.com", groups=("servers",))
    with pytest.raises(AmbiguousItem) as caught:
        look.find(ws, "h1.example.com")
    assert set(caught.value.ids) == {row.id for row in look.rows(ws)}


def test_expired_rows_are_gone_at_their_second(ws: Workspace, watch: Watch) -> None:
    add(ws, "h1.example.com", expires=watch.now + timedelta(days=1))
    watch.turn(days=1, seconds=-1)
    assert len(look.rows(ws)) == quota(ws).used == 1
    watch.turn(seconds=1)
    assert look.rows(ws) == ()
    assert quota(ws).used == 0
    add(ws, "h2.example.com")
    doors = [entry.door for entry in ws.store.entries()]
    assert doors == ["add", "expiry", "add"]


def test_select_is_a_filter_over_ranked_rows(ws: Workspace) -> None:
    add(ws, "h1.example.com", "203.0.113.7", action=Action.WARN)
    assert [row.value for row in look.select(ws, "type:ip")] == ["203.0.113.7"]
    assert look.select(ws, "-action:warn") == ()
    assert len(look.select(ws)) == 2
    with pytest.raises(UsageError, match="colour"):
        look.select(ws, "colour:red")
