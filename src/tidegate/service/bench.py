"""What the three engines make of what somebody pastes, or of a file: side by side.

By the list, or by the one that a plan would leave. Owns when engines differ, and how many events of
a file are kept. Refuses to write: `cases` saves.

Engines differ where one acts on an event and another does nothing, or allows it. That one alerts
where another blocks is no difference: by Microsoft's table each does its part of the same action,
since cloud detection only ever looks back, and remediation is left to investigations.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any

from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.cases import kept
from tidegate.service.foreseeing import Foresight, foresee_file
from tidegate.service.judging import DEFAULT_FINDING, Court, court, event_of
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.pulling import Abandoned, Stop, never
from tidegate.service.questions import Make, questions
from tidegate.service.workspace import Workspace

Verdicts = tuple[Verdict, ...]

KEPT = 2_000
"""Answers that are kept of a file: those that differ most, then the first ones."""

_DOES = {Word.ALLOWED: "allows", Word.NO_MATCH: "nothing"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engines make of one event. `label` is what was asked, not made safe to show.

    `record` is the event as a case keeps it; None for an event of a file, which keeps only what an
    engine looks at. `fault` says why there are no verdicts. Where it is asked under a plan,
    `before` are the verdicts by the list as it is, and `changed` the engines that say another.
    """

    label: str
    verdicts: Verdicts = ()
    record: Mapping[str, Any] | None = None
    finding: str = ""
    device: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()
    before: Verdicts = ()
    changed: tuple[Engine, ...] = ()

    @property
    def differ(self) -> bool:
        """Whether some engine acts where another does not."""
        return len({_DOES.get(verdict.verdict, "acts") for verdict in self.verdicts}) > 1


def ask(ws: Workspace, text: str, plan: SyncPlan | None = None) -> list[Answer]:
    """Ask about every value or event of a text, under a plan if one is given.

    First comes what the plan changes, then where engines differ. A text that cannot be read is
    answered by a fault, line by line.
    """
    judge = Foresight(ws, plan) if plan else court(ws, ws.store.active(ws.clock()))
    found = [_judged(ws, judge, label, make) for label, make in questions(text)]
    return sorted(found, key=lambda answer: (not answer.changed, not answer.differ))


def ask_cases(ws: Workspace, plan: SyncPlan) -> list[Answer]:
    """Ask every saved case under a plan, those that it changes first."""
    sight = Foresight(ws, plan)
    found = [
        _judged(ws, sight, name, partial(dict, record), finding)
        for name, record, finding in kept(ws)
    ]
    return sorted(found, key=lambda answer: (not answer.changed, not answer.differ))


def ask_file(
    ws: Workspace,
    name: str,
    beat: Callable[[int], object],
    stop: Stop = never,
    plan: SyncPlan | None = None,
) -> tuple[list[Answer], Counts]:
    """Run a file's events; keep those that the list names, at most `KEPT`.

    Under a plan those are kept about which it changes what an engine says. Raises UsageError, and
    Abandoned when asked to stop.
    """
    if plan is not None:
        seen, counts = foresee_file(ws, plan, name, beat, stop)
        found = [Answer(it.label, it.after, before=it.before, changed=it.changed) for it in seen]
        return found, counts
    counts = Counts(beat=beat)
    number = count()
    best: list[tuple[bool, int, Answer]] = []
    for judged in match(ws, Asked((name,)), counts):
        if stop():
            raise Abandoned
        event = judged.event
        label = ", ".join(dict.fromkeys(seen.value for seen in event.observables)) or event.id
        answer = Answer(label, judged.verdicts, device=event.device)
        heapq.heappush(best, (answer.differ, -next(number), answer))
        if len(best) > KEPT:
            heapq.heappop(best)
    best.sort(reverse=True)
    return [answer for _, _, answer in best], counts


def _judged(
    ws: Workspace, judge: Court | Foresight, label: str, make: Make, finding: str = ""
) -> Answer:
    try:
        record = make()
        event, stated, odd = event_of(ws, record)
    except TidegateError as fault:
        return Answer(label, fault=str(fault))
    finding = stated or finding
    shown = event.id if label.startswith("event ") else label
    answer = Answer(
        shown,
        (),
        record,
        finding or DEFAULT_FINDING,
        event.device,
        notes=tuple(problem.words for problem in odd),
    )
    if isinstance(judge, Court):
        return replace(answer, verdicts=judge.judge(event, finding))
    found = judge.look(event, shown, finding)
    return replace(answer, verdicts=found.after, before=found.before, changed=found.changed)
