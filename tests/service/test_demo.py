"""The demo's samples, their dates, and its throw-away home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.homes import as_json, assert_adds_up
from tidegate.errors import ConfigError
from tidegate.service import look
from tidegate.service.demo import demo_workspace, redated, samples
from tidegate.service.sync import sync
from tidegate.sources.catalogue import sample_of
from tidegate.stix.objects import parse_time

NOW = datetime(2031, 3, 1, 9, tzinfo=UTC)


def test_the_samples_are_those_that_lie_in_files(tmp_path: Path) -> None:
    assert [entry.id for entry in samples()] == ["sample-c2", "sample-malware", "sample-noisy"]
    assert samples(tmp_path) == ()


def test_an_installation_without_samples_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.service.demo.shipped_folder", lambda: None)
    with pytest.raises(ConfigError, match="sample feeds are missing"):
        samples()


def test_dates_move_by_one_distance() -> None:
    objects: list[dict[str, Any]] = [
        {"id": "a", "created": "2020-01-01T00:00:00Z", "modified": "2020-01-02T00:00:00.5Z"},
        {"id": "b", "modified": "2020-01-01T00:00:00Z", "valid_until": "2019-12-31T00:00:00Z"},
        {"id": "c", "name": "2020-01-01T00:00:00Z", "created": 5},
    ]
    moved = redated(objects, NOW)
    assert parse_time(moved[0]["modified"]) == NOW - timedelta(minutes=1)
    for before, after in zip(objects, moved, strict=True):
        assert before.keys() == after.keys()
    gap = parse_time(moved[1]["modified"]) - parse_time(moved[1]["valid_until"])
    assert gap == timedelta(days=1)
    assert moved[2] == objects[2]
    assert redated([], NOW) == []


def test_the_samples_show_something_long_after_they_were_written() -> None:
    for entry in samples():
        moved = redated(orjson.loads(sample_of(entry).read_bytes())["objects"], NOW)
        newest = max(parse_time(item["modified"]) for item in moved if "modified" in item)
        assert newest == NOW - timedelta(minutes=1)


def test_the_whole_journey_over_taxii_in_a_home_that_goes_away() -> None:
    pytest.importorskip("medallion")
    told: list[str] = []
    with demo_workspace(now=lambda: NOW, say=told.append) as ws:
        root = ws.home.root
        assert {
            feed.source.kind for entry in ws.catalogue.active() if (feed := entry.definition)
        } == {"taxii21"}
        report = sync(ws)
        assert not report.failed
        assert_adds_up(as_json(report))
        assert len(look.rows(ws)) > 80
        assert sync(ws).plan.empty
        refused = {r.code for r in look.rejections(ws) if r.code.startswith("guard_")}
        assert "guard_protected" in refused
    assert not root.exists()
    assert "127.0.0.1" in told[0]
