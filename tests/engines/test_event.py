"""The shape of events."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.engines.event import Event, Observable, Role
from tidegate.indicators.kinds import IndicatorType


def test_an_event_holds_what_indicators_may_name() -> None:
    seen = Observable(Role.REMOTE_IP, IndicatorType.IP_ADDRESS, "192.0.2.1")
    event = Event("a:1", datetime(2026, 1, 1, tzinfo=UTC), "pc1", "", "ConnectionSuccess", (seen,))
    assert event.observables[0].role == "remote_ip"


def test_what_is_not_known_of_an_event_is_empty() -> None:
    event = Event("a:1", datetime(2026, 1, 1, tzinfo=UTC), "pc1", "", "FileCreated", ())
    assert (event.process, event.folder) == ("", "")
