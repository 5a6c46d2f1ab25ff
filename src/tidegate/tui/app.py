"""The application shell: one gate, the modes, work in the background, an honest end after a crash.

Textual would print a traceback with the local variables of every frame, secrets included, and
leave with exit code 0. Here a fault of ours is one line on stderr and exit code 1.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections import deque
from functools import partial
from importlib import import_module
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.notifications import Notify, SeverityLevel
from textual.widget import Widget

from tidegate.errors import ExitCode, TidegateError, UsageError
from tidegate.service.workspace import Workspace
from tidegate.tui.ascii_only import ascii_driver
from tidegate.tui.background import Background
from tidegate.tui.faults import fault_line
from tidegate.tui.gate import Gate, WorkspaceGate
from tidegate.tui.hangup import end_with, leave_on_signals
from tidegate.tui.modes import Mode
from tidegate.tui.safe import plain
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.log import Said
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.themes import OURS, THEMES, after, named
from tidegate.tui.widgets.grid import Grid

_UNABLE = frozenset({"dumb", "unknown"})
"""What TERM says of terminals that can only write on."""

_FG = 0.1
"""Seconds until the shell has said its last word after `fg`."""

_KEPT = 500
"""Toasts that the log holds."""


def screen_of(mode: Mode) -> type[ModeScreen]:
    """The screen of a mode, from the module of its name.

    It is read when the mode is first opened: nobody waits for six others to see one.
    """
    module = import_module(f"tidegate.tui.screens.{mode.value}")
    found: type[ModeScreen] = getattr(module, f"{mode.value.capitalize()}Screen")
    return found


def _opened(mode: Mode, gate: Gate) -> ModeScreen:
    return screen_of(mode)(gate)


class TidegateApp(Background):
    """The terminal over one tenant."""

    TITLE = "Tidegate"
    CSS_PATH = "app.tcss"
    DEFAULT_MODE = Mode.INDICATORS.value
    ENABLE_COMMAND_PALETTE = False  # its prompts are parsed as markup; `:` has our own
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "quit", show=False, priority=True),
        Binding("ctrl+c", "hint_quit", "quit", show=False),
        Binding("ctrl+z", "suspend_process", "to the shell; fg comes back", show=False),
    ]

    def __init__(self, gate: Gate, *, ascii_only: bool = False) -> None:
        kept = gate.looks.layout.mode
        if kept in {mode.value for mode in Mode}:
            self.DEFAULT_MODE = kept  # type: ignore[misc]  # the mode it was left in comes first
        super().__init__(driver_class=ascii_driver(self.get_driver_class()) if ascii_only else None)
        self.gate = gate
        for theme in OURS:
            self.register_theme(theme)
        self.dressed = named(gate.looks.layout.theme)
        self.theme = THEMES[self.dressed]
        self.said: deque[Said] = deque(maxlen=_KEPT)
        self._held: deque[events.Event] = deque()
        self._busy: Widget | None = None
        self._outdated = False
        for mode in Mode:
            self.add_mode(mode.value, partial(_opened, mode, gate))

    def on_mount(self) -> None:
        """Say what could not be read of the last session's layout."""
        self.call_after_refresh(_settle)
        leave_on_signals(lambda code: self.exit(return_code=code))
        # What the shell wrote meanwhile lies over lines that Textual believes to be drawn.
        self.app_resume_signal.subscribe(self, lambda _: self.set_timer(_FG, self.refresh))
        if self.gate.looks.note:
            self.notify(plain(self.gate.looks.note), severity="warning", timeout=10)

    def on_unmount(self) -> None:
        """Keep the mode for the next session, whichever way this one ends."""
        with contextlib.suppress(TidegateError):  # nobody is left to read it
            self.gate.looks.keep(mode=self.current_mode)

    # Keys that come faster than they are acted on

    class Past(Message):
        """Follows a key through a table and all around it: when it is here, the key is dealt with.

        A key is acted on only after it went through them; until then the next one would be given
        to what had the focus before, so that after `/` the text of a filter were taken for verbs.
        """

    async def on_event(self, event: events.Event) -> None:
        """Deal with keys and pastes one after the other, as a slow line sends many at once."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif isinstance(event, events.Key) and event.key == "ctrl+q":
            await super().on_event(event)  # leaving waits for nothing
        else:
            self._held.append(event)
            if self._busy is None or not self._busy.is_attached:
                await self._press_held()

    async def _press_held(self) -> None:
        self._busy = None
        while self._held and self._busy is None:
            event, table = self._held.popleft(), self.focused
            await super().on_event(event)
            if isinstance(table, Grid) and table.post_message(self.Past()):
                self._busy = table

    async def on_tidegate_app_past(self) -> None:
        """Go on with what came meanwhile."""
        await self._press_held()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - toasts never read markup, whoever asks
    ) -> None:
        """Show a toast of inert text, whoever calls, and keep it for the log."""
        self.said.append(Said(f"{self.gate.now():%H:%M:%S}", severity, plain(message)))
        super().notify(
            plain(message), title=plain(title), severity=severity, timeout=timeout, markup=False
        )

    def on_notify(self, event: Notify) -> None:
        """What went well is told one at a time: a pile of toasts would hide half of the table."""
        if event.notification.severity == "information":
            for old in [it for it in self._notifications if it.severity == "information"]:
                del self._notifications[old]

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text; a lone surrogate, which no terminal takes, becomes a question mark."""
        super().copy_to_clipboard(text.encode("utf-8", "replace").decode("utf-8"))

    def dress(self, name: str) -> None:
        """Change the colours to those of this name, or to the next ones, and keep that."""
        chosen = name.strip().casefold() or after(self.dressed)
        if chosen not in THEMES:
            said = f"no theme is called {chosen}: {', '.join(THEMES)}"
            self.notify(plain(said), severity="warning")
            return
        self.dressed, self.theme = chosen, THEMES[chosen]
        self.notify(plain(f"theme {chosen}"))
        try:
            self.gate.looks.keep(theme=chosen)
        except TidegateError as error:
            self.notify(plain(str(error)), severity="error")

    def heed_config(self) -> None:
        """Say once that what this session works by is no longer what is written."""
        if not self._outdated and self.gate.outdated():
            self._outdated = True
            said = (
                "config.toml has changed: this session works by the old one until you start it anew"
            )
            self.notify(plain(said), severity="warning", timeout=15, markup=False)

    def quit_asked(self) -> None:
        """Leave; ask first while something runs in the background."""
        if self.job is None:
            self.exit(0)
            return

        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self.exit(0)

        if self.job.plan is not None:
            asked = "Leave without applying the plan?"
            lines = ["2 shows it; what the feeds said is kept, and planned again another time"]
        else:
            asked, lines = f"End {self.job.title} and leave?", [self.job.kept, self.job.words]
        self.push_screen(ConfirmScreen(asked, lines, "Leave"), act)

    def action_leave(self) -> None:
        """Leave from anywhere."""
        self.exit(0)

    def action_hint_quit(self) -> None:
        """Say how to leave to those whose fingers say Ctrl+C."""
        self.notify("Ctrl+Q leaves; q does too, outside of text fields")

    def _fatal_error(self) -> None:
        """Say where it broke, without values: they may be secrets or hostile."""
        self.bell()
        self._exit_renderables.append(Text(fault_line(self._exception)))
        self._close_messages_no_wait()


