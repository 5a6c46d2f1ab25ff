"""The record of runs: kept, bounded, read as written, and honest about what has no end."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tidegate.errors import StoreDamaged
from tidegate.ledger import runs as module
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.runs import FeedRun, Run, begin_run, end_run, runs

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def test_a_run_is_read_as_it_was_noted(ledger: Ledger) -> None:
    begun = begin_run(ledger, AT, "watch", "default")
    assert list(runs(ledger)) == [begun] == [Run(1, AT, "watch", "default")]
    assert begun.seconds is None
    ended = dataclasses.replace(
        begun,
        ended=AT + timedelta(seconds=3.25),
        code=7,
        feeds=(
            FeedRun("acme", 12, 2, 40, -3, "", "stopped early"),
            FeedRun("bad", 0, 0, 5, 0, "gone", ""),
        ),
        plan={"create": 1, "update": 2, "remove": 3, "held": 4},
        applied=True,
        change=42,
        held_id="abc",
        used=14_998,
        limit=15_000,
    )
    end_run(ledger, ended)
    assert list(runs(ledger)) == [ended]
    assert ended.seconds == 3.25
    assert [feed.id for feed in ended.failed] == ["bad"]


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    assert Run(1, AT, "sync", "default", ended=AT - timedelta(hours=1)).seconds == 0


def test_the_newest_are_kept(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    begun = [begin_run(ledger, AT, "sync", "default") for _ in range(5)]
    assert [run.id for run in runs(ledger)] == [5, 4, 3]
    end_run(ledger, dataclasses.replace(begun[0], ended=AT))  # forgotten meanwhile
    assert [run.id for run in runs(ledger)] == [5, 4, 3]


def test_a_ledger_of_an_older_version_has_none(ledger: Ledger) -> None:
    ledger.link.execute("DROP TABLE sync_run")
    assert list(runs(ledger)) == []


@pytest.mark.parametrize("body", [b"{", b'{"feeds": [{"id": "a"}]}', b'{"feeds": [], "x": 1}'])
def test_what_is_not_what_was_written_is_damage(ledger: Ledger, body: bytes) -> None:
    begin_run(ledger, AT, "sync", "default")
    with sqlite3.connect(ledger.path) as link:
        link.execute("UPDATE sync_run SET ended = began, body = ?", (body,))
    link.close()
    with pytest.raises(StoreDamaged, match="run 1 is not what was written"):
        list(runs(ledger))
