"""Who gets a slot beside what is on the list: pins, shares, the reserve, and who stays."""

from __future__ import annotations

from collections.abc import Callable

from driving.homes import DOCUMENTATION, FeedFolder, Watch, as_json, assert_adds_up, indicator
from tidegate.config import Home
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.planning import evaluate
from tidegate.service.quota import quota
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]


def test_a_feed_that_was_never_read_is_not_empty(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    ws.ledger.link.execute("UPDATE feed SET last_success = NULL")
    ws.ledger.link.execute("DELETE FROM object")
    assert evaluate(ws, active_feeds(ws)).plan.empty


def test_pins_keep_their_slot(home: Home, subscribe: Subscribe, watch: Watch) -> None:
    home.config_file.write_text(DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe("acme", [indicator(n, confidence=n * 10) for n in range(6)])
    sync(ws)
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h0.example.com")], pinned=True).plan)
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION + "[brake]\npercent = 100\n")
    ws.close()
    ws = Workspace.open(home, clock=watch)
    plan = sync(ws).plan
    assert plan.counts.waiting == 4
    assert {row.value for row in look.rows(ws)} == {"h0.example.com", "h5.example.com"}
    ws.close()


def test_shares_of_feeds_are_kept(home: Home, subscribe: Subscribe, watch: Watch) -> None:
    home.config_file.write_text("limit = 6\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    # A table of the feed's own stands behind [source], so the policy's `rules` carries it.
    strong = [indicator(n) for n in range(10)]
    weak = [indicator(n) for n in range(20, 30)]
    subscribe("strong", strong, trust=90, rules="[share]\nceiling = 3\n")
    subscribe("weak", weak, trust=10, rules="[share]\nfloor = 2\n")
    report = sync(ws)
    assert quota(ws).by_feed == {"strong": 3, "weak": 3}
    assert report.plan.counts.waiting == 14
    assert_adds_up(as_json(report))
    ws.close()


def test_a_reserve_is_filled_by_people_and_never_by_feeds(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    home.config_file.write_text("limit = 6\nreserve = 2\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe("acme", [indicator(n, confidence=90 - n) for n in range(10)])
    assert sync(ws).plan.counts.kept == 4
    apply(ws, edit.plan_add(ws, ["mine.example.com"], Fields()).plan)
    assert quota(ws).used == 5
    report = sync(ws)
    assert report.plan.counts.kept == 3, "the headroom is restored"
    assert not report.plan.held, "a person's row was no flood of removals"
    assert quota(ws).used == 4
    assert_adds_up(as_json(report))
    ws.close()


def test_a_newcomer_that_is_hardly_better_displaces_no_row(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    first = [indicator(n, confidence=50) for n in range(2)]
    feed = subscribe("acme", first)
    sync(ws)
    for confidence, planned in ((80, 0), (100, 1)):
        feed.publish([*first, indicator(2, confidence=confidence)], watch.now)
        assert len(sync(ws, dry_run=True).plan.changes) == 2 * planned, confidence
    ws.close()
