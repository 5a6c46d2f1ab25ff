"""What the Bench mode asks: verdicts of events and values, files of them, and saved cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tidegate.service import bench, cases
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

    def ask(self, text: str) -> list[Answer]:
        """Ask about what was pasted."""
        self.pasted = text
        return bench.ask(self._ws, text)

    def ask_file(
        self, name: str, beat: Callable[[int], object], stop: Stop
    ) -> tuple[list[Answer], Counts]:
        """Ask about the events of a file; called by a thread."""
        ws = self._ws.sibling()
        try:
            return bench.ask_file(ws, name, beat, stop)
        finally:
            ws.close()

    def save(self, name: str, record: Mapping[str, Any], finding: str) -> bool:
        """Keep an event with today's verdicts; True when it replaces an older case."""
        again = cases.save(self._ws, name, record, finding)
        self.saved += 1
        return again

    def replay(self) -> list[Replayed]:
        """Ask every saved case again."""
        return cases.replay(self._ws)
