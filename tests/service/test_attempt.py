"""What the ledger is told of one attempt, whichever way it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import START, FeedFolder, Watch, indicator
from servers.loopback_taxii import COLLECTION, LoopbackTaxii
from tidegate.errors import FeedUnavailable, StoreLocked
from tidegate.ledger.pins import FeedPin
from tidegate.service.attempt import Attempt, _Pin
from tidegate.service.feeds import pulls, rewind
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.sources.base import FeedPage
from tidegate.store.lock import exclusive

Subscribe = Callable[..., FeedFolder]


def test_pages_are_counted_and_told_and_the_end_is_a_success(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    told: list[str] = []
    attempt = Attempt(ws, active_feeds(ws)[0], told.append)
    assert attempt.begin(told.append).whole
    for number in range(2):
        attempt.keep(FeedPage((indicator(number),), number, None, None, note=f"note {number}"))
    assert ws.ledger.feed("acme").last_success is None
    attempt.finish()
    assert told == ["acme: 1 objects", "acme: 2 objects"]
    assert (attempt.pages, attempt.fetched, attempt.note) == (2, 3, "note 1")
    state = ws.ledger.feed("acme")
    assert (state.fetched, state.junk, state.last_success) == (3, 1, START)


def test_a_failure_keeps_the_attempt_and_an_abandoned_one_gives_the_turn_back(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    (feed,) = active_feeds(ws)
    failed = Attempt(ws, feed, lambda _: None)
    failed.begin(lambda _: None)
    failed.fail(FeedUnavailable("gone", "later"))
    assert (ws.ledger.feed("acme").last_attempt, ws.ledger.feed("acme").error) == (
        START,
        "gone (later)",
    )
    watch.turn(hours=1)
    left = Attempt(ws, feed, lambda _: None)
    left.held.enter_context(exclusive(ws.home.root / "locks" / "acme"))
    left.begin(lambda _: None)
    assert ws.ledger.feed("acme").last_attempt == watch.now
    with pytest.raises(StoreLocked), exclusive(ws.home.root / "locks" / "acme", 0):
        pytest.fail("two held it")
    left.leave()
    assert ws.ledger.feed("acme").last_attempt == START
    with exclusive(ws.home.root / "locks" / "acme", 0):
        pass


def test_an_attempt_that_never_began_leaves_no_trace(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    Attempt(ws, active_feeds(ws)[0], lambda _: None).leave()
    assert ws.ledger.link.execute("SELECT COUNT(*) FROM feed").fetchone() == (0,)


def test_a_collection_looked_for_afresh_is_read_to_its_end_all_the_same(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n) for n in range(3)])
    source = f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
    subscribe("acme", source=source)
    sync(ws)
    ws.ledger.link.execute("UPDATE pin SET root = root || 'gone/'")
    del server.objects[0], server.raw[0], server.times[0]
    rewind(ws, "acme", None)
    report = sync(ws)
    assert "looked for afresh" in report.feeds[0].note
    assert pulls(ws, "acme")[0].ended
    assert ws.ledger.count_objects("acme") == (2, 2)


def test_where_a_collection_was_found_is_known_to_its_next_reading_and_stored_once(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    ws.ledger.start_run("acme", START)
    stored = FeedPin(ws.ledger, "acme", "")
    pin = _Pin(stored)
    assert pin.recall() is None
    pin.keep("2.1", "https://taxii.example.com/api1/", "c")
    assert pin.recall() == ("2.1", "https://taxii.example.com/api1/", "c")
    assert stored.recall() is None, "only the one who writes stores it"
    pin.store()
    assert stored.recall() == pin.recall()
    ws.ledger.link.execute("DELETE FROM pin")
    pin.store()
    assert stored.recall() is None, "what is no news is not written again"
