"""Rows and their identity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.indicator import Indicator, RowKey, Suppression, row_id, scope
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Indicator(
    id="a",
    type=IndicatorType.DOMAIN_NAME,
    value="c2.example.com",
    action=Action.ALERT_ONLY,
    severity=Severity.LOW,
    title="",
    created=NOW,
    updated=NOW,
    origin=Origin.FEED,
)


def test_the_key_is_type_value_and_groups() -> None:
    key = replace(ROW, groups=("a", "b")).key
    assert key == RowKey(IndicatorType.DOMAIN_NAME, "c2.example.com", ("a", "b"))
    assert key != ROW.key
    assert key.text.split("\n") == ["DomainName", "c2.example.com", "a", "b"]


def test_feeds_know_a_row_by_the_scope_they_asked_for() -> None:
    moved = replace(ROW, groups=("servers",), owned={"groups": ["b", "a"]})
    assert moved.feed_key.groups == ("a", "b")
    assert ROW.feed_key == ROW.key


def test_a_row_ends_at_its_second() -> None:
    assert ROW.active(NOW)
    row = replace(ROW, expires=NOW)
    assert row.active(NOW - timedelta(microseconds=1))
    assert not row.active(NOW)


@pytest.mark.parametrize(
    ("groups", "canonical"),
    [([" b ", "a", "b", "", 7], ("a", "b")), (None, ()), ("text", ()), ({"x"}, ("x",))],
)
def test_scopes_have_one_order(groups: object, canonical: tuple[str, ...]) -> None:
    assert scope(groups) == canonical


@given(st.lists(st.text(max_size=5), max_size=5))
def test_a_scope_is_its_own_canonical_form(groups: list[str]) -> None:
    assert scope(scope(groups)) == scope(groups)


def test_ids_follow_from_the_key() -> None:
    assert row_id(ROW.key) == row_id(replace(ROW, title="other").key)
    assert len({row_id(ROW.key), row_id(ROW.key, 1), row_id(ROW.key, 2)}) == 3
    assert len(row_id(RowKey(IndicatorType.URL, "\ud800", ()))) == 12


def test_a_suppression_covers_one_scope_or_every_scope_until_its_end() -> None:
    out = Suppression("s", ROW.type, ROW.value, ("lab",), "false positive", "ana", NOW)
    assert out.covers(("lab",))
    assert not out.covers(())
    everywhere = replace(out, groups=None)
    assert everywhere.covers(())
    assert everywhere.covers(("lab",))
    assert out.active(NOW)
    ended = replace(out, until=NOW)
    assert not ended.active(NOW)
    assert ended.active(NOW - timedelta(seconds=1))
