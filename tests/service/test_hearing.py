"""What feeds said of a value or in an object, as `why` tells it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.service.story import WhyTrace
from tidegate.service.sync import sync
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
SHA256, MD5 = "1" * 64, "2" * 32


def told(trace: WhyTrace, stage: str) -> list[str]:
    return [step.text for step in trace.steps if step.stage == stage]


def test_an_object_is_told_of_by_its_id(ws: Workspace, subscribe: Subscribe) -> None:
    pattern = "[domain-name:value = 'h1.example.com' OR ipv4-addr:value = '10.0.0.1']"
    mapped, ended = indicator(1, pattern), indicator(2, revoked=True)
    over = indicator(3, valid_until="2026-01-02T00:00:00Z")
    subscribe("acme", [mapped, ended, over])
    sync(ws)
    trace = explain(ws, mapped["id"])
    assert trace.present
    assert told(trace, "value") == []
    assert "guard_special_purpose" in told(trace, "mapping")[0]
    assert f"acme says so in {mapped['id']}" in told(trace, "feed")[1]
    trace = explain(ws, ended["id"])
    assert trace.headline.startswith("NOT IN THE TENANT: ended")
    assert told(trace, "feed")[1] == f"acme named it in {ended['id']}: revoked"
    assert told(explain(ws, over["id"]), "feed")[1] == (
        f"acme named it in {over['id']}: expired (valid_until 2026-01-02T00:00:00Z)"
    )
    assert "no feed has named it" in explain(ws, "indicator--0").headline


def test_an_end_that_is_the_feeds_own_is_said_to_be_it(ws: Workspace, subscribe: Subscribe) -> None:
    own = indicator(1, valid_until=f"{ws.clock() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}")
    far = indicator(2, valid_until="2099-01-01T00:00:00Z")
    subscribe("acme", [own, far])
    sync(ws)
    assert told(explain(ws, own["id"]), "policy")[0].endswith("Z, the feed's own valid_until")
    assert "valid_until" not in told(explain(ws, far["id"]), "policy")[0]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[domain-name:value = ", "refuses it, too: the publisher has to mend it"),
        (f"[url:value = '{'x' * 70_000}']", "the STIX grammar was not asked"),
    ],
)
def test_an_unreadable_pattern_has_a_second_opinion(
    ws: Workspace, subscribe: Subscribe, pattern: str, words: str
) -> None:
    broken = indicator(1, pattern)
    subscribe("acme", [broken])
    sync(ws)
    mapping = told(explain(ws, broken["id"]), "mapping")
    assert "unreadable_pattern" in mapping[0]
    assert words in mapping[1]


def test_the_other_hashes_of_a_file_are_named(ws: Workspace, subscribe: Subscribe) -> None:
    pattern = f"[file:hashes.'SHA-256' = '{SHA256}'] OR [file:hashes.MD5 = '{MD5}']"
    subscribe("acme", [indicator(1, pattern)])
    sync(ws)
    assert told(explain(ws, MD5), "mapping") == [f"{SHA256} stands for the file's {MD5}, too"]


def test_each_feed_says_since_when_it_names_a_value(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    again = "[domain-name:value = 'h1.example.com']"
    acme = subscribe("acme", [indicator(1), indicator(2, again)])
    subscribe("beta", [indicator(1, "[ipv4-addr:value = '198.51.100.0/24']")])
    sync(ws)
    start = watch.now
    watch.turn(days=9)
    newer = indicator(1, modified="2026-05-01T00:00:00.000Z")
    acme.publish([newer, indicator(2, again)], watch.now)
    sync(ws)
    trace = explain(ws, "h1.example.com")
    assert told(trace, "feed")[0] == (
        f"acme: seen {start:%Y-%m-%d} to {watch.now:%Y-%m-%d}, 1 earlier version"
    )
    (seen,) = trace.seen
    assert (seen.feed, seen.first, seen.last) == ("acme", start, watch.now)
    assert seen.earlier == (datetime(2026, 1, 1, tzinfo=UTC),)
    refused = explain(ws, "198.51.100.0/24")
    assert [each.feed for each in refused.seen] == ["beta"]
    assert told(refused, "feed")[0] == f"beta: seen {start:%Y-%m-%d} to {watch.now:%Y-%m-%d}"
    assert len(told(trace, "feed")[0]) <= 80 - 17
    assert explain(ws, "nobody.example.com").seen == ()


def test_a_value_of_contents_in_conflict_is_not_called_unknown(
    ws: Workspace, subscribe: Subscribe
) -> None:
    other = indicator(1, "[domain-name:value = 'H2.example.com']")
    subscribe("acme", [indicator(1), other])
    sync(ws)
    for value in ("h1.example.com", "h2.example.com"):
        trace = explain(ws, value)
        assert trace.headline == "NOT IN THE TENANT: refused"
        assert "conflicting_versions" in told(trace, "mapping")[0]
        assert [each.feed for each in trace.seen] == ["acme"]
    assert "no feed has named it" in explain(ws, "h3.example.com").headline


def test_of_many_objects_the_latest_are_told(ws: Workspace, subscribe: Subscribe) -> None:
    pattern = "[domain-name:value = 'h1.example.com']"
    days = [f"2026-05-{day:02}T00:00:00.000Z" for day in range(1, 31)]
    named = [indicator(n, pattern, modified=day) for n, day in enumerate(days)]
    subscribe("acme").publish(named, datetime(2026, 5, 1, tzinfo=UTC))
    sync(ws)
    trace = explain(ws, "h1.example.com")
    feed = told(trace, "feed")
    assert "the 6 latest objects are told of; 22 more name it" in feed
    assert next(text for text in feed if "says so in" in text).startswith(
        f"acme says so in {named[-1]['id']}"
    )
    assert len([text for text in feed if "says so in" in text]) == 6


def test_a_refused_object_is_found_by_the_value_it_names(
    ws: Workspace, subscribe: Subscribe
) -> None:
    early = indicator(1, valid_from="2026-12-01T00:00:00Z")
    subscribe("acme", [early, indicator(2, indicator_types=["benign"])])
    sync(ws)
    for value, code in (("h1.example.com", "not_yet_valid"), ("H2.example.com", "benign")):
        trace = explain(ws, value)
        assert trace.headline == "NOT IN THE TENANT: refused"
        assert code in told(trace, "mapping")[0]
