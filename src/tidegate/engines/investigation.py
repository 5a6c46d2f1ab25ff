"""Automated investigation and remediation: takes findings that already have a verdict.

Owns what the list does to a finding ("Create indicators", "Automated investigation and remediation
engine") and what each level of automation does by itself ("Automation levels in automated
investigation and remediation capabilities"). Refuses findings of its own.

    Allow                    a bad finding is ignored
    Alert and block, Block   taken as bad whatever the finding, and remediated
    Alert only               leaves the finding as it is
    Warn                     no page says: `Choices.investigated_warn`
"""

from __future__ import annotations

import re
from enum import StrEnum

from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.engines.wording import NOTHING
from tidegate.indicators.kinds import Action

ALERT_ONLY_LEAVES_VERDICT = "alert_only_leaves_verdict"
"""The reason for Alert only: a code, so that programs can tell it from a miss."""


class Finding(StrEnum):
    """What the investigation thinks of what it looks at."""

    MALICIOUS = "malicious"
    SUSPICIOUS = "suspicious"
    CLEAN = "clean"
    UNKNOWN = "unknown"


class Automation(StrEnum):
    """How far remediation goes by itself in a device group."""

    FULL = "full"
    """Remediate threats automatically."""
    SEMI = "semi"
    """Require approval for all folders."""
    SEMI_CORE = "semi_core"
    """Require approval for core folders, those of the operating system."""
    SEMI_NON_TEMP = "semi_non_temp"
    """Require approval for all but temporary folders."""
    NONE = "none"
    """No automated response."""


BAD = frozenset({Finding.MALICIOUS, Finding.SUSPICIOUS})

# The folders that Microsoft's page lists, as parts of a path in lower case.
_CORE = re.compile(r"(?:^|[\\/])windows(?:[\\/]|$)")
_TEMPORARY = re.compile(
    r"[\\/](?:"
    r"users[\\/][^\\/]+[\\/](?:appdata[\\/]local[\\/]temp|downloads)"
    r"|documents and settings[\\/][^\\/]+[\\/](?:local settings[\\/]temp(?:orary)?|users)"
    r"|windows[\\/]temp|program files(?: \(x86\))?"
    r")(?:[\\/]|$)"
)

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
    done, how = _remedy(level, event, seen)
    bad = "" if found in BAD else f"; taken as bad although the finding is {found.value}"
    return Verdict(event.id, _ENGINE, Word.BLOCKED, done, None, row, f"{reason}{bad}; {how}")


def _remedy(level: Automation, event: Event, seen: Observable) -> tuple[bool, str]:
    """Return whether remediation needs nobody, and the sentence for it."""
    if level is Automation.FULL:
        return True, "remediated automatically"
    if level is Automation.NONE:
        return False, "the device's group has no automated response"
    folder = event.folder.lower() if seen.role in (Role.FILE, Role.CERTIFICATE) else ""
    if level is Automation.SEMI or not folder:
        return False, "remediation awaits approval"
    temporary = _TEMPORARY.search(folder) is not None
    if level is Automation.SEMI_CORE and (temporary or not _CORE.search(folder)):
        return True, "remediated automatically, as the folder is no core folder"
    if level is Automation.SEMI_NON_TEMP and temporary:
        return True, "remediated automatically, as the folder is temporary"
    return False, "remediation awaits approval in this folder"
