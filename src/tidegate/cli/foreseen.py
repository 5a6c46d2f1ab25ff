"""What a plan would make of single events and saved cases, for scripts and for people.

Refuses to ask engines.
"""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.cli import diagnostics, output
from tidegate.cli.verdicts import said
from tidegate.engines.verdict import Verdict
from tidegate.service.foreseeing import Foreseen


def write_records(found: Foreseen) -> None:
    """One JSON object for each engine: what it would say, and under `before` what it says now."""
    for before, after in zip(found.before, found.after, strict=True):
        output.json_line(
            {
                "event": found.label,
                **said(after),
                "changed": after.engine in found.changed,
                "before": said(before),
                "rows": found.rows,
            }
        )


def table(found: Sequence[Foreseen], *, every: bool) -> None:
    """Now and then of each engine; all of them with `every`, else only those that change."""
    lines = [
        (it.label, after.engine, _word(before), _word(after), after.words)
        for it in found
        for before, after in zip(it.before, it.after, strict=True)
        if every or after.engine in it.changed
    ]
    if lines:
        output.table(("event", "engine", "now", "then", "reason"), lines, spare=("reason",))
    changed = sum(bool(it.changed) for it in found)
    events = "1 event" if len(found) == 1 else f"{len(found):,} events"
    diagnostics.note(f"{events} asked about, {changed:,} would be judged otherwise")


def _word(verdict: Verdict) -> str:
    """A verdict in a few words: what differs may be the row or the alert alone."""
    row, alert = verdict.indicator, verdict.alert
    parts = [verdict.verdict.value, "" if row is None else row.value]
    parts.append("" if alert is None else f"{alert.severity}: {alert.title}")
    parts.append("remediated" * verdict.remediated)
    return " · ".join(part for part in parts if part)
