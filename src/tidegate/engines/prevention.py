"""Endpoint prevention: decides one event before it happens.

Owns what Defender AV and network protection do with the row that decides: "Create indicators",
"Endpoint prevention engine"; "Overview of indicators". Refuses what Defender does without
indicators: antivirus verdicts, SmartScreen, exclusions.

    Allow            neither detected nor blocked
    Alert only       happens, and raises the row's alert
    Alert and block  stopped, and raises the row's alert; files are quarantined
    Block            stopped, without an alert
    Warn             stopped until the user says otherwise

Some rows are on the list and yet not enforced (indicators.enforceability): the path of an HTTPS URL
is visible in Edge only. An event that names no process is taken for Edge's, as nobody else could
have recorded such a path; one that names another process is let pass, and the reason says so.
"""

from __future__ import annotations

from types import MappingProxyType

from tidegate.engines.choices import Choices
from tidegate.engines.contest import Match
from tidegate.engines.event import Event
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import Effective, effective
from tidegate.engines.verdict import Engine, Verdict, Word, own_alert
from tidegate.engines.wording import NOTHING, unenforced
from tidegate.indicators.enforceability import EDGE_ONLY, NOT_PE, Note, notes_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType

EDGE = frozenset(
    ("msedge.exe", "msedge", "microsoft edge", "microsoftedge.exe", "microsoftedgecp.exe")
)
"""File names of Edge's processes, in lower case."""

QUARANTINED = frozenset((*FILE_TYPES, IndicatorType.CERTIFICATE))
"""What remediation can take away; a connection is only stopped."""

WORDS = MappingProxyType(
    {
        Action.ALLOW: Word.ALLOWED,
        Action.ALERT_ONLY: Word.ALERTED,
        Action.ALERT_AND_BLOCK: Word.BLOCKED,
        Action.BLOCK: Word.BLOCKED,
        Action.WARN: Word.WARNED,
    }
)

_ENGINE = Engine.ENDPOINT_PREVENTION
_NO_MATCH = Word.NO_MATCH
_ALERTING = frozenset({Action.ALERT_ONLY, Action.ALERT_AND_BLOCK})


def prevention(event: Event, matcher: Matcher) -> Verdict:
    """Decide an event by the list as it is, with scope and expiry at the time of the event."""
    matches = matcher.matches(event)
    if not matches:
        return Verdict(event.id, _ENGINE, _NO_MATCH, False, None, None, NOTHING)
    choices = matcher.choices
    enforced = _enforced(event, matches, choices)
    row, _, reason = effective(enforced, event.group, event.at, choices)
    if len(enforced) < len(matches):
        at_its_word = effective(matches, event.group, event.at, choices)
        reason = _explained(event, row, at_its_word, reason)
    if row is None:
        return Verdict(event.id, _ENGINE, _NO_MATCH, False, None, None, reason)
    return Verdict(
        event.id,
        _ENGINE,
        WORDS[row.action],
        row.action is Action.ALERT_AND_BLOCK and row.type in QUARANTINED,
        own_alert(row) if row.action in _ALERTING else None,
        row,
        reason,
    )


def _enforced(event: Event, matches: list[Match], choices: Choices) -> list[Match]:
    """Return the matches that Defender enforces here."""
    if choices.enforcement == "everything":
        return matches
    return [match for match in matches if _hindrance(match[1], event) is None]


def _explained(event: Event, row: Indicator | None, at_its_word: Effective, reason: str) -> str:
    """Add to the reason the row that would decide if Defender enforced all it takes."""
    wanted = at_its_word.indicator
    note = None if wanted is None else _hindrance(wanted, event)
    if wanted is None or note is None:
        return at_its_word.reason if row is None else reason
    why = unenforced(wanted, note.text, event.process)
    return why if row is None else f"{reason}; {why}"


def _hindrance(row: Indicator, event: Event) -> Note | None:
    """Return why Defender does not enforce a row here, None where it does."""
    process = event.process.lower()
    for note in notes_of(row):
        if note.code == NOT_PE:
            return note
        if note.code == EDGE_ONLY and process and process not in EDGE:
            return note
    return None
