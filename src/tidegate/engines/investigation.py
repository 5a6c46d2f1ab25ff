"""Automated investigation and remediation: takes findings that already have a verdict.

Owns what the list does to a finding ("Create indicators", "Automated investigation and remediation
engine"). Refuses findings of its own.

    Allow                    a bad finding is ignored
    Alert and block, Block   taken as bad whatever the finding, and remediated
    Alert only               leaves the finding as it is
    Warn                     no page says: `Choices.investigated_warn`
"""

from __future__ import annotations

from enum import StrEnum

from tidegate.engines.automation import Automation, remedy
from tidegate.engines.event import Event, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.engines.wording import ALERT_ONLY_LEAVES_VERDICT, NOTHING
from tidegate.indicators.kinds import Action

__all__ = ["ALERT_ONLY_LEAVES_VERDICT", "Automation", "Finding", "investigation"]


class Finding(StrEnum):
    """What the investigation thinks of what it looks at."""

    MALICIOUS = "malicious"
    SUSPICIOUS = "suspicious"
    CLEAN = "clean"
    UNKNOWN = "unknown"


BAD = frozenset({Finding.MALICIOUS, Finding.SUSPICIOUS})

_ENGINE = Engine.AUTOMATED_INVESTIGATION


def investigation(
    event: Event,
    matcher: Matcher,
    finding: str = "malicious",
    automation: str = "full",
) -> Verdict:
    """Say what becomes of a finding, with scope and expiry at the time of the event.

    `remediated` says whether it happens without a person's approval. Where a level depends on the
    folder and the event names none, approval is awaited. Raises ValueError for words that are no
    `Finding` or `Automation`.
    """
    found, level = Finding(finding), Automation(automation)
    row, seen, reason = matcher.decide(event)
    if row is None or seen is None:
        why = f"{NOTHING}, and the finding {found.value} stands" if reason == NOTHING else reason
        return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, None, why)
    action = row.action
    if action is Action.WARN and matcher.choices.investigated_warn == "bad":
        action = Action.BLOCK
    match action:
        case Action.ALLOW:
            ignored = f"; the finding {found.value} is ignored" if found in BAD else ""
            return Verdict(event.id, _ENGINE, Word.ALLOWED, False, None, row, reason + ignored)
        case Action.ALERT_ONLY:
            why = ALERT_ONLY_LEAVES_VERDICT
            return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, row, why)
        case Action.WARN:
            why = f"{reason}; Warn leaves the finding {found.value} as it is"
            return Verdict(event.id, _ENGINE, Word.NO_MATCH, False, None, row, why)
    # The folder is that of the file, and says nothing about the process or a connection.
    folder = event.folder if seen.role in (Role.FILE, Role.CERTIFICATE) else ""
    done, how = remedy(level, folder)
    bad = "" if found in BAD else f"; taken as bad although the finding is {found.value}"
    return Verdict(event.id, _ENGINE, Word.BLOCKED, done, None, row, f"{reason}{bad}; {how}")
