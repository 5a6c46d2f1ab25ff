"""What the portal has to lose: all that it would else keep, and nothing that it loses by itself."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.export import delete_list
from tidegate.export.delete_list import COLUMNS, Listed
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Origin, Severity, supported
from tidegate.indicators.wire import CSV_REQUIRED, to_wire

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.DOMAIN_NAME,
    value="h1.example.com",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Payload",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
    groups=("A", "B"),
)


def listed(row: Indicator) -> Listed:
    return Listed(row.key, row.action, row.title, row.expires)


def lines(
    earlier: list[Listed],
    written: list[Indicator],
    left_out: dict[RowKey, str] | None = None,
    dialect: Dialect = Dialect.TODAY,
) -> list[list[str]]:
    data, count = delete_list.render(earlier, written, left_out or {}, NOW, dialect)
    header, *found = csv.reader(io.StringIO(data.decode(), newline=""))
    assert header == list(COLUMNS)
    assert count == len(found)
    return found


def test_what_is_gone_is_listed_with_its_reason() -> None:
    assert lines([listed(ROW)], []) == [
        [
            *("DomainName", "h1.example.com", "A,B"),
            *("Payload", "Alert and block", "no longer on the list"),
        ]
    ]
    assert lines([listed(ROW)], [], {ROW.key: "tlp_above_ceiling"})[0][-1] == "tlp_above_ceiling"
    assert lines([listed(ROW)], [ROW]) == []
    assert lines([], [ROW]) == []


def test_another_scope_is_another_row() -> None:
    assert len(lines([listed(ROW)], [replace(ROW, groups=())])) == 1


def test_what_expired_is_gone_already() -> None:
    assert lines([listed(replace(ROW, expires=NOW))], []) == []
    later = NOW + timedelta(seconds=1)
    assert len(lines([listed(replace(ROW, expires=later))], [])) == 1


def test_a_row_is_listed_once_for_each_action() -> None:
    twice = [listed(ROW), listed(ROW), listed(replace(ROW, action=Action.WARN))]
    assert [line[4] for line in lines(twice, [])] == ["Alert and block", "Warn"]


@pytest.mark.parametrize(
    ("dialect", "before", "after", "count"),
    [
        (Dialect.TODAY, Action.ALERT_AND_BLOCK, Action.ALERT_ONLY, 1),
        # Both are Block to Defender, which updates the alert in place.
        (Dialect.TODAY, Action.ALERT_AND_BLOCK, Action.BLOCK, 0),
        (Dialect.SEED, Action.ALERT_AND_BLOCK, Action.ALLOW, 1),
        (Dialect.SEED, Action.WARN, Action.ALLOW, 1),
        (Dialect.SEED, Action.WARN, Action.WARN, 0),
    ],
)
def test_a_changed_action_makes_a_second_row(
    dialect: Dialect, before: Action, after: Action, count: int
) -> None:
    earlier = [listed(replace(ROW, action=before))]
    found = lines(earlier, [replace(ROW, action=after)], dialect=dialect)
    assert len(found) == count
    assert [line[-1] for line in found] == [f"action becomes {after.value}"] * count


def test_neither_the_portal_nor_import_takes_the_list_for_rows() -> None:
    assert not set(CSV_REQUIRED) <= set(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a\0b"])
def test_no_cell_is_a_formula(text: str) -> None:
    row = replace(ROW, title=text, groups=(text,))
    (line,) = lines([listed(row)], [])
    assert line[2:4] == ["'" + text, "'" + text]


_rows = st.builds(
    lambda number, action, groups: replace(
        ROW, value=f"h{number}.example.com", action=action, groups=groups
    ),
    st.integers(0, 3),
    st.sampled_from(list(Action)),
    st.sampled_from([(), ("A",)]),
)


@given(
    st.lists(_rows, max_size=6),
    st.lists(_rows, max_size=6, unique_by=lambda row: row.key),
    st.sampled_from(Dialect),
)
def test_deleting_the_list_and_importing_leaves_the_portal_with_the_export(
    before: list[Indicator], after: list[Indicator], dialect: Dialect
) -> None:
    """A portal that keeps rows by value, scope and name of the action, as Defender does."""
    after = [row for row in after if supported(dialect, row.type, row.action)]
    before = [row for row in before if supported(dialect, row.type, row.action)]

    def held(row: Indicator) -> tuple[object, str]:
        return row.key, to_wire(dialect, row.type, row.action).name

    portal = {held(row) for row in before}
    gone = {
        (line[1], line[2], line[4]) for line in lines([*map(listed, before)], after, {}, dialect)
    }
    portal -= {
        held(row) for row in before if (row.value, ",".join(row.groups), row.action.value) in gone
    }
    assert portal | {held(row) for row in after} == {held(row) for row in after}
