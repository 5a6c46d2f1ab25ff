from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ActionNotSupported
from tidegate.indicators import wire
from tidegate.indicators.kinds import (
    FILE_TYPES,
    NETWORK_TYPES,
    Action,
    Dialect,
    IndicatorType,
    supported,
)

SHA256, URL, CERT = IndicatorType.FILE_SHA256, IndicatorType.URL, IndicatorType.CERTIFICATE


@pytest.mark.parametrize(
    ("dialect", "kind", "action", "name", "alert"),
    [
        (Dialect.TODAY, SHA256, Action.ALLOW, "Allowed", False),
        (Dialect.TODAY, SHA256, Action.ALERT_ONLY, "Audit", True),
        (Dialect.TODAY, SHA256, Action.ALERT_AND_BLOCK, "BlockAndRemediate", True),
        (Dialect.TODAY, SHA256, Action.BLOCK, "Block", False),
        (Dialect.TODAY, SHA256, Action.WARN, "Warn", False),
        (Dialect.TODAY, URL, Action.ALERT_AND_BLOCK, "Block", True),
        (Dialect.TODAY, URL, Action.BLOCK, "Block", False),
        (Dialect.TODAY, URL, Action.ALERT_ONLY, "Audit", True),
        (Dialect.TODAY, CERT, Action.ALERT_AND_BLOCK, "BlockAndRemediate", True),
        (Dialect.SEED, URL, Action.ALERT_AND_BLOCK, "AlertAndBlock", True),
        (Dialect.SEED, SHA256, Action.ALERT_ONLY, "Alert", True),
        (Dialect.SEED, CERT, Action.ALLOW, "Allowed", False),
    ],
)
def test_spelling(
    dialect: Dialect, kind: IndicatorType, action: Action, name: str, *, alert: bool
) -> None:
    assert wire.to_wire(dialect, kind, action) == wire.WireAction(name, alert)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("kind", IndicatorType)
@pytest.mark.parametrize("action", Action)
def test_every_supported_action_is_read_back(
    dialect: Dialect, kind: IndicatorType, action: Action
) -> None:
    if supported(dialect, kind, action):
        sent = wire.to_wire(dialect, kind, action)
        assert wire.from_wire(sent.name, generate_alert=sent.generate_alert) is action
    else:
        with pytest.raises(ActionNotSupported):
            wire.to_wire(dialect, kind, action)


def test_the_seed_spelling_needs_no_alert_column() -> None:
    for kind in (*FILE_TYPES, *NETWORK_TYPES):
        for action in (Action.ALLOW, Action.ALERT_ONLY, Action.ALERT_AND_BLOCK):
            assert wire.from_wire(wire.to_wire(Dialect.SEED, kind, action).name) is action


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("alertAndBlock", Action.ALERT_AND_BLOCK),
        (" Alert and block ", Action.ALERT_AND_BLOCK),
        ("Alert only", Action.ALERT_ONLY),
        ("block", Action.BLOCK),
        ("", None),
        ("Quarantine", None),
    ],
)
def test_other_spellings(name: str, action: Action | None) -> None:
    assert wire.from_wire(name) is action


def test_headers_are_the_portals() -> None:
    today = (
        "IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,"
        "RecommendedActions,RbacGroups,Category,MitreTechniques,GenerateAlert"
    )
    assert ",".join(wire.CSV_COLUMNS[Dialect.TODAY]) == today
    assert ",".join(wire.CSV_COLUMNS[Dialect.SEED]) == today.removesuffix(",GenerateAlert")


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("indicatorType", "IndicatorType"),
        ("mitretechniques", "MitreTechniques"),
        ("rbacGroups", "RbacGroups"),
        ("rbacGroupNames", "RbacGroups"),
        (" Expiration Time ", "ExpirationTime"),
        ("Colour", None),
    ],
)
def test_column_spellings(cell: str, column: str | None) -> None:
    assert wire.csv_column(cell) == column


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "''=1", "a\0b", "\0", "＝1"],
)
def test_formulas_are_guarded(cell: str) -> None:
    assert wire.guarded(cell) == "'" + cell
    assert wire.unguarded("'" + cell) == cell


@pytest.mark.parametrize("cell", ["", "'", "''", "'quoted'", "it's", "a=b", "1-2", "' '"])
def test_other_cells_stay(cell: str) -> None:
    assert wire.guarded(cell) == cell
    assert wire.unguarded(cell) == cell


@given(st.text(alphabet="'=-+@ \t\0ab\r\n", max_size=6))
def test_guard_is_taken_off_exactly(cell: str) -> None:
    guarded = wire.guarded(cell)
    assert wire.unguarded(guarded) == cell
    assert guarded.lstrip(" ")[:1] not in set("=+-@\t\r\n")
