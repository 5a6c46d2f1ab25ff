"""All that stands against something else on the list: what, side by side, and which side decides.

Conflicts between people and feeds (`conflicts`) and rows that overlap, whosever they are
(`allocation.overlaps`), in groups. Refuses to settle the former, which `resolving` does; of rows
that overlap a person picks the one that is to decide: it is kept knowingly where it does already,
or else those leave that decide before it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from tidegate.allocation.overlaps import MANY, Overlap, overlaps
from tidegate.errors import UsageError
from tidegate.indicators.filter import Filter, parse
from tidegate.indicators.indicator import OVERLAP, Indicator
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service import conflicts as between
from tidegate.service import edit, look
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.resolving import Choice
from tidegate.service.workspace import Workspace

PERSON = "a person"
KEPT = "what a person set stays until it is handed back"
HERE = "a person's row stands in its scope; the feeds only wish for theirs"
ALONE = "only the person's row is on the list"


class Group(StrEnum):
    """What kind of dispute it is, the gravest first."""

    ALLOW = "allow against block"
    WITHIN = "one within another"
    SCOPE = "scopes that meet"
    ACTION = "different actions"
    FIELD = "other fields"


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a row as it is, or as feeds want it. `listed`: it is on the list as it stands."""

    row: Indicator
    source: str
    listed: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """Something that stands against something else; the first side decides, by `rule`.

    `conflict` is the one between a person and feeds, where there are two sides; None for rows that
    overlap. `about` is the row whose value all sides name.
    """

    id: str
    group: Group
    about: Indicator
    sides: tuple[Side, ...]
    rule: str
    standing: Standing
    conflict: Conflict | None = None


def disputes(ws: Workspace, filter_text: str = "", *, settled: bool = False) -> tuple[Dispute, ...]:
    """What nobody has decided yet, by group, with `settled` what was kept knowingly, too.

    Rows that overlap are found by any of them, at most `MANY`. Raises FilterError.
    """
    chosen, now = parse(filter_text), ws.clock()
    known = between.conflicts(ws, filter_text, settled=settled)
    found = [of_conflict(ws, conflict) for conflict in known]
    told = {frozenset(side.row.id for side in it.sides if side.listed) for it in found}
    if chosen.terms:
        wanted = partial(_matches, chosen, now)
        met = overlaps(look.rows(ws), ws.settings.engines, now, wanted)
    else:
        met = _overlaps(ws)
    for overlap in met:
        if frozenset(row.id for row in overlap.rows) in told:
            continue
        it = _of_overlap(overlap)
        if settled or it.standing is Standing.OPEN:
            found.append(it)
    order = list(Group)
    return tuple(sorted(found, key=lambda it: order.index(it.group)))


def _matches(chosen: Filter, now: datetime, row: Indicator) -> bool:
    return chosen.matches(row, now)


def shortened(found: Sequence[Dispute]) -> str:
    """Say that there may be more than these; empty when all are there."""
    if sum(it.conflict is None for it in found) < MANY:
        return ""
    return f"the first {MANY:,} rows that overlap: a filter finds others"


def overlapping(ws: Workspace, ident: str) -> Dispute:
    """The rows that overlap under this id. Raises UsageError."""
    about = ident.partition(".")[0]
    rows, choices = look.rows(ws), ws.settings.engines
    for overlap in overlaps(rows, choices, ws.clock(), lambda row: row.id == about):
        it = _of_overlap(overlap)
        if it.id == ident:
            return it
    raise UsageError(f"{ident} names no rows that overlap", "`tidegate conflicts list` shows all")


def is_overlap(ident: str) -> bool:
    """Whether an id is one of rows that overlap."""
    return ident.endswith(f".{OVERLAP}")


def _overlaps(ws: Workspace) -> list[Overlap]:
    """Kept until the list changes or a row expires, as the list itself is."""
    rows = look.rows(ws)
    if ws.overlaps is None or ws.overlaps[0] is not rows:
        ws.overlaps = (rows, overlaps(rows, ws.settings.engines, ws.clock()))
    return ws.overlaps[1]


def _of_overlap(overlap: Overlap) -> Dispute:
    rows = overlap.rows
    known = any(row.settled.get(OVERLAP) == _print(rows) for row in rows)
    standing = Standing.SETTLED if known else Standing.OPEN
    sides = tuple(Side(row, _source(row), listed=True) for row in rows)
    ident = f"{overlap.about.id}.{OVERLAP}"
    return Dispute(ident, _group(rows), overlap.about, sides, overlap.rule, standing)


def of_conflict(ws: Workspace, it: Conflict) -> Dispute:
    """A conflict with its sides."""
    if it.wish is None:
        other = dataclasses.replace(it.row, **{it.field: it.theirs})  # type: ignore[arg-type]  # the field's own value
        sides = (Side(it.row, PERSON, listed=True), Side(other, ", ".join(it.feeds), listed=False))
        group = _group((it.row, other)) if it.field == "action" else Group.FIELD
        return Dispute(it.id, group, it.row, sides, KEPT, it.standing, it)
    held = None if it.wish.key == it.row.key else ws.store.at(it.wish.key, ws.clock())
    ours = Side(it.row, _source(it.row), listed=True)
    theirs = Side(held or it.wish, ", ".join(it.feeds), listed=held is not None)
    sides = (ours, theirs)
    group = _group([side.row for side in sides])
    rule = HERE if it.wish.key == it.row.key else ALONE
    if held is not None:
        met = overlaps((it.row, held), ws.settings.engines, ws.clock())
        if met:
            rule = met[0].rule
            sides = (ours, theirs) if met[0].rows[0].id == it.row.id else (theirs, ours)
    return Dispute(it.id, group, it.row, sides, rule, it.standing, it)


