"""Which row makes which other one needless: what it names, another names as well, to the same end.

A parent covers a child where nothing that could happen tells the difference: it names all that the
child names, in every group of the child's; action the same, severity at least as high, and it lives
at least as long; and **nobody steps between**. Wherever the precedence could let a third row decide
in the child's stead, once that is gone, no row of another action or a milder severity may stand,
whether it has a slot or only wants one. So the answer holds whichever other rows get slots, under
every setting of `engines.choices`, and the engines need not be asked: tests ask them.

Where a third row could step between, each with the choice that lets it:

    at the child's place    another scope of the value (`group_order`, `file_group_order`)
    at the parent's place   the same: it may decide there in the parent's stead
    at all places between   closer than the parent, which decides (`name_order`)
    files                   at each hash of the child's and of the parent's: the parent must not
                            lose its own hash (`hash_order`, which compares what is best of each)

Beneath the child and above the parent nobody can: what wins or loses there wins or loses against
both alike, as their actions are one (`allow_reach`, `alert_only`, `address_order`, the certificate
and the process, which only ever meet the action). Two things are stricter than that, since lengths
of URLs compare across scheme and port, which an event may leave open: where a host has URLs of
several of them, and at a place with several URLs, all must be alike in action and severity.

Prevention passes over some rows (`enforcement`): where the child is, nothing is lost with it; where
it is not, the parent must not be either: `places.plain` for URLs, `enforced` for files.

An alias is a feed's word, not Defender's: it covers only rows of feeds that stand behind the file
as well, or that score no higher.

Expiries are compared as feeds want them; a renewal too small to plan lags for parent and child
alike, and `diff` plans it where a parent takes over from a child that would have lived longer. An
event is one connection, with one address. Refuses slots: `compress` hands out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from tidegate.allocation.conflict import meet
from tidegate.allocation.places import Crowd, Entry, Places, Row, digests, named, plain
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType, Severity
from tidegate.indicators.url import host_of

MOST = 8
"""Parents that are remembered of one row, one that surely holds a slot or else the widest."""

_URL = IndicatorType.URL
_STRENGTH = {kind: -rank for rank, kind in enumerate(FILE_TYPES)}


@dataclass(frozen=True, slots=True)
class Known:
    """What decides about rows beside themselves.

    `standing` hold a slot whatever happens and may cover; `witnesses` are all others that are on
    the list: they can only stand between. `pinned` names wanted rows that surely hold a slot and
    are never covered, `fixed` those whose row on the list differs from what feeds want: they stand
    between, too. Rows of the feeds in `apart` are not covered by another hash of their file.
    `enforced` says whether prevention enforces a file row: what is known as no program is passed
    over.
    """

    standing: Sequence[Row] = ()
    witnesses: Sequence[Row] = ()
    pinned: Collection[RowKey] = frozenset()
    fixed: Collection[RowKey] = frozenset()
    apart: Collection[str] = frozenset()
    enforced: Callable[[Row], bool] = lambda _row: True


def coverage(wanted: Sequence[Row], known: Known) -> dict[int, tuple[int, ...]]:
    """Return the parents of each covered row, the one to be preferred first.

    Rows are numbered as in `wanted`; from `len(wanted)` on as in `known.standing`. Rows without a
    parent are not in the answer. Nothing covers itself, by whatever way around.
    """
    return _Coverage(wanted, known).found()


class _Coverage:
    def __init__(self, wanted: Sequence[Row], known: Known) -> None:
        self._known = known
        self._apart = frozenset(known.apart)
        self._count = len(wanted)
        parents = self._count + len(known.standing)
        rows = self._rows = [*wanted, *known.standing, *known.witnesses]
        fixed, pinned = ({n for n, _ in named(wanted, k)} for k in (known.fixed, known.pinned))
        self._never = fixed | pinned
        self._sure = (pinned - fixed) | set(range(self._count, parents))
        self._mute = fixed | set(range(parents, len(rows)))
        self._places = Places(rows, self._sure, self._mute)
        self._hosts: dict[str, _Host] = {}

    def found(self) -> dict[int, tuple[int, ...]]:
        rows, never = self._rows, self._never
        near = [n for n in sorted(self._places.accompanied() - never) if n < self._count]
        self._hosts = _hosts(rows, {host_of(rows[n].value) for n in near if rows[n].type is _URL})
        answer = {}
        for number in near:
            of = self._of_file if rows[number].type in _STRENGTH else self._of_way
            if parents := list(of(number)):
                answer[number] = self._best(parents)
        return answer

    def _best(self, parents: Sequence[int]) -> tuple[int, ...]:
        """Those to remember; `parents` have the nearest first."""
        widest = tuple(dict.fromkeys(reversed(parents)))
        sure = [number for number in widest if number in self._sure]
        return tuple(sure[:1]) or widest[:MOST]

    def _of_way(self, number: int) -> Iterator[int]:
        """Parents of an address, name, URL or certificate, the nearest first."""
        child = self._rows[number]
        if child.type is _URL and not self._hosts[host_of(child.value)].one_voice:
            return
        for step, entry in enumerate(self._places.way(child)):
            if self._opposed(entry, child):
                return
            if step:
                yield from self._wider(entry, child)
            elif isinstance(entry, Crowd):
                if child.type is _URL and not _alike(entry, child):
                    return
                yield from self._beside(entry, number)

    def _of_file(self, number: int) -> Iterator[int]:
        """Parents of a file row: its hash in a wider scope, and stronger hashes of its file."""
        child, places = self._rows[number], self._places
        names = digests(child)
        if any(self._contested(name, child) for name in names):
            return
        own = places.files[child.value]
        parents = list(self._beside(own, number)) if isinstance(own, Crowd) else []
        if self._apart.isdisjoint(child.feeds):
            parents += self._by_alias(child)
        claimed = [_numbers_of(places.claims.get(name)) for name in names[1:]]
        for parent in parents:
            if self._known.enforced(self._rows[parent]) and all(parent in one for one in claimed):
                yield parent

    def _by_alias(self, child: Row) -> Iterator[int]:
        for parent in _numbers_of(self._places.claims.get(child.value)):
            row = self._rows[parent]
            if (
                self._lasts(parent, child)
                and _STRENGTH[row.type] > _STRENGTH[child.type]
                and _vouched(row, child)
                and not self._contested(row.value, child)
            ):
                yield parent

    def _contested(self, digest: str, child: Row) -> bool:
        """Whether somebody may step between at a hash, which rows have or say they have."""
        places = self._places
        return self._opposed(places.files.get(digest), child) or self._opposed(
            places.claims.get(digest), child
        )

    def _opposed(self, entry: Entry | None, child: Row) -> bool:
        """Whether a row is at a place that could decide otherwise for a device of the child's."""
        if entry is None:
            return False
        action, level, groups = child.action, child.severity.level, child.groups
        if isinstance(entry, int):
            row = self._rows[entry]
            milder = row.action is not action or row.severity.level < level
            return milder and meet(row.groups, groups)
        return any(
            (share.action is not action or share.low < level) and meet(scope, groups)
            for scope, share in entry.shares.items()
        )

    def _beside(self, crowd: Crowd, number: int) -> Iterator[int]:
        """Parents at the child's own place: of a wider scope, or first among equals."""
        child = self._rows[number]
        partly = not plain(child)
        for scope, share in crowd.shares.items():
            equal = scope == child.groups
            for pick in share.plain:
                parent = pick[-1]
                if equal and (
                    self._rows[parent].value == child.value
                    or not (partly or pick < self._places.pick(number))
                ):
                    continue
                if self._lasts(parent, child):
                    yield parent

    def _wider(self, entry: Entry, child: Row) -> Iterator[int]:
        """Parents at a place that is wider than the child's."""
        for parent in _numbers_of(entry):
            if self._lasts(parent, child):
                yield parent

    def _lasts(self, parent: int, child: Row) -> bool:
        """Whether a row may be a parent, is for all devices of the child's, and lives as long."""
        if parent in self._mute:
            return False
        row = self._rows[parent]
        if row.groups and not (child.groups and set(child.groups) <= set(row.groups)):
            return False
        return row.expires is None or (child.expires is not None and row.expires >= child.expires)


