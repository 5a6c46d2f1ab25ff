"""`watch`: one line a run, and an end by signal that is no fault."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from subprocess import Popen
from typing import Any

import orjson
import pytest

from driving.homes import START, Cli, FeedFolder, Watch, indicator
from running import Tidegate
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen
from tidegate.cli.ending import Ending
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
HOURLY = 'every = "1h"'
LASTING = 'action = "Alert and block"\nexpires = "never"\n'
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


@pytest.fixture
def two_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sleep turn the clock, and ask for an end after a little less than two hours."""
    clock, opened = Watch(), Workspace.open

    def by_the_watch(*args: Any, **options: Any) -> Workspace:  # noqa: ANN401 - passed on
        return opened(*args, **{**options, "clock": clock})

    def sleep(ending: Ending, seconds: float) -> None:
        clock.turn(seconds=seconds)
        if (clock.now - START).total_seconds() > 6_000 and not ending():
            ending.ask(signal.SIGTERM)

    monkeypatch.setattr(Workspace, "open", by_the_watch)
    monkeypatch.setattr(Ending, "sleep", sleep)


def test_one_line_a_run(cli: Cli, subscribe: Subscribe, two_hours: None) -> None:
    subscribe("acme", [indicator(1), indicator(2)], head=HOURLY)
    ran = cli("watch")
    assert ran.code == 0
    first, second = (f"2026-06-01 {hour}:00Z  acme  watch: 1 feed, 2 fetched" for hour in (12, 13))
    slots = "2 of 15,000 slots"
    assert ran.out.splitlines() == [
        f"{first}, +2 ~0 -0, {slots}, change 1, 0.0s",
        f"{second}, +0 ~0 -0, {slots}, nothing to change, 0.0s",
    ]
    assert [line["door"] for line in cli("runs", "--json").lines] == ["watch", "watch"]
    assert ran.err == "tidegate: watching; acme is next\n"


def test_one_record_a_run(cli: Cli, subscribe: Subscribe, two_hours: None) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    first, second = cli("watch", "--json").lines
    assert (first["at"], second["at"]) == ("2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z")
    assert (first["pulled"], first["applied"], first["error"]) == (["acme"], True, "")
    assert (first["plan"]["create"], second["plan"]["keep"]) == (1, 1)


def test_a_feed_that_fails_is_named_in_words_that_steer_no_terminal(
    cli: Cli, subscribe: Subscribe, two_hours: None
) -> None:
    subscribe("good", [indicator(1)], head=HOURLY)
    definition = subscribe("bad", head=HOURLY).folder / "feed.toml"
    hostile = definition.read_text().replace("feed.bundle.json", "\\u001b[31m\\u202e.json")
    definition.write_text(hostile)
    ran = cli("watch")
    assert ran.code == 0
    assert [line.count("  failed bad: ") for line in ran.out.splitlines()] == [1, 1]
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_allow_is_never_answered(cli: Cli, subscribe: Subscribe, two_hours: None) -> None:
    allow = 'action = "Allow"\nseverity = "Low"\nexpires = "30d"\n'
    subscribe("acme", [indicator(1)], head=HOURLY + "\npermit_allow = true", default=allow)
    ran = cli("watch")
    assert ran.code == 0
    assert ran.out.count("+0 ~0 -0, 1 held, ") == 2
    assert ran.out.count("  approve with") == 2
    assert cli.rows() == []


def test_a_home_that_cannot_be_used_ends_it_with_its_code(cli: Cli, subscribe: Subscribe) -> None:
    assert cli("watch").code == 2
    subscribe("acme", [indicator(1)], head=HOURLY)
    cli.configure("limit = 0\n")
    ran = cli("watch")
    assert (ran.code, ran.out) == (2, "")
    assert "config.toml" in ran.err


def watching(cli: Cli, *argv: str) -> Popen[str]:
    """A watch in a process of its own, which has set up its signals."""
    process = Tidegate(cli.home).start("watch", "--json", *argv)
    assert process.stderr is not None
    assert "watching" in process.stderr.readline()
    return process


@POSIX
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_between_runs_ends_it_cleanly(
    cli: Cli, subscribe: Subscribe, signum: signal.Signals
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    with watching(cli) as process:
        assert process.stdout is not None
        assert orjson.loads(process.stdout.readline())["plan"]["create"] == 1
        process.send_signal(signum)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")
    assert cli.values() == {"h1.example.com"}


def taxii(server: LoopbackTaxii) -> str:
    return f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'


class Gate:
    """Keeps a server's answers back until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, _server: LoopbackTaxii, _seen: Seen) -> Answer | None:
        self.opened.wait(30)
        return None


def until_pulled(server: LoopbackTaxii) -> None:
    deadline = time.monotonic() + 30
    while not server.pulls and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.pulls


@POSIX
def test_a_signal_within_a_run_abandons_it_and_waits_for_no_silent_server(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    gate = Gate()
    server = loopback_taxii([indicator(1), indicator(2)], malice=gate, max_page=1)
    subscribe("acme", head=HOURLY, source=taxii(server), default=LASTING)
    with watching(cli) as process:
        until_pulled(server)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=15)
    assert not gate.opened.is_set()
    assert (process.returncode, out, err) == (0, "", "")
    gate.opened.set()
    assert len(server.pulls) == 1
    assert cli.rows() == []
    assert cli("doctor").code == 0
    assert cli.sync("--due")["plan"]["create"] == 2


@POSIX
def test_two_watches_of_one_home_pull_a_feed_once(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    gate = Gate()
    server = loopback_taxii([indicator(1)], malice=gate)
    subscribe("acme", head=HOURLY, source=taxii(server), default=LASTING)
    with watching(cli) as first:
        until_pulled(server)
        with watching(cli) as second:
            gate.opened.set()
            assert first.stdout is not None
            record = orjson.loads(first.stdout.readline())
            assert (record["pulled"], record["plan"]["create"]) == (["acme"], 1)
            second.send_signal(signal.SIGTERM)
            second.communicate(timeout=30)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(server.pulls) == 1
    assert cli.values() == {"h1.example.com"}
