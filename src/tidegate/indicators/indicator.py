"""One row of the tenant list, and the key that says when two rows are the same.

Owns `Indicator`, `RowKey` and `Suppression`. Refuses I/O, clocks and partial rows: a row is always
whole, and every change makes a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, Never

from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity

EMPTY: Mapping[str, Never] = MappingProxyType({})
"""No entries, whatever they would be."""

OWNABLE = (
    "action",
    "severity",
    "title",
    "description",
    "groups",
    "expires",
    "category",
    "recommended_actions",
)
"""Fields of a feed's row that become a person's by being set."""


OVERLAP = "overlap"
"""Under this name `settled` has the rows that a person saw beside this one, and left so."""


class RowKey(NamedTuple):
    """Identity of a row: type, canonical value, device groups sorted (none = all devices)."""

    type: IndicatorType
    value: str
    groups: tuple[str, ...]

    @property
    def text(self) -> str:
        """The key as one string, for files and digests."""
        return "\n".join((self.type.value, self.value, *self.groups))


def scope(groups: object) -> tuple[str, ...]:
    """Put device group names in canonical order: trimmed, without blanks or repeats, sorted."""
    if not isinstance(groups, (list, tuple, set, frozenset)):
        return ()
    return tuple(sorted({g.strip() for g in groups if isinstance(g, str) and g.strip()}))


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a row comes from: feed, STIX id, and the creator the object names."""

    feed: str
    stix_id: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row as the tenant holds it. Times are UTC; `expires` None means never.

    `owned` maps each field that a person set on a feed's row to the value the feed last wanted
    there, so that handing the field back, or listing the conflict, needs no search. `settled` maps
    a field to the feed's value that the person saw and turned down: that is no conflict any more.
    `overrides` maps each guard that a person set aside for this row to the reason they gave; only a
    person's add or edit puts one there. `context` is what feeds know around the value, by name:
    `{"file_name": ("a.pdf",)}`.
    """

    id: str
    type: IndicatorType
    value: str
    action: Action
    severity: Severity
    title: str
    created: datetime
    updated: datetime
    origin: Origin
    description: str = ""
    groups: tuple[str, ...] = ()
    expires: datetime | None = None
    feeds: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    aliases: tuple[str, ...] = ()
    confidence: int | None = None
    tlp: str | None = None
    pinned: bool = False
    rank: int | None = None
    score: float | None = None
    category: str = ""
    mitre: tuple[str, ...] = ()
    recommended_actions: str = ""
    note: str = ""
    owned: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    settled: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    overrides: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    context: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)

    @property
    def key(self) -> RowKey:
        """The row's identity."""
        return RowKey(self.type, self.value, self.groups)

    @property
    def feed_key(self) -> RowKey:
        """The identity under which the row's feeds know it."""
        wanted = self.owned.get("groups")
        return RowKey(self.type, self.value, scope(wanted)) if "groups" in self.owned else self.key

    @property
    def contested(self) -> bool:
        """Whether the feed wants another value of some field that a person set, and nobody saw it.

        What else stands against a row, others on the list must be asked for.
        """
        return any(
            wanted != getattr(self, name)
            and not (name in self.settled and self.settled[name] == wanted)
            for name, wanted in self.owned.items()
        )

    def active(self, now: datetime) -> bool:
        """False from the second of expiry on: Defender drops the row then, and so do we."""
        return self.expires is None or self.expires > now


_NAMES = tuple(field.name for field in fields(Indicator) if field.name != "rank")
_READ = attrgetter(*_NAMES)
_WRITE = tuple(getattr(Indicator, name).__set__ for name in _NAMES)
_WRITE_RANK = Indicator.__dict__["rank"].__set__


def at_rank(row: Indicator, rank: int) -> Indicator:
    """The row in this place of the list: `dataclasses.replace` alone takes five times as long.

    All rows of a full list move when one leaves it.
    """
    if row.rank == rank:
        return row
    copy: Indicator = object.__new__(Indicator)
    for write, value in zip(_WRITE, _READ(row), strict=True):
        write(copy, value)
    _WRITE_RANK(copy, rank)
    return copy


def kept_overrides(before: Indicator, after: Indicator) -> Indicator:
    """The row after, where no person changed it: another action loses what the first one had.

    A person set the guards aside for what the row did, not for what others make of it.
    """
    return after if after.action is before.action else replace(after, overrides=EMPTY)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A row that feeds may not bring back.

    `groups` None means in whatever scope; `until` None means for good.
    """

    id: str
    type: IndicatorType
    value: str
    groups: tuple[str, ...] | None
    reason: str
    actor: str
    created: datetime
    until: datetime | None = None

    def active(self, now: datetime) -> bool:
        """False once its time is over."""
        return self.until is None or self.until > now

    def covers(self, groups: tuple[str, ...]) -> bool:
        """Whether it keeps its value out of this scope."""
        return self.groups is None or self.groups == groups


def free_id(key: RowKey, taken: Callable[[str], bool]) -> str:
    """Derive an id that no other row has.

    A person may have moved the row that had this key to another scope; its id went with it.
    """
    salt = 0
    while taken(ident := row_id(key, salt)):
        salt += 1
    return ident


def row_id(key: RowKey, salt: int = 0) -> str:
    """Derive a row's id from its key, so that the same row gets the same id everywhere.

    12 hex digits of SHA-256: at 15,000 rows a clash has odds below one in two million; `free_id`
    raises `salt` when an id is taken.
    """
    text = key.text if not salt else f"{key.text}\n#{salt}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