class _Host:
    """What URLs are listed on one host."""

    __slots__ = ("_kinds", "_origins")

    def __init__(self) -> None:
        self._origins: set[str] = set()
        self._kinds: set[tuple[Action, Severity]] = set()

    def add(self, row: Row) -> None:
        """Take account of a row on this host."""
        url = row.value
        self._origins.add(url[: url.index("/", url.index("://") + 3)])
        self._kinds.add((row.action, row.severity))

    @property
    def one_voice(self) -> bool:
        """Whether all are on one scheme and port, or all alike."""
        return len(self._origins) == 1 or len(self._kinds) == 1


def _hosts(rows: Sequence[Row], hosts: Collection[str]) -> dict[str, _Host]:
    found = {host: _Host() for host in hosts}
    for row in rows if found else ():
        if row.type is _URL:
            host = found.get(host_of(row.value))
            if host is not None:
                host.add(row)
    return found


def _alike(crowd: Crowd, child: Row) -> bool:
    """Whether all rows of a place, as far as they meet the child's scope, are as severe as it."""
    level = child.severity.level
    return all(
        share.low == share.high == level
        for scope, share in crowd.shares.items()
        if meet(scope, child.groups)
    )


def _vouched(parent: Row, child: Row) -> bool:
    """Whether the word that both hashes are of one file is worth as much as the child."""
    if parent.score is None or child.score is None or child.score <= parent.score:
        return True
    return set(child.feeds) <= set(parent.feeds)


def _numbers_of(entry: Entry | None) -> Sequence[int]:
    if entry is None:
        return ()
    if isinstance(entry, int):
        return (entry,)
    shares = entry.shares.values()
    return [pick[-1] for share in shares for pick in (*share.plain, *share.rest)]
