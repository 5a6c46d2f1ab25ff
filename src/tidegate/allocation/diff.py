"""The list as it is against the list as feeds want it: creates, updates, removals, each with why.

Owns the rules that keep a list calm and a person's word standing: a field somebody set stays set,
a renewal smaller than a quarter of the term is not worth a change, unless the row takes over from
one that would have lived longer, and a row whose feeds are all switched off ages out instead of
vanishing. Refuses to touch manual and foreign rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from types import MappingProxyType

from tidegate.allocation.merge import Backed
from tidegate.indicators.indicator import OVERLAP, Indicator, RowKey, free_id, kept_overrides
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change

RENEWAL_SHARE = 0.25
"""A later expiry is planned only when it moves by more than this part of its term."""

SCORE_DRIFT = 3.0
"""A score that moves by no more than this, as much as one step of ageing, is no change by itself.

It is brought up to date by whatever else changes the row. So the list's order is right to within
this, and evidence that only grows old updates a row once in its life.
"""

AGEING_TERM = timedelta(days=30)
"""How long a row without an expiry outlives its feed."""

FEED_FIELDS = (
    "action",
    "severity",
    "title",
    "description",
    "groups",
    "expires",
    "feeds",
    "sources",
    "aliases",
    "confidence",
    "tlp",
    "score",
    "category",
    "mitre",
    "recommended_actions",
    "context",
)
"""The fields that a feed may set on its own rows."""


def stays(row: Indicator, live_feeds: Collection[str]) -> bool:
    """Whether a feed's row keeps its slot although no feed asks for it now.

    A pinned row does for good; a row with a feed that is not evaluated now ages out.
    """
    return row.origin is Origin.FEED and (row.pinned or not set(row.feeds) <= set(live_feeds))


def ageing(
    held: Iterable[Indicator], staying: Collection[RowKey], moment: datetime, now: datetime
) -> tuple[Change[Indicator], ...]:
    """Give an end to rows without one that stay only because a feed of theirs is off.

    The end is whole terms after `moment`, so that plans made from the same inputs are the same;
    half a term is left to anybody who minds, however old the inputs are.
    """
    terms = max((now + AGEING_TERM / 2 - moment) // AGEING_TERM + 1, 1)
    ends = moment + terms * AGEING_TERM
    return tuple(
        Change(
            row,
            dataclasses.replace(row, expires=ends, updated=moment),
            "its feed is off: it ages out",
        )
        for row in held
        if row.origin is Origin.FEED
        and row.feed_key in staying
        and row.expires is None
        and not row.pinned
        and "expires" not in row.owned
    )


def outlived(held: Iterable[Indicator], covered: Mapping[RowKey, RowKey]) -> dict[RowKey, datetime]:
    """Until when the rows on the list would have lived that others cover now, by those others.

    `covered` names both by the keys under which feeds know them.
    """
    found: dict[RowKey, datetime] = {}
    for row in held if covered else ():
        by = covered.get(row.feed_key)
        if by is not None and row.expires is not None:
            found[by] = max(row.expires, found.get(by, row.expires))
    return found


def _renewed(
    held: object, wished: datetime | None, evidence: datetime, least: datetime | None
) -> datetime | None:
    """The expiry to hold: the wanted one, unless it is a renewal too small to matter.

    None is where the held one is before `least`.
    """
    if not isinstance(held, datetime) or wished is None or wished <= held:
        return wished
    if least is not None and held < least:
        return wished
    term = wished - evidence
    return wished if wished - held > term * RENEWAL_SHARE else held


def updated(
    held: Indicator, wanted: Backed, now: datetime, least: datetime | None = None
) -> Indicator:
    """The held row as it should be; the same object when nothing changes.

    No renewal is too small for a row that would end before `least`.
    """
    row = wanted.row
    if not held.owned and not held.settled and _as_before(held, wanted, least):
        return held
    target = {name: getattr(row, name) for name in FEED_FIELDS}
    # What a feed would like for an expiry that a person set moves no more often than one we follow.
    target["expires"] = _renewed(
        held.owned.get("expires", held.expires), row.expires, wanted.lead.evidence, least
    )
    owned = {name: target.pop(name) for name in held.owned if name in target}
    changed = dataclasses.replace(
        held,
        **target,
        owned=MappingProxyType(owned),
        settled=MappingProxyType(_still_settled(held, owned)),
    )
    changed = kept_overrides(held, changed)
    as_before = dataclasses.replace(changed, score=held.score) == held
    if as_before and not score_moved(held, row.score or 0.0):
        return held
    return dataclasses.replace(changed, updated=now)


_TOLD = attrgetter(*(name for name in FEED_FIELDS if name not in ("expires", "score")))


def _as_before(held: Indicator, wanted: Backed, least: datetime | None) -> bool:
    """Whether feeds say what they said: asked first, as most rows of most plans are like that."""
    row = wanted.row
    return (
        _TOLD(held) == _TOLD(row)
        and held.expires == _renewed(held.expires, row.expires, wanted.lead.evidence, least)
        and not score_moved(held, row.score or 0.0)
    )


def score_moved(held: Indicator, score: float) -> bool:
    """Whether a score alone is worth a change."""
    return held.score is None or round(abs(score - held.score), 2) > SCORE_DRIFT


def _still_settled(held: Indicator, owned: Mapping[str, object]) -> dict[str, object]:
    """What a person turned down, for the fields that are still theirs.

    A renewal says what the feed said before, only later: it goes on being turned down.
    """
    settled = {n: value for n, value in held.settled.items() if n in owned or n == OVERLAP}
    wished, wish = held.owned.get("expires"), owned.get("expires")
    if (
        "expires" in settled
        and settled["expires"] == wished
        and isinstance(wished, datetime)
        and isinstance(wish, datetime)
        and wish > wished
    ):
        settled["expires"] = wish
    return settled


def _differences(before: Indicator, after: Indicator) -> str:
    names = [n for n in FEED_FIELDS if getattr(before, n) != getattr(after, n)]
    return ", ".join(names) or "what the feed wants for fields you set"


def diff(
    held: Iterable[Indicator],
    kept: Iterable[Backed],
    staying: Collection[RowKey],
    why_gone: Callable[[Indicator], str],
    now: datetime,
    least: Mapping[RowKey, datetime] = MappingProxyType({}),
) -> tuple[Change[Indicator], ...]:
    """Changes that turn the feeds' part of the list into `kept`, in a stable order.

    `kept` are the rows that have a slot. `staying` names, by the key under which feeds know them,
    rows that are left as they are, and `least` those that take over from others, with the time
    that these would have lived until.
    """
    rows = tuple(held)
    own = {row.feed_key: row for row in rows if row.origin is Origin.FEED}
    taken_ids = {row.id for row in rows}
    creates: list[Change[Indicator]] = []
    updates: list[Change[Indicator]] = []
    for made in kept:
        row = own.pop(made.row.key, None)
        if row is None:
            creates.append(Change(None, _fresh(made.row, taken_ids), _because(made)))
        elif (after := updated(row, made, now, least.get(made.row.key))) is not row:
            updates.append(Change(row, after, f"{made.lead.feed}: {_differences(row, after)}"))
    removals = [
        Change(row, None, why_gone(row))
        for row in sorted(own.values(), key=lambda r: r.key)
        if row.feed_key not in staying
    ]
    return (*removals, *updates, *creates)


def _fresh(row: Indicator, taken_ids: set[str]) -> Indicator:
    """Give the row an id that no held row has."""
    ident = free_id(row.key, taken_ids.__contains__)
    taken_ids.add(ident)
    return row if ident == row.id else dataclasses.replace(row, id=ident)


def _because(made: Backed) -> str:
    row = made.row
    feeds = ", ".join(row.feeds)
    groups = f" for {', '.join(row.groups)}" if row.groups else ""
    return f"{feeds}: rule {made.lead.rule!r}{groups}, score {row.score:g}"
