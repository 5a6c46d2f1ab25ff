"""Part of a plan, accepted row by row: what of it may go by itself, and what has to wait for more.

A plan is right as a whole. Of a part three things have to be true as well: the list and each feed's
share keep within their bounds, a row that another one covers leaves only once that one is there,
and a row that covers another one changes only once the other one is there. What would break that
waits, with the changes that it needs. Refuses to choose: who accepts what is a person's business,
and nothing goes that was not accepted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.allocation.compress import COVERED, DECIDED
from tidegate.allocation.coverage import Known, coverage
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, Op

Changes = Sequence[Change[Indicator]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How full the list is: `room` slots are free, below 0 where there are more rows than slots.

    `ceilings` are the most rows that feeds may have, `held` how many they have, `charged` under
    which of its feeds a row counts.
    """

    room: int
    ceilings: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    charged: Callable[[Collection[str]], str] = min


@dataclass(frozen=True, slots=True)
class Late:
    """A change that was accepted and cannot go yet: why, and which others of the plan it needs."""

    change: Change[Indicator]
    reason: str
    needs: tuple[Change[Indicator], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What goes, what was accepted and waits for others, and what was not accepted."""

    go: tuple[Change[Indicator], ...]
    late: tuple[Late, ...]
    rest: tuple[Change[Indicator], ...]


def part(changes: Changes, accepted: Collection[str], bounds: Bounds) -> Part:
    """Part the changes of a plan by what is accepted, which is named by `Change.name`.

    What goes stays in the plan's order. Of new rows without a slot the weakest wait.
    """
    if all(change.name in accepted for change in changes):
        return Part(tuple(changes), (), ())
    return _Parting(changes, accepted, bounds).done()


class _Parting:
    def __init__(self, changes: Changes, accepted: Collection[str], bounds: Bounds) -> None:
        self._changes = changes
        self._bounds = bounds
        self._go = {change.name: change for change in changes if change.name in accepted}
        self._late: dict[str, Late] = {}
        # Weakest first; names break ties, so that the answer is one.
        self._gone = sorted((c for c in changes if c.op is Op.REMOVE), key=_weakest)
        self._new = sorted((c for c in changes if c.op is Op.CREATE), key=_weakest)
        self._parents = self._covering()
        self._children = self._covered()

    def done(self) -> Part:
        """Let changes wait until the rest is right by itself; what waits never goes again."""
        before = -1
        while before != len(self._late):
            before = len(self._late)
            self._wait_for_parents()
            self._wait_for_children()
            self._wait_for_ceilings()
            self._wait_for_slots()
        return Part(
            tuple(c for c in self._changes if c.name in self._go),
            tuple(self._late.values()),
            tuple(c for c in self._changes if c.name not in self._go and c.name not in self._late),
        )

    def _wait(self, change: Change[Indicator], reason: str, needs: Changes) -> None:
        del self._go[change.name]
        self._late[change.name] = Late(change, reason, tuple(needs))

    # Protection

    def _covering(self) -> dict[str, tuple[Change[Indicator], ...]]:
        """For each removal of a covered row the changes of the row that covers it."""
        arriving: defaultdict[str, list[Change[Indicator]]] = defaultdict(list)
        for change in self._changes:
            if change.after is not None:
                row = change.after
                arriving[f"{COVERED}{row.type.value} {row.value}"].append(change)
        found = ((c.name, arriving.get(c.reason)) for c in self._gone)
        return {name: tuple(parents) for name, parents in found if parents}

    def _wait_for_parents(self) -> None:
        """A covered row stays while what covers it is not there."""
        for name, parents in self._parents.items():
            missing = [parent for parent in parents if parent.name not in self._go]
            if name in self._go and missing:
                what = missing[0].row.value
                self._wait(self._go[name], f"it stays until {what}, which covers it", missing)

    def _covered(self) -> dict[str, tuple[Change[Indicator], ...]]:
        """For each row that leaves or changes, by change, the new rows that it protects till then.

        It is looked at without what else is on the list: a row in between may undo that, and then
        this one waits for nothing.
        """
        standing = [
            change
            for change in self._go.values()
            if change.before is not None and (change.after is None or _decides_else(change))
        ]
        found: defaultdict[str, list[Change[Indicator]]] = defaultdict(list)
        if standing and any(change.name not in self._go for change in self._new):
            now = self._protected([change.before for change in standing])
            then = self._protected([change.after for change in standing])
            for child, parent in sorted(now - then):
                found[standing[parent].name].append(self._new[child])
        return {name: tuple(children) for name, children in found.items()}

    def _protected(self, rows: Sequence[Indicator | None]) -> set[tuple[int, int]]:
        """Which new rows would be covered by which of these rows, by their numbers."""
        there = [number for number, row in enumerate(rows) if row is not None]
        known = Known(standing=[row for row in rows if row is not None])
        return {
            (child, there[parent - len(self._new)])
            for child, parents in coverage([change.row for change in self._new], known).items()
            for parent in parents
            if parent >= len(self._new)
        }

    def _wait_for_children(self) -> None:
        """A row that covers another one stays as it is while that one is not there."""
        for name, children in self._children.items():
            missing = [child for child in children if child.name not in self._go]
            if name in self._go and missing:
                what = missing[0].row.value
                self._wait(self._go[name], f"it covers {what} until that is there", missing)

    # Slots

    def _wait_for_ceilings(self) -> None:
        """No feed comes to have more rows than its ceiling, or than it has."""
        charged = self._bounds.charged
        for feed, ceiling in self._bounds.ceilings.items():
            mine = [c for c in self._go.values() if _of(c, feed, charged)]
            held = self._bounds.held.get(feed, 0)
            whole = _growth(c for c in self._changes if _of(c, feed, charged))
            over = held + _growth(mine) - max(ceiling, held, held + whole)
            gone = [c for c in self._gone if _of(c, feed, charged)]
            self._displace(over, mine, gone, f"feed {feed} holds its ceiling of {ceiling:,}")

    def _wait_for_slots(self) -> None:
        """The list comes to hold no more rows than there are slots."""
        mine = tuple(self._go.values())
        over = _growth(mine) - self._bounds.room
        self._displace(over, mine, self._gone, "the list is full")

    def _displace(self, over: int, mine: Changes, gone: Changes, why: str) -> None:
        """Let the weakest new rows wait for the weakest of the rows that could make room."""
        if over <= 0:
            return
        staying = [change for change in gone if change.name not in self._go]
        ours = {change.name for change in mine}
        late = [c for c in self._new if c.name in ours][:over]
        for place, change in enumerate(late):
            self._wait(change, f"it finds no slot: {why}", staying[place : place + 1])


def _weakest(change: Change[Indicator]) -> tuple[float, str]:
    return change.row.score or 0.0, change.name


def _growth(changes: Iterable[Change[Indicator]]) -> int:
    counts = Counter(change.op for change in changes)
    return counts[Op.CREATE] - counts[Op.REMOVE]


def _of(change: Change[Indicator], feed: str, charged: Callable[[Collection[str]], str]) -> bool:
    row = change.row
    return row.origin is Origin.FEED and bool(row.feeds) and charged(row.feeds) == feed


def _decides_else(change: Change[Indicator]) -> bool:
    """Whether an update changes what a row covers."""
    return any(getattr(change.before, name) != getattr(change.after, name) for name in DECIDED)
