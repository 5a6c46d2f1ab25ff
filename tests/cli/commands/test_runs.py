"""`runs`: the record of syncs, for people and for scripts."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, indicator
from running import Tidegate
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen

Subscribe = Callable[..., FeedFolder]
FIELDS = {
    *("run", "began", "ended", "seconds", "finished", "door", "tenant", "dry_run", "feeds"),
    *("plan", "applied", "serial", "held_id", "used", "limit", "exit_code", "error"),
}


def test_a_sync_ends_with_its_line_and_is_listed(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    ran = cli("sync", "--yes")
    last = ran.out.splitlines()[-1]
    start = "sync: 1 feed, 2 fetched, +2 ~0 -0, 2 of 15,000 slots, change 1, "
    assert last.startswith(start)
    assert last.endswith("s")
    assert cli.sync()["run"] == 2
    newest, first = cli("runs", "--json").lines
    assert set(first) == FIELDS
    assert (newest["run"], newest["serial"], first["serial"]) == (2, None, 1)
    assert first["feeds"] == [
        {"id": "acme", "fetched": 2, "pages": 1, "objects": 2, "grew": 2, "error": "", "note": ""}
    ]
    assert (first["exit_code"], first["finished"], first["door"]) == (0, True, "sync")
    assert len(cli("runs", "--json", "--limit", "1").lines) == 1
    table = cli("runs").out.splitlines()
    assert table[0].split()[0] == "BEGAN"
    assert len(table) == 3
    assert "+2 ~0 -0" in table[2]


def test_before_the_first_sync_it_says_what_to_do(cli: Cli, subscribe: Subscribe) -> None:
    for options in ((), ("--read-only",), ("--json",)):
        ran = cli("runs", *options)
        assert (ran.code, ran.out) == (0, "")
        assert "no sync ran yet: `tidegate sync` runs one" in ran.err
    subscribe("acme", [indicator(1)])
    cli.sync()
    assert len(cli("runs", "--read-only", "--json").lines) == 1


def test_what_failed_and_what_nobody_confirmed_is_said(cli: Cli, subscribe: Subscribe) -> None:
    bad = subscribe("bad", [indicator(1)])
    subscribe("good", [indicator(2)])
    cli("sync")
    (bad.folder / "feed.bundle.json").write_text("{")
    assert cli("sync", "--yes").code == 7
    failed, unconfirmed = cli("runs").out.splitlines()[1:]
    assert "failed bad: " in failed
    assert unconfirmed.endswith("not applied: nobody said yes")
    assert [line["exit_code"] for line in cli("runs", "--json").lines] == [7, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_run_that_was_killed_is_unfinished_and_one_that_was_interrupted_is_not(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    never = threading.Event()

    def silent(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        never.wait(30)
        return None

    server = loopback_taxii([indicator(1)], malice=silent)
    source = f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
    subscribe("acme", source=source)
    for number, signum in enumerate((signal.SIGKILL, signal.SIGINT), 1):
        with Tidegate(cli.home).start("sync", "--yes") as process:
            until = time.monotonic() + 30
            while len(server.pulls) < number and time.monotonic() < until:
                time.sleep(0.02)
            process.send_signal(signum)
            process.communicate(timeout=15)
    never.set()
    interrupted, killed = cli("runs", "--json").lines
    assert (killed["finished"], killed["error"]) == (False, "")
    assert (interrupted["finished"], interrupted["exit_code"]) == (True, 130)
    assert process.returncode in (130, -signal.SIGINT)
    lines = cli("runs").out.splitlines()
    assert lines[2].endswith("unfinished: it goes on, or was killed")
    assert lines[1].endswith("interrupted")


def test_a_feed_tells_its_own_last_runs(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1)])
    assert cli("feeds", "show", "acme", "--json").json["runs"] == []
    assert "LAST RUNS" not in cli("feeds", "show", "acme").out
    cli.sync()
    subscribe("other", [indicator(3)])
    cli.sync("other")
    feed.publish([indicator(1), indicator(2)])
    cli.sync("acme")
    told = cli("feeds", "show", "acme", "--json").json["runs"]
    assert [(run["run"], run["fetched"], run["grew"]) for run in told] == [(3, 2, 1), (1, 1, 1)]
    shown = cli("feeds", "show", "acme").out
    assert "LAST RUNS" in shown
    assert "+1" in shown


def test_a_sync_of_one_feed_shows_that_one(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    subscribe("beta", [indicator(2)])
    cli.sync()
    out = cli("sync", "acme", "--yes").out
    assert "acme" in out
    assert "beta" not in out
    assert "planned with what 1 more said last" in out
    assert [feed["id"] for feed in cli.sync("acme")["feeds"]] == ["acme", "beta"]
