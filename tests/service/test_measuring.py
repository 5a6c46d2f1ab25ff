"""What a feed proposed before is known only where it can be compared with now."""

from __future__ import annotations

from collections.abc import Callable

from driving.homes import FeedFolder, Watch, indicator
from tidegate.allocation.brake import FeedNumbers
from tidegate.ledger.measures import measures
from tidegate.service.measuring import approved, basis_of, let_through, numbers_of
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]


def test_nothing_is_known_before_the_first_sync_and_after_the_policy_changed(
    ws: Workspace, subscribe: Subscribe
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    feeds = active_feeds(ws)
    assert numbers_of(ws, feeds, {"acme": 2})[0].before is None
    sync(ws)
    assert numbers_of(ws, feeds, {"acme": 7}) == (FeedNumbers("acme", 7, 2),)
    assert numbers_of(ws, feeds, {}) == ()
    path = feed.folder / "feed.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("A feed", "Another title"), "utf-8")
    (renamed,) = active_feeds(Workspace.open(ws.home, clock=ws.clock))
    assert basis_of(ws, renamed) == basis_of(ws, feeds[0])
    path.write_text(text.replace("trust = 70", "trust = 71"), "utf-8")
    (changed,) = active_feeds(Workspace.open(ws.home, clock=ws.clock))
    assert numbers_of(ws, [changed], {"acme": 7})[0].before is None


def test_other_guards_leave_nothing_to_compare_with(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    ws.home.config_file.write_text("", "utf-8")
    strict = Workspace.open(ws.home, clock=ws.clock)
    feeds = active_feeds(strict)
    assert numbers_of(strict, feeds, {"acme": 3}) == (FeedNumbers("acme", 3),)
    assert numbers_of(strict, feeds, {"acme": 0}) == (FeedNumbers("acme", 0, ruled_out=True),)
    strict.close()
    # Under the rules of before it is its publisher that makes it propose nothing.
    assert numbers_of(ws, feeds, {"acme": 0}) == (FeedNumbers("acme", 0, 1),)


def test_a_feed_that_lists_nothing_alive_is_not_ruled_out(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1, revoked=True)])
    sync(ws)
    assert numbers_of(ws, active_feeds(ws), {"acme": 0}) == (FeedNumbers("acme", 0, 0),)


def test_what_waits_stays_as_it_was_until_it_is_approved(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    subscribe("bolt", [indicator(2)])
    sync(ws)
    feeds = active_feeds(ws)
    let_through(ws, feeds, numbers_of(ws, feeds, {"acme": 5, "bolt": 6}), {"acme"})
    assert {k: m.candidates for k, m in measures(ws.ledger, "default").items()} == {
        "acme": 1,
        "bolt": 6,
    }
    approved(ws, feeds, {"bolt", "gone"})
    assert measures(ws.ledger, "default")["bolt"].candidates == 1


def test_the_rows_of_an_emptied_feed_end_in_their_own_time(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    feed.publish([], watch.now)
    for _ in range(2):
        watch.turn(days=14)
        assert len(sync(ws).plan.held) == 2
        assert len(list(ws.store.active(watch()))) == 2
    watch.turn(days=3)
    assert not sync(ws).plan.held
    assert not list(ws.store.active(watch()))
    assert measures(ws.ledger, "default")["acme"].candidates == 0


def test_a_reading_that_did_not_come_to_its_end_says_nothing(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    ws.ledger.link.execute("UPDATE pull SET ended = 0")
    feeds = active_feeds(ws)
    let_through(ws, feeds, numbers_of(ws, feeds, {"acme": 5}))
    assert measures(ws.ledger, "default")["acme"].candidates == 1
