from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tidegate.errors import UsageError
from tidegate.export.target import TARGETS, Request
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Origin, Severity

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.DOMAIN_NAME,
    value="evil.example.com",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.LOW,
    title="t",
    created=NOW,
    updated=NOW,
    origin=Origin.FEED,
    tlp="amber",
)


def test_formats_are_named_as_the_command_line_names_them() -> None:
    assert set(TARGETS) == {"stix", "portal-csv"}
    assert all(TARGETS[name].name == name for name in TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_keeps_the_ceiling(name: str) -> None:
    default = TARGETS[name].render([ROW], Request(NOW, "Example Corp SOC"))
    assert (default.written, default.withheld) == (0, 1)
    raised = TARGETS[name].render([ROW], Request(NOW, "Example Corp SOC", tlp_max="amber"))
    assert (raised.written, raised.withheld) == (1, 0)
    assert ROW.value.encode() in raised.files[0][1]
    assert ROW.value.encode() not in default.files[0][1]
    with pytest.raises(UsageError):
        TARGETS[name].render([ROW], Request(NOW, "Example Corp SOC", tlp_max="purple"))


def test_the_request_reaches_the_target() -> None:
    request = Request(NOW, "Another SOC", dialect=Dialect.SEED, tlp_max="red")
    text = TARGETS["portal-csv"].render([ROW], request).files[0][1].decode()
    assert "AlertAndBlock" in text
    bundle = json.loads(TARGETS["stix"].render([ROW], request).files[0][1])
    assert bundle["objects"][0]["name"] == "Another SOC"
