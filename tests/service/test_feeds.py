"""Feeds as people see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from driving.homes import FeedFolder, indicator
from tidegate.errors import StoreLocked, UsageError
from tidegate.service import feeds
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace
from tidegate.store.lock import exclusive

Subscribe = Callable[..., FeedFolder]


def test_every_feed_has_a_state(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("on", head='every = "2h"')
    subscribe("off", head="enabled = false")
    (subscribe("broken").folder / "feed.toml").write_text("id = 5\n")
    views = {view.id: view for view in feeds.overview(ws)}
    assert {i: views[i].state for i in ("on", "off", "broken", "sample-c2")} == {
        "on": "on",
        "off": "off",
        "broken": "broken",
        "sample-c2": "shipped",
    }
    assert (views["on"].every, views["off"].every, views["on"].kind) == ("2h", "", "bundle")
    assert "feed.toml" in views["broken"].error
    assert list(views) == sorted(views)


def test_a_record_tells_health(ws: Workspace, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2, pattern_type="yara")])
    before = feeds.show(ws, "acme")[0].record()
    assert (before["last_success"], before["objects"]) == (None, 0)
    sync(ws)
    after = feeds.show(ws, "acme")[0].record()
    assert after["last_success"] == "2026-06-01T12:00:00Z"
    assert (after["mapped"], after["rejected"], after["error"]) == (1, 1, "")
    (feed.folder / "feed.bundle.json").unlink()
    sync(ws)
    failed = feeds.show(ws, "acme")[0].record()
    assert "is not there" in str(failed["error"])
    assert failed["mapped"] == 1


def test_a_check_stops_at_the_first_step_that_fails(ws: Workspace, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1)])
    steps = list(feeds.check(ws, "acme"))
    assert all(step.ok for step in steps)
    assert steps[0].step == "definition"
    (feed.folder / "feed.bundle.json").write_text("{")
    steps = list(feeds.check(ws, "acme"))
    assert [step.ok for step in steps][-1] is False
    assert all(step.ok for step in steps[:-1])
    (feed.folder / "feed.toml").write_text("id = 5\n")
    assert [(s.step, s.ok) for s in feeds.check(ws, "acme")] == [("definition", False)]
    with pytest.raises(UsageError):
        list(feeds.check(ws, "none"))


def test_a_feed_is_switched_while_nobody_else_writes_its_definition(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)])
    monkeypatch.setattr(feeds, "exclusive", partial(exclusive, wait=0))
    with feeds.policy_alone(ws, "acme"):
        for switch in (feeds.enable, feeds.disable):
            with pytest.raises(StoreLocked):
                switch(ws, "acme")
        assert not feeds.disable(ws, "sample-c2").active, "another feed"
    assert not feeds.disable(ws, "acme").active
    assert feeds.enable(ws, "acme").active
    with pytest.raises(UsageError, match="there is no feed"):
        feeds.enable(ws, "../acme")
    assert not (ws.home.root / "acme.toml").exists()
    ws.read_only = True
    for switch in (feeds.enable, feeds.disable):
        with pytest.raises(UsageError, match="read-only"):
            switch(ws, "acme")


def test_an_odd_policy_is_counted_by_a_check(ws: Workspace, subscribe: Subscribe) -> None:
    rules = '[[rule]]\nname = "none"\nwhen = { confidence = ">100" }\nthen = { action = "skip" }\n'
    feed = subscribe("acme", [indicator(1)], rules=rules)
    assert [finding.rules for finding in feeds.oddities(ws, "acme")] == [("none",)]
    steps = {step.step: step for step in feeds.check(ws, "acme")}
    assert steps["policy"].ok
    assert steps["policy"].detail == "1 rule and a default; 1 warning"
    (feed.folder / "feed.toml").write_text("id = 5\n")
    assert feeds.oddities(ws, "acme") == ()
