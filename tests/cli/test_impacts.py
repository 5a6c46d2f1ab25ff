"""The preview of a plan as people and scripts read it."""

from __future__ import annotations

import pytest

from strategies.builders import NOW, row
from tidegate.cli import impacts
from tidegate.engines.verdict import Word
from tidegate.service.impact import MANY_DEVICES, Impact
from tidegate.service.matching import Counts


def impact(number: int, events: int) -> Impact:
    made = Impact(row(number), "create", held=False, reason="new", events=events)
    made.words[Word.BLOCKED] = events
    made.devices.update(f"d{n}" for n in range(events))
    made.groups.add("")
    made.first = made.last = NOW
    return made


def test_a_record_counts_what_a_row_would_have_met() -> None:
    record = impacts.record(impact(1, 2))
    assert (record["value"], record["blocked"], record["alerted"]) == ("h1.example.com", 2, 0)
    assert (record["devices"], record["groups"], record["first"]) == (2, [""], NOW)


def test_rows_that_met_nothing_are_counted_only(capsys: pytest.CaptureFixture[str]) -> None:
    common = impact(1, 3)
    common.flags = (MANY_DEVICES,)
    impacts.table([common, impact(2, 1), impact(3, 0)], Counts(events=9), 1)
    out, err = capsys.readouterr()
    assert out.startswith("9 events; of 3 rows of the plan, 2 would have met")
    assert "h1.example.com" in out
    assert "h2.example.com" not in out
    assert "1 of 2 shown" in err
    assert "1 of them would have met what is very common" in err


def test_nothing_met_shows_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    impacts.table([impact(3, 0)], Counts(), 10)
    assert "BLOCKED" not in capsys.readouterr().out
