"""What a plan would make of given events, in words: by row, by heading, and in all.

Pure, from the service's answers to strings. Refuses widgets.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.service.foreseeing import Foreseen
from tidegate.tui.preview import counted
from tidegate.tui.safe import content
from tidegate.tui.verdicts import NAMES, told_verdict

SHOWN = 200
"""Events that are told one by one."""


class Effects:
    """Events that were looked at under a plan. `file` names where the last ones are from."""

    def __init__(
        self, found: Sequence[Foreseen] = (), file: str = "", of_file: Sequence[Foreseen] = ()
    ) -> None:
        self.asked = len(found)
        self.file = file
        self.changed = [it for it in (*found, *of_file) if it.changed]
        self._of_file = sum(bool(it.changed) for it in of_file)
        self._by_row: dict[str, list[Foreseen]] = {}
        for it in self.changed:
            for ident in it.rows:
                self._by_row.setdefault(ident, []).append(it)

    def of(self, changes: Sequence[Change[Indicator]]) -> list[Foreseen]:
        """The events that these changes have a part in, in the order in which they were asked."""
        if not self._by_row:
            return []
        rows = {change.row.id for change in changes} & self._by_row.keys()
        if len(rows) == 1:
            return self._by_row[rows.pop()]
        return [it for it in self.changed if not rows.isdisjoint(it.rows)]

    @property
    def line(self) -> Content:
        """How many would be judged otherwise; nothing where none was looked at."""
        if not (self.asked or self.file):
            return content("")
        parts = []
        if self.asked:
            own = len(self.changed) - self._of_file
            parts.append(f"{own:,} of {counted(self.asked, 'saved or pasted event')}")
        if self.file:
            parts.append(f"{self._of_file:,} of {self.file}")
        more = "  e lists them" if self.changed else ""
        sign = "≠" if self.changed else " "
        return content(f" {sign} judged otherwise: ", (", ".join(parts), "bold"), more)


def told(found: Sequence[Foreseen]) -> list[Content]:
    """Each event with what each engine would say otherwise, and why."""
    lines = []
    for it in found[:SHOWN]:
        lines.append(content(("≠ ", "bold"), (it.label, "bold")))
        for before, after in zip(it.before, it.after, strict=True):
            if after.engine in it.changed:
                moved = f"{told_verdict(before)} → {told_verdict(after)}"
                lines.append(content((f"  {NAMES[after.engine]}  ", "dim"), moved))
                lines.append(content(f"    {after.words}"))
    if len(found) > SHOWN:
        lines.append(content(f"and {len(found) - SHOWN:,} more"))
    return lines
