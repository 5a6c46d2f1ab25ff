"""The brake: what a sync may not do by itself, kept back while everything else goes on.

Held are removals that are too many at once (a wrong policy), those of a feed that proposes nothing
any more or much less than before, the flood of a feed that suddenly proposes far more (flood.py
finds it), and rows that a feed wants allowed, since Allow switches protection off and a feed's word
is not enough for that.

Never held are removals that bring an overfull list down to its limit. A feed of which the
operator's own rules let nothing through is not emptied: its rows count for the whole list only.
Removals whose publishers revoked them or let them expire are no sign of a broken feed, and count
for the whole list only, too; a row that goes because another one on the list protects the same is
no loss and counts nowhere.
Refuses to be answered by `--yes`: `held approve` is a person's word for exactly what was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, Op

Changes = tuple[Change[Indicator], ...]

_NONE: Mapping[RowKey, RowKey] = MappingProxyType({})

GIVES_WAY = "gives its slot to what was held"
"""Why a row goes when a flood is let through; `held` finds by it what makes room."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A sync that would remove more than `count` rows or `percent` of the feeds' rows is braked.

    A single removal always passes, so that a short list can lose a revoked row. `shrink` is the
    share of its own candidates that one feed may lose at once, never less than `percent`: a small
    feed loses a tenth every other day, and nobody would go on looking at what is held.
    """

    count: int = 200
    percent: int = 10
    shrink: int = 25

    def most(self, rows: int) -> int:
        """The most removals that pass on a list with that many feed rows."""
        return min(self.count, max(1, rows * self.percent // 100))

    @property
    def share(self) -> int:
        """The percentage of its candidates that a feed may lose at once."""
        return max(self.shrink, self.percent)


@dataclass(frozen=True, slots=True)
class FeedNumbers:
    """How many candidates a feed proposes now, and how many when its part was last let through.

    `before` None: there is nothing to compare with, as at its first sync, or since the operator
    changed its policy or source, or the guards. `refused`: it proposes nothing, and that is the
    operator's word alone: it goes on listing what is alive, of which nothing was let through
    before, or the rules are not what they were then.
    """

    feed: str
    now: int
    before: int | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Withheld:
    """One feed's changes that are held, by the ids of their rows, and why."""

    feed: str
    reason: str
    rows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Braked:
    """Changes that go on, changes that are held back, and why.

    `reason` has one part for each cause; those about one feed begin with its id and a colon.
    `feeds` are those that do not do what they did before, whose part waits for a person. `notes`
    are what else is to be said about the room on the list.
    """

    go: Changes
    held: Changes
    reason: str
    feeds: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())


def brake(  # noqa: PLR0913 - the plain values that a plan is made of
    held: Sequence[Indicator],
    changes: Changes,
    waiting: Collection[RowKey],
    limit: int,
    thresholds: Thresholds,
    feeds: Iterable[FeedNumbers] = (),
    *,
    withdrawn: Collection[str] = (),
    covered: Mapping[RowKey, RowKey] = _NONE,
    floods: Collection[Withheld] = (),
    full: Changes = (),
) -> Braked:
    """Part the changes of a sync. `waiting` names rows that leave for want of a slot.

    `withdrawn` names, by id, rows that leave because their publishers revoked them or they are
    over. `covered` names rows that leave because another one protects the same, and that one, by
    the keys under which feeds know them; where that one is held, they stay. Where there are
    `floods`, `changes` are planned without them, and `full` with them.
    """
    allowing = tuple(change for change in changes if _allows(change))
    rest = tuple(change for change in changes if not _allows(change))
    forced = _forced(rest, waiting, max(len(held) - limit, 0))
    removals = tuple(
        c
        for c in rest
        if c.op is Op.REMOVE and c.row.id not in forced and c.row.feed_key not in covered
    )
    lost = [c.row for c in removals if c.row.id not in withdrawn and c.row.feed_key not in waiting]
    broken = tuple(_broken(lost, feeds, thresholds))
    stopped = frozenset().union(*(each.rows for each in broken))
    own = sum(row.origin is Origin.FEED for row in held)
    most = thresholds.most(own)
    reasons = []
    if allowing:
        reasons.append(f"{len(allowing):,} rows that a feed wants allowed need a person's word")
    if len(removals) > most:
        reasons.append(
            f"{len(removals):,} of {own:,} feed rows would go, more than the {most:,} that pass "
            f"({thresholds.percent} %, at most {thresholds.count:,})"
        )
    if len(removals) - len(stopped) > most:
        stopped = frozenset(change.row.id for change in removals)
    reasons += [f"{each.feed}: {each.reason}" for each in (*broken, *floods)]
    if stopped or allowing:
        stopped, late = _settled(rest, stopped, limit - len(held), allowing, covered)
        if late:
            reasons.append(f"{late:,} new rows find no room until then")
    go = tuple(change for change in rest if change.row.id not in stopped)
    kept_back = beyond(full, go) if floods else beyond(changes, go)
    if floods:
        calm = {change.row.id for change in changes}
        kept_back = tuple(
            replace(c, reason=GIVES_WAY) if c.op is Op.REMOVE and c.row.id not in calm else c
            for c in kept_back
        )
    return Braked(
        go,
        kept_back,
        "; ".join(reasons) if kept_back else "",
        frozenset(each.feed for each in (*broken, *floods)),
        _room(held, limit),
    )


