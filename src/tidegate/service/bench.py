"""What the three engines make of what somebody pastes, or of a file: side by side.

Owns when engines differ in what they do, and how many events of a file are kept. Refuses to write:
`cases` saves.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tidegate.engines.verdict import Verdict, Word
from tidegate.errors import TidegateError
from tidegate.service.judging import DEFAULT_FINDING, Court, court, event_of
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.pulling import Abandoned, Stop, never
from tidegate.service.questions import Make, questions
from tidegate.service.workspace import Workspace

KEPT = 2_000
"""Answers that are kept of a file: those that differ most, then the first ones."""

_DOES = {Word.ALLOWED: "allows", Word.NO_MATCH: "nothing"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engines make of one event. `label` is what was asked, not made safe to show.

    `record` is the event as a case keeps it; None for an event of a file, which keeps only what an
    engine looks at. `fault` says why there are no verdicts.
    """

    label: str
    verdicts: tuple[Verdict, ...] = ()
    record: Mapping[str, Any] | None = None
    finding: str = ""
    device: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()

    @property
    def spread(self) -> int:
        """How much engines differ: 2 in whether they act at all, 1 in what they do, 0 not."""
        words = {verdict.verdict for verdict in self.verdicts}
        if len({_DOES.get(word, "acts") for word in words}) > 1:
            return 2
        return 1 if len(words) > 1 else 0


def ask(ws: Workspace, text: str) -> list[Answer]:
    """Ask about every value or event of a text, those that differ most first.

    A text that cannot be read is answered by a fault, line by line.
    """
    judge = court(ws, ws.store.active(ws.clock()))
    found = [_judged(ws, judge, label, make) for label, make in questions(text)]
    return sorted(found, key=lambda answer: -answer.spread)


def ask_file(
    ws: Workspace, name: str, beat: Callable[[int], object], stop: Stop = never
) -> tuple[list[Answer], Counts]:
    """Run a file's events; keep those that the list names, at most `KEPT`.

    Raises UsageError, and Abandoned when asked to stop.
    """
    counts = Counts(beat=beat)
    number = count()
    kept: list[tuple[int, int, Answer]] = []
    for judged in match(ws, Asked((name,)), counts):
        if stop():
            raise Abandoned
        event = judged.event
        label = ", ".join(dict.fromkeys(seen.value for seen in event.observables)) or event.id
        answer = Answer(label, judged.verdicts, device=event.device)
        heapq.heappush(kept, (answer.spread, -next(number), answer))
        if len(kept) > KEPT:
            heapq.heappop(kept)
    kept.sort(reverse=True)
    return [answer for _, _, answer in kept], counts


def _judged(ws: Workspace, judge: Court, label: str, make: Make) -> Answer:
    try:
        record = make()
        event, finding, odd = event_of(ws, record)
    except TidegateError as fault:
        return Answer(label, fault=str(fault))
    shown = event.id if label.startswith("event ") else label
    return Answer(
        shown,
        judge.judge(event, finding),
        record,
        finding or DEFAULT_FINDING,
        event.device,
        notes=tuple(problem.words for problem in odd),
    )
