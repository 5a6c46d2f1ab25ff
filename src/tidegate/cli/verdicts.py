"""How verdicts, counts and problems of events are written, for scripts and for people.

Owns the JSON fields of a verdict. Refuses to ask engines.
"""

from __future__ import annotations

from typing import Any

from tidegate.cli import diagnostics, output
from tidegate.engines.event import Event
from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.service.judging import Judged
from tidegate.service.matching import Counts

_TOP = 10
_DEVICES = 3
_PROBLEMS = 20
"""Kinds of problems that are told one by one."""

SHORT = {
    Engine.CLOUD_DETECTION: "cloud",
    Engine.ENDPOINT_PREVENTION: "endpoint",
    Engine.AUTOMATED_INVESTIGATION: "automated",
}


def record(event: Event, verdict: Verdict) -> dict[str, Any]:
    """A verdict under the names of the JSON contract, then what else is known of event and row."""
    row = verdict.indicator
    return {
        "event": event.id,
        **said(verdict),
        "time": event.at,
        "device": event.device,
        "group": event.group,
        "type": None if row is None else row.type,
        "value": None if row is None else row.value,
        "action": None if row is None else row.action,
    }


def said(verdict: Verdict) -> dict[str, Any]:
    """A verdict alone, under the names of the JSON contract."""
    row, alert = verdict.indicator, verdict.alert
    return {
        "engine": verdict.engine,
        "verdict": verdict.verdict,
        "remediated": verdict.remediated,
        "alert": None if alert is None else alert._asdict(),
        "indicator": None if row is None else row.id,
        "reason": verdict.reason,
    }


def write_records(judged: Judged) -> None:
    """One JSON object for each engine that was asked."""
    for verdict in judged.verdicts:
        output.json_line(record(judged.event, verdict))


def side_by_side(judged: Judged) -> None:
    """One event in full: the verdicts, then the reasons."""
    output.table(
        ("engine", "verdict", "remediated", "alert", "indicator"),
        (
            (
                it.engine,
                it.verdict,
                it.remediated,
                None if it.alert is None else f"{it.alert.severity}: {it.alert.title}",
                None if it.indicator is None else it.indicator.value,
            )
            for it in judged.verdicts
        ),
        spare=("remediated",),
    )
    for it in judged.verdicts:
        output.text(f"{it.engine}: {it.words}", hang=2)


def hits(found: list[Judged]) -> None:
    """A line for each event: when, where, what, and each engine's word."""
    if not found:
        return
    engines = [it.engine for it in found[0].verdicts]
    output.text()
    output.table(
        ("time", "device", "value", *(SHORT[engine] for engine in engines)),
        (
            (
                judged.event.at,
                judged.event.device,
                _named(judged),
                *(it.verdict for it in judged.verdicts),
            )
            for judged in found
        ),
        spare=("time",),
    )


def _named(judged: Judged) -> str:
    """The row that decides, or else what the event shows."""
    rows = [it.indicator.value for it in judged.verdicts if it.indicator is not None]
    return rows[0] if rows else ", ".join(seen.value for seen in judged.event.observables)


def summary(counts: Counts) -> None:
    """What came of all events."""
    output.pairs(
        (
            ("events", counts.events),
            ("hits", counts.hits),
            ("devices with hits", len(counts.devices)),
            ("alerts", counts.alerts),
            ("most hits", output.counted(dict(counts.devices.most_common(_DEVICES))) or None),
        )
    )
    engines = [engine for engine in Engine if any(by is engine for by, _ in counts.words)]
    if engines:
        output.text()
        output.table(
            ("engine", *(word.value.replace("_", " ") for word in Word)),
            ((engine, *(counts.words[engine, word] for word in Word)) for engine in engines),
        )
    if counts.rows:
        output.text()
        output.table(
            ("events", "action", "value", "title"),
            (
                (count, counts.named[ident].action, counts.named[ident].value,
                 counts.named[ident].title)
                for ident, count in sorted(
                    counts.rows.items(), key=lambda pair: (-pair[1], pair[0])
                )[:_TOP]
            ),
            spare=("title",),
        )  # fmt: skip


def problems(counts: Counts) -> None:
    """Say on stderr what could not be read, or not be believed, and where."""
    for fault in counts.unread:
        diagnostics.note(f"left out: {fault}")
    told = list(counts.problems)
    for it in told[:_PROBLEMS]:
        lines = ", ".join(str(line) for line in it.lines)
        more = " …" if it.times > len(it.lines) else ""
        where = f" (line {lines}{more})" if it.lines else ""
        diagnostics.note(f"{it.file or 'event'}: {it.times:,} × {it.words}{where}")
    if len(told) > _PROBLEMS:
        diagnostics.note(f"and {len(told) - _PROBLEMS:,} more kinds of problems")
