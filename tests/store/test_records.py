"""Records: whatever a row holds comes back the same; what does not fit is not guessed at."""

from __future__ import annotations

from dataclasses import fields

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import rows as any_row
from strategies.builders import NOW, row, suppression
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change
from tidegate.store.records import (
    Record,
    change_record,
    indicator_record,
    read_change_record,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)


def through_json(record: Record) -> Record:
    read: Record = orjson.loads(orjson.dumps(record))
    return read


def test_the_strategy_knows_every_field_of_a_row() -> None:
    assert set(any_row.FIELDS) == {field.name for field in fields(Indicator)}


@given(any_row.indicators)
def test_any_row_comes_back_the_same(indicator: Indicator) -> None:
    back = read_indicator_record(through_json(indicator_record(indicator)))
    assert back == indicator
    for ours, theirs in ((back.owned, indicator.owned), (back.settled, indicator.settled)):
        assert {name: type(value) for name, value in ours.items()} == {
            name: type(value) for name, value in theirs.items()
        }
    assert hash(back.feed_key) == hash(indicator.feed_key)
    assert all(type(texts) is tuple for texts in back.context.values())


@given(any_row.suppressions)
def test_any_suppression_comes_back_the_same(kept_out: Suppression) -> None:
    assert read_suppression_record(through_json(suppression_record(kept_out))) == kept_out


@given(any_row.changes)
@settings(max_examples=40)
def test_any_change_comes_back_the_same(change: Change[Indicator]) -> None:
    record = through_json(change_record(change, indicator_record))
    assert read_change_record(record, read_indicator_record) == change
    assert record["op"] == change.op.value


def test_a_plain_row_takes_no_more_than_what_makes_it_a_row() -> None:
    assert set(indicator_record(row(1))) == {
        *("id", "type", "value", "action", "severity", "title", "created", "updated", "origin")
    }


def test_times_are_written_in_utc_with_z() -> None:
    assert indicator_record(row(1, expires=NOW))["expires"] == "2026-01-10T12:00:00Z"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "Mutex"),
        ("action", "Explode"),
        ("origin", 7),
        ("created", "2026-01-10T12:00:00"),
        ("updated", "yesterday"),
        ("expires", 1768046400),
        ("groups", 3),
        ("sources", [["feed"]]),
        ("overrides", "warninglist"),
        ("overrides", 5),
        ("context", "a.pdf"),
        ("context", {"file_name": 5}),
        ("invented", "by a later version"),
    ],
)
def test_a_field_that_does_not_fit_is_refused(name: str, value: object) -> None:
    record = indicator_record(row(1)) | {name: value}
    with pytest.raises((ValueError, TypeError)):
        read_indicator_record(record)


@given(st.sampled_from(["id", "type", "value", "action", "title", "created", "origin"]))
def test_a_row_without_a_field_it_needs_is_refused(name: str) -> None:
    record = indicator_record(row(1))
    del record[name]
    with pytest.raises(TypeError):
        read_indicator_record(record)


def test_a_change_with_neither_side_is_refused() -> None:
    with pytest.raises(ValueError, match="neither side"):
        read_change_record({"before": None, "after": None, "reason": ""}, read_indicator_record)


def test_a_suppression_writes_every_field() -> None:
    assert set(suppression_record(suppression(1))) == {f.name for f in fields(Suppression)}
