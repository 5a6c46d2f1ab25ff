"""What an engine says about an event: the verdict, and the alert it raises.

Owns the shapes, the words and the two kinds of alert. Refuses decisions: engines decide.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tidegate.engines.wording import told
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Severity


class Engine(StrEnum):
    """The engines that honour the list ("Create indicators")."""

    CLOUD_DETECTION = "cloud_detection"
    ENDPOINT_PREVENTION = "endpoint_prevention"
    AUTOMATED_INVESTIGATION = "automated_investigation"


class Word(StrEnum):
    """What the engine does about the event."""

    ALLOWED = "allowed"
    ALERTED = "alerted"
    BLOCKED = "blocked"
    WARNED = "warned"
    NO_MATCH = "no_match"


class Alert(NamedTuple):
    """An alert as it arrives in the queue. Texts are the row's own, not made safe to show."""

    title: str
    severity: Severity
    category: str = ""
    description: str = ""
    recommended_actions: str = ""
    mitre: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What one engine says about one event. `reason` is safe to show, and may be a code.

    `indicator` is the row that decides, even where this engine then does nothing; None where no row
    matches and applies.
    """

    event: str
    engine: Engine
    verdict: Word
    remediated: bool
    alert: Alert | None
    indicator: Indicator | None
    reason: str

    @property
    def words(self) -> str:
        """The reason as people read it; programs get `reason` itself."""
        return told(self.reason, self.indicator)


GENERIC = Alert(
    "A custom indicator that raises no alert of its own blocks this", Severity.INFORMATIONAL
)
"""What cloud detection raises for Block and Warn ("Overview of indicators")."""


def own_alert(row: Indicator) -> Alert:
    """Return the alert that the row asks for."""
    return Alert(
        row.title,
        row.severity,
        row.category,
        row.description,
        row.recommended_actions,
        row.mitre,
    )
