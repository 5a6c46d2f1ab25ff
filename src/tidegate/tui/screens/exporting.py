"""Handing on what the list shows: asks for a file, and has it written in the background.

Mixed into the Indicators screen. The name says the format: `.csv` is the portal's, `.json` a STIX
bundle. What the TLP ceiling or a feed's terms keep back is counted and asked about first. Refuses
to write over a file that is there unless told so.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from tidegate.errors import TidegateError
from tidegate.tui.listing import Listing
from tidegate.tui.preview import counted
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:  # the formats come with the first export, not with the list
    from tidegate.service.sharing import Rendered

_HINT = (
    "share.json: STIX; share.csv: the portal's CSV. What is above TLP:GREEN stays; "
    "share.csv --tlp amber lets more leave"
)
_CEILING = re.compile(r"\s+--tlp(?:-max)?[\s=]+(\S+)\s*$")
_WHY = {
    "tlp_above_ceiling": "above TLP:{ceiling}; --tlp LEVEL after the name raises that",
    "tlp_unmarked": "unmarked, so nobody said that they may be passed on",
    "redistribution_forbidden": "their feeds forbid passing them on",
}


def asked_for(text: str) -> tuple[Path, str]:
    """Read `FILE`, or `FILE --tlp LEVEL`: the file, and the ceiling of what may leave."""
    from tidegate.service.sharing import DEFAULT_CEILING  # noqa: PLC0415 - see above

    level = _CEILING.search(text)
    name = text[: level.start()] if level else text
    ceiling = level[1].casefold() if level else DEFAULT_CEILING
    return Path(name.strip()).expanduser(), ceiling


def withheld(rendered: Rendered, ceiling: str) -> list[str]:
    """How many rows stay, and why, a line each."""
    found = Counter(skip.code for skip in rendered.skipped)
    details = {skip.code: skip.detail for skip in reversed(rendered.skipped)}
    return [
        f"{counted(number, 'row')} withheld: "
        + (_WHY[code].format(ceiling=ceiling.upper()) if code in _WHY else details[code])
        for code, number in found.most_common()
    ]


class Exporting(ModeScreen):
    """Export the rows of the filter."""

    listing: Listing

    class Made(Message):
        """An export was made for a file, up to this TLP ceiling, or why it was not."""

        def __init__(self, path: Path, ceiling: str, found: Rendered | TidegateError) -> None:
            super().__init__()
            self.path = path
            self.ceiling = ceiling
            self.found = found

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
        path, ceiling = asked_for(text)
        path = path.absolute()
        chosen = self.query_one(FilterBar).input.value if self.listing.off is None else ""
        desk = self.gate.desks.partners

        def make() -> None:
            try:
                found: Rendered | TidegateError = desk.export(chosen, path, ceiling)
            except TidegateError as error:
                found = error
            self.post_message(self.Made(path, ceiling, found))

        self.run_worker(make, thread=True, exit_on_error=False, group="export")

    def on_exporting_made(self, event: Made) -> None:
        """Ask where rows stay or a file is replaced, and have it written."""
        path, ceiling, rendered = event.path, event.ceiling, event.found
        if isinstance(rendered, TidegateError):
            complain(self.app, rendered)
            return
        lines = withheld(rendered, ceiling)
        if path.is_file():
            lines.append(f"it replaces {path}")
        if not rendered.written:
            self.warn(f"nothing would leave: {'; '.join(lines)}")
        elif not lines:
            self.desk.export(rendered, path)
        else:
            asked = f"Export {counted(rendered.written, 'row')} to {path.name}?"
            word = "Replace" if path.is_file() else "Export"
            question = ConfirmScreen(asked, lines, word)
            self.app.push_screen(question, partial(self._export, rendered, path))

    def _export(self, rendered: Rendered, path: Path, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer:
            self.desk.export(rendered, path)