def _settle() -> None:
    """From now on only what comes and goes is looked through for garbage."""
    gc.freeze()
    gc.enable()


def run(ws: Workspace, *, mouse: bool = True, ascii_only: bool = False) -> int:
    """Open the terminal UI on a workspace; return the exit code.

    Raises:
        UsageError: there is no terminal to draw on, or one that can move no cursor. Textual draws
            on stderr, so that one counts.
        StoreDamaged: the list cannot be read, which is mended in a shell, not here.
    """
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        raise UsageError(
            "the terminal UI draws on stderr, which is not a terminal here",
            "leave out the 2>, or use `tidegate list`",
        )
    if os.environ.get("TERM") in _UNABLE:
        raise UsageError(
            "TERM says that this terminal cannot draw",
            "set TERM to what it is, such as xterm-256color, or use `tidegate list`",
        )
    # What is made while starting stays until the end: looking for garbage in it, again and again,
    # would take a third of the start and a tenth of a second at any keystroke later.
    gc.disable()
    gate = WorkspaceGate(ws)
    gate.serial()
    app = TidegateApp(gate, ascii_only=ascii_only)
    end_with(sys.__stderr__.fileno())
    app.run(mouse=mouse)
    gc.enable()
    return int(app.return_code or ExitCode.DONE)
