"""Report cards: the feeds that are on, beside each other and on the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.service.reporting import report_cards
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def test_cards_compare_the_feeds_that_are_on(
    home: Home, watch: Watch, subscribe: Subscribe
) -> None:
    home.config_file.write_text("limit = 5\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    sighting = {
        "type": "sighting",
        "spec_version": "2.1",
        "id": "sighting--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3",
        "created": "2026-01-01T00:00:00Z",
        "modified": "2026-01-01T00:00:00Z",
        "sighting_of_ref": indicator(1)["id"],
        "count": 8,
    }
    bad = indicator(90, "[ipv4-addr:value = '10.0.0.1']")
    subscribe("acme", [*(indicator(n) for n in range(4)), bad, sighting], trust=80)
    subscribe("beta", [indicator(n) for n in (3, 4, 5, 6)], trust=20)
    subscribe("gone", [indicator(3)], head="enabled = false\n")
    sync(ws)
    acme, beta = report_cards(ws)
    assert (acme.id, acme.trust, acme.candidates, acme.values) == ("acme", 80, 4, 4)
    assert (acme.unique_share, acme.overlap) == (0.75, {"beta": 1})
    assert (acme.held, acme.waiting, beta.held, beta.waiting) == (4, 0, 1, 2)
    assert sum(acme.guards.values()) == 1
    assert (acme.rejected_share, beta.rejected_share) == (0.2, 0)
    assert (acme.sightings, acme.slots_per_sighting) == (8, 0.5)
    assert (beta.sightings, beta.slots_per_sighting) == (0, None)
    assert acme.newest == watch.now
    assert acme.median is not None
    assert watch.now - acme.median < timedelta(days=1)
    assert report_cards(ws, "beta") == (beta,)
    assert report_cards(ws, "gone") == ()
    record = acme.record()
    assert record["overlap"] == [{"feed": "beta", "values": 1, "share": 0.25}]
    assert record["slots_per_sighting"] == 0.5
    ws.close()


def test_a_feed_that_was_never_read_has_an_empty_card(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    (card,) = report_cards(ws)
    assert (card.values, card.unique_share, card.rejected_share) == (0, None, None)
    assert (card.newest, card.median, card.overlap, card.guards) == (None, None, {}, {})
