"""How the list is looked at: order, columns, filter, saved views; kept for the next session.

Mixed into the Indicators screen. Refuses to keep marks, and so a filter that asks for them.
"""

from __future__ import annotations

import contextlib
import dataclasses

from tidegate.errors import TidegateError
from tidegate.service.views import View
from tidegate.tui.columns import layout
from tidegate.tui.listing import Listing
from tidegate.tui.safe import plain
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.columns import ColumnsScreen
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.screens.sort import SortScreen
from tidegate.tui.screens.views import ViewsScreen
from tidegate.tui.widgets.facet_grid import FacetGrid
from tidegate.tui.widgets.filter_bar import FilterBar
from tidegate.tui.widgets.table import IndicatorTable


class Arranging(ModeScreen):
    """Order, columns, views."""

    listing: Listing

    def show_list(self) -> None:
        """Draw the list anew."""
        raise NotImplementedError  # the screen's own; see ModeScreen

    def keep(self, **changes: object) -> None:
        """Keep some of the layout for the next session; say so when that fails."""
        try:
            self.gate.looks.keep(**changes)
        except TidegateError as error:
            complain(self.app, error)

    def arrange_as_left(self) -> None:
        """Take order, columns, facets and filter of the last session."""
        kept = self.gate.looks.layout
        self.query_one(FacetGrid).set_class(kept.facets, "open")
        self.listing.order = kept.order
        self.query_one(IndicatorTable).chosen = kept.columns
        if kept.filter:
            self.query_one(FilterBar).input.value = kept.filter
            self.listing.set_filter(kept.filter, self.gate.now())

    def on_unmount(self) -> None:
        """Keep the filter, whichever way the session ends."""
        text = "" if self.listing.by_marks else self.listing.sought.text
        if text == self.gate.looks.layout.filter:
            return  # another session may have changed it
        with contextlib.suppress(TidegateError):  # nobody is left to read it
            self.gate.looks.keep(filter=text)

    # Order and columns

    def action_sort(self) -> None:
        """Choose the order."""
        self.app.push_screen(SortScreen(self.listing.order), self._sorted)

    def _sorted(self, key: str | None) -> None:
        if key is not None:
            self.listing.sort(key, self.gate.now())
            self.show_list()
            self.keep(order=self.listing.order)

    def action_columns(self) -> None:
        """Choose the columns."""
        table = self.query_one(IndicatorTable)
        usual = tuple(column.key for column in layout(table.size.width))
        self.app.push_screen(ColumnsScreen(table.chosen, usual), self._arranged)

    def _arranged(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            self.query_one(IndicatorTable).choose(chosen)
            self.show_status()
            self.keep(columns=chosen)

    # Views

    def shown_as(self, name: str = "") -> View:
        """What is shown now, as a view. A filter that cannot be read counts as it stands."""
        text = self.query_one(FilterBar).input.value.strip()
        return View(name, text, self.listing.order, self.query_one(IndicatorTable).chosen)

    def action_views(self, name: str = "") -> None:
        """Choose a saved view, or apply the one of this name."""
        if name:
            self._apply(name)
            return
        entries = self.gate.looks.views()
        now = self.shown_as()
        known = (e.name for e in entries if e.view and dataclasses.replace(e.view, name="") == now)
        self.app.push_screen(ViewsScreen(entries, next(known, "")), self._viewed)

    def _viewed(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            what, name = chosen
            {"apply": self._apply, "save": self.action_save_view}.get(what, self._ask_delete)(name)

    def _apply(self, name: str) -> None:
        try:
            view = self.gate.looks.view(name)
        except TidegateError as error:
            complain(self.app, error)
            return
        self.listing.use(view.order, self.gate.now())
        self.query_one(IndicatorTable).choose(view.columns)
        self.query_one(FilterBar).input.value = view.filter  # read at once, as if it were typed
        self.listing.set_filter(view.filter, self.gate.now())
        self.show_list()
        self.keep(order=view.order, columns=view.columns)
        self.app.notify(plain(f"view {view.name}"), markup=False)

    def action_save_view(self, name: str = "") -> None:
        """Save what is shown as a view; ask for its name when there is none."""
        if not self.may_write():
            return
        if self.unreadable():
            return
        if name:
            self._save(name)
        else:
            self.app.push_screen(
                PromptScreen(
                    "Save this view as",
                    "a-z, 0-9 and the hyphen",
                    needs="a name",
                    check=self.gate.looks.check_name,
                ),
                self._save,
            )

    def _save(self, name: str | None) -> None:
        if not name:
            return
        try:
            again = self.gate.looks.save(self.shown_as(name))
        except TidegateError as error:
            complain(self.app, error)
            return
        said = f"view {name} {'replaced' if again else 'saved'} · S lists them"
        self.app.notify(plain(said), markup=False)

    def action_delete_view(self, name: str = "") -> None:
        """Forget a view."""
        if not name:
            self.warn("name a view: :delete-view NAME")
        elif self.may_write():
            self._delete(name)

    def _ask_delete(self, name: str) -> None:
        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self._delete(name)

        if self.may_write():
            lines = ["the rows that it shows stay as they are"]
            self.app.push_screen(ConfirmScreen(f"Delete view {name}?", lines, "Delete"), act)

    def _delete(self, name: str) -> None:
        try:
            self.gate.looks.delete(name)
        except TidegateError as error:
            complain(self.app, error)
            return
        self.app.notify(plain(f"view {name} deleted"), markup=False)
