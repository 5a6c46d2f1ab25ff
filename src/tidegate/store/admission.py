"""Whether a plan may be applied to the list as it is now.

Owns the checks that only the list can answer: is it the list that the plan was made from, do the
rows stand as the plan found them, is every identity taken once, is there room. Refuses to change
anything, and to know policy or guards: the service asks those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tidegate.allocation.compress import COVERED
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, Row, SyncPlan
from tidegate.store.entry import hash_of, touched
from tidegate.store.records import Record
from tidegate.store.state import State

_NAMED = 3
"""Changes that a stale plan's message names one by one."""


def admit(
    state: State,
    plan: SyncPlan,
    *,
    limit: int,
    expired: Collection[Indicator],
    since: Callable[[int], list[Record]],
    rebase: bool,
) -> None:
    """Raise StalePlan or UsageError unless the plan may be applied.

    A plan from an older change of the same list is admitted with `rebase` when nothing that was
    done since is about a value of the plan. `expired` rows count as gone; `since` gives the journal
    records after a serial.
    """
    if plan.lineage and plan.lineage != state.lineage:
        raise StalePlan("the plan was made for another list", "plan again and look")
    if plan.serial != state.serial:
        _check_base(state, plan, since, rebase=rebase)
    gone = {row.id for row in expired}
    _check_fits(state.rows, plan.changes, gone)
    _check_fits(state.suppressions, plan.suppressions, ())
    _check_unique(state, plan.changes, gone)
    growth = sum((c.after is not None) - (c.before is not None) for c in plan.changes)
    room = limit - (len(state.rows) - len(gone)) - growth
    if growth > 0 and room < 0:
        if plan.serial != state.serial:
            raise StalePlan("the list has filled up since this plan was made", "plan again")
        raise UsageError(
            f"the list would hold {limit - room:,} of {limit:,} indicators",
            "remove some first, or let a sync choose",
        )


def _check_base(
    state: State, plan: SyncPlan, since: Callable[[int], list[Record]], *, rebase: bool
) -> None:
    head = f"the list is at change {state.serial}, the plan was made at {plan.serial}"
    if plan.serial > state.serial:
        raise StalePlan(head, "plan again and look")
    records = since(plan.serial)
    common = touched(records) & _values(plan)
    if common:
        values = sorted(common)
        more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
        hint = f"it touches {', '.join(values[:_NAMED])}{more}: plan again and look"
        raise StalePlan(f"{head}; since then: {_told(records)}", hint)
    if not rebase:
        raise StalePlan(
            f"{head}; since then: {_told(records)}",
            "none of it touches this plan: add --rebase, or plan again and look",
        )


def _values(plan: SyncPlan) -> set[str]:
    """The values, other hashes of a file among them, that a plan is about.

    So is what covers a row that leaves for that: without it, the row would have to stay.
    """
    found = {change.row.value for change in plan.suppressions}
    for change in plan.changes:
        if change.after is None and change.reason.startswith(COVERED):
            found.add(change.reason.rpartition(" ")[2])
        for row in (change.before, change.after):
            if row is not None:
                found |= {row.value, *map(hash_of, row.aliases)}
    return found


def _told(records: Sequence[Record]) -> str:
    """What was done, newest first, in one line."""
    named = [f"{r['serial']} {r['actor']}: {r['reason']}" for r in records[: -_NAMED - 1 : -1]]
    more = f"; and {len(records) - _NAMED} before" if len(records) > _NAMED else ""
    return "; ".join(named) + more


def _check_fits(
    rows: Mapping[str, Row], changes: tuple[Change[Row], ...], gone: Collection[str]
) -> None:
    """Every change starts from the row as it is now."""
    for change in changes:
        ident = change.row.id if change.before is None else change.before.id
        held = None if ident in gone else rows.get(ident)
        if held != change.before:
            raise StalePlan(
                f"{change.row.value} changed since this plan was made", "plan again and look"
            )


def _check_unique(
    state: State, changes: tuple[Change[Indicator], ...], gone: Collection[str]
) -> None:
    """No row comes to stand where another with its id or its identity is, and none is lost so."""
    before = [change.before.id for change in changes if change.before is not None]
    leaving, arriving, idents = {*before, *gone}, set(), set()
    if len(set(before)) < len(before):
        raise UsageError("the plan changes a row twice", "plan again and look")
    for change in changes:
        row = change.after
        if row is None:
            continue
        if row.id in idents or (row.id not in leaving and row.id in state.rows):
            raise StalePlan(f"another row has the id of {row.value} already", "plan again and look")
        idents.add(row.id)
        moves = change.before is None or change.before.key != row.key
        held = state.rows.at(row.key) if moves else None
        if row.key in arriving or (held is not None and held.id not in leaving):
            raise StalePlan(f"another row is {row.value} already", "plan again and look")
        arriving.add(row.key)
