"""Which of the rows that feeds want compete for a slot, beside what is on the list already.

Owns who is left out before slots are handed out: what a person suppressed, and what is there by
somebody else's word. Refuses to rank. Of a million wanted rows only those are looked at closely
whose value is on the list or suppressed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tidegate.allocation.diff import stays
from tidegate.allocation.merge import Wanted
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.kinds import Origin


@dataclass(frozen=True, slots=True)
class Field:
    """The rows that compete, and what became of the others.

    `near` are all wanted rows whose value is on the list. `suppressed` are kept out by a person's
    word; `joined` counts those whose row is there already, and not a feed's. `staying` names, by
    the keys of their feeds, rows that keep their slot although no feed asks for them now.
    """

    competing: Sequence[Wanted]
    near: Sequence[Wanted]
    suppressed: frozenset[RowKey]
    joined: int
    staying: frozenset[RowKey]


def contenders(
    held: Sequence[Indicator],
    wanted: Sequence[Wanted],
    notes: Iterable[Suppression],
    live: Collection[str],
    now: datetime,
) -> Field:
    """Part the wanted rows. `live` are the feeds that were read and are on; `now` is in UTC."""
    values = {row.value for row in held}
    near = [item for item in wanted if item.value in values]
    # A feed's row that a person moved to another scope is still known to its feeds by the old one,
    # and keeps others off the new one.
    moved = [row for row in held if row.origin is Origin.FEED and row.key != row.feed_key]
    not_ours = {row.key for row in held if row.origin is not Origin.FEED}
    not_ours |= {row.key for row in moved}
    not_ours -= {row.feed_key for row in moved}
    joined = {key for item in near if (key := item.key) in not_ours}
    suppressed = frozenset(kept_out(notes, wanted, now) - not_ours)
    out = joined | suppressed
    out_values = {key.value for key in out}
    competing = (
        [item for item in wanted if item.value not in out_values or item.key not in out]
        if out
        else wanted
    )
    staying = {row.feed_key for row in held if stays(row, live)}
    # A row that another feed still wants competes like any other.
    staying -= {key for item in near if (key := item.key) not in out}
    return Field(competing, near, suppressed, len(joined), frozenset(staying))


class Known(Protocol):
    """What feeds know by a value, and a file by its other hashes: a row, or one that is wanted."""

    @property
    def feed_key(self) -> RowKey:
        """Its identity as feeds know it."""

    @property
    def value(self) -> str:
        """The canonical value."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other hashes of the file, each as `FileSha1:<hex>`."""


def kept_out(notes: Iterable[Suppression], rows: Iterable[Known], now: datetime) -> set[RowKey]:
    """The rows that a suppression keeps out, by their value or by another hash of theirs.

    They are named by the key under which feeds know them.
    """
    by_value: dict[str, list[Suppression]] = {}
    for note in notes:
        if note.active(now):
            by_value.setdefault(note.value, []).append(note)
    if not by_value:
        return set()
    return {
        row.feed_key
        for row in rows
        if (row.value in by_value or row.aliases)
        and any(
            note.covers(row.feed_key.groups)
            for value in (row.value, *(a.partition(":")[2] for a in row.aliases))
            for note in by_value.get(value, ())
        )
    }
