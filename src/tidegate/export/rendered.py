"""What every export asks for and hands back, and which rows may leave at all.

Owns the shapes shared by the targets and the one gate before them: expired rows stay, and so does
everything above the TLP ceiling. Refuses to write files: bytes go back to whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Dialect, Origin
from tidegate.stix.markings import LEVELS

DEFAULT_CEILING = "green"
"""A free export names no partner, so it may hold only what TLP lets pass in the community."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an export is told besides its rows.

    `now` only decides which rows have expired and is never written: exporting the same rows twice
    gives the same bytes. `identity` is the name of the organisation that the export speaks for.
    """

    now: datetime
    identity: str
    dialect: Dialect = Dialect.TODAY
    tlp_max: str = DEFAULT_CEILING


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was asked for and is not in the export; `code` is stable, `detail` for people.

    Codes: `expired`, `tlp_above_ceiling`, `tlp_unmarked`, `tlp_unknown`; of the portal CSV also
    `type_not_in_csv`, `action_not_supported`, `comma_in_list`, `formula_in_list`.
    """

    row: Indicator
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """An export: (suffix for the file's stem, bytes) per file, rows written, rows left out.

    The suffix is empty when one file holds everything. written + len(skipped) = rows asked for.
    `withdrawn` counts the rows of a list of what to delete, which is one of the files then.
    `guarded` counts the rows with a text that was changed so that no spreadsheet runs it.
    """

    files: tuple[tuple[str, bytes], ...]
    written: int
    skipped: tuple[Skipped, ...] = ()
    withdrawn: int | None = None
    guarded: int = 0

    @property
    def withheld(self) -> int:
        """How many rows the TLP ceiling kept back."""
        return sum(1 for skip in self.skipped if skip.code.startswith("tlp_"))


def may_leave(
    rows: Sequence[Indicator], now: datetime, tlp_max: str
) -> tuple[list[Indicator], list[Skipped]]:
    """Part the rows that may leave from those that stay, in order.

    A row without a marking is judged by whose word it is. A feed's row is somebody else's, who did
    not say that it may be passed on, and a foreign row is somebody else's in the tenant: they stay.
    A manual row is the operator's own to give and leaves unmarked. A marking that we do not know
    stays, whatever it says.

    Raises:
        UsageError: `tlp_max` is no TLP level.
    """
    if tlp_max not in LEVELS:
        raise UsageError(f"{tlp_max!r} is no TLP level", "one of " + ", ".join(LEVELS))
    allowed = frozenset(LEVELS[: LEVELS.index(tlp_max) + 1])
    kept: list[Indicator] = []
    skipped: list[Skipped] = []
    for row in rows:
        reason = _why_stays(row, now, tlp_max, allowed)
        if reason is None:
            kept.append(row)
        else:
            skipped.append(Skipped(row, *reason))
    return kept, skipped


def _why_stays(
    row: Indicator, now: datetime, tlp_max: str, allowed: frozenset[str]
) -> tuple[str, str] | None:
    if not row.active(now):
        return "expired", f"expired at {row.expires:%Y-%m-%d %H:%M:%S}Z"
    if row.tlp is None:
        if row.origin is Origin.MANUAL:
            return None
        whose = "the feed" if row.origin is Origin.FEED else "whoever made it"
        return "tlp_unmarked", f"{whose} did not say that it may be passed on"
    if row.tlp in allowed:
        return None
    if row.tlp in LEVELS:
        return "tlp_above_ceiling", f"TLP:{row.tlp.upper()} is above TLP:{tlp_max.upper()}"
    return "tlp_unknown", "its marking is no TLP level"
