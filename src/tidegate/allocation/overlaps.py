"""Rows of the list that name one thing and would do different things, and which one decides. Pure.

Two rows overlap where something could happen on some device that both name: one value in two scopes
that meet, a URL or name within another, two hashes of one file. The engines let one of them decide;
which, and by which rule, is asked of their own precedence. Refuses rows of one action: nothing that
they do differs but the alert. Refuses wishes that are not on the list; `conflict` has those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.allocation.places import DEEPEST, digests, place_of
from tidegate.engines.choices import Choices
from tidegate.engines.contest import Contest, Match
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import applies
from tidegate.engines.rules import rules
from tidegate.indicators.enforceability import EDGE_ONLY, notes_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType

MOST = 9
"""Rows that are put in the order in which they would decide: as many as there are digits."""

MANY = 500
"""Overlaps that are looked for: nobody settles more by hand, and a policy may make thousands."""

_ROLE = {
    **dict.fromkeys(FILE_TYPES, Role.FILE),
    IndicatorType.CERTIFICATE: Role.CERTIFICATE,
    IndicatorType.IP_ADDRESS: Role.REMOTE_IP,
    IndicatorType.DOMAIN_NAME: Role.REMOTE_URL,
    IndicatorType.URL: Role.REMOTE_URL,
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows that all name the value of `about`, on a device of `group` ("": in none).

    `rows` has the one that decides first, then the one that would if it left, and so on, at most
    `MOST`. `rule` says why the first wins, and where it does not.
    """

    about: Indicator
    rows: tuple[Indicator, ...]
    group: str
    rule: str


Wanted = Callable[[Indicator], bool]


def overlaps(
    rows: Iterable[Indicator], choices: Choices, now: datetime, wanted: Wanted = lambda _row: True
) -> list[Overlap]:
    """Find where rows of different actions meet, each set of rows once, in the order of `rows`.

    `rows` are those that stand at `now`. The first `MANY` are found of which some row is `wanted`.
    """
    few = _spokesmen(rows)
    matcher = Matcher(few, choices)
    told: set[frozenset[str]] = set()
    found: list[Overlap] = []
    for row in few:
        if row.type is IndicatorType.URL and row.value.count("/") > DEEPEST:
            continue
        overlap = _of(row, matcher, now, wanted)
        if overlap is not None:
            ids = frozenset(other.id for other in overlap.rows)
            if ids not in told:
                told.add(ids)
                found.append(overlap)
                if len(found) == MANY:
                    break
    return found


def _spokesmen(rows: Iterable[Indicator]) -> list[Indicator]:
    """Of rows that are alike for the engines the one that speaks: the older.

    A feed may list a thousand URLs that differ behind the question mark, which narrows nothing.
    """
    found: dict[tuple[object, ...], Indicator] = {}
    for row in rows:
        place = place_of(row.value) if row.type is IndicatorType.URL else row.value
        key = (row.type, place, row.value[-1] == "/", row.action, row.groups)
        held = found.get(key)
        if held is None or (row.created, row.id) < (held.created, held.id):
            found[key] = row
    return list(found.values())


def _of(row: Indicator, matcher: Matcher, now: datetime, wanted: Wanted) -> Overlap | None:
    seen = (Observable(_ROLE[row.type], row.type, row.value),)
    event = Event("", now, "", "", "", seen)
    others = [other for _, other in matcher.matches(event) if other.action is not row.action]
    meeting = ((other, _device(row.groups, other.groups)) for other in others)
    # Those for all devices first: they meet on more of them.
    pairs = sorted(
        ((other, group) for other, group in meeting if group is not None),
        key=lambda pair: bool(pair[0].groups),
    )
    if not pairs or not any(map(wanted, (row, *(other for other, _ in pairs)))):
        return None
    group = pairs[0][1]
    event = event._replace(group=group, observables=_shown(row, [other for other, _ in pairs]))
    order, rule = _in_turn(
        [hit for hit in matcher.matches(event) if applies(hit[1], group, now)], matcher.choices
    )
    # Where there are more than are told, the two that it is about are told all the same.
    if len(order) == MOST:
        if row not in order:
            order[-1] = row
        if all(told.action is row.action for told in order):
            order[-2] = pairs[0][0]
    return Overlap(row, tuple(order), group, rule)


def _device(one: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    """The group of a device that is in both scopes; "" where any is, None where none is."""
    if not one or not other:
        return min(one or other, default="")
    return min(set(one) & set(other), default=None)


def _shown(row: Indicator, others: Sequence[Indicator]) -> tuple[Observable, ...]:
    """What an event shows that all of them name: a file has all its hashes at once."""
    if row.type not in FILE_TYPES:
        return (Observable(_ROLE[row.type], row.type, row.value),)
    kinds = {row.value: row.type}
    for file in (row, *others[:MOST]):
        kinds[file.value] = file.type
        for alias, digest in zip(file.aliases, digests(file)[1:], strict=True):
            kind = alias.partition(":")[0]
            if kind in FILE_TYPES:
                kinds.setdefault(digest, IndicatorType(kind))
    return tuple(Observable(Role.FILE, kind, value) for value, kind in kinds.items())


def _in_turn(matches: Sequence[Match], choices: Choices) -> tuple[list[Indicator], str]:
    """The rows in the order in which they would decide, and the rule by which the first does."""
    left, order, rule = list(matches), list[Indicator](), ""
    while left and len(order) < MOST:
        contest = Contest()
        _, row = rules(choices).decide(contest, left)
        if not order:
            rule = contest.rule(row)
            if choices.enforcement == "documented" and _only_in_edge(row):
                rule += "; in Edge only, elsewhere prevention passes over it"
        order.append(row)
        left = [match for match in left if match[1] is not row]
    return order, rule


def _only_in_edge(row: Indicator) -> bool:
    return any(note.code == EDGE_ONLY for note in notes_of(row))
