"""Hostile text on the sinks of every mode: tables, panes, sheets, questions, toasts, the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tidegate.allocation.allocate import Allocation, Line
from tidegate.allocation.part import Late
from tidegate.engines.verdict import Alert, Engine, Verdict, Word
from tidegate.errors import UsageError
from tidegate.export.delta import Step as Turn
from tidegate.export.delta import Version
from tidegate.export.eligible import Withheld
from tidegate.feed import Then
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.runs import FeedRun, Run
from tidegate.mapping.policy_lint import Finding
from tidegate.partner import Delivery, Document, FileDelivery, Manifest, Partner, Shipment
from tidegate.partner.sent import Bundle
from tidegate.partner.sent import Entry as SentEntry
from tidegate.service.accepting import Accepted
from tidegate.service.apply import Applied
from tidegate.service.bench import Answer
from tidegate.service.cases import Replayed
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.disputes import Dispute, Group, Side
from tidegate.service.feeds import FeedView
from tidegate.service.foreseeing import Foreseen
from tidegate.service.freshness import Freshness
from tidegate.service.held import Approved
from tidegate.service.history import Head, Step, Wanted
from tidegate.service.outlook import Day, FeedShare, Outlook, Place
from tidegate.service.partnering import Outcome as Delivered
from tidegate.service.partnering import Prepared
from tidegate.service.planning import Evaluation
from tidegate.service.quota import Quota
from tidegate.service.reporting import ReportCard
from tidegate.service.resolving import Choice, Resolution, Resolved
from tidegate.service.reversal import Reversal
from tidegate.service.ruling import Rulings
from tidegate.service.runs import InFeed
from tidegate.service.story import WhyStep, WhyTrace
from tidegate.service.supposing import Outcome
from tidegate.service.trail import Span
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.tui.app import TidegateApp
from tidegate.tui.desks import Desks
from tidegate.tui.desks.bench import BenchDesk
from tidegate.tui.desks.conflicts import ConflictDesk
from tidegate.tui.desks.feeds import Dossier, FeedDesk
from tidegate.tui.desks.journal import JournalDesk
from tidegate.tui.desks.partners import PartnerDesk, PartnerView, Showing
from tidegate.tui.desks.quota import Account, QuotaDesk
from tidegate.tui.desks.review import ReviewDesk
from tidegate.tui.job import Job
from tidegate.tui.screens.bench import BenchScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.question import Question
from tui.stage import NOW, FakeGate, make_row, play, reading_done, until
from tui.test_hostile import GROUPS, PAYLOADS, hostile_row, nothing_unprintable

TEXTS = (*GROUPS, *PAYLOADS)
NOBODY = cast("Workspace", None)


def change_of(text: str) -> Change[Indicator]:
    row = hostile_row(1, text)
    return Change(row, hostile_row(2, text + text), text)


class HostileJournal(JournalDesk):
    def heads(self, _filter_text: str, _wanted: Wanted) -> tuple[tuple[Head, ...], int]:
        found = [
            Head(Entry(number, NOW, text, text, text), Counter({Op.CREATE: number}), None, None)
            for number, text in enumerate(TEXTS, 1)
        ]
        return tuple(found), len(found)

    def step(self, serial: int) -> Step:
        text = TEXTS[serial - 1]
        step = Step({}, None)
        step.__dict__["entry"] = Entry(serial, NOW, text, text, text, (change_of(text),))
        return step

    def plan_undo(self, _span: Span) -> tuple[Reversal, ...]:
        text = GROUPS[0]
        entry = Entry(1, NOW, text, text, text, (change_of(text),))
        return (Reversal(SyncPlan("x", 1, "undo", text, (change_of(text),), undoes=1), entry),)

    def carry_out(self, _found: tuple[Reversal, ...]) -> tuple[Applied, ...]:
        raise UsageError(GROUPS[1], GROUPS[0])


class HostileConflicts(ConflictDesk):
    def found(self, _filter_text: str, *, settled: bool) -> tuple[Dispute, ...]:
        standing = Standing.SETTLED if settled else Standing.OPEN
        found = []
        for number, text in enumerate(TEXTS):
            row = hostile_row(1, text)
            sides = (Side(row, text, listed=True), Side(row, text, listed=False))
            conflict = Conflict(
                str(number), "field", row, text, text, (text, text), (text,), standing
            )
            found += [
                Dispute(f"{number}", Group.ALLOW, row, sides, text, standing, conflict),
                Dispute(f"{number}.overlap", Group.ALLOW, row, sides, text, standing),
            ]
        return tuple(found)

    def plan(self, found: Sequence[Conflict], choice: Choice) -> Resolution:
        lines = tuple(Resolved(it, "refused", str(it.mine)) for it in found)
        rulings = Rulings(NOBODY)
        then = Then(action=Action.ALERT_ONLY, severity=Severity.LOW)
        rulings.by_feed = {GROUPS[0]: [((GROUPS[1],), then)]}
        return Resolution(SyncPlan("x", 1, choice.value, GROUPS[0]), lines, rulings)


class HostileBench(BenchDesk):
    def ask(self, _text: str, _plan: SyncPlan | None = None) -> list[Answer]:
        return [
            Answer(text, _verdicts(text), {"x": text}, text, text, notes=(text,))
            if number % 5
            else Answer(text, fault=text)
            for number, text in enumerate(TEXTS, 1)
        ]

    def replay(self) -> list[Replayed]:
        facts: dict[str, Any] = {
            engine.value: {
                "verdict": GROUPS[0],
                "value": GROUPS[1],
                "alert": {"title": GROUPS[0], "severity": GROUPS[1]},
            }
            for engine in Engine
        }
        return [Replayed(text, {}, facts, {engine: {} for engine in facts}, _verdicts(text))
                for text in TEXTS]  # fmt: skip

    def save(self, name: str, _record: object, _finding: str) -> bool:
        raise UsageError(name + GROUPS[0], GROUPS[1])


def _verdicts(text: str) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(text, engine, word, True, Alert(text, Severity.LOW), hostile_row(1, text), text)
        for engine, word in zip(Engine, (Word.ALERTED, Word.BLOCKED, Word.NO_MATCH), strict=True)
    )


class HostileFeeds(FeedDesk):
    def mark(self) -> tuple[object, ...]:
        return ()

    def overview(self) -> tuple[FeedView, ...]:
        return tuple(_view(str(number), text) for number, text in enumerate(TEXTS))

    def dossier(self, ident: str) -> Dossier:
        text = TEXTS[int(ident)]
        feed = FeedRun(ident, 1, 1, 1, 1, text, text)
        return Dossier(
            _view(ident, text),
            None,
            (Finding(text, (text,), text),),
            {text: 3},
            (InFeed(Run(1, NOW, text, text), feed),),
            ((text, 4, text),),
        )

    def enable(self, _ident: str) -> str:
        raise UsageError(GROUPS[0], GROUPS[1])

    def rewind(self, _ident: str, _to: datetime | None) -> str:
        return GROUPS[1]

    def check(self, _ident: str) -> Iterator[tuple[str, bool, str]]:
        yield from ((text, bool(number % 2), text) for number, text in enumerate(TEXTS))

    def sync(self, _ids: object, confirm: Any, progress: Any, _stop: object) -> Any:  # noqa: ANN401 - as wide as it is hostile
        progress(GROUPS[0])
        confirm(
            SyncPlan(
                "x", 1, "sync", GROUPS[0], (change_of(GROUPS[0]), change_of(GROUPS[1])),
                held=(change_of(GROUPS[0]),), held_reason=GROUPS[1],
            )
        )  # fmt: skip
        raise UsageError(GROUPS[1], GROUPS[0])


def _view(ident: str, text: str) -> FeedView:
    health = FeedState(ident, error=text, last_success=NOW, objects=3)
    fresh = Freshness(text, None, None, 0.5)
    return FeedView(
        ident, text, "on", text, 5, text, text, Path("/x") / ident, health, fresh, {text: 1}
    )


class HostileQuota(QuotaDesk):
    def account(self) -> Account:
        counts = Quota(9, 9, 1, 1, 1, 0, 4, {}, 1, 1.5)
        shares = tuple(FeedShare(text, 1, 2, 3, 4) for text in TEXTS)
        place = Place(GROUPS[0], IndicatorType.URL, 1.0, GROUPS[1])
        card = ReportCard(
            GROUPS[0], 1, 2, 3, 0.5, {GROUPS[1]: 1}, 1, 1, {GROUPS[1]: 5}, 0.1, NOW, NOW, 4
        )
        days = (Day(NOW.date(), 2, 1, TEXTS),)
        return Account(counts, Outlook(shares, place, place, days), dict.fromkeys(TEXTS, card))

    def suppose(self, _supposed: object, progress: Callable[[str], None]) -> Outcome:
        progress(GROUPS[0])
        rows = tuple(hostile_row(number, text) for number, text in enumerate(TEXTS))
        return Outcome(1, 1, {}, dict.fromkeys(TEXTS, 1), rows, rows, 1, None, 1)


class HostileReview(ReviewDesk):
    def plan(self, progress: Callable[[str], None]) -> Evaluation:
        progress(GROUPS[0])
        changes = tuple(
            Change(None if number % 2 else hostile_row(number, text * 2), row, text)
            for number, text in enumerate(TEXTS)
            for row in [replace(hostile_row(number, text), id=str(number), feeds=(text,))]
        )
        plan = SyncPlan("x", 0, "sync", GROUPS[0], changes, held=changes, held_reason=GROUPS[1])
        nobody = Line(0, lambda: ((), 0))
        return Evaluation((), plan, Allocation((), nobody, None, {}), notes=(GROUPS[0],))

    def reject(self, _rows: object, reason: str, _until: object) -> SyncPlan:
        raise UsageError(reason, GROUPS[1])

    def approve(self, _plan: object, feed: str | None) -> Approved:
        raise UsageError(feed or GROUPS[0], GROUPS[1])

    def foresee(self, plan: SyncPlan, _pasted: str) -> list[Foreseen]:
        rows = tuple(change.row.id for change in plan.changes)
        found = []
        for number, text in enumerate(TEXTS):
            row = hostile_row(number, text)
            alert = Alert(text, Severity.HIGH)
            before, after = (
                tuple(Verdict(text, it, word, True, alert, row, text) for it in Engine)
                for word in (Word.ALERTED, Word.BLOCKED)
            )
            found.append(Foreseen(text, before, after, tuple(Engine), rows[number : number + 1]))
        return found

    def part(self, plan: SyncPlan, names: Collection[str]) -> Accepted:
        late = tuple(Late(c, GROUPS[0], plan.changes[:2]) for c in plan.changes[:-3])
        go = replace(plan, changes=plan.changes[-3:] if names else ())
        return Accepted(go, late, plan.changes[:1])

    def apply(self, _found: Evaluation, _names: Collection[str] | None) -> tuple[Applied, str]:
        raise UsageError(GROUPS[0], GROUPS[1])


class HostilePartners(PartnerDesk):
    def overview(self) -> tuple[PartnerView, ...]:
        return tuple(
            PartnerView(
                str(number), _partner(text), number, (_bundle(text), _bundle(text)),
                text if number % 3 == 1 else "",
            )
            for number, text in enumerate(TEXTS)
        )  # fmt: skip

    def folder(self) -> str:
        return GROUPS[0]

    def show(self, ident: str, *, full: bool) -> Showing:
        text = TEXTS[int(ident)]
        rows = tuple(hostile_row(number, text) for number, text in enumerate(TEXTS))
        versions = tuple(
            Version(
                step, {"type": "indicator"},
                SentEntry(f"indicator--{n}", f"Url\n{text}", text, text, text, {}), row,
            )
            for n, (text, row) in enumerate(zip(TEXTS, rows, strict=True))
            for step in (Turn.NEW, Turn.CHANGED, Turn.WITHDRAWN)
        )  # fmt: skip
        manifest = Manifest(text, 1, text, NOW, text, 3, full, {"objects": 3})
        document = Document(".json", b"{}")
        stays = tuple(Withheld(row, row.title, row.title) for row in rows)
        prepared = Prepared(
            _partner(text), Shipment(_partner(text), (), frozenset(), manifest, (document,)),
            versions, (), stays,
            dict.fromkeys((v.entry.id for v in versions), text), 3, 3,
        )  # fmt: skip
        return Showing(prepared, _bundle(text), much=True)

    def check(self, _ident: str) -> str:
        raise UsageError(GROUPS[0], GROUPS[1])

    def send(self, shown: Prepared, progress: Any, told: Any, _stop: object) -> Any:  # noqa: ANN401 - as wide as it is hostile
        progress(1, 2)
        told(GROUPS[0])
        failed = {text: text for text in TEXTS}
        return Delivered(shown, Delivery(frozenset(), GROUPS[1], failed, note=GROUPS[0]))


def _partner(text: str) -> Partner:
    """A profile whose own checks would never let the text in."""
    way = FileDelivery(kind="file", path="x").model_copy(update={"path": text})
    honest = Partner(id="x", title="x", tlp_max="green", identity="x", delivery=way)
    return honest.model_copy(
        update={"id": text, "title": text, "filter": text, "tlp_max": text, "mask": (text,)}
    )


def _bundle(text: str) -> Bundle:
    return Bundle(1, text, text, NOW, 1, 1, text)


class HostileGate(FakeGate):
    def explain(self, value: str) -> WhyTrace:
        steps = tuple(WhyStep("ok", text, text) for text in TEXTS)
        return WhyTrace(value, None, present=False, headline=GROUPS[0], steps=steps)


def hostile_gate() -> HostileGate:
    gate = HostileGate([make_row(1)])
    gate.tenant = GROUPS[0]
    gate.others = desks = Desks(NOBODY)
    desks.journal, desks.conflicts = HostileJournal(NOBODY), HostileConflicts(NOBODY)
    desks.bench, desks.feeds = HostileBench(NOBODY), HostileFeeds(NOBODY)
    desks.quota, desks.review = HostileQuota(NOBODY), HostileReview(NOBODY)
    desks.partners = HostilePartners(NOBODY)
    return gate


WALKED = (0, 1, *range(2, len(TEXTS), 7))
"""Rows that the cursor stands on: all payloads in two texts, then some by themselves."""

WIDE = 100


class Looking:
    """Presses keys and looks at the screen after each."""

    def __init__(self, app: TidegateApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.wide = app.size.width > WIDE
        """Sheets are as they are at 80 columns; what is new at 160 is the pane."""

    async def __call__(self, *keys: str, pause: float = 0.0) -> None:
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause(pause)
        nothing_unprintable(self.app)

    async def walk(self) -> None:
        table = self.app.screen.query_one("#table", Grid)
        for place in WALKED:
            table.move_to(place)
            await self()
        table.move_to(0)

    async def fill(self, name: str, text: str) -> None:
        self.app.screen.query_one(name, SafeInput).value = text
        await self()


async def history(look: Looking) -> None:
    await look("7")
    await reading_done(look.app, look.pilot)
    await look.walk()
    if look.wide:
        return
    await look("enter")
    await reading_done(look.app, look.pilot)
    await look("escape", "u")
    await look("y")


async def conflicts(look: Looking) -> None:
    await look("4")
    await look.walk()
    if look.wide:
        return
    await look("enter")
    await look("escape", "p")
    await look("escape", "space", "r")
    await look("n", "M", "colon")
    await look.fill("#command", "why " + GROUPS[1])
    await look("enter")
    await look("escape")


async def feeds(look: Looking) -> None:
    app = look.app
    await look("6", pause=0.3)
    await look.walk()
    if look.wide:
        return
    await look("e")
    await look("enter")
    await look("escape", "c", pause=0.2)
    await look("escape", "s")
    await until(look.pilot, lambda: app.job is not None and app.job.plan is not None)
    await look("p", pause=0.2)
    await look("A")
    await look("y")
    await until(look.pilot, lambda: app.job is None)
    await look("6")
    await look("L")
    await look("escape")


async def partners(look: Looking) -> None:
    app = look.app
    await look("1", "P", pause=0.2)
    table = app.screen.query_one("#partners", Grid)
    for place in WALKED:
        table.move_to(place)
        await look()
    if look.wide:
        await look("escape")
        return
    table.move_to(0)
    await look("c", pause=0.2)
    await look("enter")
    await reading_done(app, look.pilot)
    await look("pagedown", "end", "f")
    await reading_done(app, look.pilot)
    await look("s")
    await look("y")
    await until(look.pilot, lambda: app.job is None)
    await look("L")
    await look("escape", "escape")
    await look("colon")
    await look.fill("#command", "partners " + GROUPS[1])
    await look("enter", pause=0.2)
    await look("escape")


async def review(look: Looking) -> None:
    await look("2")
    await reading_done(look.app, look.pilot)
    await look.walk()
    if look.wide:
        return
    await look("enter")
    await look("escape", "j", "w")
    await look("escape", "asterisk", "r")
    await look.fill("#field-until", GROUPS[0])
    await look.fill("#field-until", "never")
    await look.fill("#field-reason", GROUPS[0])
    await look("enter")
    await look("G", "h")
    await look("y")
    await reading_done(look.app, look.pilot)
    await look("e")
    await look("escape", "g", "+", "n", "-", "A")
    await look("y")
    await until(look.pilot, lambda: look.app.job is None)
    await reading_done(look.app, look.pilot)


async def quota(look: Looking) -> None:
    await look("3")
    await reading_done(look.app, look.pilot)
    await look.walk()
    if look.wide:
        return
    await look("enter")
    await look("escape", "t")
    for text in GROUPS:
        await look.fill("#field-floor", text)
    await look("enter")
    await look.fill("#field-floor", "")
    await look.fill("#field-limit", "5")
    await look("enter")
    await reading_done(look.app, look.pilot)
    await look("end")
    await look("escape")


async def bench(look: Looking) -> None:
    await look("5")
    assert isinstance(look.app.screen, BenchScreen)
    for text in (*GROUPS, "\n".join(PAYLOADS)):
        look.app.screen.query_one(Question).load_text(text)
        await look()
    await look("enter")
    await look.walk()
    if look.wide:
        return
    await look("enter")
    await look("escape", "s")
    await look.fill("#prompt", GROUPS[0])
    await look("enter")  # which is refused, and said in the sheet
    await look("escape", "c")
    await look.walk()
    look.app.job = Job(GROUPS[0], GROUPS[1])
    look.app.screen.follow()
    await look()
    look.app.job = None


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_every_mode_shows_every_payload_inert(size: tuple[int, int]) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for visit in (history, conflicts, review, feeds, quota, partners, bench):
            await visit(Looking(app, pilot))
        assert len(app.said) > 5 or size != (80, 24)
        assert all(said.text.isprintable() for said in app.said)
        assert app.is_running

    play(hostile_gate(), scene, size)
