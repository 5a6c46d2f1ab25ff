"""Slots for what says the most: rows that another row covers step back, and come back without it.

A covered row does not compete. Its parent competes in its stead, with the highest score among
itself and all that it covers, however far down, among equals before rows that cover less, and as a
row that holds a slot where one of them does, unless shares of feeds tell the two apart: they may
have let the child in past its parent, and what got in so must not bring in the parent at the next
plan. A parent that misses the cut all the same releases everything beneath it; that competes on its
own. In the end no row waits for a parent that holds no slot.

Why it ends. Parents that missed are never tried again, so the first loop takes at most one round
for each; in fact about two, since what is released is worth no more than the parent that missed,
and only shares of feeds let it in. For the same reason a parent that missed is not let in later by
itself: rows only join, and `allocate` is greedy. What was released together may come in together,
parent and child: the second loop leaves out such children, more in each round, for `AGAIN` rounds
at most. What it leaves behind costs a slot each and harms nothing.

Rounds are held among the rows that can matter: those that cover or are covered, those that hold a
slot, and of each feed the best others, as many as there is room; `allocate` takes no feed's row
before its better ones. All compete once when somebody asks for the order of those that wait.

Refuses to say what covers what (`coverage`), and whose turn it is (`allocate`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from itertools import chain

from tidegate.allocation.allocate import Allocation, Line, Quota, allocate
from tidegate.allocation.coverage import Known, coverage
from tidegate.allocation.merge import Wanted
from tidegate.allocation.places import Row, named
from tidegate.indicators.enforceability import NOT_PE, notes_of
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Origin

AGAIN = 4
"""Rounds in which children that came in beside their parent are left out."""

COVERED = "covered by "
"""How the reason of a covered row begins."""

EQUAL, MANY = 0.0001, 50
"""Among equals the row comes first that covers more: its slot does more. Together less than the
hundredth by which scores differ."""

DECIDED = frozenset(("action", "severity", "groups", "expires"))
"""Fields by which a row covers; where a person set one, the list differs from what feeds want."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A row that waits since another one, which holds a slot, does all that it would do."""

    wanted: Wanted
    by: Row

    @property
    def reason(self) -> str:
        """Why it waits; the value is not made safe to show."""
        return f"{COVERED}{self.by.type.value} {self.by.value}"


@dataclass(frozen=True, slots=True)
class Compressed:
    """The allocation of all rows that are not covered, and those that are, in the given order.

    `saved` counts the slots that covered rows would have had by their own score.
    """

    allocation: Allocation
    covered: tuple[Covered, ...]
    saved: int


def known_of(
    wanted: Sequence[Wanted],
    held: Iterable[Indicator],
    staying: Collection[RowKey],
    pinned: Collection[RowKey] = (),
    apart: Collection[str] = (),
) -> Known:
    """Tell which rows of the list may cover, and which can only stand between.

    `staying` and `pinned` name feeds' rows by their `feed_key`: those that stay although no feed
    asks for them, and those that surely get a slot.
    """
    rows = tuple(held)
    values = {row.value for row in rows}
    asked = {item.key for item in wanted if item.value in values}
    standing: list[Row] = []
    witnesses: list[Row] = []
    fixed: set[RowKey] = set()
    for row in rows:
        known = row.feed_key
        if row.origin is Origin.MANUAL:
            standing.append(row)
        elif row.origin is Origin.FOREIGN:
            witnesses.append(row)
        elif known in asked:
            if not DECIDED.isdisjoint(row.owned):
                fixed.add(known)
                (standing if known in pinned else witnesses).append(row)
        else:
            (standing if known in staying else witnesses).append(row)

    return Known(standing, witnesses, frozenset(pinned), fixed, frozenset(apart), _enforced)


def _enforced(row: Row) -> bool:
    """Whether prevention enforces a file row: it passes over what is known to be no program."""
    if isinstance(row, Wanted):
        return not row.passed_over
    return isinstance(row, Indicator) and all(note.code != NOT_PE for note in notes_of(row))


def compress(
    wanted: Sequence[Wanted],
    room: int,
    quotas: Mapping[str, Quota],
    known: Known,
    incumbents: Collection[RowKey] = (),
) -> Compressed:
    """Hand out `room` slots to the rows that are not covered by one that holds a slot.

    Takes what `allocate` takes; `known.pinned` are its pins.
    """
    contest = _Contest(wanted, room, quotas, frozenset(known.pinned), frozenset(incumbents))
    return _Compression(contest, known).settled()


