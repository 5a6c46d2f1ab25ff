"""A full list: what a person adds gets in, the weakest feed row leaves, and it is counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.outlook import outlook
from tidegate.service.room import displaced, farewell
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


@pytest.fixture(name="full")
def _full(home: Home, subscribe: Subscribe, watch: Watch) -> Workspace:
    """Three slots, held by three rows of one feed; h2 is the weakest."""
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION, "utf-8")
    subscribe("acme", [indicator(n, confidence=90 - 10 * n) for n in range(3)])
    ws = Workspace.open(home, clock=watch)
    sync(ws)
    return ws


def values(ws: Workspace) -> set[str]:
    return {row.value for row in look.rows(ws)}


def test_the_weakest_feed_row_makes_room_and_waits(full: Workspace) -> None:
    apply(full, edit.plan_add(full, ["h9.example.com"], Fields()).plan)
    assert values(full) == {"h0.example.com", "h1.example.com", "h9.example.com"}
    report = sync(full)
    assert report.plan.empty
    assert report.plan.counts.waiting == 1
    apply(full, plan_undo(full))
    assert values(full) == {f"h{n}.example.com" for n in range(3)}


def test_pinned_and_edited_rows_do_not_make_room(full: Workspace) -> None:
    rows = {row.value: row for row in look.rows(full)}
    apply(full, edit.plan_pin(full, [rows["h2.example.com"]], pinned=True).plan)
    apply(full, edit.plan_edit(full, [rows["h1.example.com"]], Fields(title="ours")).plan)
    apply(full, edit.plan_add(full, ["h9.example.com"], Fields()).plan)
    assert values(full) == {"h1.example.com", "h2.example.com", "h9.example.com"}


def test_when_nothing_can_leave_the_list_is_full(full: Workspace) -> None:
    apply(full, edit.plan_edit(full, look.rows(full), Fields(title="ours")).plan)
    with pytest.raises(UsageError, match="4 of 3"):
        apply(full, edit.plan_add(full, ["h9.example.com"], Fields()).plan)
    assert len(values(full)) == 3


def test_rows_that_a_floor_keeps_leave_last(home: Home, subscribe: Subscribe, watch: Watch) -> None:
    home.config_file.write_text("limit = 4\n" + DOCUMENTATION, "utf-8")
    subscribe("acme", [indicator(n, confidence=90 - 10 * n) for n in range(5)])
    weak = [indicator(n) for n in range(20, 25)]
    subscribe("weak", weak, trust=1, rules="[share]\nfloor = 2\n")
    ws = Workspace.open(home, clock=watch)
    sync(ws)
    apply(ws, edit.plan_add(ws, ["m1.example.com"], Fields()).plan)
    left = {"h0.example.com", "h20.example.com", "h21.example.com"}
    assert values(ws) == {"m1.example.com", *left}
    assert sync(ws).plan.empty, "the floor was kept, so there is nothing to make good"
    apply(ws, edit.plan_add(ws, ["m2.example.com", "m3.example.com"], Fields()).plan)
    assert len(values(ws) & left) == 1
    ws.close()


def test_who_leaves_is_said_beforehand_and_is_who_the_outlook_names(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION, "utf-8")
    acme = [indicator(n, confidence=90 - 10 * n) for n in range(3)]
    subscribe("acme", acme, rules="[share]\nfloor = 2\n")
    ws = Workspace.open(home, clock=watch)
    sync(ws)
    for gone, why in (
        ("h2.example.com", "the weakest that no floor keeps"),
        ("h1.example.com", "the weakest, though a floor kept it"),
    ):
        ahead = outlook(ws).gives_way
        assert ahead is not None
        assert ahead.value == gone
        preview = edit.plan_add(ws, [f"m{gone}"], Fields())
        (line,) = preview.lines
        (change,) = displaced(preview.plan)
        assert change.row.value == gone
        assert line.warnings[-1] == farewell(change)
        assert f"{gone} of acme leaves" in farewell(change)
        assert why in farewell(change)
        apply(ws, preview.plan)
        assert gone not in values(ws)
    assert outlook(ws).next_out is None, "no other feed's row displaces what a floor keeps"
    ws.close()


def test_of_several_each_that_takes_a_place_says_whose(full: Workspace) -> None:
    preview = edit.plan_paste(full, "h0.example.com n1.example.com n2.example.com", Fields())
    told = [sum("leaves" in text for text in line.warnings) for line in preview.lines]
    assert told == [0, 1, 1]
