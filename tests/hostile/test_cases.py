"""Hostile servers, cases 1 to 41: each pull ends as it must, in bounds, and nothing is lost by it.

The real command line, a home of its own, a server on loopback. First an honest pull, then the
server turns; what the next `sync` says and does is held against the case. With `heals`, the server
comes to its senses, and one more `sync` brings all that it holds.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from driving.homes import DOCUMENTATION, Cli, Ran, Watch, assert_adds_up, write_feed
from hostile import document_cases, paging_cases, transport_cases
from hostile.case import Case, Ending, Way
from hostile.staging import (
    VARIABLE,
    measured,
    resolve_by,
    source_of,
    staged,
    subscribe,
    synced,
    turned_by,
)
from tidegate.ledger.ledger import Ledger
from tidegate.taxii.limits import Limits

CASES = sorted(
    (*paging_cases.CASES, *transport_cases.CASES, *document_cases.CASES),
    key=lambda case: case.number,
)
CANARY = "Canary-5c1d7e-Copper-Kettle"
AGAIN = 5
"""Requests that a pull may make to read again what is near its last position."""
LINE = 300
"""Longest line that stderr may show."""


def test_every_case_is_there_once() -> None:
    assert [case.number for case in CASES] == list(range(1, 42))


def test_every_way_of_a_case_has_a_name_of_its_own() -> None:
    for case in CASES:
        assert case.ways
        assert len({way.name for way in case.ways}) == len(case.ways), case.name


@dataclass(frozen=True)
class Known:
    """What a home knows: objects by feed and id, rows by id, where the feed's pulls go on."""

    objects: dict[tuple[str, str], tuple[Any, ...]]
    rows: dict[str, dict[str, Any]]
    cursor: str | None

    @classmethod
    def of(cls, cli: Cli) -> Known:
        """Read it, as anybody may."""
        ledger = Ledger(cli.home / "ledger.sqlite", read_only=True)
        found = ledger.link.execute("SELECT feed, id, modified, revoked, raw FROM object")
        objects = {(feed, ident): tuple(rest) for feed, ident, *rest in found}
        cursor = ledger.feed("acme").cursor
        ledger.close()
        # Among others a row may rank lower, and is the same.
        rows = {row["id"]: {**row, "rank": None} for row in cli.rows()}
        return cls(objects, rows, cursor)


@pytest.fixture(name="waits")
def _waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that a pull would have made."""
    found: list[float] = []
    monkeypatch.setattr("tidegate.taxii.retry.rest", found.append)
    return found


def played() -> Iterator[Any]:
    """Each way of each case."""
    for case in CASES:
        for way in case.ways:
            ident = f"{case.number:02} {case.name} {way.name}".strip()
            yield pytest.param(case, way, id=ident)


@pytest.mark.parametrize(("case", "way"), played())
def test_a_hostile_server(
    case: Case, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    monkeypatch.setenv(VARIABLE, CANARY)
    cli, watch = Cli(tmp_path / "home"), Watch()
    if way.floods:
        cli.configure(f"{DOCUMENTATION}[brake]\ncount = 15000\npercent = 100\n")
    if way.days:
        turned_by(watch, monkeypatch)
    with ExitStack() as stack:
        stage = staged(way, tmp_path, monkeypatch, stack)
        source = source_of(way, stage)
        if way.neighbour:
            cli.subscribe(write_feed(tmp_path / "mine", way.neighbour, default=way.policy).folder)
        subscribe(cli, tmp_path, way, source)
        cli.sync()
        before = Known.of(cli)
        assert sum(feed == "acme" for feed, _ in before.objects) == len(way.honest)
        if way.first:
            assert cli(*way.first).code == 0

        way.turn(stage)
        watch.turn(days=way.days)
        if way.names:
            subscribe(cli, tmp_path, way, source | {"allow_private": False})
        waits.clear()
        requests, sent = len(stage.server.seen), stage.server.sent
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tidegate.sources.remote.Limits", partial(Limits, **way.caps))
            resolve_by(way.names, patch)
            started = time.monotonic()
            ran, peak = measured(cli) if way.ending.megabytes else (synced(cli), 0)
            took = time.monotonic() - started
        check_told(ran, way.ending)
        check_known(cli, before, way.ending)
        assert len(stage.server.seen) - requests <= way.ending.requests + AGAIN
        assert stage.server.sent - sent <= way.ending.kilobytes * 1024
        assert took <= way.ending.seconds
        assert sum(waits) <= way.ending.waits
        assert peak <= way.ending.megabytes * 1024
        assert stage.other.seen == []
        check_secret(cli.home, ran)

        if way.heals:
            stage.server.malice = way.manner
            cli.sync()
            known = Known.of(cli).objects
            assert {("acme", each["id"]) for each in stage.server.objects} <= known.keys()


def check_told(ran: Ran, ending: Ending) -> None:
    """The exit code, the reason in one short line, and not a character for a terminal to obey."""
    assert ran.code == ending.code, ran.err
    said = [line for line in ran.err.splitlines() if ending.says in line]
    assert said if ending.says else not ran.err, ran.err
    for line in ran.err.splitlines():
        assert len(line) <= LINE
        assert line.isprintable()
    assert_adds_up(ran.json)


def check_known(cli: Cli, before: Known, ending: Ending) -> None:
    """What was there before is there still; what is new is what the case says."""
    after = Known.of(cli)
    kept = before.objects.keys() & after.objects.keys()
    changed = sum(after.objects[key] != before.objects[key] for key in kept)
    gone = len(before.objects) - len(kept)
    arrived = len(after.objects) - len(kept)
    assert (arrived, changed, gone) == (ending.arrived, ending.changed, ending.gone)
    assert len(before.rows.keys() - after.rows.keys()) == ending.withdrawn
    for ident in before.rows.keys() & after.rows.keys():
        assert after.rows[ident] == before.rows[ident] or ending.changed
    fresh = {row["value"]: row for ident, row in after.rows.items() if ident not in before.rows}
    assert len(fresh) == (ending.arrived if ending.listed is None else ending.listed)
    for value, fields in ending.values.items():
        assert value in fresh, fresh.keys()
        assert {key: fresh[value][key] for key in fields} == fields
    rejections = cli("rejections", "--json").lines
    assert Counter(line["code"] for line in rejections) == ending.rejected
    assert (after.cursor != before.cursor) == ending.advances


def check_secret(home: Path, ran: Ran) -> None:
    """The feed's credential is nowhere on disk and in no output."""
    assert CANARY not in ran.out + ran.err
    for path in home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