def _group(rows: Sequence[Indicator]) -> Group:
    actions = {row.action for row in rows}
    if Action.ALLOW in actions and actions - {Action.ALLOW, Action.ALERT_ONLY}:
        return Group.ALLOW
    if len({row.value for row in rows}) > 1:
        return Group.WITHIN
    if len({row.groups for row in rows}) > 1:
        return Group.SCOPE
    return Group.ACTION if len(actions) > 1 else Group.FIELD


def _source(row: Indicator) -> str:
    if row.origin is Origin.FEED:
        return ", ".join(row.feeds)
    return PERSON if row.origin is Origin.MANUAL else "others"


def _print(rows: Iterable[Indicator]) -> str:
    """What was seen when it was kept: another action or another row is another question."""
    return " ".join(sorted(f"{row.id}:{row.action.value}" for row in rows))


def choice_of(it: Dispute, number: int) -> Choice:
    """What picking the side of this number, from 1, decides of a conflict. Raises UsageError."""
    side = _side_of(it, number)
    yours = it.conflict is not None and side.row is it.conflict.row
    return Choice.MINE if yours else Choice.THEIRS


def plan_pick(ws: Workspace, it: Dispute, number: int) -> SyncPlan:
    """Plan that of rows that overlap the one with this number, from 1, is to decide.

    The first does, and is kept. For another those before it leave; feeds may not bring theirs back.
    Raises UsageError, and StalePlan.
    """
    row = _side_of(it, number).row
    if number == 1:
        return plan_keep(ws, (it,))
    before = [side.row for side in it.sides[: number - 1]]
    return edit.plan_remove(ws, before, f"{row.value}: its row is to decide").plan


def _side_of(it: Dispute, number: int) -> Side:
    if not 1 <= number <= len(it.sides):
        raise UsageError(f"there is no side {number}", f"pick 1 to {len(it.sides)}")
    return it.sides[number - 1]


def plan_keep(ws: Workspace, found: Sequence[Dispute]) -> SyncPlan:
    """Plan that rows that overlap are kept as they are decided, until one of them changes.

    Raises UsageError, and StalePlan.
    """
    state, now = ws.store.state(), ws.clock()
    changes = []
    for it in found:
        rows = [side.row for side in it.sides]
        ours = [row for row in (it.about, *rows) if row.origin is not Origin.FOREIGN]
        if not ours:
            told = f"{it.about.value}: rows of others in the tenant are never changed here"
            raise UsageError(told, "remove them where they were made")
        held = edit.as_stored(ws, ours[:1])[0]
        settled = MappingProxyType({**held.settled, OVERLAP: _print(rows)})
        if held.settled != settled:
            after = dataclasses.replace(held, settled=settled, updated=now)
            changes.append(Change(held, after, "kept as it is decided"))
    what = found[0].about.value if len(found) == 1 else f"{len(found):,} overlaps"
    reason = f"{what}: kept as it is decided"
    return SyncPlan(state.lineage, state.serial, "resolve", reason, tuple(changes))


def record(it: Dispute) -> dict[str, object]:
    """A dispute as values for JSON: a conflict's record, and its group, sides and rule."""
    if it.conflict is not None:
        known = between.record(it.conflict)
    else:
        first, other = it.sides[0].row, against(it).row
        known = {
            "id": it.id,
            "kind": "overlap",
            "type": it.about.type,
            "value": it.about.value,
            "groups": it.about.groups,
            "field": "overlap",
            "mine": between.does(first),
            "theirs": between.does(other),
            "feeds": sorted({feed for side in it.sides for feed in side.row.feeds}),
            "settled": it.standing is Standing.SETTLED,
        }
    return {**known, "group": it.group, "rule": it.rule, "sides": list(map(_side, it.sides))}


def against(it: Dispute) -> Side:
    """The first side that would do something else than the one that decides, or else the next."""
    first, *rest = it.sides
    return next((side for side in rest if side.row.action is not first.row.action), rest[0])


def _side(side: Side) -> dict[str, object]:
    row = side.row
    return {
        "row": row.id if side.listed else None,
        "source": side.source,
        "type": row.type,
        "value": row.value,
        "action": row.action,
        "severity": row.severity,
        "groups": row.groups,
        "confidence": row.confidence,
        "created": row.created,
    }


def words(it: Dispute) -> tuple[str, str]:
    """What decides and what stands against it, in words for people."""
    if it.conflict is not None:
        return between.words(it.conflict.mine), between.words(it.conflict.theirs)
    return _words(it, it.sides[0].row), _words(it, against(it).row)


def _words(it: Dispute, row: Indicator) -> str:
    where = "" if row.value == it.about.value else f" ({row.value})"
    return between.words(between.does(row)) + where
