"""A person's choice as the feed's policy: it holds, it is quiet, and it says nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.conflicts import conflicts
from tidegate.service.edit import Fields
from tidegate.service.resolving import Choice, Resolution, carry_out, plan_resolve
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
LAB = 'action = "Alert only"\nseverity = "Low"\ngroups = ["lab"]\nexpires = "30d"\n'
VALUE = "h1.example.com"


def change(ws: Workspace, fields: Fields, item: str = VALUE) -> Indicator:
    apply(ws, edit.plan_edit(ws, [look.find(ws, item)], fields).plan)
    return look.find(ws, item)


def rule(ws: Workspace, filter_text: str = "") -> Resolution:
    resolution = plan_resolve(ws, conflicts(ws, filter_text), Choice.RULE)
    carry_out(ws, resolution)
    return resolution


def refusal(ws: Workspace) -> str:
    """Why no rule is made; and nothing is written."""
    folder = ws.home.feeds_dir
    before = {path: path.read_bytes() for path in folder.rglob("feed.toml")}
    resolution = plan_resolve(ws, conflicts(ws), Choice.RULE)
    carry_out(ws, resolution)
    assert {path: path.read_bytes() for path in folder.rglob("feed.toml")} == before
    assert resolution.empty
    (line,) = resolution.refused
    return line.detail


def rules(feed: FeedFolder) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((feed.folder / "feed.toml").read_text())["rule"]
    return found


def test_a_choice_becomes_the_feeds_and_stays_when_the_feed_changes(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    for number in (0, 1):
        change(ws, Fields(severity=Severity.LOW, groups=("lab",)), f"h{number}.example.com")
    rule(ws)
    assert rules(feed) == [
        {
            "name": "by hand: Alert and block, Low",
            "when": {"value": ["h0.example.com", "h1.example.com"]},
            "then": {
                "action": "Alert and block",
                "severity": "Low",
                "groups": ["lab"],
                "expires": "30d",
            },
        }
    ]
    assert conflicts(ws) == ()
    assert sync(ws).plan.empty
    row = look.find(ws, VALUE)
    assert (row.owned, row.severity, row.groups) == ({}, Severity.LOW, ("lab",))
    watch.turn(days=20)
    feed.publish([indicator(n, name="Renamed") for n in range(3)], watch.now)
    sync(ws)
    row = look.find(ws, VALUE)
    assert (row.title, row.severity, row.groups) == ("Renamed", Severity.LOW, ("lab",))
    assert look.find(ws, "h2.example.com").severity is Severity.HIGH


def test_undo_gives_the_field_back_to_the_person(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW))
    before = look.rows(ws)
    rule(ws)
    apply(ws, plan_undo(ws))
    assert look.rows(ws) == before
    sync(ws)
    row = look.find(ws, VALUE)
    assert (row.severity, row.owned["severity"]) == (Severity.LOW, Severity.LOW)


def test_only_the_fields_that_were_chosen_become_policy(
    ws: Workspace, subscribe: Subscribe
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW, action=Action.WARN))
    chosen = [c for c in conflicts(ws) if c.field == "severity"]
    carry_out(ws, plan_resolve(ws, chosen, Choice.RULE))
    then = rules(feed)[0]["then"]
    assert (then["severity"], then["action"]) == ("Low", "Alert and block")
    assert [c.field for c in conflicts(ws)] == ["action"]
    assert look.find(ws, VALUE).action is Action.WARN


@pytest.mark.parametrize(
    ("days", "term"), [(100, "100d"), (2.5, "3d"), (0.3, "8h"), (None, "never")]
)
def test_a_date_becomes_a_term_that_is_quiet(
    ws: Workspace, subscribe: Subscribe, watch: Watch, days: float | None, term: str
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    watch.turn(hours=1)
    until = None if days is None else watch.now - timedelta(hours=1) + timedelta(days=days)
    change(ws, Fields(expires=until))
    rule(ws)
    assert rules(feed)[0]["then"]["expires"] == term
    assert conflicts(ws) == ()
    assert sync(ws).plan.empty
    assert look.find(ws, VALUE).expires == until


def test_a_term_that_the_object_does_not_grant_is_refused(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    until = watch.now + timedelta(days=9)
    subscribe("acme", [indicator(1, valid_until=until.isoformat())])
    sync(ws)
    change(ws, Fields(expires=None))
    assert "expires would be 2026-06-10" in refusal(ws)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (Fields(title="Ours"), "no rule can say the title"),
        (Fields(description="Ours"), "no rule can say the description"),
        (Fields(recommended_actions="Call"), "no rule can say the recommended actions"),
        (Fields(category="of our own"), "no rule can say the category of our own"),
        (Fields(action=Action.ALLOW), "permit_allow = true"),
    ],
)
def test_what_no_rule_can_say_is_refused(
    ws: Workspace, subscribe: Subscribe, fields: Fields, words: str
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    change(ws, fields)
    assert words in refusal(ws)
    assert len(conflicts(ws)) == 1


def test_allow_is_a_rule_where_the_policy_permits_it(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)], head="permit_allow = true\n")
    sync(ws)
    change(ws, Fields(action=Action.ALLOW))
    rule(ws)
    plan = sync(ws).plan
    assert (plan.empty, plan.held) == (True, ())


def test_all_feeds_of_a_row_get_the_rule(ws: Workspace, subscribe: Subscribe) -> None:
    feeds = [subscribe("acme", [indicator(1)]), subscribe("bolt", [indicator(1)], trust=20)]
    sync(ws)
    change(ws, Fields(severity=Severity.LOW))
    rule(ws)
    assert [rules(feed)[0]["when"] for feed in feeds] == [{"value": [VALUE]}] * 2
    assert sync(ws).plan.empty


def test_a_rule_that_would_move_another_row_is_refused(ws: Workspace, subscribe: Subscribe) -> None:
    lab = (
        '[[rule]]\nname = "lab"\nwhen = { confidence = "<10" }\n'
        'then = { action = "Warn", groups = ["lab"] }\n'
    )
    subscribe(
        "acme", [indicator(1), indicator(2, indicator(1)["pattern"], confidence=5)], rules=lab
    )
    sync(ws)
    everywhere = next(row for row in look.rows(ws) if not row.groups)
    change(ws, Fields(severity=Severity.LOW), everywhere.id)
    assert "would change the row for lab" in refusal(ws)


def test_a_file_is_ruled_under_its_strongest_hash(ws: Workspace, subscribe: Subscribe) -> None:
    sha256, sha1 = "ab" * 32, "cd" * 20
    pattern = f"[file:hashes.'SHA-256' = '{sha256}' OR file:hashes.'SHA-1' = '{sha1}']"
    feed = subscribe("acme", [indicator(1, pattern)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW), sha1)
    rule(ws)
    assert rules(feed)[0]["when"] == {"value": [sha256]}
    assert sync(ws).plan.empty


def test_a_persons_row_becomes_what_the_feed_says(ws: Workspace, subscribe: Subscribe) -> None:
    apply(ws, edit.plan_add(ws, [VALUE], Fields(action=Action.WARN)).plan)
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    resolution = rule(ws)
    assert resolution.plan.empty  # the list is as the person wants it; only the feed changes
    assert rules(feed)[0]["then"]["action"] == "Warn"
    assert conflicts(ws) == ()
    report = sync(ws)
    assert (report.plan.empty, report.plan.counts.merged, conflicts(ws)) == (True, 1, ())


def test_a_rule_moves_the_feeds_row_into_the_persons_scope(
    ws: Workspace, subscribe: Subscribe
) -> None:
    apply(ws, edit.plan_add(ws, [VALUE], Fields(action=Action.WARN)).plan)
    feed = subscribe("acme", [indicator(1), indicator(2)], default=LAB)
    sync(ws)
    rule(ws)
    then = rules(feed)[0]["then"]
    assert (then["action"], then["groups"]) == ("Warn", [])
    (row,) = [row for row in look.rows(ws) if row.value == VALUE]
    assert row.origin is Origin.MANUAL
    assert conflicts(ws) == ()
    assert sync(ws).plan.empty
    assert conflicts(ws) == ()


def test_what_is_said_already_is_written_once(ws: Workspace, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    change(ws, Fields(severity=Severity.LOW))
    resolution = plan_resolve(ws, conflicts(ws), Choice.RULE)
    carry_out(ws, resolution)
    written = (feed.folder / "feed.toml").read_bytes()
    ws.catalogue.rule("acme", resolution.rulings.by_feed["acme"])
    assert (feed.folder / "feed.toml").read_bytes() == written
    change(ws, Fields(severity=Severity.LOW), "h2.example.com")
    rule(ws)
    assert [r["when"]["value"] for r in rules(feed)] == [[VALUE, "h2.example.com"]]
