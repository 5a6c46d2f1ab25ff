"""What one durable edit and one opening of a full list cost, against the bare calls beneath them.

An edit is measured twice: as the store applies a plan, and as the terminal UI does it, planned and
checked by the service. The floor is one append of the same line with fsync, in the same folder and
in turn with the edits. Opening is measured against orjson reading the same two files.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson

from bench.figure import Figure
from strategies.builders import LIMIT, NOW, create, edit, plan, row
from tidegate.config import Home
from tidegate.indicators.indicator import Indicator
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_edit
from tidegate.service.workspace import Workspace
from tidegate.store import tenant_store
from tidegate.store.tenant_store import TenantStore

ROWS = 15_000
ENTRIES = 10_000
ROUNDS = 200


def run() -> list[Figure]:
    """Fill a list, edit it, open it."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_edits(Path(folder) / "edits"), *_opening(Path(folder) / "opening")]


def full(number: int) -> Indicator:
    """A row of the size that feeds make."""
    return row(
        number,
        title=f"C2 address of campaign {number % 97}",
        description="Seen in the open by three sensors; the publisher calls it malicious.",
        feeds=("acme-c2",),
        tlp="green",
        confidence=number % 100,
        score=number / 100,
    )


def _edits(folder: Path) -> list[Figure]:
    folder.mkdir()
    (folder / "config.toml").write_text('[guards]\ndocumentation = "warn"\n')
    ws = Workspace.open(Home(folder), clock=lambda: NOW)
    store = ws.store
    apply_plan(store, *create(*(full(n) for n in range(ROWS))))
    store.state().rows.expired(NOW)  # what the first write of a process builds once
    idents = list(store.state().rows)
    floor: list[float] = []
    bare: list[float] = []
    whole: list[float] = []
    line = b"x" * len(_last_line(store))
    with (folder / "floor").open("ab", buffering=0) as stream:
        for number in range(ROUNDS):
            floor.append(_seconds(lambda: _append(stream.fileno(), line)))
            held = store.state().rows[idents[number]]
            change = edit(held, note=f"edit {number}")
            bare.append(_seconds(lambda c=change: apply_plan(store, *c)))  # type: ignore[misc]
            held = store.state().rows[idents[-number - 1]]
            fields = Fields(note=f"edit {number}")
            whole.append(_seconds(lambda h=held, f=fields: apply(ws, plan_edit(ws, [h], f).plan)))  # type: ignore[misc]
    ws.close()
    least = median(floor)
    return [
        Figure("append and fsync", least * 1000, "ms"),
        Figure("an edit by the store", median(bare) * 1000, "ms"),
        Figure("an edit by the store / append and fsync", median(bare) / least, "times", 3),
        Figure("an edit by the service", median(whole) * 1000, "ms"),
        Figure("an edit by the service / append and fsync", median(whole) / least, "times", 3),
    ]


def _opening(folder: Path) -> list[Figure]:
    store = TenantStore(folder)
    apply_plan(store, *create(*(full(n) for n in range(ROWS))))
    idents = list(store.state().rows)
    kept = tenant_store.CHECKPOINT_EVERY
    tenant_store.CHECKPOINT_EVERY = ENTRIES * 2  # so that the entries stay behind the checkpoint
    try:
        for number in range(ENTRIES):
            held = store.state().rows[idents[number % ROWS]]
            apply_plan(store, *edit(held, note=f"edit {number}"))
    finally:
        tenant_store.CHECKPOINT_EVERY = kept
    checkpoint, journal = folder / "tenant.json", folder / "journal.jsonl"

    def load() -> None:
        orjson.loads(checkpoint.read_bytes())
        for line in journal.read_bytes().splitlines():
            orjson.loads(line)

    def open_list() -> None:
        if len(TenantStore(folder).state().rows) != ROWS:
            raise AssertionError("rows are missing")

    loads, opens = [], []
    for _ in range(11):
        loads.append(_seconds(load))
        opens.append(_seconds(open_list))
    return [
        Figure("orjson reads list and 10,000 entries", median(loads) * 1000, "ms"),
        Figure("opening them", median(opens) * 1000, "ms"),
        Figure("opening / orjson", median(opens) / median(loads), "times", 2),
    ]


def apply_plan(store: TenantStore, *changes: object) -> None:
    """Apply changes to the list as it is now."""
    state = store.state()
    wanted = plan(changes, serial=state.serial, lineage=state.lineage)  # type: ignore[arg-type]
    store.apply(wanted, limit=LIMIT, now=NOW, actor="bench")


def _last_line(store: TenantStore) -> bytes:
    held = next(iter(store.state().rows.values()))
    apply_plan(store, *edit(held, note="edit 0"))
    return store.journal.path.read_bytes().splitlines(keepends=True)[-1]


def _append(descriptor: int, line: bytes) -> None:
    os.write(descriptor, line)
    os.fsync(descriptor)


def _seconds(act: Callable[[], object]) -> float:
    gc.collect(0)
    began = perf_counter()
    act()
    return perf_counter() - began
