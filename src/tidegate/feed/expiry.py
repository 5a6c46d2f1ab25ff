"""How long rows of a feed may live whatever its rules say: the `[expiry]` table of feed.toml.

Owns the bounds and their words. Refuses to reckon: mapping/expiry.py does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt, field_validator

from tidegate.feed.when import word_of
from tidegate.indicators.kinds import IndicatorType, parse_type
from tidegate.indicators.term import parse_term
from tidegate.toml_errors import Table


def _terms(value: object) -> object:
    """Read `{ IpAddress = "30d" }` for pydantic."""
    if not isinstance(value, Mapping):
        raise ValueError('must be a table such as { IpAddress = "30d" }')  # noqa: TRY004 - pydantic collects ValueError only
    known = [kind.value for kind in IndicatorType]
    found: dict[object, object] = {}
    for name, text in value.items():
        term = parse_term(text) if isinstance(text, str) else None
        if term is None:
            never = "; for no bound leave the type out" if isinstance(text, str) else ""
            raise ValueError(f'{name}: must be a term in quotes, such as "30d"{never}')
        found[word_of(name, parse_type, "type", known)] = term
    return found


class Decay(Table):
    """Confidence that fades over a rule's term, as in MISP's decaying model.

    A row ends when its confidence, at first the object's own, has fallen to `until`. `speed` 1 is
    a straight line, more falls faster at first. An object without confidence counts as 50, the
    middle of STIX's scale.
    """

    until: Annotated[StrictInt, Field(ge=1, le=99)]
    speed: Annotated[float, Field(gt=0, le=10)] = 1.0

    @field_validator("speed", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError("must be a number such as 1.5")  # noqa: TRY004 - pydantic collects ValueError only
        return value


class Expiry(Table):
    """Bounds on every rule's term: the longest by type, and decay; `valid_until` stands, too."""

    max: Annotated[Mapping[IndicatorType, timedelta], BeforeValidator(_terms)] = Field(
        default_factory=dict
    )
    decay: Decay | None = None
