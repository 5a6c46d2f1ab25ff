"""What an examination finds, and the report that it ends in.

Owns the shapes, the exit code and the JSON record. Refuses to look at anything: each area does that
in its own module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tidegate.errors import ExitCode
from tidegate.indicators.text import safe

FEW = 20
"""Findings of one kind that are told singly; what comes after is counted."""

_LONG = 2_000

FIX = "tidegate doctor --fix"
MODE = "check its owner and mode"


class Level(StrEnum):
    """How much a finding matters: a fault is wrong, a warning may become so, a note is neither."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an examination noticed.

    `message` says what and where in one line, `mend` the command or edit that mends it. `fixable`:
    `doctor --fix` does it. `damage`: the list or its journal is not what was written.
    """

    area: str
    level: Level
    code: str
    message: str
    mend: str = ""
    fixable: bool = False
    damage: bool = False

    def record(self) -> dict[str, Any]:
        """The finding under the names of the JSON contract."""
        return {
            "area": self.area,
            "level": self.level.value,
            "code": self.code,
            "message": safe(self.message, limit=_LONG),
            "mend": safe(self.mend, limit=_LONG),
            "fixable": self.fixable,
        }


def fault(area: str, code: str, message: str, mend: str = "", *, fixable: bool = False) -> Finding:
    """Something that is wrong, though the list is what was written."""
    return Finding(area, Level.FAULT, code, message, mend, fixable)


def damage(area: str, code: str, message: str, mend: str = "", *, fixable: bool = False) -> Finding:
    """The list or its journal is not what was written."""
    return Finding(area, Level.FAULT, code, message, mend, fixable, damage=True)


def warning(
    area: str, code: str, message: str, mend: str = "", *, fixable: bool = False
) -> Finding:
    """Something to see to before it becomes a fault."""
    return Finding(area, Level.WARNING, code, message, mend, fixable)


def note(area: str, code: str, message: str, mend: str = "") -> Finding:
    """Something to know."""
    return Finding(area, Level.NOTE, code, message, mend)


def many(number: int, what: str) -> str:
    """A number of things, in words: "1 change", "2 changes"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


@dataclass(frozen=True, slots=True)
class Checked:
    """One area that was looked at: what there is, in a few words and as numbers."""

    area: str
    summary: str
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The worst level found, or ok; notes do not count."""
        levels = {finding.level for finding in self.findings}
        return next((lv.value for lv in (Level.FAULT, Level.WARNING) if lv in levels), "ok")


def checked(area: str, summary: str, findings: Iterable[Finding] = (), **counts: object) -> Checked:
    """Put an area together; of many findings of a kind, the first few stand for the rest."""
    seen: Counter[str] = Counter()
    kept: list[Finding] = []
    last: dict[str, Finding] = {}
    for finding in findings:
        seen[finding.code] += 1
        last[finding.code] = finding
        if seen[finding.code] <= FEW:
            kept.append(finding)
    for code, number in seen.items():
        if number > FEW:
            like = last[code]
            more = f"and {number - FEW:,} more of this kind"
            kept.append(Finding(area, like.level, code, more, like.mend, like.fixable, like.damage))
    return Checked(area, summary, tuple(kept), counts)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a journal: the number of its last change and the digest of its line.

    Noted somewhere else, it shows later that the journal was not cut short or written anew.
    """

    serial: int = 0
    sum: str = "0" * 64

    def __str__(self) -> str:
        return f"{self.serial}:{self.sum}"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole examination. `anchor` is None when the journal could not be read to its end."""

    areas: tuple[Checked, ...]
    anchor: Anchor | None = None
    last_good: str | None = None
    last_change: datetime | None = None
    fixed: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, area by area."""
        return tuple(finding for area in self.areas for finding in area.findings)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(f for f in self.findings if f.level is Level.FAULT)

    @property
    def ok(self) -> bool:
        """Whether there is no fault; warnings and notes are allowed."""
        return not self.faults

    @property
    def exit_code(self) -> ExitCode:
        """4 when the list or the journal is damaged, 2 for any other fault."""
        if any(finding.damage for finding in self.faults):
            return ExitCode.DAMAGED
        return ExitCode.USAGE if self.faults else ExitCode.DONE

    def record(self) -> dict[str, Any]:
        """The report under the names of the JSON contract."""
        anchor = self.anchor
        return {
            "ok": self.ok,
            "findings": [finding.record() for finding in self.findings],
            "anchor": anchor and {"serial": anchor.serial, "sum": anchor.sum},
            "last_good": self.last_good,
            "fixed": list(self.fixed),
            "checked": {
                area.area: {"verdict": area.verdict, "summary": area.summary, **area.counts}
                for area in self.areas
            },
        }
