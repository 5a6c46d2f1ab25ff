"""A feed's health by its own measure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import START, FeedFolder, Watch, indicator
from tidegate.service.feeds import show
from tidegate.service.freshness import Freshness, unique_of, word_for
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
HOUR = timedelta(hours=1)


def fresh(ws: Workspace, ident: str) -> Freshness:
    return show(ws, ident)[0].freshness


@pytest.mark.parametrize(
    ("age", "pace", "word"),
    [
        (None, HOUR, "never"),
        (None, None, "never"),
        (HOUR, None, "unknown"),
        (timedelta(), HOUR, "fresh"),
        (1.05 * HOUR, HOUR, "fresh"),
        (1.2 * HOUR, HOUR, "late"),
        (3 * HOUR, HOUR, "late"),
        (3.01 * HOUR, HOUR, "stale"),
    ],
)
def test_every_age_has_its_word(age: timedelta | None, pace: timedelta | None, word: str) -> None:
    assert word_for(age, pace) == word


def test_age_counts_from_the_last_success_and_the_next_run_from_the_last_attempt(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)], head='every = "1h"')
    assert fresh(ws, "acme") == Freshness("never", None, START, None)
    sync(ws)
    watch.turn(hours=4)
    (feed.folder / "feed.bundle.json").write_text("{")
    sync(ws)
    assert fresh(ws, "acme") == Freshness("stale", 4 * HOUR, START + 5 * HOUR, 1.0)
    ws.catalogue.disable("acme")
    assert fresh(ws, "acme") == Freshness("stale", 4 * HOUR, None, None)


def test_a_feed_on_demand_is_measured_by_its_publications(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    for _ in range(3):
        feed.publish([indicator(1)], watch.now)
        sync(ws)
        word = fresh(ws, "acme").word
        watch.turn(days=1)
    assert word == "fresh"
    assert fresh(ws, "acme").word == "fresh"
    watch.turn(days=2, hours=1)
    assert fresh(ws, "acme") == Freshness("stale", timedelta(days=3, hours=1), None, 1.0)


def test_unique_is_what_no_other_active_feed_proposes(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("four", [indicator(n) for n in range(4)])
    subscribe("two", [indicator(3), indicator(4)])
    subscribe("none")
    # The same value twice in one feed is one value.
    subscribe("one", [indicator(9), indicator(10, "[domain-name:value = 'h9.example.com']")])
    sync(ws)
    assert unique_of(ws) == {"four": 0.75, "two": 0.5, "one": 1.0}
    ws.catalogue.disable("two")
    assert unique_of(ws) == {"four": 1.0, "one": 1.0}
