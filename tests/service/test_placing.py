"""Where a waiting row stands: whom it would have to displace, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add, plan_pin
from tidegate.service.look import rows
from tidegate.service.story import WhyTrace
from tidegate.service.sync import sync
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def ws(home: Home, watch: Watch) -> Iterator[Workspace]:
    """A list of two rows."""
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION, "utf-8")
    opened = Workspace.open(home, clock=watch)
    yield opened
    opened.close()


def told(trace: WhyTrace, stage: str) -> str:
    return "\n".join(step.text for step in trace.steps if step.stage == stage)


@pytest.mark.parametrize("confidence", [0, 37, 50, 100])
def test_a_row_comes_in_with_a_trust_above_the_one_that_is_told(
    ws: Workspace, subscribe: Subscribe, confidence: int
) -> None:
    subscribe("acme", [indicator(1), indicator(2, confidence=55)], trust=70)
    subscribe("low", [indicator(3, confidence=confidence)], trust=40)
    sync(ws)
    trace = explain(ws, "h3.example.com")
    assert "h2.example.com (85.4 = 82.4 + 3 for holding its slot)" in told(trace, "cut-off")
    words = told(trace, "change").partition("`trust` of feed low above ")[2]
    trust = int(words.partition(" ")[0])
    assert words.startswith(f"{trust} (now 40): it comes before h2.example.com")
    for enough, present in ((trust, False), (trust + 1, True)):
        subscribe("low", [indicator(3, confidence=confidence)], trust=enough)
        sync(ws)
        assert explain(ws, "h3.example.com").present is present


def test_its_own_feeds_trust_moves_nothing_between_its_own_rows(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    trace = explain(ws, "h2.example.com")
    assert told(trace, "allocation") == "waits at place 1 with score 82.8: the list is full"
    # Equals at first, told apart by their identity; by now the other one has its slot.
    assert "3 short of h1.example.com (85.8 = 82.8 + 3" in told(trace, "cut-off")
    assert "trust" not in told(trace, "change")
    assert "a slot that comes free, the next on 2026-07-01 12:00:00Z" in told(trace, "change")
    subscribe("bolt", [indicator(2)], trust=10)
    sync(ws)
    trace = explain(ws, "h2.example.com")
    assert "no better than h1.example.com (85.8" in told(trace, "cut-off")
    assert "one more feed that names it, which is 3 points" in told(trace, "change")
    subscribe("cold", [indicator(2)], trust=10)
    sync(ws)
    assert explain(ws, "h2.example.com").present


def test_rows_that_no_feeds_row_displaces_are_not_among_those_to_displace(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1), indicator(2, confidence=90)], trust=70)
    sync(ws)
    (pinned,) = [row for row in rows(ws) if row.value == "h1.example.com"]
    apply(ws, plan_pin(ws, [pinned], pinned=True).plan)
    subscribe("low", [indicator(3)], trust=40)
    sync(ws)
    assert "h2.example.com" in told(explain(ws, "h3.example.com"), "cut-off")
    apply(ws, plan_add(ws, ["hand.example.com"], Fields()).plan)
    sync(ws)
    trace = explain(ws, "h3.example.com")
    assert trace.headline == "NOT IN THE TENANT: waits for a slot"
    assert told(trace, "cut-off") == ""
    assert "`limit` above 2 in config.toml" in told(trace, "change")


def test_a_floor_that_keeps_a_weaker_row_is_named(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)], trust=70)
    subscribe("low", [indicator(3)], trust=10, rules="[share]\nfloor = 1\n")
    sync(ws)
    trace = explain(ws, "h2.example.com")
    assert "of feed acme, the weakest that it may displace" in told(trace, "cut-off")
    assert "the floor of feed low keeps weaker rows, down to h3.example.com (25.8" in told(
        trace, "cut-off"
    )
    assert "a lower `floor` under [share] of feed low" in told(trace, "change")
    subscribe("low", [indicator(3)], trust=10)
    sync(ws)
    assert explain(ws, "h2.example.com").present


def test_a_file_that_waits_is_found_by_its_other_hashes(
    ws: Workspace, subscribe: Subscribe
) -> None:
    sha, md5 = "1" * 64, "2" * 32
    pattern = f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"
    subscribe("acme", [indicator(1), indicator(2), indicator(3, pattern, confidence=1)])
    sync(ws)
    for text in (sha, md5):
        assert explain(ws, text).headline == "NOT IN THE TENANT: waits for a slot"


def test_a_scope_is_named_where_a_row_has_one(ws: Workspace, subscribe: Subscribe) -> None:
    lab = 'action = "Alert only"\nseverity = "High"\nexpires = "30d"\ngroups = ["lab"]\n'
    subscribe("acme", [indicator(n) for n in range(3)], default=lab)
    sync(ws)
    trace = explain(ws, "h2.example.com")
    assert told(trace, "score").partition("\n")[0].endswith("0 sightings, for lab")
    assert told(trace, "allocation").startswith("waits at place 1 with score 82.8 for lab: ")
    assert "h1.example.com for lab (85.8" in told(trace, "cut-off")
