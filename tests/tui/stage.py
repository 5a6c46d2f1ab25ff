"""A stage for the screens: a tenant in memory, a fixed clock, and a way to press keys.

The stand-in plans like the service does, in miniature, so that screens can be tested on hostile
rows that the real doors would never let in.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from driving.homes import DOCUMENTATION, in_home, indicator, write_feed
from tidegate.config import Home
from tidegate.errors import TidegateError, UsageError
from tidegate.indicators.indicator import Indicator, RowKey, row_id
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, Op, SyncPlan, inverted
from tidegate.service.apply import Applied, apply
from tidegate.service.edit import Fields, plan_add, plan_edit
from tidegate.service.groups import KnownGroups
from tidegate.service.layouts import Layout
from tidegate.service.look import find
from tidegate.service.preview import Line, Preview
from tidegate.service.quota import Quota
from tidegate.service.story import WhyStep, WhyTrace
from tidegate.service.sync import gather, sync
from tidegate.service.undo import plan_undo
from tidegate.service.views import View, ViewEntry, check_name
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.store.entry import Entry
from tidegate.tui.app import TidegateApp
from tidegate.tui.desks import Desks
from tidegate.tui.gate import Gate, Looks, WorkspaceGate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

KINDS = (
    (IndicatorType.IP_ADDRESS, "198.51.100.{0}"),
    (IndicatorType.DOMAIN_NAME, "host{0}.example.com"),
    (IndicatorType.URL, "https://host{0}.example.net/a"),
    (IndicatorType.FILE_SHA256, "{0:064x}"),
)


def make_row(number: int, **changes: object) -> Indicator:
    """One plausible row, different for every number."""
    kind, shape = KINDS[number % len(KINDS)]
    value = shape.format(number)
    row = Indicator(
        id=row_id(RowKey(kind, value, ())),
        type=kind,
        value=value,
        action=Action.ALERT_AND_BLOCK if number % 3 else Action.ALERT_ONLY,
        severity=list(Severity)[number % 4],
        title=f"Wave {number}",
        created=NOW - timedelta(days=3),
        updated=NOW - timedelta(hours=number % 50),
        origin=Origin.FEED,
        description="seen in a campaign",
        expires=NOW + timedelta(days=number % 40 + 1) if number % 5 else None,
        feeds=("acme-c2" if number % 2 else "noisy",),
        confidence=number % 100,
        rank=number + 1,
    )
    return dataclasses.replace(row, **changes)  # type: ignore[arg-type]  # test data


class FakeLooks:
    """Layout and views in memory; give it to a second gate, and that one is the next session."""

    note = ""

    def __init__(self) -> None:
        self.layout = Layout()
        self.saved: dict[str, View] = {}

    def keep(self, **changes: object) -> None:
        self.layout = dataclasses.replace(self.layout, **changes)  # type: ignore[arg-type]  # Layout's own names

    def views(self) -> list[ViewEntry]:
        return [ViewEntry(name, view) for name, view in sorted(self.saved.items())]

    def view(self, name: str) -> View:
        if name not in self.saved:
            raise UsageError(f"no view is called {name}")
        return self.saved[name]

    def check_name(self, name: str) -> None:
        check_name(name)

    def save(self, view: View) -> bool:
        again = view.name in self.saved
        self.saved[view.name] = view
        return again

    def delete(self, name: str) -> None:
        self.view(name)
        del self.saved[name]


class FakeGate:
    """The gate of a tenant that lives in a list."""

    tenant = "contoso"
    actor = "ana"
    dialect = Dialect.TODAY

    def __init__(self, rows: Sequence[Indicator] = (), *, read_only: bool = False) -> None:
        self.held = {row.id: row for row in rows}
        self.read_only = read_only
        self.stirred = False
        self.journal: list[SyncPlan] = []
        self.taken_back: list[SyncPlan] = []
        self.author = self.actor
        self.strange: set[int] = set()
        self.known = KnownGroups()
        self.broken: TidegateError | None = None
        self.asked: list[str] = []
        self.others: Desks | None = None
        self.looks: Looks = FakeLooks()

    def now(self) -> datetime:
        return NOW

    @property
    def desks(self) -> Desks:
        assert self.others is not None, "this scene has no other modes"
        return self.others

    def serial(self) -> int:
        return len(self.journal) + len(self.taken_back)

    def rows(self) -> tuple[Indicator, ...]:
        self.stirred = False
        return tuple(self.held.values())

    def quota(self) -> Quota:
        used = len(self.held)
        return Quota(15_000, used, 0, 0, 0, 15_000 - used, 0, {"noisy": used}, 0, None)

    def changed(self) -> bool:
        return self.stirred

    def explain(self, value: str) -> WhyTrace:
        self.asked.append(value)
        row = self.held[value]
        steps = (WhyStep("ok", "feed", f"{row.title} says so"), WhyStep("no", "score", row.value))
        return WhyTrace(row.value, row.type, present=True, headline="IN THE TENANT", steps=steps)

    def _plan(self, door: str, changes: Sequence[Change[Indicator]]) -> SyncPlan:
        return SyncPlan("fake", len(self.journal), door, f"{door} by hand", tuple(changes))

    def plan_add(self, values: Sequence[str], fields: Fields) -> Preview:
        changes, lines = [], []
        for number, text in enumerate(values, 1):
            if "bad" in text:
                lines.append(Line(text, None, "", "refused", f"no value: {text}", number))
                continue
            row = dataclasses.replace(
                make_row(1),
                id=row_id(RowKey(IndicatorType.DOMAIN_NAME, text, ())),
                type=IndicatorType.DOMAIN_NAME,
                value=text,
                **fields.given(),  # type: ignore[arg-type]  # Fields' own names
            )
            if row.id in self.held:
                lines.append(Line(text, row.type, text, "duplicate", "held already", number))
            else:
                changes.append(Change(None, row, "add"))
                lines.append(Line(text, row.type, text, "add", "", number, ("documentation",)))
        return Preview(self._plan("add", changes), tuple(lines))

    def plan_paste(self, text: str, fields: Fields) -> Preview:
        return self.plan_add(text.split(), fields)

    def plan_edit(self, rows: Sequence[Indicator], fields: Fields) -> Preview:
        if not fields.given():
            raise UsageError("nothing to change")
        changes, lines = [], []
        for row in rows:
            after = dataclasses.replace(row, **fields.given())  # type: ignore[arg-type]  # Fields' own names
            if after.action is Action.WARN:
                lines.append(Line(row.value, row.type, row.value, "refused", "no Warn here"))
                continue
            changes.append(Change(row, after, "edit"))
            lines.append(Line(row.value, row.type, row.value, "update", "some fields"))
        return Preview(self._plan("edit", changes), tuple(lines))

    def plan_remove(self, rows: Sequence[Indicator]) -> Preview:
        lines = tuple(Line(row.value, row.type, row.value, "remove") for row in rows)
        return Preview(self._plan("remove", [Change(row, None, "remove") for row in rows]), lines)

    def plan_undo(self) -> SyncPlan:
        if not self.journal:
            raise UsageError("nothing to undo", "`tidegate history` shows what happened")
        last = self.journal[-1]
        return dataclasses.replace(
            last,
            door="undo",
            reason=f"undo of change {len(self.journal)}: {last.reason}",
            changes=inverted(last.changes, "undo"),
            undoes=len(self.journal),
        )

    def plan_redo(self) -> SyncPlan:
        if not self.taken_back:
            raise UsageError("nothing to redo", "`tidegate history` shows what happened")
        last = self.taken_back[-1]
        number = len(self.journal) + 1
        reason = f"redo of change {number}: {last.reason}"
        return dataclasses.replace(last, door="redo", reason=reason, undoes=-number)

    def step(self, serial: int) -> Entry:
        if serial < 0:  # the undo of that change
            plan = self.taken_back[-1]
            reason = f"undo of change {-serial}: {plan.reason}"
            changes = inverted(plan.changes, "undo")
            return Entry(99, NOW, self.author, "undo", reason, changes, undoes=-serial)
        plan = self.journal[serial - 1]
        return Entry(serial, NOW, self.author, plan.door, plan.reason, plan.changes)

    def plan_document(self, rows: Sequence[Indicator], text: str) -> Preview | None:
        raise UsageError(f"no text for {len(rows)} rows here: {len(text)}")

    def groups(self) -> KnownGroups:
        return self.known

    def outdated(self) -> bool:
        return False

    def made_here(self, serial: int) -> bool:
        return serial not in self.strange

    def apply(self, plan: SyncPlan) -> Applied:
        if self.broken is not None:
            raise self.broken
        self.stirred = True
        for change in plan.changes:
            if change.before is not None:
                self.held.pop(change.before.id, None)
            if change.after is not None:
                self.held[change.after.id] = change.after
        if plan.door == "undo":
            self.taken_back.append(self.journal.pop())
        elif plan.door == "redo":
            self.journal.append(self.taken_back.pop())
        else:
            self.journal.append(plan)
        counts = (plan.count(Op.CREATE), plan.count(Op.UPDATE), plan.count(Op.REMOVE))
        return Applied(len(self.journal), *counts)


Scene = Callable[[TidegateApp, Pilot[int]], Awaitable[None]]


def play(gate: Gate, scene: Scene, size: tuple[int, int] = (80, 24)) -> TidegateApp:
    """Run the app without a terminal, toasts and tooltips included, through one scene."""
    app = TidegateApp(gate)

    async def run() -> None:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            await pilot.pause()
            await scene(app, pilot)

    asyncio.run(run())
    return app


async def type_text(pilot: Pilot[int], text: str) -> None:
    """Type a text the way a person does, one key at a time."""
    names = {" ": "space", ":": "colon", "-": "minus", ".": "full_stop", "<": "less_than_sign"}
    await pilot.press(*(names.get(char, char) for char in text))
    await pilot.pause()


def screen_text(app: TidegateApp) -> str:
    """What the terminal would show now, as plain lines."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines)


