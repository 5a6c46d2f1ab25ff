"""The one way in: check a plan against guards, dialect and permissions, then apply it.

Owns the checks that hold for every door, so that no door can forget one: an old plan file, an undo
and a bulk edit meet the same guards as a sync. Refuses to build plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ActionNotSupported, HeldBack, InvalidValue, StalePlan
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin, supported
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.indicators.value import canonical
from tidegate.service.overriding import remedy
from tidegate.service.workspace import Workspace
from tidegate.store.admission import admit
from tidegate.store.plan_file import read_plan, write_plan


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a plan did. `serial` is None when the plan was empty."""

    serial: int | None
    created: int
    updated: int
    removed: int


def apply(ws: Workspace, plan: SyncPlan, *, rebase: bool = True) -> Applied:
    """Apply a plan. What its brake holds back stays as it is.

    With `rebase` a plan from an older change is applied as well when nothing done since is about
    its values: somebody else's edit of another row is no reason to refuse this one.

    Raises StalePlan, HeldBack (a guard), ActionNotSupported, UsageError (limit, read-only),
    StoreLocked and StoreDamaged; nothing is changed then.
    """
    ws.writable()
    now = ws.trusted_now()
    for change in plan.changes:
        if change.after is not None and decides(change.before, change.after):
            check_row(ws, change.after)
        if change.after is not None and not change.after.active(now):
            raise StalePlan(f"{change.after.value} has expired since", "plan again and look")
    entry = ws.store.apply(plan, limit=ws.settings.limit, now=now, actor=ws.actor, rebase=rebase)
    if entry is not None:
        ws.made.add(entry.serial)
    return Applied(
        serial=None if entry is None else entry.serial,
        created=plan.count(Op.CREATE),
        updated=plan.count(Op.UPDATE),
        removed=plan.count(Op.REMOVE),
    )


def check_base(ws: Workspace, plan: SyncPlan, *, rebase: bool) -> None:
    """Raise StalePlan or UsageError where the list would not take this plan now.

    For a plan from a file: whoever is asked about it, or keeps what it withholds, should know that
    first. `apply` looks again.
    """
    state = ws.store.state()
    if state.lineage and not plan.lineage:
        raise StalePlan("the plan was made when there was no list yet", "plan again and look")
    admit(
        state,
        plan,
        limit=ws.settings.limit,
        expired=state.rows.expired(ws.trusted_now()),
        since=ws.store.journal.since,
        rebase=rebase,
    )


def decides(before: Indicator | None, after: Indicator) -> bool:
    """Whether a change decides what a row does, so that guards and dialect have their word.

    Foreign rows are somebody else's facts; a row that does the same as before was judged.
    """
    if after.origin is Origin.FOREIGN:
        return False
    return before is None or (
        (before.value, before.action, before.overrides)
        != (after.value, after.action, after.overrides)
    )


def check_row(ws: Workspace, row: Indicator) -> None:
    """Raise when this row may not be on the list: dialect first, then guards."""
    if not supported(ws.dialect, row.type, row.action):
        raise ActionNotSupported(
            f"Defender takes no {row.action.value!r} for {row.type.value} ({row.value})",
            "use Alert and block or Allow for certificates",
        )
    if (wanted := canonical(row.type, row.value)) != row.value:
        # Guards and identities know canonical values only; another spelling would pass them by.
        raise InvalidValue(
            "not_canonical", f"{row.value} is written {wanted}", "nothing was changed"
        )
    finding = ws.guards.check(row.type, row.value, row.action, row.overrides)
    if finding.stops(row.action):
        options = remedy(ws.guards, row)
        raise HeldBack(
            f"guard {finding.guard} refuses {row.value}: {finding.reason}",
            f"add or edit it with {options}" if options else "nothing was changed",
        )


def save_plan(path: Path, plan: SyncPlan) -> None:
    """Write a plan for a later `load_plan`; the same plan gives the same bytes."""
    write_plan(path, plan)


def load_plan(path: Path) -> SyncPlan:
    """Read a saved plan. Raises UsageError when it is none or was changed."""
    return read_plan(path)
