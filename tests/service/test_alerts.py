"""Alerts are written whole, for their owner only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strategies.builders import NOW, row
from tidegate.engines.event import Event
from tidegate.engines.matcher import Matcher
from tidegate.engines.observing import connection
from tidegate.errors import UsageError
from tidegate.service.alerts import AlertFile, alerts_of
from tidegate.service.judging import Court, Judged


def judged(device: str = "ws") -> Judged:
    event = Event("e", NOW, device, "", "", connection("h1.example.com"))
    return Judged(event, Court(Matcher([row(1)]), NOW).judge(event))


def test_each_engine_that_alerts_gives_one() -> None:
    found = list(alerts_of(judged()))
    assert [it["engine"] for it in found] == ["cloud_detection", "endpoint_prevention"]
    assert found[0]["title"] == "row 1"
    assert found[0]["severity"] == "Medium"
    assert found[0]["value"] == "h1.example.com"


def test_a_file_is_replaced_or_added_to(tmp_path: Path) -> None:
    path = tmp_path / "alerts"
    for append, wanted in ((False, 2), (False, 2), (True, 4)):
        with AlertFile(path, append=append) as file:
            file.write(judged("\ud800"))
            file.flush()
        assert len([json.loads(line) for line in path.read_bytes().splitlines()]) == wanted
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        AlertFile(tmp_path)
