"""The story of a value, step by step: the shape that `why` answers in.

Owns the steps and how a moment is written in them. Refuses to know where a step comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.indicators.kinds import IndicatorType


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One step: `mark` is ok, no or note; `stage` names the part of the journey."""

    mark: str
    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """When a feed first and last named a value (UTC), and `modified` of replaced versions."""

    feed: str
    first: datetime
    last: datetime
    earlier: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class WhyTrace:
    """The story of a value. `present` says whether the tenant holds it now."""

    value: str
    type: IndicatorType | None
    present: bool
    headline: str
    steps: tuple[WhyStep, ...]
    seen: tuple[Seen, ...] = ()


@dataclass(slots=True)
class Story:
    """The steps told so far."""

    steps: list[WhyStep] = field(default_factory=list)

    def tell(self, mark: str, stage: str, text: str) -> None:
        """Add a step."""
        self.steps.append(WhyStep(mark, stage, text))


def told_time(moment: datetime) -> str:
    """A moment to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def lives_until(end: datetime | None) -> str:
    """How long something lives, in words."""
    return "never expires" if end is None else f"until {told_time(end)}"
