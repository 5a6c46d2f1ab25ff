"""Feeds as people see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from driving.homes import START, FeedFolder, bundle, indicator
from servers import malice
from servers.loopback_taxii import COLLECTION, LoopbackTaxii, added
from servers.publisher import Publisher
from tidegate.errors import ConfigError, StoreLocked, UsageError
from tidegate.service import feeds, look
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


FRESH = "2026-05-30T00:00:00.000Z"


def of_server(server: LoopbackTaxii) -> str:
    return f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'


def at(number: int) -> datetime:
    """The time at which a loopback server added its object of this number."""
    return datetime.fromisoformat(added(number))


def test_a_rewind_reads_again_from_a_time_and_loses_nothing_meanwhile(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(5)])
    subscribe("acme", source=of_server(server))
    sync(ws)
    listed = look.rows(ws)
    told = feeds.rewind(ws, "acme", at(1))
    assert told == ("feed acme is rewound; `tidegate sync acme` reads it from 2026-01-01 00:00:00Z")
    assert ws.ledger.count_objects("acme") == (5, 5)
    server.malice = malice.status(404)
    assert sync(ws).failed
    assert look.rows(ws) == listed
    server.malice = None
    report = sync(ws)
    assert report.feeds[0].fetched == 3
    assert report.plan.empty
    assert look.rows(ws) == listed
    assert sync(ws).plan.empty
    assert [each.query["added_after"] for each in server.pulls[-2:]] == [added(1), added(4)]


def test_a_first_pull_may_begin_at_a_time(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(5)])
    subscribe("acme", source=of_server(server))
    feeds.rewind(ws, "acme", at(2))
    assert sync(ws).feeds[0].fetched == 2


def test_times_from_which_less_would_be_read_are_refused(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(5)])
    subscribe("acme", source=of_server(server))
    with pytest.raises(UsageError, match="2026-06-01 12:00:01Z is yet to come"):
        feeds.rewind(ws, "acme", START + timedelta(seconds=1))
    sync(ws)
    before = ws.ledger.feed("acme")
    with pytest.raises(UsageError, match="what lies between would be left out"):
        feeds.rewind(ws, "acme", at(5000))
    assert ws.ledger.feed("acme") == before
    ws.ledger.link.execute("UPDATE feed SET cursor = 'page-7'")  # only the server can compare it
    feeds.rewind(ws, "acme", at(1))
    assert ws.ledger.feed("acme").cursor == "2026-01-01T00:00:00.001000Z"


@pytest.mark.parametrize("kind", ["bundle", "folder", "https"])
def test_a_publication_has_no_position_and_says_so(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii], kind: str
) -> None:
    publisher = Publisher(bundle([indicator(1, modified=FRESH)]), '"one"')
    server = loopback_taxii(malice=publisher, everywhere=True)
    rest = f'url = "{Publisher.url(server)}"' if kind == "https" else 'path = "feed.bundle.json"'
    rest = 'path = "drop"' if kind == "folder" else rest
    feed = subscribe("acme", [indicator(1, modified=FRESH)], source=f'kind = "{kind}"\n{rest}\n')
    (feed.folder / "drop").mkdir()
    (feed.folder / "drop" / "a.json").write_bytes(bundle([indicator(1, modified=FRESH)]))
    sync(ws)
    told = feeds.rewind(ws, "acme", START)
    assert told == (
        "feed acme is a publication, which has no position: `tidegate sync acme` reads all of it"
    )
    report = sync(ws)
    assert (report.feeds[0].fetched, report.plan.empty) == (1, True)
    assert "from its beginning" in feeds.rewind(ws, "acme", None)


def test_a_feed_that_moved_is_read_from_its_beginning_whatever_is_asked(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    old, new = (loopback_taxii([indicator(n, modified=FRESH) for n in range(3)]) for _ in range(2))
    subscribe("acme", source=of_server(old))
    sync(ws)
    subscribe("acme", source=of_server(new))
    assert "has another source now" in feeds.rewind(ws, "acme", at(1))
    assert sync(ws).feeds[0].fetched == 3


def test_a_feed_that_is_pulled_or_broken_is_not_rewound(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = subscribe("acme", [indicator(1)]).folder
    monkeypatch.setattr(feeds, "exclusive", partial(exclusive, wait=0.05))
    with exclusive(ws.home.root / "locks" / "acme"), pytest.raises(StoreLocked):
        feeds.rewind(ws, "acme", None)
    (folder / "feed.toml").write_text("id = 5\n")
    with pytest.raises(ConfigError, match=r"feed\.toml"):
        feeds.rewind(ws, "acme", None)
