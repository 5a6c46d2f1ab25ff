"""The slot account: it adds up, and each row counts against one feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.quota import charged, quota
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


@pytest.mark.parametrize("reserve", [0, 1])
def test_the_slot_account_adds_up(
    home: Home, watch: Watch, subscribe: Subscribe, reserve: int
) -> None:
    home.config_file.write_text(f"limit = 5\nreserve = {reserve}\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    assert quota(ws).cutoff is None
    apply(
        ws,
        edit.plan_add(ws, ["mine.example.com"], Fields(expires=watch.now + timedelta(days=6))).plan,
    )
    same = indicator(1)
    subscribe("acme", [same, indicator(2), indicator(3)])
    subscribe("beta", [same, indicator(4), indicator(5)], trust=80)
    sync(ws)
    account = quota(ws)
    used = 5 - reserve
    assert account.used == account.manual + sum(account.by_feed.values()) == used
    assert (account.free, account.waiting, account.expiring_7d) == (reserve, 1 + reserve, 1)
    assert account.by_feed["beta"] == 3, "the shared row counts against the feed that leads it"
    scores = [row.score for row in look.rows(ws) if row.score is not None]
    assert account.cutoff == min(scores), "full for feeds, though a reserve is free"
    assert account.reserve == reserve
    ws.close()


def test_a_pinned_row_is_no_cut_off(home: Home, watch: Watch, subscribe: Subscribe) -> None:
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe("acme", [indicator(n, confidence=n * 10) for n in range(3)])
    sync(ws)
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h0.example.com")], pinned=True).plan)
    weakest = look.find(ws, "h1.example.com").score
    assert quota(ws).cutoff == weakest
    assert quota(ws).pinned == 1
    ws.close()


def test_a_row_counts_against_its_most_trusted_feed() -> None:
    trust = {"a": 50, "b": 70, "c": 70}
    assert charged(("a", "b", "c"), trust) == "b"
    assert charged(("a", "gone"), trust) == "a"
    assert charged(("gone", "left"), trust) == "gone"
