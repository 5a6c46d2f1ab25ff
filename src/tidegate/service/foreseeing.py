"""Which events the engines would judge otherwise under a plan, and which of its rows do that.

Owns the two lists, the one that is and the one that a plan would leave, and when a verdict is
another one: as for saved cases, in what the engine does, whether it remediates, the alert, or the
row that decides. What the brake withholds counts as approved. Refuses to say whether a change is
good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tidegate.engines.event import Event
from tidegate.engines.precedence import applies
from tidegate.engines.sieve import Sieve
from tidegate.engines.verdict import Engine, Verdict
from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.cases import differing, kept
from tidegate.service.judging import ALL, DEFAULT_FINDING, court, event_of, setting
from tidegate.service.matching import Counts, every_event
from tidegate.service.pulling import Abandoned, Stop, never
from tidegate.service.questions import questions
from tidegate.service.workspace import Workspace
from tidegate.sources.event_record import Reader

Verdicts = tuple[Verdict, ...]

KEPT = 2_000
"""Events that are kept of a file."""


class Given(NamedTuple):
    """An event to ask about. `label` is what it is called, not made safe to show."""

    label: str
    record: Mapping[str, Any]
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What engines say of an event now, and what they would say.

    `changed` are the engines that would say something else. `rows` are the ids of the rows of the
    plan that decide for those, or else that the event meets.
    """

    label: str
    before: Verdicts
    after: Verdicts
    changed: tuple[Engine, ...] = ()
    rows: tuple[str, ...] = ()


class Foresight:
    """A list and a plan, made ready for events."""

    def __init__(
        self,
        ws: Workspace,
        plan: SyncPlan,
        engines: Sequence[Engine] = ALL,
        finding: str = DEFAULT_FINDING,
    ) -> None:
        changes = (*plan.changes, *plan.held)
        self.rows = {row.id: row for c in changes for row in (c.before, c.after) if row is not None}
        """The rows of the plan by id, as they will be, or as they were when they leave."""
        listed = {row.id: row for row in ws.store.active(ws.clock())}
        self.now = court(ws, listed.values(), engines=engines, finding=finding)
        self.then = court(ws, left_by(listed, changes), engines=engines, finding=finding)

    def met(self, event: Event) -> dict[str, Indicator]:
        """The rows of the plan that an event meets, in their scope and at its time, by id."""
        return {
            row.id: row
            for each in (self.now, self.then)
            for _, row in each.matcher.matches(event)
            if row.id in self.rows and applies(row, event.group, event.at)
        }

    def look(self, event: Event, label: str = "", finding: str = "") -> Foreseen:
        """What would become of an event; without `rows` where no row of the plan meets it."""
        before, met = self.now.judge(event, finding), self.met(event)
        if not met:
            return Foreseen(label, before, before)
        after = self.then.judge(event, finding)
        changed = differing(before, after)
        decide = {
            verdict.indicator.id
            for verdict in (*before, *after)
            if verdict.engine in changed and verdict.indicator is not None
        }
        return Foreseen(label, before, after, changed, tuple(sorted(decide & met.keys() or met)))


def left_by(
    listed: Mapping[str, Indicator], changes: Iterable[Change[Indicator]]
) -> Iterable[Indicator]:
    """The list as changes would leave it."""
    rows = dict(listed)
    made = tuple(changes)
    for change in made:
        if change.before is not None:
            rows.pop(change.before.id, None)
    rows.update((change.after.id, change.after) for change in made if change.after is not None)
    return rows.values()


def given(ws: Workspace, text: str = "") -> list[Given]:
    """The saved cases, then what a text asks; what cannot be read of the text is left out."""
    found = [Given(*case) for case in kept(ws)]
    for label, make in questions(text):
        try:
            found.append(Given(label, make()))
        except TidegateError:
            continue  # the bench says what is wrong with it
    return found


def foresee(
    ws: Workspace, plan: SyncPlan, asked: Iterable[Given], engines: Sequence[Engine] = ALL
) -> list[Foreseen]:
    """Look at events, each as one of now; what shows nothing by today's columns is left out."""
    sight = Foresight(ws, plan, engines)
    found = []
    for each in asked:
        try:
            event, stated, _ = event_of(ws, each.record)
        except TidegateError:
            continue  # asking the cases, or the bench, says what is wrong with it
        found.append(sight.look(event, each.label or event.id, stated or each.finding))
    return found


def foresee_file(
    ws: Workspace,
    plan: SyncPlan,
    name: str,
    beat: Callable[[int], object] = lambda _: None,
    stop: Stop = never,
) -> tuple[list[Foreseen], Counts]:
    """Run a file's events; keep those that would be judged otherwise, the first `KEPT` of them.

    `counts.hits` are the events that meet rows of the plan. Raises UsageError, and Abandoned when
    asked to stop.
    """
    sight = Foresight(ws, plan)
    counts = Counts(beat=beat)
    reader = Reader(setting(ws), counts.problems, Sieve(sight.rows.values()))
    found: list[Foreseen] = []
    for read in every_event((name,), reader, counts):
        if stop():
            raise Abandoned
        event = read.event
        label = ", ".join(dict.fromkeys(seen.value for seen in event.observables)) or event.id
        seen = sight.look(event, label, read.finding)
        counts.hits += bool(seen.rows)
        if seen.changed and len(found) < KEPT:
            found.append(seen)
    return found, counts
