"""Rows as a text in the person's own editor: opened, judged, previewed, applied as one step.

Mixed into the Indicators screen. Refuses to lose what was typed: a text that cannot be read may be
opened again, and stays in its file where that is not wanted.
"""

from __future__ import annotations

from pathlib import Path

from tidegate.errors import TidegateError, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.service.editor import file_of
from tidegate.service.preview import Preview
from tidegate.service.row_document import document
from tidegate.tui.external import edit
from tidegate.tui.preview import before_after, changing, problems
from tidegate.tui.safe import plain
from tidegate.tui.screens.base import carry_out, complain, fresh
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.verbs import Verbs


class Editing(Verbs):
    """Edit rows in `$EDITOR`."""

    def action_editor(self) -> None:
        """Open the marked rows that are seen, or the one under the cursor."""
        if not self.may_change_rows() or not (rows := self.targets()):
            return
        try:
            text = document(rows)
        except TidegateError as error:
            complain(self.app, error)
            return
        self._edit(rows, file_of(text), text)

    def _edit(self, rows: tuple[Indicator, ...], path: Path, before: str) -> None:
        try:
            edit(self.app, path)
            text = path.read_text("utf-8")
            self.app.refresh()
            preview = self.gate.plan_document(rows, text)
        except UnicodeDecodeError:
            self._again(rows, path, UsageError("the file is no UTF-8", "mend it, or leave it"))
        except (TidegateError, OSError) as error:
            if path.is_file() and path.read_bytes() == before.encode():
                path.unlink()  # nothing was typed
                complain(self.app, UsageError(str(error), "or `tidegate edit ITEM --editor`"))
            else:
                self._again(rows, path, error)
        else:
            self._ask(rows, path, preview)

    def _again(self, rows: tuple[Indicator, ...], path: Path, error: Exception) -> None:
        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self._edit(fresh(self.gate, rows), path, "")
            else:
                self._kept(path)

        lines = [str(error), f"what you typed is in {path}"]
        self.app.push_screen(
            ConfirmScreen("This cannot be done. Open it again?", lines, "Open"), act
        )

    def _ask(self, rows: tuple[Indicator, ...], path: Path, preview: Preview | None) -> None:
        if preview is None:
            path.unlink()
            self.app.notify("nothing was changed", markup=False)
            return
        if preview.plan.empty:
            self._again(rows, path, UsageError("; ".join(problems(preview)) or changing(preview)))
            return
        plan = preview.plan

        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer and carry_out(self.app, self.gate, plan):
                path.unlink()
                self.list_changed()
            else:
                self._kept(path)

        lines = [*before_after(plan), changing(preview), *problems(preview)]
        self.app.push_screen(ConfirmScreen("Apply what you edited?", lines, "Apply"), act)

    def _kept(self, path: Path) -> None:
        self.app.notify(plain(f"nothing was changed; what you typed is in {path}"), markup=False)
