"""What is to be deleted in the portal before a new CSV is imported there.

Owns the comparison of an earlier export with the present one. An import adds rows and overwrites
rows, it never removes any, and a row whose action changed may stand there twice: Defender updates a
row where value, type and the name of the action are the same, and makes another one else. Rows that
have expired are left out, since Defender deletes those itself, at the second. Refuses to be
imported: there is no column Action, which both the portal and `import` ask for.

Source: "Create indicators", "Manage indicators" (defender-docs).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import ActionNotSupported
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Action, Dialect, IndicatorType
from tidegate.indicators.wire import guarded, to_wire

SUFFIX = "-delete"

COLUMNS = ("IndicatorType", "IndicatorValue", "RbacGroups", "Title", "ActionThere", "Reason")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row as an earlier export put it into the portal."""

    key: RowKey
    action: Action
    title: str
    expires: datetime | None


def render(
    earlier: Sequence[Listed],
    written: Sequence[Indicator],
    left_out: Mapping[RowKey, str],
    now: datetime,
    dialect: Dialect,
) -> tuple[bytes, int]:
    """Write the rows of `earlier` that the portal has to lose, in order; return how many, too.

    `left_out` says why rows of the list are not among those `written`.
    """
    actions = {row.key: row.action for row in written}
    lines: dict[tuple[RowKey, Action], list[str]] = {}
    for each in earlier:
        action = actions.get(each.key)
        if each.expires is not None and each.expires <= now:
            continue
        kind = each.key.type
        if action and _name(dialect, kind, action) == _name(dialect, kind, each.action):
            continue
        reason = (
            f"action becomes {action.value}"
            if action is not None
            else left_out.get(each.key, "no longer on the list")
        )
        lines[each.key, each.action] = [
            kind.value,
            each.key.value,
            ",".join(each.key.groups),
            each.title,
            each.action.value,
            reason,
        ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in line] for line in lines.values())
    return out.getvalue().encode("utf-8", "replace"), len(lines)


def _name(dialect: Dialect, kind: IndicatorType, action: Action) -> str:
    try:
        return to_wire(dialect, kind, action).name
    except ActionNotSupported:  # an earlier export of the other dialect
        return action.value
