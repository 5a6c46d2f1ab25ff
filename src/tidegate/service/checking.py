"""Asking the guards about values without touching the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.errors import IndicatorError
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.mapping.guard import Verdict
from tidegate.service.edit import read_value
from tidegate.service.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer for one value. A value that cannot be read is refused, with no guard named."""

    input: str
    type: IndicatorType | None
    value: str
    verdict: str
    guard: str
    reason: str


def check_values(ws: Workspace, values: Sequence[str]) -> tuple[Checked, ...]:
    """Canonical form and the guards' verdict on blocking each value."""
    answers = []
    for text in values:
        try:
            kind, value = read_value(text)
        except IndicatorError as fault:
            answers.append(
                Checked(text, None, "", Verdict.REFUSE.value, "", f"{fault.code}: {fault.message}")
            )
            continue
        finding = ws.guards.check(kind, value, Action.ALERT_AND_BLOCK)
        answers.append(
            Checked(text, kind, value, finding.verdict.value, finding.guard, finding.reason)
        )
    return tuple(answers)