def toasts(app: TidegateApp) -> list[str]:
    """Messages of all toasts, oldest first."""
    return [notice.message for notice in app._notifications]


def worked_home(folder: Path) -> None:
    """A home in which somebody worked: a feed, a sync, edits that differ from it, an undo.

    Changes 1 to 5: a sync of four names, one made Low, one made Alert only, one added, an undo.
    """
    home = Home(folder)
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    said = [*(indicator(number) for number in range(1, 5)), indicator(9, "[broken")]
    feed = write_feed(folder.parent / "acme-c2", said, title="Acme C2")
    ws = opened(folder)
    ws.catalogue.add(feed.folder)
    published = ws.catalogue.get("acme-c2").folder / "feed.bundle.json"
    os.utime(published, (NOW.timestamp(), NOW.timestamp()))
    sync(ws, ["acme-c2"])
    for value, fields in (
        ("h1.example.com", Fields(severity=Severity.LOW)),
        ("h2.example.com", Fields(action=Action.ALERT_ONLY)),
    ):
        apply(ws, plan_edit(ws, [find(ws, value)], fields).plan)
    apply(ws, plan_add(ws, ["192.0.2.77"], Fields(), None).plan)
    apply(ws, plan_undo(ws))
    ws.close()


def heard(made: Path, folder: Path) -> Path:
    """A copy of that home whose feed has said something new since: nothing of it is applied.

    Two names come, one changes its title and two are gone, which the brake holds.
    """
    home = folder / "heard"
    shutil.copytree(made, home, copy_function=shutil.copy2)
    said = [indicator(3), indicator(4, name="Renamed"), indicator(5), indicator(6)]
    in_home(home, "acme-c2").publish(said, NOW)
    ws = opened(home)
    gather(ws, active_feeds(ws))
    ws.close()
    return home


def opened(folder: Path, *, read_only: bool = False) -> Workspace:
    """The workspace of a home, at NOW."""
    ws = Workspace.open(Home(folder), "contoso", clock=lambda: NOW, read_only=read_only)
    ws.actor = "ana"
    return ws


def gate_of(folder: Path, *, read_only: bool = False, remembering: bool = False) -> WorkspaceGate:
    """The gate of a home, at NOW; where it is not `remembering`, no layout is left in the home."""
    gate = WorkspaceGate(opened(folder, read_only=read_only))
    if not remembering:
        gate.looks = FakeLooks()
    return gate


async def until(pilot: Pilot[int], done: Callable[[], bool]) -> None:
    """Wait for work in the background, not longer than ten seconds."""
    for _ in range(200):
        if done():
            break
        await pilot.pause(0.05)
    assert done()
    await pilot.pause()


async def reading_done(app: TidegateApp, pilot: Pilot[int]) -> None:
    """Wait until what is read in threads is shown."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
