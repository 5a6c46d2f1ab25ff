"""Taking in a file: asks for one, shows what becomes of each of its rows, and adds them.

Mixed into the Indicators screen. Nothing is added before somebody has seen what. Refuses to guess
whose rows they are: they are one's own unless the line says otherwise.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from tidegate.errors import TidegateError
from tidegate.service.preview import Preview
from tidegate.tui.ends import remaining
from tidegate.tui.preview import counted, paste_lines, verdicts
from tidegate.tui.safe import plain
from tidegate.tui.screens.base import carry_out, complain
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.screens.verbs import Verbs

_HINT = "a STIX bundle or the portal's CSV; FILE --origin foreign: rows that others made"


def import_lines(preview: Preview, now: datetime) -> list[tuple[str, str]]:
    """What becomes of each row of the file, and what it would do as long as it stands."""
    rows = {(c.row.type, c.row.value): c.after for c in preview.plan.changes}
    lines = []
    for line, (look, text) in zip(preview.lines, paste_lines(preview), strict=True):
        row = None if line.type is None else rows.get((line.type, line.value))
        told = ""
        if row is not None:
            ends = remaining(row.expires, now)
            told = f"  {row.action.value}, {row.severity.value}, expires {ends}"
        lines.append((look, f"{text}{told}"))
    return lines


class Importing(Verbs):
    """Take in the rows of a file."""

    def action_import(self, text: str = "") -> None:
        """Show what the file that is named would add, or ask for one."""
        if not self.may_write():
            return
        if text:
            try:
                self._show_import(text, self.gate.desks.files.plan(text))
            except TidegateError as error:
                complain(self.app, error)
            return
        planned: dict[str, Preview] = {}

        def check(line: str) -> None:
            planned[line] = self.gate.desks.files.plan(line)

        def show(line: str | None) -> None:
            if line is not None:
                self._show_import(line, planned[line])

        prompt = PromptScreen("Take in a file", _HINT, needs="a path", check=check)
        self.app.push_screen(prompt, show)

    def _show_import(self, line: str, preview: Preview) -> None:
        if preview.plan.empty:
            found = f": {verdicts(preview.lines)}" if preview.lines else ""
            said = f"nothing to take in, {counted(len(preview.lines), 'row')} read{found}"
            self.app.notify(plain(said), severity="warning", markup=False)
            return
        question = f"Take in {line}? {verdicts(preview.lines)}"
        sheet = PreviewScreen(question, import_lines(preview, self.gate.now()), "Take in")
        self.app.push_screen(sheet, partial(self._import, preview))

    def _import(self, preview: Preview, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer and carry_out(self.app, self.gate, preview.plan):
            created = (c.after.id for c in preview.plan.changes if c.before is None and c.after)
            self.post_message(self.Changed(created))
