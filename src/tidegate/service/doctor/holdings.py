"""The area of the list: its checkpoint, its rows, and whether they are what the journal makes.

The list is taken as every command takes it, else from what can still be read of it. Refuses to
mend: `mending` does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tidegate.errors import StoreDamaged, StoreTooNew, TidegateError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.service.doctor import history as histories
from tidegate.service.doctor.configuration import Configured
from tidegate.service.doctor.findings import (
    FIX,
    MODE,
    Anchor,
    Checked,
    Finding,
    checked,
    damage,
    fault,
    many,
    warning,
)
from tidegate.service.doctor.history import History
from tidegate.service.doctor.invariants import (
    JOURNAL,
    LIST,
    rows_hold,
    same_list,
    settings_hold,
    suppressions_hold,
)
from tidegate.store.state import State, restored
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import TenantStore

CHECKPOINT = "tenant.json"
_SERIAL = re.compile(rb'"serial":([0-9]{1,15})\b')
_HEAD = 4096

_Row = TypeVar("_Row", Indicator, Suppression)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Both areas, and what others go by: the journal's end, and when the list last changed."""

    areas: tuple[Checked, ...]
    anchor: Anchor | None = None
    last_change: datetime | None = None


def look_at_holdings(
    store: TenantStore, configured: Configured, now: datetime, anchor: Anchor | None = None
) -> Holdings:
    """Examine list and journal. `anchor` is one noted earlier, which the journal must hold."""
    state, refused = _state(store)
    # After the list, so that what somebody writes meanwhile does not look like a loss.
    history = histories.read_history(store, None if state is None else state.serial, anchor)
    kept, findings = _checkpoint(store, history)
    if refused is not None and not any(_tells(f) for f in (*findings, *history.findings)):
        findings.append(refused)
    best = state or kept
    if best is None:
        rows, suppressions = history.replay.rows, history.replay.suppressions
    else:
        rows = _built(best.rows, "row", findings)
        suppressions = _built(best.suppressions, "suppression", findings)
    findings += rows_hold(rows, now)
    findings += suppressions_hold(suppressions)
    if state is not None and history.whole:
        if history.then is not None:
            findings += same_list(*history.then, rows, suppressions)
        else:
            findings.append(
                damage(LIST, "no_change", f"the journal has no change {state.serial} of the list")
            )
    findings += settings_hold(
        rows.values(),
        limit=configured.settings.limit,
        dialect=configured.settings.dialect,
        guards=configured.guards,
        now=now,
    )
    active = sum(row.active(now) for row in rows.values())
    serial = history.end.serial if best is None else best.serial
    summary = f"{many(active, 'indicator')} of {configured.settings.limit:,}, at change {serial:,}"
    if best is None and history.changes:
        summary += ", by the journal alone"
    told = checked(
        LIST, summary, findings, indicators=active, suppressions=len(suppressions), serial=serial
    )
    journal = histories.told(store, history, anchor, sound=state is not None)
    areas = (_advised(told, store), _advised(journal, store))
    return Holdings(
        areas, history.end if history.whole else None, history.last if state is None else state.at
    )


def _state(store: TenantStore) -> tuple[State | None, Finding | None]:
    try:
        return store.state(), None
    except TidegateError as error:
        return None, damage(LIST, "unreadable", error.message, error.hint)
    except OSError as error:
        return None, fault(LIST, "unreadable", f"{error.filename}: {error.strerror}", MODE)


def _tells(finding: Finding) -> bool:
    """Whether a finding says why the list cannot be read."""
    return finding.damage or finding.code == "unreadable"


def _checkpoint(store: TenantStore, history: History) -> tuple[State | None, list[Finding]]:
    """Read the checkpoint by itself, and hold it against how far the journal goes."""
    storage = CheckpointStorage(store.folder / CHECKPOINT)
    try:
        tables = storage.read()
        kept = None if tables is None else restored(tables, storage.envelope)
    except StoreTooNew as error:
        return None, [damage(LIST, "too_new", error.message, error.hint)]
    except OSError as error:
        return None, [fault(LIST, "unreadable", f"{storage.path}: {error.strerror}", MODE)]
    except (StoreDamaged, KeyError, TypeError) as error:
        what = error.message if isinstance(error, StoreDamaged) else f"{storage.path}: {error}"
        whole = history.whole and history.changes > 0 and not _beyond(store, history)
        found = damage(LIST, "checkpoint_unreadable", what, FIX if whole else "", fixable=whole)
        return None, [found]
    if kept is None:
        if not history.changes:
            return None, []
        missing = f"{storage.path} is missing; the journal makes it anew at the next write"
        return None, [warning(LIST, "checkpoint_missing", missing, FIX, fixable=True)]
    findings = []
    if history.whole and kept.serial > history.end.serial:
        short = f"the journal ends at change {history.end.serial}, the list is at {kept.serial}"
        findings.append(damage(JOURNAL, "journal_short", short))
    elif history.changes and kept.lineage != history.replay.lineage:
        findings.append(
            damage(LIST, "other_lineage", f"{storage.path} and the journal are of two lists")
        )
    return kept, findings


def _beyond(store: TenantStore, history: History) -> bool:
    """Whether something remembers a later change than the journal has: then it was cut short."""
    last = store.snapshots.last_good()
    known = 0 if last is None else last.serial
    with contextlib.suppress(OSError):
        # Unreadable as it is, the checkpoint may still tell its number.
        found = _SERIAL.search((store.folder / CHECKPOINT).read_bytes()[:_HEAD])
        known = max(known, int(found[1]) if found else 0)
    return known > history.end.serial


def _built(rows: Mapping[str, _Row], what: str, findings: list[Finding]) -> dict[str, _Row]:
    built = {}
    for ident in rows:
        try:
            built[ident] = rows[ident]
        except StoreDamaged as error:
            findings.append(damage(LIST, f"{what}_unreadable", error.message))
    return built


def _advised(area: Checked, store: TenantStore) -> Checked:
    """The area with the command that brings a damaged list back, where nothing else is told."""
    if not any(finding.damage and not finding.mend for finding in area.findings):
        return area
    return dataclasses.replace(area, findings=tuple(_with(area.findings, store.advice())))


def _with(findings: tuple[Finding, ...], mend: str) -> Iterator[Finding]:
    for finding in findings:
        yield (
            dataclasses.replace(finding, mend=mend)
            if (finding.damage and not finding.mend)
            else finding
        )
