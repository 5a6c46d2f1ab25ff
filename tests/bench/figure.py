"""What a benchmark reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number; `goal` is the largest that is good enough, None where there is none."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def met(self) -> bool:
        """Say whether the goal is met."""
        return self.goal is None or self.value <= self.goal

    def line(self) -> str:
        """Return the figure as a line of a table."""
        goal = "" if self.goal is None else f"goal {self.goal:g}"
        return f"{self.name:<48} {self.value:>12,.3f} {self.unit:<6} {goal:<14}" + (
            "" if self.met else "MISSED"
        )
