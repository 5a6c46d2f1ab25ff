"""Tenant lists with few words: apply changes to one, fill one, look at its files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from strategies.builders import LIMIT, NOW, create, edit, plan, row
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.store.entry import Entry
from tidegate.store.tenant_store import CHECKPOINT_EVERY, TenantStore


def apply(
    store: TenantStore,
    *changes: Change[Indicator],
    limit: int = LIMIT,
    now: datetime = NOW,
) -> Entry:
    """Apply changes to the list as it is now."""
    state = store.state()
    entry = store.apply(
        plan(changes, serial=state.serial, lineage=state.lineage),
        limit=limit,
        now=now,
        actor="ana",
    )
    assert entry is not None
    return entry


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith("lock")}


def filled(folder: Path, number: int = CHECKPOINT_EVERY) -> TenantStore:
    """A store of that many rows, by default just enough for a checkpoint, and one edit more."""
    store = TenantStore(folder)
    apply(store, *create(*(row(n) for n in range(number))))
    apply(store, *edit(row(0), note="after the checkpoint"))
    return store
