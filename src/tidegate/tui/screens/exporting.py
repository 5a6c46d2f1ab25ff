"""Handing on what the list shows: asks for a file, and has it written in the background.

Mixed into the Indicators screen. The name says the format: `.csv` is the portal's, all else a STIX
bundle. Refuses to write over a file that is there unless told so.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tidegate.tui.listing import Listing
from tidegate.tui.preview import counted
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.widgets.filter_bar import FilterBar

_HINT = "share.json: STIX, up to TLP:GREEN; share.csv: the portal's CSV"


class Exporting(ModeScreen):
    """Export the rows of the filter."""

    listing: Listing

    def action_export(self, text: str = "") -> None:
        """Write what is shown to the file that is named, or ask for one."""
        if self.unreadable():
            return
        if not self.listing.ids:
            self.warn("no row is shown, so there is nothing to export")
        elif text:
            self._export_to(text)
        else:
            asked = f"Export the {counted(len(self.listing.ids), 'row')} shown to"
            self.app.push_screen(PromptScreen(asked, _HINT, needs="a path"), self._export_to)

    def _export_to(self, text: str | None) -> None:
        if not text:
            return
        path = Path(text).expanduser()
        if not path.is_file():
            self._export(path, True)
            return
        question = ConfirmScreen(f"Replace {path.name}?", [str(path.absolute())], "Replace")
        self.app.push_screen(question, partial(self._export, path))

    def _export(self, path: Path, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer:
            text = self.query_one(FilterBar).input.value if self.listing.off is None else ""
            self.desk.export(text, path.absolute())
