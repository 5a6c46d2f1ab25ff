"""What the Bench mode asks: verdicts of events and values, files of them, and saved cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tidegate.indicators.plan import SyncPlan
from tidegate.service import bench, cases
from tidegate.service.apply import load_plan
from tidegate.service.bench import Answer
from tidegate.service.cases import Replayed
from tidegate.service.matching import Counts
from tidegate.service.pulling import Stop
from tidegate.service.workspace import Workspace


class BenchDesk:
    """The bench of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self.pasted = ""
        """What was asked about last; a review looks at it under its plan."""
        self.saved = 0
        """How many cases were saved in this session."""

    def ask(self, text: str, plan: SyncPlan | None = None) -> list[Answer]:
        """Ask about what was pasted, under a plan if one is given."""
        self.pasted = text
        return bench.ask(self._ws, text, plan)

    def ask_file(
        self, name: str, beat: Callable[[int], object], stop: Stop, plan: SyncPlan | None = None
    ) -> tuple[list[Answer], Counts]:
        """Ask about the events of a file; called by a thread."""
        ws = self._ws.sibling()
        try:
            return bench.ask_file(ws, name, beat, stop, plan)
        finally:
            ws.close()

    def check_name(self, name: str) -> None:
        """Refuse what cannot be a case's name."""
        cases.check_name(name)

    def save(self, name: str, record: Mapping[str, Any], finding: str) -> bool:
        """Keep an event with today's verdicts; True when it replaces an older case."""
        again = cases.save(self._ws, name, record, finding)
        self.saved += 1
        return again

    def cases(self, plan: SyncPlan) -> list[Answer]:
        """Ask every saved case under a plan."""
        return bench.ask_cases(self._ws, plan)

    def plan(self, name: str) -> SyncPlan:
        """Read a plan file."""
        return load_plan(Path(name).expanduser())

    def replay(self) -> list[Replayed]:
        """Ask every saved case again."""
        return cases.replay(self._ws)
