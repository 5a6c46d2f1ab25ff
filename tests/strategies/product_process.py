"""A process that works on a home through the service, to be raced and killed. No test in itself.

work HOME                     read seeds from stdin; for each fork a worker that works for ever, say
                              `died` when it was killed
share HOME FIRST ADDS EDITS   add that many rows and count up in the note of the shared one
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import orjson

from driving.homes import DOCUMENTATION, START, FeedFolder, indicator, write_feed
from tidegate.config import Home
from tidegate.errors import StalePlan, TidegateError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.indicators.plan import Change, Row, SyncPlan
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add, plan_edit, plan_remove
from tidegate.service.snapshots import listing, plan_restore
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace
from tidegate.store.records import indicator_record, suppression_record

FEED = "changing"
SHARED = "shared.example.org"
_OBJECTS = 40


def digest(rows: Iterable[Indicator], suppressions: Iterable[Suppression]) -> str:
    """A name for exactly this list."""
    records = [
        *sorted((row.id, indicator_record(row)) for row in rows),
        *sorted((note.id, suppression_record(note)) for note in suppressions),
    ]
    return hashlib.sha256(orjson.dumps(records, option=orjson.OPT_SORT_KEYS)).hexdigest()


def replay(rows: Mapping[str, Row], changes: Iterable[Change[Row]]) -> dict[str, Row]:
    """The rows after these changes."""
    after = dict(rows)
    for change in changes:
        if change.before is not None:
            del after[change.before.id]
        if change.after is not None:
            after[change.after.id] = change.after
    return after


def prepare(home: Path) -> Home:
    """A home with a feed, whose brake lets everything through."""
    made = Home(home)
    made.ensure()
    made.config_file.write_text(
        f"{DOCUMENTATION}\n[brake]\ncount = 10000\npercent = 100\n", "utf-8"
    )
    write_feed(made.feeds_dir / FEED, [indicator(n) for n in range(_OBJECTS)])
    return made


def say(text: str) -> None:
    """Tell the parent, in one write, which no kill can tear."""
    os.write(1, f"{text}\n".encode())


class Worker:
    """Does whatever people and cron do, announcing each change and acknowledging it."""

    def __init__(self, home: Path, seed: int) -> None:
        self._ws = Workspace.open(Home(home), clock=lambda: START)
        self._dice = random.Random(seed)  # noqa: S311 - a choice of work, no secret
        self._seed = seed
        self._done = 0

    def work(self) -> None:
        """Work until somebody ends it."""
        jobs = {
            self._add: 4,
            self._edit: 4,
            self._bulk: 3,
            self._remove: 1,
            self._restore: 1,
            self._sync: 3,
            self._undo: 3,
        }
        while True:
            self._done += 1
            job = self._dice.choices(list(jobs), weights=list(jobs.values()))[0]
            try:
                job()
            except TidegateError as refused:
                say(f"refused {refused.message}")

    def _announce(self, plan: SyncPlan) -> bool:
        state = self._ws.store.state()
        rows = replay(state.rows, plan.changes)
        notes = replay(state.suppressions, plan.suppressions)
        say(f"going {state.serial + (not plan.empty)} {digest(rows.values(), notes.values())}")
        return True

    def _acknowledge(self) -> None:
        state = self._ws.store.state()
        say(f"done {state.serial} {digest(state.rows.values(), state.suppressions.values())}")

    def _apply(self, plan: SyncPlan) -> None:
        self._announce(plan)
        apply(self._ws, plan)
        self._acknowledge()

    def _some(self, number: int) -> list[Indicator]:
        rows = sorted(self._ws.store.state().rows.values(), key=lambda row: row.id)
        return self._dice.sample(rows, min(number, len(rows)))

    def _add(self) -> None:
        values = [f"w{self._dice.randrange(500)}.example.org" for _ in range(3)]
        self._apply(plan_add(self._ws, values, Fields(title=self._name())).plan)

    def _edit(self) -> None:
        self._apply(plan_edit(self._ws, self._some(1), Fields(note=self._name())).plan)

    def _bulk(self) -> None:
        severity = self._dice.choice(list(Severity))
        fields = Fields(severity=severity, title=self._name())
        self._apply(plan_edit(self._ws, self._some(60), fields).plan)

    def _remove(self) -> None:
        self._apply(plan_remove(self._ws, self._some(3)).plan)

    def _restore(self) -> None:
        snapshots = listing(self._ws)
        if snapshots:
            self._apply(plan_restore(self._ws, self._dice.choice(snapshots).id).plan)

    def _sync(self) -> None:
        numbers = self._dice.sample(range(_OBJECTS * 2), _OBJECTS)
        objects = [indicator(n, name=self._name()) for n in numbers]
        FeedFolder(self._ws.home.feeds_dir / FEED).publish(objects, START)
        sync(self._ws, confirm=self._announce)
        self._acknowledge()

    def _undo(self) -> None:
        self._apply(plan_undo(self._ws))

    def _name(self) -> str:
        return f"{self._seed}-{self._done}"


def work(home: Path) -> None:
    """Fork a worker for each seed; forks are there at once, without their imports."""
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            say(f"worker {os.getpid()}")
            Worker(home, int(line)).work()
        os.waitpid(child, 0)
        say("died")


def insist(ws: Workspace, make: Callable[[], SyncPlan]) -> None:
    """Plan and apply, and do so again when somebody else was quicker."""
    while True:
        try:
            apply(ws, make())
        except StalePlan:
            continue
        return


def share(home: Path, first: int, adds: int, edits: int) -> None:
    """Add rows of our own between edits of the row that all share."""
    ws = Workspace.open(Home(home))
    ws.guards.check(IndicatorType.DOMAIN_NAME, SHARED, Action.ALERT_ONLY)  # read their tables now
    say("ready")
    sys.stdin.readline()

    def counted_up() -> SyncPlan:
        seen = next(row for row in ws.store.state().rows.values() if row.value == SHARED)
        # Refused when the note is no longer the one that was read: nobody's count is lost.
        return plan_edit(ws, [seen], Fields(note=str(int(seen.note) + 1))).plan

    for n in range(adds):
        value = f"h{first + n}.example.com"
        insist(ws, lambda value=value: plan_add(ws, [value], Fields(title="raced")).plan)  # type: ignore[misc] # a lambda's default has no place for a type
        for _ in range((n + 1) * edits // adds - n * edits // adds):
            insist(ws, counted_up)
    say("finished")


if __name__ == "__main__":
    verb, where, *numbers = sys.argv[1:]
    verbs: dict[str, Callable[..., None]] = {"work": work, "share": share}
    verbs[verb](Path(where), *map(int, numbers))
