"""How reasons name rows and rules: short sentences for analysts, safe to show.

Owns the sentences of engines. Refuses decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from tidegate.engines.event import Observable
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType, Origin
from tidegate.indicators.text import safe

NOTHING = "no indicator on the list names anything of this event"

ALERT_ONLY_LEAVES_VERDICT = "alert_only_leaves_verdict"
"""Investigation's reason for Alert only: a code, so that programs can tell it from a miss."""

CODES: Mapping[str, str] = MappingProxyType(
    {ALERT_ONLY_LEAVES_VERDICT: "and Alert only leaves the finding as it is"}
)
"""What each code means, after the row that decides."""

HASH_SHOWN = 12
VALUE_SHOWN = 60

_HASHES = frozenset((*FILE_TYPES, IndicatorType.CERTIFICATE))


def named(row: Indicator) -> str:
    """Name a row by action, whose it is, and value."""
    if row.origin is Origin.FEED and row.feeds:
        more = len(row.feeds) - 1
        whose = safe(row.feeds[0], VALUE_SHOWN) + (f" and {more} more" if more else "")
    else:
        whose = "a person" if row.origin is Origin.MANUAL else "another source"
    return f"{row.action.value} of {whose} ({_short(row.type, row.value)})"


def wins(row: Indicator, loser: Indicator, rule: str, others: int) -> str:
    """Say what a row won against; `others` are the further rows that lost."""
    more = f" and {others} more" if others else ""
    return f"{named(row)} wins over {named(loser)}{more}: {rule}"


def alone(row: Indicator, seen: Observable) -> str:
    """Say why a row decides that nothing contends with."""
    if seen.value == row.value:
        return f"{named(row)} names it"
    return f"{named(row)} covers {_short(seen.type, seen.value)}"


def not_here(row: Indicator, group: str, at: datetime) -> str:
    """Say why a row that matches does not apply to a device of this group at this time."""
    if row.expires is not None and not row.active(at):
        gone = row.expires.astimezone(UTC)
        return f"{named(row)} matches, but expired on {gone:%Y-%m-%d at %H:%M:%S} UTC"
    wanted = safe(", ".join(row.groups), VALUE_SHOWN)
    here = f"the group {safe(group, VALUE_SHOWN)}" if group else "no group"
    return f"{named(row)} matches, but is for {wanted} and the device is in {here}"


def _short(kind: IndicatorType, value: str) -> str:
    if kind in _HASHES and len(value) > HASH_SHOWN:
        return f"{safe(value[:HASH_SHOWN])}…"
    return safe(value, VALUE_SHOWN)


def unenforced(row: Indicator, why: str, process: str) -> str:
    """Say why a row that applies is not enforced; `why` is a note's text."""
    here = f"; this is {safe(process, VALUE_SHOWN)}" if process else ""
    return f"{named(row)} matches, but {why}{here}"


def told(reason: str, row: Indicator | None) -> str:
    """A verdict's reason as people read it: codes, which programs tell apart, become words."""
    if row is None or reason not in CODES:
        return reason
    return f"{named(row)} decides, {CODES[reason]}"


def silent(row: Indicator) -> str:
    """Say that a row which decides leaves cloud detection without anything to do."""
    return f"{named(row)} decides, and cloud detection raises nothing for {row.action.value}"
