"""One pull: which feeds, by whom, and how it ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from driving.homes import (
    START,
    FeedFolder,
    Watch,
    as_json,
    assert_adds_up,
    bundle,
    indicator,
)
from running import Tidegate
from servers import malice
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Malice, Seen
from servers.loopback_taxii20 import LoopbackTaxii20
from servers.publisher import Publisher
from strategies.builders import held_indicators
from tidegate.errors import ConfigError, UsageError
from tidegate.ledger.evaluation import rejections
from tidegate.ledger.ledger import Ledger
from tidegate.service import feeds, look, pulling
from tidegate.service.pulling import chosen_feeds
from tidegate.service.sync import sizes, sync
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
FRESH = "2026-05-30T00:00:00.000Z"
SAMPLES = ("sample-c2", "sample-malware", "sample-noisy")


def test_feeds_are_chosen_by_id(ws: Workspace, subscribe: Subscribe) -> None:
    with pytest.raises(UsageError, match="no feed is switched on"):
        chosen_feeds(ws, ())
    subscribe("acme")
    subscribe("beta")
    subscribe("off", head="enabled = false")
    assert [feed.id for feed in chosen_feeds(ws, ())] == ["acme", "beta"]
    assert [feed.id for feed in chosen_feeds(ws, ["beta", "beta"])] == ["beta"]
    with pytest.raises(UsageError, match="off is switched off"):
        chosen_feeds(ws, ["off"])
    with pytest.raises(UsageError, match='no feed "acmee"'):
        chosen_feeds(ws, ["acmee"])


def taxii(server: LoopbackTaxii) -> str:
    return f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'


def test_a_feed_is_pulled_by_one_process_at_a_time(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def held_up(_server: LoopbackTaxii, _seen: Seen) -> Answer | None:
        release.wait(30)
        return None

    server = loopback_taxii([indicator(1)], malice=held_up)
    subscribe("acme", source=taxii(server))
    subscribe("other", [indicator(2)])
    monkeypatch.setattr(pulling, "_PULL_WAIT", 0.1)
    with Tidegate(ws.home.root).start("sync", "acme", "--yes") as process:
        until = time.monotonic() + 30
        while not server.pulls and time.monotonic() < until:
            time.sleep(0.02)
        before = ws.ledger.feed("acme")
        report = sync(ws)
        assert [feed.id for feed in report.failed] == ["acme"]
        assert "feed acme is being pulled by another process" in report.failed[0].error
        assert ws.ledger.feed("acme") == before  # nothing of the other's pull is touched
        assert [row.value for row in look.rows(ws)] == ["h2.example.com"]
        release.set()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert ws.ledger.feed("acme").fetched == 1
    assert not sync(ws).failed


def test_a_feed_that_moves_is_read_from_its_new_source_alone(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    down = True

    def faulty(_server: LoopbackTaxii, _seen: Seen) -> Answer | None:
        return Answer(b"{}", status=503) if down else None

    old = loopback_taxii([indicator(1), indicator(2)])
    new = loopback_taxii([indicator(3), indicator(4), indicator(5)], malice=faulty, max_page=1)
    subscribe("acme", source=taxii(old))
    sync(ws)
    assert ws.ledger.count_objects("acme") == (2, 2)
    assert ws.ledger.feed("acme").cursor
    subscribe("acme", source=taxii(new))
    assert [feed.id for feed in sync(ws).failed] == ["acme"]
    assert ws.ledger.count_objects("acme") == (2, 2)
    down = False
    assert not sync(ws).failed
    assert not any("added_after" in seen.query for seen in new.pulls)
    named = {item["name"] for item in held_indicators(ws.ledger, "acme")}
    assert named == {"Sample 3", "Sample 4", "Sample 5"}
    sync(ws)
    assert "added_after" in new.pulls[-1].query


def test_a_server_that_gives_up_midway_keeps_what_came_before(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(4)], max_page=1)
    subscribe("acme", source=taxii(server))
    server.malice = malice.failing(99, 503, first=3)
    report = sync(ws)
    assert [feed.id for feed in report.failed] == ["acme"]
    assert "answered 503, at the last of 4 attempts" in report.failed[0].error
    assert "\n" not in report.failed[0].error
    assert len(look.rows(ws)) == 3
    kept = ws.ledger.feed("acme").cursor
    sync(ws)
    assert ws.ledger.feed("acme").cursor == kept
    server.malice = malice.failing(2, 429)
    told: list[str] = []
    assert not sync(ws, progress=told.append).failed
    assert len(look.rows(ws)) == 4
    assert ws.ledger.feed("acme").cursor != kept
    assert len([line for line in told if line.startswith("acme: http")]) == 2
    assert all("answered 429; asking again in" in line for line in told if "http" in line)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_no_empty_feed_and_is_not_asked_twice(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    status: int,
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in (1, 2)])
    subscribe("acme", source=taxii(server))
    sync(ws)
    before, pulls = ws.ledger.feed("acme"), len(server.pulls)
    server.malice = malice.status(status)
    report = sync(ws)
    assert f"answered {status}" in report.failed[0].error
    assert report.plan.empty
    assert len(server.pulls) == pulls + 1
    assert len(look.rows(ws)) == 2
    after = ws.ledger.feed("acme")
    assert (after.cursor, after.last_success) == (before.cursor, before.last_success)


def test_how_a_collection_was_found_is_kept_for_the_next_pull(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii(
        [indicator(n, modified=FRESH) for n in (1, 2)],
        kind=LoopbackTaxii20,
        discovery={"title": "Old", "api_roots": ["/api1/"]},
    )
    source = f'kind = "taxii"\nurl = "{server.discovery_url}"\ncollection = "{COLLECTION}"\n'
    subscribe("acme", source=source)
    assert not sync(ws).failed
    assert len(look.rows(ws)) == 2
    first = len(server.seen)
    assert not sync(ws).failed
    assert len(server.seen) == first + 4, "the collection and its objects, from two positions"
    subscribe("acme", source=source + 'match = { type = ["indicator"] }\n')
    assert not sync(ws).failed
    assert len(server.seen) == 2 * first + 4, "another filter is another source"
    assert server.pulls[-1].query == {"match[type]": "indicator"}


def web(server: LoopbackTaxii) -> str:
    return f'kind = "https"\nurl = "{Publisher.url(server)}"\n'


def test_a_publication_that_is_as_it_was_removes_nothing_and_what_shrank_does(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    watch: Watch,
) -> None:
    objects = [indicator(n, modified=FRESH) for n in range(4)]
    publisher = Publisher(bundle(objects), '"one"', "Sat, 30 May 2026 00:00:00 GMT")
    subscribe("acme", source=web(loopback_taxii(malice=publisher, everywhere=True)))
    assert sync(ws).feeds[0].fetched == 4
    first = ws.ledger.feed("acme")
    assert (first.cursor or "").startswith('{"etag": "\\"one\\"", "last_modified": "Sat, 30 May')
    watch.turn(days=1)
    told: list[str] = []
    report = sync(ws, progress=told.append)
    assert (report.failed, report.plan.empty) == ((), True)
    assert (report.feeds[0].fetched, report.feeds[0].objects) == (0, 4)
    assert "acme: as it was" in told
    assert_adds_up(as_json(report))
    second = ws.ledger.feed("acme")
    assert (second.cursor, second.published) == (first.cursor, first.published)
    assert second.last_success == watch.now
    publisher.last_modified = "Mon, 01 Jun 2026 00:00:00 GMT"  # rebuilt, with the same content
    sync(ws)
    assert ws.ledger.feed("acme").published == datetime(2026, 6, 1, tzinfo=UTC)
    assert len(look.rows(ws)) == 4
    publisher.body, publisher.etag = bundle(objects[1:]), '"two"'
    report = sync(ws)
    assert sizes(report.plan)["remove"] == 1
    assert {row.value for row in look.rows(ws)} == {f"h{n}.example.com" for n in (1, 2, 3)}
    assert "two" in (ws.ledger.feed("acme").cursor or "")
    assert publisher.statuses == [200, 304, 304, 200]


def test_entries_that_are_no_objects_count_while_a_publication_is_as_it_was(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    publisher = Publisher(bundle([indicator(1, modified=FRESH), "junk", 7]), '"one"')
    subscribe("acme", source=web(loopback_taxii(malice=publisher, everywhere=True)))
    for fetched in (3, 0, 0):
        report = sync(ws)
        assert (report.feeds[0].fetched, report.feeds[0].objects) == (fetched, 3)
        assert_adds_up(as_json(report))
        (rejection,) = look.rejections(ws)
        assert rejection.detail.startswith("2 entries")
        publisher.instead = malice.status(503)
        assert sync(ws).failed
        publisher.instead = None
    publisher.body, publisher.etag = bundle([indicator(1, modified=FRESH)]), '"two"'
    assert sync(ws).feeds[0].objects == 1
    assert look.rejections(ws) == []


def test_validators_are_forgotten_with_a_rewind_and_with_another_source(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    publisher = Publisher(bundle([indicator(1, modified=FRESH)]), '"one"')
    server = loopback_taxii(malice=publisher, everywhere=True)
    subscribe("acme", source=web(server))
    for to in (None, START):
        sync(ws)
        feeds.rewind(ws, "acme", to)
    sync(ws)
    assert publisher.statuses == [200, 200, 200]
    other = Publisher(bundle([indicator(2, modified=FRESH)]), '"one"')
    subscribe("acme", source=web(loopback_taxii(malice=other, everywhere=True)))
    sync(ws)
    assert other.statuses == [200]
    assert [row.value for row in look.rows(ws)] == ["h2.example.com"]


def test_a_publication_of_which_only_a_part_was_kept_is_fetched_anew(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publisher = Publisher(bundle([indicator(n, modified=FRESH) for n in (1, 2)]), '"one"')
    subscribe("acme", source=web(loopback_taxii(malice=publisher, everywhere=True)))
    sync(ws)
    publisher.body, publisher.etag = bundle([indicator(2, modified=FRESH)]), '"two"'

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish_run", killed)
        with pytest.raises(KeyboardInterrupt):
            sync(ws)
    assert not sync(ws).failed
    assert publisher.statuses == [200, 200, 200]
    assert [row.value for row in look.rows(ws)] == ["h2.example.com"]


def test_a_web_page_in_place_of_a_publication_removes_nothing(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    publisher = Publisher(bundle([indicator(1, modified=FRESH)]), '"one"')
    subscribe("acme", source=web(loopback_taxii(malice=publisher, everywhere=True)))
    sync(ws)
    before = ws.ledger.feed("acme").cursor
    for bad in (malice.login_page(), malice.status(404), malice.body(b'{"objects": [')):
        publisher.instead = bad
        report = sync(ws)
        assert [feed.id for feed in report.failed] == ["acme"]
        assert report.plan.empty
    assert ws.ledger.feed("acme").cursor == before
    assert len(look.rows(ws)) == 1


def test_what_another_process_pulled_meanwhile_is_not_pulled_again(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)], head='every = "1h"')
    other = Workspace.open(ws.home, clock=watch)

    def another_is_quicker(told: str) -> None:
        if told == "acme: connecting":  # found due, not locked yet
            sync(other)

    report = sync(ws, due=True, progress=another_is_quicker)
    assert [feed.note for feed in report.feeds] == ["pulled by another process just now"]
    assert not report.failed
    assert ws.ledger.link.execute("SELECT run FROM feed").fetchall() == [(1,)]
    other.close()


def test_a_pull_that_is_abandoned_or_interrupted_was_no_attempt(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    before = ws.ledger.feed("acme")
    watch.turn(minutes=5)
    with pytest.raises(pulling.Abandoned):
        sync(ws, stop=lambda: ws.ledger.feed("acme").last_attempt == watch.now)
    assert ws.ledger.feed("acme") == before

    def interrupt(told: str) -> None:
        if told == "acme: 1 objects":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(ws, progress=interrupt)
    assert ws.ledger.feed("acme").last_attempt == before.last_attempt


QUICKLY = 20
"""Seconds that no test takes: what waits so long waits for ever."""


class Meeting:
    """A server that answers only while another one is being asked, too."""

    def __init__(self, servers: int) -> None:
        self.barrier = threading.Barrier(servers)

    def __call__(self, _server: LoopbackTaxii, _seen: Seen) -> Answer | None:
        self.barrier.wait(QUICKLY)
        return None


class Crowd:
    """Servers that count how many requests there are at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.second = threading.Event()

    def __call__(self, _server: LoopbackTaxii, _seen: Seen) -> Answer | None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            if self.now > 1:
                self.second.set()
        self.second.wait(0.05)  # long enough to be met, were anybody coming
        with self.lock:
            self.now -= 1
        return None


