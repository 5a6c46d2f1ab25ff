"""Rows that overlap beside conflicts: grouped, with the side that decides; picked and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.allocation.overlaps import MANY
from tidegate.errors import UsageError
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.conflicts import Standing
from tidegate.service.disputes import (
    HERE,
    KEPT,
    Dispute,
    Group,
    choice_of,
    disputes,
    is_overlap,
    overlapping,
    plan_keep,
    plan_pick,
    record,
    shortened,
    words,
)
from tidegate.service.edit import Fields
from tidegate.service.resolving import Choice
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
URL = "https://h1.example.com/login"
LAB = 'action = "Alert only"\nseverity = "Low"\ngroups = ["lab"]\nexpires = "30d"\n'


@pytest.fixture
def allowed(ws: Workspace, subscribe: Subscribe) -> Dispute:
    """A URL that a person allows, on a name that a feed blocks."""
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    apply(ws, edit.plan_add(ws, [URL], Fields(action=Action.ALLOW)).plan)
    (found,) = disputes(ws)
    return found


def test_an_allow_under_a_block_is_told_with_its_sides_and_the_rule(
    ws: Workspace, allowed: Dispute
) -> None:
    assert (allowed.group, allowed.standing) == (Group.ALLOW, Standing.OPEN)
    assert [(side.source, side.row.value) for side in allowed.sides] == [
        ("a person", URL),
        ("acme", "h1.example.com"),
    ]
    assert "the closer name wins" in allowed.rule
    assert words(allowed)[1].endswith("(h1.example.com)")
    assert is_overlap(allowed.id)
    assert overlapping(ws, allowed.id) == allowed
    told = record(allowed)
    assert (told["kind"], told["group"], told["rule"]) == ("overlap", Group.ALLOW, allowed.rule)
    assert told["feeds"] == ["acme"]
    # Found by either row, and by no other.
    assert disputes(ws, "type:url") == disputes(ws, "feed:acme") == (allowed,)
    assert disputes(ws, "value:h2") == ()
    with pytest.raises(UsageError, match="names no rows that overlap"):
        overlapping(ws, "nothing.overlap")


def test_what_decides_is_kept_knowingly_until_a_row_changes(
    ws: Workspace, allowed: Dispute, watch: Watch
) -> None:
    apply(ws, plan_pick(ws, allowed, 1))
    assert disputes(ws) == ()
    (kept,) = disputes(ws, settled=True)
    assert kept.standing is Standing.SETTLED
    assert plan_pick(ws, kept, 1).empty
    watch.turn(days=1)
    sync(ws)
    assert disputes(ws) == ()
    apply(ws, plan_undo(ws))
    assert [it.id for it in disputes(ws)] == [allowed.id]
    apply(ws, plan_pick(ws, disputes(ws)[0], 1))
    apply(ws, edit.plan_edit(ws, [look.find(ws, URL)], Fields(action=Action.WARN)).plan)
    assert [it.group for it in disputes(ws)] == [Group.WITHIN]


def test_a_feeds_row_that_was_kept_is_so_after_the_next_sync(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)], default=LAB)
    other = subscribe("bolt", [indicator(1)])
    sync(ws)
    (found,) = disputes(ws)
    assert (found.group, found.rule) == (Group.SCOPE, "the device's group before all devices")
    apply(ws, plan_pick(ws, found, 1))
    watch.turn(days=12)
    feed.publish([indicator(1, name="Renamed")], watch.now)
    other.publish([indicator(1, name="Renamed")], watch.now)
    sync(ws)
    assert {row.title for row in look.rows(ws)} == {"Renamed"}
    assert disputes(ws) == ()


def test_another_side_decides_once_those_before_it_leave(ws: Workspace, allowed: Dispute) -> None:
    plan = plan_pick(ws, allowed, 2)
    assert (plan.count(Op.REMOVE), len(plan.changes)) == (1, 1)
    apply(ws, plan)
    assert disputes(ws) == ()
    assert {row.value for row in look.rows(ws)} == {"h1.example.com", "h2.example.com"}
    apply(ws, plan_undo(ws))
    assert disputes(ws) == (allowed,)
    for number in (0, 3):
        with pytest.raises(UsageError, match="there is no side"):
            plan_pick(ws, allowed, number)


def test_conflicts_have_groups_and_sides_and_are_told_once(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1), indicator(2), indicator(3)], default=LAB)
    sync(ws)
    # In a scope that meets the feed's: a conflict, and no overlap besides.
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.ALLOW)).plan)
    (second,) = (row for row in look.rows(ws) if row.value == "h2.example.com")
    apply(ws, edit.plan_edit(ws, [second], Fields(severity=Severity.HIGH)).plan)
    (third,) = (row for row in look.rows(ws) if row.value == "h3.example.com")
    apply(ws, edit.plan_edit(ws, [third], Fields(action=Action.WARN)).plan)
    found = disputes(ws)
    assert [(it.group, it.rule) for it in found] == [
        (Group.SCOPE, "the device's group before all devices"),
        (Group.ACTION, KEPT),
        (Group.FIELD, KEPT),
    ]
    assert [side.source for side in found[0].sides] == ["acme", "a person"]
    assert [side.row.action for side in found[1].sides] == [Action.WARN, Action.ALERT_ONLY]


def test_a_persons_row_in_the_feeds_own_scope_stands(ws: Workspace, subscribe: Subscribe) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.ALLOW)).plan)
    subscribe("acme", [indicator(1)])
    sync(ws)
    (found,) = disputes(ws)
    assert (found.group, found.rule) == (Group.ALLOW, HERE)
    assert [side.listed for side in found.sides] == [True, False]


def test_more_than_anybody_settles_are_cut_off_but_found_by_a_filter(ws: Workspace) -> None:
    names = [f"h{number}.example.com" for number in range(MANY + 2)]
    apply(ws, edit.plan_add(ws, names, Fields(action=Action.BLOCK)).plan)
    urls = [f"https://{name}/login" for name in names]
    apply(ws, edit.plan_add(ws, urls, Fields(action=Action.ALLOW)).plan)
    found = disputes(ws)
    assert len(found) == MANY
    assert shortened(found) == "the first 500 rows that overlap: a filter finds others"
    told = {it.about.value for it in found}
    for url in set(urls) - told:
        (missed,) = disputes(ws, f"value:{url}")
        assert missed.about.value == url
        assert overlapping(ws, missed.id) == missed
        assert shortened((missed,)) == ""


def test_a_pick_of_a_conflict_is_a_choice_whichever_side_decides(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], default=LAB)
    sync(ws)
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.ALLOW)).plan)
    (found,) = disputes(ws)
    assert [side.source for side in found.sides] == ["acme", "a person"]
    assert [choice_of(found, number) for number in (1, 2)] == [Choice.THEIRS, Choice.MINE]
    with pytest.raises(UsageError, match="there is no side 3"):
        choice_of(found, 3)


def test_many_are_kept_at_once_and_rows_of_others_are_not(ws: Workspace) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.BLOCK)).plan)
    urls = [f"https://h1.example.com/{name}" for name in "ab"]
    apply(ws, edit.plan_add(ws, urls, Fields(action=Action.ALLOW)).plan)
    found = disputes(ws)
    apply(ws, plan_keep(ws, found))
    assert disputes(ws) == ()
    others = dataclasses.replace(
        found[0],
        about=dataclasses.replace(found[0].about, origin=Origin.FOREIGN),
        sides=tuple(
            dataclasses.replace(it, row=dataclasses.replace(it.row, origin=Origin.FOREIGN))
            for it in found[0].sides
        ),
    )
    with pytest.raises(UsageError, match="never changed here"):
        plan_keep(ws, (others,))
