"""Verdicts in words: a row of the bench's table, three engines side by side, then and now.

Pure, from the service's answers to strings. Refuses widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual.content import Content

from tidegate.engines.verdict import Engine, Verdict
from tidegate.service.bench import Answer
from tidegate.service.cases import Replayed, facts
from tidegate.tui.grid_layout import Column
from tidegate.tui.safe import content, fit, stacked, wrapped

SIDE_BY_SIDE = 96
"""Cells from which three columns beside each other can be read."""

NAMES = {
    Engine.CLOUD_DETECTION: "cloud detection",
    Engine.ENDPOINT_PREVENTION: "endpoint prevention",
    Engine.AUTOMATED_INVESTIGATION: "automated investigation",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bench: an answer, or what stands beside it as `then`.

    That is what a case said when it was saved, or what engines say by the list as it is where they
    are asked under a plan; `since` says which.
    """

    answer: Answer
    then: Mapping[str, Mapping[str, Any]] | None = None
    changed: tuple[str, ...] = ()
    since: str = "when saved"

    @property
    def sign(self) -> str:
        """What deserves a look: engines that differ, or that say another than then."""
        if self.answer.fault:
            return "✗"
        return "≠" if (self.answer.differ if self.then is None else self.changed) else ""


def row_of(case: Replayed) -> Row:
    """A case as a row."""
    return Row(Answer(case.name, case.verdicts, case.record), case.then, case.changed)


def under_plan(answer: Answer) -> Row:
    """An answer under a plan, beside what the list as it is says."""
    return Row(answer, facts(answer.before), tuple(map(str, answer.changed)), "now")


def _word(engine: Engine, row: Row) -> str:
    found = _of(row.answer, engine)
    if found is None:
        return "–"
    now = found.verdict.value.replace("_", " ")
    if engine.value not in row.changed or row.then is None:
        return now
    before = str(row.then.get(engine.value, {}).get("verdict", "–")).replace("_", " ")
    return f"{before} → {now}" if before != now else f"{now} *"


def _of(answer: Answer, engine: Engine) -> Verdict | None:
    return next((it for it in answer.verdicts if it.engine is engine), None)


def _decides(row: Row, _now: datetime) -> str:
    if row.answer.fault:
        return row.answer.fault
    rows = {it.indicator.id: it.indicator for it in row.answer.verdicts if it.indicator}
    return ", ".join(f"{it.action.value}: {it.title}" for it in rows.values()) or "no row names it"


COLUMNS: tuple[Column[Row], ...] = (
    Column("sign", "", 1, lambda row, _: row.sign),
    Column("label", "EVENT OR VALUE", 0, lambda row, _: row.answer.label, share=3, least=20),
    Column("cloud", "CLOUD", 9, lambda row, _: _word(Engine.CLOUD_DETECTION, row)),
    Column("endpoint", "ENDPOINT", 9, lambda row, _: _word(Engine.ENDPOINT_PREVENTION, row)),
    Column("automated", "AUTOMATED", 9, lambda row, _: _word(Engine.AUTOMATED_INVESTIGATION, row)),
    Column("decides", "DECIDED BY", 0, _decides, share=2, least=14),
)


def beside(head: str) -> tuple[Column[Row], ...]:
    """The columns where each engine says what it said then, too; `head` is what was asked."""
    return (
        Column("sign", "", 1, lambda row, _: row.sign),
        Column("label", head, 0, lambda row, _: row.answer.label, share=1, least=14),
        Column("cloud", "CLOUD", 19, lambda row, _: _word(Engine.CLOUD_DETECTION, row)),
        Column("endpoint", "ENDPOINT", 19, lambda row, _: _word(Engine.ENDPOINT_PREVENTION, row)),
        Column(
            "automated", "AUTOMATED", 19, lambda row, _: _word(Engine.AUTOMATED_INVESTIGATION, row)
        ),
        Column("decides", "DECIDED BY", 0, _decides, share=2, least=14),
    )


CASE_COLUMNS = beside("CASE")
PLAN_COLUMNS = beside("EVENT OR VALUE")
SPARE = ("decides",)


def _engine_lines(verdict: Verdict, then: Mapping[str, Any] | None, since: str) -> list[str]:
    """What one engine says, a line each."""
    lines = [verdict.verdict.value.replace("_", " "), verdict.words]
    if then is not None:
        lines.append(f"{since}: {told_facts(then)}")
    if verdict.remediated:
        lines.append("remediated")
    if verdict.alert is not None:
        lines.append(f"alert: {verdict.alert.severity.value}, {verdict.alert.title}")
    if verdict.indicator is not None:
        lines.append(f"row: {verdict.indicator.value}")
    return lines


def told_facts(then: Mapping[str, Any]) -> str:
    """What a case said when it was saved, in a few words."""
    parts = [str(then.get("verdict")).replace("_", " "), str(then.get("value") or "")]
    alert = then.get("alert")
    if isinstance(alert, Mapping):
        parts.append(f"{alert.get('severity')}: {alert.get('title')}")
    if then.get("remediated"):
        parts.append("remediated")
    return " · ".join(part for part in parts if part)


def told_verdict(verdict: Verdict) -> str:
    """A verdict in a few words, with the row that decides and the alert."""
    row, alert = verdict.indicator, verdict.alert
    parts = [verdict.verdict.value.replace("_", " "), "" if row is None else row.value]
    if alert is not None:
        parts.append(f"{alert.severity.value}: {alert.title}")
    if verdict.remediated:
        parts.append("remediated")
    return " · ".join(part for part in parts if part)


def side_by_side(row: Row, width: int, *, brief: bool = False) -> Content:
    """The engines beside each other where they fit in `width`, else under each other.

    With `brief` those under each other say only what they do and why.
    """
    answer = row.answer
    head = [content((answer.label, "bold"), f"  {answer.device}")]
    if answer.fault:
        return stacked([*head, content(("✗ ", "bold"), answer.fault)])
    told = {
        it.engine: _engine_lines(
            it,
            (row.then or {}).get(it.engine.value) if it.engine.value in row.changed else None,
            row.since,
        )
        for it in answer.verdicts
    }
    lines = [*head, *(content(f"! {note}") for note in answer.notes)]
    if width < SIDE_BY_SIDE:
        for engine, parts in told.items():
            lines.append(content((f"{NAMES[engine]}: ", "dim"), (parts[0], "bold")))
            rest = parts[1:2] if brief and not row.changed else parts[1:]
            lines += (content(text) for part in rest for text in wrapped(f"  {part}", width, 4))
        return stacked(lines)
    column = (width - 4) // 3
    cells = {
        engine: [text for part in parts for text in wrapped(part, column)]
        for engine, parts in told.items()
    }
    lines.append(content(("  ".join(fit(NAMES[engine], column) for engine in cells), "dim")))
    for place in range(max(map(len, cells.values()), default=0)):
        texts = (cell[place] if place < len(cell) else "" for cell in cells.values())
        line = "  ".join(fit(text, column) for text in texts)
        lines.append(content((line, "bold") if place == 0 else line))
    return stacked(lines)
