"""The tenant's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.kinds import (
    SHORT_ACTION,
    SHORT_TYPE,
    Action,
    Dialect,
    IndicatorType,
    Severity,
    parse_action,
    parse_severity,
    parse_type,
    supported,
)


@pytest.mark.parametrize("kind", IndicatorType)
def test_types_are_read_by_both_names(kind: IndicatorType) -> None:
    assert parse_type(f" {kind.value.upper()} ") is kind
    assert parse_type(SHORT_TYPE[kind]) is kind


@pytest.mark.parametrize("action", Action)
def test_actions_are_read_by_both_names(action: Action) -> None:
    assert parse_action(SHORT_ACTION[action]) is action
    if action is not Action.BLOCK:
        assert parse_action(action.value.lower()) is action


def test_block_is_alert_and_block() -> None:
    assert parse_action("alert  AND block") is Action.ALERT_AND_BLOCK
    assert parse_action("Block") is Action.BLOCK


@pytest.mark.parametrize(
    ("text", "severity"),
    [("med", Severity.MEDIUM), ("HI", Severity.HIGH), ("info", Severity.INFORMATIONAL)],
)
def test_severities_may_be_cut_short(text: str, severity: Severity) -> None:
    assert parse_severity(text) is severity


def test_severities_are_ordered() -> None:
    assert sorted(Severity, key=lambda severity: severity.level) == list(Severity)


@given(st.text(max_size=20))
def test_any_text_is_read_or_none(text: str) -> None:
    for read in (parse_type, parse_action, parse_severity):
        assert read(text) is None or text.strip()


def test_only_todays_certificates_are_particular() -> None:
    today = {
        (kind, action)
        for kind in IndicatorType
        for action in Action
        if not supported(Dialect.TODAY, kind, action)
    }
    certificate = IndicatorType.CERTIFICATE
    assert today == {
        (certificate, action) for action in (Action.ALERT_ONLY, Action.WARN, Action.BLOCK)
    }


@pytest.mark.parametrize("kind", IndicatorType)
def test_the_seed_page_knows_three_actions(kind: IndicatorType) -> None:
    known = {action for action in Action if supported(Dialect.SEED, kind, action)}
    assert known == {Action.ALLOW, Action.ALERT_ONLY, Action.ALERT_AND_BLOCK}
