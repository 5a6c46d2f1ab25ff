"""What the brake withheld: kept beside the list until somebody approves it or a sync outdates it.

An approval is for exactly the plan that was shown: its id is the digest of its changes, whenever
they were planned, and stays the same while one feed's part after the other is approved. What does
not hold any more is left out and counted: a change whose row has moved on since, and a value that
a person suppressed meanwhile. What was approved of a feed is ordinary from then on. Refuses to be
answered by `--yes`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tidegate.allocation.brake import GIVES_WAY
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.service.apply import Applied, apply
from tidegate.service.contending import kept_out
from tidegate.service.measuring import approved
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.store.files import private_folder
from tidegate.store.plan_file import read_plan, write_plan
from tidegate.store.records import Record, read_change_record, read_indicator_record

ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A withheld plan: its id, why it was withheld, and its changes."""

    id: str
    reason: str
    changes: tuple[Change[Indicator], ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did, and how many of its changes were left out, for which reason.

    `left` is how many changes of the same plan wait on.
    """

    applied: Applied
    moved_on: int
    suppressed: int
    left: int = 0


def _path(ws: Workspace) -> Path:
    return ws.store.folder / "held.json"


def _id(told: Iterable[str]) -> str:
    text = "\n".join(sorted(told))
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _told(change: Change[Indicator]) -> str:
    """What a change does, in a line.

    When it was planned says nothing; whether its row has changed since is seen when it is applied.
    """
    after = "" if change.after is None else f"{change.after.action} {change.after.severity}"
    return f"{change.op} {change.row.id} {after}"


def remember(ws: Workspace, plan: SyncPlan) -> str:
    """Keep what a plan's brake withheld and return its id; forget an older one when there is none.

    The id is empty when nothing is withheld.
    """
    path = _path(ws)
    if not plan.held:
        path.unlink(missing_ok=True)
        return ""
    private_folder(path.parent)  # the first sync of all may withhold everything
    write_plan(path, dataclasses.replace(plan, changes=plan.held, held=()))
    return _id(map(_told, plan.held))


def withheld(ws: Workspace) -> Held | None:
    """What the last sync withheld and nobody has approved; None when there is nothing."""
    path = _path(ws)
    if not path.exists():
        return None
    plan = read_plan(path)
    told = map(_told, (*plan.changes, *plan.held))
    return Held(_id(told), plan.held_reason, plan.changes)


def withheld_of(ws: Workspace, values: Collection[str]) -> Held | None:
    """The part of `withheld` that is about these values; None when there is none.

    A brake may hold 15,000 changes, so only these are made, and the file's checksum is not asked.
    """
    path = _path(ws)
    text = path.read_bytes() if path.exists() else b""
    if not any(orjson.dumps(value) in text for value in values):
        return None
    try:
        plan = orjson.loads(text)
        mine = [each for each in plan["changes"] if _written(each)["value"] in values]
        told = [_told_of(each) for each in (*plan["changes"], *plan["held"])]
        changes = tuple(read_change_record(each, read_indicator_record) for each in mine)
        return Held(_id(told), plan["held_reason"], changes) if changes else None
    except (ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path} is no plan of Tidegate: {fault}", "sync again") from fault


def _written(change: Record) -> Record:
    row: Record = change["after"] or change["before"]
    return row


def _told_of(change: Record) -> str:
    """The same as `_told` of a change as it is written down."""
    before, after = change["before"], change["after"]
    op = Op.CREATE if before is None else Op.REMOVE if after is None else Op.UPDATE
    does = "" if after is None else f"{after['action']} {after['severity']}"
    return f"{op} {_written(change)['id']} {does}"


def approve(ws: Workspace, ident: str, feed: str | None = None) -> Approved:
    """Apply what was withheld, all of it or one feed's part.

    Raises UsageError for another id, and for a feed of which nothing is withheld.
    """
    ws.writable()
    held = withheld(ws)
    if held is None or held.id != ident:
        hint = f"the one that is held is {held.id}" if held else "nothing is held"
        raise UsageError(f"no held plan is {ident}", hint)
    state = ws.store.state()
    meant = [change for change in held.changes if feed is None or feed in change.row.feeds]
    if not meant:
        feeds = sorted({name for change in held.changes for name in change.row.feeds})
        raise UsageError(
            f"nothing of feed {feed} is held", f"of these something is: {', '.join(feeds)}"
        )
    meant = _with_room(ws, held.changes, meant)
    fitting = [change for change in meant if state.rows.get(change.row.id) == change.before]
    rows = (change.after for change in fitting if change.after is not None)
    unwanted = kept_out(state.suppressions.values(), rows, ws.trusted_now())
    changes = tuple(c for c in fitting if c.after is None or c.after.feed_key not in unwanted)
    plan = SyncPlan(state.lineage, state.serial, "held", f"approved: {held.reason}", changes)
    done = apply(ws, plan)
    left = _forget(ws, meant, feed)
    which = {name for change in meant for name in change.row.feeds} if feed is None else {feed}
    approved(ws, active_feeds(ws), which)
    return Approved(done, len(meant) - len(fitting), len(fitting) - len(changes), left)


def _with_room(
    ws: Workspace, held: Iterable[Change[Indicator]], meant: Sequence[Change[Indicator]]
) -> list[Change[Indicator]]:
    """A part of a held plan, made to fit: with the rows that give way to it, weakest first.

    Where those are too few, because what else was to go stays held, its weakest new rows wait on.
    """
    chosen = {change.row.id for change in meant}
    growth = sum((c.after is not None) - (c.before is not None) for c in meant)
    lacking = growth - (ws.settings.limit - sum(1 for _ in ws.store.active(ws.clock())))
    if growth <= 0 or lacking <= 0:
        return list(meant)
    giving = [c for c in held if c.reason == GIVES_WAY and c.row.id not in chosen]
    giving = sorted(giving, key=_rank)[:lacking]
    new = sorted((change for change in meant if change.op is Op.CREATE), key=_rank)
    late = {change.row.id for change in new[: lacking - len(giving)]}
    return [change for change in (*giving, *meant) if change.row.id not in late]


def _rank(change: Change[Indicator]) -> tuple[float, RowKey]:
    return change.row.score or 0.0, change.row.key


def _forget(ws: Workspace, meant: Sequence[Change[Indicator]], feed: str | None) -> int:
    """Keep what waits on, with what was approved beside it, by which its id stays the same."""
    path = _path(ws)
    plan = read_plan(path)
    done = {change.row.id for change in meant}
    rest = tuple(change for change in plan.changes if change.row.id not in done)
    if not rest:
        path.unlink(missing_ok=True)
        return 0
    parts = plan.held_reason.split("; ")
    reason = "; ".join(part for part in parts if not part.startswith(f"{feed}: "))
    kept = (*plan.held, *meant)
    write_plan(path, dataclasses.replace(plan, changes=rest, held=kept, held_reason=reason))
    return len(rest)
