"""The plan of a sync in words: its rows by feed and operation, under a heading for each.

Pure, from the service's plan to strings. Refuses widgets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from tidegate.allocation.compress import COVERED
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.service.endings import WAITS
from tidegate.service.held import Approved
from tidegate.service.moves import SIGN
from tidegate.service.quota import Quota
from tidegate.tui.columns import ACTION_CODE, SEVERITY_CODE
from tidegate.tui.deciding import Decisions
from tidegate.tui.foreseeing import Effects, told
from tidegate.tui.grid_layout import Column
from tidegate.tui.happened import change_text
from tidegate.tui.moves import brief
from tidegate.tui.preview import counted, done
from tidegate.tui.safe import content, stacked, wrapped
from tidegate.tui.signs import BY_COVER, BY_LIMIT, HEADING, HELD
from tidegate.tui.syncing import reasons, sizes

_LEAVES = ((WAITS, BY_LIMIT), (COVERED, BY_COVER))
"""How the reason of a row that leaves begins, and the sign that says as much."""


def nothing(words: str) -> Content:
    """What stands in the table's place: what is under way, or that nothing is to do."""
    if words:
        return content(words)
    return stacked(
        (
            content("A sync would change nothing by what the feeds said last."),
            content(""),
            content(("6", "bold"), "  Feeds: S pulls them all, and its plan is shown here"),
            content(("p", "bold"), "  plans again from what they said last"),
        )
    )


@dataclass(frozen=True, slots=True)
class Item:
    """A change, or a heading over changes of a feed; `feed` is empty for rows of none.

    `op` is that of a heading over one operation.
    """

    id: str
    feed: str
    changes: tuple[Change[Indicator], ...]
    heading: bool
    held: bool
    op: Op | None = None


def feed_of(change: Change[Indicator]) -> str:
    """The feed under whose heading a change stands: the first of its row's."""
    return change.row.feeds[0] if change.row.feeds else ""


def items(plan: SyncPlan) -> list[Item]:
    """What is to be applied by feed, operation and value, then what is held in the same order."""
    return [*_part(plan.changes, held=False), *_part(plan.held, held=True)]


def _part(changes: Iterable[Change[Indicator]], *, held: bool) -> list[Item]:
    by_feed: dict[str, list[Change[Indicator]]] = {}
    for change in changes:
        by_feed.setdefault(feed_of(change), []).append(change)
    sign = HELD if held else ""
    found = []
    for feed in sorted(by_feed):
        mine = sorted(by_feed[feed], key=lambda change: change.row.key)
        by_op = {op: tuple(c for c in mine if c.op is op) for op in Op}
        several = sum(map(bool, by_op.values())) > 1
        every = tuple(change for part in by_op.values() for change in part)
        found.append(Item(f"{sign}feed {feed}", feed, every, heading=True, held=held))
        for op, part in by_op.items():
            if several and len(part) > 1:
                found.append(Item(f"{sign}{op} of {feed}", feed, part, True, held, op))
            found += (Item(f"{sign}{c.name}", feed, (c,), False, held) for c in part)
    return found


def changes_of(chosen: Iterable[Item]) -> list[Change[Indicator]]:
    """What is meant by items: a heading stands for all under it; each change once."""
    found = {(it.held, change.op, change.row.id): change for it in chosen for change in it.changes}
    return list(found.values())


def _sign(it: Item, _now: datetime) -> str:
    mark = HELD if it.held else ""
    return f"{mark}{HEADING}" if it.heading else f"{mark}{_mark(it.changes[0])}"


def _mark(change: Change[Indicator]) -> str:
    """The sign of a change; of a row that leaves, one that says by what."""
    if change.op is Op.REMOVE:
        for beginning, sign in _LEAVES:
            if change.reason.startswith(beginning):
                return sign
    return SIGN[change.op]


def _counts(changes: Sequence[Change[Indicator]]) -> str:
    """`+3 ~2 -12 (↓4 ⊘1)`: how many come, change and leave, and how many of these by what."""
    counts = Counter(change.op for change in changes)
    marks = Counter(map(_mark, changes))
    some = " ".join(f"{sign}{marks[sign]:,}" for _, sign in _LEAVES if marks[sign])
    told = [f"{SIGN[op]}{counts[op]:,}" for op in Op if counts[op]]
    return " ".join((*told, f"({some})") if some else told)


def _type(it: Item, _now: datetime) -> str:
    if it.heading:
        return "feed" if it.op is None else ""
    return SHORT_TYPE[it.changes[0].row.type]


def _value(it: Item, _now: datetime) -> str:
    if it.heading:
        return _heading(it)
    return it.changes[0].row.value


def _what(it: Item, _now: datetime) -> str:
    if it.heading:
        return f"{_counts(it.changes)}{'  held by the brake' if it.held else ''}"
    change = it.changes[0]
    if change.op is not Op.CREATE:
        return brief(change)
    row = change.row
    # The heading says whose row it is; of what is left the verdict must not be cut off.
    why = change.reason.removeprefix(f"{it.feed}: ")
    return f"{ACTION_CODE[row.action]} {SEVERITY_CODE[row.severity]:<4}  {why}"


