"""Cloud detection: scans what was collected, whenever the list or the data changes.

Owns what the scan makes of the row that decides: "Create indicators", "Cloud detection engine";
"Overview of indicators". Refuses memory: what was raised before, and how far a scan came, is kept
by whoever scans.

Nothing that happened can be stopped, so this engine never says `blocked` and never remediates.

    Allow            no alert
    Alert only, Alert and block   the row's alert
    Block            the generic Informational alert
    Warn             not deterministic: `Choices.detected_warn`
"""

from __future__ import annotations

from datetime import datetime

from tidegate.engines.event import Event
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import effective
from tidegate.engines.verdict import GENERIC, Alert, Engine, Verdict, Word, own_alert
from tidegate.engines.wording import NOTHING, silent
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action

_ENGINE = Engine.CLOUD_DETECTION


def detection(event: Event, matcher: Matcher, now: datetime) -> Verdict:
    """Judge a collected event by the list as it is at `now`.

    Expiry is checked at `now`, not at the time of the event: the engine matches stored data with
    the indicators that exist when it scans. A row that came after the event finds it; a row that
    has expired since is no longer on the list, and finds nothing.
    """
    matches = matcher.matches(event)
    if not matches:
        return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, None, NOTHING)
    row, _, reason = effective(matches, event.group, now, matcher.choices)
    if row is None:
        return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, None, reason)
    if row.action is Action.ALLOW:
        return Verdict(event.id, _ENGINE, Word.ALLOWED, False, None, row, reason)
    if row.action is Action.WARN and matcher.choices.detected_warn == "silent":
        return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, row, silent(row))
    return Verdict(event.id, _ENGINE, Word.ALERTED, False, _alert(row), row, reason)


def _alert(row: Indicator) -> Alert:
    return GENERIC if row.action in (Action.BLOCK, Action.WARN) else own_alert(row)
