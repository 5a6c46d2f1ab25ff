"""Values of rows taken elsewhere: to the clipboard, or to the Bench.

Mixed into the modes whose rows have values; each says which. A terminal takes a copy by OSC 52 or
drops it without a word, so what was copied is said, kept for ^V in our own fields, and held by the
log. Refuses to copy more than terminals take.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App

from tidegate.errors import TidegateError
from tidegate.tui.modes import Mode
from tidegate.tui.preview import counted
from tidegate.tui.safe import plain
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.mode import ModeScreen

MOST_BYTES = 70_000
"""What terminals take by OSC 52, once it is written in base 64."""

MOST_ASKED = 500
"""Values that the Bench is asked at once from here; files are for more."""

NO_VALUE = "no value here"


def copy(app: App[int], values: Iterable[str]) -> None:
    """Copy values, each once, one a line; say what was copied."""
    found = tuple(dict.fromkeys(values))
    text = "\n".join(found)
    if not found:
        app.notify(plain(NO_VALUE), severity="warning", markup=False)
    elif len(text.encode("utf-8", "replace")) > MOST_BYTES:
        said = f"{counted(len(found), 'value')} are more than a clipboard takes: X in 1 exports"
        app.notify(plain(said), severity="warning", markup=False)
    else:
        app.copy_to_clipboard(text)
        what = found[0] if len(found) == 1 else counted(len(found), "value")
        said = f"copied {what} · ^V pastes in here, too; elsewhere the terminal must take OSC 52"
        app.notify(plain(said), markup=False)


class Taking(ModeScreen):
    """A mode whose rows have values."""

    def values(self) -> Iterable[str]:
        """The values of what a verb acts on: marks that are seen, or the row under the cursor."""
        raise NotImplementedError  # each mode's own; see ModeScreen

    def _taken(self) -> tuple[str, ...]:
        if self.unreadable():
            return ()
        try:
            found = tuple(dict.fromkeys(self.values()))
        except TidegateError as error:
            complain(self.app, error)
            return ()
        if not found:
            self.warn(NO_VALUE)
        return found

    def action_copy(self) -> None:
        """Copy the value of the row, or those of all marked."""
        if found := self._taken():
            copy(self.app, found)

    async def action_test(self, text: str = "") -> None:
        """Ask the engines about the row's value on the Bench, or about one that is named."""
        found = (text,) if text else self._taken()
        if len(found) > MOST_ASKED:
            self.warn(f"{counted(len(found), 'value')} are too many to ask at once: X exports")
        elif found:
            await self.app.switch_mode(Mode.BENCH)
            bench = self.app.screen
            bench.call_after_refresh(bench.action_ask, "\n".join(found))  # type: ignore[attr-defined]  # the Bench's
