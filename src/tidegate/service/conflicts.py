"""Where people and feeds want different things of one value, listed until a person decides.

Two kinds. `field`: a person set a field of a feed's row, and the feed wants another value there.
`row`: a person's row (added, pinned, or with an action or scope of a person's) stands against what
feeds want for the same value, there or in a scope that overlaps. What feeds want beside a person's
rows is remembered by each sync; it is held against the list as it is now. Refuses to decide:
`resolving` does what a person chose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidegate.allocation.conflict import Named, decided_by_person, opposed
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator, RowKey, row_id
from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.ledger.wishes import wishes
from tidegate.service import look
from tidegate.service.finding import glance
from tidegate.service.workspace import Workspace
from tidegate.store.records import read_indicator_record

_WISH_LENGTH = 6
"""Hexadecimal digits that tell the wishes against one row apart; there are a handful."""


class Standing(StrEnum):
    """How a person's word stands to a feed's."""

    OPEN = "open"  # they differ, and nobody has decided
    SETTLED = "settled"  # the person saw the feed's value and kept theirs
    AGREED = "agreed"  # the field is the person's, and the feed wants the same


@dataclass(frozen=True, slots=True)
class Conflict:
    """One difference. `row` is the person's; `wish` the feeds' row, for kind `row` only.

    `mine` and `theirs` are values of the field, or for kind `row` what either row does and where.
    """

    id: str
    kind: str
    row: Indicator
    field: str
    mine: object
    theirs: object
    feeds: tuple[str, ...]
    standing: Standing
    wish: Indicator | None = None

    @property
    def type(self) -> IndicatorType:
        """Type of the value."""
        return self.row.type

    @property
    def value(self) -> str:
        """The value that they differ about."""
        return self.row.value


def conflicts(
    ws: Workspace, filter_text: str = "", *, settled: bool = False
) -> tuple[Conflict, ...]:
    """What nobody has decided yet, in rank order of the rows that a filter matches.

    With `settled` also what a person decided to keep. Raises FilterError.
    """
    shown = (Standing.OPEN, Standing.SETTLED) if settled else (Standing.OPEN,)
    found = of_rows(ws, look.select(ws, filter_text))
    return tuple(conflict for conflict in found if conflict.standing in shown)


def chosen(ws: Workspace, items: Sequence[str]) -> tuple[Conflict, ...]:
    """The conflicts that ids, rows or values name, each once.

    A conflict's own id may also name what is settled or agreed on, so that a field can be handed
    back at any time; a row or value does so when nothing about it is open. Raises UsageError.
    """
    known = {conflict.id: conflict for conflict in of_rows(ws, look.rows(ws))}
    found: dict[str, Conflict] = {}
    for item in items:
        named = [known[item]] if item in known else _about(ws, item, known.values())
        found.update((conflict.id, conflict) for conflict in named)
    return tuple(found.values())


def _about(ws: Workspace, item: str, known: Iterable[Conflict]) -> list[Conflict]:
    ids = {row.id for row in look.matching(ws, item)}
    about = [conflict for conflict in known if conflict.row.id in ids]
    if not about:
        what = "has no conflict" if ids else "names no conflict and no row"
        raise UsageError(f"{item} {what}", "`tidegate conflicts list` shows all")
    return [conflict for conflict in about if conflict.standing is Standing.OPEN] or about


def of_rows(ws: Workspace, rows: Iterable[Indicator]) -> Iterator[Conflict]:
    """Every difference between these rows and the feeds, whatever its standing, and agreements."""
    rows = tuple(rows)
    wished = _wished(ws, rows)
    for row in rows:
        if row.origin is Origin.FEED:
            yield from (_of_field(row, name) for name in sorted(row.owned))
        if decided_by_person(row):
            for wish in wished.get((row.type, row.value), ()):
                if opposed(row, wish):
                    yield _of_row(row, wish)


def _of_field(row: Indicator, name: str) -> Conflict:
    mine, theirs = getattr(row, name), row.owned[name]
    standing = Standing.OPEN
    if mine == theirs:
        standing = Standing.AGREED
    elif name in row.settled and row.settled[name] == theirs:
        standing = Standing.SETTLED
    return Conflict(f"{row.id}.{name}", "field", row, name, mine, theirs, row.feeds, standing)


def _of_row(row: Indicator, wish: Indicator) -> Conflict:
    ident = f"{row.id}.{row_id(wish.key)[:_WISH_LENGTH]}"
    mine, theirs = does(row), does(wish)
    return Conflict(ident, "row", row, "row", mine, theirs, wish.feeds, Standing.OPEN, wish)


def does(row: Indicator) -> dict[str, object]:
    """What a row does, and where."""
    return {"action": row.action, "severity": row.severity, "groups": row.groups}


def _wished(ws: Workspace, rows: Iterable[Indicator]) -> dict[Named, list[Indicator]]:
    """What feeds want for the values of these rows that a person has a row for.

    By the last sync, and by the list.
    """
    now = ws.clock()
    values = {(row.type, row.value) for row in rows if decided_by_person(row)}
    if not values:
        return {}
    texts = {value for _, value in values}
    same = (record["id"] for record in glance(ws).named(texts))
    held = [row for ident in same if ((row := ws.store.row(ident)).type, row.value) in values]
    people = [row for row in held if decided_by_person(row)]
    # What its own feed wants of a person's row is told field by field.
    own = {row.feed_key for row in people if row.origin is Origin.FEED}
    found: dict[RowKey, Indicator] = {
        row.key: row
        for row in held
        if row.origin is Origin.FEED
        and (row.type, row.value) in values
        and not decided_by_person(row)
    }
    active = {entry.id for entry in ws.catalogue.active()}
    notes = [note for note in ws.store.state().suppressions.values() if note.active(now)]
    for known in wishes(ws.ledger, ws.tenant):
        if known.key not in own and (known.key.type, known.key.value) in values:
            wish = read_indicator_record(known.record)
            if wish.active(now) and active.intersection(wish.feeds):
                found[known.key] = wish
    by_value: dict[Named, list[Indicator]] = {}
    for key, wish in sorted(found.items(), key=lambda pair: pair[0]):
        spellings = {key.value, *(alias.partition(":")[2] for alias in wish.aliases)}
        if not any(note.value in spellings and note.covers(key.groups) for note in notes):
            by_value.setdefault((key.type, key.value), []).append(wish)
    return by_value


def record(conflict: Conflict) -> dict[str, object]:
    """A conflict as values that can be written as JSON."""
    return {
        "id": conflict.id,
        "kind": conflict.kind,
        "type": conflict.type,
        "value": conflict.value,
        "groups": conflict.row.groups,
        "field": conflict.field,
        "mine": conflict.mine,
        "theirs": conflict.theirs,
        "feeds": conflict.feeds,
        "settled": conflict.standing is Standing.SETTLED,
    }


def words(value: object) -> str:
    """One side of a conflict in words for people."""
    if isinstance(value, Mapping):
        return ", ".join(words(part) for part in value.values())
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "all devices"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    return "nothing" if value in (None, "") else str(value)
