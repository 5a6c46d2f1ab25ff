"""Type a command: `:undo`, `:sync acme-c2`, `:why 203.0.113.7`; or words, to find one.

The commands are those of the registry that are valid in the mode. Refuses a second list of them,
and to run anything itself: its result is what was chosen, and what follows it.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tidegate.tui.actions import Act, Where, acts, completed
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content, fit
from tidegate.tui.widgets.editors import SafeInput

_ORDER = (Where.CHANGE, Where.LIST, Where.VIEW, Where.MODE, Where.MARK, Where.OUT)
"""What people look for first; moving through the table is no command."""

_NAME = 18
_TEXT = 45


class PaletteScreen(ModalScreen[tuple[str, str] | None]):
    """The line and what it may become; its result is an action's id and what follows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "leave"),
        Binding("down", "walk(1)", "next", show=False, priority=True),
        Binding("up", "walk(-1)", "before", show=False, priority=True),
        Binding("tab", "complete", "complete", show=False, priority=True),
    ]

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self._known = tuple(
            sorted(
                (act for act in acts(mode) if act.where in _ORDER),
                key=lambda act: _ORDER.index(act.where),
            )
        )
        self._found: tuple[Act, ...] = completed("", self._known)

    def compose(self) -> ComposeResult:
        """Lay the line and its list out."""
        with Vertical(classes="sheet"):
            yield SafeInput(placeholder="a command, or words", compact=True, id="command")
            yield OptionList(*self._options(), id="command-list", compact=True)
            yield Static(
                content(
                    ("Enter", "bold"), " runs it   ", ("Tab", "bold"), " completes   ",
                    ("Esc", "bold"), " leave",
                )
            )  # fmt: skip

    def _options(self) -> list[Option]:
        if not self._found:
            lost = "no such command here: fewer letters show more, ? lists the keys"
            return [
                Option(content(lost), disabled=True),
                Option(content("`tidegate --help` lists what the command line can"), disabled=True),
            ]
        return [
            Option(
                content(
                    (fit(f":{act.command} {act.takes}", _NAME), "bold"),
                    fit(act.text, _TEXT),
                    (f" {act.shown}", "dim"),
                )
            )
            for act in self._found
        ]

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#command").focus()
        self.query_one(OptionList).highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._found = completed(event.value.removeprefix(":"), self._known)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options())
        options.highlighted = 0 if self._found else None

    def action_walk(self, step: int) -> None:
        """Move through the commands while typing."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = max(0, min(options.highlighted + step, len(self._found) - 1))

    def action_complete(self) -> None:
        """Write the chosen command out."""
        options, line = self.query_one(OptionList), self.query_one("#command", SafeInput)
        if options.highlighted is not None:
            act = self._found[options.highlighted]
            line.value = f"{act.command} " if act.takes else act.command
            line.cursor_position = len(line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run what is chosen, with what follows its name."""
        index = self.query_one(OptionList).highlighted
        if index is None:
            return
        act = self._found[index]
        name, _, rest = event.value.strip().removeprefix(":").partition(" ")
        self.dismiss((act.id, rest.strip() if name.casefold() == act.command else ""))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run what was clicked."""
        self.dismiss((self._found[event.option_index].id, ""))
