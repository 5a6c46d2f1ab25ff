"""Where people and feeds differ: what is listed, as soon as it is so and no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import UsageError
from tidegate.indicators.filter import FilterError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.conflicts import Conflict, Standing, chosen, conflicts, record, words
from tidegate.service.edit import Fields
from tidegate.service.resolving import Choice, carry_out, plan_resolve
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
LAB = 'action = "Alert only"\nseverity = "Low"\ngroups = ["lab"]\nexpires = "30d"\n'
EVERYWHERE = 'action = "Alert only"\nseverity = "Low"\nexpires = "30d"\n'


def change(ws: Workspace, fields: Fields, item: str = "h1.example.com") -> Indicator:
    """Set fields of a row as a person does."""
    apply(ws, edit.plan_edit(ws, [look.find(ws, item)], fields).plan)
    return look.find(ws, item)


def differences(ws: Workspace) -> dict[str, tuple[str, str]]:
    return {c.field: (words(c.mine), words(c.theirs)) for c in conflicts(ws)}


def test_a_field_is_listed_as_soon_as_it_differs(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    assert conflicts(ws) == ()
    row = change(ws, Fields(severity=Severity.LOW, groups=("lab",), expires=None))
    assert differences(ws) == {
        "severity": ("Low", "High"),
        "groups": ("lab", "all devices"),
        "expires": ("nothing", "2026-07-01 12:00Z"),
    }
    (first, *_) = conflicts(ws)
    assert first.id == f"{row.id}.expires"
    sync(ws)
    assert len(conflicts(ws)) == 3


def test_a_field_that_the_feed_wants_the_same_is_none(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(severity=Severity.HIGH, title="Ours"))
    assert differences(ws) == {"title": ("Ours", "Sample 1")}
    feed.publish([indicator(1, name="Ours")], watch.now)
    sync(ws)
    assert conflicts(ws) == ()
    feed.publish([indicator(1, name="Third")], watch.now)
    sync(ws)
    assert differences(ws) == {"title": ("Ours", "Third")}


def test_fields_that_no_feed_sets_are_none(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(note="seen in our mail"))
    apply(ws, edit.plan_add(ws, ["mine.example.com"], Fields()).plan)
    assert conflicts(ws) == ()


def test_a_persons_row_against_a_feed_in_the_same_scope(
    ws: Workspace, subscribe: Subscribe
) -> None:
    blocks = Fields(action=Action.ALERT_AND_BLOCK, severity=Severity.LOW)
    apply(ws, edit.plan_add(ws, ["h1.example.com", "h2.example.com"], blocks).plan)
    subscribe("acme", [indicator(1), indicator(3)], default=EVERYWHERE)
    sync(ws)
    (found,) = conflicts(ws)
    assert (found.kind, found.value, found.feeds) == ("row", "h1.example.com", ("acme",))
    assert words(found.mine) == "Alert and block, Low, all devices"
    assert words(found.theirs) == "Alert only, Low, all devices"
    assert {row.origin for row in look.rows(ws) if row.value != "h3.example.com"} == {Origin.MANUAL}
    change(ws, Fields(action=Action.ALERT_ONLY))
    assert conflicts(ws) == ()
    change(ws, Fields(severity=Severity.HIGH))
    assert len(conflicts(ws)) == 1


@pytest.mark.parametrize(("groups", "listed"), [((), 1), (("lab", "office"), 1), (("office",), 0)])
def test_a_persons_row_against_a_feed_in_a_scope_that_overlaps(
    ws: Workspace, subscribe: Subscribe, groups: tuple[str, ...], listed: int
) -> None:
    blocks = Fields(action=Action.ALERT_AND_BLOCK, groups=groups)
    apply(ws, edit.plan_add(ws, ["h1.example.com"], blocks).plan)
    subscribe("acme", [indicator(1)], default=LAB)
    sync(ws)
    assert len(look.rows(ws)) == 2
    assert len(conflicts(ws)) == listed
    # Severities of scopes that overlap may differ: each raises its own alert.
    apply(ws, edit.plan_edit(ws, people(ws), Fields(action=Action.ALERT_ONLY)).plan)
    assert conflicts(ws) == ()


def people(ws: Workspace) -> list[Indicator]:
    return [row for row in look.rows(ws) if row.origin is Origin.MANUAL]


def test_a_row_that_a_person_adds_beside_a_feeds_is_listed_before_the_next_sync(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], default=LAB)
    sync(ws)
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.WARN)).plan)
    assert len(conflicts(ws)) == 1


def test_a_pin_and_a_persons_scope_stand_against_other_feeds(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], default=EVERYWHERE)
    subscribe("bolt", [indicator(1)], default=LAB.replace("Alert only", "Block"))
    sync(ws)
    assert conflicts(ws) == ()  # feeds among themselves
    everywhere = next(row for row in look.rows(ws) if not row.groups)
    apply(ws, edit.plan_pin(ws, [everywhere], pinned=True).plan)
    (found,) = conflicts(ws)
    assert (found.row.id, found.feeds) == (everywhere.id, ("bolt",))
    apply(ws, edit.plan_pin(ws, [found.row], pinned=False).plan)
    assert conflicts(ws) == ()
    apply(ws, edit.plan_edit(ws, [everywhere], Fields(action=Action.WARN)).plan)
    assert {c.field for c in conflicts(ws)} == {"action", "row"}


def test_what_a_feed_wants_of_a_persons_row_is_told_once(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(action=Action.WARN))
    apply(
        ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.WARN, groups=("lab",))).plan
    )
    sync(ws)
    # The person said the same of both scopes; the feed differs about one row, which is its own.
    assert [(c.kind, c.field) for c in conflicts(ws)] == [("field", "action")]


def test_what_is_no_wish_any_more_is_no_conflict(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    def listed() -> int:
        return len(conflicts(ws))

    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.BLOCK, expires=None)).plan)
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    assert listed() == 1
    ws.catalogue.disable("acme")
    assert listed() == 0
    ws.catalogue.enable("acme")
    apply(ws, plan_suppress(ws, "h1.example.com", (), "ours", None))
    assert listed() == 0
    apply(ws, plan_undo(ws))
    assert listed() == 1
    watch.turn(days=40)
    assert listed() == 0
    watch.turn(days=-40)
    feed.publish([indicator(2)], watch.now)
    sync(ws)
    assert listed() == 0


def test_a_wish_that_was_turned_down_is_quiet_until_it_changes(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(title="Ours", expires=None))
    carry_out(ws, plan_resolve(ws, conflicts(ws), Choice.MINE))
    assert conflicts(ws) == ()
    assert {c.standing for c in conflicts(ws, settled=True)} == {Standing.SETTLED}
    for _ in range(3):  # the feed goes on listing it, so that its expiry moves
        watch.turn(days=12)
        feed.publish([indicator(1)], watch.now)
        sync(ws)
        assert conflicts(ws) == ()
    feed.publish([indicator(1, name="Changed")], watch.now)
    sync(ws)
    assert differences(ws) == {"title": ("Ours", "Changed")}
    feed.publish([indicator(1)], watch.now)
    sync(ws)
    assert conflicts(ws) == ()  # what it wants now was turned down before
    row = look.find(ws, "h1.example.com")
    assert (row.title, row.expires) == ("Ours", None)


def test_a_shorter_expiry_is_another_wish(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(expires=None))
    carry_out(ws, plan_resolve(ws, conflicts(ws), Choice.MINE))
    until = watch.now + timedelta(days=3)
    feed.publish([indicator(1, valid_until=until.isoformat())], watch.now)
    sync(ws)
    assert differences(ws) == {"expires": ("nothing", "2026-06-04 12:00Z")}


def test_conflicts_are_named_by_id_row_prefix_and_value(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    row = change(ws, Fields(title="Ours", description="x", severity=Severity.HIGH))
    both = {f"{row.id}.title", f"{row.id}.description"}

    def named(*items: str) -> set[str]:
        return {conflict.id for conflict in chosen(ws, items)}

    assert named(f"{row.id}.title") == {f"{row.id}.title"}
    for item in (row.id, row.id[:6], "h1[.]example[.]com"):
        assert named(item) == both
    assert named(row.id, f"{row.id}.title") == both
    assert named(f"{row.id}.severity") == {f"{row.id}.severity"}  # agreed on, and still theirs
    for item in ("h2.example.com", "what?", f"{row.id}.note"):
        with pytest.raises(UsageError, match=r"no conflict"):
            named(item)


def test_a_filter_chooses_rows(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    for number in (1, 2):
        change(ws, Fields(title=f"Ours {number}"), f"h{number}.example.com")
    assert [c.value for c in conflicts(ws, "value:h2")] == ["h2.example.com"]
    with pytest.raises(FilterError):
        conflicts(ws, "valeu:h2")


def test_a_record_has_both_sides(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    row = change(ws, Fields(severity=Severity.LOW))
    (found,) = conflicts(ws)
    assert isinstance(found, Conflict)
    assert record(found) == {
        "id": f"{row.id}.severity",
        "kind": "field",
        "type": "DomainName",
        "value": "h1.example.com",
        "groups": (),
        "field": "severity",
        "mine": "Low",
        "theirs": "High",
        "feeds": ("acme",),
        "settled": False,
    }


def test_a_row_says_itself_that_a_field_is_in_conflict(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW, title="Ours"))
    for choice in (None, Choice.MINE):
        if choice is not None:
            carry_out(ws, plan_resolve(ws, conflicts(ws, "is:conflict"), choice))
        listed = {conflict.row.id for conflict in conflicts(ws)}
        assert {row.id for row in look.select(ws, "is:conflict")} == listed
        assert bool(listed) == (choice is None)
