"""The application shell: one gate, the Indicators mode, and an honest end after a crash.

Textual would print a traceback with the local variables of every frame, secrets included, and
leave with exit code 0. Here a fault of ours is one line on stderr and exit code 1.
"""

from __future__ import annotations

import sys
from typing import ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from tidegate.errors import ExitCode, UsageError
from tidegate.service.workspace import Workspace
from tidegate.tui.gate import Gate, WorkspaceGate
from tidegate.tui.safe import plain
from tidegate.tui.screens.indicators import IndicatorsScreen


class TidegateApp(App[int]):
    """The terminal over one tenant."""

    TITLE = "Tidegate"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # its prompts are parsed as markup; `?` searches and runs
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "quit", show=False, priority=True),
        Binding("ctrl+c", "hint_quit", "quit", show=False),
    ]

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def get_default_screen(self) -> IndicatorsScreen:
        """The first and, today, only mode."""
        return IndicatorsScreen(self.gate)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - toasts never read markup, whoever asks
    ) -> None:
        """Show a toast of inert text, whoever calls."""
        super().notify(
            plain(message), title=plain(title), severity=severity, timeout=timeout, markup=False
        )

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text; a lone surrogate, which no terminal takes, becomes a question mark."""
        super().copy_to_clipboard(text.encode("utf-8", "replace").decode("utf-8"))

    def action_leave(self) -> None:
        """Leave from anywhere."""
        self.exit(0)

    def action_hint_quit(self) -> None:
        """Say how to leave to those whose fingers say Ctrl+C."""
        self.notify("Ctrl+Q leaves; q does too, in the list")

    def _fatal_error(self) -> None:
        """Say where it broke, without values: they may be secrets or hostile."""
        self.bell()
        self._exit_renderables.append(Text(fault_line(self._exception)))
        self._close_messages_no_wait()


def fault_line(error: BaseException | None) -> str:
    """Name the kind of fault and the innermost place of ours in one line."""
    place = "an unknown place"
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        generated = trace.tb_frame.f_code.co_filename.startswith("<")
        if isinstance(name, str) and name.startswith("tidegate") and not generated:
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    kind = type(error).__name__ if error is not None else "fault"
    return plain(f"tidegate: internal fault: {kind} in {place}; what was saved is safe")


def run(ws: Workspace, *, mouse: bool = True) -> int:
    """Open the terminal UI on a workspace; return the exit code.

    Raises:
        UsageError: there is no terminal to draw on. Textual draws on stderr, so that one counts.
    """
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        raise UsageError(
            "the terminal UI draws on stderr, which is not a terminal here",
            "leave out the 2>, or use `tidegate list`",
        )
    app = TidegateApp(WorkspaceGate(ws))
    app.run(mouse=mouse)
    return int(app.return_code or ExitCode.DONE)
