"""What the three engines make of what somebody pastes, or of a file: side by side.

Owns how a pasted text is read (JSON is events, anything else one value a line), when engines differ
in what they do, and how many events of a file are kept. Refuses to write: `cases` saves.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from tidegate.engines.verdict import Verdict, Word
from tidegate.errors import TidegateError, UsageError
from tidegate.service.judging import DEFAULT_FINDING, Court, court, event_of, record_of
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.pulling import Abandoned, Stop, never
from tidegate.service.workspace import Workspace

KEPT = 2_000
"""Answers that are kept of a file: those that differ most, then the first ones."""

_MOST_LINES = 1_000
"""Values of one paste that are asked about."""

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
    found = [_judged(ws, judge, label, make) for label, make in _questions(text)]
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


_Make = Callable[[], Mapping[str, Any]]


def _questions(text: str) -> Iterator[tuple[str, _Make]]:
    """What a text asks, each with a label and a way to make its record, which may raise."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        for number, record in enumerate(_records(stripped), 1):
            yield f"event {number}", _constant(record)
        return
    lines = [line.strip() for line in stripped.splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        yield line, _of_value(line)
    if len(lines) > _MOST_LINES:
        raise UsageError(
            f"{len(lines):,} lines were pasted, {_MOST_LINES:,} are asked about at once",
            "put them in a file, one event each",
        )


def _constant(record: Mapping[str, Any]) -> _Make:
    return lambda: record


def _of_value(line: str) -> _Make:
    return lambda: record_of(line)


def _records(text: str) -> list[Mapping[str, Any]]:
    """The events of a JSON text: one object, a list of them, or one a line."""
    try:
        documents = [orjson.loads(text)]
    except orjson.JSONDecodeError as fault:
        try:
            documents = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise UsageError(f"this is no JSON: {fault}", "paste a whole event") from None
    found: list[Mapping[str, Any]] = []
    for document in documents:
        for record in document if isinstance(document, list) else (document,):
            if not isinstance(record, dict):
                raise UsageError("an event is a JSON object", 'such as {"RemoteIP": "…"}')
            inner = record.get("properties")
            found.append(inner if isinstance(inner, dict) else record)
    return found


def _judged(ws: Workspace, judge: Court, label: str, make: _Make) -> Answer:
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
