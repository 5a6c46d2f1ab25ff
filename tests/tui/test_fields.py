from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tidegate.indicators.kinds import Action, Severity
from tidegate.tui.fields import FIELDS, read, written
from tui.stage import NOW, make_row


def test_an_untouched_form_changes_nothing() -> None:
    texts = written(make_row(1))
    assert set(texts) == {field.name for field in FIELDS}
    reading = read(texts, texts, NOW)
    assert reading.values == {}
    assert reading.errors == {}


def test_only_touched_fields_are_set() -> None:
    before = written(make_row(1))
    after = before | {"action": "allow", "severity": "hi", "groups": "lab, servers,lab"}
    reading = read(after, before, NOW)
    assert reading.values == {
        "action": Action.ALLOW,
        "severity": Severity.HIGH,
        "groups": ("lab", "servers"),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("never", None),
        ("30d", NOW + timedelta(days=30)),
        ("2026-12-31", datetime(2026, 12, 31, tzinfo=UTC)),
    ],
)
def test_expiry_in_words(text: str, value: datetime | None) -> None:
    assert read({"expires": text}, {"expires": "x"}, NOW).values == {"expires": value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("action", "explode"),
        ("severity", "extreme"),
        ("expires", "soon"),
        ("expires", "2020-01-01"),
        ("expires", ""),
        ("title", " "),
        ("title", "x" * 4_001),
    ],
)
def test_what_cannot_be_read_is_an_error_of_that_field(name: str, text: str) -> None:
    reading = read({name: text}, {name: "before"}, NOW)
    assert reading.values == {}
    assert list(reading.errors) == [name]


def test_in_the_bulk_sheet_a_dash_empties_a_text() -> None:
    assert read({"note": "-", "title": ""}, {}, NOW).values == {"note": ""}
    assert read({"title": "-"}, {}, NOW).values == {"title": "-"}


def test_all_means_every_device() -> None:
    assert read({"groups": "all"}, {"groups": "lab"}, NOW).values == {"groups": ()}


@pytest.mark.parametrize("number", range(20))
def test_every_field_that_is_written_reads_back(number: int) -> None:
    row = make_row(number, note="a note", category="Malware", recommended_actions="isolate")
    for field in FIELDS:
        assert field.read(field.write(row), NOW) == getattr(row, field.name)
