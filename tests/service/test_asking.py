"""A clock in doubt, settled or refuted by feeds' servers, and what that keeps from expiring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest

from driving.homes import Watch, indicator, write_feed
from servers.loopback_taxii import COLLECTION, LoopbackTaxii
from tidegate.clock import Uptime
from tidegate.config import Home
from tidegate.errors import ConfigError, FeedRefused
from tidegate.service.apply import apply
from tidegate.service.doctor.clock import look_at_clock, mend
from tidegate.service.edit import Fields, plan_add
from tidegate.service.sync import sync
from tidegate.service.timekeeping import Timekeeper
from tidegate.service.workspace import Workspace

HOSTS = ("127.0.0.1", "localhost")
DEFAULT = 'action = "Alert and block"\nseverity = "High"\nexpires = "400d"\n'


class Gate:
    """A home with a feed on each of two hosts, and clocks that the test sets.

    Each command is a process of its own: `ws` is opened anew, on a machine that restarts.
    """

    def __init__(self, home: Home, watch: Watch, servers: list[LoopbackTaxii]) -> None:
        self.home, self.watch, self.servers = home, watch, servers
        self.boot = 0
        for host, server in zip(HOSTS, servers, strict=True):
            ident = host.replace(".", "-")
            url = f"http://{host}:{server.port}/api1/"
            source = f'kind = "taxii21"\nurl = "{url}"\ncollection = "{COLLECTION}"\n'
            write_feed(home.feeds_dir / ident, source=source, default=DEFAULT)

    def say(self, moment: datetime, *others: datetime) -> None:
        """Let both servers say that it is then, or each something else."""
        for server, says in zip(self.servers, (moment, *(others or (moment,))), strict=True):
            server.says = says

    def open(self, *, restart: bool = True) -> Workspace:
        """A process, after a restart of the machine."""
        self.boot += restart
        uptime = Uptime(str(self.boot), timedelta(hours=1))
        ws = Workspace.open(self.home, clock=self.watch)
        ws.timekeeper = Timekeeper(self.home.root, lambda: uptime, counts=lambda _: True)
        return ws

    def sync(self) -> Workspace:
        """A sync that goes through."""
        ws = self.open()
        assert sync(ws).applied is not None
        return ws

    def refused(self) -> str:
        """A sync that does not; what it says."""
        ws = self.open()
        before = ws.store.state().serial
        with pytest.raises(ConfigError) as caught:
            sync(ws)
        assert ws.store.state().serial == before
        ws.close()
        return str(caught.value)


@pytest.fixture(name="gate")
def _gate(home: Home, watch: Watch, loopback_taxii: Callable[..., LoopbackTaxii]) -> Gate:
    servers = [loopback_taxii([indicator(n)]) for n in range(2)]
    made = Gate(home, watch, servers)
    made.say(watch.now)
    return made


def add(ws: Workspace, value: str, days: float) -> None:
    expires = ws.clock() + timedelta(days=days)
    apply(ws, plan_add(ws, [value], Fields(expires=expires), None).plan)


def values(gate: Gate) -> set[str]:
    return {row.value for row in gate.open().store.active(gate.watch.now)}


FEEDS = {"h0.example.com", "h1.example.com"}


def test_a_host_that_was_off_for_a_month_expires_what_is_over(gate: Gate) -> None:
    add(gate.sync(), "short.example.com", 2)
    gate.watch.turn(days=30)
    for says in (gate.watch.now, gate.watch.now - timedelta(days=30)):
        gate.say(gate.watch.now, says)  # of two that disagree neither proves anything
        gate.sync()
    add(gate.open(), "new.example.com", 10)
    rows = gate.open().store.state().rows.values()
    assert {row.value for row in rows} == {*FEEDS, "new.example.com"}


def test_a_host_that_was_off_for_years_is_believed_by_two_servers(gate: Gate) -> None:
    gate.sync()
    gate.watch.turn(days=800)
    gate.say(gate.watch.now)
    gate.sync()


def test_a_host_that_was_off_for_years_waits_where_servers_disagree(gate: Gate) -> None:
    gate.sync()
    before = gate.open().ledger.feed("localhost")
    gate.watch.turn(days=800)
    gate.say(gate.watch.now, gate.watch.now - timedelta(days=800))
    assert "more than a year after" in gate.refused()
    assert gate.open().ledger.feed("localhost") == before, "a cursor moved"


@pytest.mark.parametrize("days", [3650, 40])
def test_a_clock_that_is_ahead_expires_nothing_and_names_who_says_so(gate: Gate, days: int) -> None:
    add(gate.sync(), "month.example.com", 30)
    everything = {*FEEDS, "month.example.com"}
    assert values(gate) == everything
    gate.watch.turn(days=days)
    said = gate.refused()
    assert "by 127.0.0.1 and localhost it is 2026-06-01 12:00Z" in said
    assert "doctor --fix" in said
    assert "month.example.com" not in values(gate), "reads go by the clock"
    other = gate.open()  # a process that hears nobody
    with pytest.raises(ConfigError, match=r"by 127\.0\.0\.1 and localhost"):
        add(other, "new.example.com", 10)
    gate.watch.turn(days=-days)
    gate.sync()
    assert values(gate) == everything


def test_a_clock_that_is_behind_is_refuted_as_well(gate: Gate) -> None:
    gate.sync()
    gate.watch.turn(days=-100)
    said = gate.refused()
    assert "by 127.0.0.1 and localhost it is 2026-06-01" in said
    gate.watch.turn(days=100)
    gate.sync()


def test_a_list_that_was_written_ahead_of_time_is_no_doubt_to_a_clock_that_is_right(
    gate: Gate,
) -> None:
    gate.watch.turn(days=90)
    ws = gate.open()
    add(ws, "ahead.example.com", 300)
    gate.watch.turn(days=-90)
    with pytest.raises(ConfigError, match="the list was last changed"):
        add(gate.open(), "new.example.com", 10)
    gate.sync()
    assert values(gate) == {*FEEDS, "ahead.example.com"}


def test_the_first_sync_of_all_on_a_wrong_clock_lands_nothing(gate: Gate) -> None:
    gate.watch.turn(days=3650)
    assert "it is 2026-06-01" in gate.refused()
    gate.watch.turn(days=-3650)
    gate.sync()
    assert values(gate) == FEEDS


def test_the_doctor_tells_it_and_takes_the_operators_word(gate: Gate) -> None:
    gate.sync()
    gate.watch.turn(days=3650)
    gate.refused()
    ws = gate.open()
    now, change = gate.watch.now, ws.store.state().at
    (found,) = look_at_clock(ws.timekeeper, now, "default", change).findings
    assert (found.code, found.fixable) == ("clock_contradicted", True)
    assert list(mend(ws.timekeeper, now, "default", change))
    gate.sync()
    gate.watch.turn(hours=2)
    gate.say(datetime(2026, 6, 1, 14, tzinfo=UTC))
    gate.sync()


def test_servers_are_asked_when_pulls_failed(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.sync()

    def failing(*_: object) -> NoReturn:
        raise FeedRefused("it has a certificate that has expired")

    monkeypatch.setattr("tidegate.service.attempt.open_source", failing)
    gate.watch.turn(days=40)
    for server in gate.servers:
        server.seen.clear()
    assert "by 127.0.0.1 and localhost" in gate.refused()
    gate.watch.turn(days=-40)
    gate.sync()
