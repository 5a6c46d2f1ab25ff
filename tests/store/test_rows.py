"""Rows in memory: built when asked for, and found as a search through all would find them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import rows as any_row
from strategies.builders import NOW, row, suppression
from tidegate.errors import StoreDamaged
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.store.records import Record, indicator_record, suppression_record
from tidegate.store.rows import IndicatorRows, SuppressionRows


def filed(*rows: Indicator) -> dict[str, Record]:
    """Records as a file holds them."""
    found: dict[str, Record] = orjson.loads(
        orjson.dumps({each.id: indicator_record(each) for each in rows})
    )
    return found


@given(st.lists(any_row.indicators, max_size=4, unique_by=lambda each: each.id))
@settings(max_examples=40)
def test_rows_built_one_by_one_are_the_rows_that_were_written(rows: list[Indicator]) -> None:
    lazy = IndicatorRows(filed(*rows))
    assert list(lazy) == [each.id for each in rows]
    assert len(lazy) == len(rows)
    for each in rows:
        assert each.id in lazy
        assert lazy[each.id] == each
        assert lazy[each.id] is lazy[each.id], "built once"
    assert dict(lazy) == {each.id: each for each in rows}
    assert "nobody" not in lazy
    assert lazy.get("nobody") is None


def test_nothing_is_built_before_somebody_asks() -> None:
    records = filed(row(1), row(2)) | {"bad": {"id": "bad", "type": "Mutex", "value": "m"}}
    rows = IndicatorRows(records)
    assert rows[row(1).id] == row(1)
    assert rows.at(row(2).key) == row(2)
    with pytest.raises(StoreDamaged, match="row bad cannot be read"):
        rows["bad"]


def test_a_row_put_in_again_is_not_the_one_built_before() -> None:
    rows = IndicatorRows(filed(row(1)))
    assert rows[row(1).id].note == ""
    rows.put(row(1).id, indicator_record(row(1, note="x")))
    assert rows[row(1).id].note == "x"
    rows.drop(row(1).id)
    rows.drop(row(1).id)
    assert row(1).id not in rows
    assert rows.at(row(1).key) is None


def test_suppressions_come_by_id() -> None:
    kept_out = suppression(1)
    rows = SuppressionRows({kept_out.id: suppression_record(kept_out)})
    assert dict(rows) == {kept_out.id: kept_out}


# -- lookups agree with a search -------------------------------------------------------------------

Move = tuple[str, int, int, int | None]
moves = st.lists(
    st.tuples(
        st.sampled_from(["put", "drop", "swap", "look"]),
        st.integers(0, 4),
        st.integers(0, 4),
        st.none() | st.integers(0, 5),
    ),
    max_size=30,
)


def made(ident: int, key: int, end: int | None) -> Indicator:
    expires = None if end is None else NOW + timedelta(minutes=end)
    return row(key, id=f"row{ident}", expires=expires)


def agree(rows: IndicatorRows, model: dict[str, Indicator], minute: int) -> None:
    now = NOW + timedelta(minutes=minute)
    by_key: dict[RowKey, Indicator] = {each.key: each for each in model.values()}
    for key in range(5):
        assert rows.at(row(key).key) == by_key.get(row(key).key)
    over = [each for each in model.values() if not each.active(now)]
    found = rows.expired(now)
    assert sorted(each.id for each in found) == sorted(each.id for each in over)
    assert [each.expires for each in found] == sorted(e.expires for e in over if e.expires)
    assert dict(rows) == model


@given(moves, st.booleans())
@settings(max_examples=150)
def test_any_puts_and_drops_keep_the_lookups_right(steps: list[Move], early: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """No identity is held twice, as admission sees to; but it may change hands."""
    rows, model = IndicatorRows({}), dict[str, Indicator]()
    if early:
        agree(rows, model, 0)  # the lookups are there from the beginning
    for verb, ident, other, end in steps:
        name = f"row{ident}"
        if verb == "put":
            new = made(ident, other, end)
            if any(each.key == new.key and each.id != name for each in model.values()):
                continue
            if name in model:
                rows.drop(name)
            model[name] = new
            rows.put(name, filed(new)[name])
        elif verb == "drop":
            model.pop(name, None)
            rows.drop(name)
        elif verb == "swap" and name in model and f"row{other}" in model and ident != other:
            one, two = model[name], model[f"row{other}"]
            changed = [
                dataclasses.replace(one, value=two.value),
                dataclasses.replace(two, value=one.value),
            ]
            # One after the other, as the rows of one change were once replayed.
            for each in changed:
                rows.drop(each.id)
                model[each.id] = each
                rows.put(each.id, filed(each)[each.id])
        else:
            agree(rows, model, end or 0)
    agree(rows, model, 0)
    agree(rows, model, 3)
    agree(rows, model, 9)
    agree(rows, model, 0)


def test_what_is_over_is_told_again_until_it_is_out() -> None:
    rows = IndicatorRows(filed(made(1, 1, 5), made(2, 2, None)))
    late = NOW + timedelta(minutes=5)
    assert rows.expired(late - timedelta(microseconds=1)) == []
    for _ in range(2):
        assert [each.id for each in rows.expired(late)] == ["row1"]
    rows.put("row1", indicator_record(made(1, 1, 6)))
    assert rows.expired(late) == []
    rows.drop("row1")
    assert rows.expired(late + timedelta(days=1)) == []


@settings(max_examples=50)
@given(st.lists(st.sampled_from([None, -1, -0.5, 0, 0.5, 1, 3600]), max_size=6))
def test_listed_are_the_active_rows_and_none_is_built_for_it(ends: list[float | None]) -> None:
    whole = [
        row(n, expires=None if end is None else NOW + timedelta(seconds=end))
        for n, end in enumerate(ends)
    ]
    rows = IndicatorRows(filed(*whole))
    active = [indicator_record(each) for each in whole if each.active(NOW)]
    assert rows.listed(NOW) == active
    half = NOW + timedelta(seconds=0.25)
    assert len(rows.listed(half)) == sum(each.active(half) for each in whole)
    broken = {"id": "bad", "type": "Mutex", "value": "m", "origin": "manual"}
    assert IndicatorRows({"bad": broken}).listed(NOW) == [broken]