class _Compression:
    def __init__(self, contest: _Contest, known: Known) -> None:
        self._contest, self._wanted, self._known = contest, contest.wanted, known
        self._parents = coverage(self._wanted, known)
        self._pool = contest.pool({*self._parents, *chain(*self._parents.values())})
        self._numbers = {id(self._wanted[number]): number for number in self._pool}

    def settled(self) -> Compressed:
        """Release what waits for rows that wait, until nothing does."""
        missed: set[int] = set()
        while True:
            roots = _roots(self._first(missed))
            found, kept = self._held(roots)
            lost = {root for root in roots.values() if not self._holds(root, kept)}
            if not lost:
                break
            missed |= lost
            missed.update(child for child, root in roots.items() if root in lost)
        return self._told(*self._without_children(roots, found, kept))

    def _first(self, missed: Collection[int]) -> dict[int, int]:
        """The parent of each covered row: the first that did not miss the cut."""
        found = {}
        for child, parents in self._parents.items():
            for parent in parents:
                if parent not in missed:
                    found[child] = parent
                    break
        return found

    def _without_children(
        self, roots: Mapping[int, int], found: Allocation, kept: set[int]
    ) -> tuple[Mapping[int, int], Allocation]:
        """Leave out what is covered by a row that got a slot by itself."""
        for _ in range(AGAIN):
            more = {
                child: next(parent for parent in parents if self._holds(parent, kept))
                for child, parents in self._parents.items()
                if child not in roots and any(self._holds(parent, kept) for parent in parents)
            }
            if kept.isdisjoint(more):
                break
            fewer = _roots({**roots, **more})
            fewest, left = self._held(fewer)
            if not all(self._holds(root, left) for root in fewer.values()):
                break
            roots, found, kept = fewer, fewest, left
        return roots, found

    def _held(self, roots: Mapping[int, int]) -> tuple[Allocation, set[int]]:
        """Who gets a slot, among the rows that matter."""
        found = self._contest.among(self._pool, roots)
        return found, {self._numbers[id(item)] for item in found.kept}

    def _holds(self, number: int, kept: Collection[int]) -> bool:
        return number in kept or number >= len(self._wanted)

    def _told(self, roots: Mapping[int, int], found: Allocation) -> Compressed:
        contest, wanted, count = self._contest, self._wanted, len(self._wanted)
        if len(self._pool) < count:
            found = replace(found, waiting=contest.line(roots, len(found.kept)))
        covered = tuple(
            Covered(wanted[n], wanted[root] if root < count else self._known.standing[root - count])
            for n, root in sorted(roots.items())
        )
        cutoff = found.cutoff
        saved = sum(cutoff is None or item.wanted.score >= cutoff for item in covered)
        return Compressed(found, covered, saved)


@dataclass(frozen=True, slots=True)
class _Contest:
    """For what rows compete, and by which rules; `compress` says what they are."""

    wanted: Sequence[Wanted]
    room: int
    quotas: Mapping[str, Quota]
    pinned: frozenset[RowKey]
    incumbents: frozenset[RowKey]

    def pool(self, near: Collection[int]) -> Sequence[int]:
        """The rows that may hold a slot or keep another one from it, in order.

        `near` are those that cover another one or are covered.
        """
        wanted, most = self.wanted, max(self.room, 1)
        matter = {*near, *(n for n, _ in named(wanted, self.incumbents | self.pinned))}
        others: defaultdict[str, list[float]] = defaultdict(list)
        for number, item in enumerate(wanted):
            if number not in matter:
                others[item.feed].append(item.score)
        least = {feed: nlargest(most, scores)[-1] for feed, scores in others.items()}
        return [
            number
            for number, item in enumerate(wanted)
            if number in matter or item.score >= least[item.feed]
        ]

    def line(self, roots: Mapping[int, int], kept: int) -> Line:
        """All that wait: what is left when those that are not covered compete for `kept` slots."""

        def ordered() -> tuple[Sequence[Wanted], int]:
            line = self.among(range(len(self.wanted)), roots).waiting
            return line, line.capped

        return Line(len(self.wanted) - len(roots) - kept, ordered)

    def among(self, numbers: Sequence[int], roots: Mapping[int, int]) -> Allocation:
        """Let those compete that are not covered, each with the claims of what it covers."""
        wanted, incumbents = self.wanted, set(self.incumbents)
        claims: dict[int, float] = {}
        for child, root in roots.items():
            if root < len(wanted):
                claims[root] = max(claims.get(root, wanted[root].score), wanted[child].score)
                if (
                    incumbents
                    and wanted[child].key in self.incumbents
                    and self._share_alike(wanted[child].feed, wanted[root].feed)
                ):
                    incumbents.add(wanted[root].key)
        covering = Counter(root for root in roots.values() if root < len(wanted))
        for root, rows in covering.items():
            claims[root] += EQUAL * min(rows, MANY)
        competing = [number for number in numbers if number not in roots]
        return allocate(
            [wanted[number] for number in competing],
            self.room,
            self.quotas,
            self.pinned,
            incumbents,
            worth=[claims.get(number, wanted[number].score) for number in competing],
        )

    def _share_alike(self, one: str, other: str) -> bool:
        """Whether rows of these feeds get a slot by the same rules."""
        if one == other:
            return True
        return all(self.quotas.get(feed, Quota()) == Quota() for feed in (one, other))


def _roots(parents: Mapping[int, int]) -> dict[int, int]:
    """The row at the end of each covered row's line of parents."""
    roots: dict[int, int] = {}
    for child in parents:
        line, last = [], child
        while last not in roots and last in parents:
            line.append(last)
            last = parents[last]
        last = roots.get(last, last)
        roots.update(dict.fromkeys(line, last))
    return roots