def silent(until: threading.Event) -> Malice:
    """A server that says nothing until it may."""

    def wait(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        until.wait(QUICKLY)
        return None

    return wait


def test_feeds_of_different_servers_are_asked_at_once(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    meeting = Meeting(3)
    for number, ident in enumerate(("acme", "beta", "gamma")):
        server = loopback_taxii([indicator(number, modified=FRESH)], malice=meeting)
        subscribe(ident, source=taxii(server))
    report = sync(ws)
    assert not report.failed
    assert len(look.rows(ws)) == 3
    assert_adds_up(as_json(report))


@pytest.mark.parametrize("one_server", [True, False])
def test_one_server_is_asked_one_thing_at_a_time_and_all_are_where_it_says_so(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    *,
    one_server: bool,
) -> None:
    crowd = Crowd()
    if not one_server:
        with ws.home.config_file.open("a") as file:
            file.write("[sync]\nside_by_side = 1\n")
        ws = Workspace.open(ws.home, clock=ws.clock)
    server = loopback_taxii([indicator(1)], malice=crowd)
    for ident in ("acme", "beta", "gamma"):
        server = server if one_server else loopback_taxii([indicator(1)], malice=crowd)
        subscribe(ident, source=taxii(server))
    assert not sync(ws).failed
    assert crowd.most == 1


def test_a_failing_and_a_silent_server_hold_only_their_own(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    both = threading.Event()

    def landed() -> bool:
        if all(ws.ledger.feed(ident).last_success for ident in ("good", "kind")):
            both.set()  # only now does the silent one answer
        return False

    subscribe("bad", source=taxii(loopback_taxii(malice=malice.status(404))))
    subscribe(
        "dumb", source=taxii(loopback_taxii([indicator(1, modified=FRESH)], malice=silent(both)))
    )
    subscribe("good", source=taxii(loopback_taxii([indicator(2, modified=FRESH)])))
    subscribe("kind", [indicator(3)])
    report = sync(ws, stop=landed)
    assert [feed.id for feed in report.failed] == ["bad"]
    assert both.is_set()
    assert {row.value for row in look.rows(ws)} == {f"h{n}.example.com" for n in (1, 2, 3)}


def test_an_end_waits_for_no_server_and_keeps_what_landed(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    never = threading.Event()
    server = loopback_taxii([indicator(1)], malice=silent(never))
    subscribe("dumb", source=taxii(server))
    subscribe("quick", source=taxii(loopback_taxii([indicator(2)])))
    with pytest.raises(pulling.Abandoned):
        sync(ws, stop=lambda: ws.ledger.feed("quick").last_success is not None)
    assert ws.ledger.count_objects("quick") == (1, 1)
    dumb = ws.ledger.feed("dumb")
    assert (dumb.last_attempt, dumb.error) == (None, "")
    assert look.rows(ws) == ()
    never.set()
    assert not sync(ws).failed  # nobody holds a lock


def test_ctrl_c_in_the_middle_ends_all_pulls(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    never = threading.Event()
    subscribe("dumb", source=taxii(loopback_taxii([indicator(1)], malice=silent(never))))
    objects = [indicator(n, modified=FRESH) for n in range(4)]
    subscribe("quick", source=taxii(loopback_taxii(objects, max_page=1)))

    def interrupt(told: str) -> None:
        if told == "quick: 2 objects":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(ws, progress=interrupt)
    for ident in ("dumb", "quick"):
        assert ws.ledger.feed(ident).last_attempt is None
    assert ws.ledger.count_objects("quick") == (2, 2)
    never.set()
    assert not sync(ws).failed
    assert len(look.rows(ws)) == 4


@pytest.mark.parametrize("later", ["acme", "beta"])
def test_which_feed_is_done_first_changes_neither_plan_nor_report(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    later: str,
) -> None:
    first = {"acme": "beta", "beta": "acme"}[later]
    done = threading.Event()
    order: list[str] = []

    def heard(line: str) -> None:
        if line.endswith("objects"):
            order.append(line.partition(":")[0])
        if line.startswith(f"{first}: 3 objects"):
            done.set()

    for start, ident in ((0, "acme"), (1, "beta")):  # two of the three values in both
        objects = [indicator(n, modified=FRESH) for n in range(start, start + 3)]
        wait = silent(done) if ident == later else None
        subscribe(ident, source=taxii(loopback_taxii(objects, malice=wait, max_page=2)))
    report = sync(ws, progress=heard)
    assert order == [first] * 2 + [later] * 2
    assert [(f.id, f.fetched, f.candidates) for f in report.feeds] == [
        ("acme", 3, 3),
        ("beta", 3, 3),
    ]
    assert report.pulled == ("acme", "beta")
    assert [(c.row.value, c.row.feeds, c.row.sources[0].feed) for c in report.plan.changes] == [
        ("h1.example.com", ("acme", "beta"), "acme"),
        ("h2.example.com", ("acme", "beta"), "acme"),
        ("h0.example.com", ("acme",), "acme"),
        ("h3.example.com", ("beta",), "beta"),
    ]


def test_two_processes_at_once_pull_each_feed_for_themselves_or_leave_it(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    for number, ident in enumerate(("acme", "beta")):
        objects = [indicator(10 * number + n) for n in range(5)]
        lasting = 'action = "Alert and block"\nexpires = "never"\n'
        server = loopback_taxii(objects, max_page=1)
        subscribe(ident, source=taxii(server), default=lasting)
    command = Tidegate(ws.home.root)
    with command.start("sync", "--yes") as one, command.start("sync", "--yes") as two:
        ends = [process.communicate(timeout=60) for process in (one, two)]
    assert {one.returncode, two.returncode} <= {0, 7}, ends
    assert len(look.rows(ws)) == 10
    assert command.run("sync", "--yes").returncode == 0


def test_a_fault_of_ours_in_a_worker_is_not_taken_for_the_feeds(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Path:
        raise ZeroDivisionError

    subscribe("acme", [indicator(1)])
    monkeypatch.setattr("tidegate.sources.bundle_file.read_regular_file", broken)
    with pytest.raises(ZeroDivisionError):
        sync(ws)
    assert ws.ledger.feed("acme").last_attempt is None


def listed(ws: Workspace) -> set[str]:
    return {row.value for row in look.rows(ws)}


def remove(server: LoopbackTaxii, place: int) -> None:
    del server.objects[place], server.raw[place], server.times[place]


def test_a_pull_reads_again_what_is_near_the_last_position_and_changes_nothing(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(6)], max_page=2)
    subscribe("acme", source=taxii(server))
    sync(ws)
    before = ws.ledger.feed("acme").cursor
    first = ws.ledger.link.execute("SELECT * FROM object ORDER BY id").fetchall()
    report = sync(ws)
    assert 0 < report.feeds[0].fetched < 6
    assert report.plan.empty
    assert ws.ledger.feed("acme").cursor == before
    assert ws.ledger.link.execute("SELECT * FROM object ORDER BY id").fetchall() == first
    server.publish([indicator(9, modified=FRESH)], at=server.times[4])  # a little late
    assert sizes(sync(ws).plan)["create"] == 1


def test_a_sweep_finds_what_came_late_and_what_has_gone(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii], watch: Watch
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(20)], max_page=3)
    subscribe("acme", source=taxii(server) + 'sweep = "3d"\n')
    sync(ws)
    remove(server, 7)
    server.publish([indicator(99, modified=FRESH)], at=server.times[2])
    for days in (1, 1):
        watch.turn(days=days)
        assert sync(ws).plan.empty
    watch.turn(days=1, seconds=1)
    server.malice = malice.failing(99, 503, first=4)
    assert sync(ws).failed
    assert listed(ws) == {f"h{n}.example.com" for n in (*range(20), 99)}  # late, and none gone
    server.malice = None
    report = sync(ws)
    assert not report.failed
    assert "h7.example.com" not in listed(ws)
    assert len(listed(ws)) == 20
    told = "\n".join(str(step) for step in explain(ws, "h7.example.com").steps)
    assert "acme no longer lists it since 2026-06-04" in told
    assert explain(ws, "h7.example.com").headline.startswith("NOT IN THE TENANT: no longer listed")
    assert sync(ws).plan.empty
    assert "added_after" in server.pulls[-1].query


def test_a_server_that_cuts_its_answers_off_is_read_to_its_end_and_loses_nothing_to_a_sweep(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii(
        [indicator(n, modified=FRESH) for n in range(35)], max_page=10, malice=malice.cut_off
    )
    subscribe("acme", source=taxii(server))
    for count in (10, 20, 30, 35, 35):
        assert not sync(ws).failed
        assert len(listed(ws)) == count
    feeds.rewind(ws, "acme", None)
    report = sync(ws)
    assert report.feeds[0].fetched == 35
    assert report.plan.empty
    remove(server, 7)
    feeds.rewind(ws, "acme", None)
    assert sizes(sync(ws).plan)["remove"] == 1


def test_a_server_that_dates_nothing_is_swept_too(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii], watch: Watch
) -> None:
    server = loopback_taxii(
        [indicator(n, modified=FRESH) for n in range(25)], max_page=10, dated=False
    )
    subscribe("acme", source=taxii(server))
    sync(ws)
    remove(server, 7)
    assert sync(ws).plan.empty
    watch.turn(days=8)
    assert sizes(sync(ws).plan)["remove"] == 1
    assert [(pull.sweep, pull.ended) for pull in feeds.pulls(ws, "acme")] == [
        (True, True),
        (False, True),
        (False, True),
    ]


def test_what_was_removed_at_the_last_position_breaks_no_pull_off(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(6)], max_page=2)
    subscribe("acme", source=taxii(server))
    sync(ws)
    remove(server, 5)
    assert sync(ws).plan.empty
    assert all(pull.ended for pull in feeds.pulls(ws, "acme"))


def test_an_empty_answer_to_a_sweep_is_held(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii], watch: Watch
) -> None:
    server = loopback_taxii([indicator(n, modified=FRESH) for n in range(20)], max_page=3)
    subscribe("acme", source=taxii(server))
    sync(ws)
    cursor = ws.ledger.feed("acme").cursor
    watch.turn(days=8)
    server.malice = malice.body(b'{"objects": [], "more": false}')
    report = sync(ws)
    assert len(report.plan.held) == 20
    assert len(listed(ws)) == 20
    assert ws.ledger.feed("acme").cursor == cursor
    server.malice = None
    assert sync(ws).plan.empty  # swept again without being asked
    assert len(listed(ws)) == 20


def test_an_older_snapshot_that_is_replayed_changes_no_newer_version(
    ws: Workspace, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii], watch: Watch
) -> None:
    new = [indicator(n, modified=FRESH, name="new") for n in range(4)]
    server = loopback_taxii(new)
    subscribe("acme", source=taxii(server))
    sync(ws)
    old = [indicator(n, name="old", confidence=1) for n in range(4)]
    server.raw = [orjson.dumps(each) for each in old]
    feeds.rewind(ws, "acme", None)
    watch.turn(hours=1)
    assert sync(ws).plan.empty
    assert {item["name"] for item in held_indicators(ws.ledger, "acme")} == {"new"}


def test_what_is_refused_is_told_and_adds_up(ws: Workspace, subscribe: Subscribe) -> None:
    said = [
        indicator(1, name="one thing"),
        indicator(1, name="another"),
        indicator(2, created_by_ref="identity--x"),
        indicator(2, created_by_ref="identity--y", modified=FRESH),
        indicator(3, revoked=True),
        indicator(3, modified=FRESH),
        indicator(4),
    ]
    subscribe("acme", said)
    report = sync(ws)
    assert_adds_up(as_json(report))
    assert listed(ws) == {"h2.example.com", "h4.example.com"}
    feed = report.feeds[0]
    assert (feed.indicators, feed.mapped, feed.rejected, feed.ended) == (4, 2, 1, 1)
    codes = {found.code: found.stix_id for found in rejections(ws.ledger, feed="acme")}
    assert codes == {
        "conflicting_versions": said[0]["id"],
        "other_creator": said[2]["id"],
        "revocation_withdrawn": said[4]["id"],
    }
    for code, ident in codes.items():
        assert code in "\n".join(str(step) for step in explain(ws, ident).steps)


def test_a_folder_whose_first_pull_meets_a_broken_file_shows_what_it_could_read(
    ws: Workspace, subscribe: Subscribe
) -> None:
    folder = subscribe("acme", source='kind = "folder"\npath = "files"\n').folder / "files"
    folder.mkdir()
    (folder / "good.json").write_bytes(bundle([indicator(1)]))  # 30 days were over long ago
    os.utime(folder / "good.json", (START.timestamp(), START.timestamp()))
    (folder / "broken.json").write_bytes(b'{"objects": [')
    report = sync(ws)
    assert [feed.id for feed in report.failed] == ["acme"]
    assert (report.feeds[0].mapped, report.feeds[0].ended) == (1, 0)
    (folder / "broken.json").write_bytes(bundle([indicator(2)]))
    assert not sync(ws).failed
    assert listed(ws) == {"h1.example.com", "h2.example.com"}


def test_a_commit_that_fails_gives_every_feed_back(
    ws: Workspace,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = threading.Event()
    subscribe("dumb", source=taxii(loopback_taxii([indicator(1)], malice=silent(never))))
    subscribe("quick", source=taxii(loopback_taxii([indicator(2)])))
    made = Ledger.commit

    def full(ledger: Ledger) -> None:
        made(ledger)
        raise ConfigError("the disk is full")

    monkeypatch.setattr(Ledger, "commit", full)
    with pytest.raises(ConfigError, match="full") as raised:
        sync(ws)
    monkeypatch.undo()
    never.set()
    assert raised.traceback  # what holds the locks, as a caller that tells of the fault does
    assert ws.ledger.feed("dumb").last_attempt is None
    assert not sync(ws).failed


def test_another_process_may_write_between_pages_that_come_together(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    free: list[bool] = []
    other = sqlite3.connect(ws.home.ledger_file, timeout=0, isolation_level=None)

    def write(_seconds: float) -> None:
        with contextlib.suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
            other.execute("COMMIT")
            free.append(True)

    monkeypatch.setattr(pulling, "monotonic", lambda: now[0])
    monkeypatch.setattr(pulling, "sleep", write)
    together = pulling._Together(ws.ledger)
    for moment in (0, 0.3, 0.6):
        now[0] = moment
        together.begin()
    together.commit()
    other.close()
    assert free == [True]
