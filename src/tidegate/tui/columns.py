"""The columns of the indicator table: what each cell says and which fit a given width.

Pure: rows and `now` in, strings and widths out. Refuses colour and markup; the table adds those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tidegate.indicators import flags
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE, Action, Severity
from tidegate.tui.ends import remaining
from tidegate.tui.grid_layout import Column as AnyColumn
from tidegate.tui.grid_layout import fitted

Column = AnyColumn[Indicator]

ACTION_CODE = {
    Action.ALLOW: "ALW",
    Action.ALERT_ONLY: "ALR",
    Action.ALERT_AND_BLOCK: "BLK",
    Action.WARN: "WRN",
    Action.BLOCK: "BLO",
}
"""Three letters an action, so that colour is never the only sign."""

SEVERITY_CODE = {
    Severity.INFORMATIONAL: "INFO",
    Severity.LOW: "LOW",
    Severity.MEDIUM: "MED",
    Severity.HIGH: "HIGH",
}

FLAGS = {letter: meaning for letter, (meaning, _) in flags.FLAGS.items()}
"""Letters of the last column and what they mean; the help screen lists them."""

VALUE_FLOOR = 30
"""Below this many cells the value is worth more than the next optional column."""

TITLE_FROM = 100
"""From this table width on there is room for the title, scope and confidence."""


def source(row: Indicator) -> str:
    """Name who wants the row: its feeds, or the origin when it has none."""
    if not row.feeds:
        return row.origin.value
    more = f"+{len(row.feeds) - 1}" if len(row.feeds) > 1 else ""
    return row.feeds[0] + more


def scope_text(row: Indicator) -> str:
    """The device groups, or `all`."""
    return ",".join(row.groups) or "all"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


_TYPE = Column("type", "TYPE", 6, lambda row, _: SHORT_TYPE[row.type])
_VALUE = Column("value", "VALUE", 0, lambda row, _: row.value, share=2, least=30)
_TITLE = Column("title", "TITLE", 0, lambda row, _: row.title, least=12)
_ACTION = Column("action", "ACT", 3, lambda row, _: ACTION_CODE[row.action])
_SEVERITY = Column("severity", "SEV", 4, lambda row, _: SEVERITY_CODE[row.severity])
_EXPIRES = Column("expires", "EXPIRES", 7, lambda row, now: remaining(row.expires, now), right=True)
_SCOPE = Column("scope", "SCOPE", 9, lambda row, _: scope_text(row))
_FEED = Column("feed", "FEED", 10, lambda row, _: source(row), tail=len("+1"))
_CONFIDENCE = Column("confidence", "CONF", 4, lambda row, _: _number(row.confidence), right=True)
_RANK = Column("rank", "RANK", 6, lambda row, _: _number(row.rank), right=True)
_FLAGS = Column("flags", "FLAG", 4, lambda row, _: flags.letters(row))

COLUMNS: dict[str, Column] = {
    column.key: column
    for column in (
        *(_TYPE, _VALUE, _TITLE, _ACTION, _SEVERITY, _EXPIRES),
        *(_SCOPE, _FEED, _CONFIDENCE, _RANK, _FLAGS),
        Column("tlp", "TLP", 6, lambda row, _: row.tlp or ""),
        Column("category", "CATEGORY", 12, lambda row, _: row.category),
        Column("origin", "ORIGIN", 7, lambda row, _: row.origin.value),
        Column("created", "CREATED", 10, lambda row, _: f"{row.created:%Y-%m-%d}"),
        Column("updated", "UPDATED", 10, lambda row, _: f"{row.updated:%Y-%m-%d}"),
        Column("note", "NOTE", 0, lambda row, _: row.note, least=12),
        Column("id", "ID", 12, lambda row, _: row.id),
    )
}
"""Every column that may be chosen."""

WIDEST = 200
"""Cells that a column may be made wide."""

_NARROW = (_TYPE, _VALUE, _ACTION, _SEVERITY, _EXPIRES, _FEED, _RANK, _FLAGS)
_WIDE = (
    _TYPE,
    _VALUE,
    _TITLE,
    _ACTION,
    _SEVERITY,
    _EXPIRES,
    _SCOPE,
    replace(_FEED, width=12),
    _CONFIDENCE,
    _RANK,
    _FLAGS,
)
_DROP_ORDER = ("rank", "feed", "expires", "flags")


def _room(columns: tuple[Column, ...], width: int) -> int:
    """Cells left for the elastic columns, after one space between any two columns."""
    return width - sum(column.width for column in columns) - len(columns) + 1


def layout(width: int) -> tuple[Column, ...]:
    """Choose and size the columns for a table `width` cells wide.

    Rank, feed and expiry go first, in that order, when the value would become unreadable.
    """
    if width >= TITLE_FROM:
        room = _room(_WIDE, width)
        title = min(room // 3, 60)
        return tuple(
            replace(column, width=title)
            if column is _TITLE
            else replace(column, width=room - title)
            if column is _VALUE
            else column
            for column in _WIDE
        )
    columns: tuple[Column, ...] = _NARROW
    for key in _DROP_ORDER:
        if _room(columns, width) >= VALUE_FLOOR:
            break
        columns = tuple(column for column in columns if column.key != key)
    value = max(_room(columns, width), 1)
    return tuple(replace(column, width=value) if column is _VALUE else column for column in columns)


def columns_of(texts: Iterable[str]) -> tuple[Column, ...]:
    """The columns that keys name, `title:30` with a width; what is not known here is left out."""
    found: dict[str, Column] = {}
    for text in texts:
        key, _, width = text.partition(":")
        column = COLUMNS.get(key)
        if column is not None:
            given = int(width) if width.isascii() and width.isdigit() else 0
            found[key] = replace(column, width=min(given, WIDEST) or column.width)
    return tuple(found.values())


def shifted(texts: Iterable[str], skip: int, width: int) -> tuple[tuple[Column, ...], bool]:
    """The columns without the first `skip` beside the value, and whether some find no room yet."""
    chosen = columns_of(texts) or _WIDE
    rest = [column.key for column in chosen if column.key != "value"][skip:]
    wanted = [column for column in chosen if column.key in {"value", *rest}]
    sized = fitted(wanted, width, rest[::-1]) if skip else arranged(texts, width)
    return sized, len(sized) < len(wanted)


def arranged(texts: Iterable[str], width: int) -> tuple[Column, ...]:
    """Size the columns that a person chose, or the usual ones for none.

    What finds no room goes: the usual drops first, then from the right; the value stays longest.
    """
    chosen = columns_of(texts)
    if not chosen:
        return layout(width)
    rest = [column.key for column in reversed(chosen) if column.key not in _DROP_ORDER]
    spare = [*_DROP_ORDER, *(key for key in rest if key != "value")]
    sized = fitted(chosen, width, [key for key in spare if key in {c.key for c in chosen}])
    return sized or (replace(chosen[0], width=max(width, 1)),)
