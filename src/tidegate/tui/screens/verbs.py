"""The verbs of the list: everything that ends in a plan.

Mixed into the Indicators screen. A verb acts on the visible marks, or else on the row under the
cursor. Refuses to write in a read-only session, in words, before a sheet opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.message import Message

from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.tui.listing import Listing
from tidegate.tui.preview import counted, samples
from tidegate.tui.screens.base import carry_out, complain
from tidegate.tui.screens.bulk import BulkScreen
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.filter_bar import HALF_TYPED, WAY_OUT


class Verbs(ModeScreen):
    """Add, paste, edit, bulk, remove."""

    listing: Listing

    class Changed(Message):
        """A plan was carried out: the list is to be read again. `created` are ids of new rows."""

        def __init__(self, created: Iterable[str] = ()) -> None:
            super().__init__()
            self.created = frozenset(created)

    def may_change_rows(self) -> bool:
        """Whether rows may be changed now; says so when not."""
        return self.may_write() and not self.unreadable()

    def unreadable(self) -> bool:
        """Refuse, in words, while the rows shown are not the ones that the filter means."""
        if self.listing.error is not None:
            self.warn(f"the filter cannot be read: {WAY_OUT}")
        elif self.listing.kept:
            self.warn(HALF_TYPED)
        return self.listing.error is not None or self.listing.kept

    def list_changed(self) -> None:
        """Read the list again once the sheet is gone."""
        self.post_message(self.Changed())

    def targets(self) -> tuple[Indicator, ...]:
        """What the verb acts on; says so when that is nothing."""
        ranged = self.listing.range_from is not None
        rows = self.listing.targets()
        if ranged:
            self.marked()
        if not rows:
            nothing = "there is no row to act on: a adds one, p pastes many"
            self.warn(self.listing.all_hidden or nothing)
        return rows

    def _after_adding(self, plan: SyncPlan | None) -> None:
        if plan is not None:
            self.post_message(
                self.Changed(change.row.id for change in plan.changes if change.op is Op.CREATE)
            )

    def _after(self, result: SyncPlan | bool | None) -> None:  # noqa: FBT001 - the sheet's result
        if result:
            self.post_message(self.Changed())

    def action_add(self) -> None:
        """Add one indicator by hand."""
        if self.may_write():
            self.app.push_screen(FormScreen(self.gate, None), self._after_adding)

    def action_paste(self) -> None:
        """Add what a pasted text holds."""
        if self.may_write():
            self.app.push_screen(PasteScreen(self.gate), self._after_adding)

    def action_edit(self) -> None:
        """Edit the row under the cursor, or all marked rows."""
        if not self.may_change_rows():
            return
        if self.listing.marks or self.listing.range_from is not None:
            self.action_bulk()
        elif rows := self.targets():
            self.app.push_screen(FormScreen(self.gate, rows[0]), self._after)

    def action_bulk(self) -> None:
        """One change for all marked rows."""
        if not self.may_change_rows():
            return
        if not self.listing.marks and self.listing.range_from is None:
            self.warn("mark rows first: space, v for a range, * for all the filter shows")
        elif rows := self.targets():
            hidden = self.listing.hidden_marks
            self.app.push_screen(BulkScreen(self.gate, rows, hidden), self._after)

    def action_set_field(self, name: str) -> None:
        """Begin the change of the row, or of all marked, at one field."""
        if self.may_change_rows() and (rows := self.targets()):
            hidden = self.listing.hidden_marks
            marked = bool(self.listing.marks)
            sheet = BulkScreen(self.gate, rows, hidden, first=name, marked=marked)
            self.app.push_screen(sheet, self._after)

    def action_remove(self) -> None:
        """Remove the row at once (undo is one key), marked rows after a question."""
        if not self.may_change_rows():
            return
        rows = self.targets()
        if not rows:
            return
        if not self.listing.marks:
            self._remove(rows)
            return
        hidden = self.listing.hidden_marks
        lines = samples(rows)
        if hidden:
            lines.append(f"{counted(hidden, 'hidden mark')} excluded")
        question = f"Remove {counted(len(rows), 'marked row')}?"
        self.app.push_screen(
            ConfirmScreen(question, lines, f"Remove {len(rows):,}"), self._if_yes(rows)
        )

    def _if_yes(self, rows: tuple[Indicator, ...]) -> Callable[[bool | None], None]:
        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self._remove(rows)

        return act

    def _remove(self, rows: tuple[Indicator, ...]) -> None:
        try:
            preview = self.gate.plan_remove(rows)
        except TidegateError as error:
            complain(self.app, error)
            return
        refused = [line.detail for line in preview.lines if str(line.verdict) == "refused"]
        if refused:
            self.warn(f"{counted(len(refused), 'row')} stay: {refused[0]}")
        if not preview.plan.empty and carry_out(self.app, self.gate, preview.plan):
            self.post_message(self.Changed())
