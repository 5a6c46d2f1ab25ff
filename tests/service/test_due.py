"""When a feed has its turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import START, FeedFolder, Watch, indicator
from tidegate.errors import FeedDefinitionError, UsageError
from tidegate.feed import FeedDefinition, parse_feed
from tidegate.ledger.ledger import FeedState
from tidegate.service.due import Turn, due_among, next_of, next_turn, shortest
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]
HOURLY = 'every = "1h"'


def feed(every: str | None = "1h") -> FeedDefinition:
    source = {"kind": "bundle", "path": "x.json"}
    said = {} if every is None else {"every": every}
    return parse_feed({"id": "acme", "source": source, **said}, "here")


def due(ws: Workspace) -> list[str]:
    return [found.id for found in due_among(ws, active_feeds(ws))]


def test_a_feed_on_demand_is_never_due() -> None:
    assert next_turn(feed(None), FeedState("acme"), START) is None


def test_a_feed_that_was_never_pulled_is_due() -> None:
    assert next_turn(feed(), FeedState("acme"), START) == START


@pytest.mark.parametrize(
    ("shortest_one", "passed", "expected"),
    [
        ("1h", timedelta(minutes=30), False),
        ("1h", timedelta(minutes=54), False),
        ("1h", timedelta(minutes=59, seconds=40), True),
        ("1h", timedelta(hours=1), True),
        ("5m", timedelta(minutes=59), False),
        ("5m", timedelta(minutes=59, seconds=40), True),
        ("1m", timedelta(minutes=59, seconds=50), False),
        ("1m", timedelta(minutes=59, seconds=55), True),
    ],
)
def test_a_turn_comes_a_little_early_by_what_the_timer_may_be_off(
    ws: Workspace,
    subscribe: Subscribe,
    watch: Watch,
    shortest_one: str,
    passed: timedelta,
    *,
    expected: bool,
) -> None:
    subscribe("hourly", [indicator(1)], head=HOURLY)
    subscribe("other", head=f'every = "{shortest_one}"')
    sync(ws, ["hourly"])
    watch.now += passed
    assert ("hourly" in due(ws)) is expected


def test_an_attempt_in_the_future_holds_nothing_up() -> None:
    state = FeedState("acme", last_attempt=START + timedelta(days=300))
    assert next_turn(feed(), state, START) == START


def test_only_what_is_due_is_pulled_and_failures_wait_too(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    hourly = subscribe("hourly", [indicator(1)], head=HOURLY)
    subscribe("daily", [indicator(2)], head='every = "1d"')
    subscribe("demand", [indicator(3)])
    subscribe("off", [indicator(4)], head=HOURLY + "\nenabled = false")
    assert due(ws) == ["daily", "hourly"]
    assert sync(ws, due=True).pulled == ("daily", "hourly")
    assert ws.ledger.feed("demand").last_attempt is None
    assert due(ws) == []
    assert next_of(ws) == Turn(START + timedelta(hours=1), "hourly")
    watch.turn(hours=1)
    (hourly.folder / "feed.bundle.json").write_text("{")
    report = sync(ws, due=True)
    assert report.pulled == ("hourly",)
    assert [item.id for item in report.failed] == ["hourly"]
    assert due(ws) == []
    assert sync(ws, due=True).pulled == ()
    watch.turn(hours=1)
    assert due(ws) == ["hourly"]
    assert sync(ws, ["daily"], due=True).pulled == ()


def test_an_hourly_timer_that_comes_some_seconds_early_misses_no_turn(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    for seconds in (40, -40, 0, -30, 30):
        assert sync(ws, due=True).pulled == ("acme",)
        watch.turn(hours=1, seconds=seconds)


def test_the_smallest_interval_is_known_or_there_is_none(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("demand", [indicator(3)])
    with pytest.raises(UsageError, match="nothing to schedule") as caught:
        shortest(ws)
    assert 'every = "1h"' in caught.value.hint
    assert next_of(ws) is None
    broken = subscribe("broken")
    (broken.folder / "feed.toml").write_text("id = 5\n")
    with pytest.raises(FeedDefinitionError, match=r"feed\.toml"):
        shortest(ws)
    subscribe("daily", head='every = "1d"')
    subscribe("often", head='every = "45m"')
    assert shortest(ws) == timedelta(minutes=45)
