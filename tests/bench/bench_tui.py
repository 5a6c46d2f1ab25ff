"""The terminal over a full list of 15,000 rows, on a real pseudo-terminal, beside an empty app.

Both start in turn, so that a busy moment hits both; times are medians, to the last byte painted.
The goals are for the time that passes on a calm machine: one where no more waits for a processor
than there are processors. On one that is not calm they are held against our own processor time
instead; the first line of the figures says which it was, and both times are always printed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.figure import Figure
from driving.pty_session import Answer, PtySession
from running import Tidegate
from tidegate.config import Home
from tidegate.service import apply, edit
from tidegate.service.workspace import Workspace

ROWS = 15_000
SIZE = (160, 45)
STARTS = 5
MOVES = 24
EDITS = 5
FILTER = "host1234"

START_RATIO, START_SECONDS = 1.6, 1.5
FILTER_MS, CURSOR_MS, CURSOR_BYTES, EDIT_MS, MEMORY_MB = 50, 10, 2_000, 50, 60

QUIET_START = 0.2
"""Seconds without a byte after which a start is over: the pane's story comes later on purpose, 0.25
seconds after its fields, which count."""

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("ready")
Empty().run()
"""


def full_home(folder: Path) -> Path:
    """A tenant with every slot taken."""
    home = folder / "home"
    ws = Workspace.open(Home(home))
    values = [f"host{number}.badsite.com" for number in range(ROWS)]
    apply.apply(ws, edit.plan_add(ws, values, edit.Fields(title="Wave 9")).plan)
    ws.close()
    return home


@dataclass
class Measured:
    """What was measured, in the order in which it came."""

    empty: list[Answer] = field(default_factory=list)
    start: list[Answer] = field(default_factory=list)
    memory: float = 0.0
    memory_later: float = 0.0
    empty_memory: list[float] = field(default_factory=list)
    cursor: list[Answer] = field(default_factory=list)
    page: list[Answer] = field(default_factory=list)
    filter: list[Answer] = field(default_factory=list)
    edit: list[Answer] = field(default_factory=list)
    remove: list[Answer] = field(default_factory=list)


def measure(home: Path, starts: int = STARTS, moves: int = MOVES, edits: int = EDITS) -> Measured:
    """Start both in turn, then work in the last of ours."""
    found = Measured()
    tidegate = Tidegate(home)
    # As installed: compiled once, which the first start of each does here.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home.parent / "compiled")}
    env = {**os.environ, **tidegate.env(), **compiled}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        env.pop(name, None)
    for number in range(starts + 1):
        with PtySession([sys.executable, "-c", EMPTY], env, *SIZE) as empty:
            found.empty.append(empty.started(b"ready", QUIET_START))
            found.empty_memory.append(empty.memory())
        with PtySession(tidegate.command(), env, *SIZE) as ours:
            found.start.append(ours.started(b"host0.badsite.com", QUIET_START))
            if number == starts:
                _look(ours, found, moves)
                found.memory = ours.memory()
                _change(ours, found, edits)
                found.memory_later = ours.memory()
        if not number:
            found = Measured()
    return found


def _look(ours: PtySession, found: Measured, moves: int) -> None:
    ours.settle(1.0)
    for _ in range(moves):
        found.cursor.append(ours.press(b"j", quiet=0.03))
        ours.settle(0.45)  # the pane beside the list follows once the cursor stands still
    for _ in range(moves // 3):
        found.page.append(ours.press(b"\x1b[6~", quiet=0.03))
        ours.settle(0.45)
    for _ in range(3):
        ours.press(b"/")
        for char in FILTER:
            found.filter.append(ours.press(char.encode(), quiet=0.05))
        ours.press(b"\x1b", b"15,000 rows", quiet=0.3)
        ours.press(b"\x1b", quiet=0.3)
        ours.settle()


def _change(ours: PtySession, found: Measured, edits: int) -> None:
    for number in range(edits):
        title = f"T{number}x"
        ours.press(b"e", b"Save ^S", quiet=0.3)
        for key in ("\t", "\t", *title):  # to the title, which is typed over
            ours.press(key.encode(), quiet=0.3)  # less than a blink of the cursor
        # Until the row shows it; the toast that says so is painted after that.
        found.edit.append(ours.press(b"\x13", f"{title}  ".encode(), quiet=0.0))
        ours.settle(0.8)
    for _ in range(edits):
        found.remove.append(ours.press(b"d", b"14,999", quiet=0.05))
        ours.settle(0.8)
        ours.press(b"u", b"15,000", quiet=0.3)
        ours.settle(0.8)


def run() -> list[Figure]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(full_home(Path(folder)))
    load, cores = _load(), os.cpu_count() or 1
    busy = load > cores
    said = f"not calm, held against processor time: load on {cores}" if busy else "calm: load"
    without = median(found.empty_memory)
    sent = median(len(answer.data) for answer in found.cursor)
    return [
        Figure(f"tui: {said}", load, ""),
        *_starts(found, busy=busy),
        *_pair("filter keystroke", found.filter, FILTER_MS, busy=busy),
        *_pair("cursor move", found.cursor, CURSOR_MS, busy=busy),
        Figure("tui: cursor move", sent, "bytes", CURSOR_BYTES),
        *_pair("page down", found.page, None, busy=busy),
        *_pair("edit and repaint", found.edit, EDIT_MS, busy=busy),
        *_pair("remove and repaint, 15,000 new ranks", found.remove, None, busy=busy),
        Figure("tui: memory above the empty app", found.memory - without, "MB", MEMORY_MB),
        Figure("tui: memory after edits and undos", found.memory_later - without, "MB"),
    ]


def _load() -> float:
    """How many wanted a processor in the last minute; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _starts(found: Measured, *, busy: bool) -> list[Figure]:
    """The start must be 1.6 times an empty app's at most, or 1.5 s."""
    passed, spent = (_wall(found.empty), _wall(found.start)), (_cpu(found.empty), _cpu(found.start))
    lines = []
    for name, (empty, start), judged in (
        ("time", passed, not busy),
        ("processor", spent, busy),
    ):
        goal = max(START_RATIO * empty, START_SECONDS) * 1000 if judged else None
        lines += [
            Figure(f"tui: start of an empty Textual app, {name}", empty * 1000, "ms"),
            Figure(f"tui: start with {ROWS:,} rows, {name}", start * 1000, "ms", goal),
            Figure(f"tui: the one / the other, {name}", start / empty, "times"),
        ]
    return lines


def _wall(answers: list[Answer]) -> float:
    return median(answer.seconds for answer in answers)


def _cpu(answers: list[Answer]) -> float:
    return median(answer.cpu for answer in answers) or 1.0


def _pair(name: str, answers: list[Answer], goal: float | None, *, busy: bool) -> list[Figure]:
    wall, cpu = (None, goal) if busy else (goal, None)
    return [
        Figure(f"tui: {name}, time", _wall(answers) * 1000, "ms", wall),
        Figure(f"tui: {name}, processor", _cpu(answers) * 1000, "ms", cpu),
    ]
