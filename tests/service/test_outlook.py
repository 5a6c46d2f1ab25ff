"""Shares, the edges of the list and the forecast, held against what really comes to pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.indicators.kinds import IndicatorType
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.outlook import FeedShare, Place, outlook
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
NEVER = 'action = "Alert and block"\nseverity = "High"\nexpires = "never"\n'


def limited(home: Home, watch: Watch, settings: str) -> Workspace:
    home.config_file.write_text(settings + DOCUMENTATION)
    return Workspace.open(home, clock=watch)


def test_an_empty_home_has_nothing_ahead(ws: Workspace) -> None:
    found = outlook(ws)
    assert (found.feeds, found.next_in, found.next_out, found.forecast) == ((), None, None, ())


def test_the_edges_of_a_full_list(home: Home, watch: Watch, subscribe: Subscribe) -> None:
    ws = limited(home, watch, "limit = 3\n")
    subscribe("acme", [indicator(n, confidence=90 - 10 * n) for n in range(5)], trust=60)
    sync(ws)
    found = outlook(ws)
    assert found.feeds == (FeedShare("acme", 3, 0, None, 2),)
    waits = Place("h3.example.com", IndicatorType.DOMAIN_NAME, 72.8, "acme")
    assert found.next_in == waits
    assert found.next_out is not None
    assert found.next_out.value == "h2.example.com"
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h2.example.com")], pinned=True).plan)
    pinned = outlook(ws).next_out
    assert pinned is not None
    assert pinned.value == "h1.example.com", "a pin keeps its slot"
    ws.close()


def test_ceilings_and_floors_decide_who_is_next(
    home: Home, watch: Watch, subscribe: Subscribe
) -> None:
    ws = limited(home, watch, "limit = 4\n")
    strong = [indicator(n, confidence=90 - 10 * n) for n in range(4)]
    weak = [indicator(n, confidence=90 - 10 * (n - 20)) for n in range(20, 26)]
    subscribe("strong", strong, trust=90, rules="[share]\nceiling = 1\n")
    subscribe("weak", weak, trust=10, rules="[share]\nfloor = 3\n")
    sync(ws)
    found = outlook(ws)
    assert found.feeds == (FeedShare("strong", 1, 0, 1, 3), FeedShare("weak", 3, 3, None, 3))
    assert found.next_in is not None
    assert found.next_in.value == "h23.example.com", "the strong feed is at its ceiling"
    assert found.next_out is not None
    assert found.next_out.value == "h0.example.com", "the weak feed is at its floor"
    ws.close()


def test_the_forecast_comes_to_pass(home: Home, watch: Watch, subscribe: Subscribe) -> None:
    ws = limited(home, watch, "limit = 5\n")
    apply(
        ws,
        edit.plan_add(ws, ["mine.example.com"], Fields(expires=watch.now + timedelta(days=2))).plan,
    )
    ends = {n: watch.now + timedelta(days=3 if n < 3 else 300) for n in range(12)}
    acme = [
        indicator(n, confidence=99 - n, valid_until=f"{ends[n]:%Y-%m-%dT%H:%M:%SZ}")
        for n in range(12)
    ]
    subscribe("acme", acme, default=NEVER, rules="[share]\nceiling = 4\n")
    beta = [indicator(n, confidence=10) for n in range(20, 24)]
    subscribe("beta", beta, trust=1, default=NEVER)
    sync(ws)
    found = outlook(ws)
    first, second = found.forecast
    in_two_days = (watch.now + timedelta(days=2)).date()
    assert (first.day, first.freed, first.promoted) == (in_two_days, 1, 1)
    assert first.first == ("h20.example.com",), "acme is at its ceiling"
    assert (second.freed, second.promoted) == (3, 3)
    assert second.first == ("h4.example.com", "h5.example.com", "h6.example.com")
    for day in (first, second):
        watch.now = watch.now.replace(day=day.day.day, hour=23)
        created = {c.row.value for c in sync(ws).plan.changes if c.after is not None}
        assert created == set(day.first)
    ws.close()


def test_an_overfull_list_promotes_nothing_until_it_is_within_its_limit(
    home: Home, watch: Watch, subscribe: Subscribe
) -> None:
    ws = limited(home, watch, "limit = 6\n")
    subscribe("acme", [indicator(n, confidence=99 - n) for n in range(12)])
    sync(ws)
    ws.close()
    ws = limited(home, watch, "limit = 4\nreserve = 1\n")
    (day,) = outlook(ws).forecast
    assert (day.freed, day.promoted) == (6, 3)
    ws.close()
