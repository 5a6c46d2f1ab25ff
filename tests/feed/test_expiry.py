"""Bounds of a feed's terms: types by name, terms in words, each fault in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from tidegate.feed import FeedDefinition
from tidegate.indicators.kinds import IndicatorType

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]


def test_no_bounds_unless_said(read: Read) -> None:
    bounds = read({}).expiry
    assert (bounds.max, bounds.decay) == ({}, None)


def test_bounds_by_type_and_decay(read: Read) -> None:
    bounds = read({"expiry": {"max": {"ip": "30d", "Url": "12h"}, "decay": {"until": 20}}}).expiry
    assert bounds.max == {
        IndicatorType.IP_ADDRESS: timedelta(days=30),
        IndicatorType.URL: timedelta(hours=12),
    }
    assert bounds.decay is not None
    assert (bounds.decay.until, bounds.decay.speed) == (20, 1.0)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"max": {"IpAdress": "30d"}}, 'did you mean "IpAddress"'),
        ({"max": {"ip": "never"}}, "for no bound leave the type out"),
        ({"max": {"ip": 30}}, "must be a term in quotes"),
        ({"max": {"ip": "soon"}}, "is not a term"),
        ({"max": "30d"}, "must be a table"),
        ({"decay": 20}, "must be a table of keys (until, speed), not 20"),
        ({"maximum": {}}, "did you mean `max`"),
        ({"decay": {}}, "until"),
        ({"decay": {"until": 0}}, "until"),
        ({"decay": {"until": 100}}, "until"),
        ({"decay": {"until": 20, "speed": 0}}, "speed"),
        ({"decay": {"until": 20, "speed": True}}, "must be a number"),
        ({"decay": {"until": 20, "speed": "fast"}}, "must be a number"),
    ],
)
def test_faults(said: Said, table: dict[str, object], text: str) -> None:
    assert text in said({"expiry": table})
