"""Examining a whole home, and mending it: the one function that tests and people call.

Works on what is there, however broken: no area hides another. Without `fix` nothing is written, not
even a folder made.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import TypeVar

from tidegate.clock import Clock, uptime
from tidegate.clock import now as system_time
from tidegate.config import Home
from tidegate.errors import TidegateError
from tidegate.service.doctor.clock import look_at_clock
from tidegate.service.doctor.configuration import look_at_config, look_at_feeds
from tidegate.service.doctor.findings import (
    MODE,
    Anchor,
    Checked,
    Report,
    checked,
    damage,
    fault,
    warning,
)
from tidegate.service.doctor.holdings import Holdings, look_at_holdings
from tidegate.service.doctor.invariants import LIST
from tidegate.service.doctor.kept import look_at_ledger, look_at_plans, look_at_snapshots
from tidegate.service.doctor.leftovers import look_at_leftovers
from tidegate.service.doctor.mending import mend
from tidegate.service.doctor.partners import look_at_partners
from tidegate.service.doctor.permissions import look_at_permissions
from tidegate.service.timekeeping import Timekeeper
from tidegate.service.workspace import DEFAULT_TENANT, check_tenant
from tidegate.store.tenant_store import TenantStore

HOME = "home"
_SHUT = "cannot be looked at"
_UNREADABLE = "unreadable"

Looked = TypeVar("Looked")


def examine(
    home: Home,
    tenant: str = DEFAULT_TENANT,
    *,
    clock: Clock = system_time,
    environ: Mapping[str, str] = os.environ,
    anchor: Anchor | None = None,
) -> Report:
    """Examine a home and one tenant's list in it, and write nothing.

    `anchor` is the end of the journal as noted earlier. Raises UsageError for a tenant's name that
    is none.
    """
    check_tenant(tenant)
    if not home.root.is_dir():
        found = warning(HOME, "no_home", f"there is no home at {home.root}", "see --home")
        return Report((checked(HOME, "none", [found]),))
    now = clock()
    store = TenantStore(home.tenant_dir(tenant))
    keeper = _timekeeper(home, clock)
    configured = look_at_config(home)
    holdings = _safely(
        lambda: look_at_holdings(store, configured, now, anchor),
        lambda said, error: Holdings((_shut(LIST, said, error),)),
    )
    snapshots, last_good = _safely(
        lambda: look_at_snapshots(store),
        lambda said, error: (_shut("snapshots", said, error), None),
    )
    areas = (
        _area(HOME, lambda: _look_at_home(home, tenant)),
        configured.checked,
        _area("feeds", lambda: look_at_feeds(home, environ)),
        *holdings.areas,
        snapshots,
        _area("plans", lambda: look_at_plans(store)),
        _area("partners", lambda: look_at_partners(home, store.folder)),
        _area("ledger", lambda: look_at_ledger(home.ledger_file)),
        _area("permissions", lambda: look_at_permissions(home.root)),
        _area("leftovers", lambda: look_at_leftovers(home.root, now)),
        _area("clock", lambda: look_at_clock(keeper, now, tenant, holdings.last_change)),
    )
    return Report(areas, holdings.anchor, last_good, holdings.last_change)


def _look_at_home(home: Home, tenant: str) -> Checked:
    """Name what is examined: a list that nobody made looks as well as an empty one."""
    folder = home.tenant_dir("")
    others = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    findings = []
    if others and tenant not in others:
        message = f"this home has no tenant {tenant}, but {', '.join(others)}"
        findings.append(warning(HOME, "no_tenant", message, "name it with --tenant"))
    return checked(HOME, f"{home.root}, tenant {tenant}", findings)


def fix(
    home: Home,
    tenant: str = DEFAULT_TENANT,
    *,
    clock: Clock = system_time,
    environ: Mapping[str, str] = os.environ,
    anchor: Anchor | None = None,
) -> Report:
    """Examine, mend what is safe to mend, and examine again; the report tells what was done."""
    report = examine(home, tenant, clock=clock, environ=environ, anchor=anchor)
    if not any(finding.fixable for finding in report.findings):
        return report
    done: list[str] = []
    folder = home.tenant_dir(tenant)
    failed: Checked | None = None
    try:
        done.extend(mend(home.root, folder, report, _timekeeper(home, clock), clock()))
    except (TidegateError, OSError) as error:
        failed = checked("fix", "stopped", [fault("fix", "fix_failed", str(error))])
    after = examine(home, tenant, clock=clock, environ=environ, anchor=anchor)
    areas = after.areas if failed is None else (*after.areas, failed)
    return dataclasses.replace(after, areas=areas, fixed=tuple(done))


def _timekeeper(home: Home, clock: Clock) -> Timekeeper:
    return Timekeeper(home.root, uptime if clock is system_time else None)


def _area(name: str, look: Callable[[], Checked]) -> Checked:
    return _safely(look, lambda said, error: _shut(name, said, error))


def _shut(area: str, said: str, error: Exception) -> Checked:
    """An area that could not be looked at. A list closed to us need not be damaged."""
    closed = isinstance(error, OSError)
    level = fault if closed or area != LIST else damage
    return checked(area, _SHUT, [level(area, _UNREADABLE, said, MODE if closed else "")])


def _safely(look: Callable[[], Looked], instead: Callable[[str, Exception], Looked]) -> Looked:
    """Look at files that may vanish, be closed to us, or hold what nobody thought of."""
    try:
        return look()
    except (TidegateError, OSError) as error:
        return instead(str(error), error)
    except Exception as error:  # noqa: BLE001 - whatever one area holds, the others are told
        return instead(f"{type(error).__name__}: {error}", error)