def _settled(
    changes: Changes,
    stopped: frozenset[str],
    free: int,
    allowing: Changes,
    covered: Mapping[RowKey, RowKey],
) -> tuple[frozenset[str], int]:
    """What else stops with what is stopped, and how many of that are new rows without room.

    With removals held there may be no room for all that is new; and what a new row was to protect
    does not go before it is there.
    """
    new = [change for change in changes if change.op is Op.CREATE]
    gone = [change for change in changes if change.op is Op.REMOVE]
    while True:
        room = max(free + sum(change.row.id not in stopped for change in gone), 0)
        late = new[room:] if stopped else []
        missing = {change.row.feed_key for change in (*allowing, *late)}
        stay = {c.row.id for c in gone if covered.get(c.row.feed_key) in missing} - stopped
        if not stay:
            return stopped | {change.row.id for change in late}, len(late)
        stopped |= stay


def beyond(full: Changes, go: Changes) -> Changes:
    """What is held: the changes that lead from the list that `go` leaves to that of `full`."""
    done = {change.row.id: change for change in go}
    removals: list[Change[Indicator]] = []
    others: list[Change[Indicator]] = []
    for change in full:
        before = done.pop(change.row.id, None)
        start = change.before if before is None else before.after
        if start != change.after:
            made = Change(start, change.after, change.reason)
            (removals if made.op is Op.REMOVE else others).append(made)
    # What came in for want of the flood gives its slot back.
    back = [
        Change(change.after, change.before, GIVES_WAY)
        for change in done.values()
        if change.op is not Op.UPDATE
    ]
    removals += [change for change in back if change.op is Op.REMOVE]
    return (*removals, *(change for change in back if change.op is Op.CREATE), *others)


def _allows(change: Change[Indicator]) -> bool:
    """Whether a change makes a row Allow that was not."""
    after, before = change.after, change.before
    return (
        after is not None
        and after.action is Action.ALLOW
        and (before is None or before.action is not Action.ALLOW)
    )


def _forced(changes: Changes, waiting: Collection[RowKey], over: int) -> set[str]:
    """Ids of the rows that must go for the list to be within its limit.

    First those that have no slot any more, then what else would go; of each the weakest first.
    """
    leaving = [c.row for c in changes if c.op is Op.REMOVE]
    leaving.sort(key=lambda row: (row.feed_key not in waiting, row.score or 0.0, row.key))
    return {row.id for row in leaving[:over]}


def _broken(
    lost: Sequence[Indicator], feeds: Iterable[FeedNumbers], thresholds: Thresholds
) -> Iterable[Withheld]:
    """The feeds that were emptied or have shrunk, with what would go for that."""
    for feed in feeds:
        rows = frozenset(row.id for row in lost if feed.feed in row.feeds)
        if not rows or feed.refused:
            continue
        before = feed.before or len(rows)
        stay = f"{len(rows):,} of its rows stay until they expire"
        if not feed.now:
            yield Withheld(
                feed.feed, f"proposes nothing any more, {before:,} before ({stay})", rows
            )
        elif (
            feed.before is not None
            and len(rows) > 1
            and (feed.before - feed.now) * 100 > feed.before * thresholds.share
        ):
            reason = (
                f"proposes {feed.now:,}, {before:,} before, more than "
                f"{thresholds.share} % less ({stay})"
            )
            yield Withheld(feed.feed, reason, rows)


def _room(held: Sequence[Indicator], limit: int) -> tuple[str, ...]:
    """What is to be said of a list that holds more than its limit."""
    others = sum(row.origin is not Origin.FEED for row in held)
    if others > limit:
        note = (
            f"rows made by hand and foreign rows alone take {others:,} of {limit:,} slots, so no "
            "feed's row has one: raise `limit` in config.toml, or remove some of "
            "`tidegate list origin:manual,foreign`"
        )
        return (note,)
    if len(held) > limit:
        note = (
            f"the list holds {len(held):,} rows and its limit is {limit:,}: feeds' rows leave by "
            "rank until it is kept; rows made by hand stay"
        )
        return (note,)
    return ()