def columns(decisions: Decisions, effects: Effects) -> tuple[Column[Item], ...]:
    """The columns: a sign for what is decided, and how many events would be judged otherwise."""

    def judged(it: Item, _now: datetime) -> str:
        return f"{len(found):,}" if (found := effects.of(it.changes)) else ""

    def decided(it: Item, _now: datetime) -> str:
        return "" if it.held else decisions.sign(it.changes)

    return (
        Column("decided", "", 1, decided),
        *((Column("judged", "≠", 3, judged, right=True),) if effects.changed else ()),
        Column("sign", "", 2, _sign, right=True),
        Column("type", "TYPE", 6, _type),
        Column("value", "VALUE", 0, _value, share=2, least=24),
        Column("what", "WHAT, OR WHY", 0, _what, share=3, least=24),
    )


SPARE = ("type",)
"""Columns that a narrow table goes without."""


def summary(
    plan: SyncPlan,
    quota: Quota,
    decisions: Decisions,
    effects: Effects,
    *,
    waits: bool,
    width: int,
) -> Content:
    """What the plan does, how many rows there would be, and what the brake holds, and why."""
    after = quota.used + plan.count(Op.CREATE) - plan.count(Op.REMOVE)
    held = f" {HELD}{len(plan.held):,}" if plan.held else ""
    counts = plan.counts
    rest = (("waiting", counts.waiting), ("suppressed", counts.suppressed))
    beside = "".join(f" · {number:,} {word}" for word, number in rest if number)
    whose = "the plan of the sync that waits" if waits else "what a sync would apply now"
    lines = [
        content(
            f" {whose}: ", (f"{sizes(plan)}{held}", "bold"),
            f"  after: {after:,}{beside}",
        )
    ]  # fmt: skip
    if allowed := plan.allowing:
        lines.append(content((f" ! {counted(allowed, 'row')} would become Allow", "bold")))
    if plan.held:
        why = wrapped(f"{HELD} held: {plan.held_reason}", width - 1)
        lines += (content(" ", (line, "bold")) for line in why)
    if effects.asked or effects.file:
        lines.append(effects.line)
    if decisions:
        lines.append(decisions.line(plan))
    return stacked(lines)


def one_line(it: Item, effects: Effects) -> Content:
    """An item in one line, with the first event that would be judged otherwise for it."""
    if it.heading:
        return content(" ", (_titled(it), "bold"), f"  {_counts(it.changes)}")
    change = it.changes[0]
    found = effects.of(it.changes)
    judged = ""
    if found:
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        judged = f"≠ {found[0].label}{more}  "
    return content(" ", (change.row.value, "bold"), f"  {judged}{change.reason}")


def few_lines(it: Item) -> Content:
    """An item in three lines."""
    if it.heading:
        return stacked(
            (
                content(" ", (_titled(it), "bold"), f"  {_counts(it.changes)}"),
                *(content(f" {line}") for line in reasons(it.changes)[:2]),
            )
        )
    change = it.changes[0]
    return stacked(
        (
            content(" ", (change.row.value, "bold"), f"  {change.row.title}"),
            content(f" {change.reason}"),
            content(f" {change.row.action.value}, {change.row.severity.value}  {brief(change)}"),
        )
    )


def whole(it: Item, effects: Effects, now: datetime) -> Content:
    """A change with every field before and after; a heading with the reasons of all under it.

    Then the events that would be judged otherwise for it.
    """
    if it.heading:
        head = content((_titled(it), "bold"), f"  {_counts(it.changes)}")
        lines = [head, content(""), *map(content, reasons(it.changes))]
    else:
        lines = [change_text(it.changes[0], now)]
    found = effects.of(it.changes)
    if found:
        judged = f"{counted(len(found), 'event')} would be judged otherwise"
        lines += [content(""), content((judged, "bold")), *told(found)]
    return stacked(lines)


_TO = {Op.CREATE: "to add", Op.UPDATE: "to change", Op.REMOVE: "to remove"}


def _heading(it: Item) -> str:
    feed = it.feed or "rows of no feed"
    return feed if it.op is None else f"{feed}: {counted(len(it.changes), 'row')} {_TO[it.op]}"


def _titled(it: Item) -> str:
    return f"{_heading(it)}{', held by the brake' if it.held else ''}"


def let_through(found: Approved) -> str:
    """What an approval did, for a toast."""
    applied = found.applied
    text = f"let through: {done(applied.created, applied.updated, applied.removed)}"
    if found.moved_on:
        text += f"; left out {found.moved_on:,} whose rows have changed since"
    if found.suppressed:
        text += f"; left out {found.suppressed:,} that are suppressed"
    return text if applied.serial is None else f"{text} · u undo"
