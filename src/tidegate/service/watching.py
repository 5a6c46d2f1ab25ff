"""Sync in the foreground, as containers want it: each feed at its turn, until told to stop.

Owns the loop and what it outlives: a feed that fails, a list that others keep changing or hold.
Refuses to outlive a home that cannot be used, and to answer what a sync at night may not answer.
The home is opened anew for each look, so that a changed config.toml or feed.toml counts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import StalePlan, StoreLocked, TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.due import next_of, shortest
from tidegate.service.pulling import Abandoned, Stop, quiet
from tidegate.service.sync import SyncReport, sync
from tidegate.service.workspace import Workspace
from tidegate.sources.base import Progress

LOOK_SECONDS = 60.0
"""How long it sleeps at most: feeds are switched on meanwhile, clocks are set.

Also what a feed whose turn came and that was not pulled, as another process is at it, waits.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of a watch; `fault` is why it has no report."""

    at: datetime
    report: SyncReport | None
    fault: TidegateError | None = None


def watch(
    opened: Callable[[], AbstractContextManager[Workspace]],
    told: Callable[[Run], None],
    *,
    confirm: Callable[[SyncPlan], bool],
    sleep: Callable[[float], None],
    stop: Stop,
    progress: Progress = quiet,
) -> None:
    """Sync what is due and sleep, again and again; `told` hears of each run. Ends when asked to.

    Raises ConfigError, StoreDamaged and the like: faults of the home, not of a feed.
    """
    while not stop():
        with opened() as ws:
            ws.writable()
            shortest(ws)
            if _seconds(ws) <= 0:
                try:
                    run = _run(ws, confirm, stop, progress)
                except Abandoned:
                    return
                told(run)
            wait = _seconds(ws)
        if not stop():
            sleep(wait if 0 < wait < LOOK_SECONDS else LOOK_SECONDS)


def _run(ws: Workspace, confirm: Callable[[SyncPlan], bool], stop: Stop, progress: Progress) -> Run:
    at = ws.clock()
    try:
        report = sync(ws, due=True, door="watch", confirm=confirm, progress=progress, stop=stop)
        return Run(at, report)
    except (StalePlan, StoreLocked) as fault:
        return Run(at, None, fault)


def _seconds(ws: Workspace) -> float:
    """Seconds until the next turn; not above 0 when it has come."""
    turn = next_of(ws)
    return LOOK_SECONDS if turn is None else (turn.at - ws.clock()).total_seconds()
