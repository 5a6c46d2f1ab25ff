"""One decision about any number of conflicts: carried out, quiet afterwards, taken back by undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import StalePlan, StoreLocked, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.conflicts import Conflict, chosen, conflicts
from tidegate.service.edit import Fields
from tidegate.service.resolving import Choice, Resolution, carry_out, plan_resolve
from tidegate.service.suppressing import suppressions
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace
from tidegate.store.lock import exclusive

Subscribe = Callable[..., FeedFolder]
LAB = 'action = "Alert only"\nseverity = "Low"\ngroups = ["lab"]\nexpires = "30d"\n'
VALUE = "h1.example.com"


def change(ws: Workspace, fields: Fields, item: str = VALUE) -> Indicator:
    apply(ws, edit.plan_edit(ws, [look.find(ws, item)], fields).plan)
    return look.find(ws, item)


def add(ws: Workspace, fields: Fields, value: str = VALUE) -> Indicator:
    apply(ws, edit.plan_add(ws, [value], fields).plan)
    return next(row for row in look.rows(ws) if row.origin is Origin.MANUAL)


def settle(ws: Workspace, choice: Choice, found: Sequence[Conflict] | None = None) -> Resolution:
    """Carry a choice out for all that is listed, or for some, without any refusal."""
    resolution = plan_resolve(ws, conflicts(ws) if found is None else found, choice)
    assert resolution.refused == ()
    carry_out(ws, resolution)
    return resolution


def quiet(ws: Workspace) -> bool:
    """Whether nothing is left to decide, and a sync has nothing to change."""
    return conflicts(ws) == () and sync(ws).plan.empty and conflicts(ws) == ()


def everything(ws: Workspace) -> tuple[object, ...]:
    return look.rows(ws), suppressions(ws)


@pytest.mark.parametrize("choice", [Choice.MINE, Choice.THEIRS])
def test_many_fields_are_one_plan_that_undo_takes_back(
    ws: Workspace, subscribe: Subscribe, choice: Choice
) -> None:
    subscribe("acme", [indicator(n) for n in range(4)])
    sync(ws)
    originals = look.rows(ws)
    for number in range(4):
        change(ws, Fields(severity=Severity.LOW, title="Ours"), f"h{number}.example.com")
    before = everything(ws)
    resolution = settle(ws, choice)
    assert (len(resolution.lines), len(resolution.plan.changes)) == (8, 4)
    *_, entry = ws.store.entries()
    assert (entry.door, len(entry.changes)) == ("resolve", 4)
    titles = {row.title for row in look.rows(ws)}
    assert titles == ({"Ours"} if choice is Choice.MINE else {f"Sample {n}" for n in range(4)})
    assert quiet(ws)
    if choice is Choice.THEIRS:
        assert [(r.id, r.owned, r.settled) for r in look.rows(ws)] == [
            (r.id, {}, {}) for r in originals
        ]
    apply(ws, plan_undo(ws))
    assert everything(ws) == before
    assert len(conflicts(ws)) == 8


def test_a_field_handed_back_follows_its_feed_again(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    row = change(ws, Fields(title="Sample 1", groups=("lab",)))
    settle(ws, Choice.THEIRS)
    assert look.find(ws, VALUE).groups == ()
    # Agreed on, so not listed; handed back all the same.
    (agreed,) = chosen(ws, [f"{row.id}.title"])
    settle(ws, Choice.THEIRS, [agreed])
    feed.publish([indicator(1, name="Renamed")], watch.now)
    sync(ws)
    row = look.find(ws, VALUE)
    assert (row.title, row.owned) == ("Renamed", {})


def test_keeping_what_was_kept_changes_nothing(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    row = change(ws, Fields(title="Ours"))
    settle(ws, Choice.MINE)
    again = settle(ws, Choice.MINE, chosen(ws, [row.id]))
    assert (again.empty, again.lines[0].verdict) == (True, "unchanged")


def test_what_the_list_may_not_hold_is_refused_alone(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2), indicator(3)])
    sync(ws)
    change(ws, Fields(groups=("lab",)))
    add(ws, Fields(action=Action.ALERT_AND_BLOCK, severity=Severity.HIGH))
    change(ws, Fields(expires=None), "h2.example.com")
    change(ws, Fields(title="Ours"), "h3.example.com")
    soon = (watch.now + timedelta(hours=1)).isoformat()
    feed.publish([indicator(1), indicator(2, valid_until=soon), indicator(3)], watch.now)
    sync(ws)
    watch.turn(hours=2)
    resolution = plan_resolve(ws, conflicts(ws), Choice.THEIRS)
    told = {line.conflict.field: (line.verdict, line.detail) for line in resolution.lines}
    assert told["groups"] == ("refused", "another row has this value and these groups")
    assert told["expires"][0] == "refused"
    assert "has passed" in told["expires"][1]
    assert told["title"][0] == "theirs"
    carry_out(ws, resolution)
    assert look.find(ws, "h3.example.com").title == "Sample 3"


def test_a_guard_has_a_word_in_what_a_feed_gets_back(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(action=Action.ALERT_ONLY))
    text = ws.home.config_file.read_text() + "x = 1\n"
    ws.home.config_file.write_text(text.replace('"warn"\nx = 1', '"downgrade"'))
    strict = Workspace.open(ws.home, clock=ws.clock)
    (line,) = plan_resolve(strict, conflicts(strict), Choice.THEIRS).lines
    assert (line.verdict, "guard documentation" in line.detail) == ("refused", True)
    strict.close()


# -- rows ----------------------------------------------------------------------------------------


def test_mine_in_the_same_scope_keeps_the_feed_out_and_the_row_in(
    ws: Workspace, subscribe: Subscribe
) -> None:
    mine = add(ws, Fields(action=Action.ALERT_ONLY))
    subscribe("acme", [indicator(1)])
    sync(ws)
    settle(ws, Choice.MINE)
    for _ in range(3):
        assert quiet(ws)
        (row,) = look.rows(ws)
        assert (row.id, row.origin, row.action) == (mine.id, Origin.MANUAL, Action.ALERT_ONLY)
    (note,) = suppressions(ws)
    assert (note.value, note.groups) == (VALUE, ())
    apply(ws, plan_undo(ws))
    assert (suppressions(ws), len(conflicts(ws))) == ((), 1)


def test_theirs_in_the_same_scope_makes_the_row_the_feeds(
    ws: Workspace, subscribe: Subscribe
) -> None:
    mine = add(ws, Fields(action=Action.ALERT_ONLY, note="from the phone call"))
    subscribe("acme", [indicator(1)])
    sync(ws)
    before = everything(ws)
    settle(ws, Choice.THEIRS)
    (row,) = look.rows(ws)
    assert (row.id, row.origin, row.action) == (mine.id, Origin.FEED, Action.ALERT_AND_BLOCK)
    assert (row.feeds, row.note, row.title) == (("acme",), "from the phone call", "Sample 1")
    assert quiet(ws)
    apply(ws, plan_undo(ws))
    assert everything(ws) == before


def test_a_word_against_a_guard_does_not_go_to_the_feed_with_the_row(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    home.config_file.write_text('[guards]\npublic_resolver = "downgrade"\n')
    ws = Workspace.open(home, clock=watch)
    subscribe("acme", [indicator(1, "[ipv4-addr:value = '8.8.8.8']")])
    add(ws, Fields(action=Action.BLOCK, overrides={"public_resolver": "seen"}), "8.8.8.8")
    sync(ws)
    settle(ws, Choice.THEIRS)
    (row,) = look.rows(ws)
    assert (row.origin, row.action, row.overrides) == (Origin.FEED, Action.ALERT_ONLY, {})


def test_mine_in_a_scope_that_overlaps_removes_the_feeds_row(
    ws: Workspace, subscribe: Subscribe
) -> None:
    mine = add(ws, Fields(action=Action.BLOCK))
    subscribe("acme", [indicator(1), indicator(2)], default=LAB)
    sync(ws)
    before = everything(ws)
    settle(ws, Choice.MINE)
    assert [row.id for row in look.rows(ws) if row.value == VALUE] == [mine.id]
    assert quiet(ws)
    apply(ws, plan_undo(ws))
    assert everything(ws) == before


def test_theirs_in_a_scope_that_overlaps_leaves_the_feeds_row_alone(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], default=LAB)
    sync(ws)
    add(ws, Fields(action=Action.BLOCK))
    before = everything(ws)
    settle(ws, Choice.THEIRS)
    (row,) = look.rows(ws)
    assert (row.origin, row.groups) == (Origin.FEED, ("lab",))
    assert quiet(ws)
    apply(ws, plan_undo(ws))
    assert everything(ws) == before


def test_theirs_brings_the_feeds_row_where_it_does_not_stand_yet(
    ws: Workspace, subscribe: Subscribe
) -> None:
    add(ws, Fields(action=Action.BLOCK))
    subscribe("acme", [indicator(1)], default=LAB)
    sync(ws, dry_run=True)
    assert len(look.rows(ws)) == 1
    settle(ws, Choice.THEIRS)
    (row,) = look.rows(ws)
    assert (row.origin, row.groups, row.feeds) == (Origin.FEED, ("lab",), ("acme",))
    assert quiet(ws)


def test_a_pin_is_let_go_of_and_a_pin_against_a_pin_is_refused(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    subscribe("bolt", [indicator(1)], default=LAB)
    sync(ws)
    pinned, other = look.rows(ws)
    apply(ws, edit.plan_pin(ws, [pinned], pinned=True).plan)
    found = conflicts(ws)
    settle(ws, Choice.THEIRS)
    assert not any(row.pinned for row in look.rows(ws))
    assert quiet(ws)
    apply(ws, edit.plan_pin(ws, [pinned, other], pinned=True).plan)
    assert conflicts(ws) == ()
    (line,) = plan_resolve(ws, found, Choice.MINE).lines
    assert line.verdict == "refused"
    assert "a person's, too" in line.detail


def test_both_scopes_at_once(ws: Workspace, subscribe: Subscribe) -> None:
    add(ws, Fields(action=Action.WARN))
    subscribe("acme", [indicator(1)])
    subscribe("bolt", [indicator(1)], default=LAB)
    sync(ws)
    assert len(conflicts(ws)) == 2
    settle(ws, Choice.THEIRS)
    assert {(row.origin, row.groups) for row in look.rows(ws)} == {
        (Origin.FEED, ()),
        (Origin.FEED, ("lab",)),
    }
    assert quiet(ws)


def test_read_only_decides_nothing(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(title="Ours"))
    policy = (ws.home.feeds_dir / "acme" / "feed.toml").read_bytes()
    looking = Workspace.open(ws.home, read_only=True, clock=ws.clock)
    assert len(conflicts(looking)) == 1
    for choice in Choice:
        with pytest.raises(UsageError, match="read-only"):
            carry_out(looking, plan_resolve(looking, conflicts(looking), choice))
    looking.close()
    assert (ws.home.feeds_dir / "acme" / "feed.toml").read_bytes() == policy


def test_a_row_that_another_changed_since_it_was_listed_is_not_decided_about(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW))
    found = conflicts(ws)
    other = Workspace.open(ws.home, clock=ws.clock)
    change(other, Fields(severity=Severity.MEDIUM))
    other.close()
    for choice in Choice:
        with pytest.raises(StalePlan, match="was changed meanwhile"):
            plan_resolve(ws, found, choice)
    settle(ws, Choice.MINE)
    assert look.find(ws, VALUE).severity is Severity.MEDIUM


def test_two_rules_at_once_are_both_written(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    for number in (1, 2):
        change(ws, Fields(severity=Severity.LOW, title="Ours"), f"h{number}.example.com")
    one, two = (
        plan_resolve(ws, [c for c in chosen(ws, [value]) if c.field == "severity"], Choice.RULE)
        for value in ("h1.example.com", "h2.example.com")
    )
    written = ws.catalogue.rule
    locks: list[Path] = []

    def rule(ident: str, outcomes: Any) -> object:  # noqa: ANN401 - passed on
        locks.extend(p for p in sorted((ws.home.root / "locks").iterdir()) if held(p))
        return written(ident, outcomes)

    monkeypatch.setattr(ws.catalogue, "rule", rule)
    with exclusive(ws.home.root / "locks" / "acme", 0):  # a pull goes on
        for resolution in (one, two):
            locks.clear()
            carry_out(ws, resolution)
            assert [path.name for path in locks] == ["acme", "acme.toml"]
    text = (feed.folder / "feed.toml").read_text("utf-8")
    assert "h1.example.com" in text
    assert "h2.example.com" in text
    assert {c.field for c in conflicts(ws)} == {"title"}


def held(folder: Path) -> bool:
    """Whether somebody has the folder's lock."""
    try:
        with exclusive(folder, 0):
            return False
    except StoreLocked:
        return True
