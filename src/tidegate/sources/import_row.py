"""What a file offers for the list: rows, and the places that hold none.

Owns the shapes that the readers of `import` share. Refuses defaults: a field that the file does
not say is None or empty, and whoever plans the import fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidegate.indicators.kinds import Action, IndicatorType, Severity


class ImportKind(StrEnum):
    """What the file turned out to be."""

    STIX = "stix"
    PORTAL_CSV = "portal-csv"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One value in canonical form, with what the file says about it.

    `line` counts from 1: lines of a CSV, indicator objects of a STIX file. `action` and `severity`
    None mean that the file leaves them to the operator (STIX of others always does). `stated` names
    the fields that the file has a place for: what is empty there is said to be none, and an empty
    `expires` is never. `repairs` names what was read leniently (stix/repairs.py).
    """

    line: int
    type: IndicatorType
    value: str
    action: Action | None = None
    severity: Severity | None = None
    title: str = ""
    description: str = ""
    groups: tuple[str, ...] = ()
    expires: datetime | None = None
    confidence: int | None = None
    tlp: str | None = None
    aliases: tuple[str, ...] = ()
    category: str = ""
    mitre: tuple[str, ...] = ()
    recommended_actions: str = ""
    stix_id: str = ""
    stated: frozenset[str] = frozenset()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A line, object or pattern alternative that became no row, or lost something on the way.

    `code` is stable and lower_snake_case; `detail` is for people and may quote the file.
    """

    line: int
    code: str
    detail: str
    stix_id: str = ""


@dataclass(frozen=True, slots=True)
class ImportReading:
    """Everything that one file holds. `others` counts STIX objects that are no indicators."""

    kind: ImportKind
    rows: tuple[ImportRow, ...]
    problems: tuple[ImportProblem, ...]
    others: int = 0
